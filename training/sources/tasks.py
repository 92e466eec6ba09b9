"""What the files of all label tools have in common: documents on their way out, labels on their way in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from classifier.document import Document, Gold, Paragraph, ScoredParagraph
from classifier.labels import LABELS, REASON_CODES, SUSPECT
from training.corpus import NOTED, CorpusError
from training.review.uncertain import Scored

#: Fields of a document that go along as they are.
FIELDS: Final = ("source", "url", *NOTED)
#: How an also acceptable label is written where a tool knows only names of labels.
ALSO: Final = "also:"


@dataclass(slots=True, frozen=True)
class Item:
    """A document to label, and the model's verdicts on its paragraphs where there are some."""

    document: Document
    scored: Sequence[ScoredParagraph] = ()

    @property
    def labelled(self) -> bool:
        """Whether any paragraph has a label already."""
        return any(paragraph.gold for paragraph in self.document.paragraphs)


def items_of(documents: Iterable[Document | Scored]) -> Iterator[Item]:
    """Take documents or scored documents alike.

    Raises
    ------
    CorpusError
        Two documents have one id: their labels could not be told apart on the way back.
    """
    seen: set[str] = set()
    for given in documents:
        item = Item(given) if isinstance(given, Document) else Item(given.document, given.paragraphs)
        id = item.document.id
        if id in seen:
            raise CorpusError(f"two documents have the id {id!r}; give each its own before they are exported")
        seen.add(id)
        yield item


def fields_of(document: Document) -> dict[str, str]:
    """Give what is written of a document beside its paragraphs."""
    known = {"source": document.source, "url": document.url, **document.metadata}
    return {"document": document.id} | {name: known[name] for name in FIELDS if known.get(name)}


def document_of(fields: Mapping[str, Any], paragraphs: list[Paragraph], where: str) -> Document:
    """Build the document of a record; `fields` as `fields_of` wrote them, or a stranger's."""
    noted = {name: str(fields[name]) for name in NOTED if fields.get(name)}
    source, url = (str(fields.get(name) or "") for name in ("source", "url"))
    id = str(fields.get("document") or fields.get("id") or where)
    return Document(id, paragraphs, source=source or id, url=url, metadata=noted)


def gold_of(label: Any, also: Iterable[Any], reason: Any, where: str) -> Gold:
    """Check what a person set.

    Raises
    ------
    CorpusError
        A label or reason that newsift does not know; names the place.
    """
    also = tuple(name for name in also if name != label)
    for name in (label, *also):
        if name not in LABELS:
            raise CorpusError(f"{where}: unknown label {name!r}; the labels are {', '.join(LABELS)}")
    if reason and reason not in REASON_CODES:
        raise CorpusError(f"{where}: unknown reason {reason!r}; the reasons are {', '.join(REASON_CODES)}")
    # A person who changes suspect to something else may leave the reason standing; it means nothing then.
    kept = str(reason) if reason and label == SUSPECT else None
    return Gold(label, tuple(name for name in LABELS if name in also), kept)


def names_of(gold: Gold) -> list[str]:
    """All of a gold label as names, for tools that know only those: `suspect`, `S1`, `also:core`."""
    return [gold.label, *([gold.reason] if gold.reason else []), *(ALSO + name for name in gold.also)]


def gold_of_names(covered: Mapping[str, int], length: int, where: str) -> Gold | None:
    """Gold of a paragraph by the names that cover it and how many of its characters each covers.

    The label that covers most of the paragraph counts, as the label guide has it; names of reasons and of
    acceptable labels count from half of it. None if no label covers any of it.

    Raises
    ------
    CorpusError
        Two labels cover it equally, or a name is not known.
    """
    shares = {name: size for name, size in covered.items() if name not in REASON_CODES and not name.startswith(ALSO)}
    if not shares:
        return None
    ranked = sorted(shares, key=lambda name: -shares[name])
    if len(ranked) > 1 and shares[ranked[0]] == shares[ranked[1]]:
        raise CorpusError(f"{where}: is both {ranked[0]!r} and {ranked[1]!r}; leave one label on it")
    extra = [name for name, size in covered.items() if name not in shares and 2 * size >= length]
    also = [name.removeprefix(ALSO) for name in extra if name.startswith(ALSO)]
    reason = next((name for name in extra if name in REASON_CODES), None)
    return gold_of(ranked[0], also, reason, where)


def choose_annotator(people: Sequence[str], wanted: str | None, where: str) -> str | None:
    """Whose labels of a document to take: the only person's, or the wanted one's; None if he has none.

    Raises
    ------
    CorpusError
        Several people labelled it, and none is chosen.
    """
    if wanted is not None:
        return wanted if wanted in people else None
    distinct = sorted(set(people))
    if len(distinct) > 1:
        raise CorpusError(
            f"{where}: labelled by {', '.join(distinct)}; choose one with --annotator, "
            "and compare them with `newsift agree`"
        )
    return distinct[0] if distinct else None
