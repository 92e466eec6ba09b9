"""Pages that other extractors are reported to get wrong: `pages/*.html`, labels beside."""

import json
from pathlib import Path

import pytest

import classifier
from classifier.reading.html import read_html

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
DEFAULT_MODEL = Path(classifier.__file__).parent / "models" / "default.skops"


def expected_labels(page: Path) -> dict[str, str]:
    return json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_labelled_paragraph_is_read_as_one(page):
    texts = [paragraph.text for paragraph in read_html(page.read_bytes(), page.name).paragraphs]
    assert [text for text in expected_labels(page) if text not in texts] == []


#: What the default model is known to get wrong; a line that it learns must be taken out of this list.
KNOWN_WRONG: dict[str, set[str]] = {
    "more-on-this": {
        "Ferry to the islands cancelled for the third day",
        "Ten walks along the coast for a windy Sunday",
    },
    "section-front": {
        "Council votes to rebuild the pier",
        "Harbour festival draws record crowd",
        "Lifeboat crew honoured in the capital",
        "New library opens its doors",
        "School buses return on Monday",
    },
}


@pytest.mark.skipif(not DEFAULT_MODEL.exists(), reason="the default model is not in this checkout")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_default_model_keeps_the_story_and_nothing_else(page):
    kept = {"core", "suspect"}
    expected = {text: label in kept for text, label in expected_labels(page).items()}
    scored = classifier.load().score([read_html(page.read_bytes(), page.name)], explain=False)
    found = {paragraph.text: paragraph.label in kept for paragraph in scored if paragraph.text in expected}
    wrong = {text for text, keep in expected.items() if found[text] != keep}
    assert wrong == KNOWN_WRONG.get(page.stem, set())
