"""The labels as an extractor of main text: core and suspect paragraphs against a page's gold text."""

import re
from collections.abc import Sequence
from itertools import compress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.document import Document
from classifier.features import Batch
from classifier.labels import STORY_COLUMNS
from classifier.writing.text import first_times
from training.scores import Bootstrap, estimates

#: Metadata key of a document's gold main text.
GOLD: Final = "gold"
SHINGLE: Final = 4
_WORD = re.compile(r"\w+")
MEASURES: Final = ("word_precision", "word_recall", "word_f1", "shingle_f1")


def extraction_view(
    documents: Sequence[Document], predictions: dict[str, NDArray[np.int64]], replicates: int, seed: int
) -> dict[str, Any] | None:
    """Word-bag and 4-gram F1 of the text each prediction keeps, averaged over documents.

    Parameters
    ----------
    documents : sequence of Document
        Those with `metadata["gold"]` are judged.
    predictions : dict of str to int array (n,)
        Labels of all paragraphs of all documents, by the name of who gave them; the model comes first.
    replicates, seed : int
        Of the bootstrap over documents.

    Returns
    -------
    dict or None
        None when no document has a gold text.
    """
    starts = np.cumsum([0, *(len(document.paragraphs) for document in documents)])
    judged = [i for i, document in enumerate(documents) if document.metadata.get(GOLD, "").strip()]
    if not judged:
        return None
    figures = {name: np.zeros((len(judged), len(MEASURES))) for name in predictions}
    for row, i in enumerate(judged):
        numbers: dict[str, int] = {}
        texts = [paragraph.text for paragraph in documents[i].paragraphs]
        lines = [_numbered(text, numbers) for text in texts]
        gold = _numbered(documents[i].metadata[GOLD], numbers)
        for name, labels in predictions.items():
            kept = clean(texts, np.isin(labels[starts[i] : starts[i + 1]], STORY_COLUMNS))
            figures[name][row] = overlap(_joined([lines[j] for j in kept]), gold)
    types = np.array([documents[i].metadata.get("page_type", "") for i in judged])
    # By what the words say: sites of every language declare English. Catalogues have too few words that tell.
    english = Batch([documents[i] for i in judged]).english
    languages = np.where(english, "English", "no English prose")
    model = next(iter(figures.values()))

    def by(groups: NDArray[np.str_]) -> list[dict[str, Any]]:
        return [
            {"name": str(kind), "documents": int((groups == kind).sum())}
            | _means(model[groups == kind], replicates, seed)
            for kind in np.unique(groups[groups != ""])
        ]

    return {
        "documents": len(judged),
        "rows": [{"name": name, **_means(values, replicates, seed)} for name, values in figures.items()],
        "page_types": by(types),
        "languages": by(languages) if len(set(languages.tolist())) > 1 else [],
    }


def clean(texts: Sequence[str], kept: NDArray[np.bool_]) -> list[int]:
    """Places of the paragraphs that the clean article is made of, as `--format text` writes it."""
    places = np.flatnonzero(kept).tolist()
    return list(compress(places, first_times(texts[place] for place in places)))


def overlap(kept: NDArray[np.int64], gold: NDArray[np.int64]) -> tuple[float, float, float, float]:
    """Precision, recall and F1 of words and F1 of 4-word shingles, repeats counted; words are numbers."""
    precision, recall, f1 = _bag(kept, gold)
    return precision, recall, f1, _bag(*_shingled(kept, gold))[2]


def _numbered(text: str, numbers: dict[str, int]) -> NDArray[np.int64]:
    words = _WORD.findall(text.lower())
    return np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)


def _joined(lines: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(lines) if lines else np.zeros(0, dtype=np.int64)


def _bag(kept: NDArray[np.int64], gold: NDArray[np.int64]) -> tuple[float, float, float]:
    size = int(max(kept.max(initial=-1), gold.max(initial=-1))) + 1
    common = np.minimum(np.bincount(kept, minlength=size), np.bincount(gold, minlength=size)).sum()
    if not len(kept) or not len(gold):
        return 0.0, 0.0, 0.0
    return common / len(kept), common / len(gold), 2 * common / (len(kept) + len(gold))


def _shingled(kept: NDArray[np.int64], gold: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give equal 4-word shingles of two texts equal numbers; a text of fewer words has none."""
    rows = [
        np.lib.stride_tricks.sliding_window_view(words, SHINGLE) if len(words) >= SHINGLE else _NO_SHINGLE
        for words in (kept, gold)
    ]
    _, numbers = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
    numbers = numbers.ravel()
    return numbers[: len(rows[0])], numbers[len(rows[0]) :]


_NO_SHINGLE: Final = np.zeros((0, SHINGLE), dtype=np.int64)


def _means(values: NDArray[np.float64], replicates: int, seed: int) -> dict[str, Any]:
    sums = Bootstrap(len(values), replicates, seed).sums(csr_matrix(values))
    return dict(zip(MEASURES, estimates(values.mean(axis=0), sums / len(values)), strict=True))
