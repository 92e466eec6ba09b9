"""Word lists: kinds of words and phrases, looked up token by token in constant time."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.features.words import Words


class Lexicon:
    """Kinds of words and phrases as bits.

    Parameters
    ----------
    table : mapping of int to str
        For each kind's bit, its lower-case words; the words of a phrase are joined by `/`.

    Attributes
    ----------
    words : dict of str to int
        Kinds of single words.
    phrases : dict of str to list of (list of str, int)
        First word of phrases -> the words that follow it, and their kind.
    longest : int
        Words of the longest phrase; 1 without any.
    """

    def __init__(self, table: Mapping[int, str]) -> None:
        self.words: dict[str, int] = {}
        self.phrases: dict[str, list[tuple[list[str], int]]] = {}
        for kind, text in table.items():
            for entry in text.split():
                first, *rest = entry.split("/")
                if rest:
                    self.phrases.setdefault(first, []).append((rest, kind))
                else:
                    self.words[first] = self.words.get(first, 0) | kind
        self.longest = 1 + max((len(rest) for found in self.phrases.values() for rest, _ in found), default=0)

    def kinds(self, lowered: list[str]) -> list[int]:
        """Kinds of each word, as bits; a phrase counts at its first word."""
        get, phrases = self.words.get, self.phrases
        found = [get(word, 0) for word in lowered]
        if not phrases.keys().isdisjoint(lowered):
            for i, word in enumerate(lowered):
                if word in phrases:
                    found[i] |= self.phrase_at(lowered, i)
        return found

    def phrase_at(self, lowered: list[str], at: int) -> int:
        """Kinds of the phrases that begin at a word which may begin one."""
        kinds = 0
        for rest, kind in self.phrases[lowered[at]]:
            if lowered[at + 1 : at + 1 + len(rest)] == rest:
                kinds |= kind
        return kinds

    def kinds_of(self, words: Words) -> NDArray[Any]:
        """Kinds of every word of a batch, as `kinds` gives them for one paragraph; shape (words,)."""
        get, lowered, form = self.words.get, words.lowered, words.form
        found = words.values(lambda word: get(word, 0))
        ends = words.bounds[words.row + 1]
        for at in np.flatnonzero(words.those(self.phrases.__contains__, lowered=True)).tolist():
            for rest, kind in self.phrases[lowered[form[at]]]:
                following = form[at + 1 : min(at + 1 + len(rest), ends[at])].tolist()
                if [lowered[i] for i in following] == rest:
                    found[at] |= kind
        return found
