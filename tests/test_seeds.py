"""The acceptance test: the five real scrapes, scored by the shipped model. Nothing is tuned on them."""

from pathlib import Path

import orjson
import pytest

import classifier
from classifier.reading import read_sources
from classifier.storage import default_model_path

SEEDS = Path(__file__).parents[1] / "seeds"
GOLD = {
    record["id"]: record["paragraphs"]
    for record in map(orjson.loads, (SEEDS / "labels.jsonl").read_bytes().splitlines())
}
CLEAN = ("000", "001", "003")

pytestmark = pytest.mark.skipif(not default_model_path().exists(), reason="no default model yet: run `make train`")


@pytest.fixture(scope="module")
def scored():
    """Scored paragraphs of each seed by file name, in order."""
    model = classifier.load()
    return {
        Path(document.id).name: list(model.score(document))
        for document in read_sources([str(SEEDS)])
        if isinstance(document, classifier.Document)
    }


def pairs(scored, label):
    """Scored paragraphs whose only acceptable label is this one."""
    for name, paragraphs in scored.items():
        for gold, paragraph in zip(GOLD[name], paragraphs, strict=True):
            if gold["label"] == label and not gold.get("also"):
                yield paragraph


def share_right(scored, label):
    answers = [paragraph.label == label for paragraph in pairs(scored, label)]
    return sum(answers) / len(answers)


def test_every_paragraph_is_scored_with_reasons(scored):
    assert sorted(scored) == sorted(GOLD)
    for name, paragraphs in scored.items():
        assert [paragraph.text for paragraph in paragraphs] == [gold["text"] for gold in GOLD[name]]
        assert all(abs(sum(paragraph.probabilities.values()) - 1) < 1e-6 for paragraph in paragraphs)
        assert all(paragraph.reasons for paragraph in paragraphs)


#: The acceptance test proper, as far as the default model fails it: take the mark off when a model passes.
not_met = pytest.mark.xfail(strict=True, raises=AssertionError, reason="the default model misses it: see WRONG")


def test_core_is_found(scored):
    assert share_right(scored, "core") >= 0.95


def test_chrome_is_found(scored):
    assert share_right(scored, "chrome") >= 0.9


def test_the_other_story_is_off_topic(scored):
    assert share_right(scored, "off-topic") == 1


@not_met
def test_the_unsourced_reactions_are_suspect(scored):
    assert share_right(scored, "suspect") == 1


def test_nothing_in_the_clean_texts_is_suspect(scored):
    for paragraph in pairs(scored, "core"):
        if paragraph.document.rsplit("/", 1)[-1].startswith(CLEAN):
            assert paragraph.label == "core", paragraph.text


#: What the default model gets wrong of them (file, paragraph, its label, the right one). It is the record of an
#: acceptance test, not an aim: what a model learns must be taken out, and what it unlearns stands here for all to see.
WRONG = [
    ("002", 6, "core", "chrome"),
    ("002", 17, "core", "chrome"),
    ("002", 26, "core", "chrome"),
    ("002", 28, "core", "suspect"),
    ("002", 29, "core", "suspect"),
    ("002", 30, "core", "suspect"),
    ("002", 32, "core", "suspect"),
    ("002", 33, "core", "suspect"),
    ("002", 34, "core", "suspect"),
    ("004", 17, "core", "chrome"),
    ("004", 46, "off-topic", "chrome"),
]


def test_the_record_of_what_is_wrong_is_true(scored):
    wrong = [
        (paragraph.document.rsplit("/", 1)[-1][:3], paragraph.paragraph, paragraph.label, label)
        for label in classifier.LABELS
        for paragraph in pairs(scored, label)
        if paragraph.label != label
    ]
    assert sorted(wrong) == WRONG
