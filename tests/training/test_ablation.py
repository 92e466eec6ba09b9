"""What parts of the recipe are worth: rows in the shape of the report, measured on labelled documents only."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from classifier.document import Document, Gold, Paragraph
from classifier.model import NewsClassifier, article_names, column_names
from classifier.storage import load_model, save_model
from training import ablation
from training.ablation import SHARES, WHOLE, Study, main, measure, with_pages
from training.fitting import TrainingSet
from training.judging import read_ablations

SMALL = {"max_iter": 2, "n_folds": 2, "min_samples_leaf": 3}
LINES = {
    "core": "The council of {} voted on Monday to mend its harbour for {} million, the mayor told the Gazette.",
    "suspect": "Insiders say that the mayor of {} secretly took {} million from people whom nobody will name.",
    "off-topic": "In football, the club of {} won its match number {} of the season against a much older rival.",
    "chrome": "Share {} {}",
}


def made_document(number: int, source: str) -> Document:
    lines = [(label, LINES[label].format(source, number + i)) for label in LINES for i in range(3)]
    return Document(f"{source}-{number}", [Paragraph(text, gold=Gold(label)) for label, text in lines], source)


def made_training() -> TrainingSet:
    training = TrainingSet()
    training.add([made_document(i, f"site-{i}") for i in range(8)], "labelled", [i % 2 for i in range(8)])
    training.add([made_document(i, f"own-{i}") for i in range(10)], "own", [-1] * 10)
    return training


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    path = tmp_path_factory.mktemp("ablation") / "reports" / "ablations.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ablation, "ROOMS", {"layout": ablation.ROOMS["layout"]})
        patch.setattr(ablation, "SHARES", (0.1, 0.5, 1.0))
        return measure(Study(made_training(), parameters=SMALL), path), path


def test_rows_are_what_the_report_takes(measured: tuple[dict[str, Any], Path]) -> None:
    found, path = measured
    assert read_ablations(path) == found
    assert [row["name"] for row in found["ablations"]] == [WHOLE, "without layout", "without own corpus"]
    for row in found["ablations"]:
        assert set(row) == {"name", "macro_f1", "low", "high", "suspect_f1", "off_topic_f1"}
        assert 0 <= row["low"] <= row["macro_f1"] <= row["high"] <= 1
    assert "2-fold cross-validation" in found["measured"] and "2 trees" in found["measured"]
    curve = found["learning_curve"]
    assert [point["documents"] for point in curve] == [9, 18]
    assert curve[-1]["macro_f1"] == found["ablations"][0]["macro_f1"]


def test_a_smaller_share_is_part_of_a_larger_one() -> None:
    study = Study(made_training(), parameters=SMALL)
    some = [study._some(share) for share in SHARES]
    assert all((small <= large).all() for small, large in pairwise(some))
    assert some[-1].all()


def test_public_pages_are_kept_or_left_out_with_their_dumps() -> None:
    training = made_training()
    pages = [made_document(i, f"page-{i}") for i in range(4)]
    dumps = [Document(f"{page.id}#page", page.paragraphs, page.source) for page in pages]
    training.add(pages, "wcxb-html", [i % 2 for i in range(4)])
    training.add(dumps, "wcxb-text", [i % 2 for i in range(4)])
    splices = [Document(f"{page.id}#page+own-1", page.paragraphs, page.source) for page in pages]
    training.add(splices, "spliced", [i % 2 for i in range(4)])
    fewer = with_pages(training, 1, seed=0)
    kept = {origin: fewer.origins.count(origin) for origin in dict.fromkeys(training.origins)}
    assert kept == {"labelled": 8, "own": 10, "wcxb-html": 1, "wcxb-text": 1, "spliced": 1}
    page, dump, splice = fewer.documents[-3:]
    assert (dump.id, splice.id) == (f"{page.id}#page", f"{page.id}#page+own-1")
    assert len(fewer.folds) == len(fewer.documents) == 21
    assert len(training.documents) == 30


def test_no_pages_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--output", str(tmp_path / "x.json"), "--pages", "0"])
    assert "--pages 1 or more" in capsys.readouterr().err


def test_a_share_that_leaves_too_few_sites_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study(made_training(), parameters=SMALL)
    ran: list[str] = []
    row = dict.fromkeys(("macro_f1", "low", "high", "suspect_f1", "off_topic_f1"), 0.5)
    monkeypatch.setattr(Study, "run", lambda self, trial: ran.append(trial.name) or {"name": trial.name, **row})
    measure(study, tmp_path / "found.json")
    assert "50% of documents" in ran
    assert "10% of documents" not in ran


def test_no_tree_asks_a_room_that_is_left_out(tmp_path: Path) -> None:
    documents = [made_document(i, f"site-{i}") for i in range(8)]
    whole, bare = (
        NewsClassifier(**SMALL, without_rooms=rooms).fit(documents) for rooms in ((), ("position", "wording"))
    )
    assert "position" in _asked(whole)
    assert _asked(bare)
    assert not _asked(bare) & {"position", "wording"}
    save_model(bare, tmp_path / "bare.skops", {})
    loaded, _ = load_model(tmp_path / "bare.skops")
    assert loaded.get_params()["without_rooms"] == ("position", "wording")
    np.testing.assert_array_equal(loaded.predict_proba(documents), bare.predict_proba(documents))


def _asked(model: NewsClassifier) -> set[str]:
    """Rooms of the columns that the trees split on."""
    forests = [(forest, column_names()) for forest in [*model.first_, *model.second_]]
    return {
        names[column].split(".")[0]
        for forest, names in [*forests, *((forest, article_names()) for forest in model.suspect_)]
        for column in forest.nodes["feature_idx"][forest.nodes["is_leaf"] == 0].tolist()
    }


def test_every_column_belongs_to_a_room_that_is_measured() -> None:
    assert {name.split(".")[0] for name in column_names()} == {
        room for rooms in ablation.ROOMS.values() for room in rooms
    }


def test_missing_data_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "none.jsonl"), "--output", str(tmp_path / "out.json")]) == 1
    said = capsys.readouterr().err
    assert "none.jsonl: no such file of labelled data" in said
    assert len(said.splitlines()) == 1


def test_the_command_writes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "gather", lambda *_, **__: made_training())
    monkeypatch.setattr(Study, "trials", lambda self: iter(list(_trials(self))[:1]))
    assert main(["--data", "x", "--output", str(tmp_path / "out.json"), "--trees", "2"]) == 0
    found = orjson.loads((tmp_path / "out.json").read_bytes())
    assert [row["name"] for row in found["ablations"]] == [WHOLE]


_trials = Study.trials
