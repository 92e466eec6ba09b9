"""Documents scored without a model: probabilities drawn around the true labels, the same each time."""

from dataclasses import dataclass

import numpy as np
import pytest

from classifier.document import Document, Paragraph, Reason, ScoredParagraph
from classifier.labels import LABELS
from training.corpus import own_corpus, read_labelled


@dataclass
class ScoredDocument:
    document: Document
    paragraphs: list[ScoredParagraph]


def scored_with(document: Document, probabilities) -> ScoredDocument:
    """A scored document with these probabilities, one row of four a paragraph."""
    paragraphs = []
    for place, (paragraph, row) in enumerate(zip(document.paragraphs, probabilities, strict=True)):
        label = LABELS[int(np.argmax(row))]
        shares = dict(zip(LABELS, map(float, row), strict=True))
        reasons = (Reason("made-up", f"a reason for {label}"),)
        paragraphs.append(ScoredParagraph(document.id, place, paragraph.text, label, shares[label], shares, reasons))
    return ScoredDocument(document, paragraphs)


def without_labels(document: Document) -> Document:
    paragraphs = [Paragraph(paragraph.text) for paragraph in document.paragraphs]
    return Document(document.id, paragraphs, document.source, document.url, dict(document.metadata))


@pytest.fixture(scope="session")
def labelled_sample():
    """Four documents of each of three genres."""
    return [
        document
        for genre in ("wire", "tabloid", "aggregator")
        for document in read_labelled([own_corpus() / f"{genre}.jsonl"])[:4]
    ]


@pytest.fixture(scope="session")
def scored_sample(labelled_sample):
    """One document of each genre, scored rightly for most paragraphs."""
    random = np.random.default_rng(7)
    scored = []
    for document in labelled_sample[::4]:
        alpha = [[0.3 + 3 * (label == p.gold.label) for label in LABELS] for p in document.paragraphs]
        scored.append(scored_with(without_labels(document), [random.dirichlet(row) for row in alpha]))
    return scored


@pytest.fixture
def make_scored():
    return scored_with
