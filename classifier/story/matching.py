"""Which claims of different documents are one claim.

Two sentences are compared by the character 4-grams that they share, each weighed by how rare it is in the
story (inverse document frequency, Spärck Jones 1972). n-grams bear other quotation marks, inflection and
spelling; containment, rather than cosine alone, bears a quotation cut shorter or set into a longer sentence.
A logistic regression over a handful of such likenesses, learned from the hand-written story clusters
(`training/stories.py`), says how probably the two are one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from classifier.story.claims import Claim
from classifier.story.names import plain, same_person

#: Pairs that share less than this of the shorter one's weight are not looked at; nor are 7 in 100 gold pairs.
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
    "voice_missing",
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
    said_words = [plain(claim.said).translate(_PUNCTUATION).split() for claim in claims]
    words = [plain(claim.text).translate(_PUNCTUATION).split() for claim in claims]
    rows = []
    for i, j in pairs.tolist():
        a, b = _oriented(claims, share, i, j)
        run = _longest_run(said_words[a], words[b])
        shares = [float(share[a, b]), float(share[b, a]), float(cosine[i, j])]
        rows.append([*shares, *_rest(claims[a], claims[b], shares[0], run, max(len(said_words[a]), 1))])
    return pairs, np.array(rows, dtype=np.float64)


_PUNCTUATION: Final = str.maketrans(dict.fromkeys('.,;:!?()[]"“”„«»‘–—…', " "))


def _oriented(claims: Sequence[Claim], share: NDArray[np.float64], i: int, j: int) -> tuple[int, int]:
    """Put first the claim whose words are to be found in the other.

    A quotation is carried only where its own words are, whatever the sentences around it share; between two
    quotations or two plain sentences, the one that is better found may be the other one cut shorter.
    """
    if claims[i].quoted != claims[j].quoted:
        return (i, j) if claims[i].quoted else (j, i)
    return (i, j) if share[i, j] >= share[j, i] else (j, i)


def _voice_missing(first: Claim, second: Claim) -> bool:
    """Whether the one that speaks in the first sentence does not occur in the second."""
    words = plain(first.voice).translate(_PUNCTUATION).split()
    other = plain(second.text)
    # Beginnings of words: Brussels' and Brussels, Norway and Norwegian.
    return bool(words) and not any(word[:5] in other for word in words if len(word) > 1)


def _longest_run(said: list[str], sentence: list[str]) -> int:
    return SequenceMatcher(None, sentence, said, autojunk=False).find_longest_match().size


def _rest(first: Claim, second: Claim, contained: float, run: int, words: int) -> list[float]:
    """Likenesses after the first three; `words` is the length of what the first claim says."""
    known = bool(first.speaker and second.speaker)
    same = known and same_person(first.speaker, second.speaker)
    return [
        run / words,
        float(np.log1p(run)),
        1.0 / words,
        float(same),
        float(known and not same),
        float(first.quoted and second.quoted),
        contained * first.quoted,
        float(_voice_missing(first, second) or _voice_missing(second, first)),
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
        Pair(int(pairs[k, 0]), int(pairs[k, 1]), float(probability[k])) for k in order if probability[k] >= threshold
    ]
