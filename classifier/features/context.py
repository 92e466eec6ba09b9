"""Look at what the first pass says of the paragraph's neighbours and of the whole document; of suspect, of neighbours.

The second pass reads these, as jusText revises its first verdicts by the blocks around (Pomikálek 2011);
here both passes are learned.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.features.batch import Array, Batch, columns

#: Heads of the first pass whose probabilities are read, in the order of the columns of `first`.
HEADS: Final = ("story", "offtopic")
_OFFSETS: Final = (-3, -2, -1, 1, 2, 3)

COLUMNS: Final = (
    *(f"first_{head}" for head in HEADS),
    *(f"{head}_{offset:+d}" for head in HEADS for offset in _OFFSETS),
    *(f"{head}_{where}" for head in HEADS for where in ("near", "before", "after", "document", "share")),
    "story_most_before", "story_most_after", "since_story", "until_story", "story_run", "story_run_share",
    "repeat_best", "repeat_worst", "heading_follows",
)  # fmt: skip

#: What is read of suspect in the article: the paragraph's own first answer, and those of its neighbours.
SUSPECT_COLUMNS: Final = ("first_suspect", *(f"suspect_{offset:+d}" for offset in _OFFSETS), "suspect_near")


def neighbours(article: Batch, first: Array) -> Array:
    """Context columns of the article from its first-pass probabilities of suspect (m,); 0 beyond its ends.

    Uncited reactions stand in rows. The document as a whole is not read: a row of them makes no plain paragraph
    suspect that stands far from it.
    """
    around = [np.nan_to_num(article.shifted(first, offset)) for offset in _OFFSETS]
    return columns(first, *around, article.windowed(first, 3, 3))


def extract(batch: Batch, first: Array) -> Array:
    """Context columns from first-pass probabilities `first` (n, heads); shape (n, len(COLUMNS))."""
    if not len(batch):
        return np.zeros((0, len(COLUMNS)), dtype=np.float32)
    words = np.minimum(batch.words, 200)
    parts: list[NDArray[Any]] = [first[:, i] for i in range(len(HEADS))]
    for i in range(len(HEADS)):
        parts.extend(batch.shifted(first[:, i], offset) for offset in _OFFSETS)
    for i in range(len(HEADS)):
        values = first[:, i]
        mass = batch.per_document(values * words)[batch.doc]
        total = np.maximum(batch.per_document(words)[batch.doc], 1)
        mean = batch.per_document(values)[batch.doc] / batch.size
        parts.extend(
            (
                batch.windowed(values, 3, 3),
                batch.windowed(values, 8, -1),
                batch.windowed(values, -1, 8),
                mean,
                mass / total,
            )
        )
    story = first[:, 0]
    mass = story * words
    parts.extend(_sides(batch, mass))
    parts.extend(_distances(batch, story))
    parts.extend(_run(batch, story, mass))
    parts.extend(_repeats(batch, story))
    following = batch.windowed(story, -1, 2)
    parts.append(np.where(words <= 12, following - np.nan_to_num(batch.shifted(story, -1)), 0))
    return columns(*parts)


def _sides(batch: Batch, mass: Array) -> tuple[Array, Array]:
    """Share of the document's story words that come before and after each paragraph."""
    total = np.maximum(batch.per_document(mass)[batch.doc], 1e-6)
    running = np.cumsum(mass, dtype=np.float64)
    before = running - mass - (running - mass)[batch.start]
    share = (before / total).astype(np.float32)
    return share, (1 - share - mass / total).astype(np.float32)


def _distances(batch: Batch, story: Array) -> tuple[Array, Array]:
    """Lines since the last and until the next line of the story, log-scaled; a large number for none."""
    here = np.arange(len(batch))
    sure = story > 0.7
    last = np.maximum.accumulate(np.where(sure, here, -1))
    last = np.concatenate(([-1], last[:-1]))
    following = np.minimum.accumulate(np.where(sure, here, 1 << 30)[::-1])[::-1]
    following = np.concatenate((following[1:], [1 << 30]))
    none = np.float32(9)
    since = np.where(last >= batch.start, np.log1p(here - last), none)
    until = np.where(following < batch.start + batch.size, np.log1p(np.minimum(following, 1 << 20) - here), none)
    return since.astype(np.float32), until.astype(np.float32)


def _run(batch: Batch, story: Array, mass: Array) -> tuple[NDArray[Any], NDArray[Any]]:
    """Story words of the run of story lines (gaps of up to two lines allowed) that a line belongs to."""
    inside = batch.windowed(story, 2, 2) + story > 0.5
    change = np.flatnonzero((np.diff(inside.astype(np.int8)) != 0) | (np.diff(batch.doc) != 0)) + 1
    number = np.zeros(len(batch), dtype=np.int64)
    number[change] = 1
    number = np.cumsum(number)
    words = np.bincount(number, weights=mass).astype(np.float32)[number] * inside
    total = np.maximum(batch.per_document(mass)[batch.doc], 1e-6)
    return np.log1p(words), words / total


def _repeats(batch: Batch, story: Array) -> tuple[Array, Array]:
    """Highest and lowest first-pass story probability among the same line's places in the document."""
    best: dict[tuple[int, str], float] = {}
    worst: dict[tuple[int, str], float] = {}
    keys = list(zip(batch.doc.tolist(), batch.texts, strict=True))
    for key, value in zip(keys, story.tolist(), strict=True):
        best[key] = max(best.get(key, 0.0), value)
        worst[key] = min(worst.get(key, 1.0), value)
    return np.array([best[key] for key in keys], np.float32), np.array([worst[key] for key in keys], np.float32)
