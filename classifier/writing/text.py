"""Plain text: the kept paragraphs, each on its own line; with `--keep core`, the clean article."""

from typing import TYPE_CHECKING

from classifier.writing.base import Writer

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument


class TextWriter(Writer):
    """Writes paragraphs as lines, with an empty line between documents."""

    _begun = False

    def write(self, scored: "ScoredDocument") -> None:
        """Write one document's paragraphs."""
        lines = [" ".join(paragraph.text.splitlines()) for paragraph in self.kept(scored)]
        if lines:
            text = ("\n" if self._begun else "") + "\n".join(lines) + "\n"
            self.stream.write(text.encode("utf-8", "replace"))
            self._begun = True
