import re
from dataclasses import replace

import numpy as np
import pytest

from classifier.features import surface
from classifier.features.batch import Batch
from classifier.labels import CHROME, CORE, LABELS, OFF_TOPIC, SUSPECT
from classifier.model import article_names
from classifier.reasons import MOST, REASONS, Seen, _contributions, every_column, explain, missing_source

from .conftest import document, labelled_document


@pytest.mark.parametrize("code", REASONS)
def test_every_column_that_a_reason_adds_up_exists(code):
    names = every_column()
    for pattern in REASONS[code][0]:
        found = [n for n in names if (n.startswith(pattern[:-1]) if pattern.endswith("*") else n == pattern)]
        assert found, f"{code}: no column is named {pattern}"


def test_every_reason_can_be_put_into_words_or_be_silent_on_any_values():
    """No reason fails for a label, for values of zero, or for values that are missing."""
    lowered = ["share", "this", "cookie", "notice"]
    for label in LABELS:
        for value in (0.0, 1.0, -1.0, 99.0):
            values = dict.fromkeys(every_column(), value)
            for code, (_, say) in REASONS.items():
                said = say(Seen("Share this cookie notice", lowered, label, values))
                assert said is None or said.strip(), code


def test_codes_are_stable_names():
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in REASONS)


def test_every_kind_of_boilerplate_phrase_has_a_reason():
    told = {pattern for patterns, _ in REASONS.values() for pattern in patterns}
    assert {f"surface.phrase_{name}" for name in surface.PHRASES} <= told


@pytest.fixture(scope="module")
def batch():
    lines = ["", "…", "\u200b", "x", "“We", "— — —", "Menu", "Menu"]
    return Batch([labelled_document(30), labelled_document(31, html=True), document(*lines)])


@pytest.mark.parametrize("label", LABELS)
def test_every_paragraph_gets_some_reasons_whatever_its_label(small_model, batch, label):
    analysis = small_model.analyse(batch)
    found = explain(small_model, batch, analysis, [label] * len(batch))
    assert len(found) == len(batch)
    for reasons in found:
        assert 1 <= len(reasons) <= MOST
        assert all(reason.code and reason.text.strip() for reason in reasons)
        assert len({reason.code for reason in reasons}) == len(reasons)
        if label == SUSPECT:
            assert reasons[0].code in ("S1", "S2", "S3")
        else:
            assert not any(reason.code in ("S1", "S2", "S3") for reason in reasons)


def test_reasons_are_the_same_alone_and_in_a_batch(small_model, batch):
    analysis = small_model.analyse(batch)
    labels = small_model.predict(batch.documents).tolist()
    together = explain(small_model, batch, analysis, labels)
    alone = []
    for one in batch.documents:
        own = Batch([one])
        analysis = small_model.analyse(own)
        alone += explain(small_model, own, analysis, small_model.predict([one]).tolist())
    assert together == alone


def test_contributions_speak_for_the_story_where_it_is_and_against_it_elsewhere(small_model, batch):
    analysis = small_model.analyse(batch)
    total = _contributions(small_model, analysis)["story"].sum(axis=1)
    order = np.argsort(analysis.log_odds[:, 0])
    assert total[order[-8:]].min() > 0 > total[order[:8]].max()


def test_reasons_of_no_paragraphs(small_model):
    empty = Batch([document()])
    analysis = small_model.analyse(empty)
    assert explain(small_model, empty, analysis, []) == []


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("The foreign ministry of Norland condemned the plan as “a wound”.", "S1", "a wound"),
        ("President Ilin said that he was deeply outraged.", "S1", "President Ilin"),
        ("“We will never accept this plan for the harbour.”", "S1", "We will never accept"),
        ("Experts say that the plan will fail before the winter.", "S2", "Experts"),
        ("The minister reportedly hid the money at home.", "S2", "hearsay"),
        ("The elites planned all of it and hid the cure.", "S3", "The elites planned"),
        ("", "S3", "claims"),
        ("…", "S3", "…"),
    ],
)
def test_what_a_suspect_paragraph_lacks(text, code, named):
    reason = missing_source(text)
    assert reason.code == code
    assert named in reason.text


def test_a_long_claim_is_clipped_at_a_word():
    text = "The elites planned " + "all of it and hid the cure " * 50
    quoted = re.search("“(.*)”", missing_source(text).text)
    assert quoted is not None
    assert len(quoted[1]) <= 60
    assert quoted[1].endswith("…")
    assert text.startswith(quoted[1][:-1])


def seen(label, text="Text", **values):
    table = dict.fromkeys(every_column(), 0.0) | {name.replace("__", "."): value for name, value in values.items()}
    return Seen(text, text.lower().split(), label, table)


def test_reasons_speak_for_the_label_they_are_given_for():
    length, topic, links = (REASONS[code][1] for code in ("length", "topic", "links"))
    assert length(seen(CORE, surface__words=40)) == "running text of 40 words"
    assert length(seen(CHROME, surface__words=1)) == "only 1 word"
    assert (
        topic(seen(CORE, surface__words=40, topic__body_rank=1.2)) == "shares its vocabulary with the rest of the story"
    )
    assert topic(seen(CORE, surface__words=40, topic__body_rank=0.1)) is None
    assert topic(seen(OFF_TOPIC, surface__words=40, topic__body_rank=0.1)) == "shares few words with the main story"
    assert links(seen(CHROME, layout__link_share=1.0)) == "100% of it is a link"
    assert links(seen(CHROME, layout__link_share=np.nan)) is None


def test_a_phrase_is_quoted_as_it_stands():
    say = REASONS["consent-words"][1]
    assert "“cookies”" in say(seen(CHROME, "We use cookies"))
    assert say(seen(CORE, "We use cookies")) is None


@pytest.mark.parametrize(("others", "said"), [(0.0, None), (3.0, "other paragraphs of this document lack sources too")])
def test_a_lone_statement_without_a_source_is_not_told_of_others(others, said):
    told = seen(
        SUSPECT,
        attribution__statements=1.0,
        attribution__unreached=1.0,
        attribution__document_statements=float(np.log1p(1 + others)),
        attribution__document_unreached=1.0,
    )
    assert REASONS["document-sources"][1](told) == said


def test_a_suspect_paragraph_is_told_what_the_article_says_of_it(small_model, batch):
    analysis = small_model.analyse(batch)
    row = int(analysis.rows[0])
    place = article_names().index("attribution.accuse_untraced")
    values = analysis.article.copy()
    values[:, place] = 1.0
    changed = replace(analysis, article=values)
    labels = [SUSPECT if i == row else CORE for i in range(len(batch))]
    spoken = [_spoken(small_model, batch, one, labels, row) for one in (analysis, changed)]
    assert spoken[0]["attribution.accuse_untraced"] == 0
    assert spoken[1]["attribution.accuse_untraced"] == 1


def _spoken(model, batch, analysis, labels, row):
    """Values that the reasons of a paragraph are put into words with."""
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("classifier.reasons.Seen", lambda *values: told.append(Seen(*values)) or told[-1])
        explain(model, batch, analysis, labels)
    return told[row].values
