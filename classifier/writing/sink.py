"""Where output goes: standard output, or a file that appears under its name only when it is whole."""

import gzip
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, cast

from classifier.errors import NewsiftError

#: A file of a name like this takes shape beside the output and is renamed when all is written.
PART_SUFFIX: Final = ".part"
_PIECE: Final = 1 << 14


class OutputError(NewsiftError):
    """Output cannot be written; the message is one sentence for a person."""


class StdoutSink:
    """Standard output."""

    def __init__(self) -> None:
        self.stream = cast(IO[bytes], _Piecewise(sys.stdout.buffer))

    def commit(self) -> None:
        """Hand over what is still buffered."""
        self.stream.flush()

    def discard(self) -> None:
        """Leave what was written: it is already with the reader."""


class Sink:
    """A file, compressed if its name ends in `.gz` or `.zst`, held by a lock while it is written.

    Parameters
    ----------
    path : Path
        The final name.
    resume : bool
        Leave the unfinished file of an earlier run as it is until `keep` says how much of it is good.

    Raises
    ------
    OutputError
        Another run writes to the same path, or it cannot be written.
    """

    def __init__(self, path: Path, resume: bool = False) -> None:
        self.path = path
        self.part = path.with_name(path.name + PART_SUFFIX)
        if path.is_dir():
            raise OutputError(f"{path}: is a folder; give the name of a file")
        self.lock = Lock(path.with_name(path.name + ".lock"))
        self._compress = _compressor(path.suffix)
        try:
            self._file: IO[bytes] = self.part.open("r+b" if resume and self.part.exists() else "wb")
            self.stream = self._file if resume else self._compress(self._file)
        except OSError as error:
            self.lock.release()
            raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from None

    def keep(self, size: int) -> None:
        """Cut the unfinished file of an earlier run to its first `size` bytes and go on after them."""
        self._file.truncate(size)
        self._file.seek(size)
        self.stream = self._compress(self._file)

    def transform(self, convert: Callable[[Path, Path], None]) -> None:
        """Replace the unfinished file by what `convert` makes of it, given both paths."""
        self._file.flush()
        whole = self.part.with_name(self.part.name + ".whole")
        try:
            convert(self.part, whole)
            self._file.close()
            whole.replace(self.part)
        finally:
            whole.unlink(missing_ok=True)
        self._file = self.stream = self.part.open("r+b")

    def checkpoint(self) -> int:
        """Make everything so far safe on disk; the number of bytes after which a later run can go on."""
        if self.stream is not self._file:
            self.stream.close()  # ends a member or frame: what follows begins a new one
        self._file.flush()
        os.fsync(self._file.fileno())
        end = self._file.tell()
        self.stream = self._compress(self._file)
        return end

    def commit(self) -> None:
        """Give the file its final name."""
        if self.stream is not self._file:
            self.stream.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.part.replace(self.path)
        self.lock.release()

    def suspend(self) -> None:
        """Leave the unfinished file for a later run to go on with."""
        self._close()
        self.lock.release()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._close()
        self.part.unlink(missing_ok=True)
        self.lock.release()

    def _close(self) -> None:
        for stream in (self.stream, self._file):
            with suppress(OSError, ValueError):  # the disk may be full, which was told already
                stream.close()


class Lock:
    """A lock file that ends with the process that holds it, however that ends.

    Raises
    ------
    OutputError
        Another process holds it, or the folder is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        while True:
            try:
                self._file: Any = path.open("a")
            except OSError as error:
                raise OutputError(f"{path.with_suffix('')}: cannot be written ({error.strerror or error})") from None
            if not _locked(self._file):
                self._file.close()
                raise OutputError(f"{path.with_suffix('')}: another run is writing to it; wait, or choose another name")
            if self._is_current():
                return
            self._file.close()  # the holder before us removed it between our opening and our locking

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Remove the lock file and let go of it."""
        if not self._file.closed:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
            self._file.close()


def _locked(file: IO[str]) -> bool:
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        import msvcrt  # noqa: PLC0415

        try:
            cast(Any, msvcrt).locking(file.fileno(), cast(Any, msvcrt).LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _compressor(suffix: str) -> Callable[[IO[bytes]], IO[bytes]]:
    if suffix == ".gz":
        # No name and no time inside: the same run gives the same bytes.
        return lambda file: cast(IO[bytes], gzip.GzipFile("", "wb", 6, file, mtime=0))
    if suffix == ".zst":
        return _zstandard
    return lambda file: file


def _zstandard(file: IO[bytes]) -> IO[bytes]:
    import pyarrow as pa  # noqa: PLC0415 - start-up; it brings the compressor along

    frame = pa.CompressedOutputStream(pa.PythonFile(_Unclosing(file), mode="w"), "zstd")
    return cast(IO[bytes], io.BufferedWriter(frame, 1 << 16))


class _Unclosing(io.RawIOBase):
    """A file that stays open when a stream on top of it is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._under = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._under.write(data)


class _Piecewise(_Unclosing):
    """Writes in pieces: of one large write to a pipe that is closed half-way, Python tells nothing."""

    def write(self, data: Any) -> int:
        whole = memoryview(data).cast("B")
        for begin in range(0, len(whole), _PIECE):
            self._under.write(whole[begin : begin + _PIECE])
        return len(whole)

    def flush(self) -> None:
        self._under.flush()
