import gzip
import io

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifier.document import Document, Failure
from classifier.reading import Fields, find_sources, read_sources
from classifier.reading.records import bounded_lines


def texts(*sources, **options):
    read = list(read_sources([str(source) for source in sources], **options))
    return [item if isinstance(item, Failure) else [p.text for p in item.paragraphs] for item in read]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_sources_are_unpacked(tmp_path, suffix):
    path = tmp_path / f"a.jsonl{suffix}"
    content = b'{"text": "one\\ntwo"}\n' * 3
    packed = gzip.compress(content) + gzip.compress(content) if suffix == ".gz" else None
    if packed is None:
        frame = pa.compress(content, "zstd", asbytes=True)
        packed = frame + frame
    path.write_bytes(packed)
    assert texts(path) == [["one", "two"]] * 6


def test_gzip_bomb_is_refused_in_little_memory(tmp_path):
    for name in ("bomb.txt.gz", "bomb.jsonl.gz", "bomb.csv.gz"):
        with gzip.open(tmp_path / name, "wb", compresslevel=1) as file:
            file.write(b'text,id\n"' if "csv" in name else b"")
            for _ in range(40):
                file.write(b"a" * (1 << 20))
        (failure,) = texts(tmp_path / name, max_document_bytes=1 << 20)
        assert "larger" in failure.what


def test_record_after_an_overlong_one_is_still_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * 3000 + b'"}\n{"text": "short"}\n')
    failure, short = texts(path, max_document_bytes=1000)
    assert failure.where.endswith("a.jsonl:1")
    assert short == ["short"]


def test_bounded_lines_give_what_is_there():
    lines = bounded_lines(io.BytesIO(b"ab\n" + b"c" * 10 + b"\nd"), 5)
    assert list(lines) == [b"ab\n", None, b"d"]


def test_cut_off_gzip_is_a_failure_after_what_could_be_read(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(b'{"text": "%d"}\n' % n for n in range(50_000)))[:-2000])
    found = texts(path)
    assert found[0] == ["0"]
    assert "cut off" in found[-1].what


def test_csv_with_quotes_and_line_ends_in_cells(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes('\ufeffid,text\n7,"one\nsaid ""two"""\n8,three,surplus\n'.encode())
    first, second = read_sources([str(path)])
    assert (first.id, [p.text for p in first.paragraphs]) == ("7", ["one", 'said "two"'])
    assert second.id == "8"


def test_csv_without_the_column_says_what_it_has(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("key,body\n1,x\n")
    (failure,) = texts(path)
    assert "'key', 'body'" in failure.what
    assert texts(path, fields=Fields(text="body")) == [["x"]]


def test_parquet_rows(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [0, 2], "text": ["one\ntwo", None], "other": [1, 2]}), path)
    document, failure = read_sources([str(path)])
    assert document.id == "0"
    assert failure.where == f"{path}:2"
    path.write_bytes(b"PAR1 no parquet")
    (broken,) = texts(path)
    assert "not a readable Parquet file" in broken.what


def test_folder_with_link_loop_hidden_and_dead_files(tmp_path):
    inner = tmp_path / "b"
    inner.mkdir()
    (inner / "x.txt").write_text("inner")
    (tmp_path / "a.txt").write_text("outer")
    (tmp_path / ".hidden.txt").write_text("hidden")
    (tmp_path / "labels.jsonl").write_bytes(orjson.dumps({"id": "a", "paragraphs": []}))
    (inner / "loop").symlink_to(tmp_path)
    (tmp_path / "dead.txt").symlink_to(tmp_path / "gone")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    assert texts(tmp_path) == [["outer"], ["inner"]]
    assert texts(tmp_path / "**" / "*.txt")[0] == ["outer"]


def test_finding_parses_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"html": "<p>x"}\nbroken\n')
    monkeypatch.setattr("classifier.reading.records.read_html", None)
    places = [unread.where for unread in find_sources([str(path)])]
    assert places == [f"{path}:1", f"{path}:2"]


def test_record_of_any_shape_is_a_document_or_a_failure(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{}\n[]\n1\nnull\n{"text": 3}\n{"text": ""}\n{"id": 0, "text": "x"}\n{"paragraphs": [{}]}\n')
    read = list(read_sources([str(path)]))
    assert [type(item) for item in read] == [Failure] * 5 + [Document] * 2 + [Failure]
    assert read[6].id == "0"
