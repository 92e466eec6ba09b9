"""What does the line look like? Length, case, digits, punctuation, function words, boilerplate phrases."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.features.batch import Array, Batch, columns
from classifier.features.lexicon import Lexicon

#: Words that pages put around articles, by what they are for. One column each.
PHRASES: Final[dict[str, str]] = {
    "share": """share shares shared tweet tweets whatsapp facebook twitter pinterest telegram linkedin reddit email
        print copy/link likes retweet messenger instagram youtube tiktok flipboard follow followers following
        mail/to threads bluesky mastodon""",
    "consent": """cookie cookies consent gdpr ccpa privacy adblock adblocker ad/blocker ad/block preferences
        personal/data data/protection accept/all tracking""",
    "promotion": """subscribe subscribed subscriber subscribers subscription newsletter newsletters signup sign/up
        sign/in log/in login register download downloads free/trial app/store google/play inbox notification
        notifications membership donate donation donations support/us click/here get/started advertise
        advertisement advertisements advertising sponsored sponsor promo promotion promoted coupon shop buy/now
        add/to/cart giveaway upgrade premium unlock trial webinar""",
    "byline": """min/read mins/read minute/read minutes/read read/time reading/time hours/ago hour/ago minutes/ago
        days/ago day/ago weeks/ago last/updated last/modified written/by posted/by edited/by reporting/by
        reviewed/by staff/writer staff/reporter published/on posted/on filed/under""",
    "credit": """getty shutterstock unsplash istock pexels pixabay image/source image/credit photo/credit
        photo/by photos/by courtesy/of photograph photographer screenshot pictured screengrab handout
        illustration file/photo picture/credit via/getty""",
    "pointer": """read/also read/more see/also also/read related recommended trending popular most/read most/viewed
        most/popular most/commented up/next you/may/also you/might/also don/miss editor/picks must/read
        further/reading more/from more/on more/stories top/stories latest/news next/article previous/article
        in/case/you/missed continue/reading keep/reading""",
    "comment": """comment comments reply replies vote votes voted rating upvote downvote moderated moderation
        moderator commenting report/abuse leave/a join/the/conversation join/the/discussion log/in/to""",
    "legal": """copyright all/rights/reserved trademark trademarks disclaimer reproduction reproduced republish
        republished republication terms license licence licensed affiliate affiliates first/appeared
        originally/published syndicated""",
    "contact": """contact phone tel email media/inquiries press/contact got/a/tip http https www com hotline fax""",
    "navigation": """home menu search skip/to main/content back/to toggle close open view/all see/all show/more
        load/more learn/more sitemap about/us archive archives faq faqs next/page categories category tags tag
        sections section previous next scroll expand collapse submit cancel filter sort""",
}
LEXICON: Final = Lexicon({1 << place: words for place, words in enumerate(PHRASES.values())})
#: First words of lines that are no prose.
_LEADS: Final = Lexicon(
    {
        1: "by written author posted edited reporting reviewed updated published last",
        2: "photo image picture pic video figure fig credit source file caption photos images",
        4: "read see watch related also more next prev previous recommended trending popular latest most you up"
        " continue",
    }
)
# Dates in figures, years and times of day. Each begins with the figure and then looks back: an expression that begins
# with a word boundary is tried at every character.
_DATE = re.compile(r"\d(?<!\w\d)(?:\d{0,3}[/.-]\d{1,2}[/.-]\d{1,4}\b|(?:(?<=1)9|(?<=2)0)\d\d\b)")
_TIME = re.compile(r"\d(?<!\w\d)\d?(?:[:.]\d{2}\s?(?:[ap]\.?m\b)?|\s?[ap]\.?m\b)")
_MONTHS: Final = frozenset(
    "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov"
    " november dec december".split()
)
_SENTENCE_END = re.compile(r"[.!?…][\"”’»)\]]*\s+(?=[\"“‘«(\[]?[A-ZÀ-ÞА-Я0-9])")
#: Marks fused words and separators are looked for in the beginning of a line only.
_BEGINNING: Final = 600
#: Words at either end of a line that are looked up in the lexicon, and first words whose tense is looked at.
_END_WORDS: Final = 30
_TENSE_WORDS: Final = 60
_ADDRESS: Final = frozenset("you your you're we our us".split())
_PERSON: Final = frozenset("he she they his her their him them".split())
_SELF: Final = frozenset("i my me i'm i've".split())
_PAST: Final = re.compile(r"(?:ed|said|was|were|had|told|came|went|took|made|saw|began)$")

COLUMNS: Final = (
    "chars", "words", "word_length", "longest_word", "sentences", "ends_sentence", "ends_colon", "ends_cut",
    "starts_lower", "starts_quote", "starts_digit", "starts_bullet", "upper_share", "title_share",
    "caps_share", "digit_share", "symbol_share", "function_share", "first_function", "past_share",
    "address_share", "person_share", "self_share", "unique_share", "quote_marks", "commas", "exclamations",
    "questions", "colons", "hashtags", "separators", "fused", "dates", "times", "invisible", "foreign_share",
    "leads_byline", "leads_credit", "leads_pointer", "copyright_sign",
    *(f"phrase_{name}" for name in PHRASES),
)  # fmt: skip


def extract(batch: Batch) -> Array:
    """Surface columns of every paragraph; shape (n, len(COLUMNS))."""
    if not len(batch):
        return np.zeros((0, len(COLUMNS)), dtype=np.float32)
    words, count = batch.all_words, batch.characters.count
    some = np.maximum(batch.words, 1)
    chars = np.array([len(text) for text in batch.texts])
    length = np.maximum(chars, 1)
    sizes = np.array([len(form) for form in words.forms], dtype=np.int64)[words.form]
    letters = words.per_row(sizes)

    def share(which: NDArray[Any]) -> NDArray[Any]:
        return words.per_row(which) / some

    tense = words.place < _TENSE_WORDS
    first = np.array([row[0].lower() if row else "" for row in batch.tokens])
    return columns(
        chars,
        batch.words,
        letters / some,
        words.longest(sizes),
        _sentences(batch),
        *_edges(batch.texts),
        count("upper") / length,
        share(words.those(_has_capital)),
        share(words.those(_is_capitals)),
        count("digit") / length,
        (chars - letters - count("blank")) / length,
        batch.function_words / some,
        np.isin(first, _ARTICLES),
        words.per_row(words.those(_PAST.search, lowered=True) & tense) / np.minimum(some, _TENSE_WORDS),
        share(words.those(_ADDRESS.__contains__, lowered=True)),
        share(words.those(_PERSON.__contains__, lowered=True)),
        share(words.those(_SELF.__contains__, lowered=True)),
        words.distinct() / some,
        *(count(name) for name in ("quote", "comma", "exclamation", "question", "colon", "hashtag")),
        batch.characters.sequences("divider", within=_BEGINNING)
        + batch.characters.sequences("space", "dash", "space", within=_BEGINNING),
        batch.characters.sequences("lower", "upper", "lower", within=_BEGINNING),
        *_dates(batch),
        (batch.words == 0) & (count("printable") == 0),
        count("foreign") / length,
        *_phrases(batch, first),
    )


def _edges(texts: Sequence[str]) -> Iterator[list[bool]]:
    """How a line begins and ends."""
    firsts, lasts = [text[:1] for text in texts], [text[-1:] for text in texts]
    yield [last in _ENDS for last in lasts]
    yield [last == ":" for last in lasts]
    yield [text.endswith(("...", "…", "[…]", "[...]")) for text in texts]
    yield [first.islower() for first in firsts]
    yield [first in _OPENING for first in firsts]
    yield [first.isdigit() for first in firsts]
    yield [first in _BULLETS for first in firsts]


_ENDS: Final = frozenset('.!?…"”’»。！？')
_OPENING: Final = frozenset("\"“„«‘'")
_BULLETS: Final = frozenset("•·-–—*►▶›»#")


def _sentences(batch: Batch) -> NDArray[np.float32]:
    """Sentences of each paragraph; the expression runs only where a mark could end one before the line's end."""
    result = np.ones(len(batch), dtype=np.float32)
    for i in np.flatnonzero((batch.characters.count("stop") > 0) & (batch.words > 1)).tolist():
        result[i] += len(_SENTENCE_END.findall(batch.texts[i]))
    return result


def _dates(batch: Batch) -> tuple[NDArray[Any], NDArray[Any]]:
    """Dates and times of day in each paragraph, all of which have digits; of a long one the ends are read."""
    dates, times = _months_with_days(batch), np.zeros(len(batch), dtype=np.int64)
    for i in np.flatnonzero(batch.characters.count("digit")).tolist():
        text = batch.texts[i]
        lower = text.lower() if len(text) < 600 else text[:300].lower() + " " + text[-300:].lower()
        dates[i] += len(_DATE.findall(lower))
        times[i] = len(_TIME.findall(lower))
    return dates, times


def _has_capital(word: str) -> bool:
    return word[0].isupper()


def _is_capitals(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _may_be_day(word: str) -> bool:
    return len(word) <= 2 and word.isdigit()


def _months_with_days(batch: Batch) -> NDArray[np.int64]:
    """Names of months with a number of one or two digits beside them; shape (n,)."""
    words = batch.all_words
    month = words.those(_MONTHS.__contains__, lowered=True)
    day = words.those(_may_be_day)
    beside = np.zeros(len(day), dtype=bool)
    beside[1:] |= day[:-1] & (words.row[1:] == words.row[:-1])
    beside[:-1] |= day[1:] & (words.row[1:] == words.row[:-1])
    return words.per_row(month & beside)


def _phrases(batch: Batch, first: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Leading words, the copyright sign, and the number of words of each kind of phrase at the line's ends."""
    lead = np.array([_LEADS.words.get(word, 0) for word in first.tolist()])
    for place in range(3):
        yield lead >> place & 1
    yield np.array(["©" in text for text in batch.texts])
    words = batch.all_words
    kinds = LEXICON.kinds_of(words)
    kinds[(words.place >= _END_WORDS) & (words.place < batch.words[words.row] - _END_WORDS)] = 0
    for place in range(len(PHRASES)):
        yield words.per_row(kinds >> place & 1)


def phrase_in(name: str, lowered: list[str]) -> str | None:
    """First word of a kind of phrase in a paragraph's words, or `None`."""
    bit = 1 << list(PHRASES).index(name)
    return next((word for word, kind in zip(lowered, LEXICON.kinds(lowered), strict=True) if kind & bit), None)


_ARTICLES: Final = "the a an in on at after as for this it he she when while with".split()
