"""Exchange with the tools that people label in: one table of formats, out and in."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import orjson

from classifier.document import Document
from training.corpus import CorpusError, labelled_record
from training.review.judgement import fill_unjudged
from training.review.uncertain import Scored
from training.sources import doccano, label_studio, spreadsheet
from training.sources.tasks import Item, items_of

Writer = Callable[[Iterable[Item]], bytes]
Reader = Callable[[bytes, str, str | None], list[Document]]

#: Format: (its writer, its reader).
FORMATS: Final[dict[str, tuple[Writer, Reader]]] = {
    "label-studio": (label_studio.write, label_studio.read),
    "doccano": (doccano.write_doccano, doccano.read_doccano),
    "prodigy": (doccano.write_prodigy, doccano.read_prodigy),
    "csv": (spreadsheet.write, spreadsheet.read),
}


def export(documents: Iterable[Document | Scored], format: str, path: Path) -> int:
    """Write documents for a label tool, with the labels they have and the model's where they are scored.

    Parameters
    ----------
    documents : iterable of Document or Scored
        What is to be labelled.
    format : str
        One of `FORMATS`.
    path : Path
        The file to write.

    Returns
    -------
    int
        How many documents were written.

    Raises
    ------
    CorpusError
        An unknown format, no document, or two documents of one id.
    """
    write, _ = _format(format)
    items = list(items_of(documents))
    if not items:
        raise CorpusError("nothing to export: no document")
    _replace(path, write(items))
    return len(items)


def import_(path: Path, format: str, annotator: str | None = None) -> list[Document]:
    """Read what a label tool exported.

    Parameters
    ----------
    path : Path
        The tool's file.
    format : str
        One of `FORMATS`.
    annotator : str, optional
        Whose labels to take where the file has those of several people.

    Returns
    -------
    list of Document
        All documents of the file; a paragraph that nobody labelled has no gold.

    Raises
    ------
    CorpusError
        The file cannot be read, or a record is not as the format has it; names the record.
    """
    _, read = _format(format)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or error})") from None
    return read(raw, str(path), annotator)


def write_labelled(documents: Iterable[Document], path: Path) -> tuple[int, int]:
    """Write imported documents as labelled data; paragraphs without a label go along as unjudged.

    Returns
    -------
    (int, int)
        Documents written, and documents left out because nobody labelled anything in them.

    Raises
    ------
    CorpusError
        Not one document has a label.
    """
    given = list(documents)
    labelled = [document for document in given if fill_unjudged(document)]
    if not labelled:
        raise CorpusError("no document has a label yet; label some, or export finished ones")
    _replace(path, b"".join(orjson.dumps(labelled_record(document)) + b"\n" for document in labelled))
    return len(labelled), len(given) - len(labelled)


def _format(name: str) -> tuple[Writer, Reader]:
    if name not in FORMATS:
        raise CorpusError(f"unknown format {name!r}; the formats are {', '.join(FORMATS)}")
    return FORMATS[name]


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
