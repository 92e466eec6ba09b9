"""Records: one document a JSONL line, CSV row or Parquet row, with its text, its HTML or its paragraphs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from classifier.document import Document, Failure, Paragraph
from classifier.reading.html import read_html
from classifier.reading.meter import Meter
from classifier.reading.text import read_text, split_paragraphs

#: Rows read at once from a Parquet file: pages are large, and every worker's memory is bounded by it.
ROWS_AT_ONCE: Final = 64


@dataclass(slots=True, frozen=True)
class Fields:
    """Names of the fields that a record keeps its parts in."""

    id: str = "id"
    text: str = "text"
    html: str = "html"
    story: str = "story"


@dataclass(slots=True, frozen=True)
class UnreadRecord:
    """A record that is cut out of its file, but not yet parsed: a JSONL line, or a row of a table."""

    where: str
    content: bytes | Mapping[str, Any]
    fields: Fields

    @property
    def size(self) -> int:
        """Bytes or characters, about."""
        if isinstance(self.content, bytes):
            return len(self.content)
        return sum(len(value) for value in self.content.values() if isinstance(value, str | bytes))

    def read(self) -> Document | Failure:
        """Parse the record."""
        record: Any = self.content
        if isinstance(record, bytes):
            try:
                record = orjson.loads(record)
            except orjson.JSONDecodeError as error:
                return Failure(self.where, f"not a JSON record ({error}); every line must be one JSON object")
        return read_record(record, self.where, self.fields)


def bounded_lines(file: IO[bytes], limit: int) -> Iterator[bytes | None]:
    """Lines of a file; `None` stands for one longer than `limit` bytes, which is never held in memory."""
    while line := file.readline(limit + 1):
        if len(line) <= limit:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(limit)
        yield None


def jsonl_records(file: IO[bytes], where: str, fields: Fields, limit: int) -> Iterator[UnreadRecord | Failure]:
    """Cut a file into records of one line each; places are `file:line`."""
    for number, line in enumerate(bounded_lines(file, limit), 1):
        place = f"{where}:{number}"
        if line is None:
            yield Failure(place, f"the record is larger than {limit >> 20} MB; raise --max-document-mb to read it")
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 - a mark is no part of the record
        if line.strip():
            yield UnreadRecord(place, line, fields)


def csv_records(file: IO[bytes], where: str, fields: Fields, limit: int) -> Iterator[UnreadRecord | Failure]:
    """Cut a CSV file into rows; the first names the columns. Places are `file:line`."""
    import csv  # noqa: PLC0415 - start-up

    csv.field_size_limit(limit)
    overlong: list[int] = []
    rows = csv.DictReader(_decoded(bounded_lines(file, limit), overlong))
    try:
        if not {fields.text, fields.html} & set(rows.fieldnames or ()):
            columns = list(rows.fieldnames or ())[:12]
            yield Failure(where, f"no column {fields.text!r} or {fields.html!r}; it has {columns}")
            return
        for row in rows:
            if overlong:
                break
            row.pop(None, None)  # cells beyond the last column
            yield UnreadRecord(f"{where}:{rows.line_num}", row, fields)
    except csv.Error as error:
        yield Failure(f"{where}:{rows.line_num}", f"not a CSV row ({error})")
    if overlong:
        yield Failure(f"{where}:{overlong[0]}", f"a line is larger than {limit >> 20} MB; raise --max-document-mb")


def _decoded(lines: Iterable[bytes | None], overlong: list[int]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if line is None:
            overlong.append(number)
            return
        yield line.decode("utf-8-sig" if number == 1 else "utf-8", "replace").replace("\0", "")


def parquet_records(
    source: Path | IO[bytes], where: str, fields: Fields, meter: Meter
) -> Iterator[UnreadRecord | Failure]:
    """Cut a Parquet file into rows, a few dozen at a time; places are `file:row`."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - start-up
    from pyarrow.lib import ArrowException  # noqa: PLC0415 - start-up

    try:
        with pq.ParquetFile(source) as file:
            names = file.schema_arrow.names
            asked = (fields.id, fields.text, fields.html, fields.story, "url", "source", "paragraphs")
            wanted = [name for name in asked if name in names]
            if not {fields.text, fields.html, "paragraphs"} & set(wanted):
                yield Failure(where, f"no column {fields.text!r} or {fields.html!r}; it has {names[:12]}")
                return
            number = 0
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=wanted):
                for record in batch.to_pylist():
                    number += 1
                    meter.at(number / file.metadata.num_rows)
                    yield UnreadRecord(f"{where}:{number}", record, fields)
    except FileNotFoundError:
        raise
    except (ArrowException, OSError) as error:
        yield Failure(where, f"not a readable Parquet file ({str(error).splitlines()[0]})")


def read_record(record: Any, place: str, fields: Fields) -> Document | Failure:
    """Turn one record into a document; `html` wins over `text`, and `paragraphs` serves labelled data."""
    if not isinstance(record, Mapping):
        return Failure(place, f"a record must be a JSON object, not {type(record).__name__}")
    identity = record.get(fields.id)
    document_id = place if identity is None or identity == "" else str(identity)
    html, text, paragraphs = record.get(fields.html), record.get(fields.text), record.get("paragraphs")
    if isinstance(html, str | bytes) and html:
        document = read_html(html, document_id)
    elif isinstance(text, str | bytes):
        document = read_text(text, document_id)
    elif isinstance(paragraphs, list):
        document = Document(document_id, [])
        for index, item in enumerate(paragraphs):
            line = item.get("text") if isinstance(item, dict) else item
            if not isinstance(line, str):
                return Failure(place, f"paragraph {index} has no text")
            # A gold paragraph stays one paragraph, whatever line ends it has kept.
            document.paragraphs.append(Paragraph(" ".join(part.text for part in split_paragraphs(line))))
    else:
        return Failure(place, f"no text in the fields {fields.text!r} or {fields.html!r} (it has {_names(record)})")
    for name in ("url", "source"):
        if isinstance(record.get(name), str):
            setattr(document, name, record[name])
    if record.get(fields.story):
        document.metadata["story"] = str(record[fields.story])
    return document


def _names(record: Mapping[Any, Any]) -> list[str]:
    return sorted(map(str, record))[:8]
