"""Where on the page does it stand? Tags, depth, link density, siblings; missing for plain text."""

from functools import lru_cache
from itertools import chain
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
    parents, nearby = _parents(batch)
    share = _parent_prose(batch, nearby)
    same_before = (batch.shifted(parents, -1) == parents).tolist()
    same_after = (batch.shifted(parents, 1) == parents).tolist()
    kinds: dict[tuple[str, ...], int] = {}  # paragraphs of one page share few paths
    rows, kind = [], []
    for i in present:
        layout = batch.layouts[i]
        assert layout is not None
        chars = len(batch.texts[i]) or 1
        kind.append(kinds.setdefault(layout.path, len(kinds)))
        rows.append(
            (
                layout.depth,
                min(layout.link_chars / chars, 1.0),
                layout.links,
                layout.links / (len(batch.tokens[i]) + 1),
                min(layout.emphasis_chars / chars, 1.0),
                layout.images,
                layout.siblings,
                layout.sibling_index,
                layout.repeats,
                same_before[i],
                same_after[i],
                share[i],
            )
        )
    distances = np.array([_distances(path) for path in kinds], dtype=np.float32)
    table[present] = np.hstack([np.array(rows, dtype=np.float32), distances[kind]])
    return table


def _distances(path: tuple[str, ...]) -> list[float]:
    """Levels up to the nearest element of each kind in `REGIONS`; `_FAR` where there is none."""
    first: dict[str, float] = {}
    for level, tag in enumerate(path):
        first.setdefault(tag, float(level))
    return [first.get(tag, _FAR) for tag in REGIONS]


def _parents(batch: Batch) -> tuple[Array, list[int]]:
    """Give numbers of each paragraph's ancestors, all (NaN: text) and the nearest three."""
    by_chain: dict[tuple[int, int], tuple[int, int]] = {}  # readers share tuples, so identity answers first
    numbers: dict[object, int] = {}
    parents, nearby = np.full(len(batch), np.nan, dtype=np.float32), []
    for i, layout in enumerate(batch.layouts):
        if layout is None:
            nearby.append(-1)
            continue
        known = (id(layout.path), id(layout.words))
        if known not in by_chain:
            above = (layout.path[1:], layout.words[1:])
            near = (layout.path[1:4], layout.words[1:4], "near")
            by_chain[known] = (
                numbers.setdefault(above, len(numbers)),
                numbers.setdefault(near, len(numbers)),
            )
        parents[i] = by_chain[known][0]
        nearby.append(by_chain[known][1])
    return parents, nearby


def _parent_prose(batch: Batch, nearby: list[int]) -> list[float]:
    """Share of the document's prose words that stands under an element like the paragraph's parent."""
    width = max(nearby, default=0) + 2  # -1 stands for text
    places, place = np.unique(batch.doc * width + np.array(nearby) + 1, return_inverse=True)
    weights = batch.prose * batch.words
    by_parent = np.bincount(place, weights=weights, minlength=len(places))
    total = batch.per_document(weights)[batch.doc]
    share: list[float] = (by_parent[place] / np.where(total > 0, total, 1.0)).tolist()
    return share


def naming_tokens(layout: Layout) -> list[str]:
    """Class, id and role words of the block and its ancestors, each once, told apart by how near they are.

    Source of the idea: class names as features, Kohlschütter et al. (2010) and Web2Text (2018); here learned.
    """
    elements = zip(layout.words, layout.path, strict=False)  # a hand-made layout may know less of either
    tokens = (_element_tokens(_NEARNESS[min(level, 3)], *element) for level, element in enumerate(elements))
    return list(dict.fromkeys(chain.from_iterable(tokens)))


#: Marks of the block itself, of the two elements around it, and of all further ones.
_NEARNESS: Final = "0112"


@lru_cache(maxsize=1 << 12)
def _element_tokens(near: str, words: tuple[str, ...], tag: str) -> tuple[str, ...]:
    return (*(near + word for word in words), near + "<" + tag)
