"""The terminal table: a line per paragraph, its label in colour, and a summary line per document."""

import io
from collections import Counter
from typing import IO, TYPE_CHECKING, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from classifier.labels import CHROME, CORE, LABELS, OFF_TOPIC, SUSPECT
from classifier.writing.base import Writer, WriterOptions, kept, printable

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument

STYLES: Final = {CORE: "green", OFF_TOPIC: "blue", CHROME: "bright_black", SUSPECT: "bold red"}
#: Width where there is no terminal to ask, and the least that still shows some text.
WIDTH, LEAST_WIDTH = 80, 50
#: Characters of a paragraph that can matter for a line of any terminal.
_SHOWN: Final = 600


class TableWriter(Writer):
    """Writes for people: a heading, a line per paragraph, its reasons below it, a summary."""

    def __init__(self, stream: IO[bytes], options: WriterOptions) -> None:
        super().__init__(stream, options)
        self._lines = io.StringIO()
        width = None if options.colour else WIDTH
        self._console = Console(
            file=self._lines,
            force_terminal=options.colour,
            width=width,
            highlight=False,
            legacy_windows=False,
        )
        if options.colour:
            self._console.width = max(LEAST_WIDTH, Console().width)
        self._begun = False

    def add(self, rendered: "ScoredDocument") -> None:
        """Write one document's table."""
        if self._begun:
            self._console.print()
        self._begun = True
        self._console.print(self._heading(rendered))
        table = Table.grid(padding=(0, 1, 0, 0), expand=True)
        table.add_column(width=9, no_wrap=True)
        table.add_column(width=4, no_wrap=True)
        table.add_column(ratio=1)
        for paragraph in kept(rendered, self.options):
            style = STYLES[paragraph.label]
            text = Text(
                printable(paragraph.text[:_SHOWN]),
                style="bright_black" if paragraph.label == CHROME else "",
                no_wrap=True,
                overflow="ellipsis",
            )
            table.add_row(Text(paragraph.label, style=style), f"{paragraph.confidence:.2f}", text)
            for reason in paragraph.reasons:
                reason_text = Text(printable(reason.text), style="italic bright_black")
                table.add_row("", "", Padding(reason_text, (0, 0, 0, 2)))
        self._console.print(table)
        self._console.print(self._summary(rendered))
        self.flush()

    def flush(self) -> None:
        """Hand the lines so far to the stream."""
        lines = "".join(f"{line.rstrip()}\n" for line in self._lines.getvalue().splitlines())
        self.stream.write(lines.encode("utf-8", "replace"))
        self.stream.flush()
        self._lines.seek(0)
        self._lines.truncate()

    def _heading(self, scored: "ScoredDocument") -> Text:
        return Text(printable(scored.document.id) or "document", style="bold", no_wrap=True, overflow="ellipsis")

    def _summary(self, scored: "ScoredDocument") -> Text:
        counts = Counter(paragraph.label for paragraph in scored.paragraphs)
        summary = Text(f"{len(scored.paragraphs)} paragraphs")
        for label in LABELS:
            if counts[label]:
                summary.append(" · ").append(f"{counts[label]} {label}", style=STYLES[label])
        if scored.paragraphs and scored.document.metadata.get("article") == "none":
            summary.append(" · no main story")
        if scored.document.metadata.get("suspect", "judged") != "judged":
            summary.append(" · suspect not judged: not English")
        return summary
