"""Sources that lie elsewhere: addresses such as `s3://bucket/crawl/*.warc.gz`, through fsspec (extra `cluster`)."""

from collections.abc import Callable, Iterator
from typing import IO, Any, cast

from classifier.document import Failure

_MAGIC = frozenset("*?[")


def is_address(name: str) -> bool:
    """Tell an address from a path of this machine."""
    return "://" in name


def open_address(name: str) -> IO[bytes]:
    """Open a file that lies elsewhere for reading.

    Raises
    ------
    OSError
        It is not there, may not be read, or cannot be reached.
    """
    system, path = _located(name)
    return cast(IO[bytes], system.open(path, "rb"))


def expand_address(source: str, wanted: Callable[[str], bool], missing: str) -> Iterator[str | Failure]:
    """Give the files that an address stands for, in sorted order: itself, the matches of a glob, or a folder's.

    Parameters
    ----------
    source : str
    wanted : callable
        Says by its name whether a file of a folder is a document.
    missing : str
        What to say of a folder without any.
    """
    try:
        system, path = _located(source)
        if _MAGIC & set(path) and not system.exists(path):
            found = [match for match in system.glob(path) if not system.isdir(match)]
            missing = "no file matches"
        elif system.isdir(path):
            found = [match for match in system.find(path) if wanted(match) and not _hidden(match[len(path) :])]
        else:
            yield source
            return
    except OSError as error:
        yield Failure(source, f"cannot be read ({error.strerror or error})", transient=True)
        return
    yield from (str(system.unstrip_protocol(match)) for match in sorted(found))
    if not found:
        yield Failure(source, missing)


def _hidden(path: str) -> bool:
    return any(part.startswith((".", "_")) for part in path.split("/"))


def _located(name: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra
    except ImportError:
        raise OSError("addresses need fsspec: pip install 'newsift[cluster]'") from None
    try:
        system, path = url_to_fs(name)
    except (ImportError, ValueError) as error:  # a protocol that needs a package, or that nobody knows
        raise OSError(str(error)) from None
    return system, path
