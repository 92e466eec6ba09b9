"""What does the line look like? Length, case, digits, punctuation, function words, boilerplate phrases."""

import re
from typing import Final

import numpy as np

from classifier.features.batch import Array, Batch

#: Phrases that pages put around articles, by what they are for. One column each; matched in lower case.
PHRASES: Final[dict[str, re.Pattern[str]]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "share": r"\b(?:share|tweet|whatsapp|facebook|pinterest|telegram|linkedin|reddit|email|e-mail|print|copy link"
        r"|shares?|likes?|retweet|messenger|instagram|youtube|tiktok|follow us|follow)\b",
        "consent": r"\b(?:cookies?|consent|gdpr|privacy|ad ?block(?:er|ing)?|terms of (?:use|service)|preferences)\b",
        "promotion": r"\b(?:subscri\w+|newsletters?|sign ?up|sign ?in|log ?in|register|download|free trial|app store"
        r"|google play|inbox|notifications?|membership|donat\w+|support us|click here|get started|advertis\w*"
        r"|sponsored|promo\w*|coupon|shop|buy now|add to cart)\b",
        "byline": r"^(?:by|written by|author|posted by|edited by|reporting by|reviewed by|updated|published|posted"
        r"|last (?:updated|modified))\b|\b\d+ ?min(?:ute)?s? (?:read|ago)\b|\b(?:hours?|days?) ago\b|\bread time\b",
        "credit": r"^(?:photo|image|picture|pic|video|figure|fig|credit|source|file photo|caption)s?\b[^.]{0,20}"
        r"[:–—/-]|\b(?:getty|shutterstock|afp|reuters|ap photo|epa|unsplash|istock|pexels|image source|courtesy of"
        r"|photograph(?:er)?|screenshot|pictured|screengrab|handout)\b",
        "pointer": r"^(?:read|see|watch|related|also|more|next|prev|previous|recommended|trending|popular|latest"
        r"|you (?:may|might)|don.t miss|top stories|most (?:read|viewed|popular|commented)|up next|continue"
        r"|in case you missed|editor.s picks?|must read|further reading)\b",
        "comment": r"\b(?:comments?|reply|replies|vot(?:e|ed|es)|rating|upvote|report abuse|moderat\w+|leave a"
        r"|log in to|join the (?:conversation|discussion)|commenting)\b",
        "legal": r"©|\(c\)|\bcopyright\b|\ball rights reserved\b|\btrademarks?\b|\bdisclaimer\b|\breproduc\w+\b"
        r"|\brepublish\w*\b|\bterms\b|\blicen[sc]e\w*\b|\baffiliate\b|\bfirst appeared\b|\boriginally published\b",
        "contact": r"@[\w.-]+\.\w{2,}|\bcontact\b|\bphone\b|\btel\b|\bmedia inquiries\b|\bpress contact\b|\bgot a tip\b"
        r"|https?://|www\.",
        "navigation": r"\b(?:home|menu|search|skip to|main content|back to|top|categories|tags?|sections?|toggle|close"
        r"|open|view all|see all|show more|load more|read more|learn more|sitemap|about us|archives?|faqs?|next page)\b",
    }.items()
}
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
_QUOTES: Final = frozenset("\"“”„«»‘")
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
        last in '.!?…"”’»。！？',  # noqa: RUF001 - full stops of every script
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
        *(len(pattern.findall(lower_text)) for pattern in PHRASES.values()),
    ]


_ARTICLES: Final = frozenset("the a an in on at after as for this it he she when while with".split())
