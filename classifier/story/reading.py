"""Several sources of one event, read together: what the others carry of each paragraph."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from classifier.document import Document, Reason
from classifier.story.claims import Claim, claims_of
from classifier.story.conflicts import Conflict, conflicts_of
from classifier.story.grouping import Copy, copies, families, same_paragraph
from classifier.story.matching import LIKENESS, Pair, match

#: What the sources say of a paragraph, as the suspect question sees it; every column is 0 in a lone document.
COLUMNS: Final = (
    "carried_traced",  # log1p of the independent sources that carry a statement of it, traced
    "carried_untraced",  # log1p of those that carry it without saying where it is from
    "alone_traced",  # its statements are traced, and log1p of the other sources have none of them
    "alone_untraced",  # the same, untraced
    "fact_alone",  # no statement, and nothing of it is carried
    "conflicts",  # log1p of its conflicts with independent sources
)


@dataclass(slots=True, frozen=True)
class Parameters:
    """What `training/stories.py` learned from the hand-written clusters."""

    match_weights: NDArray[np.float64]
    match_threshold: float
    conflict_threshold: float
    adjust_weights: NDArray[np.float64]


def parameters_of(data: dict[str, Any]) -> Parameters:
    """Parameters from the plain data of `models/story.json`.

    Raises
    ------
    ValueError
        The data is of other columns than this version computes.
    """
    if tuple(data["match"]["columns"]) != LIKENESS or tuple(data["adjust"]["columns"]) != COLUMNS:
        raise ValueError("models/story.json has other columns than this version; run python -m training.stories")
    return Parameters(
        np.array([data["match"]["intercept"], *data["match"]["weights"]], dtype=np.float64),
        float(data["match"]["threshold"]),
        float(data["match"]["conflict_threshold"]),
        np.array(data["adjust"]["weights"], dtype=np.float64),
    )


@cache
def default_parameters() -> Parameters:
    """Read the parameters that ship with the package."""
    return parameters_of(orjson.loads((files("classifier") / "models" / "story.json").read_bytes()))


@dataclass(slots=True, frozen=True)
class Carrier:
    """A claim of another source that is the same claim."""

    claim: int
    probability: float
    independent: bool


@dataclass(slots=True)
class Story:
    """Documents of one event with their claims, who else carries each, conflicts and copies.

    Attributes
    ----------
    documents : list of Document
    claims : list of Claim
    carriers : list of list of Carrier
        For every claim, the claims of other documents that are the same.
    conflicts : list of Conflict
    copies : list of Copy
    family : list of int
        Number of each document's text family: copies of one text have one number.
    by_paragraph : dict
        (document, paragraph) -> indices of its claims.
    """

    documents: list[Document]
    claims: list[Claim]
    carriers: list[list[Carrier]]
    conflicts: list[Conflict]
    copies: list[Copy]
    family: list[int]
    by_paragraph: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    def others(self, document: int) -> int:
        """Count the independent texts beside that of a document."""
        return len(set(self.family) - {self.family[document]})


def read_together(documents: Sequence[Document], parameters: Parameters | None = None) -> Story:
    """Compare the documents of one event.

    Parameters
    ----------
    documents : sequence of Document
    parameters : Parameters, optional
        Those that ship with the package, by default.
    """
    parameters = parameters or default_parameters()
    documents = list(documents)
    claims = claims_of(documents)
    floor = min(parameters.match_threshold, parameters.conflict_threshold)
    pairs = match(claims, parameters.match_weights, floor)
    found = copies(documents)
    family = families(len(documents), [(copy.first, copy.second) for copy in found])
    same = [pair for pair in pairs if pair.probability >= parameters.match_threshold]
    likely = [pair for pair in pairs if pair.probability >= parameters.conflict_threshold]
    story = Story(
        documents,
        claims,
        _carriers(documents, claims, same, family),
        conflicts_of(claims, likely),
        found,
        family,
    )
    for i, claim in enumerate(claims):
        story.by_paragraph.setdefault((claim.document, claim.paragraph), []).append(i)
    return story


def _carriers(
    documents: Sequence[Document], claims: Sequence[Claim], pairs: Sequence[Pair], family: Sequence[int]
) -> list[list[Carrier]]:
    carriers: list[list[Carrier]] = [[] for _ in claims]
    for pair in pairs:
        one, two = claims[pair.first], claims[pair.second]
        texts = [documents[claim.document].paragraphs[claim.paragraph].text for claim in (one, two)]
        independent = family[one.document] != family[two.document] and not same_paragraph(*texts)
        carriers[pair.first].append(Carrier(pair.second, pair.probability, independent))
        carriers[pair.second].append(Carrier(pair.first, pair.probability, independent))
    return carriers


# -- what is said of one paragraph -------------------------------------------------------------------------


def paragraph_data(story: Story, document: int, paragraph: int) -> dict[str, list[Any]]:
    """Tell what the other sources say of a paragraph, as plain data for the JSONL.

    Returns
    -------
    dict
        `corroborated_by`: ids of independent documents that carry a statement of it, one for each text (a
        claim of it, where it makes no statement); `copied_in`: ids of further copies, of this text or of
        those; `uncorroborated`: its quotations and statements that no other source has; `conflicts`: dicts
        of `what`, `here`, `there` and `in`, the other document's id.
    """
    mine = story.by_paragraph.get((document, paragraph), [])
    carried = [carrier for i in _decisive(story, mine) for carrier in story.carriers[i]]
    # Copies of one text are one source: the first of them stands for it.
    texts: dict[int, int] = {}
    for d in _documents(story, [carrier for carrier in carried if carrier.independent]):
        texts.setdefault(story.family[d], d)
    independent = list(texts.values())
    copied = [d for d in _documents(story, carried) if d not in independent]
    return {
        "corroborated_by": [story.documents[d].id for d in independent],
        "copied_in": [story.documents[d].id for d in copied],
        "uncorroborated": _uncorroborated(story, mine) if story.others(document) else [],
        "conflicts": _conflicts(story, document, set(mine)),
    }


def _decisive(story: Story, mine: Sequence[int]) -> Sequence[int]:
    """Claims of a paragraph whose carriers count: its statements, if it makes any.

    That the event itself is told everywhere does not corroborate what somebody is said to have said of it.
    """
    return [i for i in mine if story.claims[i].statement] or mine


def _documents(story: Story, carriers: Sequence[Carrier]) -> list[int]:
    return sorted({story.claims[carrier.claim].document for carrier in carriers})


def _uncorroborated(story: Story, mine: Sequence[int]) -> list[str]:
    return [
        claim.said
        for i in mine
        if (claim := story.claims[i]).statement and not any(carrier.independent for carrier in story.carriers[i])
    ]


def _conflicts(story: Story, document: int, mine: set[int]) -> list[dict[str, str]]:
    found: dict[tuple[str, ...], None] = {}
    for conflict in story.conflicts:
        for own, other, here, there in (
            (conflict.first, conflict.second, conflict.here, conflict.there),
            (conflict.second, conflict.first, conflict.there, conflict.here),
        ):
            there_document = story.claims[other].document
            if own in mine and story.family[there_document] != story.family[document]:
                found[(conflict.what, here, there, story.documents[there_document].id)] = None
    return [dict(zip(("what", "here", "there", "in"), values, strict=True)) for values in found]


def features(story: Story) -> list[NDArray[np.float64]]:
    """Story columns of every paragraph of every document; arrays of shape (paragraphs, len(COLUMNS)).

    All zero for a document that stands alone, so that it scores exactly as without the story.
    """
    return [
        np.array([_row(story, number, place) for place in range(len(document.paragraphs))], dtype=np.float64).reshape(
            -1, len(COLUMNS)
        )
        for number, document in enumerate(story.documents)
    ]


def _row(story: Story, document: int, paragraph: int) -> list[float]:
    mine = story.by_paragraph.get((document, paragraph), [])
    others = story.others(document)
    if not mine or not others:
        return [0.0] * len(COLUMNS)
    statements = [i for i in mine if story.claims[i].statement]
    traced, untraced = _families(story, _decisive(story, mine))
    alone = not traced and not untraced
    own_trace = story.claims[mine[0]].traced
    conflicts = len(_conflicts(story, document, set(mine)))
    return [
        float(np.log1p(len(traced))) if statements else 0.0,
        float(np.log1p(len(untraced - traced))) if statements else 0.0,
        float(np.log1p(others)) if statements and alone and own_trace else 0.0,
        float(np.log1p(others)) if statements and alone and not own_trace else 0.0,
        float(not statements and alone),
        float(np.log1p(conflicts)),
    ]


def _families(story: Story, claims: Sequence[int]) -> tuple[set[int], set[int]]:
    """Text families that carry one of the claims independently: with a trace of its source, and without."""
    traced: set[int] = set()
    untraced: set[int] = set()
    for i in claims:
        for carrier in story.carriers[i]:
            if carrier.independent:
                other = story.claims[carrier.claim]
                (traced if other.traced else untraced).add(story.family[other.document])
    return traced, untraced


def adjust(
    log_odds_suspect: NDArray[Any], story_features: NDArray[Any], parameters: Parameters | None = None
) -> NDArray[Any]:
    """Calibrated log-odds of the suspect question, moved by what the other sources say.

    There is no intercept: rows of zeros, and so lone documents, keep their log-odds to the last bit.

    Parameters
    ----------
    log_odds_suspect : float array (n,)
        After calibration (slope and shift), in natural logarithms.
    story_features : float array (n, len(COLUMNS))
    parameters : Parameters, optional
    """
    weights = (parameters or default_parameters()).adjust_weights
    moved: NDArray[Any] = log_odds_suspect + (story_features @ weights).astype(log_odds_suspect.dtype)
    return moved


def reasons(story: Story, document: int, paragraph: int) -> tuple[Reason, ...]:
    """Say for people what the other sources have of a paragraph; empty where there is nothing to say.

    Codes: `story-carried`, `story-copied`, `story-alone`, `story-conflict`.
    """
    mine = story.by_paragraph.get((document, paragraph), [])
    others = story.others(document)
    if not mine or not others:
        return ()
    data = paragraph_data(story, document, paragraph)
    statements = [i for i in mine if story.claims[i].statement]
    found: list[Reason] = []
    if data["corroborated_by"]:
        traced, _ = _families(story, _decisive(story, mine))
        source = " with its source" if traced and statements else ""
        found.append(Reason("story-carried", f"carried by {_listed(data['corroborated_by'])}{source}"))
    elif data["copied_in"]:
        found.append(Reason("story-copied", f"the same text stands in {_listed(data['copied_in'])}: one source"))
    if statements and not data["corroborated_by"]:
        what = "quotation" if any(story.claims[i].quoted for i in statements) else "statement"
        found.append(Reason("story-alone", f"{_none_of(others)} {what}"))
    for conflict in data["conflicts"][:2]:
        text = f"{conflict['what']}: “{conflict['here']}” here, “{conflict['there']}” in {conflict['in']}"
        found.append(Reason("story-conflict", text))
    return tuple(found)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


_COUNT: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _none_of(others: int) -> str:
    if others == 1:
        return "the other source does not have this"
    return f"none of the {_COUNT[others] if others < len(_COUNT) else others} other sources has this"
