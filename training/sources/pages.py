"""Labelled HTML pages of the project's own: the labels stand in the markup.

An element says what its text is, for itself and all below it that says nothing else::

    <body data-label="chrome"> <article data-label="core"> <p data-label="suspect" data-reason="S1"> ...

`data-also` names a label that is defensible, too. The reader knows nothing of these attributes, so a page is read as if
they were not there.
"""

from pathlib import Path
from typing import Final

from classifier.document import Document, Gold
from classifier.reading.html import Element, document_of, read_blocks
from training.corpus import CorpusError, checked_gold

#: Attributes that hold a paragraph's label, its reason code and the labels that are defensible, too.
LABEL: Final = "data-label"
REASON: Final = "data-reason"
ALSO: Final = "data-also"


def load_pages(folder: Path) -> list[Document]:
    """Read every labelled page (`NAME.html`) of a folder; each is of a site of its own.

    Raises
    ------
    CorpusError
        A paragraph has no label or an unknown one; names the file and the paragraph's text.
    """
    return [load_page(path) for path in sorted(folder.glob("*.html"))]


def load_page(path: Path) -> Document:
    """Read one labelled page."""
    blocks, metadata = read_blocks(path.read_bytes())
    page = document_of(blocks, metadata, f"pages/{path.stem}")
    page.source = path.stem
    for paragraph, (text, element, _) in zip(page.paragraphs, blocks, strict=True):
        paragraph.gold = _gold(element, f"{path}, '{text[:60]}'")
    return page


def _gold(element: Element, where: str) -> Gold:
    """Label of the nearest element, from this one up, that has one."""
    while not element.attributes.get(LABEL):
        if element is element.parent:
            raise CorpusError(f"{where}: neither its element nor one around it has {LABEL}")
        element = element.parent
    also = str(element.attributes.get(ALSO) or "").split()
    return checked_gold(element.attributes[LABEL], also, element.attributes.get(REASON), where, REASON)
