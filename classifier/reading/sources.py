"""Sources as people name them: which files there are, what is in each, and the reader for it.

Reading has two halves. `find_sources` cuts files into unread documents, which is cheap and must happen in
order; their `read` parses one, which is dear and may happen anywhere (`scoring` does it in its workers).
"""

import glob
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Protocol, cast

import orjson

from classifier.document import Document, Failure
from classifier.reading.encoding import binary_kind
from classifier.reading.html import read_html
from classifier.reading.meter import MAX_COUNTED_FILES, Meter, size_of
from classifier.reading.records import Fields, csv_records, jsonl_records, parquet_records
from classifier.reading.remote import expand_address, is_address, open_address
from classifier.reading.text import read_text

INPUT_FORMATS: Final = ("auto", "text", "html", "jsonl", "csv", "parquet", "warc")
_BY_SUFFIX: Final = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
}
_NO_DOCUMENT: Final = "the folder has no readable file (.txt, .html, .jsonl, .csv, .parquet, .warc)"
_SNIFFED_BYTES: Final = 4096
#: A single page, text or record beyond this is refused, also when it was compressed: memory is bounded by it.
MAX_DOCUMENT_BYTES: Final = 64 << 20
_GZIP, _ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class Unread(Protocol):
    """A document that is found, but not yet parsed."""

    @property
    def where(self) -> str:
        """File, and line or row in it."""

    @property
    def size(self) -> int:
        """Bytes, about."""

    def read(self) -> Document | Failure:
        """Parse it."""


@dataclass(slots=True, frozen=True)
class UnreadFile:
    """A text or page that fills a file of its own."""

    where: str
    content: bytes
    kind: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    def read(self) -> Document | Failure:
        """Parse the text or page."""
        reader = read_html if self.kind == "html" else read_text
        return reader(self.content, self.where)


@dataclass(slots=True, frozen=True)
class Ready:
    """A document that needs no reading any more, where an unread one is expected."""

    document: Document

    @property
    def where(self) -> str:
        """Name of the document."""
        return self.document.id

    @property
    def size(self) -> int:
        """Characters."""
        return sum(len(paragraph.text) for paragraph in self.document.paragraphs)

    def read(self) -> Document | Failure:
        """Give the document."""
        return self.document


def read_sources(
    sources: Iterable[str],
    input_format: str = "auto",
    fields: Fields | None = None,
    max_document_bytes: int = MAX_DOCUMENT_BYTES,
) -> Iterator[Document | Failure]:
    """Read every source in turn; what cannot be read comes out as a `Failure` in its place.

    Parameters
    ----------
    sources : iterable of str
        Files, folders (searched in sorted order), globs, addresses of those (`s3://...`), or `-` for standard input.
    input_format : str
        One of `INPUT_FORMATS`; `auto` goes by suffix (also under `.gz` and `.zst`), then by content.
    fields : Fields, optional
        The field names of records.
    max_document_bytes : int
        Size of one unpacked document beyond which it is a `Failure`.
    """
    for found in find_sources(sources, input_format, fields, max_document_bytes):
        yield found if isinstance(found, Failure) else found.read()


def find_sources(
    sources: Iterable[str],
    input_format: str = "auto",
    fields: Fields | None = None,
    max_document_bytes: int = MAX_DOCUMENT_BYTES,
    meter: Meter | None = None,
) -> Iterator[Unread | Failure]:
    """Find the documents of every source, in order, without parsing them.

    Parameters are as in `read_sources`; `meter` is told how far it has come.
    """
    fields = fields or Fields()
    meter = meter or Meter(None)
    for source in sources:
        for name in expand(source):
            if isinstance(name, Failure):
                yield name
            else:
                yield from _find_in_file(name, input_format, fields, max_document_bytes, meter)
                meter.end()


def total_bytes(sources: Iterable[str]) -> int | None:
    """Sum the sizes of the files that sources stand for; None where that is not known, or not quickly."""
    total = count = 0
    for source in sources:
        if source == "-" or is_address(source):
            return None
        for name in expand(source):
            size = 0 if isinstance(name, Failure) else size_of(name)
            count += 1
            if size is None or count > MAX_COUNTED_FILES:
                return None
            total += size
    return total


def expand(source: str) -> Iterator[str | Failure]:
    """Give the files that a source as people name it stands for, in order."""
    if source == "-":
        yield source
    elif is_address(source):
        yield from expand_address(source, lambda name: _format_of_name(name) is not None, _NO_DOCUMENT)
    elif Path(source).is_dir():
        yield from _walk(source)
    elif glob.has_magic(source) and not Path(source).exists():
        matches = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not matches:
            yield Failure(source, "no file matches")
        for match in matches:
            # `**` names a folder and also what is in it: the files are enough.
            if not Path(match).is_dir():
                yield match
    else:
        yield source


def _walk(folder: str) -> Iterator[str | Failure]:
    """Documents of a folder in sorted order, without following links to folders: they may form a loop."""
    empty = True
    refused: list[Failure] = []

    def refuse(error: OSError) -> None:
        refused.append(Failure(str(error.filename), f"the folder cannot be read ({error.strerror})"))

    for here, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(here, name)
            if _is_document(file):
                empty = False
                yield str(file)
        while refused:
            empty = False
            yield refused.pop()
    yield from refused
    if empty and not refused:
        yield Failure(folder, _NO_DOCUMENT)


def _is_document(file: Path) -> bool:
    """Tell whether a file in a folder is to be scored: by suffix, not hidden, not labelled data."""
    if file.name.startswith(".") or _format_of_name(file.name) is None:
        return False
    if file.is_symlink() and not file.exists():
        return False
    return file.is_file() and not (file.suffix == ".jsonl" and _is_labelled(file))


def _is_labelled(file: Path) -> bool:
    """Labelled data holds paragraphs, not a scrape; in a folder it lies beside the scrapes it labels."""
    try:
        with file.open("rb") as lines:
            record = orjson.loads(lines.readline(1 << 24))
    except (OSError, orjson.JSONDecodeError):
        return False
    return isinstance(record, dict) and "paragraphs" in record and not {"text", "html"} & set(record)


def _format_of_name(name: str) -> str | None:
    suffixes = [suffix.lower() for suffix in Path(name).suffixes[-2:]]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        suffixes.pop()
    return _BY_SUFFIX.get(suffixes[-1]) if suffixes else None


def _find_in_file(name: str, input_format: str, fields: Fields, limit: int, meter: Meter) -> Iterator[Unread | Failure]:
    try:
        with _open(name, meter) as file:
            head = file.peek(_SNIFFED_BYTES)[:_SNIFFED_BYTES]
            kind = input_format
            if kind == "auto":
                kind = _format_of_name(name) or _sniff(head)
            binary = None if kind in ("parquet", "warc") else binary_kind(head)
            if binary:
                yield Failure(name, f"is {binary}, not text; newsift reads text, HTML and records")
                return
            yield from _find_in_open(file, name, kind, fields, limit, meter)
    except FileNotFoundError:
        yield Failure(name, "no such file; check the path")
    except PermissionError:
        yield Failure(name, "may not be read (permission denied)")
    except (gzip.BadGzipFile, zlib.error, EOFError):
        yield Failure(name, "the compressed file is broken or cut off")
    except OSError as error:
        yield Failure(name, f"cannot be read ({error.strerror or error})", transient=True)


def _open(name: str, meter: Meter) -> io.BufferedReader:
    raw: Any = sys.stdin.buffer if name == "-" else _opened(name)
    buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)
    meter.begin(name, buffered.tell)
    magic = buffered.peek(4)[:4]
    if magic.startswith(_GZIP):
        return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=buffered)))
    if magic == _ZSTANDARD:
        import pyarrow as pa  # noqa: PLC0415 - start-up; it brings the decompressor along

        return io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(buffered, mode="r"), "zstd"))
    return buffered


def _opened(name: str) -> IO[bytes]:
    return open_address(name) if is_address(name) else Path(name).open("rb")


def _sniff(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024].lower()
    if start.startswith(b"par1"):
        return "parquet"
    if start.startswith(b"warc/"):
        return "warc"
    if start.startswith(b"{"):
        first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
        if first.rstrip().endswith(b"}") or b'":' in first[:200]:
            return "jsonl"
    return "html" if looks_like_html(start) else "text"


def looks_like_html(start: bytes) -> bool:
    """Tell a page from a text by its first kilobyte, in lower case."""
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in start


def _find_in_open(  # noqa: PLR0917 - one caller
    file: io.BufferedReader, name: str, kind: str, fields: Fields, limit: int, meter: Meter
) -> Iterator[Unread | Failure]:
    if kind == "jsonl":
        yield from jsonl_records(file, name, fields, limit)
    elif kind == "csv":
        yield from csv_records(file, name, fields, limit)
    elif kind == "parquet":
        if name == "-":
            yield Failure(name, "Parquet cannot be read from standard input; give the file")
        else:
            where = cast(IO[bytes], file) if is_address(name) else Path(name)
            yield from parquet_records(where, name, fields, meter)
    elif kind == "warc":
        from classifier.reading.warc import read_warc  # noqa: PLC0415 - an extra

        yield from read_warc(cast(IO[bytes], file), name, limit)
    else:
        raw = file.read(limit + 1)
        if len(raw) > limit:
            yield Failure(name, f"is larger than {limit >> 20} MB for one document; raise --max-document-mb to read it")
        else:
            yield UnreadFile(name, raw, kind)
