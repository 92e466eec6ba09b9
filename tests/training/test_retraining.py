"""What retraining tells its user: figures on held-out documents of theirs and elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from classifier.document import Document, Gold, Paragraph
from classifier.model import NewsClassifier
from classifier.storage import save_model
from training import retraining
from training.corpus import CorpusError, labelled_record
from training.fitting import TrainingSet, fit_chosen, gather
from training.retraining import retrain

SMALL = {"max_iter": 5, "n_folds": 2, "min_samples_leaf": 3}
CARD = {"trained_on": {"wcxb": "wcxb/dev"}}
LINES = {
    "core": "The council of {} voted on Monday to mend its harbour for {} million, the mayor told the Gazette.",
    "suspect": "Insiders say that the mayor of {} secretly took {} million from people whom nobody will name.",
    "off-topic": "In football, the club of {} won its match number {} of the season against a much older rival.",
    "chrome": "Share {} {}",
}


def made_document(name: str, source: str, *, odd: bool = False) -> Document:
    """Twelve lines; on odd pages the furniture is a sentence that only that kind of page has."""
    lines = [(label, LINES[label].format(name, i)) for label in LINES for i in range(3)]
    if odd:
        lines = [
            (label, f"Zork {name} was filed under quuxes by our harbour desk at dawn." if label == "chrome" else text)
            for label, text in lines
        ]
    return Document(name, [Paragraph(text, gold=Gold(label)) for label, text in lines], source)


@pytest.fixture(scope="module")
def default_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A default model that knows nothing of odd pages."""
    path = tmp_path_factory.mktemp("models") / "default.skops"
    save_model(NewsClassifier(**SMALL).fit([made_document(f"old-{i}", f"old-site-{i}") for i in range(6)]), path, CARD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retraining, "default_model_path", lambda: path)
        yield


def made_training(user_sources: int, *, documents: int = 2, own: int = 10, odd: bool = False) -> TrainingSet:
    training = TrainingSet()
    for source in range(user_sources):
        mine = [made_document(f"mine-{source}-{i}", f"my-site-{source}", odd=odd) for i in range(documents)]
        training.add(mine, "yours", [source] * documents)
    training.add([made_document(f"own-{i}", f"own-site-{i}") for i in range(own)], "own", [-1] * own)
    return training


def told(training: TrainingSet) -> str:
    return retrain(training, 0, parameters=SMALL, judging=SMALL, jobs=1)[1]


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[list[Document]]:
    """The documents that each fitted model learned from."""
    seen: list[list[Document]] = []

    def fit(training: TrainingSet, base: Any, chosen: Any, *rest: Any) -> NewsClassifier:
        seen.append([training.documents[i] for i in chosen])
        return fit_chosen(training, base, chosen, *rest)

    monkeypatch.setattr(retraining, "fit_chosen", fit)
    return seen


def test_a_gain_on_own_pages_and_the_cost_elsewhere_are_both_told(default_model: None) -> None:
    text = told(made_training(4, odd=True))
    assert max(map(len, text.splitlines())) <= 80
    yours, elsewhere = text.split("Elsewhere:")
    assert "8 of 8, from 4 of 4 sources" in " ".join(yours.split())
    assert "2 of newsift's own documents" in elsewhere
    row = next(line for line in yours.splitlines() if line.startswith("chrome")).split()
    assert row[1] == "24"  # three lines on each of eight pages
    assert float(row[4]) < float(row[7])  # F1 before, F1 after: the new model knows this furniture
    assert float(row[8]) == pytest.approx(float(row[7]) - float(row[4]), abs=0.011)
    assert "a gain" in yours


def test_nobody_learns_from_what_it_is_judged_on(default_model: None, fits: list[list[Document]]) -> None:
    training = made_training(3)
    borrowed = replace(made_document("x", "own-site-1"), id="own-1+mine-0-0")
    training.add([borrowed], "spliced", [0])
    told(training)
    assert fits.pop(0) == training.documents  # the model that is written
    *rounds, without_yours = [{document.source for document in learned} for learned in fits]
    assert len(rounds) == 3
    for sources, learned in zip(rounds, fits, strict=False):
        mine = {source for source in sources if source.startswith("my-site")}
        assert len(mine) == 2
        assert ("my-site-0" in mine) == (borrowed in learned)
        assert sum(source.startswith("own-site") for source in sources) == 8
    assert not any(source.startswith("my-site") for source in without_yours)
    assert borrowed not in fits[-1]


def test_many_documents_are_judged_once_on_a_fifth(
    default_model: None, fits: list[list[Document]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retraining, "FEW", 10)
    text = told(made_training(5))
    assert "2 of 10, from 1 of 5 sources, which the new model did not see" in " ".join(text.split())
    assert len(fits) == 3


def test_one_source_is_told_in_a_sentence_and_elsewhere_is_judged_all_the_same(default_model: None) -> None:
    text = " ".join(told(made_training(1)).split())
    assert "Your 2 documents come from 1 source: too few to hold any out" in text
    assert "which neither model saw" in text
    assert "also learned from public pages (WCXB), this one does not" in text


def test_without_own_documents_elsewhere_is_a_sentence(default_model: None) -> None:
    training = made_training(3, own=0)
    training.sources["wcxb"] = "wcxb/dev"
    text = told(training)
    assert "public pages" not in text
    assert "Elsewhere: not judged" in text
    assert "6 of 6, from 3 of 3 sources" in " ".join(text.split())


def test_a_label_without_examples_has_no_figure(default_model: None) -> None:
    training = made_training(2)
    for document in training.documents:
        if document.metadata["origin"] == "yours":
            document.paragraphs = [p for p in document.paragraphs if p.gold and p.gold.label != "suspect"]
    text = told(training).split("Elsewhere")[0]
    row = next(line for line in text.splitlines() if line.startswith("suspect")).split()
    assert row[1:] == ["0", *"-------"]
    assert np.isfinite(float(next(line for line in text.splitlines() if line.startswith("mean")).split()[-1]))


def test_labels_of_one_site_can_be_learned_from_beside_the_own_corpus(tmp_path: Path) -> None:
    mine = [made_document(f"mine-{i}", "my-site") for i in range(2)]
    path = tmp_path / "corrections.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(labelled_record(document)) for document in mine))
    training = gather([], yours=[path])
    folds = {origin: set() for origin in training.origins}
    for origin, fold in zip(training.origins, training.folds, strict=True):
        folds[origin].add(fold)
    assert folds["yours"] == {0}
    assert folds["own"] == {-1}
    with pytest.raises(CorpusError, match="at least two sources"):
        gather([], yours=[path], support=False)
