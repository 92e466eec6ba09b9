"""A batch of documents laid flat: what every feature room needs, computed once."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.document import Document, Layout, Paragraph
from classifier.features.characters import Characters
from classifier.features.words import Stems, Words
from classifier.labels import SUSPECT_LANGUAGES

Array = NDArray[np.float32]

#: Characters of a paragraph that features look at: the cost of a 5 MB line is that of its first page.
MAX_CHARS: Final = 6000
#: English function words, rare in menus and in other languages.
FUNCTION_WORDS: Final = frozenset(
    """a about after all also an and any are as at be because been before but by can could did do does for
    from had has have he her his how i if in into is it its just like may more most my no not of on one only
    or other our out over said she should so some such than that the their them then there these they this to
    up was we were what when where which while who will with would you your""".split()
)
#: Share of English function words from which a text that names no language is taken for English.
ENGLISH_SHARE: Final = 0.2
#: Prose words a document needs for that share to mean anything; shorter ones count as English.
ENGLISH_WORDS: Final = 30
_TOKEN = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")


class Batch:
    """Paragraphs of several documents, in order.

    Attributes
    ----------
    documents : list of Document
    texts : list of str, length n
        Cut at `MAX_CHARS`.
    tokens : list of list of str, length n
        Words as written.
    doc : int array (n,)
        Index of each paragraph's document.
    start, size : int arrays (n,)
        First paragraph and number of paragraphs of each paragraph's document.
    """

    def __init__(self, documents: Iterable[Document], *, _tokens: list[list[str]] | None = None) -> None:
        self.documents = list(documents)
        paragraphs = [paragraph for document in self.documents for paragraph in document.paragraphs]
        self.texts = [paragraph.text[:MAX_CHARS] for paragraph in paragraphs]
        self.layouts: list[Layout | None] = [paragraph.layout for paragraph in paragraphs]
        sizes = np.array([len(document.paragraphs) for document in self.documents], dtype=np.int64)
        starts = np.cumsum(sizes) - sizes
        self.doc = np.repeat(np.arange(len(sizes)), sizes)
        self.size = np.repeat(sizes, sizes)
        self.start = np.repeat(starts, sizes)
        self.tokens = [_TOKEN.findall(text) for text in self.texts] if _tokens is None else _tokens
        self._found: dict[Callable[[Batch], NDArray[Any]], NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def only(self, rows: NDArray[np.int64]) -> "Batch":
        """Give the same documents with only some of their paragraphs, in ascending order.

        What was found of each paragraph alone goes with it.
        """
        chosen: list[list[Paragraph]] = [[] for _ in self.documents]
        for doc, place in zip(self.doc[rows].tolist(), self.index[rows].tolist(), strict=True):
            chosen[doc].append(self.documents[doc].paragraphs[place])
        documents = [replace(d, paragraphs=kept) for d, kept in zip(self.documents, chosen, strict=True)]
        part = Batch(documents, _tokens=[self.tokens[row] for row in rows.tolist()])
        part.all_words, part.stems = self.all_words.only(rows), self.stems.only(rows)
        part.words, part.function_words, part.prose = self.words[rows], self.function_words[rows], self.prose[rows]
        part._found = {find: values[rows] for find, values in self._found.items()}
        return part

    def once(self, find: Callable[["Batch"], NDArray[Any]]) -> NDArray[Any]:
        """Give what a function finds of each paragraph alone, in an array (n, ...); it is called once."""
        if find not in self._found:
            self._found[find] = find(self)
        return self._found[find]

    @cached_property
    def all_words(self) -> Words:
        """Words of all paragraphs, laid flat."""
        return Words(self.tokens)

    @cached_property
    def stems(self) -> Stems:
        """Stems of the words that say what a paragraph is about."""
        return Stems(self.all_words, FUNCTION_WORDS)

    @cached_property
    def characters(self) -> Characters:
        """Characters of all paragraphs and their classes."""
        return Characters(self.texts)

    @cached_property
    def index(self) -> NDArray[np.int64]:
        """Place of each paragraph in its document, from 0."""
        return np.arange(len(self)) - self.start

    @cached_property
    def words(self) -> NDArray[np.float32]:
        """Number of words of each paragraph."""
        return np.array([len(tokens) for tokens in self.tokens], dtype=np.float32)

    @cached_property
    def function_words(self) -> NDArray[np.float32]:
        """Number of English function words of each paragraph."""
        known = self.all_words.those(FUNCTION_WORDS.__contains__, lowered=True)
        return self.all_words.per_row(known).astype(np.float32)

    @cached_property
    def prose(self) -> NDArray[np.bool_]:
        """Which paragraphs look like running text: a dozen words and the end of a sentence."""
        ended = np.array([text[-1:] in '.!?…"”’»)。！？' for text in self.texts], dtype=bool)
        return (self.words >= 12) & (ended | (self.words >= 30))

    @cached_property
    def english(self) -> NDArray[np.bool_]:
        """Whether each document is in English, by what it declares or else by its function words."""
        words = self.per_document(self.words * self.prose)
        known = self.per_document(self.function_words * self.prose)
        answers = []
        for document, total, count in zip(self.documents, words, known, strict=True):
            language = document.metadata.get("language", "")[:2].lower()
            judged = total >= ENGLISH_WORDS
            by_words = not judged or count >= ENGLISH_SHARE * total
            # Sites of every language leave lang="en" in their template: the words have the last say.
            answers.append(by_words and (judged or not language or language in SUSPECT_LANGUAGES))
        return np.array(answers, dtype=bool)

    def per_document(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Sum of a paragraph column over each document; shape (documents,)."""
        return np.bincount(self.doc, weights=values, minlength=len(self.documents)).astype(np.float32)

    def shifted(self, values: NDArray[Any], by: int, missing: float = np.nan) -> NDArray[Any]:
        """Values of the paragraph `by` places further on in the same document (negative: before)."""
        if by == 0:
            return values
        moved = np.full_like(values, missing)
        if abs(by) >= len(self):
            return moved
        if by > 0:
            moved[:-by] = values[by:]
            outside = self.index + by >= self.size
        else:
            moved[-by:] = values[:by]
            outside = self.index + by < 0
        moved[outside] = missing
        return moved

    def windowed(self, values: NDArray[Any], before: int, after: int) -> Array:
        """Mean of a column over the lines around each paragraph within its document, itself left out.

        `before` and `after` count lines; -1 for one of them takes the other side alone. 0 where no line is left.
        """
        sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        here = np.arange(len(self))
        low = np.maximum(here - before, self.start)
        high = np.minimum(here + after + 1, self.start + self.size)
        both = before >= 0 and after >= 0
        count = high - low - int(both)
        total = sums[high] - sums[low] - (values if both else 0.0)
        return np.where(count > 0, total / np.maximum(count, 1), 0.0).astype(np.float32)


def columns(*values: Sequence[float] | NDArray[Any]) -> Array:
    """Stack columns into a matrix (n, columns) of float32."""
    return np.column_stack([np.asarray(value, dtype=np.float32) for value in values])
