"""Records: one document a JSONL line, CSV row or Parquet row, with its text, its HTML or its paragraphs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from classifier.document import Document, Failure, Paragraph
from classifier.reading.html import read_html
from classifier.reading.text import read_text

#: Rows read at once from a Parquet file or a CSV file.
ROWS_AT_ONCE: Final = 256


@dataclass(slots=True, frozen=True)
class Fields:
    """Names of the fields that a record keeps its parts in."""

    id: str = "id"
    text: str = "text"
    html: str = "html"
    story: str = "story"


def read_jsonl(lines: Iterable[bytes], where: str, fields: Fields) -> Iterator[Document | Failure]:
    """Read one document a line. A broken line comes out as a `Failure` with its number."""
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 - a mark is no part of the record
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield Failure(place, f"not a JSON record ({error}); every line must be one JSON object")
            continue
        yield read_record(record, place, fields)


def read_csv(file: IO[bytes], where: str, fields: Fields) -> Iterator[Document | Failure]:
    """Read one document a row; the first row names the columns."""
    import csv  # noqa: PLC0415 - start-up
    import io  # noqa: PLC0415 - start-up

    csv.field_size_limit(1 << 30)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    try:
        for number, row in enumerate(csv.DictReader(text), 2):
            yield read_record(row, f"{where}:{number}", fields)
    except csv.Error as error:
        yield Failure(where, f"not a CSV file ({error})")


def read_parquet(path: Path, where: str, fields: Fields) -> Iterator[Document | Failure]:
    """Read one document a row, a few hundred rows at a time."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - start-up
    from pyarrow.lib import ArrowException  # noqa: PLC0415 - start-up

    try:
        file = pq.ParquetFile(path)
        wanted = [name for name in (fields.id, fields.text, fields.html, fields.story, "url", "source", "paragraphs")
                  if name in file.schema_arrow.names]  # fmt: skip
        if not {fields.text, fields.html, "paragraphs"} & set(wanted):
            yield Failure(where, f"no column {fields.text!r} or {fields.html!r}; it has {file.schema_arrow.names}")
            return
        number = 0
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=wanted):
            for record in batch.to_pylist():
                number += 1
                yield read_record(record, f"{where}:{number}", fields)
    except (ArrowException, OSError) as error:
        yield Failure(where, f"not a readable Parquet file ({str(error).splitlines()[0]})")


def read_record(record: Any, place: str, fields: Fields) -> Document | Failure:
    """Turn one record into a document; `html` wins over `text`, and `paragraphs` serves labelled data."""
    if not isinstance(record, Mapping):
        return Failure(place, f"a record must be a JSON object, not {type(record).__name__}")
    document_id = str(record.get(fields.id) or place)
    html, text, paragraphs = record.get(fields.html), record.get(fields.text), record.get("paragraphs")
    if isinstance(html, str | bytes) and html:
        document = read_html(html, document_id)
    elif isinstance(text, str):
        document = read_text(text, document_id)
    elif isinstance(paragraphs, list):
        document = Document(document_id, [])
        for index, item in enumerate(paragraphs):
            line = item.get("text") if isinstance(item, dict) else item
            if not isinstance(line, str):
                return Failure(place, f"paragraph {index} has no text")
            document.paragraphs.append(Paragraph(line))
    else:
        return Failure(place, f"no text in the fields {fields.text!r} or {fields.html!r} (it has {sorted(record)[:8]})")
    for name in ("url", "source"):
        if isinstance(record.get(name), str):
            setattr(document, name, record[name])
    if record.get(fields.story):
        document.metadata["story"] = str(record[fields.story])
    return document
