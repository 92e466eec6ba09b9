"""Suspect on articles that no model learned from: one that is blind in long ones must not come back."""

import pytest

import classifier
from classifier.labels import SUSPECT
from classifier.storage import default_model_path
from training.corpus import own_corpus, read_labelled

HELD_OUT = own_corpus() / "held-out"


@pytest.mark.skipif(not default_model_path().exists(), reason="the default model is not in this checkout")
@pytest.mark.parametrize(
    ("name", "recall", "precision"), [("short", 0.8, 0.7), ("long", 0.65, 0.4), ("long-2", 0.7, 0.6)]
)
def test_unsourced_reactions_are_found_in_short_and_in_long_articles(name, recall, precision):
    documents = read_labelled([HELD_OUT / f"{name}.jsonl"])
    golds = [paragraph.gold for document in documents for paragraph in document.paragraphs]
    said = classifier.load().score(documents, explain=False)
    strict = [(g.label == SUSPECT, p.label == SUSPECT) for g, p in zip(golds, said, strict=True) if not g.also]
    hits = strict.count((True, True))
    assert hits >= recall * sum(wanted for wanted, _ in strict)
    assert hits >= precision * sum(called for _, called in strict)


def test_what_is_learned_from_holds_none_of_them():
    learned = {document.id for folder in (own_corpus(), own_corpus() / "pairs") for document in read_labelled([folder])}
    held_out = {document.id for document in read_labelled([HELD_OUT])}
    assert len(held_out) == 29
    assert not learned & held_out
