"""From probabilities to labels: the thresholds chosen in training and what furniture counts on a page."""

import numpy as np
import pytest
from sklearn.base import clone

from classifier.decision import APART, LEAST, choose_thresholds, weighed
from classifier.document import Document, Gold, Paragraph
from classifier.features import Batch
from classifier.labels import CHROME, CORE, LABELS, SUSPECT

# -- thresholds ----------------------------------------------------------------------------------------


def _golds(labels):
    return [Gold(label) for label in labels]


def test_thresholds_raise_a_rare_label_that_is_always_outvoted():
    P = np.array([[0.6, 0, 0, 0.4]] * 10 + [[0.9, 0, 0, 0.1]] * 30)
    golds = _golds([SUSPECT] * 10 + [CORE] * 30)
    chosen = choose_thresholds(P, golds, np.ones(40, bool))
    factor = chosen["default"][SUSPECT]
    assert 0.6 / 0.4 < factor < 9


def test_high_sensitivity_says_suspect_at_least_as_readily_as_low():
    random = np.random.default_rng(1)
    suspect = random.random(300)
    labels = np.where(random.random(300) < suspect * 0.6, SUSPECT, CORE)
    P = np.column_stack([1 - suspect, 0 * suspect, 0 * suspect, suspect])
    chosen = choose_thresholds(P, _golds(labels), np.ones(300, bool))
    assert chosen["high"][SUSPECT] >= chosen["default"][SUSPECT] >= chosen["low"][SUSPECT]
    assert chosen["high"][SUSPECT] > chosen["low"][SUSPECT]


def test_what_cannot_be_told_from_the_best_goes_to_the_sensitivity_that_asks_for_it():
    random = np.random.default_rng(1)
    suspect = np.concatenate([random.beta(2, 5, 20), random.beta(1, 12, 400)])
    P = np.column_stack([1 - suspect, 0 * suspect, 0 * suspect, suspect])
    documents = np.concatenate([np.arange(20), np.arange(400) % 40])
    chosen = choose_thresholds(P, _golds([SUSPECT] * 20 + [CORE] * 400), np.ones(420), None, documents)
    assert chosen["high"][SUSPECT] > chosen["default"][SUSPECT] > chosen["low"][SUSPECT]


def test_thresholds_are_chosen_on_strict_labels_of_judged_documents_alone():
    P = np.array([[0.6, 0, 0, 0.4]] * 10 + [[0.9, 0, 0, 0.1]] * 30)
    golds = _golds([SUSPECT] * 10 + [CORE] * 30)
    assert choose_thresholds(P, golds, np.arange(40) >= 10)["default"][SUSPECT] == 1
    golds[:10] = [Gold(SUSPECT, (CORE,))] * 10
    assert choose_thresholds(P, golds, np.ones(40, bool))["default"][SUSPECT] == 1
    golds[:10] = [None] * 10
    assert choose_thresholds(P, golds, np.ones(40, bool))["default"][SUSPECT] == 1


def test_nothing_found_and_everything_found_leave_the_probabilities_as_they_are():
    never = np.array([[0.99, 0, 0, 0.01]] * 10 + [[0.5, 0, 0, 0.5]] * 30)
    always = np.array([[0.01, 0, 0, 0.99]] * 10 + [[0.99, 0, 0, 0.01]] * 30)
    for P in (never[:, [3, 1, 2, 0]] * [[1, 0, 0, 0]], always):
        chosen = choose_thresholds(P, _golds([SUSPECT] * 10 + [CORE] * 30), np.ones(40))
        assert chosen["default"][SUSPECT] == 1
        assert (chosen["high"][SUSPECT], chosen["low"][SUSPECT]) == (APART, 1 / APART)
    nobody = choose_thresholds(never, _golds([CORE] * 40), np.ones(40))
    assert {factors[SUSPECT] for factors in nobody.values()} == {1.0}


def test_hits_of_one_document_count_less_than_the_same_hits_of_many():
    """Half of the hits need a large factor, which costs false alarms: worth it where they stand in many documents."""
    P = np.array([[0.3, 0, 0, 0.7]] * 10 + [[0.85, 0, 0, 0.15]] * 10 + [[0.84, 0, 0, 0.16]] * 12)
    golds = _golds([SUSPECT] * 20 + [CORE] * 12)
    many = np.arange(32)
    one = np.where((many >= 10) & (many < 20), 10, many)
    in_many, in_one = (choose_thresholds(P, golds, np.ones(32), None, documents) for documents in (many, one))
    assert in_many["default"][SUSPECT] > 5
    assert in_one["default"][SUSPECT] == 1


def test_a_paragraph_that_counts_thrice_is_as_good_as_three():
    rng = np.random.default_rng(4)
    P = rng.dirichlet([4, 1, 2, 1], 60).astype(np.float32)
    golds = _golds([LABELS[i] for i in rng.integers(0, 4, 60)])
    counts = rng.integers(0, 4, 60)
    repeated = np.repeat(np.arange(60), counts)
    counted = choose_thresholds(P, golds, counts.astype(float))
    assert counted == choose_thresholds(P[repeated], [golds[i] for i in repeated], np.ones(len(repeated)))
    assert counted != choose_thresholds(P, golds, np.ones(60))


# -- what furniture counts on a page -------------------------------------------------------------------


def page(*sizes):
    return Document("page", [Paragraph("x" * size) for size in sizes])


def probabilities(*story):
    """Probabilities of core as given, the rest chrome."""
    P = np.zeros((len(story), len(LABELS)), dtype=np.float32)
    P[:, LABELS.index(CORE)] = story
    P[:, LABELS.index(CHROME)] = 1 - np.array(story)
    return P


def kept(P):
    return (P.argmax(axis=1) == LABELS.index(CORE)).tolist()


def test_where_the_story_is_plain_the_likelier_answer_stands():
    P = probabilities(0.99, 0.97, 0.6, 0.4, 0.01)
    assert kept(weighed(Batch([page(500, 500, 50, 50, 50)]), P)) == [True, True, True, False, False]


def test_a_page_in_doubt_keeps_its_likeliest_text():
    P = probabilities(0.4, 0.38, 0.1, 0.05)
    assert kept(weighed(Batch([page(300, 300, 100, 100)]), P)) == [True, True, False, False]


def test_long_paragraphs_weigh_more_than_short_ones():
    """A sure headline over a long doubtful text: were it the longer one, the text would go."""
    P = probabilities(0.99, 0.35)
    assert kept(weighed(Batch([page(20, 400)]), P)) == [True, True]
    assert kept(weighed(Batch([page(400, 20)]), P)) == [True, False]


def test_a_menu_keeps_nothing_though_one_of_its_lines_is_the_likeliest():
    P = probabilities(LEAST - 0.02, 0.01, 0.01)
    assert kept(weighed(Batch([page(40, 10, 10)]), P)) == [False, False, False]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_kept_has_the_best_expected_f1_of_all_choices(seed):
    random = np.random.default_rng(seed)
    story, sizes = random.uniform(0.25, 0.95, 8), random.integers(5, 200, 8)

    def expected_f1(chosen):
        return 2 * (story * sizes)[chosen].sum() / (sizes[chosen].sum() + (story * sizes).sum())

    choices = [np.array([number >> i & 1 for i in range(8)], dtype=bool) for number in range(1, 256)]
    best = max(expected_f1(chosen) for chosen in choices)
    chosen = np.array(kept(weighed(Batch([page(*sizes)]), probabilities(*story))))
    assert expected_f1(chosen) == pytest.approx(best)


def test_a_document_gets_the_same_alone_and_in_any_company():
    random = np.random.default_rng(3)
    pages = [page(*random.integers(1, 300, size)) for size in (4, 0, 1, 30)]
    each = [random.dirichlet([2, 1, 3, 1], len(one.paragraphs)).astype(np.float32) for one in pages]
    alone = [weighed(Batch([one]), P) for one, P in zip(pages, each, strict=True)]
    together = weighed(Batch(pages), np.concatenate(each))
    np.testing.assert_array_equal(together, np.concatenate(alone))


def test_empty_paragraphs_and_none_at_all_do_no_harm():
    assert np.isfinite(weighed(Batch([page(0, 0)]), probabilities(0.0, 0.3))).all()
    assert weighed(Batch([page()]), probabilities()).shape == (0, len(LABELS))


def test_only_the_story_is_weighed_and_what_was_given_stays():
    P = np.array([[0.3, 0.2, 0.4, 0.1]], dtype=np.float32)
    before = P.copy()
    changed = np.flatnonzero((weighed(Batch([page(10)]), P) != P)[0])
    assert [LABELS[i] for i in changed] == [CORE, SUSPECT]
    np.testing.assert_array_equal(P, before)


def test_a_menu_without_a_story_stays_a_menu():
    P = np.array([[0.03, 0.22, 0.75, 0.0]] * 5, dtype=np.float32)
    assert not np.any(weighed(Batch([page(*[20] * 5)]), P).argmax(axis=1) != LABELS.index(CHROME))


def test_a_label_needs_its_threshold(small_model):
    model = clone(small_model)
    model.classes_ = np.array(LABELS)
    model.thresholds_ = {"default": {SUSPECT: 1.0}, "high": {SUSPECT: 4.0}, "low": {SUSPECT: 0.25}}
    P = np.array([[0.5, 0.1, 0.1, 0.3], [0.3, 0.1, 0.1, 0.5], [0.02, 0.05, 0.92, 0.01]])
    batch = Batch([page(10), page(10), page(10)])
    assert model.decide(batch, P).tolist() == [CORE, SUSPECT, CHROME]
    assert model.decide(batch, P, "high").tolist() == [SUSPECT, SUSPECT, CHROME]
    assert model.decide(batch, P, "low").tolist() == [CORE, CORE, CHROME]
