"""An annotated page: one self-contained HTML file that runs nothing and loads nothing."""

import base64
import hashlib
from collections import Counter
from importlib.resources import files
from typing import IO, TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from classifier.labels import LABELS
from classifier.writing.base import Writer, WriterOptions, kept

if TYPE_CHECKING:
    from classifier.scoring import ScoredDocument


class HtmlWriter(Writer):
    """Writes every paragraph beside its label, with its reasons; all scraped text is escaped."""

    def __init__(self, stream: IO[bytes], options: WriterOptions) -> None:
        super().__init__(stream, options)
        environment = Environment(loader=PackageLoader("classifier.writing", ""), autoescape=True)
        template: Any = environment.get_template("page.html.jinja")
        self._page = template.module
        css = files("classifier.writing").joinpath("page.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        self._put(self._page.head(Markup(css), digest))

    def add(self, rendered: "ScoredDocument") -> None:
        """Write one document's section."""
        counted = Counter(paragraph.label for paragraph in rendered.paragraphs)
        counts = [(label, counted[label]) for label in LABELS if counted[label]]
        self._put(self._page.document(rendered, list(kept(rendered, self.options)), counts))

    def close(self) -> None:
        """End the page."""
        self._put(self._page.foot())

    def _put(self, markup: str) -> None:
        self.stream.write(markup.encode("utf-8", "replace"))
