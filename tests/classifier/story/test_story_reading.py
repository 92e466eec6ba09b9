import numpy as np
import pytest

from classifier.document import Document, Paragraph
from classifier.story import (
    COLUMNS,
    adjust,
    digest,
    features,
    group,
    paragraph_data,
    read_together,
    reasons,
    render_page,
)
from classifier.story.claims import claims_of
from classifier.story.conflicts import conflicts_of, quantities
from classifier.story.grouping import copies, families
from classifier.story.matching import Pair
from classifier.story.names import offices, same_person, speaker, titles_differ


def document(name, *lines):
    return Document(name, [Paragraph(line) for line in lines])


BRIDGE = document(
    "gazette",
    "Bridge over the Lenne closed for good",
    "The Republic of Altena closed the bridge at Werdohl on Monday after 12 cables were found to be torn.",
    "“We would rather build a new bridge than bury a bus,” transport minister Hanna Kolb told reporters.",
    "Repairs to the old bridge would cost 40 million crowns and take three years.",
)
WIRE = document(
    "wire",
    "Altena shuts bridge",
    "The bridge at Werdohl was closed by the Kingdom of Altena on Monday when 12 cables were found torn.",
    "Transport minister Hannah Kolb told a briefing: 'We'd rather build a new bridge than bury a bus'.",
    "“The ferry can take my lorries, but not my milk,” said Jost Brand, who runs a dairy across the river.",
)
BUZZ = document(
    "buzz",
    "World reacts to bridge shock",
    "The bridge at Werdohl was shut on Monday after 21 cables were found torn.",
    "Defence minister Hanna Kolb spoke of a tragedy.",
    "Finland called the closing of the bridge at Werdohl “a lesson for every old bridge in the north”.",
)
OTHER = document(
    "other",
    "Quiet night for goalkeepers in cup semi-final",
    "Tornby Athletic beat Vassle United by four goals to nil in the cup semi-final on Saturday evening.",
    "Striker Pelle Dunn scored twice in the second half and left the pitch to applause from both stands.",
)


@pytest.fixture(scope="module")
def story():
    return read_together([BRIDGE, WIRE, BUZZ])


def test_quotation_in_other_marks_and_spelling_is_corroborated(story):
    data = paragraph_data(story, 0, 2)
    assert data["corroborated_by"] == ["wire"]
    assert data["uncorroborated"] == []
    assert paragraph_data(story, 1, 2)["corroborated_by"] == ["gazette"]


def test_reaction_that_names_the_event_is_not_corroborated_by_the_event(story):
    data = paragraph_data(story, 2, 3)
    assert data["corroborated_by"] == []
    assert data["uncorroborated"] == ["a lesson for every old bridge in the north"]
    assert [reason.text for reason in reasons(story, 2, 3)] == ["none of the two other sources has this quotation"]


def test_reason_names_the_carrier_and_its_source(story):
    assert reasons(story, 0, 2)[0].text == "carried by wire with its source"
    assert reasons(story, 0, 2)[0].code == "story-carried"


def test_number_and_name_conflicts_are_told_from_both_sides(story):
    here = {(c["what"], c["here"], c["there"], c["in"]) for c in paragraph_data(story, 0, 1)["conflicts"]}
    assert ("number", "12 cables", "21 cables", "buzz") in here
    assert ("name", "Republic of Altena", "Kingdom of Altena", "wire") in here
    there = {(c["what"], c["here"], c["there"], c["in"]) for c in paragraph_data(story, 2, 1)["conflicts"]}
    assert ("number", "21 cables", "12 cables", "gazette") in there


def test_title_conflict_bears_two_spellings(story):
    assert {c["what"] for c in paragraph_data(story, 2, 2)["conflicts"]} == {"title"}


def test_titles_and_headlines_are_no_claims(story):
    assert paragraph_data(story, 0, 0) == {
        "corroborated_by": [],
        "copied_in": [],
        "uncorroborated": [],
        "conflicts": [],
    }


def test_lone_document_keeps_its_log_odds_to_the_last_bit():
    alone = read_together([BRIDGE])
    (columns,) = features(alone)
    assert columns.shape == (4, len(COLUMNS)) and not columns.any()
    log_odds = np.array([-1.2345678, 0.0, 3.3333333, -30.0], dtype=np.float32)
    moved = adjust(log_odds, columns)
    assert moved.dtype == log_odds.dtype and (moved == log_odds).all()
    assert reasons(alone, 0, 2) == ()
    assert paragraph_data(alone, 0, 2)["uncorroborated"] == []


def test_carried_statement_is_less_suspect_than_a_lone_one(story):
    columns = features(story)
    carried, lone = columns[0][2], columns[2][3]
    moved = adjust(np.zeros(2), np.stack([carried, lone]))
    assert moved[0] < 0 < moved[1]


def test_copy_counts_as_one_source_and_is_named():
    reprint = Document("reprint", [Paragraph("Source: Gazette"), *BRIDGE.paragraphs])
    together = read_together([BRIDGE, reprint, WIRE])
    (copy,) = together.copies
    assert (copy.first, copy.second, copy.credit) == (0, 1, "Gazette")
    assert together.others(0) == 1 and together.others(2) == 1
    data = paragraph_data(together, 0, 2)
    assert data["corroborated_by"] == ["wire"] and data["copied_in"] == ["reprint"]
    assert paragraph_data(together, 2, 2)["corroborated_by"] == ["gazette"]


def test_only_a_copy_carries_it_so_nobody_does():
    reprint = Document("reprint", list(BRIDGE.paragraphs))
    together = read_together([BRIDGE, reprint])
    assert paragraph_data(together, 0, 2)["corroborated_by"] == []
    assert not np.vstack(features(together)).any()


def test_same_quotation_in_own_words_is_no_copy():
    assert copies([BRIDGE, WIRE]) == []


def test_families_follow_chains():
    assert families(5, [(3, 4), (0, 3)]) == [0, 1, 2, 0, 0]


def test_grouping_parts_events_whatever_the_order():
    assert group([BRIDGE, OTHER, WIRE, BUZZ]) == [[0, 2, 3], [1]]
    assert group([OTHER]) == [[0]]
    assert group([]) == []
    assert group([document("a", ""), document("b", "?")]) == [[0], [1]]


def test_digest_tells_what_all_carry_and_who_is_quoted(story):
    data = digest(story)
    assert data["texts"] == 3
    (everywhere,) = data["carried_by_all"]
    assert everywhere["documents"] == ["gazette", "wire", "buzz"]
    alone = {entry["text"]: entry["documents"] for entry in data["carried_by_one"]}
    assert alone["a lesson for every old bridge in the north"] == ["buzz"]
    kolb = next(person for person in data["speakers"] if person["name"].endswith("Kolb"))
    assert set(kolb["spellings"]) == {"Hanna Kolb", "Hannah Kolb"}
    assert kolb["quotations"][0]["documents"] == ["gazette", "wire"]
    assert {"number", "name", "title"} <= {conflict["what"] for conflict in data["conflicts"]}


def test_page_escapes_text_and_allows_no_script():
    evil = document("<b>x</b>", *(p.text for p in WIRE.paragraphs), '<script>alert("1")</script> said the mayor.')
    page = render_page(read_together([BRIDGE, evil]))
    assert "<script" not in page and "&lt;script&gt;" in page and "<b>x" not in page
    assert "default-src &#39;none&#39;" in page and "sha256-" in page
    assert 'href="#d1p2"' in page and 'id="d1p2"' in page


def test_page_links_lead_somewhere(story):
    import re

    page = render_page(story, labels=[["core"] * len(d.paragraphs) for d in story.documents])
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
    assert page.count('<span class="label">core</span>') == 12


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Andrey Rudin", "Andrei Rudin", True),
        ("Marta Lindqvist", "Marta Lindkvist", True),
        ("Viktor Aasen", "Viktor Åsen", True),
        ("Rudin", "Andrei Rudin", True),
        ("Andrei Rudin", "Maria Rudin", False),
        ("Andrei Rudin", "Andrei Melnyk", False),
    ],
)
def test_same_person_in_several_spellings(one, two, same):
    assert same_person(one, two) is same


@pytest.mark.parametrize(
    ("one", "two", "differ"),
    [
        ("foreign minister", "defence minister", True),
        ("Governor", "Lieutenant governor", True),
        ("acting foreign minister", "Foreign Minister", False),
        ("fire chief", "county fire chief", False),
        ("union president", "chair", False),
        ("CEO", "chief executive", False),
    ],
)
def test_titles_differ(one, two, differ):
    assert titles_differ(one, two) is differ


def test_offices_before_and_behind_the_name():
    text = "Deputy prime minister Olga Frei met Jan Holt, the mayor of Dorn, who said that it was late."
    assert dict(offices(text)) == {"Olga Frei": "Deputy prime minister", "Jan Holt": "mayor"}


def test_speaker_is_not_somebody_inside_the_quotation():
    assert speaker("“Ask Peter Falk,” Lena Moor said, leaving the hall.") == "Lena Moor"


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("“It will float,” skipper Ada Lund told Harbour Weekly.", "Ada Lund"),
        ("In an email to Jan Holt, the skipper Ada Lund wrote that it would float.", "Ada Lund"),
        ("Ada Lund, the skipper, said “it will float”, Harbour Weekly reported.", "Ada Lund"),
        ("“It will float,” the ferry company told Harbour Weekly.", ""),
    ],
)
def test_who_is_told_is_not_the_speaker(sentence, name):
    assert speaker(sentence) == name


@pytest.mark.parametrize(
    ("one", "two"),
    [
        # things of one name: doses against a fever are no cases of it
        (
            "The clinic at Dorn counted 812 cases of marsh fever up to Friday in the delta.",
            "The clinic at Dorn got 40,000 doses against marsh fever on Friday in the delta.",
        ),
        # times of day
        (
            "The barge ran aground at 4.20 on Friday off Dorn, and two of its holds were torn.",
            "The barge ran aground shortly after four on Friday off Dorn, and its holds were torn.",
        ),
    ],
)
def test_numbers_of_two_things_are_no_conflict(one, two):
    assert conflicts_between(one, two) == []


def test_quantities_read_words_scales_and_percent():
    found = [(q.value, q.kind) for q in quantities("Sixty-two of 1,200 boats, 4.5 per cent, worth $3 million in 1998.")]
    assert found == [(62.0, "number"), (1200.0, "number"), (4.5, "number"), (3e6, "number"), (1998.0, "year")]


def conflicts_between(one, two, probability=0.85):
    claims = claims_of([document("one", one), document("two", two)])
    assert len(claims) == 2
    return [(c.what, c.here, c.there) for c in conflicts_of(claims, [Pair(0, 1, probability)])]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        # the start of a time, and a point of it
        (
            "The court lifted a ban on the party that had been in force since 1998.",
            "The ban on the party was lifted by the court in March 2021.",
        ),
        # two steps, each with its month
        (
            "In March 2021 the court took the party off the list of banned groups.",
            "The law that lets the court take groups off the list was passed in November 2020.",
        ),
        # the day of the report
        (
            "Dorn lifted its ban on the party on May 3 and received its chairman.",
            "May 4 (UPI) -- Dorn has become the first country to lift its ban on the party.",
        ),
        # one says the same again on another day
        (
            "“We'd rather be late than sorry,” the harbour chief Ada Lund told reporters on Monday.",
            "Ada Lund repeated on Tuesday that the harbour would “rather be late than sorry” about a wreck.",
        ),
    ],
)
def test_dates_of_two_things_are_no_conflict(one, two):
    assert conflicts_between(one, two) == []
    assert conflicts_between(two, one) == []


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ("The ban has been in force since 1998.", "The ban was in force from 1989 on.", ("1998", "1989")),
        ("The mill was built in 1912 by monks.", "The mill, built by monks in 1921, stands.", ("1912", "1921")),
        ("The law was passed in May 2020 by the Diet.", "The law was passed in 2019 by the Diet.", ("2020", "2019")),
        ("DORN, May 4 (UPI) -- The vote is on June 9.", "The vote will be held on 19 June.", ("June 9", "19 June")),
    ],
)
def test_dates_of_one_thing_conflict(one, two, told):
    assert conflicts_between(one, two) == [("date", *told)]
