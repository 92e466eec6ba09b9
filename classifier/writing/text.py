"""Plain text: the kept paragraphs, each on its own line; with `--keep core`, the clean article."""

from typing import TYPE_CHECKING

from classifier.writing.base import Writer, WriterOptions, kept

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument


class TextWriter(Writer):
    """Writes paragraphs as lines, with an empty line between documents."""

    _begun = False

    @staticmethod
    def render(scored: "ScoredDocument", options: WriterOptions) -> bytes:
        """Encode one document's paragraphs."""
        lines = [" ".join(paragraph.text.splitlines()) + "\n" for paragraph in kept(scored, options)]
        return "".join(lines).encode("utf-8", "replace")

    def add(self, rendered: bytes) -> None:
        """Write them, apart from the document before."""
        if rendered:
            self.stream.write(b"\n" + rendered if self._begun else rendered)
            self._begun = True
