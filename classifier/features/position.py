"""Where does the paragraph stand? Its place, its neighbours, runs of prose, repeats."""

from collections import Counter
from typing import Final

import numpy as np

from classifier.features.batch import Array, Batch, columns

_AROUND: Final = (-2, -1, 1, 2)

COLUMNS: Final = (
    "place", "from_start", "from_end", "lines", "prose_before", "prose_lines", "run_length", "run_share",
    "in_longest_run", "to_prose_before", "to_prose_after", "repeats", "same_as_before", "in_title",
    *(f"{what}_{offset:+d}" for offset in _AROUND for what in ("words", "function", "ends")),
    "words_near", "function_near", "words_far", "first_of_text",
)  # fmt: skip


def extract(batch: Batch) -> Array:
    """Position columns of every paragraph; shape (n, len(COLUMNS))."""
    n = len(batch)
    if not n:
        return np.zeros((0, len(COLUMNS)), dtype=np.float32)
    size = batch.size
    prose = batch.prose.astype(np.float32)
    prose_words = prose * batch.words
    total = batch.per_document(prose_words)[batch.doc]
    before = np.cumsum(prose_words) - prose_words
    before = before - before[batch.start]
    run, longest = _runs(batch, prose_words)
    ends = np.array([text[-1:] in '.!?…"”’' for text in batch.texts], dtype=np.float32)
    function = batch.function_words / np.maximum(batch.words, 1)
    neighbours = [batch.shifted(values, offset) for offset in _AROUND for values in (batch.words, function, ends)]
    repeats, same, title = _repeats(batch)
    back, ahead = _distances(batch)
    return columns(
        batch.index / np.maximum(size - 1, 1),
        np.log1p(batch.index),
        np.log1p(size - 1 - batch.index),
        np.log1p(size),
        before / np.maximum(total, 1),
        batch.per_document(prose)[batch.doc],
        run,
        run / np.maximum(total, 1),
        (run == longest) & (run > 0),
        back,
        ahead,
        repeats,
        same,
        title,
        *neighbours,
        batch.windowed(batch.words, 3, 3),
        batch.windowed(function, 3, 3),
        batch.windowed(batch.words, 10, 10),
        (before == 0) & (prose > 0),
    )


def _runs(batch: Batch, prose_words: Array) -> tuple[Array, Array]:
    """Words of the run of prose that each paragraph is in or next to, and of its document's longest run.

    One line without prose (a heading, a caption) does not end a run, two do.
    """
    run = np.zeros(len(batch), dtype=np.float32)
    longest = np.zeros(len(batch.documents), dtype=np.float32)
    values = prose_words.tolist()
    docs = batch.doc.tolist()
    begin, words, gap, current = 0, 0.0, 0, -1
    for here in range(len(values) + 1):
        ended = here == len(values) or docs[here] != current
        if ended or gap == 2:
            if words:
                run[begin : here if ended else here - 2] = words
                longest[current] = max(longest[current], words)
            begin, words, gap = here, 0.0, 0
            if here == len(values):
                break
            current = docs[here]
        if values[here]:
            words += values[here]
            gap = 0
        elif words:
            gap += 1
        else:
            begin = here + 1
    return run, longest[batch.doc]


def _repeats(batch: Batch) -> tuple[Array, Array, Array]:
    """How often the line stands in the document, whether right before too, and whether it is the title."""
    repeats, same, title = [], [], []
    for document in batch.documents:
        lines = [paragraph.text for paragraph in document.paragraphs]
        count = Counter(lines)
        name = document.metadata.get("title", "").lower()
        previous = ""
        for line in lines:
            repeats.append(count[line])
            same.append(line == previous)
            title.append(len(line) > 12 and len(line) < 300 and line.lower() in name if name else np.nan)
            previous = line
    return (np.array(repeats, np.float32), np.array(same, np.float32), np.array(title, np.float32))


def _distances(batch: Batch) -> tuple[Array, Array]:
    """Lines back and ahead to the nearest prose, log-scaled; missing where there is none."""
    here = np.arange(len(batch))
    last = np.maximum.accumulate(np.where(batch.prose, here, -1))
    last = np.concatenate(([-1], last[:-1]))
    following = np.minimum.accumulate(np.where(batch.prose, here, 1 << 30)[::-1])[::-1]
    following = np.concatenate((following[1:], [1 << 30]))
    back = np.where(last >= batch.start, np.log1p(here - last), np.nan)
    ahead = np.where(following < batch.start + batch.size, np.log1p(np.minimum(following, 1 << 20) - here), np.nan)
    return back.astype(np.float32), ahead.astype(np.float32)
