"""Crawl archives (ISO 28500): the HTML of a WARC file, the text of a WET file, through FastWARC (extra `warc`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from classifier.document import Document, Failure
from classifier.reading.html import read_html
from classifier.reading.text import read_text

_HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(slots=True, frozen=True)
class UnreadCapture:
    """A page, or the text that somebody made of one (WET), cut out of its archive but not yet parsed."""

    where: str
    content: bytes
    charset: str | None
    is_text: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    def read(self) -> Document | Failure:
        """Parse it; its document is named by its target address."""
        if self.is_text:
            document = read_text(self.content, self.where)
        else:
            document = read_html(self.content, self.where, charset=self.charset)
        document.url = document.url or self.where
        return document


def read_warc(file: IO[bytes], where: str, limit: int) -> Iterator[UnreadCapture | Failure]:
    """Cut every successful HTML response and every conversion to text out of an archive.

    One of more than `limit` bytes is a failure in its place, and never held in memory.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - an extra
    except ImportError:
        yield Failure(where, "reading WARC needs FastWARC: pip install 'newsift[warc]'")
        return
    stream = _Forward(file)
    wanted = WarcRecordType.response | WarcRecordType.conversion
    for record in ArchiveIterator(cast(BinaryIO, stream), record_types=wanted, parse_http=True):
        is_text = record.record_type == WarcRecordType.conversion
        if not is_text and not _is_page(record):
            continue
        address = record.headers.get("WARC-Target-URI") or f"{where}:{record.record_id}"
        content = record.reader.read(limit + 1)
        if len(content) > limit:
            yield Failure(address, f"the page is larger than {limit >> 20} MB; raise --max-document-mb to read it")
        else:
            yield UnreadCapture(address, content, None if is_text else record.http_charset, is_text)
    if stream.error is not None:
        raise stream.error


def _is_page(record: Any) -> bool:
    """Whether a response is a page of HTML that was served."""
    headers = record.http_headers
    return headers is not None and headers.status_code == 200 and record.http_content_type in _HTML_TYPES


class _Forward:
    """A stream that is only read forward, and ends where it breaks: FastWARC panics when it is told of an error."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._position = 0
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        if self.error is not None:
            return b""
        try:
            piece = self._file.read(size)
        except Exception as error:
            self.error = error
            return b""
        self._position += len(piece)
        return piece

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """Leave the file to whoever opened it."""
