"""Crawl archives (ISO 28500): the HTML responses of a WARC file, through FastWARC (extra `warc`)."""

from collections.abc import Iterator
from typing import IO

from classifier.document import Document, Failure
from classifier.reading.html import read_html

_HTML_TYPES = ("text/html", "application/xhtml+xml")


def read_warc(file: IO[bytes], where: str) -> Iterator[Document | Failure]:
    """Read every successful HTML response; a document is named by its target address."""
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
        document = read_html(record.reader.read(), address, charset=record.http_charset)
        document.url = document.url or address
        yield document
