"""Crawl archives (ISO 28500): the HTML of a WARC file, the text of a WET file, through FastWARC (extra `warc`)."""

from collections.abc import Iterator
from typing import IO, Any

from classifier.document import Document, Failure
from classifier.reading.html import read_html
from classifier.reading.text import read_text

_HTML_TYPES = ("text/html", "application/xhtml+xml")


def read_warc(file: IO[bytes], where: str) -> Iterator[Document | Failure]:
    """Read every successful HTML response, and every conversion to text; a document is named by its target address."""
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - an extra
    except ImportError:
        yield Failure(where, "reading WARC needs FastWARC: pip install 'newsift[warc]'")
        return
    wanted = WarcRecordType.response | WarcRecordType.conversion
    for record in ArchiveIterator(file, record_types=wanted, parse_http=True):
        if record.record_type == WarcRecordType.conversion:
            yield _converted(record, where)
            continue
        if record.http_headers is None or record.http_headers.status_code != 200:
            continue
        if record.http_content_type not in _HTML_TYPES:
            continue
        address = record.headers.get("WARC-Target-URI") or f"{where}:{record.record_id}"
        document = read_html(record.reader.read(), address, charset=record.http_charset)
        document.url = document.url or address
        yield document


def _converted(record: Any, where: str) -> Document:
    """Read what somebody else made of a page: one paragraph a line."""
    address = record.headers.get("WARC-Target-URI") or f"{where}:{record.record_id}"
    document = read_text(record.reader.read(), address)
    document.url = address
    return document
