"""Is it about the document's story, in other words? Likeness of meaning, where `topic` asks for the same words.

Latent semantic analysis (Deerwester et al. 1990): words that stand in the same documents get vectors that point the
same way, so that a paragraph about pipes is near one about plumbing and far from one about a programming language,
though both speak of "design" and "reliability". The space is learned in training and stored with the model.
"""

from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.base import BaseEstimator

from classifier.features.batch import Array, Batch, columns
from classifier.features.topic import FAR, NEAR, PROSE_WORDS, SEGMENT, leads, mean_of_story, story_weight
from classifier.features.words import Stems

COLUMNS: Final = (
    "body", "body_less_mean", "lead", "before", "after", "around", "segment", "segment_drop", "near_segment",
    "boundary", "strength",
)  # fmt: skip
_MOST_STRENGTH: Final = 30.0
#: Vectors are stored in steps of this size.
_STEPS: Final = 127


class WordSpace(BaseEstimator):
    """Vectors of word stems.

    Parameters
    ----------
    dimensions : int
    min_documents : int
        Documents that must have a stem for it to count.
    max_share : float
        Share of all documents beyond which a stem says nothing of what one is about.

    Attributes
    ----------
    stems_ : str
        The vocabulary, one stem a line, in the order of the rows of `vectors_`.
    vectors_ : int8 array (stems, dimensions)
        Directions, of a length of about 127.
    weights_ : float32 array (stems,)
        Inverse document frequency of each.
    """

    def __init__(self, dimensions: int = 32, min_documents: int = 6, max_share: float = 0.3) -> None:
        self.dimensions = dimensions
        self.min_documents = min_documents
        self.max_share = max_share

    def fit(self, batch: Batch, documents: NDArray[np.int64], seed: int = 0) -> Self:
        """Learn from some documents of a batch.

        Parameters
        ----------
        batch : Batch
        documents : int array
            Which of its documents to learn from.
        seed : int
            Of the randomised decomposition (Halko et al. 2011).
        """
        stems = batch.stems
        counts = _by_document(batch)[documents]
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        kept = np.flatnonzero((frequency >= self.min_documents) & (frequency <= self.max_share * len(documents)))
        dimensions = min(self.dimensions, len(kept) - 1, len(documents) - 1)
        self.stems_, self.weights_ = "", np.zeros(0, dtype=np.float32)
        self.vectors_ = np.zeros((0, self.dimensions), dtype=np.int8)
        if dimensions < 1:
            return self
        from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415 - training only

        weights = np.log(len(documents) / frequency[kept])
        matrix = counts[:, kept].astype(np.float64)
        matrix.data = np.log1p(matrix.data)
        matrix = csr_matrix(matrix.multiply(weights))
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        _, _, axes = randomized_svd(diags(1 / np.maximum(lengths, 1e-9)) @ matrix, dimensions, random_state=seed)
        directions = axes.T / np.maximum(np.linalg.norm(axes.T, axis=1, keepdims=True), 1e-9)
        names = list(stems.numbers)
        self.stems_ = "\n".join(names[i] for i in kept)
        self.weights_ = weights.astype(np.float32)
        self.vectors_ = np.zeros((len(kept), self.dimensions), dtype=np.int8)
        self.vectors_[:, :dimensions] = np.rint(directions * _STEPS)
        return self

    @cached_property
    def _places(self) -> dict[str, int]:
        return {stem: place for place, stem in enumerate(self.stems_.split("\n"))} if self.stems_ else {}

    @cached_property
    def _weighted(self) -> NDArray[np.float64]:
        weighted: NDArray[np.float64] = self.vectors_ * (self.weights_[:, None] / np.float64(_STEPS))
        return weighted

    def vectors(self, stems: Stems) -> NDArray[np.float64]:
        """Sum of the vectors of each paragraph's stems; shape (n, dimensions)."""
        get = self._places.get
        place = np.array([get(stem, -1) for stem in stems.numbers] or [-1], dtype=np.int64)[stems.stem]
        use = place >= 0
        # In one order, whatever the batch: sums are the same to the last bit.
        order = np.lexsort((place[use], stems.row[use]))
        row, column, value = (part[use][order] for part in (stems.row, place, np.sqrt(stems.count)))
        bounds = np.searchsorted(row, np.arange(stems.n + 1))
        found = csr_matrix((value, column, bounds), shape=(stems.n, max(len(self.weights_), 1)))
        result: NDArray[np.float64] = found @ (self._weighted if len(self.weights_) else np.zeros((1, self.dimensions)))
        return result


def _by_document(batch: Batch) -> csr_matrix:
    """Count stems in documents; shape (documents, stems)."""
    stems = batch.stems
    shape = (len(batch.documents), max(len(stems.numbers), 1))
    counts = csr_matrix((stems.count.astype(np.float64), (batch.doc[stems.row], stems.stem)), shape=shape)
    counts.sum_duplicates()
    return counts


def extract(batch: Batch, story: Array, vectors: NDArray[np.float64]) -> Array:
    """Columns of likeness from first-pass story probabilities (n,) and `WordSpace.vectors`; shape (n, len(COLUMNS))."""
    if not len(batch):
        return np.zeros((0, len(COLUMNS)), dtype=np.float32)
    strength = np.linalg.norm(vectors, axis=1)
    units = vectors / np.maximum(strength, 1e-6)[:, None]
    size = np.sqrt(batch.words)
    prose = batch.words >= PROSE_WORDS
    weight = story_weight(batch, story)
    of_story = units * (weight * size)[:, None]
    of_lead = of_story * leads(batch, weight)[:, None]
    running = _Running(batch, units * (prose * size)[:, None])
    stories = _Running(batch, of_story)
    whole = stories.whole()
    body = _cosine(units, whole - of_story)
    onward = running.between(0, SEGMENT)
    segment = _cosine(onward, whole - stories.between(0, SEGMENT))
    near = 1 - NEAR, NEAR
    return columns(
        body,
        body - mean_of_story(batch, body, weight),
        _cosine(units, _Running(batch, of_lead).whole() - of_lead),
        _cosine(units, running.between(-NEAR, 0)),
        _cosine(units, running.between(1, 1 + NEAR)),
        _cosine(units, stories.between(-FAR, FAR + 1) - of_story),
        segment,
        segment - np.nan_to_num(batch.shifted(segment, -1)),
        _cosine(running.between(*near), whole - stories.between(*near)),
        _cosine(running.between(-SEGMENT, 0), onward),
        np.minimum(strength, _MOST_STRENGTH),
    )


class _Running:
    """Sums of vectors (n, dimensions) over neighbouring paragraphs of a document."""

    def __init__(self, batch: Batch, vectors: NDArray[np.float64]) -> None:
        self._sums = np.vstack([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0)])
        self._here = np.arange(len(batch))
        self._low, self._high = batch.start, batch.start + batch.size

    def between(self, low: int, high: int) -> NDArray[np.float64]:
        """Sum over the paragraphs from offset `low` up to, but not including, `high`."""
        begin, end = (np.clip(self._here + offset, self._low, self._high) for offset in (low, high))
        result: NDArray[np.float64] = self._sums[end] - self._sums[begin]
        return result

    def whole(self) -> NDArray[np.float64]:
        """Sum over the paragraph's document."""
        result: NDArray[np.float64] = self._sums[self._high] - self._sums[self._low]
        return result


def _cosine(left: NDArray[np.float64], right: NDArray[np.float64]) -> Array:
    """Cosine of the rows, 0 where one is nothing; rounded, for sums of different batches differ in the last bits."""
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    dots = np.einsum("ij,ij->i", left, right)
    return np.round(np.where(lengths > 1e-6, dots / np.maximum(lengths, 1e-6), 0.0), 3).astype(np.float32)
