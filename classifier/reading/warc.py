"""Crawl archives (ISO 28500): the HTML responses of a WARC file, through FastWARC (extra `warc`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

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
    for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
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
