"""Learning from the hand-written story clusters: which claims are one, and how much the other sources count.

Run as `python -m training.stories [MODEL]`, it writes `classifier/models/story.json` and prints the measured
figures. `MODEL` is the saved model whose log-odds the story features are to move; without one, a linear
model of the attribution columns stands in for it. Run as `python -m training.stories --held-out`, it judges the shipped
parameters on events that nothing was learned or chosen on.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from classifier.document import Document
from classifier.features import attribution
from classifier.features.batch import Batch
from classifier.labels import CORE, SUSPECT
from classifier.model import HEADS, NewsClassifier
from classifier.story.claims import claims_of
from classifier.story.grouping import copies, group
from classifier.story.matching import LIKENESS, likeness
from classifier.story.reading import (
    COLUMNS,
    Parameters,
    Story,
    default_parameters,
    features,
    parameters_of,
    read_together,
)
from training.corpus import CorpusError, labelled_document, own_corpus, read_labelled

Place = tuple[int, int]
PlacePair = tuple[Place, Place]
BaseLogOdds = Callable[[list[Document]], NDArray[np.float64]]

#: Events of the corpus that judge and teach nothing.
HELD_OUT: Final = "stories-held-out"
#: Strength of the ridge on the adjustment: twelve events cannot speak for large weights.
RIDGE: Final = 2.0
#: What a weight may mean: a carried statement never speaks for suspect, a lone untraced one never against.
SIGNS: Final = ((None, 0.0), (None, 0.0), (None, None), (0.0, None), (None, None), (0.0, None))
#: Conflicts are sought between claims that are only probably one: an altered number makes them less alike.
CONFLICT_SHARE: Final = 0.5


@dataclass(slots=True)
class Cluster:
    """The documents of one event and what a reader found in them.

    `matches` holds pairs of (document, paragraph) that carry one claim, `quotations` those of them where it
    is a quotation, `conflicts` pairs with the kind of slot, `copied` pairs of documents that are one text.
    """

    name: str
    documents: list[Document]
    matches: set[PlacePair] = field(default_factory=set)
    quotations: set[PlacePair] = field(default_factory=set)
    conflicts: dict[PlacePair, set[str]] = field(default_factory=dict)
    copied: set[tuple[int, int]] = field(default_factory=set)


def read_clusters(folder: Path | None = None) -> list[Cluster]:
    """Read the story clusters and their matching gold.

    Parameters
    ----------
    folder : Path, optional
        Holds `*.jsonl` with a `story` field in every record, and `gold/matching.jsonl`.

    Raises
    ------
    CorpusError
        A record or reference is not as it must be; names file and line.
    """
    folder = folder or own_corpus() / "stories"
    stories: dict[str, list[Document]] = defaultdict(list)
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            record = orjson.loads(line)
            if not record.get("story"):
                raise CorpusError(f"{file}:{number}: a document of a story cluster needs a 'story'")
            stories[record["story"]].append(labelled_document(record, f"{file}:{number}"))
    if not stories:
        raise CorpusError(f"{folder}: no story cluster found")
    clusters = {name: Cluster(name, documents) for name, documents in stories.items()}
    gold = folder / "gold" / "matching.jsonl"
    for number, line in enumerate(gold.read_bytes().splitlines(), 1):
        _add_gold(clusters, orjson.loads(line), f"{gold}:{number}")
    return list(clusters.values())


def _add_gold(clusters: dict[str, Cluster], record: dict[str, Any], where: str) -> None:
    cluster = clusters.get(record["story"])
    if cluster is None:
        raise CorpusError(f"{where}: no documents of story {record['story']!r}")
    numbers = {document.id: i for i, document in enumerate(cluster.documents)}
    if record["a"][0] not in numbers or record["b"][0] not in numbers:
        raise CorpusError(f"{where}: a document that is not in story {cluster.name!r}")
    one, two = numbers[record["a"][0]], numbers[record["b"][0]]
    if record["kind"] == "copy":
        cluster.copied.add((min(one, two), max(one, two)))
        return
    pair = _ordered((one, record["a"][1]), (two, record["b"][1]))
    if record["kind"] == "conflict":
        cluster.conflicts.setdefault(pair, set()).add(record["what"])
        return
    cluster.matches.add(pair)
    if record["quotation"]:
        cluster.quotations.add(pair)


def _ordered(one: Place, two: Place) -> PlacePair:
    return (one, two) if one < two else (two, one)


# -- matching ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class PairTable:
    """Candidate pairs of one cluster: likenesses, places, and whether a reader calls them one claim."""

    X: NDArray[np.float64]
    places: list[PlacePair]
    y: NDArray[np.int8]


def pair_table(cluster: Cluster) -> PairTable:
    """Candidate pairs of claims with their gold: 1, 0, or -1 for not counted.

    The gold is of paragraphs: of two paragraphs that carry one claim, the likeliest pair of sentences is the
    example and the other pairs are left out.
    """
    claims = claims_of(cluster.documents)
    pairs, X = likeness(claims)
    places = [
        _ordered((claims[i].document, claims[i].paragraph), (claims[j].document, claims[j].paragraph))
        for i, j in pairs.tolist()
    ]
    y = np.zeros(len(places), dtype=np.int8)
    best: dict[PlacePair, int] = {}
    for k, place in enumerate(places):
        if place in cluster.matches:
            y[k] = -1
            if place not in best or X[k, 0] + X[k, 2] > X[best[place], 0] + X[best[place], 2]:
                best[place] = k
    y[list(best.values())] = 1
    return PairTable(X, places, y)


def fit_matching(tables: Sequence[PairTable]) -> NDArray[np.float64]:
    """Intercept and weights of the likenesses; shape (1 + len(LIKENESS),)."""
    X = np.vstack([table.X for table in tables])
    y = np.concatenate([table.y for table in tables])
    model = LogisticRegression(C=10.0, max_iter=2000).fit(X[y >= 0], y[y >= 0])
    weights: NDArray[np.float64] = np.concatenate([model.intercept_, model.coef_[0]])
    return weights


def paragraph_scores(table: PairTable, weights: NDArray[np.float64]) -> dict[PlacePair, float]:
    """Probability that two paragraphs carry one claim: that of their likeliest pair of sentences."""
    probability = 1 / (1 + np.exp(-(weights[0] + table.X @ weights[1:])))
    scores: dict[PlacePair, float] = {}
    for place, value in zip(table.places, probability.tolist(), strict=True):
        scores[place] = max(scores.get(place, 0.0), value)
    return scores


def held_out_scores(clusters: Sequence[Cluster], tables: Sequence[PairTable]) -> list[dict[PlacePair, float]]:
    """Scores of each event's paragraph pairs by weights learned from the other events."""
    return [
        paragraph_scores(table, fit_matching([other for other in tables if other is not table]))
        for _, table in zip(clusters, tables, strict=True)
    ]


def judge(clusters: Sequence[Cluster], parameters: Parameters) -> dict[str, Any]:
    """Figures of given parameters on events that they were not learned from.

    Parameters
    ----------
    clusters : sequence of Cluster
    parameters : Parameters
        Weights and thresholds of story mode.

    Returns
    -------
    dict
        Matching of paragraphs, and of quotations alone (precision over pairs with a quotation on either side, recall
        over the gold's quotations), conflicts, copies, and grouping of all documents to events.
    """
    stories = [read_together(cluster.documents, parameters) for cluster in clusters]
    said = [_carried(story, quoted=False) for story in stories]
    quoted = [_carried(story, quoted=True) for story in stories]
    matches = [cluster.matches for cluster in clusters]
    quotations = [cluster.quotations for cluster in clusters]
    right, found = figures(quoted, matches), figures(said, quotations)
    return {
        "events": len(clusters),
        "documents": sum(len(cluster.documents) for cluster in clusters),
        "matching": figures(said, matches),
        "matching_quotations": {
            "precision": right["precision"],
            "recall": found["recall"],
            "found": right["found"],
            "gold": found["gold"],
        },
        "conflicts": _conflict_figures(clusters, parameters),
        "copies": _copy_figures(clusters),
        "grouping": _grouping_figures(clusters),
    }


def _carried(story: Story, *, quoted: bool) -> set[PlacePair]:
    """Pairs of paragraphs that carry one claim; only those with a quotation on either side, where that is asked."""
    claims = story.claims
    return {
        _ordered((one.document, one.paragraph), (claims[c.claim].document, claims[c.claim].paragraph))
        for one, carriers in zip(claims, story.carriers, strict=True)
        for c in carriers
        if not quoted or one.quoted or claims[c.claim].quoted
    }


def best_threshold(clusters: Sequence[Cluster], scores: Sequence[dict[PlacePair, float]]) -> float:
    """Choose the probability of the best F1 from which two paragraphs carry one claim."""
    candidates = np.arange(0.2, 0.81, 0.05)
    f1 = [_counts(clusters, scores, float(threshold))["f1"] for threshold in candidates]
    return round(float(candidates[int(np.argmax(f1))]), 2)


def _counts(
    clusters: Sequence[Cluster], scores: Sequence[dict[PlacePair, float]], threshold: float
) -> dict[str, float]:
    said = [{pair for pair, value in found.items() if value >= threshold} for found in scores]
    return figures(said, [cluster.matches for cluster in clusters])


def figures(said: Sequence[set[Any]], gold: Sequence[set[Any]]) -> dict[str, float]:
    """Precision, recall and F1 over several events."""
    hits = sum(len(a & b) for a, b in zip(said, gold, strict=True))
    found, wanted = sum(map(len, said)), sum(map(len, gold))
    precision, recall = hits / max(found, 1), hits / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"precision": precision, "recall": recall, "f1": f1, "found": found, "gold": wanted}


# -- the adjustment ----------------------------------------------------------------------------------------


def fit_adjustment(
    X: NDArray[np.float64], y: NDArray[Any], log_odds: NDArray[np.float64], ridge: float = RIDGE
) -> NDArray[np.float64]:
    """Weights of the story columns in a logistic regression whose offset is the model's own log-odds.

    Parameters
    ----------
    X : float array (n, len(COLUMNS))
    y : array (n,)
        1 for suspect, 0 for core.
    log_odds : float array (n,)
        Calibrated log-odds of suspect by a model that has not seen these documents.
    ridge : float
        Strength of the penalty on the squared weights.

    Returns
    -------
    float array (len(COLUMNS),)
        No intercept: where there is no story, nothing moves.
    """

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = log_odds + X @ weights
        gradient = X.T @ (1 / (1 + np.exp(-z)) - y) + ridge * weights
        value = np.logaddexp(0, z).sum() - (y * z).sum() + ridge / 2 * weights @ weights
        return float(value), gradient

    result = minimize(loss, np.zeros(X.shape[1]), jac=True, method="L-BFGS-B", bounds=SIGNS)
    weights: NDArray[np.float64] = result.x
    return weights


def base_of(model: NewsClassifier) -> BaseLogOdds:
    """Calibrated log-odds of suspect for every paragraph, by a fitted model; NaN where it does not ask."""

    def log_odds(documents: list[Document]) -> NDArray[np.float64]:
        analysis, place = model.analyse(Batch(documents)), HEADS.index("suspect")
        slope, shift = model.calibration_[place]
        values = np.full(len(analysis.log_odds), np.nan)
        values[analysis.rows] = analysis.log_odds[analysis.rows, place].astype(np.float64) * slope + shift
        return values

    return log_odds


def stand_in() -> BaseLogOdds:
    """Fit a linear model of suspect on the attribution columns of the project's corpus."""
    batch = Batch(read_labelled([own_corpus()]))
    golds = [paragraph.gold for document in batch.documents for paragraph in document.paragraphs]
    use = np.array([g is not None and not g.also and g.label in (CORE, SUSPECT) for g in golds])
    y = np.array([g is not None and g.label == SUSPECT for g in golds])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    model.fit(attribution.extract(batch)[use], y[use])

    def log_odds(documents: list[Document]) -> NDArray[np.float64]:
        values: NDArray[np.float64] = model.decision_function(attribution.extract(Batch(documents)))
        return values

    return log_odds


@dataclass(slots=True)
class AdjustmentTable:
    """Story columns, answers and base log-odds of one event's story paragraphs with a single label."""

    X: NDArray[np.float64]
    y: NDArray[np.int8]
    log_odds: NDArray[np.float64]


def adjustment_table(cluster: Cluster, base: BaseLogOdds, parameters: Parameters) -> AdjustmentTable:
    """Rows of the paragraphs that the suspect question is asked of: core and suspect, with no other label."""
    story = read_together(cluster.documents, parameters)
    X = np.vstack(features(story))
    golds = [paragraph.gold for document in cluster.documents for paragraph in document.paragraphs]
    use = np.array([g is not None and not g.also and g.label in (CORE, SUSPECT) for g in golds])
    y = np.array([g is not None and g.label == SUSPECT for g in golds], dtype=np.int8)
    log_odds = base(cluster.documents)
    use &= ~np.isnan(log_odds)
    return AdjustmentTable(X[use], y[use], log_odds[use])


# -- all of it ---------------------------------------------------------------------------------------------


def learn(clusters: Sequence[Cluster], base: BaseLogOdds) -> tuple[dict[str, Any], dict[str, Any]]:
    """Learn every parameter of story mode.

    Returns
    -------
    data : dict
        Content of `classifier/models/story.json`.
    measured : dict
        Figures, each on events that were held out from what it judges.
    """
    tables = [pair_table(cluster) for cluster in clusters]
    scores = held_out_scores(clusters, tables)
    threshold = best_threshold(clusters, scores)
    weights = fit_matching(tables)
    data: dict[str, Any] = {
        "match": {
            "columns": list(LIKENESS),
            "intercept": round(float(weights[0]), 4),
            "weights": [round(float(value), 4) for value in weights[1:]],
            "threshold": threshold,
            "conflict_threshold": round(threshold * CONFLICT_SHARE, 3),
        },
        "adjust": {"columns": list(COLUMNS), "weights": [0.0] * len(COLUMNS)},
    }
    parameters = parameters_of(data)
    rows = [adjustment_table(cluster, base, parameters) for cluster in clusters]
    data["adjust"]["weights"] = [round(float(value), 4) for value in _fit_rows(rows)]
    measured = {
        "matching": _counts(clusters, scores, threshold),
        "matching_quotations": _quotation_recall(clusters, scores, threshold),
        "conflicts": _conflict_figures(clusters, parameters),
        "copies": _copy_figures(clusters),
        "grouping": _grouping_figures(clusters),
        "suspect_log_loss": _losses(rows),
    }
    return data, measured


def _fit_rows(rows: Sequence[AdjustmentTable]) -> NDArray[np.float64]:
    return fit_adjustment(
        np.vstack([row.X for row in rows]),
        np.concatenate([row.y for row in rows]),
        np.concatenate([row.log_odds for row in rows]),
    )


def _quotation_recall(
    clusters: Sequence[Cluster], scores: Sequence[dict[PlacePair, float]], threshold: float
) -> dict[str, float]:
    found = [
        {pair for pair in cluster.quotations if held.get(pair, 0.0) >= threshold}
        for cluster, held in zip(clusters, scores, strict=True)
    ]
    wanted = sum(len(cluster.quotations) for cluster in clusters)
    return {"recall": sum(map(len, found)) / max(wanted, 1), "gold": wanted}


def _conflict_figures(clusters: Sequence[Cluster], parameters: Parameters) -> dict[str, float]:
    """Pairs of paragraphs in conflict; the rules were written with the same clusters in view."""
    said: list[set[PlacePair]] = []
    for cluster in clusters:
        story = read_together(cluster.documents, parameters)
        ends = [(story.claims[c.first], story.claims[c.second]) for c in story.conflicts]
        said.append({_ordered((a.document, a.paragraph), (b.document, b.paragraph)) for a, b in ends})
    return figures(said, [set(cluster.conflicts) for cluster in clusters])


def _copy_figures(clusters: Sequence[Cluster]) -> dict[str, float]:
    said = [{(copy.first, copy.second) for copy in copies(cluster.documents)} for cluster in clusters]
    return figures(said, [cluster.copied for cluster in clusters])


def _grouping_figures(clusters: Sequence[Cluster]) -> dict[str, float]:
    documents = [document for cluster in clusters for document in cluster.documents]
    names = [cluster.name for cluster in clusters for _ in cluster.documents]
    said = {(i, j) for found in group(documents) for i in found for j in found if i < j}
    gold = {(i, j) for i in range(len(names)) for j in range(i + 1, len(names)) if names[i] == names[j]}
    return figures([said], [gold])


def _losses(rows: Sequence[AdjustmentTable]) -> dict[str, float]:
    """Mean log loss of suspect without the story, and with weights learned from the other events."""
    before: list[NDArray[Any]] = []
    after: list[NDArray[Any]] = []
    for row in rows:
        weights = _fit_rows([other for other in rows if other is not row])
        for losses, z in ((before, row.log_odds), (after, row.log_odds + row.X @ weights)):
            losses.append(np.logaddexp(0, z) - row.y * z)
    return {"without": float(np.concatenate(before).mean()), "with": float(np.concatenate(after).mean())}


def main(arguments: Sequence[str]) -> None:
    """Learn, write `classifier/models/story.json`, print the figures; or judge on the held-out events."""
    if list(arguments) == ["--held-out"]:
        judged = judge(read_clusters(own_corpus() / HELD_OUT), default_parameters())
        sys.stdout.write(orjson.dumps(judged, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    if arguments:
        from classifier.storage import load_model  # noqa: PLC0415 - only when a saved model is named

        base = base_of(load_model(Path(arguments[0]))[0])
    else:
        base = stand_in()
    data, measured = learn(read_clusters(), base)
    target = Path(__file__).parent.parent / "classifier" / "models" / "story.json"
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_suffix(".json.part")
    temporary.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")
    temporary.replace(target)
    sys.stdout.write(orjson.dumps(measured, option=orjson.OPT_INDENT_2).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
