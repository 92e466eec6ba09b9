"""Documents compared with the others of their event before they are scored."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from classifier.document import Corroboration, Document, Failure
from classifier.story.grouping import group
from classifier.story.reading import Story, features, paragraph_data, read_together, reasons

#: How documents are grouped to events: by their `story` field (all are one event where none has it), by their
#: words, or not at all.
GROUPINGS: Final = ("field", "auto", "one")


def compare(items: Iterable[Document | Failure], grouping: str = "field") -> list[Document | Failure]:
    """Note on every paragraph what the other documents of its event have of it.

    All documents are in memory at once: whether a quotation stands alone is known only at the end.

    Parameters
    ----------
    items : iterable of Document or Failure
    grouping : {"field", "auto", "one"}
        See `GROUPINGS`.

    Returns
    -------
    list of Document or Failure
        New documents in the order of `items`, with `Paragraph.story` set and the event's name in
        `metadata["story"]`; failures in their place.
    """
    result = list(items)
    places = [place for place, item in enumerate(result) if isinstance(item, Document)]
    documents = [item for item in result if isinstance(item, Document)]
    for name, members in events(documents, grouping).items():
        try:
            noted: list[Document | Failure] = list(_noted(read_together([documents[i] for i in members]), name))
        except Exception as error:
            what = f"could not be compared with its story ({type(error).__name__}: {error}); please report it"
            noted = [Failure(documents[i].id, what) for i in members]
        for i, item in zip(members, noted, strict=True):
            result[places[i]] = item
    return result


def events(documents: Sequence[Document], grouping: str = "field") -> dict[str, list[int]]:
    """Names of events with the indices of their documents, in order of the first.

    An event is called as its `story` field says, else `#1`, `#2`, ... A document without the field is an
    event of its own where others have it.
    """
    if grouping not in GROUPINGS:
        raise ValueError(f"grouping is one of {', '.join(GROUPINGS)}, not {grouping!r}")
    named = [document.metadata.get("story", "") for document in documents]
    if grouping == "field" and any(named):
        found: dict[str, list[int]] = {}
        for i, name in enumerate(named):
            found.setdefault(name or f"#{i + 1}", []).append(i)
        return found
    groups = group(documents) if grouping == "auto" else [list(range(len(documents)))]
    return {f"#{number}": members for number, members in enumerate(groups, 1) if members}


def _noted(story: Story, name: str) -> Iterable[Document]:
    columns = features(story)
    for number, document in enumerate(story.documents):
        paragraphs = [
            replace(
                paragraph,
                story=Corroboration(
                    tuple(columns[number][place].tolist()),
                    {"event": name, **paragraph_data(story, number, place)},
                    reasons(story, number, place),
                ),
            )
            for place, paragraph in enumerate(document.paragraphs)
        ]
        yield replace(document, paragraphs=paragraphs, metadata={**document.metadata, "story": name})
