"""Parquet: a row per paragraph, typed, labels as a dictionary, in row groups of bounded size."""

from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from classifier.labels import LABELS
from classifier.writing.base import Writer, WriterOptions
from classifier.writing.jsonl import encodable, records

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument

#: Rows of a row group: large enough to compress well, small enough to hold in memory as Python objects.
ROWS_PER_GROUP: Final = 20_000
#: Documents whose rows are kept apart: each costs some kilobytes of its own.
BATCHES_TOGETHER: Final = 256
_META: Final = [(name, pa.string()) for name in ("title", "canonical", "date", "language", "article")]


@cache
def schema(with_meta: bool) -> pa.Schema:
    """Columns of the output; the same names as JSONL's keys."""
    fields = [
        pa.field("document", pa.string(), nullable=False),
        pa.field("paragraph", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("label", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("probabilities", pa.struct([(label, pa.float64()) for label in LABELS]), nullable=False),
        pa.field("reasons", pa.list_(pa.struct([("code", pa.string()), ("text", pa.string())])), nullable=False),
    ]
    if with_meta:
        fields.append(pa.field("meta", pa.struct([*_META, ("suspect_judged", pa.bool_())])))
    return pa.schema(fields)


class ParquetWriter(Writer):
    """Writes the records of JSONL as typed columns."""

    def __init__(self, stream: IO[bytes], options: WriterOptions) -> None:
        super().__init__(stream, options)
        self._schema = schema(options.meta)
        self._file = pq.ParquetWriter(stream, self._schema, compression="zstd", use_dictionary=["document", "label"])
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    @staticmethod
    def render(scored: "ScoredDocument", options: WriterOptions) -> pa.RecordBatch:
        """Make columns of one document."""
        return columns(records(scored, options), schema(options.meta))

    def add(self, rendered: pa.RecordBatch) -> None:
        """Write row groups as they fill up."""
        if not len(rendered):
            return
        self._waiting.append(rendered)
        self._rows += len(rendered)
        if len(self._waiting) >= BATCHES_TOGETHER:
            self._waiting = pa.Table.from_batches(self._waiting).combine_chunks().to_batches()
        if self._rows >= ROWS_PER_GROUP:
            self._write(self._rows - self._rows % ROWS_PER_GROUP)

    def close(self) -> None:
        """Write the last row group and the footer."""
        if self._rows:
            self._write(self._rows)
        self._file.close()

    def _write(self, rows: int) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        self._file.write_table(table.slice(0, rows), row_group_size=ROWS_PER_GROUP)
        # Copied, for a slice would hold on to all that was written.
        self._waiting = table.slice(rows).combine_chunks().to_batches()
        self._rows -= rows


def columns(rows: Sequence[dict[str, Any]], form: pa.Schema) -> pa.RecordBatch:
    """Make columns of records as JSONL has them."""
    try:
        return _columns(rows, form)
    except UnicodeEncodeError:  # a lone surrogate, from a file name or an API caller, has no UTF-8
        return _columns([encodable(row) for row in rows], form)


def _columns(rows: Sequence[dict[str, Any]], form: pa.Schema) -> pa.RecordBatch:
    arrays = []
    for field in form:
        values = [row[field.name] for row in rows]
        array = pa.array(values, pa.string() if field.name == "label" else field.type)
        arrays.append(_label_codes(array) if field.name == "label" else array)
    return pa.RecordBatch.from_arrays(arrays, schema=form)


def convert_jsonl(source: Path, target: Path, options: WriterOptions) -> None:
    """Turn a JSONL output of this package into Parquet, line by line."""
    with source.open("rb") as lines, target.open("wb") as stream:
        writer = ParquetWriter(stream, options)
        while rows := [orjson.loads(line) for line in islice(lines, ROWS_PER_GROUP)]:
            writer.add(columns(rows, schema(options.meta)))
        writer.close()


def _label_codes(labels: pa.Array) -> pa.Array:
    """Encode labels against all four of them, so that every row group has the same dictionary."""
    codes = pc.index_in(labels, value_set=pa.array(LABELS)).cast(pa.int8())
    return pa.DictionaryArray.from_arrays(codes, pa.array(LABELS))
