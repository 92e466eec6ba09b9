"""A saved model, really fitted, and small."""

import pytest

from classifier.document import Document, Gold, Paragraph
from classifier.labels import LABELS
from classifier.model import NewsClassifier
from classifier.storage import save_model


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    documents = []
    for number in range(12):
        lines = [(f"The {label} line {n} of page {number}.", label) for label in LABELS for n in range(4)]
        paragraphs = [Paragraph(text, None, Gold(label)) for text, label in lines]
        documents.append(Document(f"d{number}", paragraphs, source=f"site-{number}"))
    model = NewsClassifier(n_folds=2, max_iter=3, max_leaf_nodes=4, min_samples_leaf=5).fit(documents)
    path = tmp_path_factory.mktemp("model") / "small.skops"
    save_model(model, path, {})
    return path
