"""The card of a model: what it was trained on, what it reached, what it is for and where it ends."""

from typing import Any, Final

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from classifier.features.batch import Batch
from classifier.labels import LABELS, SUSPECT
from classifier.model import NewsClassifier
from training.corpus import golds_of
from training.fitting import TrainingSet

INTENDED_USE: Final = (
    "Paragraphs of scraped news articles, as text or HTML: cleaning of corpora, retrieval and media monitoring, "
    "and pointing people to claims whose source a reader cannot trace."
)
LIMITS: Final = (
    "Suspect says that a source is missing on the page, never that a statement is false; it is rare, and its "
    "precision and recall are far below those of core and chrome (see figures). It is judged in English only.",
    "Pages that are no articles (shops, forums, catalogues) are labelled with less care.",
)


def make_card(model: NewsClassifier | None, training: TrainingSet) -> dict[str, Any]:
    """Card of a model just fitted on a training set; figures are the fit's own out-of-fold ones.

    They come from inner folds grouped by site, on the documents labelled by reading only. `newsift evaluate`
    makes the full report from outer folds. Without a model it is the card of the recipe.
    """
    recipe = {"name": "newsift", "trained_on": training.sources}
    if model is None:
        return recipe | {"parameters": NewsClassifier().get_params()}
    return recipe | {
        "seed": model.random_state,
        "parameters": model.get_params(),
        "figures": _figures(model, training),
        "thresholds": model.thresholds_,
        "intended_use": INTENDED_USE,
        "limits": list(LIMITS),
        "scikit_learn": sklearn.__version__,
    }


def _figures(model: NewsClassifier, training: TrainingSet) -> dict[str, Any]:
    batch = Batch(training.documents)
    golds = golds_of(training.documents)
    truth = np.array([gold.label if gold and not gold.also else "" for gold in golds])
    labels = {name: model.decide(batch, model.out_of_fold_, name) for name in model.thresholds_}
    judged = (truth != "") & np.array(training.real())[batch.doc]
    figures: dict[str, Any] = {"protocol": "out-of-fold, grouped by site, strict labels of the labelled documents"}
    for sensitivity, predicted in labels.items():
        rows = _scores(truth[judged], predicted[judged])
        figures[sensitivity] = rows if sensitivity == "default" else {SUSPECT: rows[SUSPECT]}
    foreign = np.array(
        [
            origin == "page" and not english and any(paragraph.layout for paragraph in document.paragraphs)
            for document, origin, english in zip(training.documents, training.origins, batch.english, strict=True)
        ]
    )
    if foreign.any():
        judged = (truth != "") & foreign[batch.doc]
        figures["other_languages"] = {
            "protocol": "out-of-fold, grouped by site, pages that the project wrote in other languages than English",
            "pages": int(foreign.sum()),
            **_scores(truth[judged], labels["default"][judged]),
        }
    return figures


def _scores(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, dict[str, float]]:
    table = precision_recall_fscore_support(truth, predicted, labels=list(LABELS), zero_division=0)
    names = ("precision", "recall", "f1", "support")
    return {
        label: {name: round(float(column[i]), 4) for name, column in zip(names, table, strict=True)}
        for i, label in enumerate(LABELS)
    }
