"""Word lists: kinds of words and phrases, looked up token by token in constant time."""

from collections.abc import Mapping


class Lexicon:
    """Kinds of words and phrases as bits.

    Parameters
    ----------
    table : mapping of int to str
        For each kind's bit, its lower-case words; the words of a phrase are joined by `/`.
    """

    def __init__(self, table: Mapping[int, str]) -> None:
        self.words: dict[str, int] = {}
        self.phrases: dict[str, list[tuple[list[str], int]]] = {}
        for kind, text in table.items():
            for entry in text.split():
                first, *rest = entry.split("/")
                if rest:
                    self.phrases.setdefault(first, []).append((rest, kind))
                else:
                    self.words[first] = self.words.get(first, 0) | kind

    def kinds(self, lowered: list[str]) -> list[int]:
        """Kinds of each word, as bits; a phrase counts at its first word."""
        get = self.words.get
        found = [get(word, 0) for word in lowered]
        phrases = self.phrases
        for i, word in enumerate(lowered):
            if word in phrases:
                for rest, kind in phrases[word]:
                    if lowered[i + 1 : i + 1 + len(rest)] == rest:
                        found[i] |= kind
        return found
