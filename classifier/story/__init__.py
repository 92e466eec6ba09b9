"""Several sources of one event: which quotations and claims are corroborated, and by whom.

grouping     which documents tell of one event, and which are one text
claims       the sentences of each, with what is quoted or stated
matching     which claims of different documents are one claim
conflicts    where the same slot is filled otherwise
reading      all of it for one event: data, features and reasons of every paragraph
scoring      every document of a run compared with the others of its event, for the model
digest       what all carry, what only one carries, who is quoted where
page         the digest and the sources side by side, as one HTML page
"""

from classifier.story.digest import digest
from classifier.story.grouping import group
from classifier.story.page import render_page, render_pages
from classifier.story.reading import COLUMNS, Story, adjust, features, paragraph_data, read_together, reasons
from classifier.story.scoring import GROUPINGS, compare, events

__all__ = [
    "COLUMNS",
    "GROUPINGS",
    "Story",
    "adjust",
    "compare",
    "digest",
    "events",
    "features",
    "group",
    "paragraph_data",
    "read_together",
    "reasons",
    "render_page",
    "render_pages",
]
