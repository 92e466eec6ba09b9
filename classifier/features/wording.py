"""Which words? A linear model over words and word pairs, and one over a page's class names.

Each gives a few log-odds, which the trees then weigh against everything else: thousands of sparse columns
stay out of the trees. In training the log-odds of a line come from a model that did not see its site.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from classifier.features.batch import Array, Batch
from classifier.features.layout import naming_tokens

#: Words of a paragraph that are looked at: its beginning and its end say most of what it is.
HEAD_WORDS: Final = 40
TAIL_WORDS: Final = 12
_DIGITS = re.compile(r"\d+")


def word_tokens(batch: Batch) -> list[list[str]]:
    """Words and word pairs of each paragraph, numbers folded to `0`, with marks for its first and last word."""
    rows = []
    for lowered in batch.lowered:
        words = lowered if len(lowered) <= HEAD_WORDS + TAIL_WORDS else lowered[:HEAD_WORDS] + lowered[-TAIL_WORDS:]
        words = [word if word.isalpha() else _DIGITS.sub("0", word) for word in words]
        words = ["^", *words, "$"] if words else words
        rows.append(words[1:-1] + [f"{left} {right}" for left, right in zip(words, words[1:], strict=False)])
    return rows


def layout_tokens(batch: Batch) -> list[list[str]]:
    """Class, id and role words of each paragraph and its ancestors; none for text."""
    known: dict[int, list[str]] = {}
    rows: list[list[str]] = []
    for layout in batch.layouts:
        if layout is None:
            rows.append([])
            continue
        key = id(layout.words)
        if key not in known:
            known[key] = naming_tokens(layout)
        rows.append(known[key])
    return rows


def _same(tokens: list[str]) -> list[str]:
    return tokens


class TokenScorer(BaseEstimator):
    """Logistic regression over the presence of tokens; one column of log-odds.

    Parameters
    ----------
    min_documents : int
        Lines that must have a token for it to count.
    max_features : int
        Tokens kept, the most frequent first.
    C : float
        Inverse of the L2 penalty.
    """

    def __init__(self, min_documents: int = 8, max_features: int = 30_000, C: float = 0.3) -> None:
        self.min_documents = min_documents
        self.max_features = max_features
        self.C = C

    def fit(self, rows: Sequence[list[str]], y: NDArray[Any], sample_weight: NDArray[Any] | None = None) -> Self:
        """Learn the weight of each token from rows of tokens and 0/1 targets."""
        self.vectorizer_ = CountVectorizer(
            analyzer=_same, binary=True, min_df=self.min_documents, max_features=self.max_features, dtype=np.float32
        )
        try:
            counts = self.vectorizer_.fit_transform(rows)
        except ValueError:  # no token is frequent enough: small data, or no page with a layout
            self.weights_ = np.zeros(0, dtype=np.float32)
            self.vocabulary_: dict[str, int] = {}
            self.intercept_ = 0.0
            return self
        model = LogisticRegression(C=self.C, max_iter=60, tol=1e-3)
        model.fit(_normalised(counts), y, sample_weight=sample_weight)
        self.vocabulary_ = {str(token): int(place) for token, place in self.vectorizer_.vocabulary_.items()}
        self.weights_ = model.coef_[0].astype(np.float32)
        self.intercept_ = float(model.intercept_[0])
        del self.vectorizer_
        return self

    def score(self, rows: Sequence[list[str]]) -> Array:
        """Log-odds of each row; NaN for a row without any token."""
        vocabulary, weights = self.vocabulary_, self.weights_
        known: dict[int, float] = {}
        scores = np.full(len(rows), np.nan, dtype=np.float32)
        for i, row in enumerate(rows):
            if not row:
                continue
            key = id(row)  # paragraphs of one parent share one list of layout tokens
            if key not in known:
                places = [place for token in set(row) if (place := vocabulary.get(token)) is not None]
                value = float(weights[places].sum()) / len(places) ** 0.5 if places else 0.0
                known[key] = value + self.intercept_
            scores[i] = known[key]
        return scores


def _normalised(counts: csr_matrix) -> csr_matrix:
    """Rows of unit length, so that long paragraphs do not shout."""
    lengths = np.sqrt(np.maximum(np.diff(counts.indptr), 1)).astype(np.float32)
    counts = counts.copy()
    counts.data = counts.data / np.repeat(lengths, np.diff(counts.indptr))
    return counts


Tokeniser = Callable[[Batch], list[list[str]]]
