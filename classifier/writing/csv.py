"""CSV: a row per paragraph, for spreadsheets and data frames."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any, Final

from classifier.labels import LABELS
from classifier.writing.base import Writer, WriterOptions, kept, meta

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument

_META: Final = ("title", "canonical", "date", "language", "article", "suspect_judged")
#: A spreadsheet runs a cell that begins like this (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class CsvWriter(Writer):
    """Writes document, paragraph, text, label, confidence, the four probabilities and the reasons."""

    def __init__(self, stream: IO[bytes], options: WriterOptions) -> None:
        super().__init__(stream, options)
        extra = _META if options.meta else ()
        named = ("document", "paragraph", "text", "label", "confidence", *LABELS, "reason_codes", "reasons", *extra)
        self.stream.write(_encoded([named]))

    @staticmethod
    def render(scored: "ScoredDocument", options: WriterOptions) -> bytes:
        """Encode one document's rows."""
        extra = tuple(meta(scored).values()) if options.meta else ()
        rows = [
            (
                paragraph.document,
                paragraph.paragraph,
                paragraph.text,
                paragraph.label,
                paragraph.confidence,
                *(paragraph.probabilities[label] for label in LABELS),
                " ".join(reason.code for reason in paragraph.reasons),
                "; ".join(reason.text for reason in paragraph.reasons),
                *extra,
            )
            for paragraph in kept(scored, options)
        ]
        return _encoded([[_neutral(cell) for cell in row] for row in rows] if options.safe_csv else rows)

    def add(self, rendered: bytes) -> None:
        """Write them."""
        self.stream.write(rendered)


def _encoded(rows: Iterable[Sequence[Any]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue().encode("utf-8", "replace")


def _neutral(value: Any) -> Any:
    """Quote a cell that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value
