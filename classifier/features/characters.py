"""The characters of a batch: one pass over all of them counts every class of character in every paragraph."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Class of characters -> whether a character belongs to it.
CLASSES: Final[dict[str, Callable[[str], bool]]] = {
    "upper": str.isupper,
    "lower": lambda character: character.islower() or character == ")",  # what may stand before a fused capital
    "digit": str.isdigit,
    "space": str.isspace,
    "blank": " ".__eq__,
    "printable": str.isprintable,
    "foreign": lambda character: character > "\u024f" and character.isalpha(),
    "quote": frozenset('"“”„«»‘').__contains__,
    "comma": ",".__eq__,
    "exclamation": "!".__eq__,
    "question": "?".__eq__,
    "colon": ":".__eq__,
    "hashtag": "#".__eq__,
    "stop": frozenset(".!?…").__contains__,
    "divider": frozenset("|•·»›→▶►▼✓").__contains__,
    "dash": frozenset("-–—/>").__contains__,
}
_PLACES: Final = {name: place for place, name in enumerate(CLASSES)}


class Characters:
    """Classes of all characters of some texts.

    Parameters
    ----------
    texts : sequence of str, length n
    """

    def __init__(self, texts: Sequence[str]) -> None:
        # A line end on both sides of every text: nothing is seen across texts, and their ends count as white space.
        laid = "\n" + "\n".join(texts) + "\n"
        codes = np.frombuffer(laid.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        present = np.flatnonzero(np.bincount(codes))
        table = np.zeros(int(present[-1]) + 1, dtype=np.uint16)
        table[present] = [_classes_of(chr(code)) for code in present.tolist()]
        self._bits = table[codes]
        self._sizes = np.array([len(text) + 1 for text in texts], dtype=np.int64)
        self._row = np.concatenate([[0], np.repeat(np.arange(len(texts)), self._sizes)])
        self._counts = self._count(table[present])

    def _count(self, kinds: NDArray[np.uint16]) -> NDArray[np.int64]:
        """Characters of each class in each text; shape (n, classes). Characters of the same classes count as one."""
        kinds = np.unique(kinds)
        number = np.zeros(int(kinds[-1]) + 1, dtype=np.int64)
        number[kinds] = np.arange(len(kinds))
        n, width = len(self._sizes), len(kinds)
        cells = np.bincount(self._row * width + number[self._bits], minlength=n * width).reshape(n, width)
        return cells @ (kinds[:, None].astype(np.int64) >> np.arange(len(CLASSES)) & 1)

    def count(self, name: str) -> NDArray[np.int64]:
        """Count the characters of a class in each text, and the line end after it; shape (n,)."""
        return self._counts[:, _PLACES[name]]

    def sequences(self, *names: str, within: int) -> NDArray[np.int64]:
        """Count where characters of these classes follow each other near the beginning of each text; shape (n,).

        Parameters
        ----------
        *names : str
            Classes; the ends of a text count as white space.
        within : int
            Characters of the beginning.
        """
        length = len(self._bits) - len(names) + 1
        found = np.ones(max(length, 0), dtype=bool)
        for offset, name in enumerate(names):
            found &= (self._bits[offset : offset + length] >> _PLACES[name] & 1).astype(bool)
        at = np.flatnonzero(found)
        starts = np.cumsum(self._sizes) - self._sizes
        row = self._row[at + len(names) // 2]
        near = at - starts[row] < within
        return np.bincount(row[near], minlength=len(self._sizes))


@lru_cache(maxsize=1 << 16)
def _classes_of(character: str) -> int:
    return sum(test(character) << _PLACES[name] for name, test in CLASSES.items())
