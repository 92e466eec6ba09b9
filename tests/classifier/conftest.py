"""Documents made for tests, and a small model that is really fitted on them."""

import pytest

from classifier.document import Document, Gold, Layout, Paragraph
from classifier.model import NewsClassifier

STREETS = ("Quay", "Mill", "Castle", "Orchard", "Station", "Garden", "Bridge")
STORY = "The council voted on {} to rebuild {} Street for {} million crowns, the engineer Rita Moss told the Courier."
CLAIM = "The foreign ministry of Norland condemned the plan for {} Street as “a wound to {} families” and left it there."
OTHER = "Divers from {} Island have found {} amphorae in a wreck that sank with its cargo of oil and grain long ago."
FURNITURE = ("Share this", "Home | News | {}", "Sign in", "Read also: {} things to know", "Advertisement", "© {} Courier")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def document(*lines, name="made", source="", **metadata):
    """A text document of the given lines."""
    return Document(name, [Paragraph(line) for line in lines], source=source, metadata=metadata)


def labelled_document(number, html=False):
    """A page with furniture around a story, two untraceable claims and another story's two paragraphs."""
    street, day = STREETS[number % len(STREETS)], DAYS[number % len(DAYS)]
    lines = [(text.format(number), "chrome") for text in FURNITURE]
    lines += [(STORY.format(day, street, number + i), "core") for i in range(5)]
    lines += [(CLAIM.format(street, number + i), "suspect") for i in range(2)]
    lines += [(OTHER.format(day, number + i), "off-topic") for i in range(2)]
    lines += [("Back to top", "chrome"), (f"{number} comments", "chrome")]
    paragraphs = [Paragraph(text, _layout(label) if html else None, Gold(label)) for text, label in lines]
    return Document(f"made-{number}", paragraphs, source=f"site-{number}")


def _layout(label):
    tag, word = ("li", "menu") if label == "chrome" else ("p", "story")
    return Layout((tag, "div", "body"), ((word,), (), ()), depth=4)


@pytest.fixture(scope="session")
def training_documents():
    return [labelled_document(number, html=number % 3 == 0) for number in range(12)]


@pytest.fixture(scope="session")
def small_model(training_documents):
    model = NewsClassifier(n_folds=2, max_iter=5, max_leaf_nodes=6, min_samples_leaf=5)
    return model.fit(training_documents)
