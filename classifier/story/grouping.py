"""Which documents tell of one event, and which of them are one text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.document import Document
from classifier.story.names import plain, without_quotations

#: Two documents tell of one event from this cosine of their word weights on, on average over the cluster.
#: Of pairs of the short hand-written documents, 9 in 10 of one event lie above and none of two events; longer
#: articles are more alike. Guides to one subject, which no event parts, are grouped by their subject.
SAME_EVENT: Final = 0.12
#: Two documents are one text when they share half of their runs of five words outside quotations (the union
#: counted): independent reports of one event share under a tenth, copies from .6 on.
SAME_TEXT: Final = 0.5
RUN: Final = 5
#: Two paragraphs are one text when four fifths of the shorter one's runs of three unquoted words recur.
SAME_PARAGRAPH: Final = 0.8
PARAGRAPH_RUN: Final = 3
#: With fewer unquoted words than this, likeness shows the speaker's words, not the writer's.
MIN_OWN_WORDS: Final = 8
#: Characters of a document that grouping looks at: the news is at the top, comments are at the end.
MAX_CHARS: Final = 20_000
_WORD = re.compile(r"[^\W_]+")
_CREDIT = re.compile(
    r"\((Reuters|AP|AFP|UPI|dpa|ANI|PTI|Xinhua|TASS|EFE|ANSA|Interfax)\)"
    r"|^(?:originally published (?:by|in|on)|this article (?:first )?appeared (?:in|on)"
    r"|reporting by|source:|via)\s+(.{3,60}?)[.|·]*$",
    re.I,
)


@dataclass(slots=True, frozen=True)
class Copy:
    """Two documents that are one text: indices, share of common text, and a credit line that says so."""

    first: int
    second: int
    share: float
    credit: str = ""


def group(documents: Sequence[Document]) -> list[list[int]]:
    """Give the indices of each event's documents, in order of the first; a lone document is a group.

    Average linkage inside the connected parts of the likeness graph: one aggregator page that holds texts of
    two events does not chain them together.
    """
    if len(documents) < 2:
        return [[i] for i in range(len(documents))]
    vectorizer = TfidfVectorizer(
        preprocessor=plain,
        token_pattern=r"(?u)\b[^\W\d_]{3,}\b",
        sublinear_tf=True,
        stop_words="english",
        max_df=_max_df(len(documents)),
    )
    try:
        vectors = vectorizer.fit_transform([_own_text(document) for document in documents])
    except ValueError:  # no words at all
        return [[i] for i in range(len(documents))]
    cosine = (vectors @ vectors.T).tocsr()
    cosine.data[cosine.data < SAME_EVENT] = 0
    cosine.eliminate_zeros()
    _, part = connected_components(cosine, directed=False)
    groups: list[list[int]] = []
    for number in np.unique(part):
        members = np.flatnonzero(part == number)
        if len(members) < 3:
            groups.append(members.tolist())
            continue
        distance = 1 - cosine[members][:, members].toarray()
        np.fill_diagonal(distance, 0)
        distance = np.maximum((distance + distance.T) / 2, 0)
        tree = linkage(squareform(distance, checks=False), "average")
        cluster = fcluster(tree, 1 - SAME_EVENT, "distance")
        groups.extend(members[cluster == c].tolist() for c in np.unique(cluster))
    return sorted(groups)


def _max_df(n: int) -> float | int:
    """Words of a tenth of the documents are nobody's event; in a handful of documents every word counts."""
    return 0.1 if n >= 50 else n


def _own_text(document: Document) -> str:
    """Title and prose: furniture differs by site and says nothing of the event."""
    lines = [paragraph.text for paragraph in document.paragraphs if len(paragraph.text.split()) >= 5]
    return "\n".join([document.metadata.get("title", ""), *lines])[:MAX_CHARS]


def copies(documents: Sequence[Document]) -> list[Copy]:
    """Pairs of documents that are one text: syndicated, reprinted, or copied with small changes."""
    runs = [_document_runs(document) for document in documents]
    found: list[Copy] = []
    for i, first in enumerate(runs):
        for j in range(i + 1, len(runs)):
            union = len(first | runs[j])
            share = len(first & runs[j]) / union if union else 0.0
            if share >= SAME_TEXT:
                found.append(Copy(i, j, share, _credit(documents[j]) or _credit(documents[i])))
    return found


def _document_runs(document: Document) -> set[int]:
    own: set[int] = set()
    for paragraph in document.paragraphs:
        # Shared furniture ("Share this article") is no shared text.
        if len(paragraph.text.split()) >= MIN_OWN_WORDS:
            own |= _runs(own_words(paragraph.text), RUN)
    return own


def _credit(document: Document) -> str:
    for paragraph in document.paragraphs:
        credit = _CREDIT.search(paragraph.text) if len(paragraph.text) < 400 else None
        if credit:
            return (credit.group(1) or credit.group(2)).strip()
    return ""


def own_words(text: str) -> list[str]:
    """Words outside the quotations: the writer's own."""
    return _WORD.findall(plain(without_quotations(text)))


def _runs(words: list[str], size: int) -> set[int]:
    return {hash(tuple(words[i : i + size])) for i in range(len(words) - size + 1)}


def same_paragraph(first: str, second: str) -> bool:
    """Whether one paragraph was copied from the other: the writer's own words recur, not the quoted ones."""
    one, two = own_words(first), own_words(second)
    if min(len(one), len(two)) < MIN_OWN_WORDS:
        return False
    runs = _runs(one, PARAGRAPH_RUN), _runs(two, PARAGRAPH_RUN)
    return len(runs[0] & runs[1]) >= SAME_PARAGRAPH * min(len(runs[0]), len(runs[1]))


def families(n: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """Give each of n things the smallest index that it is linked to, directly or over others."""
    family = list(range(n))
    for one, two in links:
        low, high = sorted((family[one], family[two]))
        family = [low if number == high else number for number in family]
    return family
