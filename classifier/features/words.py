"""The words of a batch, each form once: what is true of a word is found out once, however often it stands there."""

from collections.abc import Callable, Container, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Shorter words say little, and six letters stand for a word's stem: "recognises", "recognition" meet.
MIN_LETTERS: Final = 3
STEM_LETTERS: Final = 6


class Numbering(dict[str, int]):
    """Numbers for strings, in the order of their first appearance."""

    def __missing__(self, key: str) -> int:
        """Give the next number."""
        self[key] = number = len(self)
        return number

    def of(self, strings: Iterable[str]) -> NDArray[np.int64]:
        """Numbers of some strings, new ones given where needed."""
        return np.fromiter(map(self.__getitem__, strings), dtype=np.int64)


class Words:
    """Words of some paragraphs, laid flat.

    Parameters
    ----------
    tokens : sequence of list of str, length n
        Words of each paragraph as written.

    Attributes
    ----------
    forms : list of str
        Distinct words as written.
    form : int array (words,)
        Place in `forms` of every word.
    bounds : int array (n + 1,)
        Where each paragraph's words begin, and the end.
    row, place : int arrays (words,)
        Paragraph of every word, and its place there, from 0.
    """

    def __init__(self, tokens: Sequence[list[str]]) -> None:
        numbers = Numbering()
        self.form = numbers.of(chain.from_iterable(tokens))
        self.forms = list(numbers)
        sizes = np.array([len(row) for row in tokens], dtype=np.int64)
        self.bounds = np.concatenate(([0], np.cumsum(sizes)))
        self.row = np.repeat(np.arange(len(sizes)), sizes)
        self.place = np.arange(len(self.row)) - self.bounds[self.row]

    @cached_property
    def lowered(self) -> list[str]:
        """Every form in lower case; shape (forms,)."""
        return [form.lower() for form in self.forms]

    def those(self, test: Callable[[str], Any], *, lowered: bool = False) -> NDArray[np.bool_]:
        """Which words a test holds for; shape (words,)."""
        forms = self.lowered if lowered else self.forms
        return np.array([bool(test(form)) for form in forms], dtype=bool)[self.form] if forms else _NONE

    def values(self, measure: Callable[[str], int]) -> NDArray[np.int64]:
        """Give what a measure says of each word in lower case; shape (words,)."""
        return np.array([measure(form) for form in self.lowered], dtype=np.int64)[self.form]

    def per_row(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Sum of a value of each word over each paragraph; shape (n,)."""
        sums = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
        return sums[self.bounds[1:]] - sums[self.bounds[:-1]]

    def longest(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Largest value among each paragraph's words, 0 without words; shape (n,)."""
        result = np.zeros(len(self.bounds) - 1, dtype=np.int64)
        filled = np.flatnonzero(np.diff(self.bounds))
        if len(filled):
            result[filled] = np.maximum.reduceat(values, self.bounds[filled])
        return result

    def distinct(self) -> NDArray[np.int64]:
        """Distinct words of each paragraph, in lower case; shape (n,)."""
        numbers = Numbering()
        lower = numbers.of(self.lowered)[self.form] if self.forms else self.form
        cells = np.unique(self.row * max(len(numbers), 1) + lower)
        return np.bincount(cells // max(len(numbers), 1), minlength=len(self.bounds) - 1)


class Stems:
    """Stems of the words that say what a text is about, laid flat: each once a paragraph.

    Parameters
    ----------
    words : Words
    without : container of str
        Words in lower case that say nothing.

    Attributes
    ----------
    numbers : dict of str to int
        Every stem's number.
    row, stem, count : int arrays (entries,)
        Paragraph, number of the stem, and how often it stands there; in the order of paragraph and number.
    n : int
        Paragraphs.
    """

    def __init__(self, words: Words, without: Container[str]) -> None:
        self.n = len(words.bounds) - 1
        numbers = Numbering()
        number = [
            numbers[form[:STEM_LETTERS]] if len(form) >= MIN_LETTERS and form not in without else -1
            for form in words.lowered
        ]
        self.numbers = dict(numbers)
        stem = np.array(number or [-1], dtype=np.int64)[words.form]
        width = max(len(self.numbers), 1)
        entries, self.count = np.unique((words.row * width + stem)[stem >= 0], return_counts=True)
        self.row, self.stem = np.divmod(entries, width)


_NONE: Final = np.zeros(0, dtype=bool)
