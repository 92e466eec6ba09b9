"""What retraining tells its user: figures on held-out documents of theirs and elsewhere."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from classifier.document import Document, Gold, Paragraph
from classifier.model import NewsClassifier
from classifier.storage import load_model, save_model
from training import fitting, retraining
from training.cli import app
from training.corpus import CorpusError, labelled_record
from training.fitting import WEIGHTS, TrainingSet, fit_chosen, gather
from training.retraining import retrain
from training.sources.standoff import write_standoff

SMALL = {"max_iter": 5, "n_folds": 2, "min_samples_leaf": 3}
QUICK = {"max_iter": 5, "n_folds": 2}
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


def test_with_public_pages_a_loss_there_is_told_too(default_model: None, fits: list[list[Document]]) -> None:
    training = made_training(3)
    public = [made_document(f"public-{i}", f"public-site-{i // 2}") for i in range(10)]
    training.add(public, "labelled", [i // 2 for i in range(10)])
    training.sources["wcxb"] = "wcxb/dev"
    text = " ".join(told(training).split())
    assert "Elsewhere: 2 of public pages that newsift's authors labelled (test fold 1 of 5), which neither" in text
    assert "Elsewhere: 2 of newsift's own documents" in text
    assert "judged too well" not in text
    assert "set on public pages that newsift's authors labelled and on yours" in text
    for learned in fits[1:]:
        sources = {document.source for document in learned if document.source.startswith("public")}
        assert sources == {f"public-site-{i}" for i in range(1, 5)}


def test_sites_that_the_default_model_knows_are_told(default_model: None) -> None:
    training = made_training(3)
    training.add([made_document("public", "my-site-1"), made_document("other", "other-site")], "wcxb-html", [1, 2])
    assert "learned from pages of 1 of these sources: it is judged too well here" in " ".join(told(training).split())


# -- the default recipe and a user's data --------------------------------------------------------------

PAGE = """<html><body><nav><ul><li>Home</li><li>Share {0}</li></ul></nav><h1>Pier {0} opens</h1>
<p>The council of Pier {0} voted on Monday to mend its harbour for {0} million, the mayor told the Gazette.</p>
<p>Insiders say that the mayor secretly took {0} million from people whom nobody will name.</p></body></html>"""


def public_document(number: int) -> Document:
    lines = [(f"Share {number}", "chrome"), (f"Pier {number} opens", "core")]
    lines.append(
        (
            f"Insiders say that the mayor secretly took {number} million from people whom nobody will name.",
            "suspect",
        )
    )
    paragraphs = [Paragraph(text, gold=Gold(label)) for text, label in lines]
    return Document(f"D-{number}", paragraphs, f"wcxb-dev:{number:04}", metadata={"style": "page"})


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A split of six pages, four of them with stand-off labels, and an own corpus of two documents."""
    folder, own = tmp_path / "wcxb", tmp_path / "own"
    for part in (folder / "html", folder / "ground-truth", own / "standoff"):
        part.mkdir(parents=True)
    for number in range(6):
        (folder / "html" / f"{number:04}.html.gz").write_bytes(gzip.compress(PAGE.format(number).encode()))
        body = f"The council of Pier {number} voted on Monday to mend its harbour for {number} million, the mayor told."
        truth = {
            "url": f"https://www.site-{number}.example/pier",
            "ground_truth": {"main_content": body},
            "_internal": {"page_type": {"primary": "article"}},
        }
        (folder / "ground-truth" / f"{number:04}.json").write_bytes(orjson.dumps(truth))
    write_standoff([public_document(number) for number in range(4)], own / "standoff" / "annotated-dev.jsonl")
    write_standoff([], own / "standoff" / "wcxb-read.jsonl")
    write(own / "own.jsonl", [made_document(f"own-{i}", f"own-site-{i}") for i in range(2)])
    monkeypatch.setattr(fitting, "own_corpus", lambda: own)
    return folder


def write(path: Path, documents: list[Document]) -> Path:
    path.write_bytes(b"\n".join(orjson.dumps(labelled_record(document)) for document in documents))
    return path


def by_origin(training: TrainingSet, origin: str) -> dict[str, tuple[str, int]]:
    rows = zip(training.documents, training.origins, training.folds, strict=True)
    return {document.id: (document.source, fold) for document, named, fold in rows if named == origin}


def test_the_default_recipe_is_joined_with_the_users_documents(checkout: Path, tmp_path: Path) -> None:
    theirs = [made_document("mine-0", "wcxb-dev:0005"), made_document("mine-1", "else.example"), public_document(3)]
    mine = write(tmp_path / "mine.jsonl", theirs)
    without, training = gather([], wcxb=checkout), gather([], wcxb=checkout, yours=[mine])
    assert set(training.origins) >= {"yours", "labelled", "own", "wcxb-text", "wcxb-html"}
    yours, labelled = by_origin(training, "yours"), by_origin(training, "labelled")
    assert {name: source for name, (source, _) in yours.items()} == {
        "mine-0": "site-5.example",
        "mine-1": "else.example",
        "D-3": "site-3.example",
    }
    # The user's labels of a page take the place of ours; the others stay in the folds that they have without.
    assert list(labelled) == ["D-0", "D-1", "D-2"]
    assert labelled == {name: by_origin(without, "labelled")[name] for name in labelled}
    assert by_origin(training, "wcxb-html") == by_origin(without, "wcxb-html")
    assert training.joined is not None and training.joined.matched == training.joined.paragraphs == 12
    folds: dict[str, set[int]] = {}
    for document, fold in zip(training.documents, training.folds, strict=True):
        folds.setdefault(document.source, set()).add(fold)
    assert all(len(found) == 1 for found in folds.values())


def test_without_pages_the_own_corpus_is_joined(checkout: Path, tmp_path: Path) -> None:
    training = gather([], yours=[write(tmp_path / "mine.jsonl", [made_document("mine", "else.example")])])
    assert set(training.origins) == {"yours", "own", "own-cropped"}
    assert training.joined is None


@pytest.mark.parametrize(("own", "weight"), [(1, 3.0), (8, 4.0), (50, 6.0)])
def test_the_users_documents_count_as_much_as_all_others_within_bounds(own: int, weight: float) -> None:
    weights = made_training(1, documents=1, own=own).weights()
    assert weights[0] == weight
    assert (weights[1:] == WEIGHTS["own"]).all()


def test_start_from_the_default_needs_data(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "--start-from", "default", "--output", str(tmp_path / "m.skops")])
    assert result.exit_code == 2
    assert "give --data" in result.stderr


def test_the_command_writes_the_new_model_and_tells_both_sides(
    default_model: None, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "NewsClassifier", partial(NewsClassifier, min_samples_leaf=3))
    monkeypatch.setattr(retraining, "retrain", partial(retrain, parameters=QUICK, judging=QUICK, jobs=1))
    mine = write(tmp_path / "mine.jsonl", [made_document(f"mine-{i}", f"my-{i}.example") for i in range(4)])
    model = tmp_path / "model.skops"
    arguments = ["train", "--start-from", "default", "--data", mine, "--wcxb", checkout, "--output", model]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    assert "12 of 12 stand-off labels matched" in result.stderr
    assert "learning from 4 yours, 4 labelled, 2 own" in result.stderr
    assert "Your documents: 4 of 4" in result.stdout and "Elsewhere: 1 of public pages" in result.stdout
    card = load_model(model)[1]
    assert card["trained_on"]["yours"] == [str(mine)]
    assert card["trained_on"]["documents"]["yours"] == 4
