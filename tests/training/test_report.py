import hashlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import orjson
import pytest
from jinja2 import UndefinedError
from rich.console import Console

from classifier.document import Document, Gold, Paragraph, Reason
from classifier.labels import LABELS
from training.evaluation import OtherSet, compare, evaluate
from training.report import figures, render_terminal, write_report
from training.report.figures import CAPTIONS, FIGURES, for_page

NASTY = '<script>alert("x")</script> | **bold** & <img src=https://example.com/x.png> $x_1$'


def rows_of(documents):
    return sum(len(document.paragraphs) for document in documents)


def make_data(worse=0.0, **options):
    random = np.random.default_rng(3)
    gold = random.choice(LABELS, size=600, p=[0.4, 0.1, 0.35, 0.15])
    paragraphs = [
        Paragraph(f"{NASTY} paragraph {i}", gold=Gold(label, reason="S1" if label == "suspect" else None))
        for i, label in enumerate(gold)
    ]
    documents = [
        Document(
            f"doc-{i}<b>",
            paragraphs[20 * i : 20 * i + 20],
            source=f"site-{i % 7}|$a$.com",
            metadata={
                "genre": ("wire", "<i>blog</i>")[i % 2],
                "gold": "paragraph alert",
                "page_type": "article",
            },
        )
        for i in range(30)
    ]
    scores = random.normal(size=(600, 4)) + (2.0 - worse) * (gold[:, None] == np.array(LABELS))
    P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.array(LABELS)[P.argmax(axis=1)]
    sharp = P**3 / (P**3).sum(axis=1, keepdims=True)
    given = {
        "uncalibrated": sharp,
        "baselines": {"rules": np.where(np.arange(600) % 2, "core", "chrome")},
        "protocol": {
            "date": "2026-01-01",
            "folds": 5,
            "files": [{"name": "a|b.jsonl", "bytes": 10, "sha256": "ab" * 32}],
        },
        "model_card": {"name": NASTY, "training": {"documents": 1234}},
        "reasons": [(Reason("CODE", NASTY),)] * 600,
        "learning_curve": [{"documents": n, "macro_f1": n / 400, "low": n / 500, "high": n / 300} for n in (50, 100)],
        "ablations": [{"name": "all", "macro_f1": 0.7}, {"name": "without layout", "macro_f1": 0.6}],
        "others": [OtherSet("Spliced | <b>", "Made so | <i>.", documents[:9], labels[: rows_of(documents[:9])])],
        "bootstrap": 100,
        **options,
    }
    return evaluate(documents, P, labels, **given)


@pytest.fixture(scope="module")
def data():
    return make_data()


@pytest.fixture(scope="module")
def folder(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "out"
    write_report(data, folder, compare(data, make_data(worse=1.0)))
    return folder


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_folder_has_everything_and_nothing_else(folder):
    figures = {f"figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "png")}
    assert set(digests(folder)) == {"report.html", "report.md", "metrics.json", *figures}
    assert set(CAPTIONS) == set(FIGURES)


def test_the_same_data_give_the_same_bytes(data, folder, tmp_path):
    paths = write_report(data, tmp_path / "again", compare(data, make_data(worse=1.0)))
    assert digests(tmp_path / "again") == digests(folder)
    assert paths[0] == tmp_path / "again" / "report.html"
    assert all(path.exists() for path in paths)


def test_metrics_json_is_the_data(data, folder):
    stored = orjson.loads((folder / "metrics.json").read_bytes())
    assert stored.pop("compare")["paired"]
    assert stored == orjson.loads(orjson.dumps(data))


@pytest.fixture
def few_figures(monkeypatch):
    """Only two figures are drawn: for tests that look at something else."""
    monkeypatch.setattr(figures, "FIGURES", {name: FIGURES[name] for name in ("confusion", "learning_curve")})


def test_a_figure_without_data_is_left_out_and_an_old_one_removed(tmp_path, few_figures):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "learning_curve.png").write_bytes(b"old")
    (tmp_path / "mine.txt").write_text("stays")
    write_report(make_data(learning_curve=None, ablations=None, uncalibrated=None), tmp_path)
    found = set(digests(tmp_path))
    assert "mine.txt" in found
    assert not {name for name in found if "learning_curve" in name or "ablations" in name}


def test_nothing_half_written_stands_when_a_report_fails(data, tmp_path, few_figures):
    with pytest.raises(UndefinedError):
        write_report({**data, "slices": [{}]}, tmp_path / "out")
    assert digests(tmp_path) == {}
    assert [path.name for path in tmp_path.rglob("*")] == ["out"]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.ids = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend((tag, name, value) for name, value in attrs)
        self.ids.extend(value for name, value in attrs if name == "id")


def test_the_page_escapes_every_text_and_loads_nothing(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Tags()
    page.feed(text)
    assert not {"script", "img", "iframe", "i", "b"} & set(page.tags) - {"b"}
    assert "<script" not in text
    assert "<i>blog" not in text
    assert "&lt;script&gt;alert" in text
    policy = next(value for _, name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not [item for item in page.attributes if item[1] == "style" or item[1].startswith("on")]
    links = [value for _, name, value in page.attributes if name in ("href", "src", "xlink:href")]
    assert {value[0] for value in links if not value.startswith("data:")} == {"#"}
    assert len(page.ids) == len(set(page.ids))
    targets = {value[1:] for _, name, value in page.attributes if name == "href" and value.startswith("#")}
    assert targets <= set(page.ids)


def test_the_page_has_what_people_look_for(data, folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    strict = data["strict"]
    for figure in (
        strict["macro"]["f1"],
        strict["accuracy"],
        *(strict["labels"][label]["f1"] for label in LABELS),
    ):
        assert f"{figure['value']:.3f}" in text
        assert f"{figure['low']:.3f}–{figure['high']:.3f}" in text
    for words in (
        "McNemar",
        "Where it fails",
        "small",
        "1,234",
        "abababababababab…",
        "and the rest",
        "yes, better",
        "S1",
        "Other documents",
        "Spliced",
    ):
        assert words in text, words


def test_markdown_tables_hold_together(folder):
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "<script>" not in text.replace("\\<script\\>", "")
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert len(tables) >= 9
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table
    for name in re.findall(r"\]\((figures/[^)]+)\)", text):
        assert (folder / name).exists()
    assert text.count("](figures/") == len(FIGURES)


def test_text_that_may_not_be_quoted_is_in_no_file(tmp_path, few_figures):
    data = make_data(quote=lambda document: False, reasons=None, model_card={})
    write_report(data, tmp_path)
    for path in tmp_path.rglob("*.*"):
        assert b"alert(" not in path.read_bytes(), path
    assert "text not shown" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "text not shown" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_figures_are_svg_with_their_numbers_as_text(data, folder):
    for path in sorted((folder / "figures").glob("*.svg")):
        ET.parse(path)  # well-formed
        assert "<dc:date>" not in path.read_text(encoding="utf-8")
    confusion = (folder / "figures" / "confusion.svg").read_text(encoding="utf-8")
    assert f"{data['strict']['confusion'][0][0]:,}" in confusion


def test_an_svg_for_the_page_has_no_styles_and_ids_of_its_own():
    svg = (
        '<?xml version="1.0"?><svg width="10pt" viewBox="0 0 10 10"><style type="text/css">*{}</style>'
        '<path id="a" style="fill: none; stroke: #1a1c1e; stroke-width: 0.8" clip-path="url(#c)"/>'
        "<text style=\"font: 9px 'sans-serif'; text-anchor: middle\">x</text></svg>"
    )
    made = for_page(svg, "fig")
    assert 'id="fig-a" fill="none" stroke="currentColor" stroke-width="0.8" clip-path="url(#fig-c)"' in made
    assert 'font-size="9px" text-anchor="middle"' in made
    assert "style" not in made
    assert "10pt" not in made


def test_the_terminal_summary_fits_80_columns(data):
    console = Console(width=80, record=True, file=None, color_system=None)
    with console.capture() as capture:
        console.print(render_terminal(data, compare(data, make_data(worse=1.0))))
    lines = capture.get().splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in capture.get()
    text = " ".join(capture.get().split())
    row = data["strict"]["labels"]["suspect"]
    assert f"suspect {row['precision']['value']:.2f}" in text
    assert f"{row['f1']['low']:.2f}–{row['f1']['high']:.2f}" in text
    assert f"{data['strict']['confusion'][0][0]}" in text
    for name in ("macro", "Brier", "ECE", "majority label", "rules", "better"):
        assert name in text


def test_a_perfect_model_has_a_report_too(tmp_path, few_figures):
    gold = [*LABELS] * 4
    documents = [
        Document(f"d{i}", [Paragraph("x", gold=Gold(label)) for label in gold[4 * i : 4 * i + 4]]) for i in range(4)
    ]
    P = np.eye(4)[[LABELS.index(label) for label in gold]]
    data = evaluate(documents, P, gold, protocol={}, model_card={}, bootstrap=50)
    write_report(data, tmp_path)
    assert "There is no mistake" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "There is no mistake" in (tmp_path / "report.md").read_text(encoding="utf-8")
    render_terminal(data)


# -- in a real browser -----------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (400, False)])
def test_the_page_in_chromium(chromium_page, folder, width, dark):
    page = chromium_page.open(folder / "report.html", width=width, dark=dark)
    assert chromium_page.problems == []
    assert chromium_page.left_the_file() == []
    assert not chromium_page.scrolls_sideways()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is not dark
    for name in FIGURES:
        if name == "confusion":
            continue  # the page has it as a table
        box = page.locator(f"#figure-{name} svg").bounding_box()
        assert box["width"] >= 300
        assert box["height"] >= 100
    ink = page.evaluate("getComputedStyle(document.querySelector('#figure-classes svg text')).fill")
    assert ink == page.evaluate("getComputedStyle(document.body).color")


def test_every_table_is_readable_on_a_phone_and_folded_parts_open(chromium_page, folder):
    page = chromium_page.open(folder / "report.html", width=400)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert not chromium_page.scrolls_sideways()
    wider = page.evaluate("[...document.querySelectorAll('.table')].some(box => box.scrollWidth > box.clientWidth)")
    assert wider  # they scroll in their own box


def test_folded_parts_are_open_in_print(chromium_page, folder):
    page = chromium_page.open(folder / "report.html")
    folded = page.locator("details:not([open]) table").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.bounding_box()["height"] > 50
    assert folded.evaluate("node => node.checkVisibility()")
