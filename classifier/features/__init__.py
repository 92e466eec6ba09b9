"""Features: one module per question asked of a paragraph. Each names its columns and extracts them from a batch."""

from classifier.features import attribution, context, latent, layout, position, surface, topic
from classifier.features.batch import Batch

__all__ = ["Batch", "attribution", "context", "latent", "layout", "position", "surface", "topic"]
