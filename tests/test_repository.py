"""What holds of the repository as a whole: seeds, own corpus, who imports whom, what the wheel takes along."""

import ast
import hashlib
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from classifier.labels import REASON_CODES
from classifier.reading.text import split_paragraphs
from training.corpus import golds_of, label_counts, own_corpus, read_labelled

ROOT = Path(__file__).parents[1]
SEEDS = {
    "000_c40cc2c7d9fe0370.txt": "fddaf68d58d7e9957437ca7425e33e30078dc5e0e57fc899c418999f49f72164",
    "001_477ae480c2252ce8.txt": "7e1a508b285b9b821a7fa4d74cbc7db414c2bc272989d9b49e708fa80fb89eca",
    "002_04640255d03c0740.txt": "9273366ec954b6bfe879031c023396abed7e3ebbc9fadba4049724b15e0c63ae",
    "003_88dc815298e8a86d.txt": "9075ea2b24d1396fbcb21694cafaed7f2192cece0d99a1f5d3a3422e531a6ecd",
    "004_82f07fc9ae3cfcd8.txt": "86a3040e056b0c911ed2afe994d892d10792e45b07b1842841b3eed4bdbb34ab",
}
#: Words in a row that two texts on different events do not share.
SHINGLE = 10


def words_of(text):
    return re.findall(r"\w+", text.lower())


def shingles(text):
    words = words_of(text)
    return {" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}


@pytest.fixture(scope="module")
def corpus():
    return read_labelled([own_corpus()])


# -- seeds ---------------------------------------------------------------------------------------------


def test_seeds_are_byte_for_byte_as_they_were_scraped():
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (ROOT / "seeds").glob("*.txt")}
    assert found == SEEDS


def test_every_paragraph_of_the_seeds_has_a_label_in_order():
    labelled = {document.id: document for document in read_labelled([ROOT / "seeds" / "labels.jsonl"])}
    assert set(labelled) == set(SEEDS)
    for name, document in labelled.items():
        lines = split_paragraphs((ROOT / "seeds" / name).read_text("utf-8"))
        assert [p.text for p in document.paragraphs] == [p.text for p in lines], name


def test_nothing_of_the_seeds_is_in_the_training_data():
    seeds = {shingle for name in SEEDS for shingle in shingles((ROOT / "seeds" / name).read_text("utf-8"))}
    assert len(seeds) > 1000
    for path in sorted(path for path in own_corpus().rglob("*") if path.suffix in (".jsonl", ".html")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not shingles(line) & seeds, f"{path}:{number} has words of a seed"
            assert not any(name.partition("_")[2].removesuffix(".txt") in line for name in SEEDS)


# -- the own corpus ------------------------------------------------------------------------------------


def test_own_corpus_is_as_large_as_was_asked(corpus):
    assert len(corpus) >= 240
    counts = label_counts(corpus)
    assert sum(counts.values()) >= 6000
    assert counts["suspect"] >= 700
    assert counts["off-topic"] >= 500
    reasons = Counter(gold.reason for gold in golds_of(corpus) if gold.label == "suspect")
    assert set(reasons) == set(REASON_CODES), "every suspect paragraph says why"
    assert all(count >= 200 for count in reasons.values())


def test_own_documents_are_told_apart_and_grouped(corpus):
    assert max(Counter(document.id for document in corpus).values()) == 1
    assert all(document.source and document.source != document.id for document in corpus)
    assert all(document.metadata.get("genre") for document in corpus)
    assert len({document.source for document in corpus}) >= 50


def test_own_paragraphs_are_lines_as_a_scrape_has_them(corpus):
    for document in corpus:
        assert len(document.paragraphs) >= 5, document.id
        for paragraph in document.paragraphs:
            assert [p.text for p in split_paragraphs(paragraph.text)] == [paragraph.text], document.id


def test_own_labels_do_not_name_themselves_as_acceptable_too(corpus):
    for document in corpus:
        for paragraph in document.paragraphs:
            assert paragraph.gold.label not in paragraph.gold.also, (document.id, paragraph.text)


def test_no_own_document_is_another_over_again(corpus):
    texts = Counter("\n".join(paragraph.text for paragraph in document.paragraphs) for document in corpus)
    assert max(texts.values()) == 1


def test_the_same_long_line_has_the_same_label_within_a_document(corpus):
    for document in corpus:
        labels = {}
        for paragraph in document.paragraphs:
            if len(paragraph.text.split()) >= 25:
                labels.setdefault(paragraph.text, set()).add(paragraph.gold.label)
        assert all(len(found) == 1 for found in labels.values()), document.id


# -- the two packages ----------------------------------------------------------------------------------


def modules_imported_by(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_classifier_imports_nothing_from_training():
    for path in (ROOT / "classifier").rglob("*.py"):
        found = {name for name in modules_imported_by(path) if name.split(".")[0] in ("training", "tests")}
        assert not found, f"{path} imports {found}"


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_data_files_go_into_the_wheel(project):
    """Hatch takes every file of a listed package that git does not ignore."""
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["packages"]) == {"classifier", "training"}
    assert not {"include", "exclude", "only-include"} & set(wheel)
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    data = [path for name in wheel["packages"] for path in (ROOT / name).rglob("*") if _is_data(path)]
    kinds = {path.suffix for path in data}
    assert {".txt", ".jinja", ".css", ".j2", ".js", ".html", ".jsonl", ".json"} <= kinds
    for path in data:
        assert not any(path.match(pattern) for pattern in ignored if not pattern.startswith("#")), path


def _is_data(path):
    return path.is_file() and path.suffix not in (".py", ".pyc")


def test_every_import_that_scoring_needs_is_declared(project):
    declared = {re.split(r"[<>=~\[ ]", line)[0].lower() for line in project["project"]["dependencies"]}
    extras = {name for lines in project["project"]["optional-dependencies"].values() for name in lines}
    declared |= {re.split(r"[<>=~\[ ]", line)[0].lower() for line in extras}
    known = {"sklearn": "scikit-learn", "markupsafe": "jinja2"}  # jinja2 brings it along
    for package in ("classifier", "training"):
        for path in (ROOT / package).rglob("*.py"):
            for name in modules_imported_by(path):
                top = name.split(".")[0]
                own = top in ("classifier", "training") or top in sys.stdlib_module_names
                assert own or known.get(top, top.replace("_", "-")).lower() in declared, f"{path} imports {name}"


def test_the_command_is_the_one_of_training(project):
    assert project["project"]["scripts"] == {"newsift": "training.cli:main"}


def test_top_level_is_the_one_that_was_asked_for():
    allowed = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", "classifier", "training", "tests",
               "seeds", "reports"}  # fmt: skip
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert {name for name in found - allowed if not any(Path(name).match(pattern) for pattern in ignored)} == set()
