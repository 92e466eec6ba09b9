"""Tell what ties a statement to where it was made: "told Kanal Seks", "in a letter to the court", "said on Monday".

A word for an outlet, an occasion or a paper lets a reader trace a statement only where it says through what, when or
in what something was said. In "hailed the agreement" or "criticised the newspaper" it is what the statement is about.
Clauses are told apart by their punctuation and by words that begin one; there is no parser.
"""

import re
from typing import Final

from classifier.features import cues

TOLD: Final = 1 << 0  # told somebody, posted, testified
OUTLET: Final = 1 << 1
CHANNEL: Final = 1 << 2
OCCASION: Final = 1 << 3
DOCUMENT: Final = 1 << 4
DAY: Final = 1 << 5
ISSUED: Final = 1 << 6  # put something out: "issued a statement", "their report", "paragraph 9"
DESCRIBED: Final = 1 << 7  # an unnamed source that is described
LINK: Final = 1 << 8
FIRST_PERSON: Final = 1 << 9  # the writer may have been there
ACCORDING: Final = 1 << 10  # according to somebody, wherever that was said
KINDS: Final = (
    "told", "outlet", "channel", "occasion", "document", "day", "issued", "described", "link", "first_person",
    "according",
)  # fmt: skip
#: Those that let a reader find the statement.
FIRM: Final = FIRST_PERSON - 1

#: Cues without which a sentence has none.
RELEVANT: Final = (
    cues.REPORT | cues.OUTLET | cues.CHANNEL | cues.OCCASION | cues.DOCUMENT | cues.DAY | cues.ANONYMOUS | cues.SELF
    | cues.ACCORDING
)  # fmt: skip
#: Words, and the signs that part clauses.
WORD: Final = re.compile(r"[^\W_]+(?:['’ʼ.-][^\W_]+)*")
TOKEN: Final = re.compile(WORD.pattern + r"|[,;:()—–]")
#: Verbs and nouns that report or react.
REPORTS: Final = cues.REPORT | cues.REACT
#: Those of them that are no verbs.
_NOUNS: Final = frozenset(
    "reaction reactions concern support outrage dismay regret disappointment opposition stance position".split()
)
#: Verbs whose object is who listened, and those who make telling a private matter, or none.
_TELLING: Final = frozenset("told tells telling tell informed".split())
_PRIVATE: Final = frozenset(
    """him her his their my our your them it that you to of how what why whether about himself herself themselves
    everyone everybody anyone people friends lies apart off""".split()
)
_BEING: Final = frozenset("was were is are be been being get got".split())
#: Verbs that say by themselves how something became public.
_PUBLIC: Final = frozenset("tweeted tweets tweeting posted posting testified testifies testifying emailed".split())
#: Cue words that are verbs, or say how often, where a noun is asked for.
_NO_NOUN: Final = frozenset(
    """told voted interviewed testified posted tweeted emailed questioning published daily weekly order bill agreement
    contract constitution decree treaty resolution register figures""".split()
)
_PERSONS: Final = frozenset("reporter reporters journalist journalists correspondent".split())
#: Who hears statements made "before" them; some are no cue of an occasion.
_CHAMBERS: Final = frozenset("council committee commission panel inquiry tribunal mps lawmakers jury judge".split())
#: What may stand before a word of each kind, with only an article and adjectives between.
_BEFORE: Final = (
    (cues.OUTLET, OUTLET, frozenset("in on to with by from for via through".split())),
    (cues.CHANNEL, CHANNEL, frozenset("in on via by through from with during".split())),
    (cues.OCCASION, OCCASION, frozenset("at during in after before following outside".split())),
    (cues.DOCUMENT, DOCUMENT, frozenset("in from per".split())),
)
_TO_PERSONS: Final = frozenset({"to", "with"})
_PAPER: Final = cues.CHANNEL | cues.DOCUMENT
_PLACED: Final = _PAPER | cues.OUTLET | cues.OCCASION
#: Verbs of putting something out.
_ISSUING: Final = frozenset(
    """issued issues issuing released releases releasing published publishes adopted filed files sent sends signed
    submitted submits wrote writes printed circulated distributed tabled""".split()
)
_OWNERS: Final = frozenset("its his her their".split())
#: Parts of papers that are found by their number.
_NUMBERED: Final = frozenset("page pages paragraph paragraphs table slide minute annex appendix footnote".split())
_SAYING: Final = _TELLING | _PUBLIC | _CHAMBERS | _NUMBERED
#: Phrases among the cues that begin with their own preposition: "on X", "by phone", "on air".
_WHOLE: Final = frozenset("on by via".split())
#: Words and signs beyond which nothing belongs to a noun any more: prepositions, verbs, what begins a clause.
_ENDS: Final = frozenset(
    """of for about against between that which who whether and or but if when while as than because so is was are were
    be been will would has have had not could should may might can do does did i you he she it we they him them
    in on at to with by from via through over during after before following outside into per toward towards under
    across near without within since until , ; : ( ) — –""".split()
)
#: Words between a preposition, an issuing verb or a subject and its noun or verb; between a day and its verb.
_REACH, _DAY_REACH = 4, 8


def anchors(words: list[str], found: list[int]) -> int:
    """Kinds of anchors of one sentence, as bits.

    Parameters
    ----------
    words : list of str
        The tokens (`TOKEN`) of the sentence outside its quotations.
    found : list of int
        Their cues.
    """
    lowered = [word.lower() for word in words]
    bits = 0
    for i, (word, cue) in enumerate(zip(lowered, found, strict=True)):
        if word in _SAYING:
            bits |= _by_word(words, lowered, i)
        if not cue:
            continue
        if cue & cues.ACCORDING and word == "according":
            bits |= ACCORDING
        if cue & cues.ANONYMOUS:
            bits |= DESCRIBED
        if cue & cues.SELF and words[i] != "US":
            bits |= FIRST_PERSON
        if cue & cues.DAY and (word != "march" or words[i] == "March") and _verb_near(lowered, found, i):
            bits |= DAY
        if cue & _PLACED and word not in _NO_NOUN:
            bits |= _placed(lowered, i, cue)
        if cue & cues.REPORT:
            bits |= _subject(lowered, found, i)
    return bits


def _by_word(words: list[str], lowered: list[str], at: int) -> int:
    """Anchors that a word is by itself and by its neighbours, whatever its cues."""
    word, following = lowered[at], lowered[at + 1] if at + 1 < len(words) else ""
    if word in _TELLING:
        heard = following and following not in _PRIVATE and (at == 0 or lowered[at - 1] not in _BEING)
        return TOLD if heard else 0
    if word in _PUBLIC:
        return TOLD
    if word in _CHAMBERS:
        return OCCASION if _back(lowered, at)[1] == "before" else 0
    return ISSUED if following and words[at + 1].isdigit() else 0


def _verb_near(lowered: list[str], found: list[int], at: int) -> bool:
    """Whether a verb of reporting or reacting stands near a day."""
    near = range(max(0, at - _DAY_REACH), min(len(found), at + _DAY_REACH + 1))
    return any(found[i] & REPORTS and lowered[i] not in _NOUNS for i in near)


def _back(lowered: list[str], at: int) -> tuple[list[str], str]:
    """Words right before a place, nearest first, and the word or sign that they end at."""
    between: list[str] = []
    for word in reversed(lowered[max(0, at - _REACH) : at]):
        if word in _ENDS:
            return between, word
        between.append(word)
    return between, ""


def _placed(lowered: list[str], at: int, cue: int) -> int:
    """Anchors that a noun is by what stands before it."""
    word = lowered[at]
    between, end = _back(lowered, at)
    bits = 0
    for kind, bit, prepositions in _BEFORE:
        allowed = _TO_PERSONS if word in _PERSONS else prepositions
        if cue & kind and (end in allowed or (word in _WHOLE and kind != cues.DOCUMENT)):
            bits |= bit
    if cue & _PAPER and (
        not _ISSUING.isdisjoint(between) or (len(between) == at and not _OWNERS.isdisjoint(between[-1:]))
    ):
        bits |= ISSUED
    return bits


def _subject(lowered: list[str], found: list[int], at: int) -> int:
    """Anchors that the subject of a reporting verb is: "the BBC reported", "court documents say"."""
    bits = 0
    for i in range(at - 1, max(-1, at - 1 - _REACH), -1):
        if lowered[i] in _ENDS:
            break
        if lowered[i] in _NO_NOUN or lowered[i] in _PERSONS:
            continue
        for kind, bit, _ in _BEFORE:
            if found[i] & kind and kind != cues.OCCASION:
                bits |= bit
    return bits
