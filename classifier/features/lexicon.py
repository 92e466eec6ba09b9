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

    def kinds(self, lowered: list[str]) -> list[int]:
        """Kinds of each word, as bits; a phrase counts at its first word."""
        get = self.words.get
        found = [get(word, 0) for word in lowered]
        phrases = self.phrases
        if phrases.keys().isdisjoint(lowered):
            return found
        for i, word in enumerate(lowered):
            if word in phrases:
                for rest, kind in phrases[word]:
                    if lowered[i + 1 : i + 1 + len(rest)] == rest:
                        found[i] |= kind
        return found

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
