"""The plain data that everything passes along: documents, paragraphs, scored paragraphs, failures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Layout:
    """Where on an HTML page a paragraph stood.

    `path` holds the tags of the block and its ancestors, nearest first; `words` the class, id and role
    words of the same elements, one tuple an element. Both are cut at `reading.html.MAX_ANCESTORS`.
    """

    path: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    depth: int = 0
    link_chars: int = 0
    links: int = 0
    images: int = 0
    emphasis_chars: int = 0
    siblings: int = 0
    sibling_index: int = 0
    repeats: int = 0


@dataclass(slots=True, frozen=True)
class Gold:
    """A label given by a reader: the label, others as acceptable, and why a suspect one is suspect."""

    label: str
    also: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(slots=True, frozen=True)
class Reason:
    """One thing that spoke for a paragraph's label: a stable code and a sentence for people."""

    code: str
    text: str


@dataclass(slots=True, frozen=True)
class Corroboration:
    """What the other sources of the event have of a paragraph.

    `columns` are those of `story.reading.COLUMNS`, which move the suspect question; `data` goes into
    records; `reasons` are for people.
    """

    columns: tuple[float, ...]
    data: dict[str, Any]
    reasons: tuple[Reason, ...] = ()


@dataclass(slots=True)
class Paragraph:
    """One non-empty line of a scrape, or one block of an HTML page; `story` only where sources were compared."""

    text: str
    layout: Layout | None = None
    gold: Gold | None = None
    story: Corroboration | None = None


@dataclass(slots=True)
class Document:
    """One scraped article: its paragraphs in reading order and what is known of it.

    `source` is what documents are grouped by in training: the site's domain, or the collection's name.
    """

    id: str
    paragraphs: list[Paragraph]
    source: str = ""
    url: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class ScoredParagraph:
    """A paragraph with its verdict; `probabilities` has all four labels and sums to 1.

    `story` is what the other sources have of it, as plain data; None where none were compared.
    """

    document: str
    paragraph: int
    text: str
    label: str
    confidence: float
    probabilities: dict[str, float]
    reasons: Sequence[Reason] = ()
    story: dict[str, Any] | None = None


@dataclass(slots=True, frozen=True)
class Failure:
    """A source or record that could not be read: where (file, record, line), what was wrong, what to do.

    `transient` failures (a disk or network that did not answer) may not happen again.
    """

    where: str
    what: str
    transient: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
