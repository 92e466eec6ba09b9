"""Crawl archives."""

import gzip
import io
import sys
import tracemalloc

import pyarrow as pa
import pytest

from classifier.document import Document, Failure
from classifier.reading import read_sources
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


def documents_of(archive: bytes) -> list[Document]:
    return [unread.read() for unread in read_warc(io.BytesIO(archive), "crawl.warc", 1 << 20)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_html_responses_are_documents_named_by_their_address(pack):
    documents = documents_of(pack(ARCHIVE))
    assert all(isinstance(document, Document) for document in documents)
    assert [document.id for document in documents] == ["https://a.example/1", "https://a.example/2"]
    assert documents[1].paragraphs[0].text == "żółć"
    assert documents[0].url == "https://a.example/1"


def test_archive_cut_in_the_middle_keeps_what_came_before():
    documents = documents_of(ARCHIVE[: ARCHIVE.index(b"https://a.example/2") + 200])
    assert documents[0].id == "https://a.example/1"


def test_empty_archive_has_no_documents():
    assert documents_of(b"") == []


def test_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastwarc.warc", None)
    (failure,) = read_warc(io.BytesIO(ARCHIVE), "crawl.warc", 1 << 20)
    assert isinstance(failure, Failure)
    assert "newsift[warc]" in str(failure)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_page_beyond_the_limit_is_a_failure_in_its_place_and_never_in_memory(tmp_path, pack):
    path = tmp_path / "crawl.warc"
    large = record("response", "https://a.example/large", response(b"<p>" + b"a" * (30 << 20)))
    path.write_bytes(pack(ARCHIVE + large + ARCHIVE))
    del large
    tracemalloc.start()
    found = list(read_sources([str(path)], max_document_bytes=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [isinstance(item, Failure) for item in found] == [False, False, True, False, False]
    assert str(found[2]).startswith("https://a.example/large: the page is larger than 1 MB")
    assert peak < 8 << 20


def test_archives_of_every_packing_and_broken_ones(tmp_path):
    path = tmp_path / "crawl.warc.zst"
    path.write_bytes(pa.compress(ARCHIVE, "zstd", asbytes=True))
    assert [item.id for item in read_sources([str(path)])] == ["https://a.example/1", "https://a.example/2"]
    path.write_bytes(b"\x28\xb5\x2f\xfd broken")
    (failure,) = read_sources([str(path)])
    assert isinstance(failure, Failure)
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(gzip.compress(ARCHIVE * 50)[:-40])
    *documents, failure = read_sources([str(path)])
    assert documents[0].id == "https://a.example/1"
    assert "broken or cut off" in failure.what


def test_text_that_was_made_of_a_page_is_a_document_of_its_lines():
    """A WET file: text under the address of its page."""
    body = "Erste Zeile\n\nZweite Zeile: żółć\n".encode()
    head = "WARC/1.0\r\nWARC-Type: {}\r\nWARC-Target-URI: https://a.example/{}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
    head += "WARC-Record-ID: <urn:uuid:{:032x}>\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n"
    records = [
        head.format(kind, number, number, len(body)).encode() + body + b"\r\n\r\n"
        for number, kind in enumerate(("warcinfo", "conversion", "conversion"))
    ]
    unread = list(read_warc(io.BytesIO(gzip.compress(b"".join(records))), "crawl.wet.gz", 1 << 20))
    documents = [item.read() for item in unread]
    assert [document.id for document in documents] == ["https://a.example/1", "https://a.example/2"]
    assert [p.text for p in documents[0].paragraphs] == ["Erste Zeile", "Zweite Zeile: żółć"]
    assert documents[0].url == "https://a.example/1"
