"""The small fitted model of the scoring tests, for the tests that score stories."""

from ..scoring.conftest import fitted, model_path

__all__ = ["fitted", "model_path"]
