import pytest

from classifier.features.sentences import MAX_SENTENCES, abbreviations, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("No end", ["No end"]),
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("“We go.” He left.", ["“We go.”", "He left."]),
        ("He said no. “We go,” she said.", ["He said no.", "“We go,” she said."]),
        ("It cost 3.5 million. All of it.", ["It cost 3.5 million.", "All of it."]),
        ("It rose to 5. then fell. So it goes.", ["It rose to 5. then fell.", "So it goes."]),
        ("J. K. Moss wrote it. It sold.", ["J. K. Moss wrote it.", "It sold."]),
        ("He left at 7 a.m. Monday. She stayed.", ["He left at 7 a.m. Monday.", "She stayed."]),
        ("Wait… What? No.", ["Wait…", "What?", "No."]),
        ("Она ушла. Он остался.", ["Она ушла.", "Он остался."]),
        ("No.Space here", ["No.Space here"]),
    ],
)
def test_sentences(text, sentences):
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    "title",
    ["Sen.", "Rev.", "Col.", "Dr.", "Mr.", "Mrs.", "Gen."],
)
def test_titles_do_not_end_sentences(title):
    text = f"The floor went to {title} Moss. She spoke."
    assert split_sentences(text) == [f"The floor went to {title} Moss.", "She spoke."]


def test_only_the_beginning_of_a_long_line_is_split():
    found = split_sentences("One more. " * 500)
    assert len(found) == MAX_SENTENCES
    assert set(found) == {"One more."}


def test_abbreviations_are_lower_case_without_their_last_stop():
    assert len(abbreviations()) > 20
    assert all(word == word.lower() and not word.endswith(".") for word in abbreviations())
