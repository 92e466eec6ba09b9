import csv
import io
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.document import Document, Gold, Paragraph
from classifier.labels import LABELS, REASON_CODES
from training.corpus import CorpusError, labelled_record, read_labelled
from training.review import is_judged
from training.sources import label_studio
from training.sources.exchange import FORMATS, export, import_, write_labelled

FIXTURES = Path(__file__).parent / "fixtures"


@st.composite
def golds(draw):
    label = draw(st.sampled_from(LABELS))
    others = [name for name in LABELS if name != label]
    also = draw(st.lists(st.sampled_from(others), unique=True, max_size=2))
    reason = draw(st.none() | st.sampled_from(list(REASON_CODES))) if label == "suspect" else None
    return Gold(label, tuple(name for name in LABELS if name in also), reason)


# No lone surrogates: they are no text. Line ends, tabs, emoji, formulas and quotes are.
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.sampled_from(["=1+1", "'=x", "''@a", " padded ", "two\nlines", "a\r\nb", 'say "hi", he', "😀 smile", ";;,"]),
)
documents_of = st.lists(
    st.tuples(texts, st.none() | golds()), min_size=1, max_size=5
)  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(documents_of, min_size=1, max_size=3))
def test_round_trip_loses_nothing(format, contents, tmp_path):
    given_documents = [
        Document(
            f"doc {i}",
            [Paragraph(text, gold=gold) for text, gold in content],
            source=f"site{i}.org",
            url=f"https://site{i}.org/a?b=1,2" if i % 2 else "",
            metadata={"genre": "wire", "title": "A =title"},
        )
        for i, content in enumerate(contents)
    ]
    path = tmp_path / "out"
    assert export(given_documents, format, path) == len(given_documents)
    assert import_(path, format) == given_documents


@pytest.mark.parametrize("format", FORMATS)
def test_corpus_round_trip_and_labelled_data(format, labelled_sample, tmp_path):
    export(labelled_sample, format, tmp_path / "out")
    back = import_(tmp_path / "out", format)
    assert [labelled_record(d) for d in back] == [labelled_record(d) for d in labelled_sample]
    assert write_labelled(back, tmp_path / "back.jsonl") == (len(labelled_sample), 0)
    read = read_labelled([tmp_path / "back.jsonl"])
    assert [labelled_record(d) for d in read] == [labelled_record(d) for d in labelled_sample]


def test_scored_documents_go_out_with_predictions(scored_sample, tmp_path):
    export(scored_sample, "label-studio", tmp_path / "tasks.json")
    task = orjson.loads((tmp_path / "tasks.json").read_bytes())[0]
    first = scored_sample[0].paragraphs
    assert "annotations" not in task
    results = task["predictions"][0]["result"]
    assert [r["value"]["paragraphlabels"] for r in results] == [[p.label] for p in first]
    assert [r["score"] for r in results] == [p.confidence for p in first]
    assert task["predictions"][0]["score"] == min(p.confidence for p in first)

    export(scored_sample, "csv", tmp_path / "rows.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "rows.csv").read_text("utf-8-sig"))))
    assert [row["model_label"] for row in rows][: len(first)] == [p.label for p in first]
    assert {row["label"] for row in rows} == {""}


@pytest.mark.parametrize("format", ["label-studio", "prodigy", "csv"])
def test_predictions_do_not_come_back_as_labels(format, scored_sample, tmp_path):
    export(scored_sample, format, tmp_path / "out")
    back = import_(tmp_path / "out", format)
    assert [len(d.paragraphs) for d in back] == [len(s.paragraphs) for s in scored_sample]
    assert all(paragraph.gold is None for document in back for paragraph in document.paragraphs)
    with pytest.raises(CorpusError, match="no document has a label"):
        write_labelled(back, tmp_path / "labels.jsonl")
    assert not (tmp_path / "labels.jsonl").exists()


def test_unlabelled_paragraphs_stay_as_unjudged_context(tmp_path):
    half = Document("a", [Paragraph("One.", gold=Gold("core")), Paragraph("Two.")], source="a.org")
    none = Document("b", [Paragraph("Three.")], source="b.org")
    assert write_labelled([half, none], tmp_path / "out.jsonl") == (1, 1)
    (document,) = read_labelled([tmp_path / "out.jsonl"])
    assert [p.text for p in document.paragraphs] == ["One.", "Two."]
    assert [is_judged(p.gold) for p in document.paragraphs] == [True, False]


def test_label_studio_export_of_several_people():
    path = FIXTURES / "label_studio.json"
    with pytest.raises(CorpusError, match=r"task 1: labelled by 2, ana@example.org; choose one with --annotator"):
        import_(path, "label-studio")
    ana = import_(path, "label-studio", annotator="ana@example.org")
    ben = import_(path, "label-studio", annotator="2")
    assert [p.gold for p in ana[0].paragraphs] == [
        Gold("chrome"),
        Gold("core"),
        Gold("suspect", ("core",), "S2"),
        None,
    ]
    # Ben drew one region over three paragraphs, and cancelled his other annotation.
    assert [p.gold.label for p in ben[0].paragraphs[:3]] == ["core"] * 3
    assert ana[0].source == "harbour.example" and ana[0].id == "harbour-1"


def test_label_studio_ground_truth_wins():
    document = import_(FIXTURES / "label_studio.json", "label-studio", annotator="1")[1]
    assert document.paragraphs[0].gold == Gold("off-topic")


def test_label_studio_config_names_every_label_and_reason():
    assert all(f'value="{name}"' in label_studio.CONFIG for name in (*LABELS, *REASON_CODES))


def test_doccano_export():
    first, second = import_(FIXTURES / "doccano.jsonl", "doccano")
    assert [p.text for p in first.paragraphs] == [
        "Share this",
        "The pier reopened on Monday 😀.",
        "Experts say it will sink.",
    ]
    assert [p.gold for p in first.paragraphs] == [
        Gold("chrome"),
        Gold("core"),
        Gold("suspect", ("core",), "S2"),
    ]
    assert first.id == "pier-1" and first.source == "harbour.example"
    assert [p.gold for p in second.paragraphs] == [Gold("core"), None]


def test_prodigy_export():
    documents = {d.id: d for d in import_(FIXTURES / "prodigy.jsonl", "prodigy", annotator="pier-ana")}
    assert [p.gold for p in documents["pier-1"].paragraphs] == [Gold("chrome"), Gold("core")]
    with pytest.raises(CorpusError, match="labelled by pier-ana, pier-ben"):
        import_(FIXTURES / "prodigy.jsonl", "prodigy")


def test_csv_of_a_spreadsheet(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text("paragraph;document;text;label;also\n1;a;Two;Core;chrome, suspect\n0;a;'=One;;\n", "utf-8")
    (document,) = import_(path, "csv")
    assert [(p.text, p.gold) for p in document.paragraphs] == [
        ("=One", None),
        ("Two", Gold("core", ("chrome", "suspect"))),
    ]


def test_csv_cells_run_no_formula(tmp_path):
    document = Document("=cmd", [Paragraph('=HYPERLINK("http://x")'), Paragraph("-1"), Paragraph("@a")], "s")
    export([document], "csv", tmp_path / "out.csv")
    for row in csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_larger_part_decides_and_a_tie_is_refused(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(orjson.dumps({"text": "abcdefgh", "label": [[0, 5, "core"], [5, 8, "chrome"]]}))
    assert import_(path, "doccano")[0].paragraphs[0].gold == Gold("core")
    path.write_bytes(orjson.dumps({"text": "abcdefgh", "label": [[0, 4, "core"], [4, 8, "chrome"]]}))
    with pytest.raises(CorpusError, match=r"x\.jsonl:1, paragraph 1: is both 'core' and 'chrome'"):
        import_(path, "doccano")


@pytest.mark.parametrize(
    ("format", "content", "message"),
    [
        ("label-studio", "{", r"out: not JSON"),
        ("label-studio", "{}", r"out: must be a list of tasks"),
        ("label-studio", '[{"data": {"text": "x"}}]', r"out, task 1: needs 'data' with a list 'paragraphs'"),
        ("doccano", '{"text": "x"}\nnonsense', r"out:2: not a JSON record"),
        ("doccano", '{"text": "x", "label": [[0, 1, "Core"]]}', r"out:1, paragraph 1: unknown label 'Core'"),
        ("doccano", '{"text": "x", "label": [[0, 1]]}', r"out:1: a span must have a start, an end"),
        ("prodigy", '{"html": "x"}', r"out:1: a record needs a 'text'"),
        ("csv", "document,text\n", r"out: no column label, paragraph"),
        ("csv", "document,paragraph,text,label\na,0,x,news\n", r"out, row 2: unknown label 'news'"),
        ("csv", "document,paragraph,text,label\na,one,x,core\n", r"row 2: the column 'paragraph' must be"),
        ("csv", "document,paragraph,text,label\na,0,x,\na,0,y,\n", r"row 3: paragraph 0 of 'a' comes twice"),
        ("excel", "", r"unknown format 'excel'; the formats are label-studio, doccano, prodigy, csv"),
    ],
)  # fmt: skip
def test_broken_files_are_named(format, content, message, tmp_path):
    (tmp_path / "out").write_text(content)
    with pytest.raises(CorpusError, match=message):
        import_(tmp_path / "out", format)


def test_one_id_twice_is_refused(tmp_path):
    document = Document("same", [Paragraph("x")], "s")
    with pytest.raises(CorpusError, match="two documents have the id 'same'"):
        export([document, document], "csv", tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []
