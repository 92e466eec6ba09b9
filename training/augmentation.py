"""Labelled documents made from labelled documents: pages dumped to text, other stories spliced in, pieces cut out."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from classifier.document import Document, Gold, Paragraph
from classifier.labels import CHROME, CORE, OFF_TOPIC, SUSPECT

#: How careless scrapers dump a page: all of it, the part around the article, the article's span, and that
#: with most of the furniture inside it gone.
DUMPS: Final = ("page", "wide", "article", "extracted")
#: Words over a leaked story in real scrapes; half of the splices have none of them.
LEAK_HEADINGS: Final = (
    "Related", "Related Articles", "More stories", "More from this section", "Read next", "Also in the news",
    "Latest", "You may also like", "Other news", "Top stories", "In other news", "Recommended for you",
)  # fmt: skip
MIN_STORY: Final = 5
#: Most lines of a piece cut out of a document.
MAX_PIECE: Final = 8


def dump(document: Document, style: str, random: np.random.Generator) -> Document:
    """Dump an HTML page to text as a careless scraper would.

    Parameters
    ----------
    document : Document
        A page with gold labels.
    style : str
        One of `DUMPS`.
    random : Generator
        Decides how much is cut off and which lines are run together.
    """
    paragraphs = document.paragraphs
    story = _places(document, CORE)
    if style != "page" and story:
        margin = int(random.integers(3, 25)) if style == "wide" else 0
        paragraphs = paragraphs[max(0, story[0] - margin) : story[-1] + 1 + margin]
    if style == "extracted":
        paragraphs = [p for p in paragraphs if _is(p, CORE) or random.random() < 0.25]
    lines = [Paragraph(p.text, gold=p.gold) for p in paragraphs]
    if random.random() < 0.3:
        lines = _run_together(lines, random)
    metadata = {"style": style, "page_type": document.metadata.get("page_type", "unknown")}
    if "read" in document.metadata:  # the dump's labels, too, were made by reading
        metadata["read"] = document.metadata["read"]
    return Document(f"{document.id}#{style}", lines, document.source, metadata=metadata)


def _run_together(lines: list[Paragraph], random: np.random.Generator) -> list[Paragraph]:
    """Fuse some neighbouring short furniture lines, as dumps without separators do: "CultureGlobal Affairs"."""
    glue = " " if random.random() < 0.5 else ""
    fused: list[Paragraph] = []
    for line in lines:
        last = fused[-1] if fused else None
        if (
            last is not None
            and last.gold == line.gold == Gold(CHROME)
            and len(line.text) < 30
            and len(last.text) < 80
            and random.random() < 0.4
        ):
            fused[-1] = Paragraph(last.text + glue + line.text, gold=last.gold)
        else:
            fused.append(Paragraph(line.text, gold=line.gold))
    return fused


def splice(documents: Sequence[Document], count: int, random: np.random.Generator) -> list[Document]:
    """Make documents with another story's prose in them, off-topic by construction.

    Parameters
    ----------
    documents : sequence of Document
        Text documents with gold labels; hosts and donors are drawn from them, of different sources.
    count : int
        Documents to make.
    random : Generator
        Draws hosts, donors and places. Half of the donors are the likest of ten in vocabulary.
    """
    able = [document for document in documents if len(_places(document, CORE)) >= MIN_STORY]
    words = [_vocabulary(document) for document in able]
    made: list[Document] = []
    if len({document.source for document in able}) < 2:
        return made
    while len(made) < count:
        host = int(random.integers(len(able)))
        strangers = [i for i, document in enumerate(able) if document.source != able[host].source]
        others = [strangers[int(i)] for i in random.integers(len(strangers), size=10)]
        near = random.random() < 0.5
        donor = max(others, key=lambda i: len(words[i] & words[host])) if near else others[0]
        spliced = _insert(able[host], able[donor], random)
        spliced.id = f"{able[host].id}+{able[donor].id}"
        made.append(spliced)
    return made


def _insert(host: Document, donor: Document, random: np.random.Generator) -> Document:
    lines = list(host.paragraphs)
    leaked = _leak(donor, random)
    story = _places(host, CORE)
    where = random.random()
    if where < 0.25 and len(story) > 6:
        at = story[int(random.integers(3, len(story) - 2))]  # in the middle of the flow
    elif where < 0.7:
        at = story[-1] + 1
    else:
        at = int(random.integers(story[-1] + 1, len(lines) + 1))
    return Document(host.id, lines[:at] + leaked + lines[at:], host.source, metadata=dict(host.metadata))


def _leak(donor: Document, random: np.random.Generator) -> list[Paragraph]:
    """Take some of a donor's story as it leaks: whole paragraphs, or one fused block; with or without its headline."""
    story = [p.text for p in donor.paragraphs if _is(p, CORE)]
    prose = [text for text in story if len(text.split()) >= 12] or story
    headline = story[0] if len(story[0].split()) < 20 else ""
    length = int(random.integers(1, 9))
    begin = 0 if random.random() < 0.7 else int(random.integers(len(prose)))
    body = prose[begin : begin + length]
    if random.random() < 0.3:
        body = [" ".join(body)[:1500]]
    lines: list[Paragraph] = []
    if random.random() < 0.5:
        lines.append(Paragraph(str(random.choice(LEAK_HEADINGS)), gold=Gold(CHROME)))
    if headline and random.random() < 0.5:
        lines += [Paragraph(headline, gold=Gold(CHROME, (OFF_TOPIC,)))] * int(random.integers(1, 3))
    return lines + [Paragraph(text, gold=Gold(OFF_TOPIC)) for text in body]


def crop(documents: Sequence[Document], count: int, random: np.random.Generator) -> list[Document]:
    """Cut short pieces out of documents, as snippets, feeds and broken scrapes are: a few lines that hold a story's.

    Parameters
    ----------
    documents : sequence of Document
        Text documents with gold labels.
    count : int
        Pieces to make.
    random : Generator
        Draws documents, places and lengths (1 to `MAX_PIECE` lines).
    """
    able = [document for document in documents if len(_places(document, CORE, SUSPECT)) >= MIN_STORY]
    made = []
    for _ in range(count if able else 0):
        document = able[int(random.integers(len(able)))]
        story = _places(document, CORE, SUSPECT)
        first = story[0] if random.random() < 0.5 else story[int(random.integers(len(story)))]
        begin = max(0, first - int(random.integers(0, 3)))
        end = max(begin + int(random.integers(1, MAX_PIECE + 1)), first + 1)
        lines = document.paragraphs[begin:end]
        made.append(Document(f"{document.id}#{begin}", list(lines), document.source, metadata=dict(document.metadata)))
    return made


def _is(paragraph: Paragraph, *labels: str) -> bool:
    gold = paragraph.gold
    return gold is not None and gold.label in labels and OFF_TOPIC not in gold.also


def _places(document: Document, *labels: str) -> list[int]:
    """Places of a document's paragraphs that have one of these labels and are no other story's."""
    return [i for i, paragraph in enumerate(document.paragraphs) if _is(paragraph, *labels)]


def _vocabulary(document: Document) -> frozenset[str]:
    """Find the document's thirty most frequent long words."""
    count: Counter[str] = Counter()
    for paragraph in document.paragraphs:
        if _is(paragraph, CORE):
            count.update(word for word in paragraph.text.lower().split() if len(word) > 5)
    return frozenset(word for word, _ in count.most_common(30))
