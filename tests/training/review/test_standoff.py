import gzip

import orjson
import pytest

from classifier.document import Document, Gold, Paragraph
from classifier.reading import read_html
from training.corpus import CorpusError, own_corpus
from training.sources.standoff import (
    join,
    label_pages,
    paragraph_hash,
    read_standoff,
    to_standoff,
    wcxb_pages,
    write_standoff,
)

PAGE = """<html><body>
<nav><a href="/">Home</a> <ul><li>Share</li><li>Print</li></ul></nav>
<h1>Old pier opens again</h1>
<p>The pier opened on Monday,&nbsp;the harbour office said.</p>
<p>Share</p>
<table><tr><td>Length</td><td>120 m</td></tr></table>
<p>Nobody labelled this line.</p>
</body></html>"""


def lines(*pairs, source="wcxb-dev:0042", id="D-0042"):
    paragraphs = [Paragraph(text, gold=gold if isinstance(gold, Gold) else Gold(gold)) for text, gold in pairs]
    return Document(id, paragraphs, source=source, metadata={"style": "page", "title": "Old pier opens again"})


LABELLED = lines(
    ("Share Print", "chrome"),
    ("Old pier opens again", "core"),
    ("The pier opened on Monday, the  harbour office said.", Gold("core", ("suspect",))),
    ("Share", "chrome"),
    ("Length 120 m", Gold("suspect", (), "S3")),
    ("This line is on no page.", "off-topic"),
)


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "ground-truth").mkdir()
    (tmp_path / "html" / "0042.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    truth = {"url": "https://www.harbour.example/pier", "ground_truth": {}}
    (tmp_path / "ground-truth" / "0042.json").write_bytes(orjson.dumps(truth))
    return tmp_path


def test_hash_sees_through_extractors():
    assert paragraph_hash("Length | 120\u00a0m") == paragraph_hash("Length 120 m\u200b")
    assert paragraph_hash("Length 120 m") != paragraph_hash("length 120 m")
    assert len(paragraph_hash("")) == 16


def test_records_have_no_text():
    (record,) = to_standoff([LABELLED])
    written = orjson.dumps(record).decode()
    assert not any(word in written for word in ("pier", "Share", "Length"))
    assert record["paragraphs"][2] == {
        "hash": paragraph_hash(LABELLED.paragraphs[2].text),
        "occurrence": 0,
        "label": "core",
        "also": ["suspect"],
    }


def test_join_as_page_and_as_scrape(checkout):
    joined = join(to_standoff([LABELLED]), wcxb_pages(checkout))
    (scrape,) = joined.scrapes
    assert [(p.text, p.gold) for p in scrape.paragraphs] == [
        ("Share Print", Gold("chrome")),
        ("Old pier opens again", Gold("core")),
        ("The pier opened on Monday, the harbour office said.", Gold("core", ("suspect",))),
        ("Share", Gold("chrome")),
        ("Length | 120 m", Gold("suspect", (), "S3")),
    ]
    (page,) = joined.pages
    assert [p.gold and p.gold.label for p in page.paragraphs] == [
        None, "chrome", "chrome", "core", "core", "chrome", "suspect", None,
    ]  # fmt: skip
    assert all(p.layout for p in page.paragraphs)
    assert page.source == scrape.source == "harbour.example"
    assert page.id != scrape.id
    report = joined.report
    assert (report.matched, report.paragraphs, report.unmatched) == (5, 6, {"D-0042": [5]})
    assert "5 of 6 stand-off labels matched (83.3%)" in str(report)


def test_equal_lines_keep_their_order(checkout):
    # The first "Share" of the page stands in its menu, the labelled one after the body.
    labelled = lines(
        ("The pier opened on Monday, the harbour office said.", "core"),
        ("Share", "off-topic"),
        ("Length 120 m", "core"),
    )
    (page,) = join(to_standoff([labelled]), wcxb_pages(checkout)).pages
    assert [p.gold for p in page.paragraphs if p.text == "Share"] == [None, Gold("off-topic")]


def test_labels_of_whole_pages_replace_aligned_ones():
    page, other = read_html(PAGE, "wcxb:0042"), read_html(PAGE, "wcxb:0043")
    for paragraph in [*page.paragraphs, *other.paragraphs]:
        paragraph.gold = Gold("chrome", ("core",))
    golds = [Gold("core") if len(p.text) > 20 else Gold("chrome") for p in page.paragraphs]
    read = [Paragraph(p.text, gold=gold) for p, gold in zip(page.paragraphs, golds, strict=True)]
    gone = Document("R-0099", [Paragraph("x", gold=Gold("core"))], "wcxb-dev:0099")
    report = label_pages([page, other], to_standoff([Document("R-0042", read, "wcxb-dev:0042"), gone]))
    assert [p.gold for p in page.paragraphs] == golds
    assert page.metadata["read"]
    assert "read" not in other.metadata
    assert {p.gold for p in other.paragraphs} == {Gold("chrome", ("core",))}
    assert (report.matched, report.paragraphs, report.missing_pages) == (len(read), len(read), ["wcxb-dev:0099"])


def test_other_sources_are_reported(checkout):
    other = lines(("A line.", "core"), source="fnn-PolitiFact:x.json", id="D-f")
    absent = lines(("A line.", "core"), source="wcxb-dev:9999", id="D-9")
    joined = join(to_standoff([LABELLED, other, absent]), wcxb_pages(checkout))
    assert len(joined.scrapes) == 1
    assert joined.report.missing_pages == ["fnn-PolitiFact:x.json", "wcxb-dev:9999"]
    assert "2 documents have no page at hand: 1 of fnn-PolitiFact, 1 of wcxb-dev" in str(joined.report)


def test_every_line_of_a_page_matches_itself():
    page = read_html(PAGE, "wcxb-dev:1")
    for paragraph in page.paragraphs:
        paragraph.gold = Gold("core")
    fresh = read_html(PAGE, "wcxb-dev:1")
    page.source = "wcxb-dev:1"
    report = join(to_standoff([page]), lambda source: fresh).report
    assert report.matched == report.paragraphs == len(page.paragraphs)


def test_file_round_trip_and_its_checks(tmp_path):
    path = tmp_path / "labels.jsonl"
    twice = lines(("Share", "chrome"), ("Share", "chrome"))
    assert write_standoff([twice], path) == 1
    assert read_standoff(path) == list(to_standoff([twice]))
    (record,) = read_standoff(path)
    for change, message in [
        ({"hash": "xyz"}, r"labels\.jsonl:1, paragraph 1: needs a 'hash' of 16"),
        ({"occurrence": 2}, r"labels\.jsonl:1, paragraph 1: occurrence 2 of a line seen 1 times before"),
        ({"label": "news"}, r"labels\.jsonl:1, paragraph 1: unknown label 'news'"),
    ]:
        broken = {**record, "paragraphs": [record["paragraphs"][0], {**record["paragraphs"][1], **change}]}
        path.write_bytes(orjson.dumps(broken))
        with pytest.raises(CorpusError, match=message):
            read_standoff(path)
    with pytest.raises(CorpusError, match="no such file"):
        read_standoff(tmp_path / "absent.jsonl")
    with pytest.raises(CorpusError, match="no html/ here"):
        wcxb_pages(tmp_path)


@pytest.mark.parametrize("name", ["annotated-dev.jsonl", "wcxb-read.jsonl"])
def test_committed_labels_are_sound_and_hold_no_text(name):
    records = read_standoff(own_corpus() / "standoff" / name)
    assert len(records) > 100
    keys = {key for record in records for item in record["paragraphs"] for key in item}
    assert keys == {"hash", "occurrence", "label", "also", "reason"}
    assert {key for record in records for key in record} == {"id", "source", "style", "paragraphs"}
