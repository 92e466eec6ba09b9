"""A small model, really fitted, that every test of scoring shares."""

from pathlib import Path

import pytest

from classifier.document import Document, Gold, Layout, Paragraph
from classifier.model import NewsClassifier
from classifier.storage import save_model

PROSE = "The council of Harrow Bay voted on {} to spend {} million on its harbour, the mayor told the Gazette."
REACTION = "The foreign ministry of {} said it was deeply outraged by the decision of {} million people."
OTHER = "In other news, the football club of {} won its {} match of the season against a much older rival."
FURNITURE = ("Share this", "Menu {}", "Sign in", "Read also: {} things", "Advertisement", "Home | News | {}")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def made_document(number: int) -> Document:
    """One page of ten furniture lines, six of prose, two of another story and two untraceable claims."""
    day = DAYS[number % len(DAYS)]
    lines = [(text.format(number), "chrome") for text in FURNITURE]
    lines += [(PROSE.format(day, number + i), "core") for i in range(6)]
    lines += [(REACTION.format(day, number + i), "suspect") for i in range(2)]
    lines += [(OTHER.format(day, number + i), "off-topic") for i in range(2)]
    lines += [
        ("Follow us", "chrome"),
        ("Back to top", "chrome"),
        ("Cookies", "chrome"),
        (f"© {number}", "chrome"),
    ]
    paragraphs = [Paragraph(text, _layout(label, number), Gold(label)) for text, label in lines]
    return Document(
        f"page-{number}", paragraphs, source=f"site-{number}", metadata={"title": PROSE.format(day, number)}
    )


def _layout(label: str, number: int) -> Layout | None:
    if number % 2:
        return None
    tag, word = ("li", "menu") if label == "chrome" else ("p", "story")
    return Layout((tag, "div", "body"), ((word,), (), ()), depth=4)


@pytest.fixture(scope="session")
def fitted() -> NewsClassifier:
    documents = [made_document(number) for number in range(12)]
    model = NewsClassifier(n_folds=2, max_iter=3, max_leaf_nodes=6, min_samples_leaf=5)
    return model.fit(documents)


@pytest.fixture(scope="session")
def model_path(fitted: NewsClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "small.skops"
    save_model(fitted, path, {"trained_on": "made documents"})
    return path


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """A scrape in a file, of twenty paragraphs, with CRLF and empty lines."""
    path = tmp_path / "article.txt"
    path.write_bytes("\r\n\r\n".join(p.text for p in made_document(3).paragraphs).encode())
    return path
