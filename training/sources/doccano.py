"""doccano and Prodigy: JSONL, one document a line, its paragraphs labelled as spans of its text.

doccano (sequence labelling) keeps spans as `"label": [[start, end, name], ...]` and any other field as
metadata; Prodigy (`spans_manual`) as `"spans": [{"start", "end", "label"}, ...]` with `"answer"`. The span's
label is the paragraph's; a second span over the same paragraph may name the reason (`S1`) or another
acceptable label (`also:core`), for which doccano needs "allow overlapping entities".

Both tools start from the spans they are given. Prodigy says by `answer` what a person has accepted. doccano
does not: export approved documents only.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import orjson

from classifier.document import Document, Gold, Paragraph
from training.corpus import CorpusError
from training.sources.tasks import Item, choose_annotator, document_of, fields_of, gold_of_names, names_of

Span = tuple[int, int, str]

_LINE = re.compile(r"\S(?:[^\n]*\S)?")


def write_doccano(items: Iterable[Item]) -> bytes:
    """Give documents as doccano imports them (JSONL, sequence labelling)."""
    records = ({**_base(item), "label": [list(span) for span in _spans(item)]} for item in items)
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def write_prodigy(items: Iterable[Item]) -> bytes:
    """Give documents as Prodigy's `spans.manual` takes them; labelled ones as `db-in` does, accepted."""
    lines = []
    for item in items:
        spans = [{"start": start, "end": end, "label": name} for start, end, name in _spans(item)]
        record = {**_base(item), "spans": spans}
        if item.labelled:
            record["answer"] = "accept"
        if item.scored:
            record["meta"] = {"score": min(scored.confidence for scored in item.scored)}
        lines.append(orjson.dumps(record) + b"\n")
    return b"".join(lines)


def read_doccano(raw: bytes, where: str, annotator: str | None = None) -> list[Document]:
    """Read an export (JSONL) of doccano; it has one file for each person, so `annotator` is not needed.

    Raises
    ------
    CorpusError
        A line is no such record or has labels that are not newsift's; names the line.
    """
    if annotator is not None:
        raise CorpusError(f"{where}: doccano exports a file for each person; give that file, without --annotator")
    documents = []
    for record, here in _records(raw, where):
        spans = [_triple(span, here) for span in record.get("label") or record.get("labels") or _entities(record)]
        documents.append(_document(record, spans, here))
    return documents


def read_prodigy(raw: bytes, where: str, annotator: str | None = None) -> list[Document]:
    """Read what Prodigy's `db-out` gives; only accepted answers bring labels.

    Parameters
    ----------
    raw : bytes
        The file.
    where : str
        Its name, for messages.
    annotator : str, optional
        The session (`_annotator_id`) whose answers to take, where a document has several.

    Raises
    ------
    CorpusError
        A line is no such record or has labels that are not newsift's; names the line.
    """
    by_document: dict[str, list[tuple[str, Document]]] = defaultdict(list)
    for record, here in _records(raw, where):
        accepted = record.get("answer") == "accept"
        spans = record.get("spans") or [] if accepted else []
        found = [_triple([span.get(name) for name in ("start", "end", "label")], here) for span in spans]
        document = _document(record, found, here)
        by_document[document.id].append((str(record.get("_annotator_id") or "nobody"), document))
    documents = []
    for id, answers in by_document.items():
        chosen = choose_annotator([person for person, _ in answers], annotator, f"{where}, document {id!r}")
        documents.extend([document for person, document in answers if person == chosen][-1:])
    return documents


# -- out ----------------------------------------------------------------------------------------------


def _base(item: Item) -> dict[str, Any]:
    texts = [paragraph.text for paragraph in item.document.paragraphs]
    joined = "\n".join(texts)
    record: dict[str, Any] = {"text": joined, **fields_of(item.document)}
    extents = _extents(texts)
    if _lines(joined) != extents:  # line ends inside a paragraph, white space around it
        record["extents"] = extents
    return record


def _extents(texts: Sequence[str]) -> list[list[int]]:
    """Where each paragraph starts and ends in the joined text."""
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text) + 1)
    return [[start, following - 1] for start, following in pairwise(starts)]


def _lines(text: str) -> list[list[int]]:
    """Where the non-empty lines of a text start and end, white space trimmed."""
    return [list(match.span()) for match in _LINE.finditer(text)]


def _spans(item: Item) -> Iterator[Span]:
    """Labels of a document as spans: those people gave, else the model's."""
    paragraphs = item.document.paragraphs
    extents = _extents([paragraph.text for paragraph in paragraphs])
    for place, (start, end) in enumerate(extents):
        gold = paragraphs[place].gold
        if gold is None and item.scored and not item.labelled:
            gold = Gold(item.scored[place].label)
        if gold is not None:
            yield from ((start, end, name) for name in names_of(gold))


# -- in -----------------------------------------------------------------------------------------------


def _records(raw: bytes, where: str) -> Iterator[tuple[dict[str, Any], str]]:
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        here = f"{where}:{number}"
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise CorpusError(f"{here}: not a JSON record ({error}); every line must be one") from None
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise CorpusError(f"{here}: a record needs a 'text'")
        yield record, here


def _entities(record: dict[str, Any]) -> list[list[Any]]:
    """Spans as doccano writes them in projects with relations."""
    entities = record.get("entities") or []
    return [[entity.get(name) for name in ("start_offset", "end_offset", "label")] for entity in entities]


def _triple(span: Any, where: str) -> Span:
    try:
        start, end, name = span
        return int(start), int(end), str(name)
    except (TypeError, ValueError):
        raise CorpusError(f"{where}: a span must have a start, an end and a label, not {span!r}") from None


def _document(record: dict[str, Any], spans: Sequence[Span], where: str) -> Document:
    meta = record["meta"] if isinstance(record.get("meta"), dict) else {}
    fields = {**meta, **record}
    text = record["text"]
    paragraphs = []
    for number, (start, end) in enumerate(fields.get("extents") or _lines(text), 1):
        covered: dict[str, int] = defaultdict(int)
        for first, last, name in spans:
            size = min(end, last) - max(start, first)
            if size > 0 or (first == start and last == end):  # an empty paragraph has a label too
                covered[name] += size
        gold = gold_of_names(covered, end - start, f"{where}, paragraph {number}")
        paragraphs.append(Paragraph(text[start:end], gold=gold))
    return document_of(fields, paragraphs, where)
