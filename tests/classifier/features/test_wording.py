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


@pytest.fixture(scope="module")
def learned():
    rows = [["share", "this"], ["council", "voted"]] * 10 + [[], ["once"]]
    y = np.array([1, 0] * 10 + [0, 0])
    model = TokenModel(min_documents=5)
    counts = model.count(rows)
    weights = model.weigh(counts, y, np.ones(len(y)))
    model.keep([weights, -weights])
    return model, counts, weights, rows


def test_log_odds_follow_what_was_learned(learned):
    model, *_ = learned
    scores = model.score([["share", "this"], ["council"], ["never", "seen"], []])
    assert scores[0, 0] > scores[2, 0] > scores[1, 0]
    np.testing.assert_allclose(scores[:3, 0], -scores[:3, 1])
    assert np.isnan(scores[3]).all()
    assert scores[2, 0] == model.weights_[-1, 0]  # the intercept


def test_rare_tokens_are_not_kept(learned):
    assert learned[0].tokens_.split("\n") == ["council", "share", "this", "voted"]


def test_scoring_counted_rows_is_the_same_as_scoring_tokens(learned):
    model, counts, weights, rows = learned
    np.testing.assert_allclose(wording.score_counts(counts, weights, rows), model.score(rows)[:, 0], atol=1e-6)


def test_a_repeated_token_counts_once(learned):
    model, *_ = learned
    np.testing.assert_allclose(model.score([["share", "share"]]), model.score([["share"]]))


def test_no_frequent_token_leaves_nothing_but_a_zero_intercept():
    model = TokenModel(min_documents=5)
    counts = model.count([["a"], ["b"]])
    assert counts.shape == (2, 0)
    model.keep([model.weigh(counts, np.array([0, 1]), np.ones(2))])
    np.testing.assert_array_equal(model.score([["a"], []]), [[0], [np.nan]])


def test_one_sided_answers_weigh_nothing():
    model = TokenModel(min_documents=1)
    counts = model.count([["a"], ["b"]])
    assert not model.weigh(counts, np.array([1, 1]), np.ones(2)).any()
