"""What a page says of itself."""

import pytest

from classifier.reading.head import MAX_VALUE
from classifier.reading.html import read_html


def metadata(page: str) -> dict[str, str]:
    return read_html(page, "page").metadata


@pytest.mark.parametrize(
    ("head", "name", "value"),
    [
        ("<title> A \n title </title>", "title", "A title"),
        ("<title>Site | Story</title><meta property=og:title content=Story>", "title", "Story"),
        ("<link rel=canonical href=https://a.example/x><meta property=og:url content=https://b.example>",
         "canonical", "https://a.example/x"),
        ("<meta property=og:url content=https://b.example/y>", "canonical", "https://b.example/y"),
        ("<meta property=article:published_time content=2026-01-02>", "date", "2026-01-02"),
        ("<meta name=DC.date.issued content=2026-01-03>", "date", "2026-01-03"),
        ("<meta itemprop=datePublished content=2026-01-04>", "date", "2026-01-04"),
        ("<meta http-equiv=Content-Language content=de>", "language", "de"),
        ("<meta property=og:locale content=fr_FR>", "language", "fr_FR"),
        ("<meta property=og:site_name content='The Paper'>", "site", "The Paper"),
        ("<meta property=og:type content=article>", "type", "article"),
    ],
)  # fmt: skip
def test_head_elements(head, name, value):
    assert metadata(f"<head>{head}</head><p>x</p>")[name] == value


def test_language_of_the_root_comes_first():
    assert metadata("<html lang=es><meta property=og:locale content=en_US><p>x")["language"] == "es"


def test_canonical_is_the_url_of_the_document():
    assert read_html("<link rel=canonical href=https://a.example/x><p>x", "page").url == "https://a.example/x"


@pytest.mark.parametrize(
    "linked",
    [
        '{"@type": "NewsArticle", "headline": "Story", "datePublished": "2026-05-06", "inLanguage": "en"}',
        '{"@graph": [{}, {"headline": "Story", "datePublished": "2026-05-06", "inLanguage": "en"}]}',
        '[{"mainEntity": {"headline": "Story", "datePublished": "2026-05-06", "inLanguage": "en"}}]',
    ],
)
def test_linked_data(linked):
    found = metadata(f"<body><script type=application/ld+json>{linked}</script><p>x")
    assert (found["title"], found["date"], found["language"]) == ("Story", "2026-05-06", "en")


@pytest.mark.parametrize("linked", ["{broken", "[" * 5000 + "]" * 5000, '"text"', "{}", '{"headline": 3}', "null", ""])
def test_broken_linked_data_says_nothing(linked):
    assert "date" not in metadata(f"<script type=application/ld+json>{linked}</script><p>x")


def test_linked_data_is_no_paragraph():
    document = read_html("<script type=application/ld+json>{}</script><p>x", "page")
    assert [paragraph.text for paragraph in document.paragraphs] == ["x"]


def test_values_are_bounded_and_empty_ones_left_out():
    found = metadata(f"<title>{'long ' * 1000}</title><meta property=og:site_name content='  '><p>x")
    assert len(found["title"]) <= MAX_VALUE
    assert "site" not in found


def test_page_without_head_or_body():
    assert metadata("just text") == {}
    assert metadata("") == {}
