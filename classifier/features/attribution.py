"""Who is said to have said what?"""

import numpy as np

from classifier.features.batch import Array, Batch

COLUMNS = ("x",)


def extract(batch: Batch) -> Array:
    """Stub."""
    return np.zeros((len(batch), 1), dtype=np.float32)
