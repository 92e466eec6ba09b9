"""Which paragraphs calibrate a model and set its thresholds, and what each counts there.

Probabilities and thresholds are true only where the labels have their shares of life: one paragraph in seven of the
project's own corpus is suspect, of real scrapes one in a hundred. Real scrapes are the documents labelled by reading.
A user's few corrected pages are real, but a threshold set on three suspect paragraphs is chance. So as far as they
lack what the default model was calibrated on, the own corpus fills up, weighed so that its labels have the shares of
life; those shares stand in the stand-off labels, whose texts need not be at hand.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.document import Document
from classifier.labels import LABELS
from training.corpus import golds_of, own_corpus
from training.sources.standoff import read_standoff

#: Labels of public pages that the repository ships without their text, below the own corpus.
STANDOFF: Final = "standoff/annotated-dev.jsonl"
#: Origins of documents whose labels have their shares of life.
REAL: Final = frozenset({"labelled", "yours"})


def calibration_weights(documents: Sequence[Document], origins: Sequence[str]) -> NDArray[np.float64]:
    """Give what every paragraph counts in calibration and thresholds; shape (paragraphs,).

    Parameters
    ----------
    documents : sequence of Document
        With gold labels.
    origins : sequence of str
        Of the documents (`training.fitting.WEIGHTS`).

    Returns
    -------
    float array (paragraphs,)
        1 for the paragraphs of real documents: `labelled` and `yours`. Where none is `labelled`, own paragraphs
        have the weights that `filling` gives. Without own or real documents every paragraph counts 1.
    """
    sizes = [len(document.paragraphs) for document in documents]
    kind = np.array(origins)
    real = np.array([origin in REAL for origin in origins])
    if "labelled" in origins or "own" not in origins:
        return np.repeat(real if real.any() else ~real, sizes).astype(float)
    own = [document for document, origin in zip(documents, origins, strict=True) if origin == "own"]
    yours = [document for document, origin in zip(documents, origins, strict=True) if origin == "yours"]
    by_label = filling(_sure_labels(yours), _sure_labels(own))
    filled = [
        by_label[paragraph.gold.label] if paragraph.gold else 0.0
        for document in documents
        for paragraph in document.paragraphs
    ]
    return np.where(np.repeat(real, sizes), 1.0, np.where(np.repeat(kind == "own", sizes), filled, 0.0))


def filling(yours: dict[str, int], own: dict[str, int]) -> dict[str, float]:
    """Weight of an own paragraph by its label, from how often each label is given.

    Own paragraphs together weigh as much as the paragraphs that the default model was calibrated on, label by
    label, times the share by which the user's fall short of these in the label that they lack most.
    """
    life = shares_of_life()
    lacking = 1.0 - min(1.0, *(yours[label] / life[label] for label in LABELS))
    return {label: lacking * life[label] / own[label] if own[label] else 0.0 for label in LABELS}


@cache
def shares_of_life() -> dict[str, int]:
    """How often each label was given on real scrapes, by the stand-off labels."""
    records = read_standoff(own_corpus() / STANDOFF)
    labels = Counter(item["label"] for record in records for item in record["paragraphs"] if not item.get("also"))
    return {label: labels[label] for label in LABELS}


def _sure_labels(documents: Sequence[Document]) -> dict[str, int]:
    """Count labels with no other acceptable one; what nobody judged on a review page has all."""
    labels = Counter(gold.label for gold in golds_of(documents) if gold and not gold.also)
    return {label: labels[label] for label in LABELS}
