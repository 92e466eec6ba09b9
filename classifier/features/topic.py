"""Is it about the document's story? Likeness to the headline, the main body, the lead and the neighbours.

Likeness is the cosine of content words (square roots of counts). The main body is weighted by the first pass's
story probability, so that menus and leaked stories do not define what the document is about.
"""

from typing import Final

import numpy as np
from scipy.sparse import csr_matrix, diags

from classifier.features.batch import FUNCTION_WORDS, Array, Batch, columns
from classifier.features.words import Numbering

COLUMNS: Final = (
    "headline", "body", "body_rank", "lead", "before", "after", "around", "segment", "segment_drop", "entities",
    "entities_known", "entities_in_lead", "title_shared", "body_less_after",
)  # fmt: skip
#: Words of a document's lead: the headline and the first paragraphs say what the story is.
LEAD_WORDS: Final = 150
#: Headlines are looked for among the first lines of the story, and are shorter than this many words.
HEADLINE_WORDS: Final = 25
_MIN_LETTERS: Final = 3


def extract(batch: Batch, story: Array) -> Array:
    """Topic columns from first-pass story probabilities (n,); shape (n, len(COLUMNS))."""
    n = len(batch)
    if not n:
        return np.zeros((0, len(COLUMNS)), dtype=np.float32)
    X, entities = _word_matrix(batch), _entities(batch)
    weight = np.where(batch.words >= 8, story, 0).astype(np.float32)
    running = np.cumsum(weight * batch.words, dtype=np.float64)
    so_far = running - weight * batch.words - (running - weight * batch.words)[batch.start]
    in_lead = (so_far < LEAD_WORDS) & (weight > 0.3)
    body = _likeness_to_group(batch, X, weight)
    lead = _likeness_to_group(batch, X, weight * in_lead)
    prose = (batch.words >= 8).astype(np.float32)
    before, after = (_likeness_to_window(batch, X, prose, offsets) for offsets in (range(-3, 0), range(1, 4)))
    around = _likeness_to_window(batch, X, weight, range(-8, 9))
    segment = _segment_likeness(batch, X, weight, prose)
    known, led = _known_entities(batch, entities, weight > 0.5, in_lead)
    headline, shared = _headline(batch, X, story)
    count = np.array([len(found) for found in entities], dtype=np.float32)
    mean = batch.per_document(body * weight) / np.maximum(batch.per_document(weight), 1e-6)
    return columns(
        headline, body, body / np.maximum(mean[batch.doc], 0.02), lead, before, after, around, segment,
        segment - np.nan_to_num(batch.shifted(segment, -1)), count, known, led, shared, body - after,
    )  # fmt: skip


def _word_matrix(batch: Batch) -> csr_matrix:
    """Content words of each paragraph, rows of unit length; the vocabulary is the batch's own."""
    words = batch.all_words
    kept = [len(word) >= _MIN_LETTERS and word not in FUNCTION_WORDS for word in words.lowered]
    stems = Numbering()
    # Six letters stand for a word's stem: "recognises", "recognition" meet.
    stem = stems.of(word[:6] for word in words.lowered)
    use = np.array(kept, dtype=bool)[words.form] if kept else np.zeros(0, dtype=bool)
    bounds = np.concatenate(([0], np.cumsum(words.per_row(use))))
    indices = stem[words.form[use]].astype(np.int32)
    X = csr_matrix((np.ones(len(indices), np.float32), indices, bounds), (len(batch), max(len(stems), 1)))
    X.sum_duplicates()
    X.data = np.sqrt(X.data)
    lengths = np.sqrt(np.asarray(X.multiply(X).sum(axis=1))).ravel()
    return diags(1 / np.maximum(lengths, 1e-6)).dot(X).tocsr().astype(np.float32)


def _row_dots(A: csr_matrix, B: csr_matrix) -> Array:
    dots: Array = np.asarray(A.multiply(B).sum(axis=1), dtype=np.float32).ravel()
    return dots


def _norms(A: csr_matrix) -> Array:
    return np.sqrt(np.maximum(_row_dots(A, A), 1e-12))


def _likeness_to_group(batch: Batch, X: csr_matrix, weight: Array) -> Array:
    """Cosine to the weighted sum of the document's other paragraphs."""
    n = len(batch)
    members = csr_matrix((weight, (batch.doc, np.arange(n))), (len(batch.documents), n))
    sums = members @ X
    own = np.asarray(_row_dots(X, sums[batch.doc]))
    square = np.asarray(_row_dots(sums, sums))[batch.doc]
    lengths = np.asarray(_row_dots(X, X))
    rest = square - 2 * weight * own + weight**2 * lengths
    likeness = (own - weight * lengths) / np.sqrt(np.maximum(rest, 1e-4))
    # Sums of different batches differ in the last bits, and a tree may split at 0.
    rounded: Array = np.round(likeness, 4).astype(np.float32)
    return rounded


def _window(batch: Batch, weight: Array, offsets: range) -> csr_matrix:
    """Matrix (n, n) that sums the weighted paragraphs at some offsets within the same document."""
    here = np.arange(len(batch))
    rows, targets = [], []
    for offset in offsets:
        inside = (batch.index + offset >= 0) & (batch.index + offset < batch.size)
        if offset:
            rows.append(here[inside])
            targets.append(here[inside] + offset)
    row, column = np.concatenate(rows), np.concatenate(targets)
    return csr_matrix((weight[column], (row, column)), (len(batch), len(batch)))


def _likeness_to_window(batch: Batch, X: csr_matrix, weight: Array, offsets: range) -> Array:
    window = _window(batch, weight, offsets) @ X
    likeness: Array = (_row_dots(X, window) / _norms(window)).astype(np.float32)
    return likeness


def _segment_likeness(batch: Batch, X: csr_matrix, weight: Array, prose: Array) -> Array:
    """Cosine of the lines from here on (five of them) to the story before: falls where another story begins."""
    n = len(batch)
    segment = _window(batch, prose, range(0, 5)) @ X + diags(prose) @ X
    lines = csr_matrix((weight, (batch.doc, np.arange(n))), (len(batch.documents), n)) @ X
    sums = lines[batch.doc] - segment
    likeness: Array = (_row_dots(segment, sums) / (_norms(segment) * _norms(sums))).astype(np.float32)
    return likeness


def _entities(batch: Batch) -> list[frozenset[str]]:
    """Capitalised words that do not begin a paragraph, as a stand-in for names."""
    return [
        frozenset(
            word for word in tokens[1:] if word[0].isupper() and len(word) > 2 and word.lower() not in FUNCTION_WORDS
        )
        for tokens in batch.tokens
    ]


def _known_entities(
    batch: Batch, entities: list[frozenset[str]], story: np.ndarray, in_lead: np.ndarray
) -> tuple[Array, Array]:
    """Share of each paragraph's names that other story paragraphs, and the lead, have; NaN without names."""
    known = np.full(len(batch), np.nan, dtype=np.float32)
    led = np.full(len(batch), np.nan, dtype=np.float32)
    begin = 0
    for document in batch.documents:
        end = begin + len(document.paragraphs)
        count: dict[str, int] = {}
        lead: set[str] = set()
        for i in range(begin, end):
            if story[i]:
                for name in entities[i]:
                    count[name] = count.get(name, 0) + 1
            if in_lead[i]:
                lead |= entities[i]
        for i in range(begin, end):
            names = entities[i]
            if names:
                own = int(story[i])
                known[i] = sum(count.get(name, 0) > own for name in names) / len(names)
                led[i] = np.nan if in_lead[i] else len(names & lead) / len(names)
        begin = end
    return known, led


def _headline(batch: Batch, X: csr_matrix, story: Array) -> tuple[Array, Array]:
    """Cosine to the document's headline, and words shared with the title that the page states."""
    chosen = np.zeros(len(batch.documents), dtype=np.int64)
    begin = 0
    for number, document in enumerate(batch.documents):
        end = begin + len(document.paragraphs)
        short = [
            i for i in range(begin, min(end, begin + 80)) if 3 <= batch.words[i] < HEADLINE_WORDS and story[i] > 0.5
        ]
        chosen[number] = short[0] if short else begin
        begin = end
    chosen = np.minimum(chosen, len(batch) - 1)
    likeness = _row_dots(X, X[chosen][batch.doc])
    titles = [frozenset(w for w in d.metadata.get("title", "").lower().split() if len(w) > 3) for d in batch.documents]
    shared = np.array(
        [
            len(titles[doc].intersection([word.lower() for word in tokens])) / len(titles[doc]) if titles[doc] else np.nan
            for doc, tokens in zip(batch.doc.tolist(), batch.tokens, strict=True)
        ],
        dtype=np.float32,
    )
    return likeness, shared
