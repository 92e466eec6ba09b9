"""The loop that a person goes through: score, correct in the browser, download, train, score again."""

import functools

import orjson
import pytest
from typer.testing import CliRunner

from classifier.labels import LABELS
from classifier.model import NewsClassifier
from training import fitting
from training.cli import app
from training.corpus import labelled_record, read_labelled

from .test_review_page import browser, current, downloaded, open_page  # noqa: F401 - fixtures


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def quick(monkeypatch):
    small = functools.partial(NewsClassifier, max_iter=5, n_folds=2, max_leaf_nodes=4, min_samples_leaf=5)
    monkeypatch.setattr(fitting, "NewsClassifier", small)


def test_corrections_made_in_the_browser_train_a_model(quick, labelled_sample, open_page, tmp_path):  # noqa: F811
    data = tmp_path / "labelled.jsonl"
    data.write_bytes(b"\n".join(orjson.dumps(labelled_record(document)) for document in labelled_sample[1:]))
    scrapes = []
    for number, document in enumerate(labelled_sample[::4]):
        scrapes.append(tmp_path / f"scrape-{number}.txt")
        scrapes[-1].write_text("\n".join(paragraph.text for paragraph in document.paragraphs), "utf-8")
    run("train", "--data", data, "--no-own-corpus", "--output", tmp_path / "first.skops")
    review = tmp_path / "review.html"
    run("review", *scrapes, "--model", tmp_path / "first.skops", "--output", review)

    page = open_page(review)
    wanted = {}
    for number in range(len(scrapes)):
        page.select_option("#filter-document", str(number))
        page.locator("#filter-document").press("Tab")
        page.keyboard.press("j")
        said = current(page).get_attribute("class").split()
        wanted[number] = next(label for label in LABELS if label not in said)
        page.keyboard.press(str(1 + LABELS.index(wanted[number])))
        page.keyboard.press("c")
    page.reload()
    assert f"{len(scrapes)} labels changed" in page.locator("#counter").inner_text()
    documents = list(downloaded(page, tmp_path).values())
    assert [document.paragraphs[0].gold.label for document in documents] == list(wanted.values())
    assert [len(d.paragraphs) for d in documents] == [len(d.paragraphs) for d in labelled_sample[::4]]

    mine = tmp_path / "mine.skops"
    told = run("train", "--data", tmp_path / "corrections.jsonl", "--no-own-corpus", "--output", mine)
    assert f"learning from {len(scrapes)} labelled" in told.stderr
    scored = [orjson.loads(line) for line in run("score", scrapes[0], "--model", mine).stdout.splitlines()]
    assert len(scored) == len(read_labelled([tmp_path / "corrections.jsonl"])[0].paragraphs)
    again = orjson.loads((tmp_path / "mine.card.json").read_bytes())
    assert again["trained_on"]["sites"] == len(scrapes)
