"""What a person has judged, and how labelled data says that he has not.

A document comes back from a person with some paragraphs judged and others not looked at. The others must
stay: a paragraph is judged, and learned, among its neighbours. Their label is the model's own, though, and a
model must not be taught by itself. Labelled data has the words for that already: a paragraph nobody judged
keeps the model's label and names *all other labels* as also acceptable. Training learns nothing from it
(`classifier.model.questions`), strict scores leave it out, and its text is context for the rest.
"""

from classifier.document import Document, Gold
from classifier.labels import CORE, LABELS


def unjudged(label: str = CORE) -> Gold:
    """Give the gold of a paragraph that nobody judged; `label` is the model's, for the eye only."""
    return Gold(label, tuple(other for other in LABELS if other != label))


def is_judged(gold: Gold | None) -> bool:
    """Tell whether a person has ruled out at least one label."""
    return gold is not None and len({gold.label, *gold.also}) < len(LABELS)


def fill_unjudged(document: Document) -> bool:
    """Give paragraphs without a label that of `unjudged`; tell whether any other was judged."""
    for paragraph in document.paragraphs:
        paragraph.gold = paragraph.gold or unjudged()
    return any(is_judged(paragraph.gold) for paragraph in document.paragraphs)
