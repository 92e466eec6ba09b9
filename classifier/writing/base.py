"""What every writer shares: its options, which paragraphs it keeps, and how a format finds its writer."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Final

from classifier.document import ScoredParagraph

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument

FORMATS: Final = ("table", "jsonl", "csv", "parquet", "html", "text")
_MODULES: Final = {
    "table": ("table", "TableWriter"),
    "jsonl": ("jsonl", "JsonlWriter"),
    "csv": ("csv", "CsvWriter"),
    "parquet": ("parquet", "ParquetWriter"),
    "html": ("html", "HtmlWriter"),
    "story": ("story", "StoryWriter"),
    "text": ("text", "TextWriter"),
}


@dataclass(slots=True, frozen=True)
class WriterOptions:
    """What the writers can be asked for.

    Attributes
    ----------
    keep : frozenset of str
        Labels whose paragraphs are written; empty for all.
    meta : bool
        Say with every paragraph what is known of its document.
    safe_csv : bool
        Neutralise cells that a spreadsheet would run as formulas.
    colour : bool
        Colours and the terminal's width, for a table that a person looks at.
    """

    keep: frozenset[str] = frozenset()
    meta: bool = False
    safe_csv: bool = False
    colour: bool = False


class Writer:
    """Writes scored documents to an open binary stream, which it does not close.

    Two steps, because the first is the work of a format and can be done wherever a document was scored, many at
    once; the second has the stream, and goes one by one.

    Parameters
    ----------
    stream : binary file
    options : WriterOptions
    """

    def __init__(self, stream: IO[bytes], options: WriterOptions) -> None:
        self.stream = stream
        self.options = options

    @staticmethod
    def render(scored: "ScoredDocument", options: WriterOptions) -> Any:
        """Make of one document what `add` takes: bytes, columns, or the document itself."""
        return scored.light()

    def add(self, rendered: Any) -> None:
        """Write what `render` made of one document."""
        raise NotImplementedError

    def write(self, scored: "ScoredDocument") -> None:
        """Write one document."""
        self.add(self.render(scored, self.options))

    def flush(self) -> None:
        """Hand everything written so far to the stream."""

    def close(self) -> None:
        """Write what belongs at the end."""
        self.flush()


def open_writer(name: str, stream: IO[bytes], options: WriterOptions) -> Writer:
    """Make the writer of one of `FORMATS`, or `story` for the page of stories; its module's imports load here."""
    module, kind = _MODULES[name]
    writer: Writer = getattr(import_module(f"classifier.writing.{module}"), kind)(stream, options)
    return writer


def kept(scored: "ScoredDocument", options: WriterOptions) -> Iterator[ScoredParagraph]:
    """Paragraphs of a document that are to be written."""
    return (paragraph for paragraph in scored.paragraphs if not options.keep or paragraph.label in options.keep)


def meta(scored: "ScoredDocument") -> dict[str, Any]:
    """Gather what is known of a document: what its page states, and what scoring found."""
    known = scored.document.metadata
    stated = {name: known.get(name) for name in ("title", "canonical", "date", "language")}
    return {**stated, "article": known.get("article"), "suspect_judged": known.get("suspect") == "judged"}


class _Harmless(dict[int, str | None]):
    """Translation table that drops what steers a terminal: control, format and unassigned characters."""

    def __missing__(self, code: int) -> str | None:
        category = unicodedata.category(chr(code))
        shown = " " if category in ("Zl", "Zp") or code in (9, 10, 13) else chr(code)
        answer = None if category in ("Cc", "Cf", "Cs", "Co") and shown != " " else shown
        self[code] = answer
        return answer


_HARMLESS = _Harmless()


def printable(text: str) -> str:
    """Make scraped text safe to show on a terminal: no escapes, no bidirectional overrides, one line."""
    return text.translate(_HARMLESS)
