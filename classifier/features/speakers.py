"""Who speaks how often? An outlet's own interviewee comes back; a passer-by's reaction stands alone.

Reporting tells once where somebody spoke and then goes on quoting; a paragraph that quotes a speaker again is
traced by the one that introduced them, however far above. Speakers are told apart by the last word of their name.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.features.batch import Array, Batch
from classifier.features.words import bare

if TYPE_CHECKING:
    from classifier.features.attribution import Sentence

COLUMNS: Final = (
    "speaker_statements", "speaker_share", "speaker_traced_share", "speaker_traced_before", "speaker_since",
    "speaker_mentions_before", "speaker_mentions_after", "document_speakers", "document_top_speaker", "lead_traced",
)  # fmt: skip
#: Lines since the same speaker's last statement where there was none, log-scaled like the others.
_NEVER: Final = 9.0
#: Share of the speaker's other statements that are traced, where there are none.
_ALONE: Final = -1.0
#: Paragraphs of a story's lead, where reporting says on which occasion everything below was said.
_LEAD: Final = 4


#: Paragraphs that name a speaker: (document, speaker) -> rows of the batch, in order.
_Mentions = dict[tuple[int, str], list[int]]


@dataclass(slots=True)
class _Statement:
    row: int
    speaker: str
    traced: bool


def extract(batch: Batch, analysed: NDArray[Any]) -> Array:
    """Columns of every paragraph, 0 for those without a statement; shape (n, len(COLUMNS)).

    Parameters
    ----------
    batch : Batch
    analysed : object array (n,)
        Sentences of every paragraph; none where it was not analysed.
    """
    table = np.zeros((len(batch), len(COLUMNS)), dtype=np.float32)
    by_document: dict[int, list[_Statement]] = defaultdict(list)
    lead: dict[int, list[bool]] = defaultdict(list)
    document, last = -1, ""
    doc = batch.doc.tolist()
    for row, sentences in enumerate(analysed.tolist()):
        if not sentences:
            continue
        if doc[row] != document:
            document, last, seen = doc[row], "", 0
        seen += 1
        for sentence in sentences:
            if seen <= _LEAD:
                lead[document].append(sentence.traced)
            if sentence.statement:
                last = _key(sentence) or (last if _goes_on(sentence) else f"? {row}")
                by_document[document].append(_Statement(row, last, sentence.traced))
    mentions = _mentions(batch, {(number, s.speaker) for number, said in by_document.items() for s in said})
    for number, statements in by_document.items():
        _fill(table, number, statements, mentions, float(np.mean(lead[number])))
    return table


def _key(sentence: "Sentence") -> str:
    if sentence.speaker_kind in ("", "pronoun") or not sentence.speaker:
        return ""
    return bare(re.split(r"[\s.-]+", sentence.speaker.strip(".-"))[-1].lower())


def _goes_on(sentence: "Sentence") -> bool:
    """Whether whoever spoke last goes on: "he said", or a bare quotation. Any other speaker is a new, unknown one."""
    return sentence.speaker_kind == "pronoun" or 2 * sum(map(len, sentence.quotations)) >= len(sentence.text)


def _fill(table: Array, number: int, statements: Sequence[_Statement], mentions: _Mentions, lead_traced: float) -> None:
    count = Counter(statement.speaker for statement in statements)
    traced = Counter(statement.speaker for statement in statements if statement.traced)
    top = max(count.values()) / len(statements)
    heard: dict[str, int] = {}
    traced_before: set[str] = set()
    for statement in statements:
        row, speaker = statement.row, statement.speaker
        if not table[row, 0]:  # the paragraph's first statement stands for it
            others = count[speaker] - 1
            named = mentions[number, speaker]
            before, after = bisect_left(named, row), len(named) - bisect_right(named, row)
            table[row] = (
                np.log1p(count[speaker]),
                count[speaker] / len(statements),
                (traced[speaker] - statement.traced) / others if others else _ALONE,
                speaker in traced_before,
                np.log1p(row - heard[speaker]) if speaker in heard else _NEVER,
                np.log1p(before),
                np.log1p(after),
                np.log1p(len(count)),
                top,
                lead_traced,
            )
        heard[speaker] = row
        if statement.traced:
            traced_before.add(speaker)


def _mentions(batch: Batch, speakers: set[tuple[int, str]]) -> _Mentions:
    """Paragraphs that name a speaker, of those of each document; in order."""
    words = batch.all_words
    numbers, n = words.name_numbers, len(words.name_numbers)
    wanted = {doc * n + numbers[speaker]: (doc, speaker) for doc, speaker in speakers if speaker in numbers}
    said = batch.doc[words.row] * n + words.name_number
    places: _Mentions = {speaker: [] for speaker in speakers}
    here = np.flatnonzero(np.isin(said, list(wanted)))
    found, rows = np.divmod(np.unique(said[here] * len(batch) + words.row[here]), len(batch))
    for key, row in zip(found.tolist(), rows.tolist(), strict=True):
        places[wanted[key]].append(row)
    return places
