import numpy as np
import pytest

from classifier.features import surface
from classifier.features.batch import Batch

from ..conftest import document


def row(text):
    return dict(zip(surface.COLUMNS, surface.extract(Batch([document(text)]))[0].tolist(), strict=True))


def test_length_and_form_of_a_sentence():
    found = row("The mayor said no. He left!")
    assert found["chars"] == 27
    assert found["words"] == 6
    assert found["sentences"] == 2
    assert found["ends_sentence"] == 1
    assert found["exclamations"] == 1
    assert found["past_share"] == pytest.approx(1 / 6)  # "said"
    assert found["person_share"] == pytest.approx(1 / 6)  # "he"
    assert found["title_share"] == pytest.approx(2 / 6)
    assert found["first_function"] == 1


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Read the rest:", "ends_colon"),
        ("The mayor has said that he …", "ends_cut"),
        ("and so on", "starts_lower"),
        ("“No,” he said", "starts_quote"),
        ("7 things", "starts_digit"),
        ("• One thing", "starts_bullet"),
        ("\u200b\u200b", "invisible"),
        ("Written by Rita Moss", "leads_byline"),
        ("Photo of the harbour", "leads_credit"),
        ("Related stories", "leads_pointer"),
        ("© Courier", "copyright_sign"),
    ],
)
def test_marks_of_a_line(text, column):
    assert row(text)[column] == 1
    assert row("The council of the town met for an hour.")[column] == 0


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Share on WhatsApp", "share"),
        ("We use cookies", "consent"),
        ("Subscribe to our newsletter", "promotion"),
        ("5 min read", "byline"),
        ("Picture: Getty", "credit"),
        ("You may also like", "pointer"),
        ("Leave a comment", "comment"),
        ("All rights reserved", "legal"),
        ("Media inquiries: 555 0100", "contact"),
        ("Skip to content", "navigation"),
    ],
)
def test_every_kind_of_boilerplate_phrase_is_counted(text, phrase):
    assert row(text)[f"phrase_{phrase}"] >= 1
    assert sum(row("The council met for an hour.")[f"phrase_{name}"] for name in surface.PHRASES) == 0


def test_every_phrase_has_a_column():
    assert {name for name in surface.COLUMNS if name.startswith("phrase_")} == {f"phrase_{n}" for n in surface.PHRASES}


def test_dates_times_and_fused_words():
    found = row("Published 3 May 2024, 09:30 CultureGlobal Affairs")
    assert found["dates"] == 2  # the day, and the year alone
    assert found["times"] == 1
    assert found["fused"] == 1


def test_foreign_letters_are_a_share():
    assert row("Москва")["foreign_share"] == 1
    assert row("Moscow")["foreign_share"] == 0


def test_shares_of_a_line_without_words_are_numbers():
    assert not np.isnan(surface.extract(Batch([document("—", "", "…")]))).any()


def test_phrases_count_at_both_ends_of_a_long_line():
    middle = ["plain"] * 70
    assert row(" ".join(["subscribe", *middle]))["phrase_promotion"] == 1
    assert row(" ".join([*middle, "subscribe"]))["phrase_promotion"] == 1
    assert row(" ".join([*middle[:35], "subscribe", *middle[:35]]))["phrase_promotion"] == 0


def test_phrase_in_names_the_word_that_a_reason_quotes():
    assert surface.phrase_in("promotion", ["please", "sign", "in", "now"]) == "sign"
    assert surface.phrase_in("promotion", ["plain", "words"]) is None
