"""The one base of every error that is for a person: its message is a sentence that says what to mend."""


class NewsiftError(Exception):
    """Something that the user can mend; commands print it without a traceback and exit with 1."""
