"""How long to fuzz: a few seconds in the ordinary suite, `make fuzz` for as many examples as it is told."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

from classifier.document import Document, Gold, Paragraph
from classifier.labels import LABELS
from classifier.model import NewsClassifier
from classifier.storage import save_model

#: A reader that needs longer than this for a few kilobytes hangs.
HANGS_AFTER = 20

settings.register_profile(
    "suite", max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
settings.register_profile(
    "fuzz",
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "5000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
PROFILE = settings.get_profile(os.environ.get("FUZZ_PROFILE", "suite"))


class HangError(AssertionError):
    """A reader did not come back."""


@pytest.fixture(autouse=True)
def watchdog():
    """Give what ends a reader that hangs, also inside a regular expression; to be called before each example."""

    def hang(signum, frame):
        raise HangError(f"no answer within {HANGS_AFTER} s")

    before = signal.signal(signal.SIGALRM, hang)
    yield lambda: signal.alarm(HANGS_AFTER)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    """A saved model, really fitted, and small."""
    lines = {label: [f"{label} line {n} of the page." for n in range(4)] for label in LABELS}
    documents = [
        Document(f"d{n}", [Paragraph(f"{text} {n}", None, Gold(label)) for label in LABELS for text in lines[label]],
                 source=f"site-{n}")
        for n in range(12)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("model") / "small.skops"
    save_model(NewsClassifier(n_folds=2, max_iter=3, max_leaf_nodes=4, min_samples_leaf=5).fit(documents), path, {})
    return path
