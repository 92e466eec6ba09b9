"""Claims: the sentences of several documents, with what is quoted or stated in each and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from classifier.document import Document
from classifier.features.attribution import Sentence, analyse
from classifier.features.cues import ACCORDING, REACT, REPORT
from classifier.story.names import speaker

#: Fewer words say nothing that another source could carry: "He agreed.", "Photo: Reuters".
MIN_WORDS: Final = 5
#: A quoted fragment counts from two words on; one word in quotation marks is a name or irony.
MIN_QUOTED_WORDS: Final = 2
#: Without a verb of reporting, quotation marks hold a title, unless they hold most of the sentence.
MOSTLY_QUOTED: Final = 0.5
#: A line without the end of a sentence is prose from this many words on; below, it is a title or furniture.
UNENDED_WORDS: Final = 30
#: Documents are compared on so many lines; the rest of a very long page is comments and furniture.
MAX_PARAGRAPHS: Final = 400
_ENDS: Final = tuple(".!?…\"”’»“'")


@dataclass(slots=True, frozen=True)
class Claim:
    """One sentence of one document.

    `said` is what another source would have to carry: the quoted words, or the sentence where nothing is
    quoted. `traced` tells whether the paragraph says where the statement comes from. `speaker` is a person's
    name; `voice` whoever speaks, a ministry or a country as well.
    """

    document: int
    paragraph: int
    text: str
    said: str
    quoted: bool
    statement: bool
    traced: bool
    speaker: str
    voice: str


def claims_of(documents: Sequence[Document]) -> list[Claim]:
    """Claims of every prose line of the documents, in order."""
    return [
        claim
        for number, document in enumerate(documents)
        for place, paragraph in enumerate(document.paragraphs[:MAX_PARAGRAPHS])
        for claim in _claims(number, place, paragraph.text)
    ]


def _claims(document: int, paragraph: int, text: str) -> list[Claim]:
    if not text.rstrip().endswith(_ENDS) and len(text.split()) < UNENDED_WORDS:
        return []
    sentences = analyse(text)
    traced = any(sentence.traced for sentence in sentences)
    claims: list[Claim] = []
    last = ""
    for sentence in sentences:
        # A sentence without a name goes on with the speaker before it: '"...," he added.'
        last = speaker(sentence.text) or last
        said, quoted = _said(sentence)
        if len(sentence.text.split()) >= MIN_WORDS or quoted:
            claims.append(
                Claim(
                    document,
                    paragraph,
                    sentence.text,
                    said,
                    quoted,
                    sentence.statement,
                    traced,
                    last,
                    _voice(sentence),
                )
            )
    return claims


def _voice(sentence: Sentence) -> str:
    named = sentence.statement and sentence.speaker_kind in ("name", "office", "body", "place")
    return sentence.speaker if named else ""


def _said(sentence: Sentence) -> tuple[str, bool]:
    words = " ".join(sentence.quotations)
    reported = bool(sentence.cues & (REPORT | REACT | ACCORDING)) or len(words) > MOSTLY_QUOTED * len(sentence.text)
    if reported and len(words.split()) >= MIN_QUOTED_WORDS:
        return words, True
    return sentence.text, False
