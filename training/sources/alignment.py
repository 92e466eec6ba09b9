"""Aligning the paragraphs of a page with the gold main text of the same page.

Long paragraphs anchor themselves by the share of their word 4-grams that the gold text has. Short lines
("Share", "1. Overview", a headline that stands in a breadcrumb too) prove nothing by their words, so they
count as main text only where the gold text has the whole line at a place between their anchored neighbours,
or has them and the short lines after them as one run: lists of cards have no long paragraph.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from typing import Final

SHINGLE: Final = 4
#: Shares of a paragraph's shingles in the gold text: above the first it is main text, below the second it is
#: not, between them the reader of the labels decides (split and merged blocks, quoted passages).
SURE_IN: Final = 0.75
SURE_OUT: Final = 0.25
#: A paragraph with at least this many words is an anchor.
ANCHOR_WORDS: Final = 8
#: Words that a short line may stand off its place between two anchors: gold texts drop captions.
SLACK: Final = 12

_WORDS = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Lower-cased words, as the word bag of WCXB counts them."""
    return _WORDS.findall(text.lower())


def align(paragraphs: list[str], gold: str) -> list[float]:
    """Share of each paragraph that belongs to the gold text: 1.0 in, 0.0 out, between: partly.

    Parameters
    ----------
    paragraphs : list of str
        The paragraphs of the page in reading order.
    gold : str
        The page's main text.
    """
    target = words_of(gold)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index in range(len(target) - SHINGLE + 1):
        places[tuple(target[index : index + SHINGLE])].append(index)
    tokens = [words_of(text) for text in paragraphs]
    shares = [0.0] * len(paragraphs)
    spans: list[tuple[int, int] | None] = [None] * len(paragraphs)
    used = bytearray(len(target))
    cursor = 0
    for index, words in enumerate(tokens):
        if len(words) < ANCHOR_WORDS:
            continue
        shares[index], spans[index] = _anchor(words, places, used, cursor)
        span = spans[index]
        if span is not None and shares[index] >= SURE_IN:
            cursor = span[1]
    _anchor_runs(tokens, shares, spans, target, places, used)
    _place_short_lines(tokens, shares, spans, target, used)
    return shares


def _anchor(
    words: list[str], places: dict[tuple[str, ...], list[int]], used: bytearray, cursor: int
) -> tuple[float, tuple[int, int] | None]:
    shingles = [tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)]
    hits = fresh = 0
    starts: list[int] = []
    for shingle in shingles:
        found = places.get(shingle)
        if not found:
            continue
        hits += 1
        # Of several places take the first at or after the cursor: pages and gold run in the same order.
        at = found[min(bisect_left(found, cursor), len(found) - 1)]
        fresh += not all(used[place] for place in found)
        starts.append(at)
    share = hits / len(shingles)
    if share >= SURE_IN and fresh * 2 < hits:
        return 0.5, None  # the gold text has it once and an earlier paragraph took it: a repeat
    if share >= SURE_IN:
        for at in starts:
            used[at : at + SHINGLE] = b"\1" * SHINGLE
        return share, (min(starts), max(starts) + SHINGLE)
    return share, None


def _anchor_runs(  # noqa: PLR0917 - the state of one alignment
    tokens: list[list[str]],
    shares: list[float],
    spans: list[tuple[int, int] | None],
    target: list[str],
    places: dict[tuple[str, ...], list[int]],
    used: bytearray,
) -> None:
    """Anchor lines that are too short to prove anything alone by runs of them that the gold text has."""
    for first in range(len(tokens)):
        if spans[first] or shares[first]:
            continue
        run: list[str] = []
        last = first
        while last < len(tokens) and len(run) < ANCHOR_WORDS and len(tokens[last]) < ANCHOR_WORDS:
            run += tokens[last]
            last += 1
        if len(run) < ANCHOR_WORDS:
            continue
        for place in places.get(tuple(run[:SHINGLE]), ()):
            end = place + len(run)
            if target[place:end] == run and not any(used[place:end]):
                used[place:end] = b"\1" * len(run)
                _anchor_lines(range(first, last), tokens, shares, spans, place)
                break


def _anchor_lines(
    lines: range,
    tokens: list[list[str]],
    shares: list[float],
    spans: list[tuple[int, int] | None],
    place: int,
) -> None:
    for line in lines:
        if tokens[line]:
            shares[line], spans[line] = 1.0, (place, place + len(tokens[line]))
            place += len(tokens[line])


def _place_short_lines(
    tokens: list[list[str]],
    shares: list[float],
    spans: list[tuple[int, int] | None],
    target: list[str],
    used: bytearray,
) -> None:
    following: list[int] = [len(target)] * (len(tokens) + 1)
    for index in range(len(tokens) - 1, -1, -1):
        span = spans[index]
        following[index] = span[0] if span else following[index + 1]
    anchored = [index for index, span in enumerate(spans) if span]
    first, last = (anchored[0], anchored[-1]) if anchored else (0, len(tokens))
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(target):
        by_word[word].append(place)
    cursor = 0
    for index, words in enumerate(tokens):
        span = spans[index]
        if span:
            cursor = span[1]
        if span or not words or len(words) >= ANCHOR_WORDS:
            continue
        low, high = cursor - SLACK, following[index + 1] + SLACK
        if index < first:
            low = max(low, following[index + 1] - 40)  # only what stands right before the first anchor
        elif index > last:
            high = min(high, cursor + 60)
        candidates = by_word.get(words[0], ())
        start = bisect_left(candidates, low)
        for place in candidates[start : start + 200]:
            if place >= high:
                break
            end = place + len(words)
            if target[place:end] == words and not any(used[place:end]):
                shares[index] = 1.0
                used[place:end] = b"\1" * len(words)
                cursor = max(cursor, end)
                break
