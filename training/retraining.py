"""What does retraining change? The default model beside the new one, on the user's documents and elsewhere.

Nobody is judged on what they learned from: the new model of these tables is fitted without the documents that it
is judged on. Elsewhere are newsift's own documents and, with a checkout of WCXB, the public pages of the recipe's
first test fold. The default model learned from both, so there it is stood in for by the same recipe without the
user's documents, which like the new model did not see the documents judged there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from classifier.document import Document
from classifier.features.batch import Batch
from classifier.labels import LABELS
from classifier.model import NewsClassifier, Table
from classifier.storage import default_model_path, load_model
from training.fitting import DEFAULTS, WEIGHTS, TrainingSet, fit_chosen
from training.scores import N_LABELS, Array, Bootstrap, Estimate, estimate, scores, strict_counts, totals

#: The fits behind the tables: two folds and 40 larger steps cost a quarter of the final fit.
JUDGING: Final[Mapping[str, Any]] = {"max_iter": 40, "learning_rate": 0.3, "n_folds": 2}
#: A fifth is held out.
PARTS: Final = 5
#: With fewer documents (or fewer sources than parts) every part is held out in turn: one alone would be noise.
FEW: Final = 50
WIDTH: Final = 80
_RESAMPLES: Final = 1000
#: Origins of documents that the default model may have learned from as they are.
_RECIPE: Final = frozenset({"own", "pair", "page", "labelled", "wcxb-text", "wcxb-html"})


def retrain(
    training: TrainingSet,
    seed: int,
    *,
    parameters: Mapping[str, Any] = DEFAULTS,
    judging: Mapping[str, Any] = JUDGING,
    jobs: int = 2,
) -> tuple[NewsClassifier, str]:
    """Fit a model on everything; tell what it gains on the user's documents and what it costs elsewhere.

    Parameters
    ----------
    training : TrainingSet
        The user's documents have the origin `yours` (`training.fitting.gather`).
    seed : int
        Of splits and fits.
    parameters : mapping
        Of the model.
    judging : mapping
        Of the models fitted for judging.
    jobs : int
        Models fitted at once, each in a process of its own.

    Returns
    -------
    model : NewsClassifier
    text : str
        Two or three tables, at most 80 columns wide.

    Raises
    ------
    ModelError
        The default model is missing or damaged.
    """
    default, card = load_model(default_model_path())
    groups = training.groups()
    yours = np.flatnonzero(np.array(training.origins) == "yours")
    elsewhere = {
        name: chosen[~np.isin(groups[chosen], groups[yours])] for name, chosen in _elsewhere(training, groups).items()
    }
    others = np.concatenate(list(elsewhere.values()))
    parts = _parts(yours, groups, without=others)
    fits = [_unseen(training, np.concatenate([part, others])) for part in parts or [yours[:0]]]
    if others.size:
        fits.append(_unseen(training, np.concatenate([yours, others])))
    if not parts and not others.size:
        fits = []
    everything = (np.arange(len(training.documents)), parameters)
    model, *models = _fitted(training, [everything, *((chosen, judging) for chosen in fits)], seed, jobs)
    text = [_on_yours(training, default, parts, models, seed)]
    for name, chosen in elsewhere.items():
        if chosen.size:
            text.append(_on_others(name, [training.documents[i] for i in chosen], default, models, seed))
    if not others.size:
        text.append(
            _said("Elsewhere: not judged, as there are too few of newsift's own documents to learn from and hold out.")
        )
    if _learned_from_pages(card) and not training.sources.get("wcxb"):
        text.append(
            _said(
                "The default model also learned from public pages (WCXB), this one does not: what that costs elsewhere "
                "is not in these tables. Name a checkout with --wcxb to learn from them too."
            )
        )
    text.append(_weighing(training))
    if models:
        text.append(
            _said("The models fitted for these tables are smaller than the one that is written, which learns from all.")
        )
    return model, "\n\n".join(text) + "\n"


# -- who is judged on what -----------------------------------------------------------------------------


def _parts(yours: NDArray[np.int64], groups: NDArray[Any], without: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Parts of the user's documents to hold out in turn, no source in two of them; none where it cannot be."""
    sources = len(set(groups[yours].tolist()))
    if sources < 2:
        return []
    splitter = GroupKFold(min(PARTS, sources))
    parts = [yours[held] for _, held in splitter.split(yours, groups=groups[yours])]
    if sources >= PARTS and len(yours) >= FEW:
        parts = [min(parts, key=lambda part: abs(len(part) - len(yours) / PARTS))]
    left = [set(groups.tolist()) - set(groups[part].tolist()) - set(groups[without].tolist()) for part in parts]
    return parts if all(len(sources) >= 2 for sources in left) else []


def _elsewhere(training: TrainingSet, groups: NDArray[Any]) -> dict[str, NDArray[np.int64]]:
    """Documents of the recipe to hold out: a test fold of public pages, and every fifth source of the own corpus."""
    origins, folds = np.array(training.origins), np.array(training.folds)
    own = np.flatnonzero(origins == "own")
    sources = sorted(set(groups[own].tolist()))
    chosen = sources[::PARTS] if len(sources) >= PARTS else []
    return {
        f"public pages that newsift's authors labelled (test fold 1 of {PARTS})": np.flatnonzero(
            (origins == "labelled") & (folds == 0)
        ),
        "newsift's own documents": own[np.isin(groups[own], chosen)],
    }


def _unseen(training: TrainingSet, held: NDArray[np.int64]) -> NDArray[np.int64]:
    """Documents left to learn from: of none of the held documents' sources, with none of their text spliced in."""
    groups = training.groups()
    sites = np.isin(groups, groups[held])
    donors = tuple(f"+{document.id}" for document, same in zip(training.documents, sites, strict=True) if same)
    spliced = np.array([origin == "spliced" for origin in training.origins])
    holds_text = np.array([document.id.endswith(donors) for document in training.documents]) & spliced
    return np.flatnonzero(~sites & ~holds_text)


def _fitted(
    training: TrainingSet, fits: list[tuple[NDArray[np.int64], Mapping[str, Any]]], seed: int, jobs: int
) -> list[NewsClassifier]:
    """Fit models on chosen documents, the longest fit first."""
    base = Table.of(Batch(training.documents)).base
    models: list[NewsClassifier] = Parallel(n_jobs=min(jobs, len(fits)))(
        delayed(fit_chosen)(training, base, chosen, seed, parameters) for chosen, parameters in fits
    )
    return models


def _learned_from_pages(card: Mapping[str, Any]) -> bool:
    trained_on = card.get("trained_on")
    return isinstance(trained_on, dict) and bool(trained_on.get("wcxb"))


def _weighing(training: TrainingSet) -> str:
    """Say how much the user's documents count beside the others."""
    counts = training.sources.get("documents") or dict(Counter(training.origins))
    weight = training.weights()[training.origins.index("yours")]
    others = ", ".join(f"{WEIGHTS[origin]:g} ({origin})" for origin in counts if origin != "yours")
    judged = (
        "public pages that newsift's authors labelled and on yours"
        if "labelled" in counts
        else "your documents, and on newsift's own in the shares of real pages as far as yours lack examples of a label"
    )
    return _said(
        f"A paragraph of yours counts {weight:.1f} in learning, of other documents {others}. Probabilities and "
        f"thresholds are set on {judged}."
    )


# -- what is said --------------------------------------------------------------------------------------


def _on_yours(
    training: TrainingSet,
    default: NewsClassifier,
    parts: list[NDArray[np.int64]],
    models: list[NewsClassifier],
    seed: int,
) -> str:
    groups = training.groups()
    yours = [i for i, origin in enumerate(training.origins) if origin == "yours"]
    sources = len(set(groups[yours].tolist()))
    if not parts:
        return _said(
            f"Your {len(yours)} documents come from {sources} {'source' if sources == 1 else 'sources'}: too few to "
            "hold any out, so what they gain on your own pages cannot be told. Label pages of another source to see it."
        )
    held = [[training.documents[i] for i in part] for part in parts]
    documents = [document for part in held for document in part]
    after = np.concatenate([model.predict(part) for model, part in zip(models, held, strict=False)])
    judged = len(set(groups[np.concatenate(parts)].tolist()))
    unseen = (
        f"judged in {len(parts)} rounds by new models that did not see them"
        if len(parts) > 1
        else ("which the new model did not see")
    )
    head = f"Your documents: {len(documents)} of {len(yours)}, from {judged} of {sources} sources, {unseen}."
    recipe = {groups[i] for i, origin in enumerate(training.origins) if origin in _RECIPE}
    known = len(recipe & set(groups[np.concatenate(parts)].tolist()))
    if known:
        head += f" The default model learned from pages of {known} of these sources: it is judged too well here."
    return _said(head) + "\n\n" + _table(documents, default.predict(documents), after, ("default", "new"), seed)


def _on_others(
    name: str, documents: list[Document], default: NewsClassifier, models: list[NewsClassifier], seed: int
) -> str:
    known = scores(_confusion(documents, default.predict(documents)))["macro_f1"]
    head = _said(
        f"Elsewhere: {len(documents)} of {name}, which neither model saw. Here the new model is "
        "compared with one that learned from the same data without yours: the default model learned from these "
        f"very documents (macro F1 {known:.2f} on them)."
    )
    before, after = models[-1].predict(documents), models[0].predict(documents)
    return head + "\n\n" + _table(documents, before, after, ("without yours", "new"), seed)


def _table(
    documents: Sequence[Document],
    before: NDArray[Any],
    after: NDArray[Any],
    names: tuple[str, str],
    seed: int,
) -> str:
    """Precision, recall and F1 of two models by label, and a sentence on what is beyond noise."""
    old, new = (scores(_confusion(documents, labels)) for labels in (before, after))
    columns = f"{'P':>5}{'R':>5}{'F1':>5}"
    lines = [
        f"{'':24}{names[0]:>15}   {names[1]:>15}{'change':>11}",
        f"{'label':12}{'paragraphs':>10}  {columns}   {columns}{'in F1':>11}",
    ]
    for i, label in enumerate(LABELS):
        figures = ["".join(_number(model[name][i]) for name in ("precision", "recall", "f1")) for model in (old, new)]
        change = _signed(new["f1"][i] - old["f1"][i])
        lines.append(f"{label:12}{int(new['support'][i]):10d}  {figures[0]}   {figures[1]}  {change:>9}")
    change = _signed(new["macro_f1"] - old["macro_f1"])
    macro = [f"{_number(model['macro_f1']):>15}" for model in (old, new)]
    lines.append(f"{'mean':12}{int(new['support'].sum()):10d}  {macro[0]}   {macro[1]}  {change:>9}")
    return "\n".join(lines) + "\n\n" + _said(_verdict(_change(documents, before, after, seed)))


def _verdict(change: Estimate) -> str:
    value, low, high = change["value"], change["low"], change["high"]
    if value is None or low is None or high is None:
        return "Whether that is more than noise cannot be told from so few."
    what = "a gain" if low > 0 else "a loss" if high < 0 else "no more than noise"
    return f"Mean F1 changes by {value:+.2f} (95% interval {low:+.2f} to {high:+.2f}): {what}."


def _change(documents: Sequence[Document], before: NDArray[Any], after: NDArray[Any], seed: int) -> Estimate:
    """Change of macro-F1 with its interval: both models on the same resamples of documents."""
    resampling = Bootstrap(len(documents), _RESAMPLES, seed)
    values, drawn = [], []
    for labels in (before, after):
        counts = strict_counts(documents, labels)
        values.append(scores(totals(counts).reshape(N_LABELS, N_LABELS))["macro_f1"])
        drawn.append(scores(resampling.sums(counts).reshape(-1, N_LABELS, N_LABELS))["macro_f1"])
    return estimate(values[1] - values[0], drawn[1] - drawn[0])


def _confusion(documents: Sequence[Document], labels: NDArray[Any]) -> Array:
    return totals(strict_counts(documents, labels)).reshape(N_LABELS, N_LABELS)


def _number(value: Any) -> str:
    return f"{value:5.2f}" if np.isfinite(value) else f"{'-':>5}"


def _signed(value: Any) -> str:
    return f"{value:+.2f}" if np.isfinite(value) else "-"


def _said(sentence: str) -> str:
    return fill(sentence, WIDTH)
