"""Plain text: the kept paragraphs, each on its own line; with `--keep core`, the clean article."""

from collections.abc import Iterable
from itertools import compress
from typing import TYPE_CHECKING, Final

from classifier.writing.base import Writer, WriterOptions, kept

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument

#: Words from which a paragraph that comes again is the page's doing: it holds its text twice, for wide and narrow
#: screens. Shorter ones may be rows, answers or refrains. On unseen pages of all types this raised word F1 by 0.003.
REPEATED_WORDS: Final = 20


def first_times(texts: Iterable[str]) -> list[bool]:
    """Tell of each paragraph kept of a document whether the clean article has it: long ones are told once."""
    seen: set[str] = set()
    answers = []
    for text in texts:
        answers.append(text not in seen)
        if len(text.split()) >= REPEATED_WORDS:
            seen.add(text)
    return answers


class TextWriter(Writer):
    """Writes paragraphs as lines, with an empty line between documents; of those chosen, long ones once each."""

    _begun = False

    @staticmethod
    def render(scored: "ScoredDocument", options: WriterOptions) -> bytes:
        """Encode one document's paragraphs."""
        lines = [" ".join(paragraph.text.splitlines()) + "\n" for paragraph in kept(scored, options)]
        if options.keep:
            lines = list(compress(lines, first_times(lines)))
        return "".join(lines).encode("utf-8", "replace")

    def add(self, rendered: bytes) -> None:
        """Write them, apart from the document before."""
        if rendered:
            self.stream.write(b"\n" + rendered if self._begun else rendered)
            self._begun = True
