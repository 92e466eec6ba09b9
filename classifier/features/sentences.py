"""Sentences: a splitter whose abbreviations were learned by Punkt from the project's own corpus.

Kiss and Strunk (2006), as nltk implements it, learns which words end in a full stop without ending a sentence.
`training/sentences.py` runs it and writes `abbreviations.txt`; at run time a regular expression is enough,
and importing nltk would cost more than scoring an article.
"""

import re
from functools import cache
from importlib.resources import files

# A row of stops is taken whole and from its first one only: tried from each of them the cost would be its square.
_BOUNDARY = re.compile(r"(?<![.!?…])([.!?…]++[\"”’»)\]]*+)\s+(?=[\"“‘«„(\[]?[^\W_a-zß-ÿ])")
_LAST_WORD = re.compile(r"[^\s(\[\"“‘«„]+$")
#: Titles stand before names, so a capital follows them as it follows a full stop: Punkt cannot tell them from
#: sentence ends in a corpus of this size.
TITLES = frozenset("dr mr mrs ms gen gov lt col sgt capt st prof pres rep messrs mme vs".split())
#: Only the beginning of a long line is split: later sentences say nothing new of who is quoted.
MAX_SENTENCES = 60


@cache
def abbreviations() -> frozenset[str]:
    """Lower-case abbreviations without their last full stop."""
    return frozenset((files("classifier.features") / "abbreviations.txt").read_text("utf-8").split())


def split_sentences(text: str) -> list[str]:
    """Sentences of a paragraph, in order, without the white space between them."""
    sentences: list[str] = []
    begin = 0
    for match in _BOUNDARY.finditer(text):
        if match.group(1) == "." and _is_abbreviation(text, match.start()):
            continue
        sentences.append(text[begin : match.end(1)])
        begin = match.end()
        if len(sentences) == MAX_SENTENCES:
            return sentences
    if begin < len(text):
        sentences.append(text[begin:])
    return sentences


def _is_abbreviation(text: str, stop: int) -> bool:
    word = _LAST_WORD.search(text, max(0, stop - 20), stop)
    if word is None:
        return False
    token = word.group().lower()
    return token in TITLES or token in abbreviations() or (len(token) == 1 and token.isalpha())
