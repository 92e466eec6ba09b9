"""How good are the probabilities? Precision-recall, thresholds, reliability, risk against coverage."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve

from classifier.labels import LABELS
from training.scores import N_LABELS, Array, Bootstrap, estimate, estimates, plain, scores, sum_by, totals

#: Bins of equal width for reliability and ECE (Guo et al. 2017).
BINS: Final = 15
CURVE_POINTS: Final = 200
THRESHOLDS: Final = np.linspace(0, 1, 51)
COVERAGES: Final = np.linspace(0.05, 1, 20)


def precision_recall(probabilities: Array, gold: NDArray[np.int64]) -> dict[str, Any]:
    """Precision-recall curve, average precision and share of each label, one label against the rest.

    Parameters
    ----------
    probabilities : float array (n, 4)
    gold : int array (n,)
    """
    curves: dict[str, Any] = {}
    for i, label in enumerate(LABELS):
        truth, score = gold == i, probabilities[:, i]
        precision, recall, _ = precision_recall_curve(truth, score, drop_intermediate=True)
        kept = np.unique(np.linspace(0, len(recall) - 1, CURVE_POINTS).astype(int))
        curves[label] = {
            "average_precision": plain(average_precision_score(truth, score)),
            "share": plain(truth.mean()),
            "recall": [plain(value) for value in recall[kept]],
            "precision": [plain(value) for value in precision[kept]],
        }
    return curves


def against_threshold(probabilities: Array, gold: NDArray[np.int64]) -> dict[str, Any]:
    """Precision and recall of each label if it is said whenever its probability reaches a threshold."""
    curves: dict[str, Any] = {}
    for i, label in enumerate(LABELS):
        score = probabilities[:, i]
        said = len(score) - np.searchsorted(np.sort(score), THRESHOLDS)
        wanted = np.sort(score[gold == i])
        hits = len(wanted) - np.searchsorted(wanted, THRESHOLDS)
        precision = np.where(said > 0, hits / np.maximum(said, 1), np.nan)
        curves[label] = {
            "threshold": [plain(value) for value in THRESHOLDS],
            "precision": [plain(value) for value in precision],
            "recall": [plain(value) for value in hits / max(len(wanted), 1)],
        }
    return curves


def calibration(
    probabilities: Array, gold: NDArray[np.int64], documents: NDArray[np.int64], bootstrap: Bootstrap
) -> dict[str, Any]:
    """Brier score, expected calibration error and reliability bins.

    The Brier score is the squared distance over the four labels (0 to 2, as scikit-learn's for several
    classes). ECE is of the most probable label, over `BINS` bins of equal width.
    """
    top = probabilities.argmax(axis=1)
    top_bins = _bin_counts(probabilities[np.arange(len(top)), top], top == gold, documents, bootstrap.documents)
    drawn = bootstrap.sums(top_bins)
    errors = brier_terms(probabilities, gold)
    shape = (bootstrap.documents, 2)
    first = np.zeros(len(gold), dtype=np.int64)
    squares = sum_by(documents, first, shape, errors) + sum_by(documents, first + 1, shape)
    square_sums = bootstrap.sums(squares)
    result: dict[str, Any] = {
        "brier": estimate(errors.mean(), square_sums[:, 0] / np.maximum(square_sums[:, 1], 1)),
        "ece": estimate(_ece(totals(top_bins)), _ece(drawn)),
        "reliability": _reliability(totals(top_bins), drawn),
        "labels": {},
    }
    for i, label in enumerate(LABELS):
        truth, score = gold == i, probabilities[:, i]
        bins = _bin_counts(score, truth, documents, bootstrap.documents)
        result["labels"][label] = {
            "brier": plain(((score - truth) ** 2).mean()),
            "reliability": _reliability(totals(bins), bootstrap.sums(bins)),
        }
    return result


def brier_terms(probabilities: Array, gold: NDArray[np.int64]) -> Array:
    """Squared distance of each paragraph's probabilities from the truth; shape (n,)."""
    terms: Array = ((probabilities - np.eye(N_LABELS)[gold]) ** 2).sum(axis=1)
    return terms


def _bin_counts(confidence: Array, right: Any, documents: NDArray[np.int64], n_documents: int) -> Any:
    """Paragraphs, summed confidence and right answers of each bin by document; (documents, 3 BINS)."""
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    shape = (n_documents, 3 * BINS)
    parts = (np.ones(len(bins)), confidence, np.asarray(right, dtype=np.float64))
    return sum(
        (sum_by(documents, bins + place * BINS, shape, part) for place, part in enumerate(parts)),
        start=sum_by(documents[:0], bins[:0], shape),
    )


def _ece(sums: Array) -> Array:
    n, confidence, right = np.moveaxis(sums.reshape(*sums.shape[:-1], 3, BINS), -2, 0)
    error: Array = np.abs(right - confidence).sum(axis=-1) / np.maximum(n.sum(axis=-1), 1)
    return error


def _reliability(sums: Array, drawn: Array) -> list[dict[str, Any]]:
    n, confidence, right = sums.reshape(3, BINS)
    drawn_n, _, drawn_right = np.moveaxis(drawn.reshape(-1, 3, BINS), 1, 0)
    with np.errstate(invalid="ignore"):
        rates = estimates(right / n, drawn_right / drawn_n)
        mean = confidence / n
    return [{"paragraphs": int(n[i]), "confidence": plain(mean[i]), "right": rates[i]} for i in range(BINS) if n[i]]


def risk_coverage(confidence: Array, predicted: NDArray[np.int64], gold: NDArray[np.int64]) -> dict[str, Any]:
    """Accuracy and macro-F1 of what is kept when the least sure paragraphs go to a person.

    Returns
    -------
    dict
        `points`, a row for each coverage with the confidence it takes to be kept, and `area`: the mean
        error rate over all coverages (AURC, Geifman and El-Yaniv 2017).
    """
    order = np.argsort(-confidence, kind="stable")
    right = (predicted == gold)[order]
    ranks = np.arange(1, len(right) + 1)
    points = []
    for coverage in COVERAGES:
        kept = order[: max(1, round(coverage * len(order)))]
        confusion = np.bincount(gold[kept] * N_LABELS + predicted[kept], minlength=N_LABELS**2)
        found = scores(confusion.reshape(N_LABELS, N_LABELS).astype(np.float64))
        points.append(
            {
                "coverage": plain(coverage),
                "paragraphs": len(kept),
                "confidence": plain(confidence[kept[-1]]),
                "accuracy": plain(found["accuracy"]),
                "macro_f1": plain(found["macro_f1"]),
            }
        )
    return {"points": points, "area": plain(np.mean(1 - np.cumsum(right) / ranks))}
