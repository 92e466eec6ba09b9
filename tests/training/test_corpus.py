import orjson
import pytest

from classifier.document import Gold
from training.corpus import (
    CorpusError,
    golds_of,
    label_counts,
    labelled_document,
    labelled_files,
    labelled_record,
    read_labelled,
)


@pytest.fixture
def write(tmp_path):
    def call(*records, name="data.jsonl"):
        path = tmp_path / name
        path.write_bytes(b"\n".join(r if isinstance(r, bytes) else orjson.dumps(r) for r in records) + b"\n")
        return path

    return call


def one(**paragraph):
    return {"id": "d", "source": "s.com", "paragraphs": [{"text": "A line", "label": "core"} | paragraph]}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"{not json", "not a JSON record"),
        (b"[1, 2]", "needs a list 'paragraphs'"),
        (b'"text"', "needs a list 'paragraphs'"),
        ({"id": "d"}, "needs a list 'paragraphs'"),
        ({"id": "d", "paragraphs": {"text": "x"}}, "needs a list 'paragraphs'"),
        ({"paragraphs": ["x"]}, "paragraph 0: needs a 'text'"),
        ({"paragraphs": [{"label": "core"}]}, "paragraph 0: needs a 'text'"),
        (one(text=7), "paragraph 0: needs a 'text'"),
        (one(label="news"), "unknown label 'news'; the labels are core, off-topic, chrome, suspect"),
        (one(label=None), "unknown label None"),
        (one(also=["good"]), "unknown label 'good'"),
        (one(label="suspect", reason="S9"), "reason 'S9' must be one of S1, S2, S3"),
        (one(label="core", reason="S1"), "reason 'S1' must be one of S1, S2, S3, on a suspect paragraph"),
    ],
)
def test_every_error_is_a_sentence_with_file_and_line(write, record, said):
    path = write(one(), b"", record, one())
    with pytest.raises(CorpusError) as caught:
        read_labelled([path])
    message = str(caught.value)
    assert message.startswith(f"{path}:3")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize("wrong", [{"also": 5}, {"label": "suspect", "reason": ["S1"]}])
def test_fields_of_a_wrong_type_are_errors_too(write, wrong):
    path = write(one(**wrong))
    with pytest.raises(CorpusError, match=f"{path}:1, paragraph 0"):
        read_labelled([path])


def test_the_paragraph_that_is_wrong_is_named(write):
    record = one()
    record["paragraphs"].append({"text": "Second", "label": "nonsense"})
    with pytest.raises(CorpusError, match="paragraph 1: unknown label 'nonsense'"):
        read_labelled([write(record)])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"missing\.jsonl: no such file of labelled data"):
        read_labelled([tmp_path / "missing.jsonl"])


def test_files_without_documents_are_named(write, tmp_path):
    path = write(b"", b"  ")
    with pytest.raises(CorpusError, match=r"data\.jsonl: no labelled document found"):
        read_labelled([path])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CorpusError, match="empty: no labelled document found"):
        read_labelled([empty])
    with pytest.raises(CorpusError, match="no labelled document found"):
        read_labelled([])


def test_bytes_that_are_no_utf8_are_an_error_with_a_line(write):
    path = write(one(), b'{"paragraphs": [{"text": "\xff\xfe", "label": "core"}]}')
    with pytest.raises(CorpusError) as caught:
        read_labelled([path])
    assert str(caught.value).startswith(f"{path}:2")


def test_folders_give_their_jsonl_files_in_order(write, tmp_path):
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        write(one() | {"id": name}, name=name)
    assert [path.name for path in labelled_files(tmp_path)] == ["a.jsonl", "b.jsonl"]
    assert [document.id for document in read_labelled([tmp_path])] == ["a.jsonl", "b.jsonl"]


def test_what_is_missing_is_filled_in(write):
    path = write({"paragraphs": [{"text": "x", "label": "core", "also": None}]}, {"id": 7, "paragraphs": []})
    first, second = read_labelled([path])
    assert first.id == first.source == f"{path}:1"
    assert first.paragraphs[0].gold == Gold("core")
    assert (second.id, second.source, second.paragraphs) == ("7", "7", [])


FULL = {
    "id": "d",
    "source": "s.com",
    "url": "https://s.com/d",
    "genre": "wire",
    "language": "en",
    "title": "A title",
    "paragraphs": [
        {"text": "A headline", "label": "core"},
        {"text": "They say.", "label": "suspect", "also": ["core", "chrome"], "reason": "S2"},
        {"text": "Share", "label": "chrome"},
    ],
}


def test_a_record_comes_back_as_it_was():
    assert labelled_record(labelled_document(FULL, "here")) == FULL


def test_a_record_of_a_record_is_the_same_document():
    document = labelled_document(FULL, "here")
    assert labelled_document(labelled_record(document), "there") == document


def test_paragraphs_without_gold_are_left_out_of_records():
    document = labelled_document(FULL, "here")
    document.paragraphs[0].gold = None
    assert labelled_record(document)["paragraphs"] == FULL["paragraphs"][1:]


def test_golds_and_counts_are_of_all_documents():
    documents = [labelled_document(FULL, "here"), labelled_document(one(label="chrome"), "there")]
    assert [gold.label for gold in golds_of(documents)] == ["core", "suspect", "chrome", "chrome"]
    assert label_counts(documents) == {"core": 1, "off-topic": 0, "chrome": 2, "suspect": 1}
    assert list(label_counts([])) == ["core", "off-topic", "chrome", "suspect"]
