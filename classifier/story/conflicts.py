"""Where the sources contradict each other: the same slot, filled otherwise.

Numbers, dates, speakers and denials are compared between two sentences that carry one claim; names and titles
between all sentences of the story, since they need no common claim.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

from classifier.features.cues import BODY, LEXICON, OFFICE
from classifier.story.claims import Claim
from classifier.story.matching import Pair
from classifier.story.names import offices, plain, same_person, speaker, titles_differ


@dataclass(slots=True, frozen=True)
class Conflict:
    """One slot filled in two ways: what kind, the two claims (indices) and the words of each."""

    what: str
    first: int
    second: int
    here: str
    there: str


_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBER_WORDS: Final = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_SCALES: Final = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "bn": 1e9}
_MONTHS: Final = "january february march april may june july august september october november december".split()
_DAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
_DAY_OF_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({'|'.join(_MONTHS)})\b|\b({'|'.join(_MONTHS)})\s+(\d{{1,2}})\b", re.I
)
#: "July 4 (UPI) --", "KABUL, 3 July (Xinhua) —": the day of the report.
_DATELINE = re.compile(r"^[^.!?()]{0,60}\([A-Z][\w .]{1,20}\)\s*(?:--|[-–—])\s*")
#: What stands before a year: the beginning or the end of a time, or a month.
_YEAR = re.compile(
    rf"\b(?:(?P<limit>since|from|until|till|by|to|before|after)\s+)?(?:early\s+|late\s+|mid-)?"
    rf"(?:(?:\d{{1,2}}\s+)?(?P<month>{'|'.join(_MONTHS)})(?:\s+\d{{1,2}})?,?\s+(?:of\s+)?)?(?P<year>[12]\d{{3}})\b",
    re.I,
)
_LIMITS: Final = {"since": "since", "from": "since", "after": "since"}
_QUANTITY = re.compile(
    rf"(?<![\w.,-])(?P<value>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|\b(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_ONES[1:10])}))?|\b(?:{'|'.join(_ONES[2:])})\b)"
    rf"(?:[ -](?P<scale>{'|'.join(_SCALES)}))?(?![\w]*\d)\s*(?=(?P<rest>%|[^.;:!?]{{0,40}}))",
    re.I,
)
_CODE = re.compile(r"\b[A-Z]{1,4}-?\d{2,}\b")
#: A unit is the next word or the one after it ("three more years"), by its first letters: years/year.
_UNIT_LETTERS: Final = 4
_UNIT_WORDS: Final = 2
_SKIPPED: Final = frozenset(
    "of the a an and or in on at to for from per about more than its was were is are by with after".split()
)
_TIME: Final = frozenset(unit[:_UNIT_LETTERS] for unit in "minutes hours days weeks months years".split())
_SAME_UNIT: Final = dict.fromkeys("residents inhabitants persons villagers citizens".split(), "people")
_NEGATION = re.compile(r"\b(?:not|never|no|nobody|none|without|denied|denies)\b|n['’]t\b", re.I)
#: Words are of bounded length, or a row of capitals would be gone through from each of them.
_PHRASE = re.compile(
    r"(?:[^\W\d_a-zß-öø-ÿ][\w'’-]{1,60}+\s+(?:(?:of|the|for)\s+){0,2}){1,4}[^\W\d_a-zß-öø-ÿ][\w'’-]{1,60}+"
)
_LINKING: Final = frozenset("of the for".split())
#: From this probability on, two claims are surely one, and even a "not" or another speaker is a conflict.
SURE: Final = 0.9
#: Years and codes have no unit: the sentences must at least probably be one claim.
LIKELY: Final = 0.45
#: A denial is told from an assertion only where nearly everything else agrees.
MIN_AGREEMENT: Final = 0.6


def conflicts_of(claims: Sequence[Claim], pairs: Sequence[Pair]) -> list[Conflict]:
    """All conflicts of a story, without repetitions.

    Parameters
    ----------
    claims : sequence of Claim
    pairs : sequence of Pair
        Claims that are one claim, or nearly (the threshold may be lower than for corroboration).
    """
    found: list[Conflict] = []
    for pair in pairs:
        first, second = claims[pair.first], claims[pair.second]
        for what, here, there in _within(first, second, pair.probability):
            found.append(Conflict(what, pair.first, pair.second, here, there))
    found.extend(_names(claims))
    found.extend(_titles(claims))
    return list(dict.fromkeys(found))


def _within(first: Claim, second: Claim, probability: float) -> Iterator[tuple[str, str, str]]:
    # One may say the same again on another day, and a paper may quote it without a verb of reporting.
    if probability >= LIKELY and not (first.quoted or second.quoted):
        yield from _dates(first.text, second.text)
    yield from _quantities(first.text, second.text, probability)
    if probability >= SURE:
        yield from _denials(first.text, second.text)
    if first.quoted and second.quoted and probability >= SURE:
        one, two = speaker(first.text), speaker(second.text)
        # The surname decides: over the same words, Eoin and Owen Brannigan are one man.
        if one and two and not same_person(one.split()[-1], two):
            yield "speaker", one, two


def _dates(one: str, two: str) -> Iterator[tuple[str, str, str]]:
    first, second = _days_of_month(one), _days_of_month(two)
    if len(first) == len(second) == 1 and first != second:
        yield "date", next(iter(first.values())), next(iter(second.values()))
    days, others = _weekdays(one), _weekdays(two)
    if len(days) == len(others) == 1 and days != others:
        yield "date", days.pop(), others.pop()


def _days_of_month(text: str) -> dict[tuple[str, str], str]:
    text = _DATELINE.sub("", text)
    return {
        (match[1] or match[4], (match[2] or match[3]).lower()): match.group() for match in _DAY_OF_MONTH.finditer(text)
    }


def _weekdays(text: str) -> set[str]:
    return {word.capitalize() for word in re.findall(r"[a-z]+", text.lower()) if word in _DAYS}


@dataclass(slots=True, frozen=True)
class Quantity:
    """A number in a sentence: its value, what it counts (beginnings of words), and the words themselves."""

    value: float
    units: tuple[str, ...]
    words: str
    kind: str


def quantities(text: str) -> list[Quantity]:
    """Numbers of a sentence with what they count; days of the month are dates and left out."""
    text = _DAY_OF_MONTH.sub(" ", text)
    found = [Quantity(0.0, ("code",), code, "code") for code in _CODE.findall(text)]
    text = _CODE.sub(" ", text).replace("per cent", "percent")
    for match in _QUANTITY.finditer(text):
        value, scale, rest = match["value"], match["scale"] or "", match["rest"]
        number = _value(value) * _SCALES.get(scale.lower(), 1.0)
        year = value.isdigit() and len(value) == 4 and 1000 <= number <= 2100 and not scale
        if plain(rest).startswith("decade"):
            number, rest = 10 * number, "years"
        words = [word for word in re.findall(r"[a-z]+|%", plain(rest)) if word not in _SKIPPED][:_UNIT_WORDS]
        if words and words[0] in _DAYS:
            continue  # "at 5.40 on Thursday": a time of day
        units = tuple("perc" if word == "%" else _SAME_UNIT.get(word, word)[:_UNIT_LETTERS] for word in words)
        if "€" in text[max(0, match.start() - 1) : match.end()]:
            units = ("euro", *units)
        shown = f"{value} {scale}".strip() + ("" if year else f" {words[0]}" if words else "")
        found.append(Quantity(number, units, shown, "year" if year else "number"))
    return found


def _value(word: str) -> float:
    word = word.lower().replace(",", "")
    if word[0].isdigit():
        return float(word)
    return float(sum(_NUMBER_WORDS[part] for part in word.split("-")))


def _quantities(one: str, two: str, probability: float) -> Iterator[tuple[str, str, str]]:
    first, second = quantities(one), quantities(two)
    only_first = [q for q in first if not any(_equal(q, other) for other in second)]
    only_second = [q for q in second if not any(_equal(q, other) for other in first)]
    for kind, what in (("year", "date"), ("code", "number"), ("number", "number")):
        ours, theirs = ([q for q in group if q.kind == kind] for group in (only_first, only_second))
        lone = len(ours) == len(theirs) == 1
        for a, b in product(ours, theirs):
            if kind == "number":
                differ = a.value != b.value and (_same_unit(a, b) or (lone and _both_time(a, b)))
            else:
                differ = lone and probability >= LIKELY and (kind != "year" or _same_time(a, b, one, two))
            if differ:
                yield what, a.words, b.words


def _equal(one: Quantity, two: Quantity) -> bool:
    if one.kind != "number" or two.kind != "number":
        return one.kind == two.kind and one.words == two.words
    return one.value == two.value and (_same_unit(one, two) or not one.units or not two.units)


def _same_time(a: Quantity, b: Quantity, one: str, two: str) -> bool:
    """Whether two years fill one slot: not one the start of a time and the other a point of it, nor two months."""
    (limit, month), (other_limit, other_month) = _frame(one, a.words), _frame(two, b.words)
    return limit == other_limit and (not month or not other_month or month == other_month)


def _frame(text: str, year: str) -> tuple[str, str]:
    """Which limit of a time a year is ("since", "until", or a point ""), and the month before it."""
    for match in _YEAR.finditer(text):
        if match["year"] == year:
            limit = (match["limit"] or "").lower()
            return _LIMITS.get(limit, "until") if limit else "", (match["month"] or "").lower()
    return "", ""


def _same_unit(one: Quantity, two: Quantity) -> bool:
    """Whether two numbers count one thing; cases of cholera and doses against cholera are two."""
    return any(unit in two.units for unit in one.units[:1]) or any(unit in one.units for unit in two.units[:1])


def _both_time(one: Quantity, two: Quantity) -> bool:
    return one.units[:1] != two.units[:1] and all(q.units and q.units[0] in _TIME for q in (one, two))


def _denials(one: str, two: str) -> Iterator[tuple[str, str, str]]:
    first, second = (len(_NEGATION.findall(text)) for text in (one, two))
    if bool(first) == bool(second):
        return
    words, others = (set(re.findall(r"[^\W\d_]{3,}", plain(text))) for text in (one, two))
    if words and others and len(words & others) / len(words | others) >= MIN_AGREEMENT:
        yield "denial", one, two


def _names(claims: Sequence[Claim]) -> Iterator[Conflict]:
    """Names of bodies and states that differ in one word: "Republic of X" here, "Kingdom of X" there."""
    places: dict[tuple[str, ...], list[int]] = {}
    written: dict[tuple[str, ...], str] = {}
    for i, claim in enumerate(claims):
        for match in _PHRASE.finditer(claim.text):
            words = match.group().split()
            if words[0].lower() == "the":
                words.pop(0)
            key = tuple(plain(word).removesuffix("'s") for word in words)
            if any(word in _LINKING for word in key) and not _personal(words):
                places.setdefault(key, []).append(i)
                written.setdefault(key, " ".join(words))
    documents = {key: {claims[i].document for i in where} for key, where in places.items()}
    for one, two in combinations(sorted(places), 2):
        # Names that stand in one document together are two things, not one thing named in two ways.
        if _one_word_apart(one, two) and not documents[one] & documents[two]:
            for i, j in product(places[one], places[two]):
                first, second = (one, two) if i < j else (two, one)
                yield Conflict("name", min(i, j), max(i, j), written[first], written[second])


def _personal(words: list[str]) -> bool:
    return bool(LEXICON.words.get(words[0].lower(), 0) & OFFICE) and not LEXICON.words.get(words[0].lower(), 0) & BODY


def _one_word_apart(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    if len(one) != len(two):
        return False
    apart = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    # The last word names the thing: "Bank of Velmar" and "Bank of Solvia" are two banks.
    if len(apart) != 1 or one[-1] != two[-1]:
        return False
    return not same_person(*apart[0])


def _titles(claims: Sequence[Claim]) -> Iterator[Conflict]:
    """One person with two offices."""
    held: list[tuple[int, str, str]] = [
        (i, name, title) for i, claim in enumerate(claims) for name, title in offices(claim.text)
    ]
    both = Counter((claims[i].document, plain(name).split()[-1], plain(title)) for i, name, title in held)
    for (i, name, title), (j, other, second) in combinations(held, 2):
        if claims[i].document == claims[j].document or not same_person(name, other):
            continue
        # A document that gives both titles does not contradict either.
        surname, other_surname = plain(name).split()[-1], plain(other).split()[-1]
        if (claims[i].document, surname, plain(second)) in both or (
            claims[j].document,
            other_surname,
            plain(title),
        ) in both:
            continue
        if titles_differ(title, second):
            yield Conflict("title", i, j, f"{title} {name}", f"{second} {other}")
