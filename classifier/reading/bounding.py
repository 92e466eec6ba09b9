"""Bounding what a parser builds of a page: depth, formatting elements left open, attributes of one tag.

The HTML standard makes three things quadratic. Every block start looks up the stack of open elements
(13.2.4.2), so depth multiplies with tags; formatting elements that stay open are rebuilt inside every
following block (13.2.4.3), so a truncated page can blow its tree up a thousandfold; and every attribute is
compared with those before it in its tag (13.2.5.33). All are bounded here, in linear time and before parsing;
pages that cannot do harm, nearly all, pass untouched.
"""

import re
from collections import Counter
from typing import Final

#: Elements nested deeper than this are unwrapped; browsers stop at 512, real pages stay under 100.
MAX_DEPTH: Final = 256
#: Formatting elements open at once; further ones are unwrapped.
MAX_FORMATTING: Final = 12
#: Attributes that a tag keeps.
MAX_ATTRIBUTES: Final = 256
#: With no more tags than this no depth is costly: a tenth of a second if every one of them stays open.
HARMLESS_TAGS: Final = 8000
#: Tags times different formatting tags, up to which little is rebuilt: of tags alike three stay open.
HARMLESS_FORMATTING: Final = 150_000

_FORMATTING: Final = frozenset(
    (b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike", b"strong", b"tt", b"u")
)
#: Elements that never stay open.
_VOID: Final = frozenset(
    b"area base basefont bgsound body br col embed frame head hr html image img input keygen link meta param "
    b"source track wbr".split()
)
#: Elements that the start of the next one of their kind closes, across whatever inline elements stand open.
_IMPLIED: Final = frozenset((b"p", b"li", b"dd", b"dt", b"tr", b"td", b"th", b"thead", b"tbody", b"tfoot"))
#: Never read; and the parser looks at all options of a list again for each new one.
_OPTIONS: Final = frozenset((b"option", b"optgroup"))
_INLINE: Final = frozenset(b"a abbr cite del ins label q span sub sup time".split())
#: The rest of a start tag; a `>` inside a quoted value does not end it. Possessive: nothing is tried twice.
_REST = rb"""(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?)*+(?:>|\Z)"""
_FORMATTING_START = re.compile(rb"<(?:[bius]|big|code|em|font|nobr|small|strike|strong|tt)(?=[\s/>])" + _REST)
_ATTRIBUTE = re.compile(rb"""[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?""")
#: What may be a tag with thousands of attributes, or a script; the words in it tell.
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{65000}")
LONG_TAG_WORDS: Final = 1000
_TOKEN = re.compile(
    rb"<(?:!--.*?(?:-->|\Z)"
    rb"|(?i:(script|style|textarea|title|xmp|iframe|noembed|noframes))(?=[\s/>]).*?(?:</(?i:\1)(?=[\s/>])|\Z)"
    rb"|(/?)([a-zA-Z][^\s/>]*+)" + _REST + rb")",
    re.DOTALL,
)


def bounded(page: bytes) -> bytes:
    """Give the page, or a copy without the tags that would nest too deep or leave much formatting open."""
    return page if _harmless(page) else _TOKEN.sub(_Stack().judge, page)


def _harmless(page: bytes) -> bool:
    tags = page.count(b"<")
    if tags > HARMLESS_TAGS or any(len(tag.split()) > LONG_TAG_WORDS for tag in _LONG_TAG.findall(page)):
        return False
    return tags * len(set(_FORMATTING_START.findall(page.lower()))) <= HARMLESS_FORMATTING


class _Stack:
    """An upper estimate of what the parser has open, and the verdict on each next tag."""

    def __init__(self) -> None:
        self._open: list[bytes] = []
        self._count: Counter[bytes] = Counter()
        self._dropped: Counter[bytes] = Counter()
        self._formatting: Counter[bytes] = Counter()
        self._formatting_open = 0

    def judge(self, token: re.Match[bytes]) -> bytes:
        """Keep a tag as it is, or unwrap what it stands for."""
        name = token.group(3)
        if name is None:
            return token.group()
        name = name.lower()
        if name in _VOID:
            return _slim(token)
        if name in _OPTIONS:
            return b""
        if name in _FORMATTING:
            keep = self._end_formatting(name) if token.group(2) else self._start_formatting(name)
            return _slim(token) if keep else b""
        keep = self._end(name) if token.group(2) else self._start(name)
        return _slim(token) if keep else b"" if name in _INLINE else b"<br>"

    def _start_formatting(self, name: bytes) -> bool:
        if self._formatting_open >= MAX_FORMATTING:
            self._dropped[name] += 1
            return False
        self._formatting[name] += 1
        self._formatting_open += 1
        return True

    def _end_formatting(self, name: bytes) -> bool:
        if self._dropped[name]:
            self._dropped[name] -= 1
            return False
        if self._formatting[name]:
            self._formatting[name] -= 1
            self._formatting_open -= 1
        return True

    def _start(self, name: bytes) -> bool:
        if name in _IMPLIED:
            self._close_previous(name)
        if len(self._open) >= MAX_DEPTH:
            self._dropped[name] += 1
            return False
        self._open.append(name)
        self._count[name] += 1
        return True

    def _end(self, name: bytes) -> bool:
        if self._dropped[name]:
            self._dropped[name] -= 1
            return False
        if self._count[name]:
            self._close(name)
        return True

    def _close_previous(self, name: bytes) -> None:
        for above in reversed(self._open):
            if above == name:
                self._close(name)
                return
            if above not in _INLINE:
                return

    def _close(self, name: bytes) -> None:
        closed = b""
        while closed != name:
            closed = self._open.pop()
            self._count[closed] -= 1


def _slim(token: re.Match[bytes]) -> bytes:
    """Give a tag as it is, or with its first attributes only."""
    tag = token.group()
    if len(tag) < 4 * MAX_ATTRIBUTES:
        return tag
    attributes = _ATTRIBUTE.findall(tag, len(token.group(3)) + 1)
    if len(attributes) <= MAX_ATTRIBUTES:
        return tag
    return b"<%s %s>" % (token.group(3), b" ".join(attributes[:MAX_ATTRIBUTES]))
