"""Crawl archives (ISO 28500): the HTML responses of a WARC file, through FastWARC (extra `warc`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from classifier.document import Document, Failure
from classifier.reading.html import read_html

_HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(slots=True, frozen=True)
class UnreadResponse:
    """A page that is cut out of its archive, but not yet parsed."""

    where: str
    content: bytes
    charset: str | None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    def read(self) -> Document | Failure:
        """Parse the page; its document is named by its target address."""
        document = read_html(self.content, self.where, charset=self.charset)
        document.url = document.url or self.where
        return document


def read_warc(file: IO[bytes], where: str, limit: int) -> Iterator[UnreadResponse | Failure]:
    """Cut every successful HTML response out of an archive; one of more than `limit` bytes is never held in memory."""
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - an extra
    except ImportError:
        yield Failure(where, "reading WARC needs FastWARC: pip install 'newsift[warc]'")
        return
    stream = _Forward(file)
    for record in ArchiveIterator(cast(BinaryIO, stream), record_types=WarcRecordType.response, parse_http=True):
        if record.http_headers is None or record.http_headers.status_code != 200:
            continue
        if record.http_content_type not in _HTML_TYPES:
            continue
        address = record.headers.get("WARC-Target-URI") or f"{where}:{record.record_id}"
        content = record.reader.read(limit + 1)
        if len(content) > limit:
            yield Failure(address, f"the page is larger than {limit >> 20} MB; raise --max-document-mb to read it")
        else:
            yield UnreadResponse(address, content, record.http_charset)
    if stream.error is not None:
        raise stream.error


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
