"""Evaluations that were stored: reading them back, and comparing two of them."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from scipy.sparse import csr_matrix

from classifier.labels import LABELS
from training.scores import CELLS, N_LABELS, Array, Bootstrap, estimate, plain, scores

SCHEMA: Final = "newsift-metrics/1"
#: Measures of which a loss larger than noise makes a model worse.
GUARDED: Final = ("accuracy", "macro-F1", *(f"{label} F1" for label in LABELS))


class EvaluationError(ValueError):
    """Something that cannot be judged; the message says what was wrong and what to do."""


def read_metrics(path: Path) -> dict[str, Any]:
    """Read a metrics.json written by a report.

    Raises
    ------
    EvaluationError
        It is missing, no JSON, or of another schema.
    """
    try:
        data = orjson.loads(path.read_bytes())
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror or error})") from None
    except orjson.JSONDecodeError as error:
        raise EvaluationError(f"{path}: not a JSON file ({error})") from None
    _check_schema(data, str(path))
    return dict(data)


def _check_schema(data: Any, what: str) -> None:
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith("newsift-metrics/"):
        raise EvaluationError(
            f"{what}: written as {schema}, but this version reads {SCHEMA}; evaluate that model again"
        )
    raise EvaluationError(f"{what}: not a newsift metrics file; give the metrics.json of a `newsift evaluate` report")


def compare(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Compare two evaluations figure by figure.

    Where both judged the same documents with the same gold labels, both are resampled together (a paired
    document bootstrap); otherwise, and for figures that are no sum over documents, a difference is larger
    than noise when it is larger than both intervals together allow.

    Returns
    -------
    dict
        `paired`, `note`, `rows` (`name`, `new`, `old`, `difference`, `larger_than_noise`, `better`, `paired`)
        and `worse`: names of the `GUARDED` measures that got worse by more than noise.

    Raises
    ------
    EvaluationError
        One of them is no evaluation of this schema.
    """
    _check_schema(new, "the new metrics")
    _check_schema(old, "the old metrics")
    pair = _paired(new["per_document"], old["per_document"])
    drawn: dict[str, Array] = {}
    if pair is not None:
        replicates, seed = new["bootstrap"]["replicates"], new["bootstrap"]["seed"]
        drawn = _paired_differences(*pair, replicates, seed)
    old_figures = _figures(old)
    rows = []
    for name, (now, smaller_is_better) in _figures(new).items():
        if (row := _difference(now, old_figures[name][0], drawn.get(name))) is not None:
            better = None if not row["larger_than_noise"] else (row["difference"]["value"] > 0) != smaller_is_better
            rows.append(
                {
                    "name": name,
                    "new": now["value"],
                    "old": old_figures[name][0]["value"],
                    **row,
                    "better": better,
                }
            )
    return {
        "paired": pair is not None,
        "note": (
            "Both judged the same documents: intervals are of the difference, on the same resamples."
            if pair is not None
            else "The two did not judge the same documents with the same gold labels: a difference counts as "
            "larger than noise only when it is larger than both intervals together allow."
        ),
        "old": {"date": old["date"], "model": old["model"], "data": old["data"]},
        "rows": rows,
        "worse": [row["name"] for row in rows if row["name"] in GUARDED and row["better"] is False],
    }


def _figures(data: dict[str, Any]) -> dict[str, tuple[dict[str, Any], bool]]:
    """Figures that are compared: (estimate, whether smaller is better)."""
    strict, calibrated = data["strict"], data["calibration"]["after"]
    found = {
        "accuracy": (strict["accuracy"], False),
        "macro-F1": (strict["macro"]["f1"], False),
        "weighted F1": (strict["weighted"]["f1"], False),
    }
    for label in LABELS:
        for name in ("precision", "recall", "f1"):
            shown = "F1" if name == "f1" else name
            found[f"{label} {shown}"] = (strict["labels"][label][name], False)
    found["Brier"] = (calibrated["brier"], True)
    found["ECE"] = (calibrated["ece"], True)
    return found


def _difference(now: dict[str, Any], then: dict[str, Any], drawn: Array | None) -> dict[str, Any] | None:
    if now["value"] is None or then["value"] is None:
        return None
    value = now["value"] - then["value"]
    if drawn is not None:
        difference = estimate(value, drawn)
    else:
        up = np.hypot(now["high"] - now["value"], then["value"] - then["low"])
        down = np.hypot(now["value"] - now["low"], then["high"] - then["value"])
        difference = {"value": plain(value), "low": plain(value - down), "high": plain(value + up)}
    low, high = difference["low"], difference["high"]
    beyond = bool(low is not None and high is not None and (low > 0 or high < 0))
    return {"difference": difference, "larger_than_noise": beyond, "paired": drawn is not None}


def _paired(new: dict[str, Any], old: dict[str, Any]) -> tuple[Array, Array] | None:
    """Per-document rows (16 counts, Brier sum) of both, in one order; None if not of the same paragraphs."""
    if sorted(new["ids"]) != sorted(old["ids"]):
        return None
    tables = []
    for part in (new, old):
        counts = np.array([row.split() for row in part["confusion"]], dtype=np.float64)
        rows = np.column_stack([counts, np.array(part["brier"], dtype=np.float64)])
        tables.append(rows[np.argsort(np.array(part["ids"]), kind="stable")])
    gold = [table[:, :CELLS].reshape(-1, N_LABELS, N_LABELS).sum(axis=2) for table in tables]
    return (tables[0], tables[1]) if np.array_equal(*gold) else None


def _paired_differences(new: Array, old: Array, replicates: int, seed: int) -> dict[str, Array]:
    """Differences of the figures in every resample of the documents; each (replicates,)."""
    resampling = Bootstrap(len(new), replicates, seed)
    both = []
    for table in (new, old):
        sums = resampling.sums(csr_matrix(table))
        found = scores(sums[:, :CELLS].reshape(-1, N_LABELS, N_LABELS))
        figures = {
            "accuracy": found["accuracy"],
            "macro-F1": found["macro_f1"],
            "weighted F1": found["weighted_f1"],
            "Brier": sums[:, CELLS] / np.maximum(sums[:, :CELLS].sum(axis=1), 1),
        }
        for i, label in enumerate(LABELS):
            for name in ("precision", "recall", "f1"):
                figures[f"{label} {'F1' if name == 'f1' else name}"] = found[name][:, i]
        both.append(figures)
    return {name: both[0][name] - both[1][name] for name in both[0]}
