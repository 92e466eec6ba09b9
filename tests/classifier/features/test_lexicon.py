import pytest

from classifier.features import cues
from classifier.features.lexicon import Lexicon


@pytest.fixture
def lexicon():
    return Lexicon({1: "said sign/in", 2: "sign said sign/in/now", 4: "in"})


def test_a_word_may_be_of_several_kinds(lexicon):
    assert lexicon.kinds(["she", "said"]) == [0, 3]


def test_a_phrase_counts_at_its_first_word_only_when_whole(lexicon):
    assert lexicon.kinds(["sign", "in"]) == [1 | 2, 4]
    assert lexicon.kinds(["sign", "on"]) == [2, 0]
    assert lexicon.kinds(["sign", "in", "now"]) == [1 | 2, 4, 0]
    assert lexicon.kinds(["sign"]) == [2]
    assert lexicon.kinds([]) == []


def test_kinds_of_cues_are_single_bits_without_overlap():
    values = list(cues.KINDS.values())
    assert all(value.bit_count() == 1 for value in values)
    assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["said"], cues.REPORT),
        (["condemned"], cues.REACT),
        (["reuters"], cues.OUTLET),
        (["sky", "news"], cues.OUTLET),
        (["gazette"], cues.OUTLET_NAME),
        (["newspaper"], cues.OUTLET),
        (["press", "release"], cues.CHANNEL),
        (["hearing"], cues.OCCASION),
        (["affidavit"], cues.DOCUMENT),
        (["tuesday"], cues.DAY),
        (["many", "believe"], cues.VAGUE),
        (["reportedly"], cues.HEARSAY),
        (["condition", "of", "anonymity"], cues.ANONYMOUS),
        (["according", "to"], cues.ACCORDING),
    ],
)
def test_cues_of_the_label_guide_are_known(words, kind):
    assert cues.LEXICON.kinds(words)[0] & kind


def test_every_kind_of_cue_has_words():
    known = 0
    for kinds in cues.LEXICON.words.values():
        known |= kinds
    for entries in cues.LEXICON.phrases.values():
        for _, kind in entries:
            known |= kind
    assert all(known & value for value in cues.KINDS.values())


def test_cues_are_lower_case_as_they_are_looked_up():
    assert all(word == word.lower() for word in cues.LEXICON.words)


@pytest.mark.parametrize("text", [
    "Experts say many believe it", "The Gazette said on Tuesday", "i’m told Many Believe", "of", "",
    "on the condition of anonymity", "according to the ministry", "the condition of",
])  # fmt: skip
def test_kinds_of_words_as_written_are_those_of_the_lexicon(text):
    words = text.split()
    expected = cues.LEXICON.kinds([word.lower().replace("’", "'") for word in words])
    for _ in range(2):  # found out, and remembered
        found = cues.kinds(words)
        named = cues.OUTLET if "Gazette" in words else 0
        assert [kind & cues.ALL & ~named for kind in found] == [kind & ~named for kind in expected]
        assert [bool(kind & cues.CAPITAL) for kind in found] == [word[0].isupper() for word in words]


def test_an_outlet_named_by_a_common_word_has_a_capital_and_does_not_begin_the_sentence():
    assert [bool(kind & cues.OUTLET) for kind in cues.kinds(["Times", "Times", "times"])] == [False, True, False]


def test_days_and_the_first_person_are_no_names():
    words = ["Ilin", "Tuesday", "I", "ferry"]
    assert [bool(kind & cues.NAME) for kind in cues.kinds(words)] == [True, False, False, False]
    assert max(cues.KINDS.values()) <= cues.ALL
    assert not any(kind & (cues.DAY | cues.SELF | cues.OUTLET_NAME) for found in cues.LEXICON.phrases.values()
                   for _, kind in found)  # fmt: skip


def test_the_memory_of_words_is_bounded(monkeypatch):
    monkeypatch.setattr(cues, "_MOST_WORDS", 3)
    known = cues._Known()
    for word in ("a", "b", "c", "d", "e" * 5000):
        known[word]
    assert 0 < len(known) <= 3
    assert "e" * 5000 not in known
