"""Tell who is said to have said what, and what is missing for a reader to check it.

Sentence by sentence: quotations, reporting verbs, speakers, and the things that let a statement be traced
(outlet, channel, occasion, document, day, link). What the sentences right before and after supply counts too,
as the label guide has it. Words alone do not make a paragraph suspect; what is missing does.

There are two readings of a trace. `traced` is a sentence that has any word for one. `anchored` is one in which the word
stands where it says how the statement was made (`anchors`), or that stands beside such a sentence.
"""

import re
from functools import lru_cache, reduce
from operator import or_
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.features import anchors, cues, speakers
from classifier.features.batch import FUNCTION_WORDS, Array, Batch, columns
from classifier.features.sentences import split_sentences

#: Quotations in every style; one that does not end runs to the end of the line (sliced quotations do).
QUOTATION: Final = re.compile(
    r"“([^“”]*)(?:”|$)|„([^„“”]*)(?:[“”]|$)|«([^«»]*)(?:»|$)|\"([^\"]*)(?:\"|$)"
    r"|(?<![\w’'])[‘']([^‘’'\s](?:[^‘’']|[’'](?=\w))*)[’'](?!\w)"
)
_LINK = re.compile(r"https?://|www\.|\bpic\.twitter|\(@|^@|—\s?@")
_QUOTES = re.compile(r"[\"“”„«»'‘’]")
_CLOSING = re.compile(r"[”»\"]")
_AGE = re.compile(r",\s\d{1,3},|\baged \d|\b\d{1,3}-year-old\b")
_SIGNED = re.compile(r"[”\"’]\s?[-–—]\s?[A-Z]|^[-–—]\s?[A-Z]")
_AGENCY = re.compile(r"\((?:Reuters|AP|AFP|UPI|dpa|ANI|PTI|Xinhua|TASS|EFE|CNN|BBC)[^)]{0,12}\)|^[A-Z .,]{4,40}[(–—-]")
#: A quotation of fewer words is a fragment set into somebody else's sentence.
FRAGMENT_WORDS: Final = 7
MIN_WORDS: Final = 4

_TRACE: Final = cues.OUTLET | cues.CHANNEL | cues.OCCASION | cues.DOCUMENT | cues.ACCORDING
_KINDS: Final = tuple(kind for kind in cues.KINDS if kind != "outlet_name")
#: Kinds of speakers, in the order of their columns; 0 is nobody.
_SPEAKERS: Final = ("", "name", "office", "body", "place", "crowd", "pronoun")

COLUMNS: Final = (
    *(f"cue_{kind}" for kind in _KINDS),
    "quotations", "quoted_share", "fragments", "open_quotation", "all_quotation", "signed",
    "statements", "traced_statements", "untraced_statements", "untraced_share", "leading_untraced",
    "named_speaker", "office_speaker", "body_speaker", "place_speaker", "crowd_speaker", "pronoun_speaker",
    "vague_statement", "vague_untraced", "reaction", "reaction_untraced", "day_statement", "link", "age", "agency",
    "names", "numbers", "trace_kinds", "leads_into", "question", "accuse_untraced", "self_statement",
    *(f"anchor_{kind}" for kind in anchors.KINDS),
    "anchored_statements", "unanchored_statements", "unanchored_share", "leading_unanchored",
    "trace_before", "trace_after", "anchor_before", "anchor_after", "unreached",
    "statement_before", "statement_after", "speaker_before", "quote_before",
    "quote_after", "untraced_near", "unreached_near", "statements_near", "document_statements", "document_traced",
    "document_anchored", "document_unreached",
    "document_untraced_share", "document_self", "document_accuse", "document_quotes", "document_days",
    "document_outlets", "inside_quotation", "run_length", "run_traced", "run_traced_share", "run_place",
    *speakers.COLUMNS,
)  # fmt: skip


class Sentence(NamedTuple):
    """What one sentence says of its sources."""

    text: str
    cues: int
    statement: bool
    traced: bool
    vague: bool
    speaker: str
    speaker_kind: str
    quotations: tuple[str, ...]
    names: int
    anchors: int


def extract(batch: Batch) -> Array:
    """Attribution columns of every paragraph; shape (n, len(COLUMNS))."""
    own = batch.once(_own_columns)
    get = {name: own[:, place] for place, name in enumerate(_OWN_NAMES)}
    statements, traced, untraced = (get[name] for name in ("statements", "traced_statements", "untraced_statements"))
    total = np.maximum(batch.per_document(statements), 1)
    words = np.maximum(batch.per_document(batch.words), 1)

    def share(column: Array, of: Array) -> Array:
        values: Array = (batch.per_document(column) / of)[batch.doc]
        return values

    anchored_before = np.nan_to_num(batch.shifted(get["last_anchors"], -1))
    anchored_after = np.nan_to_num(batch.shifted(get["first_anchors"], 1))
    unanchored = get["unanchored_statements"]
    # What the label guide asks: nothing here, nor right before or after, says where it was said.
    unreached = unanchored * ((get["anchored_any"] == 0) & (anchored_before == 0) & (anchored_after == 0))
    around = columns(
        np.nan_to_num(batch.shifted(get["last_traces"], -1)),  # the last sentence before traces something
        np.nan_to_num(batch.shifted(get["first_traces"], 1)),  # the first sentence after does
        anchored_before,
        anchored_after,
        unreached,
        np.nan_to_num(batch.shifted(statements, -1)),
        np.nan_to_num(batch.shifted(statements, 1)),
        np.nan_to_num(batch.shifted(get["named_speaker"], -1)),
        np.nan_to_num(batch.shifted(get["quotations"], -1)),
        np.nan_to_num(batch.shifted(get["quotations"], 1)),
        batch.windowed(np.minimum(untraced, 2), 3, 3),
        batch.windowed(np.minimum(unreached, 2), 3, 3),
        batch.windowed(np.minimum(statements, 2), 3, 3),
        np.log1p(total)[batch.doc],
        share(traced, total),
        share(get["anchored_statements"], total),
        share(unreached, total),
        share(untraced, total),
        share(get["cue_self"], words),
        share(get["cue_accuse"] + get["cue_sensation"], words),
        share(get["quotations"], words),
        share(get["cue_day"], words),
        share(get["cue_outlet"], words),
        *_runs(batch, statements, traced, get["leads_into"]),
    )
    return np.hstack([own[:, :_SHOWN], around, speakers.extract(batch, batch.once(_sentences))])


def _sentences(batch: Batch) -> NDArray[Any]:
    """Sentences of every paragraph, none of a short one; object array (n,)."""
    result = np.empty(len(batch), dtype=object)
    for i, words in enumerate(batch.words.tolist()):
        result[i] = analyse(batch.texts[i]) if words >= MIN_WORDS and batch.texts[i] else ()
    return result


#: Paragraphs that a quotation left open may run on for; beyond that its end was lost.
MAX_OPEN: Final = 12


def _runs(batch: Batch, statements: Array, traced: Array, leads: Array) -> tuple[Array, ...]:
    """Find runs of paragraphs that quote: a quotation sliced into several lines is traced where its first line is.

    Columns: inside a quotation left open before; paragraphs of the run; whether any of them, and which share of
    their statements, is traced; place within the run.
    """
    n = len(batch)
    inside, length, any_traced, share, place = (np.zeros(n, dtype=np.float32) for _ in range(5))
    begin = 0
    for document in batch.documents:
        end = begin + len(document.paragraphs)
        _mark_open(batch.texts, begin, end, inside)
        at = begin
        while at < end:
            stop = at
            while stop < end and (statements[stop] or inside[stop] or leads[stop]):
                stop += 1
            if stop > at:
                told, sure = statements[at:stop].sum(), traced[at:stop].sum()
                length[at:stop], any_traced[at:stop] = stop - at, sure > 0
                share[at:stop], place[at:stop] = sure / max(told, 1), np.arange(stop - at)
            at = stop + 1
        begin = end
    return inside, length, any_traced, share, place


def _mark_open(texts: list[str], begin: int, end: int, inside: Array) -> None:
    """Mark the paragraphs that stand in a quotation which an earlier one opened and a later one closes."""
    opened = -1
    for i in range(begin, end):
        text = texts[i]
        if opened >= 0 and "”" in text and text.count("”") > text.count("“"):
            if i - opened <= MAX_OPEN:
                inside[opened + 1 : i + 1] = 1
            opened = -1
        if text.count("“") > text.count("”"):
            opened = i


#: Columns of the paragraph alone, and those that only its neighbours read.
_SHOWN: Final = COLUMNS.index("trace_before")
_OWN_NAMES: Final = (
    *COLUMNS[:_SHOWN],
    "last_traces",
    "first_traces",
    "anchored_any",
    "last_anchors",
    "first_anchors",
)
_OWN: Final = len(_OWN_NAMES)


def _own_columns(batch: Batch) -> Array:
    """Columns of each paragraph alone, added up from its sentences; shape (n, _OWN)."""
    n = len(batch)
    told = batch.once(_sentences)
    rows = [i for i in range(n) if told[i]]
    analysed = [told[i] for i in rows]
    if not rows:
        return np.zeros((n, _OWN), dtype=np.float32)
    texts = [batch.texts[i] for i in rows]
    lengths = np.array([len(text) for text in texts])
    sizes = np.array([len(sentences) for sentences in analysed])
    facts = np.array([_facts(sentence) for sentences in analysed for sentence in sentences], dtype=np.int64)
    bits, statement, traced, vague, speaker, quotations, quoted, fragments, names, ties = facts.T
    ends = np.cumsum(sizes)
    starts = ends - sizes

    def total(values: NDArray[np.bool_] | NDArray[np.int64]) -> NDArray[np.int64]:
        sums: NDArray[np.int64] = np.add.reduceat(values, starts, dtype=np.int64)
        return sums

    said, unsure = statement > 0, traced == 0
    told, untraced = total(statement), total(said & unsure)
    firm = (ties & anchors.FIRM) > 0
    near = _beside(firm, starts, ends)
    loose = said & ~near
    reacts = said & ((bits & cues.REACT) > 0)
    wild = ((bits & (cues.ACCUSE | cues.SENSATION)) > 0) & unsure
    any_bits = np.bitwise_or.reduceat(bits, starts)
    share = total(quoted) / lengths
    digits = batch.characters.count("digit")[rows]
    found = columns(
        *(total((bits & cues.KINDS[kind]) > 0) for kind in _KINDS),
        total(quotations),
        share,
        total(fragments),
        [_is_open(text) for text in texts],
        share > 0.8,
        [_SIGNED.search(text) is not None for text in texts],
        told,
        told - untraced,
        untraced,
        untraced / sizes,
        (said & unsure)[starts],
        *(total(said & (speaker == kind)) > 0 for kind in range(1, len(_SPEAKERS))),
        total(vague),
        total((vague > 0) & unsure),
        total(reacts),
        total(reacts & unsure),
        total(said & ((bits & cues.DAY) > 0)),
        [_has_link(text) for text in texts],
        [count > 0 and _AGE.search(text) is not None for text, count in zip(texts, digits.tolist(), strict=True)],
        [_AGENCY.search(text) is not None for text in texts],
        total(names),
        digits / lengths,
        [(found & _TRACE).bit_count() for found in any_bits.tolist()],
        [text.endswith((":", ",")) for text in texts],
        batch.characters.count("question")[rows] / sizes,
        total(wild) / sizes,
        total(said & ((bits & cues.SELF) > 0)),
        *(total((ties >> kind) & 1) for kind in range(len(anchors.KINDS))),
        told - total(loose),
        total(loose),
        total(loose) / sizes,
        loose[starts],
        traced[ends - 1],
        traced[starts],
        total(firm) > 0,
        firm[ends - 1],
        firm[starts],
    )
    own = np.zeros((n, _OWN), dtype=np.float32)
    own[rows] = found
    return own


def _beside(firm: NDArray[np.bool_], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which sentences have an anchor, or stand right beside one that has, in the same paragraph."""
    before, after = np.roll(firm, 1), np.roll(firm, -1)
    before[starts], after[ends - 1] = False, False
    return firm | before | after


def _facts(sentence: Sentence) -> tuple[int, ...]:
    """Give what is added up over the sentences of a paragraph."""
    quotations = sentence.quotations
    return (
        sentence.cues,
        sentence.statement,
        sentence.traced,
        sentence.vague,
        _SPEAKERS.index(sentence.speaker_kind),
        len(quotations),
        sum(map(len, quotations)),
        sum(len(quotation.split()) < FRAGMENT_WORDS for quotation in quotations),
        sentence.names,
        sentence.anchors,
    )


@lru_cache(maxsize=4096)
def analyse(text: str) -> tuple[Sentence, ...]:
    """Sentences of a paragraph with their cues, speakers and quotations."""
    result: list[Sentence] = []
    quotes, links = _QUOTES.search(text) is not None, _has_link(text)
    inside = False
    for sentence in split_sentences(text):
        result.append(_sentence(sentence, inside, quotes, links))
        if quotes:
            inside = _is_open(sentence) if not inside else not _closes(sentence)
    return tuple(result)


def _sentence(text: str, inside_quotation: bool, quotes: bool, links: bool) -> Sentence:
    """Look at one sentence; `quotes` and `links` say whether its paragraph has any marks of them."""
    words = anchors.WORD.findall(text)
    found = cues.kinds(words)
    every = reduce(or_, found, 0)
    bits = every & cues.ALL
    reports = [i for i, cue in enumerate(found) if cue & anchors.REPORTS] if bits & anchors.REPORTS else []
    # An outlet or report that does the verb's work ("reports", "post") is no trace.
    traces = [cue for cue in found if cue & _TRACE and not cue & anchors.REPORTS] if bits & _TRACE else []
    trace = any(not (cue & cues.ACCORDING and _is_nobody(text)) for cue in traces)
    names = list(map(cues.NAME.__and__, found[1:])).count(cues.NAME)
    link = links and _has_link(text)
    if link:
        bits |= cues.CHANNEL
    quotations = _quotations(text) if quotes else ()
    speaker, kind = _speaker(words, found, reports) if reports else ("", "")
    vague = bool(bits & (cues.VAGUE | cues.HEARSAY)) and not bits & cues.ANONYMOUS
    statement = bool(quotations) or (bool(reports) and kind != "") or inside_quotation
    traced = trace or bool(bits & cues.ANONYMOUS) or (statement and bool(bits & cues.DAY))
    ties = anchors.LINK if link else 0
    if bits & anchors.RELEVANT:
        tokens = anchors.TOKEN.findall(_outside(text, inside_quotation) if quotes else text)
        ties |= anchors.anchors(tokens, cues.kinds(tokens))
    return Sentence(text, bits, statement, traced, vague, speaker, kind, quotations, names, ties)


def _outside(text: str, inside_quotation: bool) -> str:
    """Leave out what is quoted: it says nothing of where it was said."""
    if inside_quotation:
        closing = _CLOSING.search(text)
        text = text[closing.end() :] if closing else ""
    return QUOTATION.sub(" ", text)


_ACCORDING: Final = re.compile(r"according to [^,.;:“”\"]{1,80}", re.I)
_SOMEBODY: Final = cues.OFFICE | cues.BODY | cues.PLACE | cues.OUTLET


def _is_nobody(text: str) -> bool:
    """Whether "according to" leads to nobody in particular: reports, ethics experts, concerned sources."""
    named = _ACCORDING.search(text)
    if named is None:
        return False
    found = cues.kinds(anchors.WORD.findall(named.group()))
    return any(cue & cues.VAGUE for cue in found) and not any(cue & _SOMEBODY for cue in found)


def _has_link(text: str) -> bool:
    """Whether there is a link; the expression, slow for want of a first letter, runs only where there may be one."""
    return any(mark in text for mark in _LINK_MARKS) and _LINK.search(text) is not None


_LINK_MARKS: Final = ("http", "www.", "pic.twitter", "@")


def _quotations(text: str) -> tuple[str, ...]:
    return tuple(
        stripped for match in QUOTATION.finditer(text) if (stripped := next(filter(None, match.groups()), "").strip())
    )


_PRONOUNS: Final = frozenset("he she they it".split())


def _speaker(words: list[str], found: list[int], reports: list[int]) -> tuple[str, str]:
    """Name and kind of who speaks: what stands next to the first reporting verb that has a subject."""
    for at in reports:
        window = range(max(0, at - 9), min(len(words), at + 7))
        near = sorted(window, key=lambda i: abs(i - at) + (0.5 if i > at else 0))
        kind = ""
        for i in near:
            cue = found[i]
            if i == at:
                continue
            if cue & cues.OFFICE:
                kind = "office"
            elif cue & cues.BODY:
                kind = "body"
            elif cue & cues.PLACE:
                kind = "place"
            elif cue & (cues.CROWD | cues.VAGUE):
                kind = "crowd"
            elif words[i].lower() in _PRONOUNS:
                kind = "pronoun"
            elif words[i][0].isupper() and not cue & (cues.DAY | cues.SELF | cues.OUTLET) and _is_name(words, i):
                kind = "name"
            else:
                continue
            return _name_around(words, i), kind
    return "", ""


def _is_name(words: list[str], at: int) -> bool:
    """Tell a name from the capital that begins a sentence: a common word there is none."""
    return at > 0 or (words[0].lower() not in FUNCTION_WORDS and len(words[0]) > 2 and not words[0].endswith("ly"))


def _name_around(words: list[str], at: int) -> str:
    """Give the run of capitalised words around a place, or the word there."""
    low = high = at
    while low > 0 and words[low - 1][0].isupper():
        low -= 1
    while high + 1 < len(words) and words[high + 1][0].isupper():
        high += 1
    return " ".join(words[low : high + 1])


def _is_open(text: str) -> bool:
    return text.count("“") > text.count("”") or text.count("«") > text.count("»") or text.count('"') % 2 == 1


def _closes(text: str) -> bool:
    """Whether a sentence that begins inside a quotation ends outside it."""
    if "”" in text:
        return text.rfind("”") > text.rfind("“")
    if "»" in text:
        return text.rfind("»") > text.rfind("«")
    return text.count('"') % 2 == 1
