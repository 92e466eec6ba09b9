import numpy as np
import pytest

from classifier.document import Document, Layout, Paragraph
from classifier.features import wording
from classifier.features.batch import Batch
from classifier.features.wording import HEAD_WORDS, TAIL_WORDS, TokenModel

from ..conftest import document


def tokens(text):
    return wording.word_tokens(Batch([document(text)]))[0]


def test_words_pairs_and_marks_of_both_ends():
    assert tokens("Sign in") == ["sign", "in", "^ sign", "sign in", "in $"]


def test_numbers_are_folded():
    assert tokens("12 of 345") == tokens("9 of 7")
    assert "0" in tokens("12 of 345")


def test_lines_without_words_have_no_tokens():
    assert tokens("— …") == []
    assert tokens("") == []


def test_the_middle_of_a_long_line_is_left_out():
    words = [f"w{'abcdefghij'[i // 10]}{'abcdefghij'[i % 10]}" for i in range(100)]
    found = set(tokens(" ".join(words)))
    assert {words[0], words[HEAD_WORDS - 1], words[-TAIL_WORDS], words[-1]} <= found
    assert not {words[HEAD_WORDS], words[-TAIL_WORDS - 1]} & found
    short = " ".join(words[: HEAD_WORDS + TAIL_WORDS])
    assert set(words[: HEAD_WORDS + TAIL_WORDS]) <= set(tokens(short))


def test_layout_tokens_are_those_of_pages_alone():
    layout = Layout(("p", "body"), (("lead",), ()), depth=2)
    batch = Batch([document("text"), Document("page", [Paragraph("x", layout), Paragraph("y", layout)])])
    rows = wording.layout_tokens(batch)
    assert rows[0] == []
    assert set(rows[1]) == {"0lead", "0<p", "1<body"}
    assert rows[1] == rows[2]


TEXTS = ["Share this", "council voted"] * 10 + ["—", "once"]


def batch_of(*texts):
    return Batch([document(*texts)])


@pytest.fixture(scope="module")
def learned():
    rows = wording.word_tokens(batch_of(*TEXTS))
    y = np.array([1, 0] * 10 + [0, 0])
    model = TokenModel(min_documents=5)
    counts = model.count(rows)
    weights = model.weigh(counts, y, np.ones(len(y)))
    model.keep([weights, -weights])
    return model, counts, weights, rows


def test_log_odds_follow_what_was_learned(learned):
    model, *_ = learned
    scores = model.score(batch_of("Share this", "council", "never seen", "…"), wording.word_places)
    assert scores[0, 0] > scores[2, 0] > scores[1, 0]
    np.testing.assert_allclose(scores[:3, 0], -scores[:3, 1], rtol=1e-6)
    assert np.isnan(scores[3]).all()
    assert scores[2, 0] == model.weights_[-1, 0]  # the intercept


def test_rare_tokens_are_not_kept(learned):
    kept = set(learned[0].tokens_.split("\n"))
    assert {"council", "share", "this", "voted", "share this", "^ share", "voted $"} <= kept
    assert "once" not in kept


def test_scoring_counted_rows_is_the_same_as_scoring_tokens(learned):
    model, counts, weights, rows = learned
    scores = model.score(batch_of(*TEXTS), wording.word_places)
    np.testing.assert_allclose(wording.score_counts(counts, weights, rows), scores[:, 0], atol=1e-6)


def test_a_repeated_token_counts_once(learned):
    model, *_ = learned
    once, twice = model.score(
        batch_of("unseen council unseen", "unseen council unseen council unseen"), wording.word_places
    )
    np.testing.assert_allclose(once, twice)


def test_class_names_of_one_parent_are_scored_alike():
    rows = [["0lead", "0<p"], ["0nav", "0<p"]] * 10
    model = TokenModel(min_documents=5)
    counts = model.count(rows)
    model.keep([model.weigh(counts, np.array([1, 0] * 10), np.ones(20))])
    lead, nav = Layout(("p",), (("lead",),)), Layout(("p",), (("nav",),))
    page = Document("page", [Paragraph("x", lead), Paragraph("y", nav), Paragraph("z", lead)])
    scores = model.score(Batch([page, document("text")]), wording.layout_places)[:, 0]
    assert scores[0] == scores[2] > scores[1]
    assert np.isnan(scores[3])


def test_no_frequent_token_leaves_nothing_but_a_zero_intercept():
    model = TokenModel(min_documents=5)
    counts = model.count([["a"], ["b"]])
    assert counts.shape == (2, 0)
    model.keep([model.weigh(counts, np.array([0, 1]), np.ones(2))])
    np.testing.assert_array_equal(model.score(batch_of("a", "…"), wording.word_places), [[0], [np.nan]])


def test_one_sided_answers_weigh_nothing():
    model = TokenModel(min_documents=1)
    counts = model.count([["a"], ["b"]])
    assert not model.weigh(counts, np.array([1, 1]), np.ones(2)).any()
