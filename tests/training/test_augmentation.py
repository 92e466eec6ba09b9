import copy

import numpy as np
import pytest

from classifier.document import Document, Gold, Layout, Paragraph
from training.augmentation import DUMPS, LEAK_HEADINGS, MAX_PIECE, crop, dump, splice
from training.corpus import labelled_document

from .conftest import labelled_record


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture
def documents():
    return [labelled_document(labelled_record(number), "made") for number in range(8)]


@pytest.fixture
def page():
    """Thirty lines of furniture on both sides of a story with furniture in it."""
    layout = Layout(("p",), ((),))
    before = [Paragraph(f"Menu {i}", layout, Gold("chrome")) for i in range(30)]
    story = [Paragraph(f"Sentence {i} of the story.", layout, Gold("core")) for i in range(10)]
    inside = [Paragraph(f"Advert {i}", layout, Gold("chrome")) for i in range(10)]
    middle = [paragraph for pair in zip(story, inside, strict=True) for paragraph in pair][:-1]
    after = [Paragraph(f"Footer {i}", layout, Gold("chrome")) for i in range(30)]
    return Document("page", [*before, *middle, *after], "site.com", metadata={"page_type": "article"})


# -- splicing ------------------------------------------------------------------------------------------


def test_splices_add_prose_of_another_source_as_off_topic(documents):
    sources = {p.text: document.source for document in documents for p in document.paragraphs}
    by_id = {document.id: document for document in documents}
    made = splice(documents, 40, generator())
    assert len(made) == 40
    leaks = 0
    for document in made:
        host, donor = (by_id[part] for part in document.id.split("+"))
        assert document.source == host.source != donor.source
        added = _added(document, host)
        assert added
        for paragraph in added:
            if paragraph.gold == Gold("off-topic"):
                leaks += 1
                parts = [text for text in sources if text in paragraph.text]
                assert parts and host.source not in {sources[text] for text in parts}
            else:
                assert paragraph.gold.label == "chrome"
                assert paragraph.text in LEAK_HEADINGS or paragraph.gold.also == ("off-topic",)
        assert any(paragraph.gold.label == "off-topic" for paragraph in added)
    assert leaks >= 40


def _added(document, host):
    """Paragraphs of a spliced document that are not the host's; the host's are there in order."""
    own = {id(paragraph) for paragraph in host.paragraphs}
    kept = [paragraph for paragraph in document.paragraphs if id(paragraph) in own]
    assert kept == host.paragraphs
    return [paragraph for paragraph in document.paragraphs if id(paragraph) not in own]


def test_splices_are_reproducible_and_leave_what_they_were_made_of(documents):
    before = copy.deepcopy(documents)
    assert splice(documents, 10, generator(5)) == splice(documents, 10, generator(5))
    assert splice(documents, 10, generator(5)) != splice(documents, 10, generator(6))
    assert documents == before


def test_one_source_alone_cannot_be_spliced(documents):
    assert splice(documents[:2], 5, generator()) == []
    assert splice([], 5, generator()) == []


def test_documents_without_a_story_are_neither_hosts_nor_donors(documents):
    menu = Document("menu", [Paragraph("Menu", gold=Gold("chrome"))] * 20, "menu.com")
    for document in splice([*documents, menu], 30, generator()):
        assert "menu" not in document.id.split("+")


def test_suspect_and_doubtful_paragraphs_do_not_leak(documents):
    for document in documents:
        document.paragraphs[3].gold = Gold("core", ("off-topic",))
    kept_out = {document.paragraphs[i].text for document in documents for i in (3, 8)}
    by_id = {document.id: document for document in documents}
    for document in splice(documents, 30, generator()):
        host = by_id[document.id.split("+")[0]]
        for paragraph in _added(document, host):
            assert not any(text in paragraph.text for text in kept_out)


# -- dumping -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", DUMPS)
@pytest.mark.parametrize("seed", range(6))
def test_dumps_are_text_of_the_page_in_order(page, style, seed):
    made = dump(page, style, generator(seed))
    assert made.source == "site.com"
    assert made.id == f"page#{style}"
    assert made.metadata == {"style": style, "page_type": "article"}
    assert all(paragraph.layout is None for paragraph in made.paragraphs)
    story = [paragraph.text for paragraph in made.paragraphs if paragraph.gold.label == "core"]
    assert story == [f"Sentence {i} of the story." for i in range(10)]
    text = "".join(paragraph.text for paragraph in page.paragraphs).replace(" ", "")
    places = [text.find(paragraph.text.replace(" ", "")) for paragraph in made.paragraphs]
    if style != "extracted":  # there, lines that were no neighbours may be run together
        assert min(places) >= 0
        assert places == sorted(places)


def sizes(page, style):
    """Numbers of lines over seeds that did not run lines together."""
    made = [dump(page, style, generator(seed)) for seed in range(30)]
    return [len(document.paragraphs) for document in made if _whole(document, page)]


def _whole(document, page):
    return {p.text for p in document.paragraphs} <= {p.text for p in page.paragraphs}


def test_styles_of_dumps_cut_off_more_and_more(page):
    assert set(sizes(page, "page")) == {79}
    assert set(sizes(page, "article")) == {19}
    assert all(19 + 2 * 3 <= size <= 19 + 2 * 24 for size in sizes(page, "wide"))
    assert all(10 <= size < 19 for size in sizes(page, "extracted"))


def test_some_dumps_run_furniture_together_and_never_prose(page):
    made = [dump(page, "page", generator(seed)) for seed in range(30)]
    fused = [document for document in made if not _whole(document, page)]
    assert 2 <= len(fused) <= 18
    own = {p.text for p in page.paragraphs}
    for document in fused:
        assert all(p.gold == Gold("chrome") for p in document.paragraphs if p.text not in own)


def test_dumps_are_reproducible_and_leave_the_page(page):
    before = copy.deepcopy(page)
    assert dump(page, "wide", generator(4)) == dump(page, "wide", generator(4))
    assert page == before


def test_a_page_without_a_story_is_dumped_whole():
    menu = Document("menu", [Paragraph(f"{i}", gold=Gold("chrome")) for i in range(5)], "m.com")
    made = dump(menu, "article", generator(1))
    assert "".join(p.text.replace(" ", "") for p in made.paragraphs) == "01234"
    assert made.metadata["page_type"] == "unknown"


# -- pieces --------------------------------------------------------------------------------------------


def test_pieces_are_short_runs_of_a_document_with_some_of_its_story(documents):
    by_id = {document.id: document for document in documents}
    made = crop(documents, 60, generator())
    assert len(made) == 60
    for piece in made:
        host, _, begin = piece.id.rpartition("#")
        lines = by_id[host].paragraphs
        assert piece.paragraphs == lines[int(begin) : int(begin) + len(piece.paragraphs)]
        assert 1 <= len(piece.paragraphs) <= MAX_PIECE
        assert piece.source == by_id[host].source
    with_story = [any(p.gold.label in ("core", "suspect") for p in piece.paragraphs) for piece in made]
    assert sum(with_story) > 40
    assert {len(piece.paragraphs) for piece in made} > {1, 2, 3}


def test_nothing_is_cut_out_of_documents_without_a_story():
    assert crop([Document("menu", [Paragraph("Home", gold=Gold("chrome"))], "site.com")], 5, generator()) == []


def test_a_dump_says_that_its_page_was_read(page):
    assert "read" not in dump(page, "page", generator()).metadata
    page.metadata["read"] = "yes"
    assert dump(page, "page", generator()).metadata["read"] == "yes"
