"""Reading: from sources as people name them (files, folders, globs, `-`) to documents, one at a time."""

from classifier.reading.html import read_html
from classifier.reading.records import Fields
from classifier.reading.sources import INPUT_FORMATS, Unread, find_sources, read_sources
from classifier.reading.text import read_text, split_paragraphs

__all__ = [
    "INPUT_FORMATS",
    "Fields",
    "Unread",
    "find_sources",
    "read_html",
    "read_sources",
    "read_text",
    "split_paragraphs",
]
