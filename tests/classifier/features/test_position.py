import numpy as np
import pytest

from classifier.features import position
from classifier.features.batch import Batch

from ..conftest import document

PROSE = "The council met on the quay for an hour and then it voted for the bridge."  # sixteen words
SHORT = "Share"


def table(*documents):
    values = position.extract(Batch(documents))
    return {name: values[:, i] for i, name in enumerate(position.COLUMNS)}


def test_place_in_the_document():
    found = table(document("a", "b", "c"), document("alone"))
    np.testing.assert_allclose(found["place"], [0, 0.5, 1, 0])
    np.testing.assert_allclose(found["from_start"], np.log1p([0, 1, 2, 0]))
    np.testing.assert_allclose(found["from_end"], np.log1p([2, 1, 0, 0]))
    np.testing.assert_allclose(found["lines"], np.log1p([3, 3, 3, 1]), rtol=1e-6)


def test_prose_before_is_a_share_of_the_documents_own_prose():
    found = table(document(PROSE), document(SHORT, PROSE, PROSE, SHORT))
    np.testing.assert_allclose(found["prose_before"], [0, 0, 0, 0.5, 1])
    np.testing.assert_array_equal(found["prose_lines"], [1, 2, 2, 2, 2])
    np.testing.assert_array_equal(found["first_of_text"], [1, 0, 1, 0, 0])


def test_one_short_line_does_not_end_a_run_of_prose_two_do():
    found = table(document(PROSE, SHORT, PROSE, SHORT, SHORT, PROSE))
    np.testing.assert_array_equal(found["run_length"], [32, 32, 32, 0, 0, 16])
    np.testing.assert_allclose(found["run_share"], np.array([32, 32, 32, 0, 0, 16]) / 48)
    np.testing.assert_array_equal(found["in_longest_run"], [1, 1, 1, 0, 0, 0])


def test_runs_of_prose_end_with_their_document():
    found = table(document(SHORT, PROSE), document(PROSE, SHORT))
    assert found["run_length"].max() == 16
    np.testing.assert_array_equal(found["in_longest_run"][[1, 2]], [1, 1])


def test_distance_to_prose_is_missing_where_there_is_none():
    found = table(document(SHORT, PROSE, SHORT, SHORT), document(SHORT))
    nan = np.nan
    np.testing.assert_allclose(found["to_prose_before"], [nan, nan, np.log1p(1), np.log1p(2), nan], rtol=1e-6)
    np.testing.assert_allclose(found["to_prose_after"], [np.log1p(1), nan, nan, nan, nan], rtol=1e-6)


def test_repeats_are_counted_within_a_document():
    found = table(document("Menu", "Menu", "Story", "Menu"), document("Menu"))
    np.testing.assert_array_equal(found["repeats"], [3, 3, 1, 3, 1])
    np.testing.assert_array_equal(found["same_as_before"], [0, 1, 0, 0, 0])


def test_title_is_missing_where_the_page_states_none():
    title = "Council votes for the bridge"
    found = table(document(title.upper(), "Menu", title=f"{title} | Courier"), document(title))
    np.testing.assert_array_equal(found["in_title"], [1, 0, np.nan])


@pytest.mark.parametrize("offset", [-2, -1, 1, 2])
def test_neighbours_are_those_of_the_same_document(offset):
    found = table(document("one", "one two", "one two three."), document("x"))
    words = [1, 2, 3]
    expected = [words[i + offset] if 0 <= i + offset < 3 else np.nan for i in range(3)]
    np.testing.assert_array_equal(found[f"words_{offset:+d}"], [*expected, np.nan])
    ends = [0, 0, 1]
    expected = [ends[i + offset] if 0 <= i + offset < 3 else np.nan for i in range(3)]
    np.testing.assert_array_equal(found[f"ends_{offset:+d}"], [*expected, np.nan])


def test_words_near_leave_the_line_itself_out():
    found = table(document("one", "one two", "one two three"))
    np.testing.assert_allclose(found["words_near"], [2.5, 2, 1.5])
