"""The review page: what a person corrects in a browser, with nothing but the file."""

from training.review.judgement import is_judged, unjudged
from training.review.page import write_review
from training.review.uncertain import Scored, select_uncertain

__all__ = ["Scored", "is_judged", "select_uncertain", "unjudged", "write_review"]
