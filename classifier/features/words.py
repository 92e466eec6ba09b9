"""The words of a batch, each form once: what is true of a word is found out once, however often it stands there."""

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from copy import copy
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
        numbers, self.form = _numbered(chain.from_iterable(tokens))
        self.forms = list(numbers)
        self._found: dict[tuple[Callable[[str], Any], bool], NDArray[np.bool_]] = {}
        self._lay(np.array([len(row) for row in tokens], dtype=np.int64))

    def _lay(self, sizes: NDArray[np.int64]) -> None:
        self.bounds = np.concatenate(([0], np.cumsum(sizes)))
        self.row = np.repeat(np.arange(len(sizes)), sizes)
        self.place = np.arange(len(self.row)) - self.bounds[self.row]

    def only(self, rows: NDArray[np.int64]) -> "Words":
        """Give the words of some paragraphs, in ascending order; what is known of the forms goes with them."""
        part = copy(self)
        kept = np.zeros(len(self.bounds) - 1, dtype=bool)
        kept[rows] = True
        part.form = self.form[kept[self.row]]
        part._lay(np.diff(self.bounds)[rows])
        return part

    @cached_property
    def lowered(self) -> list[str]:
        """Every form in lower case; shape (forms,)."""
        return [form.lower() for form in self.forms]

    def those(self, test: Callable[[str], Any], *, lowered: bool = False) -> NDArray[np.bool_]:
        """Which words a test holds for; shape (words,). The same function is asked of a form once."""
        forms = self.lowered if lowered else self.forms
        asked = (test, lowered)
        if asked not in self._found:
            self._found[asked] = np.array([bool(test(form)) for form in forms], dtype=bool)
        found: NDArray[np.bool_] = self._found[asked][self.form] if forms else _NONE
        return found

    @property
    def name_numbers(self) -> dict[str, int]:
        """Numbers of the words as names are compared: in lower case, without possessive ending."""
        return self._bare[0]

    @property
    def name_number(self) -> NDArray[np.int64]:
        """Place of every word in `name_numbers`; shape (words,)."""
        return self._bare[1][self.form]

    @cached_property
    def _bare(self) -> tuple[dict[str, int], NDArray[np.int64]]:
        return _numbered(map(bare, self.lowered))

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

    def distinct(self, among: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Distinct words of each paragraph, in lower case, of some words (words,) or of all; shape (n,)."""
        row, form = (self.row, self.form) if among is None else (self.row[among], self.form[among])
        numbers, of_forms = self._lower
        width = max(len(numbers), 1)
        return np.bincount(np.unique(row * width + of_forms[form]) // width, minlength=len(self.bounds) - 1)

    def shared(self, wanted: Sequence[Collection[str]], of: NDArray[np.int64]) -> NDArray[np.int64]:
        """Distinct words of each paragraph among some that are wanted, in lower case; shape (n,).

        Parameters
        ----------
        wanted : sequence of collections of str
            Sets of words.
        of : int array (n,)
            Which of the sets each paragraph is compared with.
        """
        numbers, of_forms = self._lower
        width = max(len(numbers), 1)
        codes = [i * width + numbers[word] for i, words in enumerate(wanted) for word in words if word in numbers]
        return self.distinct(np.isin(of[self.row] * width + of_forms[self.form], codes))

    @cached_property
    def _lower(self) -> tuple[dict[str, int], NDArray[np.int64]]:
        return _numbered(self.lowered)


def _numbered(strings: Iterable[str]) -> tuple[dict[str, int], NDArray[np.int64]]:
    """Numbers of some strings, and that of each in their order."""
    numbers = Numbering()
    each = numbers.of(strings)
    return dict(numbers), each


def bare(lowered: str) -> str:
    """Leave out a possessive ending."""
    return lowered.removesuffix("’s").removesuffix("'s")


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

    def only(self, rows: NDArray[np.int64]) -> "Stems":
        """Give the stems of some paragraphs, in ascending order, with the same numbers."""
        part = copy(self)
        place = np.full(self.n, -1)
        place[rows] = np.arange(len(rows))
        kept = place[self.row] >= 0
        part.n, part.row, part.stem, part.count = len(rows), place[self.row[kept]], self.stem[kept], self.count[kept]
        return part


_NONE: Final = np.zeros(0, dtype=bool)
