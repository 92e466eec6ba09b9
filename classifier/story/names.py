"""People in a sentence: their names whatever the spelling, and the offices they are said to hold."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from classifier.features.attribution import QUOTATION
from classifier.features.cues import BODY, DAY, LEXICON, OFFICE, OUTLET, PLACE, REPORT

#: Two surnames are one name from this likeness on: Lindqvist/Lindkvist .89, Aasen/Asen .89.
SURNAME_LIKENESS: Final = 0.8
#: Given names vary more between alphabets: Davit/David .8; Eoin/Owen, .5, is not seen.
GIVEN_LIKENESS: Final = 0.7

_CAPITAL: Final = r"[^\W\d_a-zß-öø-ÿ][\w'’-]+"
_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:{_CAPITAL}|van|von|de|der|bin|al))*\s+{_CAPITAL}|{_CAPITAL}")
_WORD = re.compile(r"[\w'’-]+")
#: Whom one speaks to does not speak: "told Harbour Weekly", "in an email to Anna Lund".
_ADDRESSED = re.compile(
    r"\b(?:told|tell|tells|telling|(?:wrote|written|writing|said|spoke|speaking|email|e-mail|letter|interview|talked)\s+(?:to|with))"
    r"\s+(?:the\s+)?$",
    re.I,
)
#: Papers report, people say: "..., Harbour Weekly reported".
_REPORTED = re.compile(r"(?<!\s)\s+(?:has\s+|had\s+)?report(?:s|ed)\b", re.I)
_NOT_A_NAME: Final = OFFICE | BODY | DAY | OUTLET | PLACE
_HEADS: Final = frozenset("minister secretary governor mayor president king queen senator premier chancellor".split())
#: Offices that outlets name in several ways for one person.
_LEADERS: Final = frozenset("president chair chairman chairwoman head chief director boss leader".split())
_RANKS: Final = frozenset("deputy vice lieutenant under assistant".split())
#: Months, shortened or not, that are given names first.
_GIVEN_NAMES: Final = frozenset(["Jan", "April", "June", "August"])
#: Capitalised words of offices and institutions, and of the beginnings of sentences, that no name holds.
_NO_NAMES: Final = frozenset("affairs service state states foreign prime two three the this that".split())
_STATUS: Final = frozenset("acting interim former ex current new then the a its his her their our s".split())
_SHORT: Final = {"ceo": "chief executive", "cfo": "chief financial officer", "pm": "prime minister"}
_OFFICE_BEFORE: Final = 4


def plain(text: str) -> str:
    """Lower case without accents and with straight apostrophes, the form in which spellings are compared."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").replace("ø", "o").replace("Ø", "O"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def without_quotations(text: str) -> str:
    """Blank out the quoted parts of a text, so that places in it stay the same."""
    return QUOTATION.sub(lambda match: " " * len(match.group()), text)


def speaker(sentence: str) -> str:
    """Name of the person who speaks: the one nearest to a reporting verb outside the quotation, or ''."""
    outside = without_quotations(sentence)
    verbs = [match.start() for match in _WORD.finditer(outside) if LEXICON.words.get(match.group().lower(), 0) & REPORT]
    named = [
        (name, begin)
        for name, begin in people(outside)
        if not _ADDRESSED.search(outside[:begin]) and not _REPORTED.match(outside[begin + len(name) :])
    ]
    if not named or not verbs:
        return ""
    return min(named, key=lambda item: min(abs(verb - item[1]) for verb in verbs))[0]


def people(text: str) -> Iterator[tuple[str, int]]:
    """Full names (two words or more) with the place where each begins."""
    for match in _NAME.finditer(text):
        words = list(_WORD.finditer(match.group()))
        titular = [i for i, word in enumerate(words) if _titular(word.group())]
        words = words[titular[-1] + 1 :] if titular else words
        if 2 <= len(words) <= 4 and not any(_cue(word.group()) & (BODY | DAY | OUTLET) for word in words):
            yield (
                " ".join(word.group().removesuffix("'s").removesuffix("’s") for word in words),
                match.start() + words[0].start(),
            )


def _cue(word: str) -> int:
    return 0 if word in _GIVEN_NAMES else LEXICON.words.get(word.lower(), 0)


def _titular(word: str) -> bool:
    return bool(_cue(word) & _NOT_A_NAME) or word.lower() in _RANKS | _NO_NAMES


def same_person(first: str, second: str) -> bool:
    """Whether two names are one person's, in two spellings or one of them shortened to the surname."""
    one, two = plain(first).split(), plain(second).split()
    if not one or not two or _likeness(one[-1], two[-1]) < SURNAME_LIKENESS:
        return False
    if len(one) == 1 or len(two) == 1:
        return True
    return _likeness(one[0], two[0]) >= GIVEN_LIKENESS or one[0][0] == two[0][0]


def _likeness(one: str, two: str) -> float:
    return 1.0 if one == two else SequenceMatcher(None, one, two, autojunk=False).ratio()


def offices(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a full name and the office that stands before it or, after a comma, behind it."""
    outside = without_quotations(text)
    for name, begin in people(outside):
        before = _ending_in_office(outside[:begin])
        behind = re.match(r",\s+(?:the |a |its |an )?([^,.;:]+)", outside[begin + len(name) :])
        title = before or (_beginning_with_office(behind.group(1)) if behind else "")
        if title:
            yield name, title


def _ending_in_office(text: str) -> str:
    clause = re.split(r"[,.;:()–—]", text)[-1]
    words = _WORD.findall(clause)[-_OFFICE_BEFORE:]
    if not words or not _cue(words[-1]) & OFFICE:
        return ""
    start = len(words) - 1
    while start > 0 and _qualifies(words[start - 1]):
        start -= 1
    return " ".join(words[start:])


def _beginning_with_office(text: str) -> str:
    words = _WORD.findall(text)[:_OFFICE_BEFORE]
    heads = [i for i, word in enumerate(words) if _cue(word) & OFFICE]
    if not heads or not all(_qualifies(word) for word in words[: heads[0]]):
        return ""
    return " ".join(words[: heads[-1] + 1])


def _qualifies(word: str) -> bool:
    """Whether a word can stand inside a title: no function word, verb or possessive."""
    return (
        len(word) > 2
        and not _cue(word) & (REPORT | DAY)
        and word.lower() not in _FUNCTION
        and not re.search(r"['’]", word)
        and not word.endswith("ing")
    )


_FUNCTION: Final = frozenset(
    "the and for from with that his her its their who when while after said also one former".split()
)


def titles_differ(first: str, second: str) -> bool:
    """Whether two titles name different offices, not one office in more or fewer words."""
    one, two = _title_words(first), _title_words(second)
    if not one or not two or set(one) & _RANKS != set(two) & _RANKS:
        return bool(one and two)
    if set(one) <= set(two) or set(two) <= set(one) or (one[-1] in _LEADERS and two[-1] in _LEADERS):
        return False
    return bool(set(one) & set(two)) or (one[-1] in _HEADS and two[-1] in _HEADS)


def _title_words(title: str) -> list[str]:
    words = " ".join(_SHORT.get(word, word) for word in plain(title).split()).split()
    # The envoy and the Afghan envoy hold one office.
    return [word for word in words if word not in _STATUS and not _cue(word) & PLACE]
