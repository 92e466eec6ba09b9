from pathlib import Path

import pytest

from classifier.reading import read_html
from training.corpus import CorpusError, own_corpus
from training.fitting import PAGES
from training.sources.pages import load_page, load_pages


@pytest.fixture
def page(tmp_path):
    def write(body: str) -> Path:
        path = tmp_path / "harbour-post.html"
        path.write_text(f"<title>Pier</title>{body}", encoding="utf-8")
        return path

    return write


def test_nearest_label_counts(page):
    path = page(
        '<body data-label="chrome"><nav><a href=/>Home</a></nav><article data-label="core"><h1>Pier</h1>'
        '<p data-label="suspect" data-reason="S2" data-also="core chrome">Experts say so.</p>'
        "<p>It is <b>rebuilt</b>.</p>"
        "</article><footer>Legal</footer>"
    )
    golds = [(p.text, p.gold.label, p.gold.reason, p.gold.also) for p in load_page(path).paragraphs]
    assert golds == [
        ("Home", "chrome", None, ()),
        ("Pier", "core", None, ()),
        ("Experts say so.", "suspect", "S2", ("core", "chrome")),
        ("It is rebuilt.", "core", None, ()),
        ("Legal", "chrome", None, ()),
    ]


def test_labels_leave_no_trace_in_the_layout(page):
    labelled = load_page(page('<body data-label="chrome"><div class=a data-label="core"><p>One.</p></div>'))
    plain = read_html("<title>Pier</title><body><div class=a><p>One.</p></div>", "page")
    assert [p.layout for p in labelled.paragraphs] == [p.layout for p in plain.paragraphs]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p>Alone.</p>", "neither its element nor one around it has data-label"),
        ('<p data-label="nice">Alone.</p>', "unknown label 'nice'"),
        ('<p data-label="core" data-also="fine">Alone.</p>', "unknown label 'fine'"),
        ('<p data-label="core" data-reason="S1">Alone.</p>', "data-reason 'S1' must be one of"),
        ('<p data-label="suspect" data-reason="S9">Alone.</p>', "data-reason 'S9' must be one of"),
    ],
)
def test_says_which_page_and_paragraph_is_wrong(page, body, said):
    path = page(f"<body>{body}")
    with pytest.raises(CorpusError, match=said) as error:
        load_page(path)
    assert str(error.value).startswith(f"{path}, 'Alone.': ")


def test_pages_of_the_project_hold_every_label():
    pages = load_pages(own_corpus() / PAGES)
    labels = {paragraph.gold.label for page in pages for paragraph in page.paragraphs}
    assert labels == {"core", "off-topic", "chrome", "suspect"}
    assert len({page.source for page in pages}) == len(pages) >= 60
