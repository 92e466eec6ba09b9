"""CSV: a row per paragraph, for spreadsheets and data frames."""

import csv
import io
from typing import IO, TYPE_CHECKING, Any, Final

from classifier.labels import LABELS
from classifier.writing.base import Writer, WriterOptions, meta

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument

_META: Final = ("title", "canonical", "date", "language", "article", "suspect_judged")
#: A spreadsheet runs a cell that begins like this (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class CsvWriter(Writer):
    """Writes document, paragraph, text, label, confidence, the four probabilities and the reasons."""

    def __init__(self, stream: IO[bytes], options: WriterOptions) -> None:
        super().__init__(stream, options)
        self._lines = io.StringIO()
        self._rows = csv.writer(self._lines, lineterminator="\n")
        extra = _META if options.meta else ()
        self._rows.writerow(
            (
                "document",
                "paragraph",
                "text",
                "label",
                "confidence",
                *LABELS,
                "reason_codes",
                "reasons",
                *extra,
            )
        )

    def write(self, scored: "ScoredDocument") -> None:
        """Write one document's rows."""
        extra = tuple(self._cell(value) for value in meta(scored).values()) if self.options.meta else ()
        for paragraph in self.kept(scored):
            codes = " ".join(reason.code for reason in paragraph.reasons)
            reasons = "; ".join(reason.text for reason in paragraph.reasons)
            self._rows.writerow(
                (
                    self._cell(paragraph.document),
                    paragraph.paragraph,
                    self._cell(paragraph.text),
                    paragraph.label,
                    paragraph.confidence,
                    *(paragraph.probabilities[label] for label in LABELS),
                    codes,
                    self._cell(reasons),
                    *extra,
                )
            )
        self.flush()

    def flush(self) -> None:
        """Hand the rows so far to the stream."""
        self.stream.write(self._lines.getvalue().encode("utf-8", "replace"))
        self._lines.seek(0)
        self._lines.truncate()

    def _cell(self, value: Any) -> Any:
        if self.options.safe_csv and isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
            return f"'{value}"
        return value
