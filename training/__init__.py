"""Everything that makes and judges the model: corpora, fitting, evaluation, review."""
