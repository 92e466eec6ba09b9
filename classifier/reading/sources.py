"""Sources as people name them: which files there are, what is in each, and the reader for it."""

import glob
import gzip
import io
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

import orjson

from classifier.document import Document, Failure
from classifier.reading.encoding import binary_kind
from classifier.reading.html import read_html
from classifier.reading.records import Fields, read_csv, read_jsonl, read_parquet
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
}
_SNIFFED_BYTES: Final = 4096
#: A single page or text beyond this is refused: no article is that large, and memory is bounded by it.
MAX_DOCUMENT_BYTES: Final = 256 << 20


def read_sources(
    sources: Iterable[str], input_format: str = "auto", fields: Fields | None = None
) -> Iterator[Document | Failure]:
    """Read every source in turn; what cannot be read comes out as a `Failure` in its place.

    Parameters
    ----------
    sources : iterable of str
        Files, folders (searched in sorted order), globs, or `-` for standard input.
    input_format : str
        One of `INPUT_FORMATS`; `auto` goes by suffix (also under `.gz`), then by content.
    fields : Fields, optional
        The field names of records.
    """
    fields = fields or Fields()
    for source in sources:
        for name in _expand(source):
            if isinstance(name, Failure):
                yield name
            else:
                yield from _read_file(name, input_format, fields)


def _expand(source: str) -> Iterator[str | Failure]:
    if source == "-":
        yield source
        return
    path = Path(source)
    if path.is_dir():
        found = [str(file) for file in sorted(path.rglob("*")) if _is_document(file, path)]
        yield from found or [Failure(source, "the folder has no readable file (.txt, .html, .jsonl, .csv, .parquet)")]
    elif not path.exists() and glob.has_magic(source):
        found = sorted(glob.glob(source, recursive=True))
        yield from found or [Failure(source, "no file matches")]
    else:
        yield source


def _is_document(file: Path, folder: Path) -> bool:
    """Tell whether a file in a folder is to be scored: by suffix, not hidden, not labelled data."""
    if any(part.startswith(".") for part in file.relative_to(folder).parts) or not file.is_file():
        return False
    if _format_of_name(file.name) is None:
        return False
    return not (file.suffix == ".jsonl" and _is_labelled(file))


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


def _read_file(name: str, input_format: str, fields: Fields) -> Iterator[Document | Failure]:
    try:
        with _open(name) as file:
            head = file.peek(_SNIFFED_BYTES)[:_SNIFFED_BYTES] if isinstance(file, io.BufferedReader) else b""
            kind = input_format
            if kind == "auto":
                kind = _format_of_name(name) or _sniff(head)
            binary = None if kind in ("parquet", "warc") else binary_kind(head)
            if binary:
                yield Failure(name, f"is {binary}, not text; newsift reads text, HTML and records")
                return
            yield from _read_open(file, name, kind, fields)
    except FileNotFoundError:
        yield Failure(name, "no such file; check the path")
    except PermissionError:
        yield Failure(name, "may not be read (permission denied)")
    except (gzip.BadGzipFile, zlib.error, EOFError):
        yield Failure(name, "the compressed file is broken or cut off")
    except OSError as error:
        yield Failure(name, f"cannot be read ({error.strerror or error})")


def _open(name: str) -> io.BufferedReader:
    raw = sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115 - the caller closes it
    buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
    if buffered.peek(2)[:2] == b"\x1f\x8b":
        return io.BufferedReader(gzip.GzipFile(fileobj=buffered))  # type: ignore[arg-type]
    return buffered


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
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in start:
        return "html"
    return "text"


def _read_open(file: IO[bytes], name: str, kind: str, fields: Fields) -> Iterator[Document | Failure]:
    if kind == "jsonl":
        yield from read_jsonl(file, name, fields)
    elif kind == "csv":
        yield from read_csv(file, name, fields)
    elif kind == "parquet":
        yield from read_parquet(Path(name), name, fields)
    elif kind == "warc":
        from classifier.reading.warc import read_warc  # noqa: PLC0415 - an extra

        yield from read_warc(file, name)
    else:
        raw = file.read(MAX_DOCUMENT_BYTES + 1)
        if len(raw) > MAX_DOCUMENT_BYTES:
            yield Failure(name, f"is larger than {MAX_DOCUMENT_BYTES >> 20} MB for one document; split it or use JSONL")
        elif kind == "html":
            yield read_html(raw, name)
        else:
            yield read_text(raw, name)
