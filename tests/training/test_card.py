import numpy as np
import pytest
import sklearn
from sklearn.metrics import precision_recall_fscore_support

from classifier.document import Document, Gold, Layout, Paragraph
from classifier.labels import LABELS
from classifier.model import NewsClassifier
from training.card import make_card
from training.fitting import TrainingSet

GOLDS = ["core", "chrome", "suspect", "off-topic", "core", "chrome"]


@pytest.fixture
def training():
    """Two labelled documents, one paragraph of which has two acceptable labels, and one spliced document."""
    result = TrainingSet()
    labelled = [
        Document(f"d{i}", [Paragraph("x", gold=Gold(label)) for label in GOLDS[i * 3 : i * 3 + 3]], f"s{i}")
        for i in range(2)
    ]
    labelled[0].paragraphs.append(Paragraph("x", gold=Gold("core", ("suspect",))))
    result.add(labelled, "labelled", [0, 1])
    result.add([Document("s", [Paragraph("x", gold=Gold("off-topic"))], "s0")], "spliced", [0])
    result.sources = {"labelled": ["data.jsonl"]}
    return result


@pytest.fixture
def model():
    """A model whose out-of-fold answers are known: one core is called suspect, and what is not judged is wrong."""
    model = NewsClassifier(random_state=9)
    model.classes_ = np.array(LABELS)
    model.thresholds_ = {"default": {}, "high": {"suspect": 20.0}, "low": {"suspect": 0.01}}
    said = ["suspect", "chrome", "suspect", "chrome", "off-topic", "core", "chrome", "chrome"]
    model.out_of_fold_ = np.full((8, 4), 0.1)
    model.out_of_fold_[np.arange(8), [LABELS.index(label) for label in said]] = 0.7
    return model


def test_figures_are_of_strict_labels_of_labelled_documents(model, training):
    card = make_card(model, training)
    said = ["suspect", "chrome", "suspect", "off-topic", "core", "chrome"]
    expected = precision_recall_fscore_support(GOLDS, said, labels=list(LABELS), zero_division=0)
    rows = card["figures"]["default"]
    assert list(rows) == list(LABELS)
    for i, label in enumerate(LABELS):
        found = [rows[label][name] for name in ("precision", "recall", "f1", "support")]
        assert found == pytest.approx([column[i] for column in expected], abs=1e-4)


def test_other_sensitivities_tell_of_suspect_alone(model, training):
    figures = make_card(model, training)["figures"]
    assert set(figures["high"]) == set(figures["low"]) == {"suspect"}
    assert figures["high"]["suspect"]["recall"] == 1
    assert figures["low"]["suspect"]["recall"] == 0
    assert figures["low"]["suspect"]["support"] == 1


def test_a_card_says_what_was_fitted_and_on_what(model, training):
    card = make_card(model, training)
    assert card["seed"] == 9
    assert card["parameters"] == model.get_params()
    assert card["trained_on"] == {"labelled": ["data.jsonl"]}
    assert card["scikit_learn"] == sklearn.__version__
    assert card["thresholds"] == model.thresholds_
    assert card["intended_use"] and card["limits"]


def test_the_card_of_the_recipe_has_no_figures(training):
    card = make_card(None, training)
    assert card["parameters"] == NewsClassifier().get_params()
    assert "figures" not in card


def test_own_pages_in_other_languages_are_judged_apart(model, training):
    assert "other_languages" not in make_card(model, training)["figures"]
    german = "Der Rat der Stadt hat am Dienstag mit sieben gegen zwei Stimmen beschlossen, den Steg neu zu bauen. " * 4
    english = "The council of the town voted on Tuesday, seven to two, to build the pier anew after the storm. " * 4
    for text, language, layout in (
        (german, "de", Layout(("p",), ((),))),
        (german, "de", None),
        (english, "en", Layout(("p",), ((),))),
    ):
        paragraphs = [Paragraph(text, layout, Gold("core"))]
        page = Document("own", paragraphs, "own", {"language": language})
        training.add([page], "page", [-1])
    model.out_of_fold_ = np.vstack([model.out_of_fold_, np.eye(4)[[0, 2, 2]]])
    found = make_card(model, training)["figures"]["other_languages"]
    assert found["pages"] == 1
    assert found["core"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1.0}
