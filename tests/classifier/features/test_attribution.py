import numpy as np
import pytest

from classifier.features import attribution, cues
from classifier.features.attribution import analyse
from classifier.features.batch import Batch

from ..conftest import document

PLAIN = "The bridge was closed for nine hours and then it opened again to lorries."


def rows(*lines):
    values = attribution.extract(Batch([document(*lines)]))
    return [dict(zip(attribution.COLUMNS, row.tolist(), strict=True)) for row in values]


QUOTATIONS = {
    "curly": "“We will act before the winter comes to us”",
    "straight": '"We will act before the winter comes to us"',
    "single curly": "‘We will act before the winter comes to us’",
    "single straight": "'We will act before the winter comes to us'",
    "low-high": "„We will act before the winter comes to us“",
    "low-right": "„We will act before the winter comes to us”",
    "guillemets": "«We will act before the winter comes to us»",
}
every_style = pytest.mark.parametrize("style", QUOTATIONS)


@every_style
def test_a_quotation_of_every_style_is_found(style):
    (sentence,) = analyse(f"{QUOTATIONS[style]}, said President Ilin.")
    assert sentence.quotations == ("We will act before the winter comes to us",)
    assert sentence.statement
    assert "Ilin" in sentence.speaker


@every_style
@pytest.mark.parametrize(
    "citation",
    [
        "President Ilin told CNN",
        "said President Ilin in an interview",
        "President Ilin wrote in a post on X",
        "President Ilin said at a press conference",
        "President Ilin said in a letter",
        "President Ilin said on Monday",
        "President Ilin said, according to Reuters",
        "President Ilin said: https://example.org/speech",
        "says the affidavit of President Ilin",
    ],
)
def test_a_citation_makes_every_style_traceable(style, citation):
    quotation = QUOTATIONS[style]
    assert all(sentence.traced for sentence in analyse(f"{quotation}, {citation}."))
    (bare,) = analyse(f"{quotation}, President Ilin said.")
    assert bare.statement and not bare.traced


@pytest.mark.parametrize(
    "text",
    [
        "It's the mayor's car and the drivers' union that didn't pay.",
        "They had waited since the ’90s for the rivers’ return.",
        PLAIN,
    ],
)
def test_apostrophes_are_no_quotations(text):
    assert [sentence.quotations for sentence in analyse(text)] == [()]


def test_a_sliced_quotation_runs_to_the_end_of_its_line():
    (sentence,) = analyse("President Ilin said: “We will act before")
    assert sentence.quotations == ("We will act before",)
    (row,) = rows("President Ilin said: “We will act before")
    assert row["open_quotation"] == 1


@pytest.mark.parametrize(("opening", "closing"), [("“", "”"), ('"', '"'), ("«", "»")])
def test_sentences_inside_a_quotation_are_statements_until_it_closes(opening, closing):
    text = f"{opening}We act. The winter comes. It is over,{closing} said President Ilin. The bridge was shut."
    assert [sentence.statement for sentence in analyse(text)] == [True, True, True, False]


def test_a_quotation_that_goes_on_after_its_speaker_is_still_open():
    text = "“We act now. It is over,” said President Ilin, “and we go on. The winter comes.”"
    assert [sentence.statement for sentence in analyse(text)] == [True, True, True]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The president said that the border was shut.", "office"),
        ("The ministry said that the border was shut.", "body"),
        ("On that day Norway condemned the plan.", "place"),
        ("Residents said that the border was shut.", "crowd"),
        ("He said that the border was shut.", "pronoun"),
        ("A driver, Ana Ruiz, said that the border was shut.", "name"),
    ],
)
def test_kinds_of_speakers(text, kind):
    (sentence,) = analyse(text)
    assert sentence.statement
    assert sentence.speaker_kind == kind
    (row,) = rows(text)
    named = {"name": "named"}.get(kind, kind)
    assert row[f"{named}_speaker"] == 1
    assert sum(row[f"{name}_speaker"] for name in ("named", "office", "body", "place", "crowd", "pronoun")) == 1


def test_a_surname_that_begins_the_sentence_speaks():
    (sentence,) = analyse("Okoro said that the border was shut.")
    assert sentence.statement and sentence.speaker == "Okoro"


def test_who_is_no_institution():
    (sentence,) = analyse("The man, who said that the border was shut, left.")
    assert sentence.speaker_kind != "body"


@pytest.mark.parametrize(
    "text",
    [
        "Experts say that the plan will fail before the winter.",
        "Sources claim that the plan will fail before the winter.",
        "Many believe that the plan will fail before the winter.",
        "It is believed that the minister hid the money.",
        "The minister reportedly hid the money at home.",
        "Studies show that the plan will fail before the winter.",
    ],
)
def test_vague_authorities(text):
    (sentence,) = analyse(text)
    assert sentence.vague
    assert not sentence.traced
    (row,) = rows(text)
    assert row["vague_statement"] == row["vague_untraced"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "A person familiar with the talks told CNN that the deal was near.",
        "Two officials, who spoke on condition of anonymity, said the deal was near.",
        "A clerk briefed on the talks said that the deal was near.",
    ],
)
def test_anonymous_but_described_is_traceable_and_not_vague(text):
    (sentence,) = analyse(text)
    assert sentence.traced and not sentence.vague


def test_vague_but_with_an_outlet_is_traced():
    (sentence,) = analyse("Experts told Reuters that the plan will fail before the winter.")
    assert sentence.vague and sentence.traced
    (row,) = rows(sentence.text)
    assert row["vague_statement"] == 1
    assert row["vague_untraced"] == 0


def test_plain_facts_are_no_statements():
    (row,) = rows(PLAIN)
    for column in ("statements", "untraced_statements", "vague_statement", "quotations", "trace_kinds"):
        assert row[column] == 0


def test_statements_are_counted_by_whether_they_can_be_traced():
    cited = "President Ilin told CNN that he would act."
    bare = "The president said that he would act."
    (row,) = rows(f"{bare} {cited} {PLAIN} {PLAIN}")
    assert (row["statements"], row["traced_statements"], row["untraced_statements"]) == (2, 1, 1)
    assert row["untraced_share"] == pytest.approx(1 / 4)
    assert row["leading_untraced"] == 1
    (row,) = rows(f"{cited} {bare}")
    assert row["leading_untraced"] == 0


def test_reactions_are_counted():
    (row,) = rows("The ministry of Norland condemned the plan as “a grave error”. The embassy welcomed it in a letter.")
    assert row["reaction"] == 2
    assert row["reaction_untraced"] == 1
    assert row["fragments"] == 1


def test_what_the_lines_around_supply():
    cited = "President Ilin told CNN that he would act."
    bare = "“We will act before the winter comes to us all.”"
    before, _, after = rows(cited, bare, cited)[0], rows(PLAIN)[0], rows(cited, bare, cited)[2]
    middle = rows(cited, bare, cited)[1]
    assert middle["trace_before"] == middle["trace_after"] == 1
    assert middle["statement_before"] == middle["statement_after"] == 1
    assert middle["speaker_before"] == 1
    assert before["trace_before"] == before["quote_before"] == 0
    assert before["quote_after"] == after["quote_before"] == 1
    assert after["trace_after"] == 0


def test_only_the_nearest_sentence_of_a_neighbour_supplies_a_trace():
    cited = "President Ilin told CNN that he would act."
    bare = "“We will act before the winter comes to us all.”"
    assert rows(f"{cited} {PLAIN}", bare)[1]["trace_before"] == 0
    assert rows(f"{PLAIN} {cited}", bare)[1]["trace_before"] == 1
    assert rows(bare, f"{PLAIN} {cited}")[0]["trace_after"] == 0
    assert rows(bare, f"{cited} {PLAIN}")[0]["trace_after"] == 1


def test_neighbours_of_another_document_supply_nothing():
    cited, bare = "President Ilin told CNN that he would act.", "The president said that he would act."
    values = attribution.extract(Batch([document(cited), document(bare), document(cited)]))
    columns = [attribution.COLUMNS.index(name) for name in attribution.COLUMNS if name.endswith(("_before", "_after"))]
    near = [column for column in columns if not attribution.COLUMNS[column].startswith("speaker_mentions")]
    assert not values[:, near].any()
    assert not values[:, attribution.COLUMNS.index("statements_near")].any()


def test_rows_of_reactions_raise_what_is_near():
    line = "The ministry of Norland condemned the plan as “a grave error”."
    near = [row["untraced_near"] for row in rows(line, line, line, PLAIN, PLAIN, PLAIN, PLAIN)]
    assert near[0] > near[4] > near[6] == 0


def test_shares_of_the_document():
    cited, bare = "President Ilin told CNN that he would act.", "The president said that he would act."
    found = rows(cited, bare, bare, bare)
    assert {row["document_traced"] for row in found} == {0.25}
    assert {row["document_untraced_share"] for row in found} == {0.75}


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("See the plan at https://example.org/plan for more", "link"),
        ("Ana Ruiz, 34, runs the shop on the quay", "age"),
        ("OSLO (Reuters) - The bridge was shut again", "agency"),
        ("“We act.” - Ana Ruiz, the mayor", "signed"),
        ("The president had this to say of it:", "leads_into"),
        ("“We will act before the winter comes to us.”", "all_quotation"),
    ],
)
def test_marks_of_a_paragraph(text, column):
    assert rows(text)[0][column] == 1
    assert rows(PLAIN)[0][column] == 0


def test_accusations_count_where_nothing_traces_them():
    assert rows("The elites secretly covered up the fraud for years.")[0]["accuse_untraced"] == 1
    assert rows("The fraud was covered up for years, Reuters has found.")[0]["accuse_untraced"] == 0


def test_lines_of_a_few_words_are_not_analysed():
    (row,) = rows("“No,” he said.")
    assert not any(row[name] for name in attribution.COLUMNS[: attribution.COLUMNS.index("trace_before")])


def test_analysis_does_not_depend_on_what_was_analysed_before():
    first = analyse(PLAIN)
    analyse("“We will act")
    assert analyse(PLAIN) == first
    assert not np.isnan(attribution.extract(Batch([document("", "«", "a b c d")]))).any()


def test_an_outlet_is_named_with_a_capital():
    named, counted = (
        attribution.analyse(text)[0] for text in ("Ana Ruiz told the Times.", "Ana Ruiz said it ten times.")
    )
    assert named.cues & cues.OUTLET
    assert not counted.cues & cues.OUTLET


@pytest.mark.parametrize(
    "text",
    [
        "According to reports, the men had planned it for months.",
        "According to ethics experts, the plan is not adequate.",
        "According to several concerned sources, gardening is booming.",
    ],
)
def test_according_to_nobody_in_particular_traces_nothing(text):
    (sentence,) = analyse(text)
    assert sentence.vague
    assert not sentence.traced


def test_according_to_somebody_traces():
    assert analyse("According to the harbour office, the pier is safe.")[0].traced
    assert analyse("According to sources quoted by Reuters, the pier is safe.")[0].traced
