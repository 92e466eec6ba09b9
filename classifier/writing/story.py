"""The story page of scored documents: the sources of each event side by side, with their labels."""

from typing import IO, TYPE_CHECKING

from classifier.story import read_together, render_pages
from classifier.writing.base import Writer, WriterOptions

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument


class StoryWriter(Writer):
    """Holds what is scored until the end: a page of sources side by side needs all of them.

    Every paragraph is shown, whatever `keep` says, since paragraphs link to one another.
    """

    def __init__(self, stream: IO[bytes], options: WriterOptions) -> None:
        super().__init__(stream, options)
        self._events: dict[str, list[ScoredDocument]] = {}

    def add(self, rendered: "ScoredDocument") -> None:
        """Take up one document."""
        self._events.setdefault(rendered.document.metadata["story"], []).append(rendered)

    def close(self) -> None:
        """Write the page."""
        stories = [read_together([scored.document for scored in event]) for event in self._events.values()]
        labels = [
            [[paragraph.label for paragraph in scored.paragraphs] for scored in event]
            for event in self._events.values()
        ]
        self.stream.write(render_pages(stories, labels).encode("utf-8", "replace"))
