import functools
from collections import Counter

import numpy as np
import orjson
import pytest

from classifier.model import NewsClassifier
from training import fitting
from training.corpus import CorpusError, own_corpus
from training.fitting import SPLICES_PER_HUNDRED, WEIGHTS, Judged, cross_validate, fit, gather

from .conftest import labelled_record


@pytest.fixture
def quick(monkeypatch):
    """Small models, so that folds are a matter of a second."""
    small = functools.partial(NewsClassifier, max_iter=3, n_folds=2, max_leaf_nodes=4, min_samples_leaf=5)
    monkeypatch.setattr(fitting, "NewsClassifier", small)


@pytest.fixture
def training(labelled_file):
    return gather([labelled_file], support=False, folds=3)


def test_documents_have_origins_folds_and_weights(training):
    counts = Counter(training.origins)
    assert counts["labelled"] == 16
    assert set(counts) == {"labelled", "spliced", "cropped"}
    assert counts["spliced"] <= round(16 * SPLICES_PER_HUNDRED / 100) + 3  # rounded in each of three folds
    assert len(training.documents) == len(training.origins) == len(training.folds)
    assert [d.metadata["origin"] for d in training.documents] == training.origins
    assert training.weights().tolist() == [WEIGHTS[origin] for origin in training.origins]
    assert training.real().tolist() == [origin == "labelled" for origin in training.origins]
    assert training.sources["documents"] == dict(counts)
    assert training.sources["sites"] == 8
    assert training.sources["labels"]["labelled"] == {"core": 96, "off-topic": 16, "chrome": 32, "suspect": 16}


def test_a_site_is_never_on_both_sides(training):
    folds = {}
    for document, fold in zip(training.documents, training.folds, strict=True):
        folds.setdefault(document.source, set()).add(fold)
    assert all(len(found) == 1 for found in folds.values())
    assert {fold for found in folds.values() for fold in found} == {0, 1, 2}


def test_no_host_meets_a_donor_of_another_fold(training):
    fold_of = {
        document.id: fold
        for document, fold, origin in zip(training.documents, training.folds, training.origins, strict=True)
        if origin == "labelled"
    }
    spliced = [
        (document.id.split("+"), fold)
        for document, fold, origin in zip(training.documents, training.folds, training.origins, strict=True)
        if origin == "spliced"
    ]
    assert spliced
    for (host, donor), fold in spliced:
        assert fold_of[host] == fold_of[donor] == fold


def test_the_own_corpus_supports_and_is_never_held_out(labelled_file):
    training = gather([labelled_file], folds=3, without=frozenset({"spliced"}))
    own = [fold for fold, origin in zip(training.folds, training.origins, strict=True) if origin == "own"]
    assert len(own) >= 240
    assert set(own) == {-1}
    assert set(training.origins) == {"labelled", "own", "own-cropped", "pair", "page", "cropped"}


def test_the_own_corpus_alone_is_what_is_judged():
    training = gather([own_corpus()], folds=3, without=frozenset({"spliced"}))
    assert set(training.origins) == {"labelled", "pair", "page", "cropped"}
    assert set(training.folds) == {-1, 0, 1, 2}


def test_origins_can_be_left_out(labelled_file):
    assert set(gather([labelled_file], support=False, without=frozenset({"spliced", "cropped"})).origins) == {
        "labelled"
    }


def test_gathering_is_reproducible(labelled_file):
    first, second = (gather([labelled_file], support=False, seed=3) for _ in range(2))
    assert first.documents == second.documents
    assert first.folds == second.folds
    other = gather([labelled_file], support=False, seed=4)
    assert [d.id for d in other.documents] != [d.id for d in first.documents]


def test_one_source_alone_is_too_little(tmp_path):
    path = tmp_path / "one.jsonl"
    path.write_bytes(orjson.dumps(labelled_record(0)))
    with pytest.raises(CorpusError, match="at least two sources"):
        gather([path], support=False)
    with pytest.raises(CorpusError):
        gather([], support=False)


def test_a_folder_that_is_no_wcxb_split_is_named(labelled_file, tmp_path):
    with pytest.raises(CorpusError, match="no ground-truth"):
        gather([labelled_file], wcxb=tmp_path, support=False)


def test_fitting_twice_gives_the_same_answers(quick, training):
    first, second = (fit(training, seed=1).predict_proba(training.documents) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_every_judged_document_is_answered_once_by_a_model_that_did_not_see_its_site(quick, training, monkeypatch):
    seen = []
    fit_fold = fitting.fit_chosen

    def spying(given, base, chosen, *rest):
        model = fit_fold(given, base, chosen, *rest)
        model.sites = {given.documents[i].source for i in chosen}
        return model

    def judge(model, documents):
        seen.append((model.sites, {document.source for document in documents}))
        return fitting_judge(model, documents)

    fitting_judge = fitting.judge
    monkeypatch.setattr(fitting, "fit_chosen", spying)
    monkeypatch.setattr(fitting, "judge", judge)
    judged = cross_validate(training, seed=0)
    assert len(seen) == 3
    assert all(learned and asked and not learned & asked for learned, asked in seen)
    answered = [d for d, origin in zip(training.documents, training.origins, strict=True) if origin in fitting.JUDGED]
    assert Counter(d.id for d in judged.documents) == Counter(d.id for d in answered)
    rows = sum(len(document.paragraphs) for document in judged.documents)
    assert judged.probabilities.shape == judged.uncalibrated.shape == (rows, 4)
    assert judged.labels.shape == (rows,)
    np.testing.assert_allclose(judged.probabilities.sum(axis=1), 1, atol=1e-6)
    labelled = judged.only("labelled")
    assert len(labelled.documents) == 16
    assert len(labelled.labels) == 160


def test_only_takes_the_rows_of_its_documents(training):
    sizes = [len(document.paragraphs) for document in training.documents]
    origin = np.repeat(training.origins, sizes)
    marks = np.arange(len(origin))[:, None] * np.ones(4)
    judged = Judged(training.documents, marks, marks, origin)
    for name in ("labelled", "spliced"):
        part = judged.only(name)
        assert set(part.labels) == {name}
        assert part.probabilities[:, 0].tolist() == np.flatnonzero(origin == name).tolist()
    assert judged.only("wcxb-html").documents == []
    assert judged.only("wcxb-html").probabilities.shape == (0, 4)


def test_no_inner_split_divides_a_host_and_its_donor(training):
    groups = dict(zip((document.id for document in training.documents), training.inner_groups(), strict=True))
    spliced = [d.id for d, origin in zip(training.documents, training.origins, strict=True) if origin == "spliced"]
    assert spliced
    for name in spliced:
        host, donor = name.split("+")
        assert groups[name] == groups[host] == groups[donor]
