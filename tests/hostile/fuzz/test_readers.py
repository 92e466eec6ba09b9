"""Fuzzing of every reader: whatever the bytes, out come documents and failures, never another error or a hang.

Half of the inputs are damaged copies of good files, which get past the first check; half are made of the pieces
that the format is sensitive to. `make fuzz` runs the same for longer.
"""

import gzip
import io
import zipfile

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import storage
from classifier.document import Document, Failure
from classifier.errors import NewsiftError
from classifier.reading import read_sources
from classifier.reading.sources import INPUT_FORMATS

from .conftest import PROFILE

PAGE = (
    b"<!doctype html><html lang=en><head><meta charset=utf-8><title>T</title><link rel=canonical href=/a>"
    b'<meta property="og:title" content="T"><script type="application/ld+json">{"@graph": [{"headline": "H"}]}</script>'
    b"</head><body><nav><ul><li><a href=/>Home</a></ul></nav><main><h1>T</h1><p class='story lead'>One <b>two</b>."
    b"<p>Three<table><tr><td>1<td>2</table><pre>a\nb</pre><select><option>x</select>"
    b"<template><p>no</template></main></body></html>"
)
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + PAGE
WARC = b"".join(
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/%d\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
    b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000%d>\r\n"
    b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
    % (n, n, len(RESPONSE))
    + RESPONSE
    + b"\r\n\r\n"
    for n in range(2)
)
JSONL = (
    b'{"id": 1, "text": "one\\ntwo", "url": "u"}\n{"html": "<p>x", "story": "s"}\n'
    b'{"paragraphs": [{"text": "a"}, "b"]}\n'
)
CSV = b'id,text,html\n1,"one\nsaid ""two""",\n2,,<p>three\n'
TEXT = "A headline\r\n\r\n  “Words”, żółć\u2028 \x00 said\ufeff\n".encode()


def parquet() -> bytes:
    stream = io.BytesIO()
    rows = {"id": [1, 2, None], "text": ["one\ntwo", None, ""], "html": [None, "<p>x", None]}
    pq.write_table(pa.table(rows), stream)
    return stream.getvalue()


GOOD = {"text": TEXT, "html": PAGE, "jsonl": JSONL, "csv": CSV, "parquet": parquet(), "warc": WARC}
PIECES = {
    "text": [
        b"\r",
        b"\n",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\0",
        b"\x1b[31m",
        b"\xc5",
        b"\xe2\x80\xa8",
        b"<html",
    ],
    "html": [
        b"<",
        b">",
        b"</",
        b"<!--",
        b"-->",
        b"<script>",
        b"<style>",
        b"<svg>",
        b"<math>",
        b"<table>",
        b"<tr>",
        b"<template>",
        b"<frameset>",
        b"<plaintext>",
        b"<select><option>",
        b"<p hidden>",
        b'<a href="',
        b"'",
        b"&#x110000;",
        b"&#0;",
        b"&amp",
        b"<![CDATA[",
        b"<meta charset=utf-7>",
        b"<meta charset=base64>",
        b"<body>",
        b"</html>",
        b"<base href=//>",
        b"<noscript>",
        b"<dialog open>",
        b"<details>",
        b"\xed\xa0\x80",
        b"<html lang=x>",
        b"<script type=application/ld+json>[[[{",
    ],
    "jsonl": [
        b"{",
        b"}",
        b'"',
        b'{"text":',
        b"[" * 2000,
        b"1e999",
        b"null",
        b"\n",
        b"\\ud800",
        b'{"text": "\\ud800"}',
        b'"id": {}',
        b'{"paragraphs": [1]}',
        b'{"html": 1, "text": "x"}',
        b"NaN",
        b'{"text": "x", "story": [1]}',
    ],
    "csv": [b"text", b"html", b",", b'"', b"\n", b"\r", b"\r\n", b"text,text\n", b"\xff", b"\0", b"text\n\n\n"],
    "parquet": [b"PAR1", b"\x15\x00", b"\xff\xff\xff\x7f", b"\0\0\0\0"],
    "warc": [
        b"WARC/1.0\r\n",
        b"WARC-Type: response\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"\r\n\r\n",
        b"Content-Type: application/http\r\n",
        RESPONSE,
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 9e9\r\n",
        b"Content-Type: text/html; charset=\xff\r\n",
        b"WARC-Target-URI: \xff\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: gzip\r\n",
    ],
}


@st.composite
def damaged(draw: st.DrawFn, good: bytes, pieces: list[bytes]) -> bytes:
    """A good file with some bytes changed, taken out, doubled or put in."""
    content = bytearray(good)
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.integers(0, 40)))
        kind = draw(st.sampled_from(("change", "cut", "double", "insert")))
        if kind == "change":
            content[begin:end] = draw(st.binary(min_size=end - begin, max_size=end - begin))
        elif kind == "cut":
            del content[begin:end]
        elif kind == "double":
            content[begin:begin] = content[begin:end] * draw(st.integers(1, 50))
        else:
            content[begin:begin] = draw(st.sampled_from(pieces) if pieces else st.binary(max_size=20))
    return bytes(content)


def inputs(kind: str) -> st.SearchStrategy[bytes]:
    pieces = st.lists(st.one_of(st.sampled_from(PIECES[kind]), st.binary(max_size=8)), max_size=60).map(b"".join)
    return st.one_of(damaged(GOOD[kind], PIECES[kind]), pieces)


def check(found: list[Document | Failure]) -> None:
    for item in found:
        assert isinstance(item, Document | Failure)
        if isinstance(item, Failure):
            assert item.what
            assert "\n" not in item.what
            assert "please report" not in item.what
        else:
            assert all(isinstance(p.text, str) and "\0" not in p.text for p in item.paragraphs)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_any_bytes_are_documents_or_failures(kind, tmp_path, watchdog):
    if kind == "warc":
        pytest.importorskip("fastwarc")
    path = tmp_path / f"input.{'txt' if kind == 'text' else kind}"
    path.write_bytes(GOOD[kind])
    assert any(isinstance(item, Document) and item.paragraphs for item in read_sources([str(path)], kind))

    @settings(PROFILE)
    @given(content=inputs(kind), pack=st.sampled_from((bytes, bytes, gzip.compress)))
    def fuzz(content, pack):
        watchdog()
        path.write_bytes(pack(content))
        check(list(read_sources([str(path)], kind, max_document_bytes=1 << 20)))

    fuzz()


@pytest.mark.parametrize("suffix", [".gz", ".zst", ""])
def test_any_bytes_under_any_name(suffix, tmp_path, watchdog):
    path = tmp_path / f"input{suffix}"
    packed = {".gz": gzip.compress(JSONL), ".zst": pa.compress(JSONL, "zstd", asbytes=True), "": JSONL}[suffix]
    start = {".gz": b"\x1f\x8b", ".zst": b"\x28\xb5\x2f\xfd", "": b""}[suffix]
    garbage = st.binary(max_size=300).map(lambda tail: start + tail)

    @settings(PROFILE)
    @given(content=st.one_of(damaged(packed, []), garbage), kind=st.sampled_from(INPUT_FORMATS))
    def fuzz(content, kind):
        watchdog()
        path.write_bytes(content)
        check(list(read_sources([str(path)], kind, max_document_bytes=1 << 20)))

    fuzz()


# -- models --------------------------------------------------------------------------------------------

_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.text(max_size=4), st.sampled_from(["os", "system"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)


def load(path) -> None:
    try:
        storage.load_model(path)
    except NewsiftError as error:
        assert "\n" not in str(error)


def places(node: object) -> list[tuple[object, object]]:
    """Every place of a JSON tree where another value can be put: its holder, and the key in that."""
    found: list[tuple[object, object]] = []
    waiting = [node]
    while waiting:
        item = waiting.pop()
        keys = item.keys() if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        for key in keys:
            found.append((item, key))
            waiting.append(item[key])
    return found


def test_any_bytes_are_a_model_or_an_error_in_one_sentence(tmp_path, model_path, watchdog):
    whole = model_path.read_bytes()
    path = tmp_path / "model.skops"

    @settings(PROFILE)
    @given(content=st.one_of(damaged(whole, [b"PK\x03\x04", b"PK\x01\x02"]), st.binary(max_size=100)))
    def fuzz(content):
        watchdog()
        path.write_bytes(content)
        load(path)

    fuzz()


def test_any_content_under_a_digest_that_fits_is_a_model_or_an_error(tmp_path, model_path, watchdog):
    with zipfile.ZipFile(model_path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = members[storage.SCHEMA]
    card = orjson.loads(members[storage.CARD])
    arrays = sorted(name for name in members if name.endswith(".npy"))
    count = len(places(orjson.loads(schema)))
    path = tmp_path / "model.skops"

    @settings(PROFILE)
    @given(data=st.data())
    def fuzz(data):
        watchdog()
        changed = dict(members)
        if data.draw(st.booleans()):
            tree = orjson.loads(schema)
            holder, key = places(tree)[data.draw(st.integers(0, count - 1))]
            holder[key] = data.draw(_JSON)
            changed[storage.SCHEMA] = orjson.dumps(tree)
        else:
            name = data.draw(st.sampled_from(arrays))
            other = data.draw(st.sampled_from(arrays))
            changed[name] = data.draw(st.one_of(st.just(members[other]), damaged(members[name], [])))
        card["digest"] = storage._digest(changed)
        changed[storage.CARD] = orjson.dumps(card)
        path.write_bytes(storage._zipped(changed))
        load(path)

    fuzz()
