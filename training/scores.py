"""Scores from confusion counts, and their intervals by resampling documents.

Everything is a sum of counts per document, so one resample is one weighted sum: no paragraph is looked at
again. Paragraphs of one document are alike; resampling them one by one would give intervals far too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from classifier.document import Document
from classifier.labels import LABELS, STORY_COLUMNS

Array = NDArray[np.float64]
#: A figure with its 95% interval: {"value", "low", "high"}; None where it is not defined.
Estimate = dict[str, float | None]

N_LABELS: Final = len(LABELS)
CELLS: Final = N_LABELS * N_LABELS
#: Resamples drawn at a time; bounds memory at documents x CHUNK numbers.
CHUNK: Final = 32
TAIL: Final = 2.5


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Resampling of documents with replacement; the same seed draws the same resamples for every count.

    Parameters
    ----------
    documents : int
    replicates : int
    seed : int
    """

    documents: int
    replicates: int
    seed: int

    def sums(self, counts: csr_matrix) -> Array:
        """Column sums of counts (documents, columns) in every resample; shape (replicates, columns)."""
        random = np.random.default_rng(self.seed)
        columns = counts.T.tocsr()
        result = np.empty((self.replicates, counts.shape[1]))
        for begin in range(0, self.replicates, CHUNK):
            end = min(begin + CHUNK, self.replicates)
            draws = random.integers(self.documents, size=(end - begin, self.documents))
            weights = np.stack([np.bincount(draw, minlength=self.documents) for draw in draws], axis=1)
            result[begin:end] = (columns @ weights.astype(np.float64)).T
        return result


def totals(counts: csr_matrix) -> Array:
    """Column sums of counts (documents, columns); shape (columns,)."""
    return np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()


def sum_by(
    documents: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int], values: Any = 1.0
) -> csr_matrix:
    """Add values up by document and column; `documents` and `columns` have one entry a value."""
    data = np.broadcast_to(np.asarray(values, dtype=np.float64), np.shape(columns))
    return coo_matrix((data, (documents, columns)), shape=shape).tocsr()


def confusion_counts(
    documents: NDArray[np.int64],
    gold: NDArray[np.int64],
    predicted: NDArray[np.int64],
    n_documents: int,
    *,
    block: NDArray[np.int64] | int = 0,
    n_blocks: int = 1,
) -> csr_matrix:
    """Count (gold, predicted) by document, 16 columns for every block; shape (n_documents, 16 n_blocks)."""
    columns = block * CELLS + gold * N_LABELS + predicted
    return sum_by(documents, columns, (n_documents, n_blocks * CELLS))


def strict_counts(documents: Sequence[Document], labels: Sequence[str] | NDArray[Any]) -> csr_matrix:
    """Count (gold, predicted) by document over the paragraphs that have one acceptable label; shape (documents, 16).

    Parameters
    ----------
    documents : sequence of Document
    labels : sequence of str (n,)
        Predictions for every paragraph of all documents, in order.
    """
    rows = [(place, paragraph.gold) for place, document in enumerate(documents) for paragraph in document.paragraphs]
    use = [i for i, (_, gold) in enumerate(rows) if gold is not None and not gold.also]
    return confusion_counts(
        np.array([rows[i][0] for i in use], dtype=np.int64),
        label_numbers([gold.label for _, gold in rows if gold is not None and not gold.also]),
        label_numbers([labels[i] for i in use]),
        len(documents),
    )


def scores(confusion: Array) -> dict[str, Array]:
    """Every score of confusion matrices (..., 4, 4), gold in rows.

    Returns
    -------
    dict
        `precision`, `recall`, `f1`, `support` of shape (..., 4); `accuracy`, `story_f1` (core and suspect
        against the rest) and the `macro_` and `weighted_` means of shape (...). A label without gold is NaN
        and left out of the means; precision of a label never predicted is 0, as in scikit-learn.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1).astype(np.float64)
    support, said = confusion.sum(axis=-1), confusion.sum(axis=-2)
    present, total = support > 0, support.sum(axis=-1)
    found: dict[str, Array] = {
        name: np.where(present, _ratio(*parts), np.nan)
        for name, parts in {
            "precision": (hits, said),
            "recall": (hits, support),
            "f1": (2 * hits, said + support),
        }.items()
    }
    means: dict[str, Array] = {}
    for name, values in found.items():
        known = np.where(present, values, 0.0)
        means[f"macro_{name}"] = _ratio(known.sum(axis=-1), present.sum(axis=-1), np.nan)
        means[f"weighted_{name}"] = _ratio((known * support).sum(axis=-1), total, np.nan)
    means["accuracy"] = _ratio(hits.sum(axis=-1), total, np.nan)
    kept = confusion[..., STORY_COLUMNS].sum(axis=(-1))
    story_hits = kept[..., STORY_COLUMNS].sum(axis=-1)
    story_gold = support[..., STORY_COLUMNS].sum(axis=-1)
    means["story_f1"] = _ratio(2 * story_hits, kept.sum(axis=-1) + story_gold, np.nan)
    return {**found, "support": support, **means}


def _ratio(part: Array, whole: Array, otherwise: float = 0.0) -> Array:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), otherwise)


def estimates(values: Array, replicates: Array) -> list[Estimate]:
    """Figures (k,) with the 95% intervals of their replicates (R, k)."""
    low, high = _percentiles(replicates)
    return [
        {"value": plain(value), "low": plain(lower), "high": plain(upper)}
        for value, lower, upper in zip(values, low, high, strict=True)
    ]


def estimate(value: Any, replicates: Array) -> Estimate:
    """One figure with the 95% interval of its replicates (R,)."""
    return estimates(np.atleast_1d(np.asarray(value, dtype=np.float64)), np.asarray(replicates)[:, None])[0]


def _percentiles(replicates: Array) -> tuple[Array, Array]:
    """Percentiles of each column, of the resamples in which the figure is defined."""
    defined = ~np.isnan(replicates).all(axis=0)
    bounds = np.full((2, replicates.shape[1]), np.nan)
    if defined.any():
        bounds[:, defined] = np.nanpercentile(replicates[:, defined], [TAIL, 100 - TAIL], axis=0)
    return bounds[0], bounds[1]


def plain(value: Any) -> float | None:
    """Give a number for JSON: six decimals, None for what is not defined."""
    number = float(value)
    return round(number, 6) if np.isfinite(number) else None


def score_table(counts: csr_matrix, bootstrap: Bootstrap) -> dict[str, Any]:
    """Scores of confusion counts (documents, 16) with intervals, as plain data."""
    confusion = totals(counts).reshape(N_LABELS, N_LABELS)
    found = scores(confusion)
    drawn = scores(bootstrap.sums(counts).reshape(-1, N_LABELS, N_LABELS))
    names = ("precision", "recall", "f1")
    by_name = {name: estimates(found[name], drawn[name]) for name in names}
    labels = {
        label: {**{name: by_name[name][i] for name in names}, "support": int(found["support"][i])}
        for i, label in enumerate(LABELS)
    }
    means = {
        mean: {name: estimate(found[f"{mean}_{name}"], drawn[f"{mean}_{name}"]) for name in names}
        for mean in ("macro", "weighted")
    }
    return {
        "paragraphs": int(confusion.sum()),
        "labels": labels,
        **means,
        "accuracy": estimate(found["accuracy"], drawn["accuracy"]),
        "story_f1": estimate(found["story_f1"], drawn["story_f1"]),
        "confusion": confusion.astype(int).tolist(),
    }


def label_numbers(labels: Sequence[str]) -> NDArray[np.int64]:
    """Places of labels in `LABELS`; KeyError for an unknown one."""
    places = {label: place for place, label in enumerate(LABELS)}
    return np.array([places[str(label)] for label in labels], dtype=np.int64)
