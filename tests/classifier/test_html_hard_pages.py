"""Pages made to hurt: cost stays linear in size, and no text gets lost."""

import tracemalloc

import pytest
from selectolax.lexbor import LexborHTMLParser

from classifier.reading.bounding import MAX_ATTRIBUTES, MAX_DEPTH, MAX_FORMATTING, bounded
from classifier.reading.html import read_html

HARD = {
    "nested div": lambda n: "<div>" * n + "deep",
    "nested closed": lambda n: "<div>" * n + "deep" + "</div>" * n,
    "span and block": lambda n: "<span><div>x</div>" * n + "deep",
    "nested lists": lambda n: "<ul><li>" * n + "deep",
    "nested tables": lambda n: "<table><tr><td>" * n + "deep",
    "open formatting": lambda n: "".join(f"<p><font color={i}>t" for i in range(n // 8)) + "deep",
    "formatting closed in a comment": lambda n: "".join(f"<p><b id={i}><!--</b>-->t" for i in range(n // 8)) + "deep",
    "formatting closed in a value": lambda n: "".join(f'<p><b id={i} t="></b>">t' for i in range(n // 8)) + "deep",
    "formatting closed by another": lambda n: "".join(f"<p><b id={i}></i>t" for i in range(n // 8)) + "deep",
    "attributes": lambda n: "<div " + " ".join(f"a{i}=1" for i in range(n * 5)) + ">deep",
    "options": lambda n: "<select>" + "<option>x" * n + "</select>deep",
    "unclosed quote": lambda n: "<p>deep" + "<a href='x\" " * n,
    "unclosed comment": lambda n: "<p>deep" + "<!-- <" * n,
    "unclosed script": lambda n: "<p>deep" + "<script <" * n,
    "long class": lambda n: "<div class='" + "word " * n + "'><p>deep",
    "lines": lambda n: "<pre>" + "x\n" * n + "deep",
}


@pytest.mark.parametrize("name", HARD)
def test_text_of_hard_pages_is_kept(name):
    # That the cost is linear is measured in tests/benchmarks/linearity.py.
    assert any("deep" in paragraph.text for paragraph in read_html(HARD[name](20_000), "hard").paragraphs)


def test_nesting_100_000_deep():
    document = read_html("<div>" * 100_000 + "deep", "deep")
    assert [paragraph.text for paragraph in document.paragraphs] == ["deep"]
    assert document.paragraphs[0].layout.depth <= MAX_DEPTH + 3


def test_tag_with_a_million_attributes():
    page = "<p " + " ".join(f"a{i}" for i in range(1_000_000)) + ">text</p>"
    assert [paragraph.text for paragraph in read_html(page, "wide").paragraphs] == ["text"]
    tree = LexborHTMLParser(bounded(page.encode()))
    assert len(tree.css_first("p").attributes) == MAX_ATTRIBUTES


def test_tree_of_a_truncated_page_is_bounded():
    page = "".join(f"<p><font color=c{i}><i class=c{i}>text {i}" for i in range(3000))
    tree = LexborHTMLParser(bounded(page.encode()))
    nodes = sum(1 for _ in tree.root.traverse())
    assert nodes < 3000 * (MAX_FORMATTING + 3)
    assert len(read_html(page, "cut").paragraphs) == 3000


def test_bounding_keeps_paragraphs_apart_and_later_blocks_in_place():
    inner = "".join(f"<div>text {i}" for i in range(9000)) + "</div>" * 9000
    document = read_html(f"<main>{inner}<p>after</p></main>", "deep")
    assert [paragraph.text for paragraph in document.paragraphs[:9000]] == [f"text {i}" for i in range(9000)]
    assert document.paragraphs[-1].layout.path == ("p", "main", "body", "html")


def test_ordinary_pages_pass_unbounded():
    page = ("<p>" + "text <b>bold</b> <i class=icon></i> " * 3 + "<br><li>x</p>") * 500
    assert bounded(page.encode()) == page.encode()
    unclosed = b"<p>text <b>bold</b>" * 9000  # too many tags to pass unseen, but nothing stays open
    assert bounded(unclosed) == unclosed


def test_memory_does_not_creep():
    page = "<div>" + "".join(f"<p class=c{i}>text {i}</p>" for i in range(300)) + "</div>"
    read_html(page, "warm")
    tracemalloc.start()
    for _ in range(5):
        read_html(page, "page")
    first, _ = tracemalloc.get_traced_memory()
    for _ in range(50):
        read_html(page, "page")
    last, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert last - first < 100_000
