import numpy as np
import pytest

import classifier
from classifier.document import Document, Failure, Paragraph
from classifier.labels import LABELS
from classifier.scoring import ScoredDocument, Scorer, ScoringError, has_story, rounded

from .conftest import made_document


@pytest.fixture(scope="module")
def scorer(model_path):
    return classifier.load(model_path)


def plain(results):
    return [
        result if isinstance(result, Failure) else (result.document.id, result.document.metadata, result.paragraphs)
        for result in results
    ]


def test_every_paragraph_of_a_text_is_scored(scorer):
    scored = list(scorer.score("A headline\n\n  Share this \r\nMore words here.", id="mine"))
    assert [p.text for p in scored] == ["A headline", "Share this", "More words here."]
    assert [p.paragraph for p in scored] == [0, 1, 2]
    for paragraph in scored:
        assert paragraph.document == "mine"
        assert set(paragraph.probabilities) == set(LABELS)
        assert sum(paragraph.probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert paragraph.confidence == paragraph.probabilities[paragraph.label]


def test_page_is_told_from_text(scorer):
    scored = list(scorer.score("<!DOCTYPE html><html><body><p>One.</p><p>Two.</p></body></html>"))
    assert [p.text for p in scored] == ["One.", "Two."]


def test_iterables_of_texts_and_documents(scorer):
    scored = list(scorer.score([made_document(1), "one line"], id="x"))
    assert {p.document for p in scored} == {"page-1", "x-1"}


def test_empty_text_has_no_paragraphs(scorer):
    assert list(scorer.score(" \n\t\n")) == []


def test_one_comes_out_for_each_that_goes_in(scorer):
    failure = Failure("a.txt", "no such file")
    documents = [made_document(0), failure, Document("empty", []), made_document(1)]
    results = list(scorer.score_documents(documents, explain=False))
    assert results[1] is failure
    assert [len(r.paragraphs) for r in results if isinstance(r, ScoredDocument)] == [20, 0, 20]


def test_same_alone_in_a_batch_and_over_processes(fitted):
    documents = [made_document(number) for number in range(9)]
    whole = plain(Scorer(fitted).score_documents(documents, explain=False))
    alone = plain(Scorer(fitted, batch_paragraphs=1).score_documents(documents, explain=False))
    assert whole == alone


def test_processes_keep_the_order(fitted, monkeypatch):
    monkeypatch.setattr("classifier.scoring.CHUNK_DOCUMENTS", 2)
    documents = [made_document(number) for number in range(9)]
    here = plain(Scorer(fitted).score_documents(documents, explain=False))
    there = plain(Scorer(fitted).score_documents(documents, explain=False, jobs=2))
    assert here == there


def test_document_that_breaks_scoring_does_not_take_others_along(fitted, monkeypatch):
    whole = type(fitted).analyse

    def analyse(self, batch):
        if any("poison" in text for text in batch.texts):
            raise FloatingPointError("boom")
        return whole(self, batch)

    monkeypatch.setattr(type(fitted), "analyse", analyse)
    documents = [made_document(0), Document("bad", [Paragraph("poison")]), made_document(1)]
    good, bad, other = Scorer(fitted).score_documents(documents, explain=False)
    assert isinstance(bad, Failure)
    assert bad.where == "bad"
    assert "boom" in bad.what
    assert len(good.paragraphs) == len(other.paragraphs) == 20
    with pytest.raises(ScoringError, match="boom"):
        list(Scorer(fitted).score(documents))


def test_unknown_sensitivity_is_named(scorer):
    with pytest.raises(ValueError, match="default, high, low"):
        list(scorer.score("text", sensitivity="extreme"))


def test_probabilities_sum_to_one_after_rounding():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet([0.3] * 4, size=2000).astype(np.float32)
    result = rounded(probabilities)
    assert np.abs(result.sum(axis=1) - 1).max() < 1e-9
    assert (result >= 0).all()
    assert np.abs(result - probabilities).max() < 3e-6


def test_story_needs_prose_of_its_own():
    words = np.array([60.0, 5.0, 300.0])
    prose = np.array([True, False, True])
    assert has_story(words, prose, np.array([True, False, False]))
    assert not has_story(words, prose, np.array([False, True, False]))
    assert not has_story(words * [1, 1, 10], prose, np.array([True, False, False]))


def test_foreign_text_says_that_suspect_was_not_judged(scorer):
    german = "Der Rat der Stadt hat gestern beschlossen, den alten Hafen für viel Geld zu erneuern. " * 4
    (scored,) = scorer.score_documents([Document("de", [Paragraph(german.strip())] * 3)], explain=False)
    assert scored.document.metadata["suspect"] == "not judged: not English"


def test_whether_there_is_a_story_is_asked_of_probabilities_not_of_labels(scorer, monkeypatch):
    before = next(iter(scorer.score_documents([made_document(3)])))
    monkeypatch.setattr(type(scorer.model), "decide", lambda self, batch, P, sensitivity: np.full(len(P), "chrome"))
    after = next(iter(scorer.score_documents([made_document(3)])))
    assert {paragraph.label for paragraph in after.paragraphs} == {"chrome"}
    assert before.document.metadata["article"] == after.document.metadata["article"] == "story"
