import csv
import gzip
import io
import pickle
import re

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifier.document import Document, Reason, ScoredParagraph
from classifier.labels import LABELS
from classifier.scoring import ScoredDocument
from classifier.writing import FORMATS, Sink, WriterOptions, open_writer

HOSTILE = '=cmd|" /C calc"!A0 \x1b[31mred\x1b]0;title\x07 <script>alert(1)</script> \u202eevil'


def scored_document(name="d1", text="A plain sentence."):
    paragraphs = []
    for number, label in enumerate(LABELS):
        shares = {other: 0.7 if other == label else 0.1 for other in LABELS}
        reasons = (Reason("S1", "no outlet named"),) if label == "suspect" else ()
        paragraphs.append(ScoredParagraph(name, number, f"{text} {number}", label, 0.7, shares, reasons))
    metadata = {"title": "T", "article": "story", "suspect": "judged"}
    return ScoredDocument(Document(name, [], metadata=metadata), paragraphs)


def written(name, *documents, **options):
    stream = io.BytesIO()
    writer = open_writer(name, stream, WriterOptions(**options))
    for document in documents:
        writer.write(document)
    writer.close()
    return stream.getvalue()


def test_jsonl_line_is_the_contract():
    lines = [orjson.loads(line) for line in written("jsonl", scored_document()).splitlines()]
    assert list(lines[3]) == [
        "document",
        "paragraph",
        "text",
        "label",
        "confidence",
        "probabilities",
        "reasons",
    ]
    assert lines[3]["reasons"] == [{"code": "S1", "text": "no outlet named"}]
    assert [line["label"] for line in lines] == list(LABELS)


def test_meta_is_there_when_asked_for():
    line = orjson.loads(written("jsonl", scored_document(), meta=True).splitlines()[0])
    assert line["meta"] == {
        "title": "T",
        "canonical": None,
        "date": None,
        "language": None,
        "article": "story",
        "suspect_judged": True,
    }


def test_lone_surrogate_is_still_valid_json():
    assert orjson.loads(written("jsonl", scored_document(name="a\udce9.txt")).splitlines()[0])["document"] == "a?.txt"


@pytest.mark.parametrize("name", ["jsonl", "csv", "text", "parquet", "html", "table"])
def test_keep_leaves_only_those_labels(name):
    out = written(name, scored_document(), keep=frozenset({"core"}))
    if name == "parquet":
        texts = pq.read_table(io.BytesIO(out)).column("text").to_pylist()
        assert texts == ["A plain sentence. 0"]
    else:
        assert b"sentence. 0" in out
        assert b"sentence. 1" not in out


def test_text_has_an_empty_line_between_documents():
    out = written("text", scored_document(), scored_document(), keep=frozenset({"core"}))
    assert out == b"A plain sentence. 0\n\nA plain sentence. 0\n"


def test_clean_article_has_a_long_paragraph_once_and_short_ones_as_often_as_they_come():
    long = "The council of the town voted on Tuesday night to rebuild the pier that the storm of last winter took away."
    texts = [long, "Vote!", long, "Vote!", long + " Again."]
    shares = dict.fromkeys(LABELS, 0.25)
    page = [ScoredParagraph("d", i, text, "core", 0.25, shares, ()) for i, text in enumerate(texts)]
    scored = ScoredDocument(Document("d", []), page)
    chosen = written("text", scored, scored, keep=frozenset({"core"})).decode()
    assert chosen.split("\n\n") == ["\n".join([long, "Vote!", "Vote!", long + " Again."]) + end for end in ("", "\n")]
    assert written("text", scored).decode().splitlines() == texts
    assert len(written("jsonl", scored, keep=frozenset({"core"})).splitlines()) == len(texts)


def test_csv_has_a_column_per_label_and_neutralises_on_demand():
    plain = list(csv.DictReader(io.StringIO(written("csv", scored_document(text=HOSTILE)).decode())))
    safe = list(csv.DictReader(io.StringIO(written("csv", scored_document(text=HOSTILE), safe_csv=True).decode())))
    assert plain[0]["text"] == f"{HOSTILE} 0"
    assert safe[0]["text"] == f"'{HOSTILE} 0"
    assert float(plain[0]["core"]) == 0.7
    assert plain[3]["reason_codes"] == "S1"


def test_parquet_is_typed_and_grouped(monkeypatch):
    monkeypatch.setattr("classifier.writing.parquet.ROWS_PER_GROUP", 3)
    file = pq.ParquetFile(io.BytesIO(written("parquet", scored_document("a"), scored_document("b"), meta=True)))
    assert file.num_row_groups == 3
    table = file.read()
    assert pa.types.is_dictionary(table.schema.field("label").type)
    assert table.column("label").to_pylist() == [*LABELS, *LABELS]
    assert table.column("probabilities").to_pylist()[1]["off-topic"] == 0.7
    assert table.column("reasons").to_pylist()[3] == [{"code": "S1", "text": "no outlet named"}]
    assert table.column("meta").to_pylist()[0]["suspect_judged"] is True


def test_parquet_of_nothing_is_a_file_with_columns():
    table = pq.read_table(io.BytesIO(written("parquet")))
    assert table.num_rows == 0
    assert "label" in table.column_names


def test_html_escapes_and_forbids_scripts():
    page = written("html", scored_document(text=HOSTILE)).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=", page)
    assert "no outlet named" in page
    for label in LABELS:
        assert f'class="paragraph {label}"' in page


def test_html_style_is_the_one_its_policy_allows():
    import base64
    import hashlib

    page = written("html").decode()
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    allowed = re.search(r"sha256-([^&']+)", page).group(1)
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() == allowed


def test_table_fits_eighty_columns_and_never_steers_the_terminal():
    out = written("table", scored_document(text=HOSTILE * 5)).decode()
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\u202e" not in out
    assert "4 paragraphs · 1 core · 1 off-topic · 1 chrome · 1 suspect" in out
    assert "no outlet named" in out


def test_table_in_colour_shows_only_its_own_escapes():
    out = written("table", scored_document(text=HOSTILE), colour=True).decode()
    assert "\x1b]0;" not in out
    assert re.search(r"\x1b\[[0-9;]*m.*suspect", out)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_write_nothing(name):
    assert isinstance(written(name), bytes)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_outputs_can_be_read_again(tmp_path, suffix):
    path = tmp_path / f"out.jsonl{suffix}"
    sink = Sink(path)
    for begin in (b"one\n", b"two\n"):
        sink.stream.write(begin)
        sink.checkpoint()
    sink.stream.write(b"three\n")
    assert not path.exists()
    sink.commit()
    content = gzip.decompress(path.read_bytes()) if suffix == ".gz" else pa.input_stream(path, "zstd").read()
    assert content == b"one\ntwo\nthree\n"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_parquet_row_groups_are_full_whatever_the_documents(monkeypatch):
    monkeypatch.setattr("classifier.writing.parquet.ROWS_PER_GROUP", 10)
    monkeypatch.setattr("classifier.writing.parquet.BATCHES_TOGETHER", 2)
    out = written("parquet", *(scored_document(f"d{i}") for i in range(8)))
    groups = pq.ParquetFile(io.BytesIO(out)).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [10, 10, 10, 2]
    names = pq.read_table(io.BytesIO(out)).column("document").to_pylist()
    assert names == [f"d{i}" for i in range(8) for _ in LABELS]


def test_parquet_of_documents_without_a_kept_row_is_whole_and_holds_nothing_back():
    writer = open_writer("parquet", stream := io.BytesIO(), WriterOptions(keep=frozenset({"none"})))
    for i in range(50):
        writer.write(scored_document(f"d{i}"))
    assert writer._waiting == []
    writer.close()
    assert pq.read_table(stream).num_rows == 0


def test_lone_surrogates_are_replaced_at_any_depth_in_parquet():
    scored = scored_document(name="a\udce9.txt")
    scored.document.metadata["title"] = "T\udce9"
    table = pq.read_table(io.BytesIO(written("parquet", scored, meta=True)))
    assert table.column("document")[0].as_py() == "a?.txt"
    assert table.column("meta")[0].as_py()["title"] == "T?"


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_worker_renders_can_be_sent_and_is_written_the_same(name):
    options = WriterOptions(meta=True)
    writer = open_writer(name, stream := io.BytesIO(), options)
    render = pickle.loads(pickle.dumps(type(writer).render))
    writer.add(pickle.loads(pickle.dumps(render(scored_document(), options))))
    writer.close()
    assert stream.getvalue() == written(name, scored_document(), meta=True)
