"""Is it about the document's story? Likeness to the headline, to the main body and to the neighbours."""

import numpy as np

from classifier.features.batch import Array, Batch

COLUMNS = ("likeness",)


def extract(batch: Batch, story: Array) -> Array:
    """Stub."""
    return np.zeros((len(batch), 1), dtype=np.float32)
