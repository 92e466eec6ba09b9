"""What does the line look like? Length, case, digits, punctuation, function words, boilerplate phrases."""

import re
from typing import Final

import numpy as np

from classifier.features.batch import Array, Batch
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
_DATE = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}\b|\b\d{1,2} (?:jan|feb|mar|apr|may"
    r"|jun|jul|aug|sep|oct|nov|dec)|\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b|\b(?:19|20)\d\d\b"
)
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\s?(?:[ap]\.?m\b)?|\b\d{1,2}\s?[ap]\.?m\b")
_SENTENCE_END = re.compile(r"[.!?…][\"”’»)\]]*\s+(?=[\"“‘«(\[]?[A-ZÀ-ÞА-Я0-9])")
_FUSED = re.compile(r"[a-zß-ÿ)][A-ZÀ-Þ][a-zß-ÿ]")
_SEPARATOR = re.compile(r"[|•·»›→▶►▼✓]|(?:^|\s)[-–—/>](?:\s|$)")
_COUNTED: Final = (
    (",", "commas"),
    ("!", "exclamations"),
    ("?", "questions"),
    (":", "colons"),
    ("#", "hashtags"),
)
_QUOTES: Final = frozenset('"“”„«»‘')
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
    rows = [
        _row(text, tokens, lowered, function)
        for text, tokens, lowered, function in zip(
            batch.texts, batch.tokens, batch.lowered, batch.function_words.tolist(), strict=True
        )
    ]
    return np.array(rows, dtype=np.float32)


def _row(text: str, tokens: list[str], lowered: list[str], function: float) -> list[float]:
    chars = len(text)
    words = len(tokens)
    some = words or 1
    first, last = text[:1], text[-1:]
    letters = sum(map(len, tokens))
    titled = sum(token[0].isupper() for token in tokens)
    caps = sum(len(token) > 1 and token.isupper() for token in tokens)
    upper = sum(map(str.isupper, text)) if caps or titled else 0
    digits = sum(map(str.isdigit, text))
    lower_text = text.lower() if chars < 600 else text[:300].lower() + " " + text[-300:].lower()
    return [
        chars,
        words,
        letters / some,
        max(map(len, tokens), default=0),
        1 + len(_SENTENCE_END.findall(text)),
        last in '.!?…"”’»。！？',
        last == ":",
        text.endswith(("...", "…", "[…]", "[...]")),
        first.islower(),
        first in "\"“„«‘'",
        first.isdigit(),
        first in "•·-–—*►▶›»#",
        upper / chars if chars else 0,
        titled / some,
        caps / some,
        digits / chars if chars else 0,
        (chars - letters - text.count(" ")) / chars if chars else 0,
        function / some,
        lowered[0] in _ARTICLES if words else 0,
        sum(_PAST.search(token) is not None for token in lowered[:60]) / min(some, 60),
        sum(token in _ADDRESS for token in lowered) / some,
        sum(token in _PERSON for token in lowered) / some,
        sum(token in _SELF for token in lowered) / some,
        len(set(lowered)) / some,
        sum(text.count(mark) for mark in _QUOTES),
        *(text.count(mark) for mark, _ in _COUNTED),
        len(_SEPARATOR.findall(text[:600])),
        len(_FUSED.findall(text[:600])),
        len(_DATE.findall(lower_text)),
        len(_TIME.findall(lower_text)),
        words == 0 and not any(map(str.isprintable, text)),
        0.0 if text.isascii() else sum(character > "\u024f" and character.isalpha() for character in text) / chars,
        *_phrases(text, lowered),
    ]


def _phrases(text: str, lowered: list[str]) -> list[float]:
    """Leading words, the copyright sign, and the number of words of each kind of phrase at the line's ends."""
    lead = _LEADS.words.get(lowered[0], 0) if lowered else 0
    row: list[float] = [lead & 1, lead >> 1 & 1, lead >> 2 & 1, "©" in text]
    ends = lowered if len(lowered) <= 60 else lowered[:30] + lowered[-30:]
    found = [kind for kind in LEXICON.kinds(ends) if kind]
    if not found:
        return row + _NO_PHRASES
    return row + [sum(kind >> place & 1 for kind in found) for place in range(len(PHRASES))]


_NO_PHRASES: Final[list[float]] = [0.0] * len(PHRASES)


def phrase_in(name: str, lowered: list[str]) -> str | None:
    """First word of a kind of phrase in a paragraph's words, or `None`."""
    bit = 1 << list(PHRASES).index(name)
    return next((word for word, kind in zip(lowered, LEXICON.kinds(lowered), strict=True) if kind & bit), None)


_ARTICLES: Final = frozenset("the a an in on at after as for this it he she when while with".split())
