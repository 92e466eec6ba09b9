"""Tell who is said to have said what, and what is missing for a reader to check it.

Sentence by sentence: quotations, reporting verbs, speakers, and the things that let a statement be traced
(outlet, channel, occasion, document, day, link). What the sentences right before and after supply counts too,
as the label guide has it. Words alone do not make a paragraph suspect; what is missing does.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from classifier.features import cues
from classifier.features.batch import FUNCTION_WORDS, Array, Batch, columns
from classifier.features.sentences import split_sentences

#: Quotations in every style; one that does not end runs to the end of the line (sliced quotations do).
QUOTATION: Final = re.compile(
    r"“([^“”]*)(?:”|$)|„([^„“”]*)(?:[“”]|$)|«([^«»]*)(?:»|$)|\"([^\"]*)(?:\"|$)"
    r"|(?<![\w’'])[‘']([^‘’'\s](?:[^‘’']|[’'](?=\w))*)[’'](?!\w)"
)
_WORD = re.compile(r"[^\W_]+(?:['’ʼ.-][^\W_]+)*")
_LINK = re.compile(r"https?://|www\.|\bpic\.twitter|\(@|^@|—\s?@", re.I)
_AGE = re.compile(r",\s\d{1,3},|\baged \d|\b\d{1,3}-year-old\b")
_SIGNED = re.compile(r"[”\"’]\s?[-–—]\s?[A-Z]|^[-–—]\s?[A-Z]")
_AGENCY = re.compile(r"\((?:Reuters|AP|AFP|UPI|dpa|ANI|PTI|Xinhua|TASS|EFE|CNN|BBC)[^)]{0,12}\)|^[A-Z .,]{4,40}[(–—-]")
#: A quotation of fewer words is a fragment set into somebody else's sentence.
FRAGMENT_WORDS: Final = 7
MIN_WORDS: Final = 4

_TRACE: Final = cues.OUTLET | cues.CHANNEL | cues.OCCASION | cues.DOCUMENT | cues.ACCORDING
_SPEAKER: Final = cues.OFFICE | cues.BODY | cues.PLACE
_KINDS: Final = tuple(cues.KINDS)
_BITS: Final = np.array([cues.KINDS[kind] for kind in _KINDS])

COLUMNS: Final = (
    *(f"cue_{kind}" for kind in _KINDS),
    "quotations", "quoted_share", "fragments", "open_quotation", "all_quotation", "signed",
    "statements", "traced_statements", "untraced_statements", "untraced_share", "leading_untraced",
    "named_speaker", "office_speaker", "body_speaker", "place_speaker", "crowd_speaker", "pronoun_speaker",
    "vague_statement", "vague_untraced", "reaction", "reaction_untraced", "day_statement", "link", "age", "agency",
    "names", "numbers", "trace_kinds", "leads_into", "question", "accuse_untraced", "self_statement",
    "trace_before", "trace_after", "statement_before", "statement_after", "speaker_before", "quote_before",
    "quote_after", "untraced_near", "statements_near", "document_statements", "document_traced",
    "document_untraced_share", "document_self", "document_accuse", "document_quotes", "document_days",
    "document_outlets", "inside_quotation", "run_length", "run_traced", "run_traced_share", "run_place",
)  # fmt: skip


@dataclass(slots=True, frozen=True)
class Sentence:
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


def extract(batch: Batch) -> Array:
    """Attribution columns of every paragraph; shape (n, len(COLUMNS))."""
    n = len(batch)
    own = np.zeros((n, _OWN), dtype=np.float32)
    for i, words in enumerate(batch.words.tolist()):
        if words >= MIN_WORDS:
            own[i] = _own_columns(batch.texts[i])
    get = {name: own[:, place] for place, name in enumerate(_OWN_NAMES)}
    statements, traced, untraced = (get[name] for name in ("statements", "traced_statements", "untraced_statements"))
    total = np.maximum(batch.per_document(statements), 1)
    words = np.maximum(batch.per_document(batch.words), 1)

    def share(column: Array, of: Array) -> Array:
        values: Array = (batch.per_document(column) / of)[batch.doc]
        return values

    around = columns(
        np.nan_to_num(batch.shifted(own[:, -2], -1)),  # the last sentence before traces something
        np.nan_to_num(batch.shifted(own[:, -1], 1)),  # the first sentence after does
        np.nan_to_num(batch.shifted(statements, -1)),
        np.nan_to_num(batch.shifted(statements, 1)),
        np.nan_to_num(batch.shifted(get["named_speaker"], -1)),
        np.nan_to_num(batch.shifted(get["quotations"], -1)),
        np.nan_to_num(batch.shifted(get["quotations"], 1)),
        batch.windowed(np.minimum(untraced, 2), 3, 3),
        batch.windowed(np.minimum(statements, 2), 3, 3),
        np.log1p(total)[batch.doc],
        share(traced, total),
        share(untraced, total),
        share(get["cue_self"], words),
        share(get["cue_accuse"] + get["cue_sensation"], words),
        share(get["quotations"], words),
        share(get["cue_day"], words),
        share(get["cue_outlet"], words),
        *_runs(batch, statements, traced, get["leads_into"]),
    )
    return np.hstack([own[:, :-2], around])


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


#: Columns of the paragraph alone, and two that only its neighbours read.
_OWN_NAMES: Final = (*COLUMNS[: COLUMNS.index("trace_before")], "last_traces", "first_traces")
_OWN: Final = len(_OWN_NAMES)


def _own_columns(text: str) -> list[float]:
    sentences = analyse(text)
    if not sentences:
        return [0.0] * _OWN
    bits = 0
    counts = np.zeros(len(_KINDS), dtype=np.float32)
    for sentence in sentences:
        bits |= sentence.cues
        counts += (_BITS & sentence.cues) > 0
    statements = [sentence for sentence in sentences if sentence.statement]
    untraced = [sentence for sentence in statements if not sentence.traced]
    quotations = [quotation for sentence in sentences for quotation in sentence.quotations]
    quoted = sum(len(quotation) for quotation in quotations)
    kinds = {sentence.speaker_kind for sentence in statements}
    reacts = [sentence for sentence in statements if sentence.cues & cues.REACT]
    return [
        *counts.tolist(),
        len(quotations),
        quoted / len(text),
        sum(len(quotation.split()) < FRAGMENT_WORDS for quotation in quotations),
        _is_open(text),
        quoted > 0.8 * len(text),
        _SIGNED.search(text) is not None,
        len(statements),
        len(statements) - len(untraced),
        len(untraced),
        len(untraced) / len(sentences),
        bool(untraced) and untraced[0] is sentences[0],
        *(kind in kinds for kind in ("name", "office", "body", "place", "crowd", "pronoun")),
        sum(sentence.vague for sentence in sentences),
        sum(sentence.vague and not sentence.traced for sentence in sentences),
        len(reacts),
        sum(not sentence.traced for sentence in reacts),
        sum(bool(sentence.cues & cues.DAY) for sentence in statements),
        _LINK.search(text) is not None,
        _AGE.search(text) is not None,
        _AGENCY.search(text) is not None,
        sum(sentence.names for sentence in sentences),
        sum(character.isdigit() for character in text) / len(text),
        (bits & _TRACE).bit_count(),
        text.endswith((":", ",")),
        text.count("?") / len(sentences),
        sum(bool(s.cues & (cues.ACCUSE | cues.SENSATION)) and not s.traced for s in sentences) / len(sentences),
        sum(bool(s.cues & cues.SELF) for s in statements),
        float(sentences[-1].traced),
        float(sentences[0].traced),
    ]


@lru_cache(maxsize=4096)
def analyse(text: str) -> tuple[Sentence, ...]:
    """Sentences of a paragraph with their cues, speakers and quotations."""
    result: list[Sentence] = []
    inside = False
    for sentence in split_sentences(text):
        found = _sentence(sentence, inside)
        inside = _is_open(sentence) if not inside else not _closes(sentence)
        result.append(found)
    return tuple(result)


def _sentence(text: str, inside_quotation: bool) -> Sentence:
    words = _WORD.findall(text)
    lowered = [word.lower().replace("’", "'") for word in words]
    found = cues.LEXICON.kinds(lowered)
    bits = 0
    for cue in found:
        bits |= cue
    if _LINK.search(text):
        bits |= cues.CHANNEL
    quotations = tuple(
        stripped for match in QUOTATION.finditer(text) if (stripped := next(filter(None, match.groups()), "").strip())
    )
    reports = [i for i, cue in enumerate(found) if cue & (cues.REPORT | cues.REACT)]
    speaker, kind = _speaker(words, found, reports)
    # An outlet or report that only does the reporting verb's work ("reports", "post") is no trace by itself.
    trace = sum(bool(cue & _TRACE) and not cue & (cues.REPORT | cues.REACT) for cue in found)
    vague = bool(bits & (cues.VAGUE | cues.HEARSAY)) and not bits & cues.ANONYMOUS
    statement = bool(quotations) or (bool(reports) and kind != "") or inside_quotation
    traced = trace > 0 or bool(bits & cues.ANONYMOUS) or (statement and bool(bits & cues.DAY))
    names = sum(
        word[0].isupper() and i > 0 and not cue & (cues.DAY | cues.SELF)
        for i, (word, cue) in enumerate(zip(words, found, strict=True))
    )
    return Sentence(text, bits, statement, traced, vague, speaker, kind, quotations, names)


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
