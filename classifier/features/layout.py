"""Where on the page does it stand? Tags, depth, link density, siblings; missing for plain text."""

from typing import Final

import numpy as np

from classifier.document import Layout
from classifier.features.batch import Array, Batch

#: Ancestors that say what a part of a page is for.
REGIONS: Final = (
    "p", "li", "a", "h1", "h2", "h3", "h4", "h5", "h6", "td", "blockquote", "pre", "article", "main",
    "section", "nav", "aside", "header", "footer", "form", "button", "figure", "figcaption", "table", "ul",
    "ol", "dl", "label", "details", "span", "strong", "em", "time", "small", "noscript",
)  # fmt: skip
_FAR: Final = 99.0

COLUMNS: Final = (
    "depth", "link_share", "links", "links_per_word", "emphasis_share", "images", "siblings",
    "sibling_index", "repeats", "same_parent_before", "same_parent_after", "parent_prose_share",
    *(f"to_{tag}" for tag in REGIONS),
)  # fmt: skip


def extract(batch: Batch) -> Array:
    """Layout columns of every paragraph, NaN for text; shape (n, len(COLUMNS))."""
    table = np.full((len(batch), len(COLUMNS)), np.nan, dtype=np.float32)
    present = [i for i, layout in enumerate(batch.layouts) if layout is not None]
    if not present:
        return table
    share = _parent_prose(batch)
    nearest: dict[tuple[str, ...], list[float]] = {}
    for i in present:
        layout = batch.layouts[i]
        assert layout is not None
        chars = len(batch.texts[i]) or 1
        distances = nearest.get(layout.path)
        if distances is None:
            distances = nearest[layout.path] = _distances(layout.path)
        table[i] = [
            layout.depth,
            min(layout.link_chars / chars, 1.0),
            layout.links,
            layout.links / (batch.words[i] + 1),
            min(layout.emphasis_chars / chars, 1.0),
            layout.images,
            layout.siblings,
            layout.sibling_index,
            layout.repeats,
            _same_parent(layout, batch.layouts[i - 1] if batch.index[i] else None),
            _same_parent(layout, batch.layouts[i + 1] if batch.index[i] + 1 < batch.size[i] else None),
            share[i],
            *distances,
        ]
    return table


def _distances(path: tuple[str, ...]) -> list[float]:
    """Levels up to the nearest element of each kind in `REGIONS`; `_FAR` where there is none."""
    first: dict[str, float] = {}
    for level, tag in enumerate(path):
        first.setdefault(tag, float(level))
    return [first.get(tag, _FAR) for tag in REGIONS]


def _same_parent(here: Layout, other: Layout | None) -> float:
    return float(other is not None and here.words[1:] == other.words[1:] and here.path[1:] == other.path[1:])


def _parent_prose(batch: Batch) -> list[float]:
    """Share of the document's prose words that stands under an element like the paragraph's parent."""
    totals: dict[int, float] = {}
    by_parent: dict[tuple[int, object], float] = {}
    keys = []
    weights = (batch.prose * batch.words).tolist()
    for document, layout, weight in zip(batch.doc.tolist(), batch.layouts, weights, strict=True):
        key = (document, layout.words[1:4] + layout.path[1:4] if layout is not None else ())
        keys.append(key)
        by_parent[key] = by_parent.get(key, 0.0) + weight
        totals[document] = totals.get(document, 0.0) + weight
    return [by_parent[key] / (totals[key[0]] or 1.0) for key in keys]


def naming_tokens(layout: Layout) -> list[str]:
    """Class, id and role words of the block and its ancestors, told apart by how near they are.

    Source of the idea: class names as features, Kohlschütter et al. (2010) and Web2Text (2018); here learned.
    """
    tokens = []
    for level, words in enumerate(layout.words):
        near = "0" if level == 0 else "1" if level < 3 else "2"
        tokens.extend(near + word for word in words)
        tokens.append(near + "<" + layout.path[level])
    return tokens
