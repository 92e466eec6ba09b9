"""Where does the model fail? The same scores for parts of the data, the worst first."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.document import Document
from classifier.labels import LABELS
from training.scores import CELLS, N_LABELS, Bootstrap, confusion_counts, estimates, plain, scores, totals

#: Below either, a slice is marked small: its figures say little.
SMALL_PARAGRAPHS: Final = 100
SMALL_DOCUMENTS: Final = 5
#: Values of one dimension that are shown; the rest, the rarest, are taken together.
MAX_VALUES: Final = 25
REST: Final = "(all others)"
#: Upper bounds in words, exclusive.
LENGTHS: Final = ((5, "1-4 words"), (12, "5-11 words"), (30, "12-29 words"), (80, "30-79 words"))
LONGEST: Final = "80 words and more"
FIFTHS: Final = ("first fifth", "second fifth", "third fifth", "fourth fifth", "last fifth")


def collection_of(document: Document) -> str:
    """Name the collection a document is from: its origin, or its source up to the first colon."""
    return document.metadata.get("origin") or document.source.partition(":")[0] or document.id


def dimensions(documents: Sequence[Document]) -> dict[str, list[str]]:
    """Value of every paragraph of all documents in each dimension; "" is in no slice."""
    sizes = [len(document.paragraphs) for document in documents]
    paragraphs = [paragraph for document in documents for paragraph in document.paragraphs]

    def spread(values: Sequence[str]) -> list[str]:
        return [value for value, size in zip(values, sizes, strict=True) for _ in range(size)]

    return {
        "source": spread([collection_of(document) for document in documents]),
        "genre": spread([document.metadata.get("genre", "") for document in documents]),
        "dump style": spread([document.metadata.get("style", "") for document in documents]),
        "page type": spread([document.metadata.get("page_type", "") for document in documents]),
        "paragraph length": [_length(len(paragraph.text.split())) for paragraph in paragraphs],
        "position": [FIFTHS[5 * place // size] for size in sizes for place in range(size)],
        "reason code": [paragraph.gold.reason or "" if paragraph.gold is not None else "" for paragraph in paragraphs],
    }


def _length(words: int) -> str:
    return next((name for bound, name in LENGTHS if words < bound), LONGEST)


def slice_scores(
    documents: Sequence[Document],
    *,
    places: NDArray[np.int64],
    doc: NDArray[np.int64],
    gold: NDArray[np.int64],
    predicted: NDArray[np.int64],
    bootstrap: Bootstrap,
) -> list[dict[str, Any]]:
    """Scores of every slice, the worst accuracy first and small slices last.

    Parameters
    ----------
    documents : sequence of Document
    places : int array (m,)
        Which of all paragraphs are judged.
    doc, gold, predicted : int arrays (m,)
        Resampling unit, gold label and predicted label of the judged paragraphs.
    bootstrap : Bootstrap
    """
    found: list[dict[str, Any]] = []
    for dimension, values in dimensions(documents).items():
        column = _rest_together(np.array(values, dtype=object)[places])
        names = sorted(set(column) - {""})
        if len(names) < 2:
            continue  # one value is the whole
        number = {name: i for i, name in enumerate(names)}
        use = column != ""
        block = np.array([number[name] for name in column[use]], dtype=np.int64)
        counts = confusion_counts(
            doc[use], gold[use], predicted[use], bootstrap.documents, block=block, n_blocks=len(names)
        )
        shape = (-1, len(names), N_LABELS, N_LABELS)
        exact = scores(totals(counts).reshape(shape)[0])
        drawn = scores(bootstrap.sums(counts).reshape(shape))
        accuracy = estimates(exact["accuracy"], drawn["accuracy"])
        # The mean over one label, of which nothing can be predicted wrongly, would say nothing.
        mixed = (exact["support"] > 0).sum(axis=1) > 1
        macro = estimates(np.where(mixed, exact["macro_f1"], np.nan), np.where(mixed, drawn["macro_f1"], np.nan))
        for i, name in enumerate(names):
            support = exact["support"][i]
            # Documents of a slice: those with any count in its block of columns.
            inside = counts[:, i * CELLS : (i + 1) * CELLS].sum(axis=1)
            n_documents = int(np.count_nonzero(np.asarray(inside)))
            found.append(
                {
                    "dimension": dimension,
                    "value": name,
                    "paragraphs": int(support.sum()),
                    "documents": n_documents,
                    "small": bool(support.sum() < SMALL_PARAGRAPHS or n_documents < SMALL_DOCUMENTS),
                    "accuracy": accuracy[i],
                    "macro_f1": macro[i],
                    "weakest": LABELS[int(np.nanargmin(exact["f1"][i]))],
                    "labels": {
                        label: {"f1": plain(exact["f1"][i][j]), "support": int(support[j])}
                        for j, label in enumerate(LABELS)
                    },
                }
            )
    return sorted(found, key=lambda row: (row["small"], row["accuracy"]["value"], row["dimension"], row["value"]))


def _rest_together(column: NDArray[Any]) -> NDArray[Any]:
    counted = Counter(value for value in column if value)
    if len(counted) <= MAX_VALUES:
        return column
    kept = {value for value, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[: MAX_VALUES - 1]}
    return np.array([value if not value or value in kept else REST for value in column], dtype=object)
