"""What calibrates a retrained model: the user's documents, and the own corpus in the shares of life."""

import numpy as np
import pytest

from classifier.document import Document, Gold, Paragraph
from classifier.labels import LABELS
from training.shares import calibration_weights, filling, shares_of_life


def document(name: str, **labels: int) -> Document:
    golds = [Gold(label.replace("_", "-")) for label, count in labels.items() for _ in range(count)]
    return Document(name, [Paragraph(f"{name} {i}", gold=gold) for i, gold in enumerate(golds)], name)


def weights_by_label(documents: list[Document], origins: list[str], origin: str) -> dict[str, float]:
    weights = iter(calibration_weights(documents, origins).tolist())
    total = dict.fromkeys(LABELS, 0.0)
    for one, named in zip(documents, origins, strict=True):
        for paragraph in one.paragraphs:
            weight = next(weights)
            assert paragraph.gold is not None
            total[paragraph.gold.label] += weight * (named == origin)
    return total


def test_suspect_is_rare_in_life() -> None:
    life = shares_of_life()
    assert 0.003 < life["suspect"] / sum(life.values()) < 0.03


def test_beside_a_few_documents_the_own_corpus_calibrates_in_the_shares_of_life() -> None:
    documents = [
        document("mine", core=30, chrome=10),
        document("own-1", core=20, chrome=30, suspect=20, off_topic=9),
        document("own+mine", core=5, off_topic=8),
    ]
    origins = ["yours", "own", "spliced"]
    assert weights_by_label(documents, origins, "yours")["core"] == 30
    own, life = weights_by_label(documents, origins, "own"), shares_of_life()
    assert own == pytest.approx(life)  # the user's have no suspect paragraph at all: the whole is filled up
    assert sum(weights_by_label(documents, origins, "spliced").values()) == 0


def test_the_own_corpus_fades_as_the_users_documents_grow() -> None:
    life, own = shares_of_life(), dict.fromkeys(LABELS, 1000)
    half = {label: count // 2 for label, count in life.items()}
    none, some, enough = (filling(yours, own)["suspect"] for yours in (dict.fromkeys(LABELS, 0), half, life))
    assert none == pytest.approx(life["suspect"] / 1000)
    assert some == pytest.approx(none / 2, rel=0.05)
    assert enough == 0
    # One label that they lack is enough to want the others' company.
    assert filling({**life, "suspect": 0}, own)["core"] == filling(dict.fromkeys(LABELS, 0), own)["core"]


@pytest.mark.parametrize("origins", [["labelled", "own"], ["labelled", "own", "yours"]])
def test_where_scrapes_read_by_us_are_at_hand_the_own_corpus_calibrates_nothing(origins: list[str]) -> None:
    documents = [document(str(i), core=3, suspect=1) for i in range(len(origins))]
    expected = np.repeat([origin != "own" for origin in origins], 4)
    np.testing.assert_array_equal(calibration_weights(documents, origins), expected)


def test_the_own_corpus_alone_calibrates_in_the_shares_of_life() -> None:
    documents = [document("a", core=3, chrome=4), document("b", core=1, off_topic=2, suspect=5)]
    assert weights_by_label(documents, ["own", "own"], "own") == pytest.approx(shares_of_life())


def test_without_own_or_real_documents_all_calibrate() -> None:
    documents = [document("a", core=3), document("b", core=1, suspect=1)]
    np.testing.assert_array_equal(calibration_weights(documents, ["wcxb-text", "spliced"]), np.ones(5))
