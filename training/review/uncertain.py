"""Which paragraphs are most worth a person's time.

Margin sampling (Scheffer, Decomain & Wrobel 2001): the smaller the gap between a paragraph's two likeliest
labels, the more its true label teaches. Taken alone that picks fifty times the same "Share" line of one site,
so a pick costs more the more often its site and its label were picked already, and near-duplicates of a
picked paragraph are passed over.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from classifier.document import Document, ScoredParagraph

#: What a site or a label that already has all picks adds to a margin (margins go from 0 to 1).
SPREAD: Final = 0.5
#: Share of common words from which two paragraphs count as near-duplicates (Jaccard).
NEAR_DUPLICATE: Final = 0.7

_WORD = re.compile(r"[^\W\d_]+")


class Scored(Protocol):
    """A document with its verdicts, paragraph by paragraph."""

    @property
    def document(self) -> Document:
        """The document as it was read."""

    @property
    def paragraphs(self) -> Sequence[ScoredParagraph]:
        """Its scored paragraphs, as many as the document has."""


def select_uncertain(scored: Sequence[Scored], n: int) -> list[tuple[int, int]]:
    """Pick the paragraphs whose labels would teach most.

    Parameters
    ----------
    scored : sequence of Scored
        Documents with their scored paragraphs.
    n : int
        How many to pick.

    Returns
    -------
    list of (int, int)
        Place of the document in `scored` and of the paragraph in the document, best first; fewer than `n`
        where there are no more that differ.
    """
    # The cost depends on margin, site and label, so the best is always the first of some (site, label) queue.
    queues: dict[tuple[str, str], deque[tuple[float, int, int]]] = defaultdict(deque)
    for gap, d, p in sorted(
        (margin(paragraph), d, p) for d, item in enumerate(scored) for p, paragraph in enumerate(item.paragraphs)
    ):
        queues[site(scored[d].document), scored[d].paragraphs[p].label].append((gap, d, p))
    picked: Counter[str] = Counter()
    bags: list[frozenset[str]] = []
    picks: list[tuple[int, int]] = []

    def cost(queue: tuple[str, str]) -> float:
        return queues[queue][0][0] + SPREAD * sum(picked[name] for name in queue) / max(len(picks), 1)

    while queues and len(picks) < n:
        best = min(queues, key=cost)
        _, d, p = queues[best].popleft()
        if not queues[best]:
            del queues[best]
        bag = _words(scored[d].paragraphs[p].text)
        if any(_alike(bag, other) for other in bags):
            continue
        bags.append(bag)
        picks.append((d, p))
        picked.update(best)
    return picks


def margin(paragraph: ScoredParagraph) -> float:
    """Gap between the probabilities of the two likeliest labels, 0 to 1."""
    first, second = sorted(paragraph.probabilities.values(), reverse=True)[:2]
    return first - second


def site(document: Document) -> str:
    """Group a document belongs to: its source, else the host of its address, else itself."""
    host = (urlsplit(document.url).hostname or "").removeprefix("www.")
    return document.source or host or document.id


def _words(text: str) -> frozenset[str]:
    """Words without figures, so that "3 comments" and "14 comments" are alike; else the line itself."""
    return frozenset(_WORD.findall(text.lower())) or frozenset((text.strip(),))


def _alike(a: frozenset[str], b: frozenset[str]) -> bool:
    return len(a & b) >= NEAR_DUPLICATE * len(a | b)
