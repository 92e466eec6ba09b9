"""Crawl archives."""

import gzip
import io
import sys

import pytest

from classifier.document import Document, Failure
from classifier.reading.warc import read_warc

pytest.importorskip("fastwarc")


def record(kind: str, address: str, payload: bytes) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
    head += f"WARC-Record-ID: <urn:uuid:{abs(hash(address)):032x}>\r\n"
    head += f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(payload)}\r\n\r\n"
    return head.encode() + payload + b"\r\n\r\n"


def response(body: bytes, content_type: str = "text/html", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n\r\n".encode() + body


ARCHIVE = (
    record("request", "https://a.example/", b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
    + record("response", "https://a.example/1", response(b"<p>one</p>"))
    + record(
        "response",
        "https://a.example/2",
        response("<p>żółć</p>".encode("iso-8859-2"), "text/html; charset=iso-8859-2"),
    )
    + record("response", "https://a.example/3", response(b"{}", "application/json"))
    + record("response", "https://a.example/4", response(b"<p>gone</p>", status="404 Not Found"))
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_html_responses_are_documents_named_by_their_address(pack):
    documents = list(read_warc(io.BytesIO(pack(ARCHIVE)), "crawl.warc"))
    assert all(isinstance(document, Document) for document in documents)
    assert [document.id for document in documents] == ["https://a.example/1", "https://a.example/2"]
    assert documents[1].paragraphs[0].text == "żółć"
    assert documents[0].url == "https://a.example/1"


def test_archive_cut_in_the_middle_keeps_what_came_before():
    documents = list(read_warc(io.BytesIO(ARCHIVE[: ARCHIVE.index(b"https://a.example/2") + 200]), "crawl.warc"))
    assert documents[0].id == "https://a.example/1"


def test_empty_archive_has_no_documents():
    assert list(read_warc(io.BytesIO(b""), "crawl.warc")) == []


def test_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastwarc.warc", None)
    (failure,) = read_warc(io.BytesIO(ARCHIVE), "crawl.warc")
    assert isinstance(failure, Failure)
    assert "newsift[warc]" in str(failure)


def test_text_that_was_made_of_a_page_is_a_document_of_its_lines():
    """A WET file: text under the address of its page."""
    body = "Erste Zeile\n\nZweite Zeile: żółć\n".encode()
    head = "WARC/1.0\r\nWARC-Type: {}\r\nWARC-Target-URI: https://a.example/{}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
    head += "WARC-Record-ID: <urn:uuid:{:032x}>\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n"
    records = [
        head.format(kind, number, number, len(body)).encode() + body + b"\r\n\r\n"
        for number, kind in enumerate(("warcinfo", "conversion", "conversion"))
    ]
    documents = list(read_warc(io.BytesIO(gzip.compress(b"".join(records))), "crawl.wet.gz"))
    assert [document.id for document in documents] == ["https://a.example/1", "https://a.example/2"]
    assert [p.text for p in documents[0].paragraphs] == ["Erste Zeile", "Zweite Zeile: żółć"]
    assert documents[0].url == "https://a.example/1"
