"""How far reading has come, in bytes of the sources as they lie there, of how many."""

from collections.abc import Callable
from pathlib import Path

#: Counting more files than this beforehand would take longer than the knowledge is worth.
MAX_COUNTED_FILES = 100_000


class Meter:
    """Counts what reading consumes; `find_sources` keeps it up to date.

    Attributes
    ----------
    total : int or None
        Bytes of all sources; None where that cannot be known beforehand (standard input, addresses).
    """

    def __init__(self, total: int | None) -> None:
        self.total = total
        self._finished = 0
        self._size = 0
        self._position: Callable[[], int] = lambda: 0

    def begin(self, name: str, position: Callable[[], int]) -> None:
        """Start with a file; `position` says how many of its bytes are consumed."""
        self._size = size_of(name) or 0
        self._position = position

    def at(self, share: float) -> None:
        """Say how much of the file is consumed, where there is no position to ask for."""
        reached = int(share * self._size)
        self._position = lambda: reached

    def end(self) -> None:
        """Count the file as a whole."""
        self._finished += self._size
        self._size = 0
        self._position = lambda: 0

    def read(self) -> int:
        """Bytes consumed so far."""
        try:
            return self._finished + min(self._position(), self._size)
        except (OSError, ValueError):  # a pipe has no position, a closed file none any more
            return self._finished


def size_of(name: str) -> int | None:
    """Bytes of a file of this machine; None where there is no such file."""
    try:
        return Path(name).stat().st_size
    except (OSError, ValueError):
        return None
