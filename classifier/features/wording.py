"""Which words? A linear model over words and word pairs, and one over a page's class names.

Each gives a few log-odds, which the trees then weigh against everything else: thousands of sparse columns
stay out of the trees. In training the log-odds of a line come from a model that did not see its site.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
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
    for tokens in batch.tokens:
        lowered = [token.lower() for token in tokens]
        words = lowered if len(lowered) <= HEAD_WORDS + TAIL_WORDS else lowered[:HEAD_WORDS] + lowered[-TAIL_WORDS:]
        words = [word if word.isalpha() else _DIGITS.sub("0", word) for word in words]
        words = ["^", *words, "$"] if words else words
        rows.append(words[1:-1] + [f"{left} {right}" for left, right in pairwise(words)])
    return rows


def layout_tokens(batch: Batch) -> list[list[str]]:
    """Class, id and role words of each paragraph and its ancestors; none for text."""
    known: dict[tuple[object, object], list[str]] = {}
    rows: list[list[str]] = []
    for layout in batch.layouts:
        if layout is None:
            rows.append(_NOTHING)
            continue
        key = (layout.words, layout.path)
        if key not in known:
            known[key] = naming_tokens(layout)
        rows.append(known[key])
    return rows


_NOTHING: Final[list[str]] = []


def _same(tokens: list[str]) -> list[str]:
    return tokens


class TokenModel(BaseEstimator):
    """Logistic regressions over the presence of tokens, one a question, sharing one vocabulary.

    Parameters
    ----------
    min_documents : int
        Lines that must have a token for it to count.
    max_features : int
        Tokens kept, the most frequent first.
    C : float
        Inverse of the L2 penalty.

    Attributes
    ----------
    tokens_ : str
        The vocabulary, one token a line, in the order of the rows of `weights_`.
    weights_ : float array (tokens + 1, questions)
        Log-odds of each token; the last row is the intercept.
    """

    def __init__(self, min_documents: int = 8, max_features: int = 25_000, C: float = 1.0) -> None:
        self.min_documents = min_documents
        self.max_features = max_features
        self.C = C

    def count(self, rows: Sequence[list[str]]) -> csr_matrix:
        """Learn the vocabulary and return which row has which token, rows of unit length."""
        vectorizer = CountVectorizer(
            analyzer=_same,
            binary=True,
            min_df=self.min_documents,
            max_features=self.max_features,
            dtype=np.float32,
        )
        try:
            counts = vectorizer.fit_transform(rows)
        except ValueError:  # no token is frequent enough: small data, or no page with a layout
            self.tokens_ = ""
            return csr_matrix((len(rows), 0), dtype=np.float32)
        self.tokens_ = "\n".join(vectorizer.get_feature_names_out().tolist())
        lengths = np.sqrt(np.maximum(np.diff(counts.indptr), 1)).astype(np.float32)
        counts.data /= np.repeat(lengths, np.diff(counts.indptr))
        return counts

    def weigh(self, counts: csr_matrix, y: NDArray[Any], sample_weight: NDArray[Any]) -> Array:
        """Weights of every token, and the intercept, for one question; shape (tokens + 1,)."""
        if counts.shape[1] == 0 or len(np.unique(y)) < 2:
            return np.zeros(counts.shape[1] + 1, dtype=np.float32)
        model = LogisticRegression(C=self.C, max_iter=50, tol=1e-3)
        model.fit(counts, y, sample_weight=sample_weight)
        return np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)

    def keep(self, weights: Iterable[Array]) -> Self:
        """Store the final weights of the questions."""
        self.weights_ = np.column_stack(list(weights))
        return self

    @cached_property
    def _places(self) -> dict[str, int]:
        return {token: place for place, token in enumerate(self.tokens_.split("\n"))} if self.tokens_ else {}

    def score(self, rows: Sequence[list[str]]) -> Array:
        """Log-odds of each row for each question, NaN for a row without any token; shape (n, questions)."""
        places, weights, intercept = self._places, self.weights_[:-1], self.weights_[-1]
        known: dict[int, Array] = {}
        scores = np.full((len(rows), len(intercept)), np.nan, dtype=np.float32)
        for i, row in enumerate(rows):
            if not row:
                continue
            key = id(row)  # paragraphs of one parent share one list of layout tokens
            value = known.get(key)
            if value is None:
                found = [place for token in set(row) if (place := places.get(token)) is not None]
                value = intercept
                if found:
                    value = weights[found].sum(axis=0) / len(found) ** 0.5 + intercept
                known[key] = value
            scores[i] = value
        return scores


def score_counts(counts: csr_matrix, weights: Array, rows: Sequence[list[str]]) -> Array:
    """Score rows that were counted already, as `TokenModel.score` does; shape (n,)."""
    scores = np.asarray(counts @ weights[:-1] + weights[-1], dtype=np.float32)
    scores[[not row for row in rows]] = np.nan
    return scores


Tokeniser = Callable[[Batch], list[list[str]]]
