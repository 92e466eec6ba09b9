import numpy as np
import pytest

from classifier.features import topic
from classifier.features.batch import Batch

from ..conftest import document

HEADLINE = "Harbour council votes to rebuild Quay Street"
STORY = (
    "The harbour council voted on Monday to rebuild Quay Street after the winter storm, said engineer Rita Moss.",
    "Engineer Rita Moss showed the council how the storm had opened the harbour wall under Quay Street.",
    "The council expects that rebuilding the harbour wall will close Quay Street until the winter.",
    "Shopkeepers of Quay Street asked the council for rebuilding that leaves the harbour open.",
)
LEAKED = "Divers near Ostra Island found amphorae in a wreck; archaeologist Pavel Lund dates its cargo to antiquity."
MENU = ("Home", "Sign in")


def table(*documents, story=None):
    batch = Batch(documents)
    first = np.where(batch.words >= 8, 0.9, 0.1) if story is None else np.asarray(story)
    values = topic.extract(batch, first.astype(np.float32))
    return {name: values[:, i] for i, name in enumerate(topic.COLUMNS)}


@pytest.fixture(scope="module")
def spliced():
    """A story of four paragraphs with one of another story before the last; the leaked one is at 5."""
    return table(document(*MENU, HEADLINE, *STORY[:2], LEAKED, *STORY[2:]))


@pytest.mark.parametrize("column", ["body", "body_rank", "lead", "before", "after", "around", "segment", "headline"])
def test_a_spliced_paragraph_is_less_like_the_story(spliced, column):
    own = spliced[column][[3, 4, 6, 7]]
    leaked = spliced[column][5]
    # Lines at the rim have nobody on one side; they are no measure of that side.
    assert leaked < np.median(own)


def test_names_of_a_spliced_paragraph_are_unknown_to_the_story(spliced):
    assert spliced["entities_known"][5] == 0
    assert spliced["entities_known"][[3, 4, 6, 7]].min() >= 0.5
    assert spliced["entities"][5] == 4  # Ostra, Island, Pavel, Lund
    assert np.isnan(spliced["entities_known"][0])  # nobody is named


def test_the_segment_drops_where_another_story_begins():
    other = (LEAKED, LEAKED.replace("Divers", "Sailors"), LEAKED.replace("cargo", "keel"))
    found = table(document(HEADLINE, *STORY, *other))
    assert found["segment_drop"][1:].argmin() + 1 in (3, 4, 5)
    assert found["segment"][5] < found["segment"][2]


def test_a_leaked_story_that_the_first_pass_knew_does_not_define_the_body():
    page = document(*STORY, *[LEAKED] * 4)
    trusting = table(page)["body"]
    knowing = table(page, story=[0.9] * 4 + [0.02] * 4)["body"]
    assert knowing[:4].min() > trusting[:4].min()
    assert knowing[4:].max() < trusting[4:].max() / 2


def test_words_shared_with_the_title_that_the_page_states():
    found = table(document(STORY[0], "Menu", title="Council votes: Quay Street"), document(STORY[0]))
    # "votes:" keeps its colon and "votes" is not "voted": council, quay and street of four are shared.
    np.testing.assert_allclose(found["title_shared"], [0.75, 0, np.nan], equal_nan=True)


def test_likeness_lies_between_none_and_the_same():
    found = table(document(STORY[0], STORY[0], LEAKED), document(LEAKED))
    assert found["body"][:2].min() > 0.5
    assert found["body"].max() <= 1 + 1e-6
    assert found["body"][3] == pytest.approx(0, abs=1e-4)  # nothing else is in its document


def test_documents_do_not_see_each_other():
    page = document(*STORY, LEAKED)
    alone = table(page)
    among = table(document(*[LEAKED] * 5), page, document(*STORY[::-1]))
    for column in topic.COLUMNS:
        np.testing.assert_allclose(among[column][5:10], alone[column], atol=1e-6, err_msg=column)


def test_a_line_without_a_word_in_common_has_no_likeness_in_any_batch():
    page = document("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich hinweg.", *STORY, LEAKED)
    for batch in ((page,), (document(LEAKED), page)):
        place = -len(page.paragraphs)
        assert table(*batch)["body"][place] == 0


def test_the_lead_is_found_behind_many_documents():
    """Running sums over a batch are exact enough that a document's lead does not depend on what stood before it."""
    page = document(*[f"{STORY[i % 4]} Part {i}." for i in range(24)])
    many = [document(*[LEAKED] * 40, name=str(i)) for i in range(80)]
    random = np.random.default_rng(0)
    behind, own = random.random(3200), np.full(24, 1 / 3)
    together = table(*many, page, story=np.concatenate([behind, own]))["entities_in_lead"][-24:]
    np.testing.assert_array_equal(together, table(page, story=own)["entities_in_lead"])
