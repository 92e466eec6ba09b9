"""Labelled documents: reading, checking, grouping by source."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson

from classifier.document import Document, Gold, Paragraph
from classifier.labels import LABELS, REASON_CODES, SUSPECT

#: Fields of a labelled document that go to its metadata, for slices of the report.
NOTED: Final = ("genre", "style", "page_type", "language", "title", "story")


class CorpusError(ValueError):
    """Labelled data that is not as it must be; the message says where and what to do."""


def read_labelled(paths: Iterable[Path]) -> list[Document]:
    """Read labelled JSONL files, or folders of them.

    Raises
    ------
    CorpusError
        A file is missing, or a record breaks the format of labelled data; names file and line.
    """
    documents: list[Document] = []
    for path in paths:
        for file in labelled_files(path):
            documents.extend(_read_file(file))
    if not documents:
        raise CorpusError(f"{', '.join(map(str, paths)) or 'no file'}: no labelled document found")
    return documents


def labelled_files(path: Path) -> list[Path]:
    """Give the JSONL files of a folder, or the file itself."""
    if path.is_dir():
        return sorted(path.glob("*.jsonl"))
    if not path.is_file():
        raise CorpusError(f"{path}: no such file of labelled data")
    return [path]


def own_corpus() -> Path:
    """Folder of the labelled documents that the project wrote."""
    return Path(str(files("training") / "corpus"))


def _read_file(path: Path) -> Iterator[Document]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise CorpusError(f"{where}: not a JSON record ({error})") from None
            yield labelled_document(record, where)


def labelled_document(record: Any, where: str) -> Document:
    """Check one record of labelled data and turn it into a document with gold labels."""
    if not isinstance(record, dict) or not isinstance(record.get("paragraphs"), list):
        raise CorpusError(f"{where}: a labelled document needs a list 'paragraphs'")
    paragraphs = [_paragraph(item, f"{where}, paragraph {i}") for i, item in enumerate(record["paragraphs"])]
    document_id = str(record.get("id") or where)
    return Document(
        document_id,
        paragraphs,
        source=str(record.get("source") or document_id),
        url=str(record.get("url") or ""),
        metadata={name: str(record[name]) for name in NOTED if record.get(name)},
    )


def _paragraph(item: Any, where: str) -> Paragraph:
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        raise CorpusError(f"{where}: needs a 'text'")
    label, also, reason = item.get("label"), item.get("also") or [], item.get("reason")
    if not isinstance(also, list):
        raise CorpusError(f"{where}: 'also' must be a list of labels, not {also!r}")
    return Paragraph(item["text"], gold=checked_gold(label, also, reason, where))


def checked_gold(label: Any, also: Sequence[Any], reason: Any, where: str, reason_field: str = "reason") -> Gold:
    """Make a gold label of what somebody wrote; `where` and `reason_field` say in an error where that stands."""
    for name in (label, *also):
        if name not in LABELS:
            raise CorpusError(f"{where}: unknown label {name!r}; the labels are {', '.join(LABELS)}")
    if reason is not None and (reason not in tuple(REASON_CODES) or label != SUSPECT):
        raise CorpusError(
            f"{where}: {reason_field} {reason!r} must be one of {', '.join(REASON_CODES)}, on a suspect paragraph"
        )
    return Gold(str(label), tuple(also), reason)


def labelled_record(document: Document) -> dict[str, Any]:
    """Give the record of labelled data for a document with gold labels."""
    record: dict[str, Any] = {"id": document.id, "source": document.source}
    if document.url:
        record["url"] = document.url
    record.update({name: document.metadata[name] for name in NOTED if name in document.metadata})
    record["paragraphs"] = []
    for paragraph in document.paragraphs:
        gold = paragraph.gold
        if gold is None:
            continue
        item: dict[str, Any] = {"text": paragraph.text, "label": gold.label}
        if gold.also:
            item["also"] = list(gold.also)
        if gold.reason:
            item["reason"] = gold.reason
        record["paragraphs"].append(item)
    return record


def golds_of(documents: Sequence[Document]) -> list[Gold | None]:
    """Gold labels of every paragraph of all documents, in order."""
    return [paragraph.gold for document in documents for paragraph in document.paragraphs]


def label_counts(documents: Sequence[Document]) -> dict[str, int]:
    """How many paragraphs have each label, in the order of the labels."""
    counts = Counter(gold.label for gold in golds_of(documents) if gold)
    return {label: counts[label] for label in LABELS}
