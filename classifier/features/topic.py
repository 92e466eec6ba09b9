"""Is it about the document's story? Likeness to the headline, the main body, the lead and the neighbours.

Likeness is the cosine of content words (square roots of counts). The main body is weighted by what was answered of
the story before, so that menus and leaked stories do not define what the document is about.
"""

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.features.batch import FUNCTION_WORDS, Array, Batch, columns

COLUMNS: Final = (
    "headline", "body", "body_rank", "lead", "before", "after", "around", "segment", "segment_drop", "entities",
    "entities_known", "entities_in_lead", "title_shared", "body_less_after",
)  # fmt: skip
#: Words of a document's lead: the headline and the first paragraphs say what the story is.
LEAD_WORDS: Final = 150
#: Headlines are looked for among the first lines of the story, and are shorter than this many words.
HEADLINE_WORDS: Final = 25
#: Lines before or after a paragraph that are near it, lines around that are its surroundings, lines of a segment, and
#: how far apart two of them can be.
NEAR: Final = 3
FAR: Final = 8
SEGMENT: Final = 5
_REACH: Final = 2 * FAR
#: Words from which a line counts as prose.
PROSE_WORDS: Final = 8


def extract(batch: Batch, story: Array) -> Array:
    """Topic columns from story probabilities (n,); shape (n, len(COLUMNS))."""
    n = len(batch)
    if not n:
        return np.zeros((0, len(COLUMNS)), dtype=np.float32)
    vectors, entities = Vectors(batch), _entities(batch)
    weight = story_weight(batch, story)
    in_lead = leads(batch, weight)
    to_body, body_square = vectors.to_group(weight)
    body = _without_itself(vectors, weight, to_body, body_square)
    lead = _without_itself(vectors, weight * in_lead, *vectors.to_group(weight * in_lead))
    prose = (batch.words >= PROSE_WORDS).astype(np.float64)
    sides = range(-NEAR, 0), range(1, NEAR + 1)
    before, after = (_likeness_to_window(batch, vectors, prose, offsets) for offsets in sides)
    around = _likeness_to_window(batch, vectors, weight, range(-FAR, FAR + 1))
    segment = _segment_likeness(batch, vectors, prose, to_body, body_square)
    known, led = _known_entities(batch, entities, weight > 0.5, in_lead)
    headline, shared = _headline(batch, vectors, story)
    count = np.array([len(found) for found in entities], dtype=np.float32)
    mean = mean_of_story(batch, body, weight)
    return columns(
        headline, body, body / np.maximum(mean, 0.02), lead, before, after, around, segment,
        segment - np.nan_to_num(batch.shifted(segment, -1)), count, known, led, shared, body - after,
    )  # fmt: skip


def story_weight(batch: Batch, story: Array) -> NDArray[np.float64]:
    """Give what each paragraph counts as the story's: its probability, 0 for a line that is no prose; shape (n,)."""
    return np.where(batch.words >= PROSE_WORDS, story, 0).astype(np.float64)


def leads(batch: Batch, weight: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which paragraphs are of their document's lead; shape (n,)."""
    mass = weight * batch.words
    before = np.cumsum(mass) - mass
    lead: NDArray[np.bool_] = (before - before[batch.start] < LEAD_WORDS) & (weight > 0.3)
    return lead


def mean_of_story(batch: Batch, values: Array, weight: NDArray[np.float64]) -> Array:
    """Mean of a column over the story of each paragraph's document; shape (n,)."""
    sums, weights = batch.per_document(values * weight), batch.per_document(weight)
    mean: Array = np.divide(sums, np.maximum(weights, 1e-6))
    return mean[batch.doc]


class Vectors:
    """Content words of each paragraph as vectors of unit length, sparse; the vocabulary is the batch's own.

    Attributes
    ----------
    gram : float array (n, _REACH + 1)
        Cosine of each paragraph to itself (0 without content words) and to each of those that follow it in its
        document.
    """

    def __init__(self, batch: Batch) -> None:
        stems, n = batch.stems, len(batch)
        width = max(len(stems.numbers), 1)
        # Entries in the order document, stem, paragraph: what a document says of one stem stands together.
        entries = (batch.doc[stems.row] * width + stems.stem) * n + stems.row
        order = np.argsort(entries)
        entries, count = entries[order], stems.count[order]
        cell, self._row = np.divmod(entries, n)
        self._value = np.sqrt(count)
        length = np.sqrt(np.bincount(self._row, weights=count, minlength=n))
        self._value /= length[self._row]
        self._cell = np.cumsum(np.diff(cell, prepend=-1) > 0) - 1
        self._cells = int(self._cell[-1]) + 1 if len(cell) else 0
        self._doc = batch.doc
        self.gram = self._gram(n)

    def _gram(self, n: int) -> NDArray[np.float64]:
        gram = np.zeros((n, _REACH + 1))
        gram[self._row, 0] = 1.0
        for step in range(1, _REACH + 1):  # a stem's entries ascend, so one at most `step` lines on is that near
            apart = self._row[step:] - self._row[:-step]
            near = (self._cell[step:] == self._cell[:-step]) & (apart <= _REACH)
            at = self._row[:-step][near] * (_REACH + 1) + apart[near]
            dots = np.bincount(at, weights=(self._value[step:] * self._value[:-step])[near], minlength=gram.size)
            gram += dots.reshape(gram.shape)
        return gram

    def to_group(self, weight: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Dot product of each paragraph with the weighted sum of its document's, and that sum's square; (n,) each."""
        sums = np.bincount(self._cell, weights=self._value * weight[self._row], minlength=self._cells)
        dots: NDArray[np.float64] = np.bincount(
            self._row, weights=self._value * sums[self._cell], minlength=len(self._doc)
        ).astype(np.float64)
        firsts = np.flatnonzero(np.diff(self._cell, prepend=-1) > 0)
        square: NDArray[np.float64] = np.bincount(
            self._doc[self._row[firsts]], weights=sums**2, minlength=int(self._doc[-1]) + 1
        ).astype(np.float64)
        return dots, square[self._doc]

    def between(self, offset: int, other: int) -> NDArray[np.float64]:
        """Dot product of the paragraphs at two offsets from each one; (n,), 0 where there is none."""
        low, far = min(offset, other), abs(other - offset)
        dots, n = self.gram[:, far], len(self.gram)
        moved = np.zeros(n)
        here, there = max(0, -low), min(n, n - low)
        if here < there:
            moved[here:there] = dots[here + low : there + low]
        return moved


def _rounded(likeness: NDArray[np.float64]) -> Array:
    """Round: sums of different batches differ in the last bits, and a tree may split there."""
    return np.round(likeness, 4).astype(np.float32)


def _without_itself(
    vectors: Vectors, weight: NDArray[Any], dots: NDArray[np.float64], square: NDArray[np.float64]
) -> Array:
    """Cosine to the weighted sum of the document's other paragraphs."""
    own = vectors.gram[:, 0]
    rest = square - 2 * weight * dots + weight**2 * own
    return _rounded((dots - weight * own) / np.sqrt(np.maximum(rest, 1e-4)))


def _at(batch: Batch, values: NDArray[Any], offsets: range) -> dict[int, NDArray[np.float64]]:
    """Values of the paragraphs at each offset, 0 beyond the document's ends."""
    return {offset: np.nan_to_num(batch.shifted(values, offset)) for offset in offsets}


def _square(vectors: Vectors, at: dict[int, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Square of the sum of the paragraphs at some offsets with some weights."""
    total = np.zeros(len(vectors.gram))
    for offset, weight in at.items():
        for other, its in at.items():
            if other >= offset:
                total += (1 + (other > offset)) * weight * its * vectors.between(offset, other)
    return total


def _likeness_to_window(batch: Batch, vectors: Vectors, weight: NDArray[Any], offsets: range) -> Array:
    """Cosine to the weighted sum of the paragraphs at some offsets, itself left out."""
    at = _at(batch, weight, offsets)
    at.pop(0, None)
    dots = sum(its * vectors.between(0, offset) for offset, its in at.items())
    return _rounded(dots / np.sqrt(np.maximum(_square(vectors, at), 1e-6)))


def _segment_likeness(
    batch: Batch, vectors: Vectors, prose: NDArray[Any], to_body: NDArray[np.float64], body_square: NDArray[np.float64]
) -> Array:
    """Cosine of the lines from here on (five of them) to the story's other lines: falls where another begins."""
    at, near = _at(batch, prose, range(SEGMENT)), _at(batch, to_body, range(SEGMENT))
    square = _square(vectors, at)
    dots = sum(its * near[offset] for offset, its in at.items())
    rest = body_square - 2 * dots + square
    return _rounded((dots - square) / np.sqrt(np.maximum(square * rest, 1e-6)))


def _entities(batch: Batch) -> list[set[int]]:
    """Numbers of capitalised words that do not begin a paragraph, as a stand-in for names."""
    words = batch.all_words
    named = words.those(_may_be_name) & (words.place > 0)
    bounds = np.concatenate(([0], np.cumsum(named)))[words.bounds].tolist()
    forms = words.form[named].tolist()
    return [set(forms[low:high]) for low, high in pairwise(bounds)]


def _may_be_name(word: str) -> bool:
    return word[0].isupper() and len(word) > 2 and word.lower() not in FUNCTION_WORDS


def _known_entities(
    batch: Batch, entities: list[set[int]], story: np.ndarray, in_lead: np.ndarray
) -> tuple[Array, Array]:
    """Share of each paragraph's names that other story paragraphs, and the lead, have; NaN without names."""
    known = np.full(len(batch), np.nan, dtype=np.float32)
    led = np.full(len(batch), np.nan, dtype=np.float32)
    begin = 0
    for document in batch.documents:
        end = begin + len(document.paragraphs)
        count: dict[int, int] = {}
        lead: set[int] = set()
        for i in range(begin, end):
            if story[i]:
                for name in entities[i]:
                    count[name] = count.get(name, 0) + 1
            if in_lead[i]:
                lead |= entities[i]
        for i in range(begin, end):
            names = entities[i]
            if names:
                own = int(story[i])
                known[i] = sum(count.get(name, 0) > own for name in names) / len(names)
                led[i] = np.nan if in_lead[i] else len(names & lead) / len(names)
        begin = end
    return known, led


def _headline(batch: Batch, vectors: Vectors, story: Array) -> tuple[Array, Array]:
    """Cosine to the document's headline, and words shared with the title that the page states."""
    chosen = np.zeros(len(batch.documents), dtype=np.int64)
    begin = 0
    for number, document in enumerate(batch.documents):
        end = begin + len(document.paragraphs)
        short = [
            i for i in range(begin, min(end, begin + 80)) if 3 <= batch.words[i] < HEADLINE_WORDS and story[i] > 0.5
        ]
        chosen[number] = short[0] if short else begin
        begin = end
    is_headline = np.zeros(len(batch))
    is_headline[chosen[np.unique(batch.doc)]] = 1.0  # documents without paragraphs have none
    likeness = _rounded(vectors.to_group(is_headline)[0])
    titles = [frozenset(w for w in d.metadata.get("title", "").lower().split() if len(w) > 3) for d in batch.documents]
    size = np.array([len(title) or np.nan for title in titles])
    shared = batch.all_words.shared(titles, batch.doc) / size[batch.doc]
    return likeness, shared.astype(np.float32)
