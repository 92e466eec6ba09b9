"""CSV for spreadsheets: one paragraph a row, its label in a column that people fill in."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any, Final

from classifier.document import Document, Gold, Paragraph
from training.corpus import CorpusError
from training.sources.tasks import FIELDS, Item, document_of, fields_of, gold_of

COLUMNS: Final = (
    "document", "paragraph", "text", "label", "also", "reason", "model_label", "confidence", *FIELDS
)  # fmt: skip

#: Cells that a spreadsheet would run as a formula, also behind the mark that keeps it from that.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ROWS_LIMIT: Final = 1 << 30


def write(items: Iterable[Item]) -> bytes:
    """Give documents as CSV: UTF-8 with the mark by which Excel knows it, formulas made harmless by `'`."""
    file = io.StringIO(newline="")
    rows = csv.DictWriter(file, COLUMNS, restval="")
    rows.writeheader()
    for item in items:
        fields = fields_of(item.document)
        for place, paragraph in enumerate(item.document.paragraphs):
            row: dict[str, Any] = {**fields, "paragraph": str(place), "text": paragraph.text}
            gold = paragraph.gold
            if gold is not None:
                row |= {"label": gold.label, "also": " ".join(gold.also), "reason": gold.reason or ""}
            if item.scored:
                scored = item.scored[place]
                row |= {"model_label": scored.label, "confidence": f"{scored.confidence:.4f}"}
            rows.writerow({name: _harmless(value) for name, value in row.items()})
    return file.getvalue().encode("utf-8-sig")


def read(raw: bytes, where: str, annotator: str | None = None) -> list[Document]:
    """Read such a file again, however its rows were sorted; a row without a label is a paragraph without one.

    Raises
    ------
    CorpusError
        A column is missing, a number or label is wrong, or a paragraph comes twice; names the row.
    """
    if annotator is not None:
        raise CorpusError(f"{where}: a CSV file has one annotator; give that file, without --annotator")
    csv.field_size_limit(_ROWS_LIMIT)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CorpusError(f"{where}: not UTF-8; save it as 'CSV UTF-8'") from None
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    missing = {"document", "paragraph", "text", "label"} - set(rows.fieldnames or ())
    if missing:
        raise CorpusError(f"{where}: no column {', '.join(sorted(missing))}; see `newsift export --format csv`")
    found: dict[str, dict[int, Paragraph]] = {}
    fields: dict[str, dict[str, str]] = {}
    for number, cells in enumerate(rows, 2):
        here = f"{where}, row {number}"
        row = {name: _original(cells.get(name) or "") for name in COLUMNS}
        place = _number(row["paragraph"], here)
        paragraphs = found.setdefault(row["document"], {})
        if place in paragraphs:
            raise CorpusError(f"{here}: paragraph {place} of {row['document']!r} comes twice")
        paragraphs[place] = Paragraph(row["text"], gold=_gold(row, here))
        fields.setdefault(row["document"], row)
    return [
        document_of(fields[id], [paragraphs[place] for place in sorted(paragraphs)], where)
        for id, paragraphs in found.items()
    ]


def _gold(row: dict[str, str], where: str) -> Gold | None:
    label = row["label"].strip().lower()
    if not label:
        return None
    return gold_of(
        label,
        re.split(r"[\s,;]+", row["also"].strip()) if row["also"].strip() else (),
        row["reason"].strip(),
        where,
    )


def _number(cell: str, where: str) -> int:
    try:
        return int(cell)
    except ValueError:
        raise CorpusError(f"{where}: the column 'paragraph' must be a number, not {cell!r}") from None


def _delimiter(text: str) -> str:
    """Spreadsheets of some countries save with semicolons."""
    head = text.split("\n", 1)[0]
    return ";" if head.count(";") > head.count(",") else ","


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _original(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell
