"""Which words? A linear model over words and word pairs, and one over a page's class names.

Each gives a few log-odds, which the trees then weigh against everything else: thousands of sparse columns
stay out of the trees. In training the log-odds of a line come from a model that did not see its site.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from classifier.features.batch import Array, Batch
from classifier.features.layout import naming_tokens
from classifier.features.words import Numbering

#: Words of a paragraph that are looked at: its beginning and its end say most of what it is.
HEAD_WORDS: Final = 40
TAIL_WORDS: Final = 12
#: Marks of a paragraph's beginning and end, which pairs may have.
_BEGIN: Final = "^"
_END: Final = "$"
_DIGITS = re.compile(r"\d+")

#: Rows and the places in a vocabulary of the tokens found in them, each once and in one order (int arrays of one
#: length); and the row of each paragraph (n,), -1 for one without tokens.
Places = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def word_tokens(batch: Batch) -> list[list[str]]:
    """Words and word pairs of each paragraph, numbers folded to `0`, with marks for its first and last word."""
    rows = []
    for tokens in batch.tokens:
        ends = tokens if len(tokens) <= HEAD_WORDS + TAIL_WORDS else tokens[:HEAD_WORDS] + tokens[-TAIL_WORDS:]
        words = [_folded(token.lower()) for token in ends]
        rows.append(words + [f"{left} {right}" for left, right in pairwise([_BEGIN, *words, _END])] if words else [])
    return rows


def word_places(batch: Batch, vocabulary: "Vocabulary") -> Places:
    """Find `word_tokens` in a vocabulary, for a whole batch at once: every form of a word is looked up once."""
    words, known = batch.all_words, vocabulary.words
    size = batch.words.astype(np.int64)[words.row]
    kept = (size <= HEAD_WORDS + TAIL_WORDS) | (words.place < HEAD_WORDS) | (words.place >= size - TAIL_WORDS)
    row = words.row[kept]
    word = words.values(lambda form: known.get(_folded(form), -1))[kept]
    first = np.diff(row, prepend=-1) > 0
    last = np.diff(row, append=len(batch)) > 0
    left = np.concatenate(([-1], word[:-1]))[: len(word)]
    left[first] = known.get(_BEGIN, -1)
    right = np.full(int(last.sum()), known.get(_END, -1))
    rows = np.concatenate((row, row, row[last]))
    places = np.concatenate(
        (vocabulary.singles[word], vocabulary.pairs_of(left, word), vocabulary.pairs_of(word[last], right))
    )
    known_cells = np.unique((rows * len(vocabulary) + places)[places >= 0])  # a token counts once
    rows, places = np.divmod(known_cells, max(len(vocabulary), 1))
    return rows, places, np.where(batch.words > 0, np.arange(len(batch)), -1)


def _folded(word: str) -> str:
    return word if word.isalpha() else _DIGITS.sub("0", word)


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


def layout_places(batch: Batch, vocabulary: "Vocabulary") -> Places:
    """Find `layout_tokens` in a vocabulary; paragraphs of one parent share one list, which is looked up once."""
    lists = layout_tokens(batch)
    distinct = {id(tokens): tokens for tokens in lists if tokens}
    number = {key: place for place, key in enumerate(distinct)}
    get = vocabulary.places.get
    known = [[place for token in tokens if (place := get(token)) is not None] for tokens in distinct.values()]
    row = np.repeat(np.arange(len(known)), [len(places) for places in known])
    found = np.fromiter(chain.from_iterable(known), dtype=np.int64, count=len(row))
    return row, found, np.array([number.get(id(tokens), -1) for tokens in lists], dtype=np.int64)


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
    def _vocabulary(self) -> "Vocabulary":
        return Vocabulary(self.tokens_)

    def score(self, batch: Batch, locate: "Locator") -> Array:
        """Log-odds of each paragraph for each question, NaN without any token; shape (n, questions).

        Parameters
        ----------
        batch : Batch
        locate : callable
            Finds a batch's tokens in the vocabulary: `word_places` or `layout_places`.
        """
        row, place, row_of = locate(batch, self._vocabulary)
        n = int(row_of.max(initial=-1)) + 1
        length = np.sqrt(np.maximum(np.bincount(row, minlength=n), 1))
        sums = [np.bincount(row, weights=column[place], minlength=n) / length for column in self.weights_.T]
        scores = np.vstack([np.column_stack(sums) + self.weights_[-1], np.full(len(self.weights_[-1]), np.nan)])
        result: Array = scores.astype(np.float32)[row_of]  # the last row is that of paragraphs without tokens
        return result


class Vocabulary:
    """Tokens by their places; pairs of words by the numbers of their words.

    Parameters
    ----------
    tokens : str
        One a line; a pair of words is joined by a space.

    Attributes
    ----------
    places : dict of str to int
    words : Numbering
        Words that stand alone or in a pair.
    singles : int array (words + 1,)
        Place of each word that stands alone; -1 for the others, and last for no word.
    """

    def __init__(self, tokens: str) -> None:
        self.places = {token: place for place, token in enumerate(tokens.split("\n"))} if tokens else {}

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def words(self) -> Numbering:
        """Numbers of the words."""
        numbers = Numbering()
        numbers.of(chain.from_iterable(token.split(" ") for token in self.places))
        return numbers

    @cached_property
    def singles(self) -> NDArray[np.int64]:
        """Place of each word that stands alone, by its number."""
        return np.array([*(self.places.get(word, -1) for word in self.words), -1], dtype=np.int64)

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Keys of the pairs in order, and their places."""
        pairs = [(token.split(" "), place) for token, place in self.places.items() if " " in token]
        number, width = self.words, len(self.words)
        keys = np.array([number[left] * width + number[right] for (left, right), _ in pairs], dtype=np.int64)
        order = np.argsort(keys)
        return keys[order], np.array([place for _, place in pairs], dtype=np.int64)[order]

    def pairs_of(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of pairs of word numbers, -1 where a pair is not known; shape of `left`."""
        keys, places = self._pairs
        if not len(keys):
            return np.full(len(left), -1)
        wanted = np.where((left >= 0) & (right >= 0), left * len(self.words) + right, -1)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, places[at], -1)


def score_counts(counts: csr_matrix, weights: Array, rows: Sequence[list[str]]) -> Array:
    """Score rows that were counted already, as `TokenModel.score` does; shape (n,)."""
    scores = np.asarray(counts @ weights[:-1] + weights[-1], dtype=np.float32)
    scores[[not row for row in rows]] = np.nan
    return scores


Tokeniser = Callable[[Batch], list[list[str]]]

Locator = Callable[[Batch, Vocabulary], Places]
