"""Every figure of a quality report, as plain data."""

import hashlib
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.stats import binomtest

from classifier.document import Document, Gold, Reason
from classifier.labels import LABELS, REASON_CODES
from training import curves
from training.comparison import SCHEMA, EvaluationError, compare, read_metrics
from training.extraction import extraction_view
from training.gallery import error_gallery
from training.scores import (
    N_LABELS,
    Array,
    Bootstrap,
    confusion_counts,
    estimate,
    label_numbers,
    plain,
    score_table,
    scores,
    strict_counts,
    totals,
)
from training.slices import slice_scores

__all__ = ["SCHEMA", "EvaluationError", "compare", "describe_files", "evaluate", "mcnemar", "read_metrics"]

MAJORITY: Final = "majority label"
_VERSIONED: Final = ("newsift", "scikit-learn", "numpy", "scipy", "nltk")


@dataclass(frozen=True, slots=True)
class OtherSet:
    """Documents with gold labels that are reported apart, and the labels that they got (n,)."""

    name: str
    what: str
    documents: Sequence[Document]
    labels: NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Judged:
    """Paragraphs laid flat. `gold` is -1 where not judged; `accepted` (n, 4) marks every right answer."""

    doc: NDArray[np.int64]
    gold: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    strict: NDArray[np.bool_]
    predicted: NDArray[np.int64]
    probabilities: Array
    n_documents: int

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.asarray(self.gold >= 0)

    def counts(self, predicted: NDArray[np.int64]) -> csr_matrix:
        """Strict confusion counts of some predictions, by document."""
        use = self.strict
        return confusion_counts(self.doc[use], self.gold[use], predicted[use], self.n_documents)

    def lenient_counts(self, predicted: NDArray[np.int64]) -> csr_matrix:
        """Confusion counts in which an acceptable prediction is right."""
        use, rows = self.known, np.arange(len(predicted))
        gold = np.where(self.accepted[rows, predicted], predicted, self.gold)
        return confusion_counts(self.doc[use], gold[use], predicted[use], self.n_documents)


def _every(document: Document) -> bool:
    return True


def evaluate(
    documents: Sequence[Document],
    probabilities: ArrayLike,
    labels: ArrayLike,
    *,
    uncalibrated: ArrayLike | None = None,
    baselines: Mapping[str, ArrayLike] | None = None,
    protocol: dict[str, Any],
    model_card: dict[str, Any],
    reasons: Sequence[Sequence[Reason]] | None = None,
    quote: Callable[[Document], bool] = _every,
    others: Sequence["OtherSet"] = (),
    learning_curve: list[dict[str, Any]] | None = None,
    ablations: list[dict[str, Any]] | None = None,
    measured: str | None = None,
    seed: int = 0,
    bootstrap: int = 1000,
) -> dict[str, Any]:
    """Judge predictions against the gold labels of documents.

    Parameters
    ----------
    documents : sequence of Document
        Gold labels are on the paragraphs: none is not judged, one with `also` is left out of strict scores.
        Slices use the metadata `origin`, `genre`, `style`, `page_type`; the extraction view uses `gold`.
    probabilities : float array (n, 4)
        Of every paragraph of all documents in order, columns in the order of `LABELS`.
    labels : array of str (n,)
        Labels that the model decided on.
    uncalibrated : float array (n, 4), optional
        Probabilities before calibration.
    baselines : mapping of str to array of str (n,), optional
        Labels given by others. The majority label is always added.
    protocol : dict
        How it was judged; shown as it is. `files` (see `describe_files`) and `date` have places of their own.
    model_card : dict
        What was judged; shown as it is.
    reasons : sequence of sequences of Reason (n,), optional
    quote : callable
        Whether a document's text may stand in the report; all, by default.
    others : sequence of OtherSet
        Documents that the same models scored and that are reported apart.
    learning_curve : list of dict, optional
        `documents`, `macro_f1` and perhaps `low`, `high` of models trained on more and more documents.
    ablations : list of dict, optional
        `name`, `macro_f1` and perhaps `low`, `high`, `suspect_f1`, `off_topic_f1`; the first is the whole model.
    measured : str, optional
        How these two were measured.
    seed, bootstrap : int
        Seed and number of the resamples of documents.

    Returns
    -------
    dict
        JSON-able; `schema` names its version. Figures with intervals are {"value", "low", "high"}.

    Raises
    ------
    EvaluationError
        Lengths that do not line up, unknown labels, a label without an example, fewer than two documents.
    """
    judged = _judged(documents, probabilities, labels)
    n = len(judged.gold)
    before = None if uncalibrated is None else _probabilities(uncalibrated, n, "uncalibrated probabilities")
    if reasons is not None and len(reasons) != n:
        raise EvaluationError(f"reasons: {len(reasons):,} entries for {n:,} paragraphs; give one for each paragraph")
    rivals = {name: _label_array(given, n, f"baseline {name!r}") for name, given in (baselines or {}).items()}
    resampling = Bootstrap(judged.n_documents, bootstrap, seed)
    strict = np.flatnonzero(judged.strict)
    doc, gold = judged.doc[strict], judged.gold[strict]
    predicted, after = judged.predicted[strict], judged.probabilities[strict]
    majority = np.full(n, np.bincount(gold, minlength=N_LABELS).argmax())
    rivals = {MAJORITY: majority, **rivals}
    wrong = strict[gold != predicted]
    return {
        "schema": SCHEMA,
        "date": str(protocol.get("date") or time.strftime("%Y-%m-%d", time.gmtime())),
        "versions": _versions(),
        "labels": list(LABELS),
        "reason_codes": dict(REASON_CODES),
        "bootstrap": {"replicates": bootstrap, "seed": seed, "unit": "document"},
        "protocol": protocol,
        "model": model_card,
        "data": _data(documents, judged),
        "strict": score_table(judged.counts(judged.predicted), resampling),
        "lenient": score_table(judged.lenient_counts(judged.predicted), resampling),
        "other_sets": [_other_set(each, bootstrap, seed) for each in others],
        "baselines": _baselines(judged, rivals, resampling),
        "precision_recall": curves.precision_recall(after, gold),
        "thresholds": curves.against_threshold(after, gold),
        "calibration": {
            "after": curves.calibration(after, gold, doc, resampling),
            "before": None if before is None else curves.calibration(before[strict], gold, doc, resampling),
        },
        "risk_coverage": curves.risk_coverage(after[np.arange(len(gold)), predicted], predicted, gold),
        "slices": slice_scores(documents, places=strict, doc=doc, gold=gold, predicted=predicted, bootstrap=resampling),
        "errors": error_gallery(
            documents,
            wrong=wrong,
            gold=judged.gold,
            predicted=judged.predicted,
            probabilities=judged.probabilities,
            reasons=reasons,
            quote=quote,
        ),
        "extraction": extraction_view(documents, {"model": judged.predicted, **rivals}, bootstrap, seed),
        "learning_curve": learning_curve,
        "ablations": ablations,
        "measured": measured,
        "per_document": _per_document(documents, judged),
    }


def _other_set(given: "OtherSet", bootstrap: int, seed: int) -> dict[str, Any]:
    counts = strict_counts(given.documents, given.labels)
    table = score_table(counts, Bootstrap(counts.shape[0], bootstrap, seed))
    return {"name": given.name, "what": given.what, "documents": len(given.documents), **table}


def describe_files(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Name, size in bytes and SHA-256 of data files, for `protocol["files"]`."""
    return [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in paths
    ]


# -- checking what was given -----------------------------------------------------------------------


def _judged(documents: Sequence[Document], probabilities: ArrayLike, labels: ArrayLike) -> _Judged:
    golds = [paragraph.gold for document in documents for paragraph in document.paragraphs]
    n = len(golds)
    P = _probabilities(probabilities, n, "probabilities")
    predicted = _label_array(labels, n, "labels")
    sizes = [len(document.paragraphs) for document in documents]
    all_documents = np.repeat(np.arange(len(documents)), sizes)
    gold, accepted, strict = _gold_arrays(golds)
    # Documents without any gold label are no units of resampling.
    units, doc = np.unique(all_documents[gold >= 0], return_inverse=True)
    if len(units) < 2:
        found = "none" if not len(units) else "only one"
        raise EvaluationError(
            f"{found} of the {len(documents):,} documents has labels; intervals come from resampling "
            "documents, so at least two labelled documents are needed"
        )
    counts = np.bincount(gold[strict], minlength=N_LABELS)
    missing = [label for label, count in zip(LABELS, counts, strict=True) if not count]
    if missing:
        raise EvaluationError(
            f"no paragraph of the data is labelled {' or '.join(missing)} (without acceptable alternatives), "
            "so precision and recall cannot be judged; add documents that have examples of all four labels"
        )
    full = np.zeros(n, dtype=np.int64)
    full[gold >= 0] = doc
    return _Judged(full, gold, accepted, strict, predicted, P, len(units))


def _gold_arrays(golds: list[Gold | None]) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    places = {label: i for i, label in enumerate(LABELS)}
    gold = np.array([places[item.label] if item else -1 for item in golds], dtype=np.int64)
    strict = np.array([item is not None and not item.also for item in golds], dtype=bool)
    accepted = np.zeros((len(golds), N_LABELS), dtype=bool)
    for i, item in enumerate(golds):
        if item is not None:
            accepted[i, [places[label] for label in (item.label, *item.also)]] = True
    return gold, accepted, strict


def _probabilities(given: ArrayLike, n: int, what: str) -> Array:
    P = np.asarray(given, dtype=np.float64)
    if P.shape != (n, N_LABELS):
        shape = " x ".join(f"{size:,}" for size in P.shape)
        raise EvaluationError(
            f"{what}: {shape} numbers for {n:,} paragraphs; one row for each paragraph and one column for "
            f"each of {', '.join(LABELS)} are needed, so predict on the same documents"
        )
    bad = np.flatnonzero(~np.isclose(P.sum(axis=1), 1.0, atol=1e-3) | (P < 0).any(axis=1))
    if len(bad):
        raise EvaluationError(f"{what}: row {bad[0]:,} is {P[bad[0]].tolist()}, which is no probability of four labels")
    return P


def _label_array(given: ArrayLike, n: int, what: str) -> NDArray[np.int64]:
    values = np.asarray(given)
    if values.shape != (n,):
        raise EvaluationError(
            f"{what}: {values.size:,} labels for {n:,} paragraphs; give one for each, of the same documents"
        )
    unknown = sorted({str(value) for value in values} - set(LABELS))
    if unknown:
        raise EvaluationError(f"{what}: unknown label {unknown[0]!r}; the labels are {', '.join(LABELS)}")
    return label_numbers(values.tolist())


# -- parts of the report ---------------------------------------------------------------------------


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _data(documents: Sequence[Document], judged: _Judged) -> dict[str, Any]:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(document.id.encode())
        for paragraph in document.paragraphs:
            digest.update(f"\0{paragraph.text}\0{paragraph.gold}".encode())
    strict = np.bincount(judged.gold[judged.strict], minlength=N_LABELS)
    known = np.bincount(judged.gold[judged.known], minlength=N_LABELS)
    return {
        "digest": digest.hexdigest(),
        "documents": len(documents),
        "documents_judged": judged.n_documents,
        "sites": len({document.source or document.id for document in documents}),
        "paragraphs": len(judged.gold),
        "strict": int(judged.strict.sum()),
        "with_alternatives": int((judged.known & ~judged.strict).sum()),
        "not_judged": int((~judged.known).sum()),
        "labels": {
            label: {"strict": int(strict[i]), "with_alternatives": int(known[i] - strict[i])}
            for i, label in enumerate(LABELS)
        },
    }


def _baselines(judged: _Judged, others: dict[str, NDArray[np.int64]], resampling: Bootstrap) -> list[dict[str, Any]]:
    """Scores of each baseline and of the model's lead over it, on the same resamples."""
    names = ("accuracy", "macro_f1", "story_f1")

    def measured(predicted: NDArray[np.int64]) -> tuple[dict[str, Array], dict[str, Array]]:
        counts = judged.counts(predicted)
        shape = (-1, N_LABELS, N_LABELS)
        return scores(totals(counts).reshape(shape)[0]), scores(resampling.sums(counts).reshape(shape))

    own, own_drawn = measured(judged.predicted)
    rows = []
    for name, predicted in others.items():
        found, drawn = measured(predicted)
        rows.append(
            {
                "name": name,
                **{key: estimate(found[key], drawn[key]) for key in names},
                "labels": {label: plain(found["f1"][i]) for i, label in enumerate(LABELS)},
                "lead": {key: estimate(own[key] - found[key], own_drawn[key] - drawn[key]) for key in names},
                "mcnemar": mcnemar(judged.gold, judged.predicted, predicted, judged.strict),
            }
        )
    return rows


def mcnemar(
    gold: NDArray[np.int64], model: NDArray[np.int64], other: NDArray[np.int64], use: NDArray[np.bool_]
) -> dict[str, Any]:
    """Exact McNemar test: paragraphs that only one of two classifiers has right, and the two-sided p."""
    model_right, other_right = (model == gold)[use], (other == gold)[use]
    only_model = int((model_right & ~other_right).sum())
    only_other = int((other_right & ~model_right).sum())
    differing = only_model + only_other
    p = binomtest(only_model, differing).pvalue if differing else 1.0
    return {"only_model": only_model, "only_baseline": only_other, "p": float(p)}


def _per_document(documents: Sequence[Document], judged: _Judged) -> dict[str, Any]:
    """Confusion counts and summed Brier terms of each judged document, for comparisons to come."""
    all_documents = np.repeat(np.arange(len(documents)), [len(document.paragraphs) for document in documents])
    numbers = np.unique(all_documents[judged.known])
    rows = judged.counts(judged.predicted).toarray().astype(int)
    use = judged.strict
    squares = np.bincount(
        judged.doc[use],
        curves.brier_terms(judged.probabilities[use], judged.gold[use]),
        minlength=judged.n_documents,
    )
    return {
        "ids": [documents[i].id for i in numbers],
        "confusion": [" ".join(map(str, row)) for row in rows],
        "brier": [plain(value) for value in squares],
    }
