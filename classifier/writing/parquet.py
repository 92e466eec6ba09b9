"""Parquet: a row per paragraph, typed, labels as a dictionary, in row groups of bounded size."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from classifier.labels import LABELS
from classifier.writing.base import Writer, WriterOptions, meta
from classifier.writing.jsonl import record

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument

#: Rows of a row group: large enough to compress well, small enough to hold in memory as Python objects.
ROWS_PER_GROUP: Final = 20_000
_META: Final = [(name, pa.string()) for name in ("title", "canonical", "date", "language", "article")]


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
        self._rows: list[dict[str, Any]] = []

    def write(self, scored: "ScoredDocument") -> None:
        """Write one document's rows."""
        extra = {"meta": meta(scored)} if self.options.meta else {}
        self.add({**record(paragraph), **extra} for paragraph in self.kept(scored))

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write records as JSONL has them."""
        for row in rows:
            self._rows.append(row)
            if len(self._rows) >= ROWS_PER_GROUP:
                self._write_group()

    def close(self) -> None:
        """Write the last row group and the footer."""
        if self._rows:
            self._write_group()
        self._file.close()

    def _write_group(self) -> None:
        columns = []
        for field in self._schema:
            values = [_encodable(row[field.name]) for row in self._rows]
            array = pa.array(values, pa.string() if field.name == "label" else field.type)
            columns.append(_label_codes(array) if field.name == "label" else array)
        self._file.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self._rows = []


def convert_jsonl(source: Path, target: Path, options: WriterOptions) -> None:
    """Turn a JSONL output of this package into Parquet, line by line."""
    with source.open("rb") as lines, target.open("wb") as stream:
        writer = ParquetWriter(stream, options)
        writer.add(orjson.loads(line) for line in lines)
        writer.close()


def _label_codes(labels: pa.Array) -> pa.Array:
    """Encode labels against all four of them, so that every row group has the same dictionary."""
    codes = pc.index_in(labels, value_set=pa.array(LABELS)).cast(pa.int8())
    return pa.DictionaryArray.from_arrays(codes, pa.array(LABELS))


def _encodable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
