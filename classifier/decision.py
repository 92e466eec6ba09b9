"""From probabilities to labels: what each label's probability counts before the largest wins.

The rare labels have a factor chosen in training, one for each sensitivity. The labels of the story have one on every
page: what is kept of a page has the best expected F1 if a paragraph is kept from half of that best F1 on, not from one
half. Where the story is plain the two are nearly the same; where a page leaves much in doubt, as shops, forums and
lists do, its likeliest text is kept instead of none.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.document import Gold
from classifier.features.batch import Array, Batch
from classifier.labels import LABELS, OFF_TOPIC, STORY_COLUMNS, SUSPECT

#: Sensitivities of suspect, and how much more recall counts than precision in each (the beta of F).
SENSITIVITIES: Final[dict[str, float]] = {"default": 1.0, "high": 2.0, "low": 0.5}
#: What `high` and `low` differ from the default by at the least: an option that changed nothing would be none.
APART: Final = 2.0
#: A paragraph less likely than this is never kept, however much in doubt the page leaves: each page has a likeliest
#: line, and on a menu that is no story.
LEAST: Final = 0.2


def weighed(batch: Batch, probabilities: Array) -> Array:
    """Probabilities whose story counts what it does on its page; shape (n, 4), rows no longer sum to 1.

    With true probabilities the best expected F1 is that of all whose probability is above half of it (Lipton, Elkan and
    Naryanaswamy 2014, "Optimal thresholding of classifiers to maximize F1 measure"); here of story, each paragraph
    counted by its characters up to `MAX_CHARS`, and the ratio of expectations taken for the expected ratio (the same in
    the limit: Ye et al. 2012, "Optimizing F-measures: a tale of two approaches"). Since the largest single label wins
    and the rare ones have their factors, it is nearly so. On unseen pages this raised the word F1 of all types of pages
    from 0.861 to 0.877 and of articles from 0.950 to 0.952.
    """
    result = probabilities.copy()
    story = probabilities[:, STORY_COLUMNS].sum(axis=1, dtype=np.float64)
    characters = np.array([max(len(text), 1) for text in batch.texts], dtype=np.float64)
    starts = np.flatnonzero(batch.index == 0)
    for begin in starts.tolist():  # one by one: what a document gets must not depend on what else is in the batch
        here = slice(begin, begin + int(batch.size[begin]))
        bar = max(_best_expected_f1(story[here], characters[here]) / 2, LEAST)
        result[here, STORY_COLUMNS] *= (1 - bar) / bar
    return result


def _best_expected_f1(story: NDArray[np.float64], characters: NDArray[np.float64]) -> float:
    """Best expected F1 of a document's likeliest paragraphs, however many they are."""
    order = np.argsort(-story, kind="stable")
    expected = story[order] * characters[order]
    kept = np.cumsum(characters[order])
    return float((2 * np.cumsum(expected) / (kept + expected.sum())).max())


def choose_thresholds(
    probabilities: Array,
    golds: Sequence[Gold | None],
    judged: NDArray[np.float64],
    leaky: NDArray[np.float64] | None = None,
    documents: NDArray[np.int64] | None = None,
) -> dict[str, dict[str, float]]:
    """Factors on the rare labels' probabilities, for each sensitivity.

    `default` gives each rare label its best F1 on out-of-fold paragraphs; `high` its best F2 (recall counts
    more) and `low` its best F0.5 for suspect. Suspect is judged on paragraphs that count
    as in life (`judged`), off-topic on those of documents that hold enough of it to tell (`leaky`).
    With few examples the best factor is a matter of luck: what is best is the mean over documents drawn again
    (bootstrap); `documents` has each paragraph's, every paragraph is one by default. `high` and `low` stay `APART` from
    the default.
    """
    strict = np.array([gold is not None and not gold.also for gold in golds])
    truth = np.array([gold.label if gold else "" for gold in golds])
    leaky = judged if leaky is None else leaky
    documents = np.arange(len(truth)) if documents is None else documents
    use = strict & (leaky > 0)
    offtopic = _best_factors(probabilities[use], truth[use], leaky[use], documents[use], OFF_TOPIC, (1.0,), {})[0]
    use = strict & (judged > 0)
    betas, others = tuple(SENSITIVITIES.values()), {OFF_TOPIC: offtopic}
    suspect = _best_factors(probabilities[use], truth[use], judged[use], documents[use], SUSPECT, betas, others)
    chosen = dict(zip(SENSITIVITIES, suspect, strict=True))
    if SUSPECT in truth[use]:
        chosen["high"] = max(chosen["high"], APART * chosen["default"])
        chosen["low"] = min(chosen["low"], chosen["default"] / APART)
    return {sensitivity: {OFF_TOPIC: offtopic, SUSPECT: factor} for sensitivity, factor in chosen.items()}


#: Times that documents are drawn again to choose a factor.
_RESAMPLES: Final = 500
_FACTORS: Final = tuple(float(2.0**power) for power in np.arange(-2, 5.01, 0.25))


def _best_factors(  # noqa: PLR0917 - one caller
    P: Array,
    truth: NDArray[Any],
    counts: NDArray[np.float64],
    documents: NDArray[np.int64],
    label: str,
    betas: tuple[float, ...],
    others: dict[str, float],
) -> list[float]:
    """Factors of the best F for each beta; of several the one nearest to 1, which changes nothing."""
    wanted = truth == label
    if not wanted.any():
        return [1.0] * len(betas)
    base = np.array([others.get(name, 1.0) for name in LABELS])
    place = LABELS.index(label)
    _, document = np.unique(documents, return_inverse=True)
    n = int(document.max()) + 1

    def per_document(which: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(document, weights=counts * which, minlength=n).astype(np.float64)

    said, hits = np.zeros((n, len(_FACTORS))), np.zeros((n, len(_FACTORS)))
    for i, factor in enumerate(_FACTORS):
        factors = base.copy()
        factors[place] = factor
        called = np.argmax(P * factors, axis=1) == place
        said[:, i], hits[:, i] = per_document(called), per_document(called & wanted)
    draws = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=_RESAMPLES).astype(np.float64)
    found, all_said, all_wanted = draws @ hits, draws @ said, (draws @ per_document(wanted))[:, None]
    best = []
    for beta in betas:
        scores = (1 + beta**2) * found / np.maximum(beta**2 * all_wanted + all_said, 1e-9)
        mean = scores.round(9).mean(axis=0)  # the last bits of a product are the machine's
        first = min(np.flatnonzero(mean == mean.max()).tolist(), key=lambda i: abs(np.log2(_FACTORS[i])))
        best.append(_FACTORS[first])
    return best
