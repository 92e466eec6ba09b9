"""Which claims of different documents are one claim?

Two sentences are compared by the character 4-grams that they share, each weighed by how rare it is in the
story (inverse document frequency, Spärck Jones 1972). n-grams bear other quotation marks, inflection and
spelling; containment, rather than cosine alone, bears a quotation cut shorter or set into a longer sentence.
A logistic regression over a handful of such likenesses, learned from the hand-written story clusters
(`training/stories.py`), says how probably the two are one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from classifier.story.claims import Claim
from classifier.story.names import plain, same_person

#: Pairs that share less than this of the shorter one's weight are never one claim (matched gold pairs: >= .35).
MIN_CONTAINMENT: Final = 0.25
#: Columns of `likeness`, in order.
LIKENESS: Final = (
    "contained",
    "contained_back",
    "cosine",
    "run",
    "run_words",
    "short",
    "same_speaker",
    "other_speaker",
    "both_quoted",
    "quoted_contained",
)


@dataclass(slots=True, frozen=True)
class Pair:
    """Two claims, as indices, with the probability that they are one."""

    first: int
    second: int
    probability: float


def likeness(claims: Sequence[Claim]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of claims of different documents that share something, and how alike they are.

    Returns
    -------
    pairs : int array (n, 2)
    X : float array (n, len(LIKENESS))
    """
    none = np.zeros((0, 2), np.int64), np.zeros((0, len(LIKENESS)))
    if len(claims) < 2:
        return none
    vectorizer = CountVectorizer(
        analyzer="char_wb", ngram_range=(4, 4), binary=True, preprocessor=plain, dtype=np.float64
    )
    whole = vectorizer.fit_transform([claim.text for claim in claims])
    said = vectorizer.transform([claim.said for claim in claims])
    # Unsmoothed on purpose: an n-gram that every sentence has (" the") is worth nothing.
    frequency = np.asarray(whole.sum(axis=0)).ravel()
    weight = np.log((1 + len(claims)) / (1 + frequency))
    total = whole @ weight + 1e-9
    total_said = said @ weight + 1e-9
    common = (whole.multiply(weight[None, :])).tocsr() @ whole.T
    contained = (said.multiply(weight[None, :])).tocsr() @ whole.T
    share = contained.multiply(1 / total_said[:, None]).toarray()
    cosine = common.toarray() / np.sqrt(total[:, None] * total[None, :])
    document = np.array([claim.document for claim in claims])
    near = (np.maximum(share, share.T) >= MIN_CONTAINMENT) & (document[:, None] < document[None, :])
    pairs = np.argwhere(near)
    if not len(pairs):
        return none
    words = [plain(claim.said).translate(_PUNCTUATION).split() for claim in claims]
    whole_words = [plain(claim.text).translate(_PUNCTUATION).split() for claim in claims]
    rows = [_row(claims, words, whole_words, share, cosine, i, j) for i, j in pairs.tolist()]
    return pairs, np.array(rows, dtype=np.float64)


_PUNCTUATION: Final = str.maketrans(dict.fromkeys('.,;:!?()[]"“”„«»‘–—…', " "))


def _row(
    claims: Sequence[Claim],
    words: list[list[str]],
    whole: list[list[str]],
    share: NDArray[Any],
    cosine: NDArray[Any],
    i: int,
    j: int,
) -> list[float]:
    # From the side whose words are better found on the other side.
    a, b = (i, j) if share[i, j] >= share[j, i] else (j, i)
    first, second = claims[a], claims[b]
    matcher = SequenceMatcher(None, whole[b], words[a], autojunk=False)
    run = matcher.find_longest_match().size
    known = bool(first.speaker and second.speaker)
    same = known and same_person(first.speaker, second.speaker)
    return [
        float(share[a, b]),
        float(share[b, a]),
        float(cosine[i, j]),
        run / max(len(words[a]), 1),
        float(np.log1p(run)),
        1.0 / max(len(words[a]), 1),
        float(same),
        float(known and not same),
        float(first.quoted and second.quoted),
        float(share[a, b]) * first.quoted,
    ]


def match(claims: Sequence[Claim], weights: NDArray[np.float64], threshold: float) -> list[Pair]:
    """Pairs of claims that are one claim, most probable first.

    Parameters
    ----------
    claims : sequence of Claim
    weights : float array (1 + len(LIKENESS),)
        Intercept and weights of the likenesses.
    threshold : float
        Least probability.
    """
    pairs, X = likeness(claims)
    if not len(pairs):
        return []
    probability = 1 / (1 + np.exp(-(weights[0] + X @ weights[1:])))
    order = np.argsort(-probability, kind="stable")
    return [
        Pair(int(pairs[k, 0]), int(pairs[k, 1]), float(probability[k]))
        for k in order
        if probability[k] >= threshold
    ]
