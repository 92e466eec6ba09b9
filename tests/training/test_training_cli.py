"""The commands that make and judge models, from end to end on sixteen small documents."""

import functools

import orjson
import pytest
from typer.testing import CliRunner

from classifier.labels import LABELS
from classifier.model import NewsClassifier
from training import fitting
from training.cli import app

from .conftest import labelled_record


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def sentence_of(result, code=1):
    """The one line on stderr of a command that failed in good order."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (line,) = result.stderr.strip().splitlines()
    return line


def write(path, *records):
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Small models, so that the command is a matter of a second."""
    small = functools.partial(NewsClassifier, max_iter=8, n_folds=2, max_leaf_nodes=4, min_samples_leaf=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "NewsClassifier", small)
        yield


@pytest.fixture(scope="module")
def trained(quick, tmp_path_factory):
    """A model that the command trained, and its data."""
    folder = tmp_path_factory.mktemp("trained")
    data = write(folder / "labelled.jsonl", *(labelled_record(number) for number in range(16)))
    result = run("train", "--data", data, "--no-own-corpus", "--output", folder / "model.skops")
    assert result.exit_code == 0, result.output
    return folder / "model.skops", data, result


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text("\n".join(p["text"] for p in labelled_record(3)["paragraphs"]), "utf-8")
    return path


# -- train ---------------------------------------------------------------------------------------------


def test_training_says_what_it_learns_from_and_what_it_wrote(trained):
    model, _, result = trained
    assert result.stdout == ""
    assert "learning from 16 labelled, " in result.stderr
    assert f"wrote {model}" in result.stderr
    assert model.stat().st_size > 0
    cards = [path for path in model.parent.iterdir() if path.suffix == ".json"]
    assert len(cards) == 1
    card = orjson.loads(cards[0].read_bytes())
    assert card["trained_on"]["documents"]["labelled"] == 16
    assert set(card["figures"]["default"]) == set(LABELS)


def test_a_trained_model_scores(trained, article):
    result = run("score", article, "--model", trained[0], "--explain")
    assert result.exit_code == 0, result.output
    lines = [orjson.loads(line) for line in result.stdout.splitlines()]
    truth = [p["label"] for p in labelled_record(3)["paragraphs"]]
    assert [line["text"] for line in lines] == article.read_text("utf-8").splitlines()
    assert sum(line["label"] == label for line, label in zip(lines, truth, strict=True)) >= 8
    assert all(line["reasons"] for line in lines)


def test_the_same_data_and_seed_give_the_same_bytes(trained, tmp_path):
    model, data, _ = trained
    again = tmp_path / "model.skops"
    assert run("train", "--data", data, "--no-own-corpus", "--output", again).exit_code == 0
    assert again.read_bytes() == model.read_bytes()


def test_an_unknown_label_is_named_with_its_line(tmp_path, labelled_file):
    bad = labelled_record(1)
    bad["paragraphs"][4]["label"] = "nonsense"
    path = write(tmp_path / "bad.jsonl", labelled_record(0), bad)
    said = sentence_of(run("train", "--data", labelled_file, "--data", path, "--output", tmp_path / "m.skops"))
    assert f"{path}:2, paragraph 4: unknown label 'nonsense'" in said
    assert not (tmp_path / "m.skops").exists()


def test_one_label_alone_is_too_little(tmp_path):
    records = [labelled_record(number) for number in range(6)]
    for record in records:
        for paragraph in record["paragraphs"]:
            paragraph["label"] = "chrome"
            paragraph.pop("reason", None)
    path = write(tmp_path / "one.jsonl", *records)
    result = run("train", "--data", path, "--no-own-corpus", "--output", tmp_path / "m.skops")
    assert result.exit_code == 1
    assert result.stderr.strip().splitlines()[-1] == "newsift: training needs paragraphs of at least two labels"
    assert isinstance(result.exception, SystemExit)
    assert not (tmp_path / "m.skops").exists()


def test_one_source_alone_is_too_little(tmp_path):
    path = write(tmp_path / "one.jsonl", labelled_record(0), labelled_record(1))
    said = sentence_of(run("train", "--data", path, "--no-own-corpus", "--output", tmp_path / "m.skops"))
    assert "at least two sources" in said


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_missing_file_is_named(tmp_path, command):
    said = sentence_of(run(command, "--data", tmp_path / "gone.jsonl", "--output", tmp_path / "out"))
    assert "gone.jsonl: no such file of labelled data" in said


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_place_to_write_to_is_needed(command, labelled_file):
    result = run(command, "--data", labelled_file)
    assert result.exit_code == 2
    assert "--output" in result.stderr


# -- evaluate ------------------------------------------------------------------------------------------


def test_a_model_is_judged_and_the_report_written(trained, labelled_file, tmp_path):
    report = tmp_path / "report"
    result = run("evaluate", "--data", labelled_file, "--model", trained[0], "--output", report)
    assert result.exit_code == 0, result.output
    metrics = orjson.loads((report / "metrics.json").read_bytes())
    assert metrics["strict"]["accuracy"]["value"] > 0.5
    assert set(metrics["strict"]["labels"]) == set(LABELS)
    assert {"report.html", "report.md"} <= {path.name for path in report.iterdir()}


@pytest.mark.parametrize("missing", ["--model", "--compare"])
def test_evaluate_names_what_it_cannot_read(labelled_file, tmp_path, missing):
    result = run("evaluate", "--data", labelled_file, "--output", tmp_path / "r", missing, tmp_path / "gone.json")
    assert "gone.json" in sentence_of(result)


# -- review, agree, import, export ---------------------------------------------------------------------


def test_review_writes_a_page_of_every_paragraph(trained, article, tmp_path):
    page = tmp_path / "review.html"
    result = run("review", article, "--model", trained[0], "--output", page)
    assert result.exit_code == 0, result.output
    assert "10 paragraphs to look at" in result.stderr
    assert "Rita Moss" in page.read_text("utf-8")


def test_review_of_the_uncertain_asks_for_fewer(trained, article, tmp_path):
    page = tmp_path / "review.html"
    result = run("review", article, "--model", trained[0], "--output", page, "--only", "uncertain", "2")
    assert result.exit_code == 0, result.output
    assert "2 paragraphs to look at" in result.stderr


@pytest.mark.parametrize("only", [("certain", "2"), ("uncertain", "0"), ("uncertain", "-1")])
def test_review_refuses_another_choice(trained, article, tmp_path, only):
    page = tmp_path / "review.html"
    assert run("review", article, "--model", trained[0], "--output", page, "--only", *only).exit_code == 2
    assert not page.exists()


def test_review_names_a_model_that_is_missing(article, tmp_path):
    said = sentence_of(run("review", article, "--model", tmp_path / "gone.skops", "--output", tmp_path / "r.html"))
    assert "gone.skops" in said


def test_review_names_the_source_that_it_cannot_read_and_goes_on(trained, article, tmp_path):
    page = tmp_path / "review.html"
    result = run("review", tmp_path / "gone.txt", article, "--model", trained[0], "--output", page)
    assert "gone.txt: no such file" in result.stderr
    assert page.exists()


def test_agreement_of_a_file_with_itself_is_whole(labelled_file, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_bytes(labelled_file.read_bytes())
    page = tmp_path / "disputes.html"
    result = run("agree", labelled_file, other, "--output", page)
    assert result.exit_code == 0, result.output
    assert "1.00" in result.stdout
    assert "no paragraph is in dispute" in result.stderr
    assert not page.exists()


@pytest.fixture
def dispute(labelled_file, tmp_path):
    """Run `agree` on two files that differ in one paragraph."""
    records = [labelled_record(number) for number in range(16)]
    records[0]["paragraphs"][2]["label"] = "chrome"
    other = write(tmp_path / "other.jsonl", *records)
    return run("agree", labelled_file, other, "--output", tmp_path / "disputes.html")


def test_disputes_are_written_as_a_page_of_their_documents(dispute, tmp_path):
    assert dispute.exit_code == 0, dispute.output
    page = (tmp_path / "disputes.html").read_text("utf-8")
    assert "made/0" in page
    assert "made/1" not in page


def test_the_number_of_disputes_is_told(dispute):
    assert "1 paragraph" in dispute.stderr and "10 paragraphs" not in dispute.stderr


FORMATS = [("label-studio", "t.json"), ("doccano", "t.jsonl"), ("prodigy", "t.jsonl"), ("csv", "t.csv")]


@pytest.mark.parametrize(("format", "name"), FORMATS)
def test_export_writes_a_task_with_every_paragraph(trained, article, tmp_path, format, name):
    tasks = tmp_path / name
    result = run("export", article, "--model", trained[0], "--format", format, "--output", tasks)
    assert result.exit_code == 0, result.output
    assert f"wrote {tasks}: 1 tasks" in result.stderr
    assert ("<View>" in result.stdout) == (format == "label-studio")
    assert tasks.read_text("utf-8").count("Rita Moss") >= 6


@pytest.mark.parametrize(("format", "name"), FORMATS)
def test_import_of_tasks_that_nobody_labelled_says_so(trained, article, tmp_path, format, name):
    """What the model predicted is no label, except in Doccano, whose records cannot tell the two apart."""
    tasks, back = tmp_path / name, tmp_path / "back.jsonl"
    assert run("export", article, "--model", trained[0], "--format", format, "--output", tasks).exit_code == 0
    result = run("import", tasks, "--format", format, "--output", back)
    if format == "doccano":
        assert result.exit_code == 0, result.output
        assert f"wrote {back}: 1 documents" in result.stderr
    else:
        assert "no document has a label yet" in sentence_of(result)
        assert not back.exists()


def test_import_names_a_file_that_is_none(tmp_path):
    path = tmp_path / "t.json"
    path.write_text("{nonsense")
    said = sentence_of(run("import", path, "--format", "label-studio", "--output", tmp_path / "o.jsonl"))
    assert "t.json" in said
