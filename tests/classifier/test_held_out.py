"""Suspect on articles that no model learned from: one that is blind in long or busy ones must not come back."""

from itertools import chain
from random import Random

import pytest

import classifier
from classifier.document import Document, Paragraph
from classifier.labels import CHROME, SUSPECT
from classifier.storage import default_model_path
from training.corpus import own_corpus, read_labelled

HELD_OUT = own_corpus() / "held-out"
FURNITURE = (
    "Photo: Delegates leave the hall after the morning session. (Handout)", "Advertisement", "Share this article",
    "Read also: Ferry fares to rise in May", "12 comments", "Story continues below", "Sign up for our evening briefing",
    "A lorry waits at the border crossing on Thursday. Image: Kanal Seks", "MOST READ", "Follow us on Mastodon",
    "Should the bridge be rebuilt? Vote in our poll", "Listen to this story · 6 min", "Subscribe for full access",
    "Related: What we know about the harbour fire", "Copy link", "Picture credit: Studio Ostrava", "Show more",
)  # fmt: skip

pytestmark = pytest.mark.skipif(not default_model_path().exists(), reason="the default model is not in this checkout")


def judged(documents):
    """Whether each paragraph with one right label is suspect, and whether it was called that."""
    golds = [paragraph.gold for document in documents for paragraph in document.paragraphs]
    said = classifier.load().score(documents, explain=False)
    pairs = zip(golds, said, strict=True)
    return [(gold.label == SUSPECT, paragraph.label == SUSPECT) for gold, paragraph in pairs if gold and not gold.also]


def busy(document, random):
    """The same document with up to two lines of page furniture after every paragraph of its article."""
    lines = [
        [paragraph, *(Paragraph(text) for text in random.sample(FURNITURE, random.randint(0, 2)))]
        if paragraph.gold.label != CHROME
        else [paragraph]
        for paragraph in document.paragraphs
    ]
    return Document(document.id, list(chain.from_iterable(lines)))


@pytest.mark.parametrize(("name", "recall"), [("short", 0.8), ("long", 0.65), ("long-2", 0.7), ("explainers", 0.7)])
def test_unsourced_reactions_are_found_in_short_and_in_long_articles(name, recall):
    strict = judged(read_labelled([HELD_OUT / f"{name}.jsonl"]))
    assert strict.count((True, True)) >= recall * sum(wanted for wanted, _ in strict)


@pytest.mark.parametrize(("name", "precision"), [("short", 0.8), ("long", 0.7), ("long-2", 0.8), ("explainers", 0.8)])
def test_plain_paragraphs_are_seldom_called_unsourced(name, precision):
    strict = judged(read_labelled([HELD_OUT / f"{name}.jsonl"]))
    assert strict.count((True, True)) >= precision * sum(called for _, called in strict)


def test_captions_and_widgets_between_paragraphs_do_not_hide_unsourced_reactions():
    bare = read_labelled([HELD_OUT / "short.jsonl", HELD_OUT / "long-2.jsonl"])
    random = Random(0)
    found, hidden = (judged(documents).count((True, True)) for documents in (bare, [busy(d, random) for d in bare]))
    assert hidden >= 0.85 * found


def test_what_is_learned_from_holds_none_of_them():
    learned = {document.id for folder in (own_corpus(), own_corpus() / "pairs") for document in read_labelled([folder])}
    held_out = {document.id for document in read_labelled([HELD_OUT])}
    assert len(held_out) == 37
    assert not learned & held_out
