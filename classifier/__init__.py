r"""newsift: say of every paragraph of a scraped news article what it is, why, and how far to trust that.

>>> import classifier
>>> model = classifier.load()  # doctest: +SKIP
>>> for paragraph in model.score("A headline\nShare this"):  # doctest: +SKIP
...     print(paragraph.label, paragraph.confidence, paragraph.text)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.document import Document, Failure, Paragraph, Reason, ScoredParagraph
    from classifier.labels import LABELS
    from classifier.model import NewsClassifier
    from classifier.reading import read_sources
    from classifier.scoring import ScoredDocument, Scorer, load
    from classifier.storage import ModelError, load_model, save_model

__all__ = [
    "LABELS",
    "Document",
    "Failure",
    "ModelError",
    "NewsClassifier",
    "Paragraph",
    "Reason",
    "ScoredDocument",
    "ScoredParagraph",
    "Scorer",
    "load",
    "load_model",
    "read_sources",
    "save_model",
]

#: Where each public name lives; imported on first use, since scikit-learn takes longer than a command's help.
_HOMES = {
    "LABELS": "labels",
    "Document": "document",
    "Failure": "document",
    "Paragraph": "document",
    "Reason": "document",
    "ScoredParagraph": "document",
    "NewsClassifier": "model",
    "read_sources": "reading",
    "ScoredDocument": "scoring",
    "Scorer": "scoring",
    "load": "scoring",
    "ModelError": "storage",
    "load_model": "storage",
    "save_model": "storage",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'classifier' has no attribute {name!r}")
    return getattr(import_module(f"classifier.{_HOMES[name]}"), name)
