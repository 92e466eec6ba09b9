"""JSONL: a line per paragraph, exactly as DESIGN has it."""

from typing import TYPE_CHECKING, Any

import orjson

from classifier.document import ScoredParagraph
from classifier.writing.base import Writer, WriterOptions, kept, meta

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument


class JsonlWriter(Writer):
    """Writes one JSON object a paragraph; with `meta`, the document's metadata under a key of that name."""

    @staticmethod
    def render(scored: "ScoredDocument", options: WriterOptions) -> bytes:
        """Encode one document's lines."""
        return b"".join(map(line, records(scored, options)))

    def add(self, rendered: bytes) -> None:
        """Write them."""
        self.stream.write(rendered)


def records(scored: "ScoredDocument", options: WriterOptions) -> list[dict[str, Any]]:
    """Give the record of every kept paragraph of a document."""
    extra = {"meta": meta(scored)} if options.meta else {}
    return [{**record(paragraph), **extra} for paragraph in kept(scored, options)]


def record(paragraph: ScoredParagraph) -> dict[str, Any]:
    """Everything that is said of a paragraph, as plain data; `story` only where sources were compared."""
    said: dict[str, Any] = {
        "document": paragraph.document,
        "paragraph": paragraph.paragraph,
        "text": paragraph.text,
        "label": paragraph.label,
        "confidence": paragraph.confidence,
        "probabilities": paragraph.probabilities,
        "reasons": [{"code": reason.code, "text": reason.text} for reason in paragraph.reasons],
    }
    return said if paragraph.story is None else {**said, "story": paragraph.story}


def line(content: dict[str, Any]) -> bytes:
    """Encode one record as a line."""
    try:
        return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a lone surrogate, from a file name or an API caller, has no UTF-8
        return orjson.dumps(encodable(content), option=orjson.OPT_APPEND_NEWLINE)


def encodable(value: Any) -> Any:
    """Put a question mark for every character that UTF-8 has no code for, at any depth."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encodable(item) for item in value]
    return value
