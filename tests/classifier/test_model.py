from copy import copy
from itertools import chain

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from classifier.document import Gold
from classifier.features.batch import Batch
from classifier.forest import Forest
from classifier.labels import CHROME, CORE, LABELS, OFF_TOPIC, SUSPECT
from classifier.model import (
    FEATURES,
    IN_ARTICLE,
    UNASKED,
    UNSEEN,
    NewsClassifier,
    Table,
    article_matrix,
    article_names,
    column_names,
    questions,
    with_neighbours,
)
from classifier.reading.text import read_text
from classifier.scoring import Scorer

from .conftest import document, labelled_document

GERMAN = (
    "Der Rat der Stadt hat am Montag beschlossen, die alte Brücke für drei Millionen Kronen neu zu bauen.",
    "Das Ministerium von Nordland verurteilte den Plan als „Wunde für viele Familien“ und ließ es dabei bewenden.",
    "Viele glauben inzwischen, dass die Mehrheit der Leute dort niemals nach ihrer Meinung gefragt worden ist.",
)
STORY = (
    "The council of Norland voted on Monday to rebuild the old harbour bridge for three million crowns.",
    "The ministry of Westland condemned the plan as “a wound” for the families who live on the quay.",
    "President Ilin told Kanal Seks that the ferry company had been asked to wait until the spring.",
    "Work on the bridge is to begin in March, and the market on the north bank moves to the station.",
)
MENU = ("Photo: the harbour of Norland in winter", "Share", "Read also: the ferry that never came", "12 comments")


@pytest.fixture(scope="module")
def unseen():
    return [labelled_document(40), document(), document("Share this"), labelled_document(41, html=True)]


def test_every_column_has_one_name(small_model, unseen):
    names = column_names()
    assert len(set(names)) == len(names)
    analysis = small_model.analyse(Batch(unseen))
    assert analysis.page.shape[1] == len(names)
    assert analysis.article.shape == (len(analysis.rows), len(article_names()))
    assert analysis.log_odds.shape == (len(analysis.page), 3)
    assert {name for name in article_names() if "context" not in name} < set(names)
    assert {room for room, *_ in FEATURES} <= {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("baseline", [-99.0, None, 99.0])
def test_suspect_is_asked_of_the_article_only(small_model, unseen, baseline):
    first, offtopic = small_model.second_
    model, batch = copy(small_model), Batch(unseen)
    if baseline is not None:
        model.second_ = [Forest(first.nodes, first.offsets, baseline, first.learning_rate), offtopic]
    analysis = model.analyse(batch)
    np.testing.assert_array_equal(analysis.log_odds[:, 1], offtopic.log_odds(analysis.page).astype(np.float32))
    asked = analysis.log_odds[:, 0] > IN_ARTICLE
    assert asked.mean() == {None: asked.mean(), -99.0: 0.0, 99.0: 1.0}[baseline]
    assert analysis.rows.tolist() == np.flatnonzero(asked).tolist()
    answers = small_model.suspect_[1].log_odds(analysis.article).astype(np.float32)
    np.testing.assert_array_equal(analysis.log_odds[asked, 2], answers)
    assert (analysis.log_odds[~asked, 2] == UNASKED).all()
    assert (model.probabilities(batch, analysis.log_odds)[~asked, LABELS.index(SUSPECT)] == 0).all()


def test_suspects_second_pass_reads_what_the_first_says_of_the_paragraphs_near(small_model, unseen):
    batch = Batch(unseen)
    analysis = small_model.analyse(batch)
    rows, article, matrix = article_matrix(batch, analysis.log_odds[:, 0])
    first = small_model.suspect_[0].log_odds(matrix).astype(np.float32)
    np.testing.assert_array_equal(rows, analysis.rows)
    np.testing.assert_array_equal(with_neighbours(article, matrix, first), analysis.article)
    place = article_names().index("context.first_suspect")
    np.testing.assert_allclose(analysis.article[:, place], 1 / (1 + np.exp(-first)), atol=1e-6)


@pytest.mark.parametrize("baseline", [-99.0, 99.0])
def test_a_model_is_fitted_whatever_the_article_holds(monkeypatch, baseline):
    monkeypatch.setattr("classifier.model.IN_ARTICLE", baseline)
    documents = [labelled_document(i) for i in range(8)]
    model = NewsClassifier(max_iter=3).fit(documents)
    assert np.isfinite(model.predict_proba(documents)).all()
    asked = model.predict_proba(documents)[:, LABELS.index(SUSPECT)] > 0
    assert asked.any() == (baseline < 0)


def test_columns_that_a_question_may_not_look_at_exist_and_no_tree_asks_them(small_model):
    names = article_names()
    assert set(UNSEEN["suspect"]) < set(names)
    nodes = np.concatenate([forest.nodes for forest in small_model.suspect_])
    asked = {names[column] for column in nodes["feature_idx"][nodes["is_leaf"] == 0].tolist()}
    assert asked
    assert not asked & UNSEEN["suspect"]


def test_of_a_document_that_is_all_story_the_article_has_the_pages_columns():
    batch = Batch([document(*STORY), document(*STORY[:2])])
    rows, _, matrix = article_matrix(batch, np.full(len(batch), 9.0, dtype=np.float32))
    assert rows.tolist() == list(range(6))
    names = [f"{room}.{column}" for room, columns, _ in FEATURES for column in columns]
    page = dict(zip(names, Table.of(batch).base.T, strict=True))
    for name, column in zip(article_names(), matrix.T, strict=False):
        if not name.startswith("topic."):
            np.testing.assert_array_equal(column, page[name])


def test_captions_and_menus_between_paragraphs_change_nothing_of_what_suspect_is_asked():
    bare, busy = document(*STORY), document(*chain.from_iterable(zip(STORY, MENU, strict=False)))
    answers = []
    for one in (bare, busy):
        batch = Batch([one])
        story = np.array([9.0 if text in STORY else -9.0 for text in batch.texts], dtype=np.float32)
        rows, _, matrix = article_matrix(batch, story)
        assert [batch.texts[row] for row in rows] == list(STORY)
        answers.append(matrix)
    np.testing.assert_array_equal(*answers)


def test_probabilities_sum_to_one_and_are_those_of_all_paragraphs(small_model, unseen):
    P = small_model.predict_proba(unseen)
    assert P.shape == (sum(len(d.paragraphs) for d in unseen), len(LABELS))
    assert P.min() >= 0
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-6)


def test_what_was_taught_is_recognised(small_model, unseen):
    golds = [p.gold.label if p.gold else None for d in unseen for p in d.paragraphs]
    labels = small_model.predict(unseen)
    judged = [(gold, label) for gold, label in zip(golds, labels, strict=True) if gold in (CORE, CHROME)]
    assert np.mean([gold == label for gold, label in judged]) > 0.85


def test_no_documents_give_no_probabilities(small_model):
    assert small_model.predict_proba([]).shape == (0, 4)
    assert small_model.predict_proba([document()]).shape == (0, 4)
    assert small_model.predict([document()]).tolist() == []


def test_predict_takes_the_thresholds_chosen_in_training(small_model, unseen):
    P = small_model.predict_proba(unseen)
    assert small_model.predict(unseen).tolist() == small_model.decide(Batch(unseen), P).tolist()
    assert set(small_model.thresholds_) == {"default", "high", "low"}


def test_suspect_is_for_english_documents_only(small_model):
    lines = [*GERMAN, labelled_document(1).paragraphs[11].text]
    declared = document(*GERMAN, language="de")
    english = labelled_document(42)
    P = small_model.predict_proba([document(*lines), declared, english])
    assert not P[: len(lines) + len(declared.paragraphs), LABELS.index(SUSPECT)].any()
    asked = small_model.analyse(Batch([english])).rows
    assert len(asked)
    assert (P[-len(english.paragraphs) :, LABELS.index(SUSPECT)][asked] > 0).all()
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-6)


def test_a_document_is_judged_the_same_alone_and_in_a_batch(small_model, unseen):
    together = small_model.predict_proba(unseen)
    alone = np.concatenate([small_model.predict_proba([one]) for one in unseen])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_fit_needs_two_labels(training_documents):
    one = [document("Menu", source="a.com"), document("Home", source="b.com")]
    for each in one:
        each.paragraphs[0].gold = Gold(CHROME)
    with pytest.raises(ValueError, match="training needs paragraphs of at least two labels"):
        NewsClassifier().fit(one)
    with pytest.raises(ValueError, match="at least two labels"):
        NewsClassifier().fit([document("no gold")])
    with pytest.raises(ValueError, match="at least two labels"):
        NewsClassifier().fit([])


def test_fit_needs_two_sources(training_documents):
    same = [labelled_document(number) for number in range(3)]
    for each in same:
        each.source = "site"
    with pytest.raises(ValueError, match="training needs documents of at least two sources"):
        NewsClassifier().fit(same)


def test_fitting_twice_gives_the_same_model(small_model, training_documents, unseen):
    again = clone(small_model).fit(training_documents)
    np.testing.assert_array_equal(again.predict_proba(unseen), small_model.predict_proba(unseen))
    np.testing.assert_array_equal(again.out_of_fold_, small_model.out_of_fold_)
    assert again.thresholds_ == small_model.thresholds_


def test_out_of_fold_answers_are_those_of_every_training_paragraph(small_model, training_documents):
    assert small_model.out_of_fold_.shape == (sum(len(d.paragraphs) for d in training_documents), 4)
    np.testing.assert_allclose(small_model.out_of_fold_.sum(axis=1), 1, atol=1e-6)


def test_folds_never_part_a_source():
    groups = np.array([f"site-{i % 7}" for i in range(40)])
    folds = NewsClassifier(n_folds=3)._folds(groups)
    assert set(folds.tolist()) == {0, 1, 2}
    assert all(len(set(folds[groups == group].tolist())) == 1 for group in set(groups.tolist()))


def test_training_without_suspect_or_off_topic_says_neither():
    documents = [labelled_document(number) for number in range(4)]
    for each in documents:
        each.paragraphs = [p for p in each.paragraphs if p.gold.label in (CORE, CHROME)]
    model = NewsClassifier(n_folds=2, max_iter=2, min_samples_leaf=5).fit(documents)
    P = model.predict_proba([labelled_document(50)])
    assert P[:, [LABELS.index(OFF_TOPIC), LABELS.index(SUSPECT)]].max() < 0.01
    assert set(model.predict([labelled_document(50)])) <= {CORE, CHROME}


def test_constructor_stores_and_does_nothing_else():
    model = NewsClassifier(n_folds=7, weak_weight=0.4)
    assert model.get_params()["n_folds"] == 7
    assert clone(model).get_params() == model.get_params()
    assert not [name for name in vars(model) if name.endswith("_")]


# -- what a gold label answers -------------------------------------------------------------------------

SURE, UNSURE = True, False


@pytest.mark.parametrize(
    ("gold", "answers"),
    [
        (Gold(CORE), {"story": (1, SURE), "suspect": (0, SURE)}),
        (Gold(SUSPECT), {"story": (1, SURE), "suspect": (1, SURE)}),
        (Gold(CHROME), {"story": (0, SURE), "offtopic": (0, SURE)}),
        (Gold(OFF_TOPIC), {"story": (0, SURE), "offtopic": (1, SURE)}),
        (Gold(CORE, (SUSPECT,)), {"story": (1, SURE), "suspect": (0, UNSURE)}),
        (Gold(SUSPECT, (CORE,)), {"story": (1, SURE), "suspect": (1, UNSURE)}),
        (Gold(CHROME, (OFF_TOPIC,)), {"story": (0, SURE)}),
        (Gold(CORE, (CHROME,)), {"story": (1, UNSURE), "suspect": (0, SURE)}),
        (Gold(OFF_TOPIC, (SUSPECT,)), {"story": (0, UNSURE), "offtopic": (1, SURE)}),
        (Gold(CORE, (CHROME, OFF_TOPIC, SUSPECT)), {}),
        (Gold(CORE, (CHROME, SUSPECT)), {}),
    ],
)
def test_questions_that_a_gold_label_answers(gold, answers):
    assert questions(gold) == answers


# -- any text ------------------------------------------------------------------------------------------

_LINE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["“We act,” said Ilin.", "Share", "— — —", "It is said to be so. «Nein»", "‘", "a" * 7000, "\u200b"]
    ),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(lines=st.lists(_LINE, max_size=8), end=st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
def test_any_text_is_scored_line_by_line(small_model, lines, end):
    text = end.join(lines)
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").replace("\0", "")
    expected = [line.strip() for line in plain.split("\n") if line.strip()]
    read = read_text(text, "any")
    scored = next(iter(Scorer(small_model).score_documents([read, labelled_document(60)]))).paragraphs
    assert [p.text for p in scored] == expected
    assert [p.paragraph for p in scored] == list(range(len(expected)))
    for paragraph in scored:
        assert sum(paragraph.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert 0 <= paragraph.confidence <= 1
        assert paragraph.label in LABELS
    alone = small_model.predict_proba([read])
    together = small_model.predict_proba([labelled_document(61), read, labelled_document(62)])
    begin = len(labelled_document(61).paragraphs)
    np.testing.assert_allclose(together[begin : begin + len(alone)], alone, atol=1e-4)
