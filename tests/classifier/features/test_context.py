import numpy as np
import pytest

from classifier.features import context
from classifier.features.batch import Batch

from ..conftest import document

LINE = "one two three four five six seven eight nine ten"


def table(*documents, story, offtopic=0.0):
    batch = Batch(documents)
    n = len(batch)
    first = np.column_stack([np.broadcast_to(value, n) for value in (story, offtopic)]).astype(np.float32)
    values = context.extract(batch, first)
    return {name: values[:, i] for i, name in enumerate(context.COLUMNS)}


def test_answers_of_the_first_pass_come_first():
    found = table(document("a", "b"), story=[0.1, 0.2], offtopic=[0.3, 0.4])
    for head, values in (("story", [0.1, 0.2]), ("offtopic", [0.3, 0.4])):
        np.testing.assert_allclose(found[f"first_{head}"], values)


@pytest.mark.parametrize("offset", [-3, -2, -1, 1, 2, 3])
def test_neighbours_answers_stop_at_the_documents_ends(offset):
    story = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    found = table(document(*"abcd"), document("e"), story=story)
    expected = [story[i + offset] if 0 <= i + offset < 4 else np.nan for i in range(4)]
    np.testing.assert_allclose(found[f"story_{offset:+d}"], [*expected, np.nan])


def test_means_over_the_document_and_its_words():
    found = table(document("one", "one two three"), document("x"), story=[1, 0.2, 0.7])
    np.testing.assert_allclose(found["story_document"], [0.6, 0.6, 0.7])
    np.testing.assert_allclose(found["story_share"], [(1 + 0.6) / 4] * 2 + [0.7])


def test_windows_of_the_lines_before_and_after():
    found = table(document(*"abcd"), story=[0.1, 0.2, 0.3, 0.6])
    np.testing.assert_allclose(found["story_before"], [0, 0.1, 0.15, 0.2], atol=1e-6)
    np.testing.assert_allclose(found["story_after"], [1.1 / 3, 0.45, 0.6, 0], atol=1e-6)


def test_share_of_the_story_before_and_after():
    found = table(document(*[LINE] * 4), document(LINE), story=[1, 0, 1, 2, 1])
    np.testing.assert_allclose(found["story_most_before"], [0, 0.25, 0.25, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(found["story_most_after"], [0.75, 0.75, 0.5, 0, 0], atol=1e-6)


def test_distances_to_sure_story_lines_of_the_document():
    found = table(document(*"abcd"), document("e"), story=[0.9, 0.1, 0.2, 0.8, 0.1])
    np.testing.assert_allclose(found["since_story"], [9, np.log1p(1), np.log1p(2), np.log1p(3), 9], rtol=1e-6)
    np.testing.assert_allclose(found["until_story"], [np.log1p(3), np.log1p(2), np.log1p(1), 9, 9], rtol=1e-6)


def test_runs_of_story_lines_end_with_their_document():
    found = table(document(LINE, LINE), document(LINE, LINE, LINE), story=1.0)
    np.testing.assert_allclose(found["story_run"], np.log1p([20, 20, 30, 30, 30]), rtol=1e-6)
    np.testing.assert_allclose(found["story_run_share"], 1, rtol=1e-6)


def test_the_same_lines_best_and_worst_answers():
    found = table(document("Title", "x", "Title"), document("Title"), story=[0.9, 0.5, 0.2, 0.4])
    np.testing.assert_allclose(found["repeat_best"], [0.9, 0.5, 0.9, 0.4])
    np.testing.assert_allclose(found["repeat_worst"], [0.2, 0.5, 0.2, 0.4])


def test_a_short_line_before_the_story_may_be_its_heading():
    found = table(document("Menu", "Heading", LINE * 2, LINE * 2, "Menu"), story=[0, 0.3, 1, 1, 0])
    assert found["heading_follows"].argmax() == 1
    assert found["heading_follows"][[2, 3]].tolist() == [0, 0]
    assert found["heading_follows"][4] < 0


def test_neighbours_in_the_article_stop_at_its_ends():
    batch = Batch([document("a", "b", "c"), document("d")])
    values = context.neighbours(batch, np.array([0.1, 0.2, 0.3, 0.9], dtype=np.float32))
    found = {name: values[:, i] for i, name in enumerate(context.SUSPECT_COLUMNS)}
    np.testing.assert_allclose(found["first_suspect"], [0.1, 0.2, 0.3, 0.9])
    np.testing.assert_allclose(found["suspect_-1"], [0, 0.1, 0.2, 0])
    np.testing.assert_allclose(found["suspect_+2"], [0.3, 0, 0, 0])
    np.testing.assert_allclose(found["suspect_near"], [0.25, 0.2, 0.15, 0], atol=1e-6)
