import numpy as np
import pytest

from classifier.features.batch import MAX_CHARS, Batch, columns

from ..conftest import STORY, document

ENGLISH = STORY.format("Monday", "Quay", 3) + " It was the first time that it had agreed to do so, and not the last."
GERMAN = "Der Rat hat am Montag beschlossen, die Brücke über den Fluss für Millionen Kronen zu bauen, so die Zeitung."


@pytest.fixture
def two():
    """Documents of three and two lines, with an empty one between them."""
    return Batch([document("a", "b", "c"), document(), document("d", "e")])


def test_paragraphs_are_laid_flat_in_order(two):
    assert two.texts == ["a", "b", "c", "d", "e"]
    assert two.doc.tolist() == [0, 0, 0, 2, 2]
    assert two.index.tolist() == [0, 1, 2, 0, 1]
    assert two.size.tolist() == [3, 3, 3, 2, 2]
    assert two.start.tolist() == [0, 0, 0, 3, 3]


def test_shifted_takes_values_of_the_same_document_alone(two):
    values = np.array([1, 2, 3, 4, 5], dtype=np.float32)
    nan = np.nan
    np.testing.assert_array_equal(two.shifted(values, 1), [2, 3, nan, 5, nan])
    np.testing.assert_array_equal(two.shifted(values, -1), [nan, 1, 2, nan, 4])
    np.testing.assert_array_equal(two.shifted(values, 2), [3, nan, nan, nan, nan])
    np.testing.assert_array_equal(two.shifted(values, -2, missing=0), [0, 0, 1, 0, 0])
    for by in (5, -5, 9, -9):
        assert np.isnan(two.shifted(values, by)).all()


def test_windowed_is_the_mean_of_the_lines_around(two):
    values = np.array([1, 2, 3, 4, 5], dtype=np.float32)
    np.testing.assert_allclose(two.windowed(values, 1, 1), [2, 2, 2, 5, 4])
    np.testing.assert_allclose(two.windowed(values, 9, 9), [2.5, 2, 1.5, 5, 4])
    np.testing.assert_allclose(two.windowed(values, -1, 2), [2.5, 3, 0, 5, 0])
    np.testing.assert_allclose(two.windowed(values, 2, -1), [0, 1, 1.5, 0, 4])
    np.testing.assert_allclose(two.windowed(values, 0, 2), [2.5, 3, 0, 5, 0])


def test_windowed_is_zero_for_a_line_alone():
    assert Batch([document("only")]).windowed(np.array([7], np.float32), 3, 3).tolist() == [0]


def test_per_document_sums_and_counts_the_empty_document(two):
    assert two.per_document(np.array([1, 2, 3, 4, 5])).tolist() == [6, 0, 9]


def test_no_documents_and_empty_documents_make_empty_batches():
    assert len(Batch([])) == 0
    batch = Batch([document(), document()])
    assert len(batch) == 0
    assert batch.english.tolist() == [True, True]
    assert batch.per_document(np.zeros(0)).tolist() == [0, 0]


def test_long_lines_are_cut():
    batch = Batch([document("word " * MAX_CHARS)])
    assert len(batch.texts[0]) == MAX_CHARS


def test_words_keep_their_apostrophes_and_lose_their_underscores():
    batch = Batch([document("Didn't the mayor’s_man say «no»?")])
    assert batch.tokens == [["Didn't", "the", "mayor’s", "man", "say", "no"]]
    assert batch.words.tolist() == [6]
    assert batch.function_words.tolist() == [2]  # "the" and "no"


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        (STORY, True),
        ("Too short to be prose.", False),
        ("Home News Sport Weather Travel Culture Food Books Games Jobs Cars Homes Video", False),
        ("word " * 29 + "word", True),
        ("这是一个句子。", False),
    ],
)
def test_prose_is_a_dozen_words_with_an_end(text, prose):
    assert Batch([document(text)]).prose.tolist() == [prose]


def test_language_is_judged_by_the_words_before_the_page_says():
    batch = Batch(
        [
            document(ENGLISH, ENGLISH),
            document(GERMAN, GERMAN),
            document(GERMAN, GERMAN, language="en"),
            document(ENGLISH, ENGLISH, language="de"),
            document("Kurz", language="de"),
            document("Short", language="en-GB"),
            document("Ganz kurz"),
        ]
    )
    assert batch.english.tolist() == [True, False, False, True, False, True, True]


def test_columns_stack_what_they_are_given():
    table = columns([1, 2], np.array([True, False]), np.array([0.5, np.nan]))
    assert table.dtype == np.float32
    np.testing.assert_array_equal(table, np.array([[1, 1, 0.5], [2, 0, np.nan]], np.float32))


def test_only_some_paragraphs_are_a_batch_of_their_own():
    documents = [document(ENGLISH, "Share", ENGLISH.lower(), "x"), document(), document("Menu", GERMAN)]
    batch, rows = Batch(documents), np.array([0, 2, 5])
    part = batch.only(rows)
    fresh = Batch([document(ENGLISH, ENGLISH.lower()), document(), document(GERMAN)])
    assert (part.texts, part.tokens) == (fresh.texts, fresh.tokens)
    assert [len(one.paragraphs) for one in part.documents] == [2, 0, 1]
    for name in ("doc", "index", "size", "start", "words", "function_words", "prose", "english"):
        np.testing.assert_array_equal(getattr(part, name), getattr(fresh, name))
    for which in (part, fresh):
        words, stems = which.all_words, which.stems
        assert [words.forms[form] for form in words.form] == [word for row in which.tokens for word in row]
        assert words.those(str.isupper).tolist() == [word.isupper() for row in which.tokens for word in row]
        assert stems.n == len(which)
    np.testing.assert_array_equal(part.all_words.distinct(), fresh.all_words.distinct())
    np.testing.assert_array_equal(part.all_words.row, fresh.all_words.row)
    np.testing.assert_array_equal(part.all_words.place, fresh.all_words.place)
    assert sorted(zip(part.stems.row, part.stems.count)) == sorted(zip(fresh.stems.row, fresh.stems.count))  # noqa: B905


def test_what_is_found_of_paragraphs_alone_is_looked_for_once():
    calls = []

    def lengths(batch):
        calls.append(len(batch))
        return np.array([len(text) for text in batch.texts])

    batch = Batch([document("a", "bb", "ccc")])
    assert batch.once(lengths).tolist() == [1, 2, 3]
    assert batch.only(np.array([0, 2])).once(lengths).tolist() == [1, 3]
    assert calls == [3]
