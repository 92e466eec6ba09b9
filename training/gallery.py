"""The most confident mistakes of each kind, with what stood around them."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.document import Document, Reason
from classifier.labels import LABELS

#: Mistakes shown of one kind, and how many of the most confident are looked through for them.
SHOWN: Final = 5
CANDIDATES: Final = 300
#: Share of common words from which two paragraphs are one: the same notice on another page.
NEAR: Final = 0.8
MAX_CHARS: Final = 900
MAX_NEIGHBOUR_CHARS: Final = 240
_WORD = re.compile(r"[^\W\d_]+")


def error_gallery(
    documents: Sequence[Document],
    *,
    wrong: NDArray[np.int64],
    gold: NDArray[np.int64],
    predicted: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    reasons: Sequence[Sequence[Reason]] | None,
    quote: Callable[[Document], bool],
) -> list[dict[str, Any]]:
    """Most confident mistakes of each kind (gold label, predicted label), near-duplicates folded.

    Parameters
    ----------
    documents : sequence of Document
    wrong : int array
        Places of the mistakes among all paragraphs.
    gold, predicted : int arrays (n,)
        Labels of all paragraphs; gold is -1 where not judged.
    probabilities : float array (n, 4)
    reasons : sequence of length n, optional
    quote : callable
        Whether a document's text may be shown.

    Returns
    -------
    list of dict
        The most frequent kind first: `gold`, `predicted`, `count` and up to `SHOWN` `examples`.
    """
    starts = np.cumsum([0, *(len(document.paragraphs) for document in documents)])

    def show(place: int) -> dict[str, Any]:
        number = int(np.searchsorted(starts, place, side="right")) - 1
        document, index = documents[number], place - int(starts[number])
        quotable = quote(document)

        def neighbour(by: int) -> dict[str, Any] | None:
            if not 0 <= index + by < len(document.paragraphs):
                return None
            at = place + by
            return {
                "text": _cut(document.paragraphs[index + by].text, MAX_NEIGHBOUR_CHARS) if quotable else None,
                "gold": LABELS[gold[at]] if gold[at] >= 0 else None,
                "predicted": LABELS[predicted[at]],
            }

        paragraph = document.paragraphs[index]
        return {
            "document": document.id,
            "source": document.source,
            "paragraph": int(index),
            "characters": len(paragraph.text),
            "text": _cut(paragraph.text, MAX_CHARS) if quotable else None,
            "confidence": round(float(probabilities[place, predicted[place]]), 4),
            "gold_probability": round(float(probabilities[place, gold[place]]), 4),
            "reason_code": paragraph.gold.reason if paragraph.gold else None,
            "reasons": [
                {"code": reason.code, "text": reason.text} for reason in (reasons[place] if reasons else ()) or ()
            ],
            "before": neighbour(-1),
            "after": neighbour(1),
        }

    paragraphs = [paragraph for document in documents for paragraph in document.paragraphs]
    kinds = []
    for said in range(len(LABELS)):
        for true in range(len(LABELS)):
            places = wrong[(gold[wrong] == true) & (predicted[wrong] == said)]
            if not len(places):
                continue
            order = places[np.argsort(-probabilities[places, said], kind="stable")]
            folded = fold([paragraphs[place].text for place in order[:CANDIDATES]])
            examples = [{**show(int(order[members[0]])), "alike": len(members) - 1} for members in folded[:SHOWN]]
            kinds.append(
                {
                    "gold": LABELS[true],
                    "predicted": LABELS[said],
                    "count": len(places),
                    "examples": examples,
                }
            )
    return sorted(kinds, key=lambda kind: -kind["count"])


def fold(texts: Sequence[str]) -> list[list[int]]:
    """Group near-duplicate texts: each with the first text it shares `NEAR` of its words with.

    Digits and case do not count. Groups are in the order of their first member.
    """
    groups: list[tuple[frozenset[str], list[int]]] = []
    for i, text in enumerate(texts):
        words = frozenset(_WORD.findall(text.lower())) or frozenset({text})
        for known, members in groups:
            if len(words & known) >= NEAR * len(words | known):
                members.append(i)
                break
        else:
            groups.append((words, [i]))
    return [members for _, members in groups]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
