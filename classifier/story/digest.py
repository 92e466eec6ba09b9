"""The story's digest, as plain data: what all carry, what only one carries, who is quoted where."""

import re
from collections.abc import Sequence
from typing import Any, Final

from classifier.story.names import plain, same_person
from classifier.story.reading import Story

#: Shorter lines at the top of a page are menus and section names.
HEADLINE_WORDS: Final = 4
_NAVIGATION = re.compile(r"\s[|>/»·]\s")


def digest(story: Story) -> dict[str, Any]:
    """Sum a story up.

    Returns
    -------
    dict
        `documents`: id, headline, number of the text it is (`text`: copies share it), quotations;
        `texts`: number of independent texts;
        `copies`: the documents that are one text, the share in common, a credit line if there is one;
        `carried_by_all`, `carried_by_several`, `carried_by_one`: claims with their carriers (the last holds
        quotations and statements only); `speakers`: names with their spellings and quotations;
        `conflicts`: what, and each version with the documents that have it.
    """
    names = [document.id for document in story.documents]
    groups = _claim_groups(story)
    texts = len(set(story.family))
    carried = [_carried(story, group) for group in groups]
    several = [entry for entry in carried if 1 < entry["texts"] < texts]
    alone = [
        entry
        for entry, group in zip(carried, groups, strict=True)
        if entry["texts"] == 1 and any(story.claims[i].statement for i in group)
    ]
    return {
        "documents": [
            {
                "id": document.id,
                "headline": headline(story, number),
                "text": story.family[number],
                "quotations": sum(claim.quoted and claim.document == number for claim in story.claims),
            }
            for number, document in enumerate(story.documents)
        ],
        "texts": texts,
        "copies": [
            {
                "documents": [names[copy.first], names[copy.second]],
                "share": round(copy.share, 2),
                "credit": copy.credit,
            }
            for copy in story.copies
        ],
        "carried_by_all": [entry for entry in carried if texts > 1 and entry["texts"] == texts],
        "carried_by_several": sorted(several, key=lambda entry: -entry["texts"]),
        "carried_by_one": alone,
        "speakers": _speakers(story, groups),
        "conflicts": _conflicts(story),
    }


def headline(story: Story, document: int) -> str:
    """Title of a document: what its head says, or its first line that is no menu."""
    source = story.documents[document]
    title = source.metadata.get("title", "")
    lines = (paragraph.text for paragraph in source.paragraphs if _NAVIGATION.search(paragraph.text) is None)
    lines = (line for line in lines if len(line.split()) >= HEADLINE_WORDS)
    return title or next(lines, source.id)


def _claim_groups(story: Story) -> list[list[int]]:
    """Claims that are one claim, as sorted indices; connected over their carriers."""
    group_of: dict[int, list[int]] = {i: [i] for i in range(len(story.claims))}
    for i, carriers in enumerate(story.carriers):
        for carrier in carriers:
            one, two = group_of[i], group_of[carrier.claim]
            if one is not two:
                one.extend(two)
                group_of.update(dict.fromkeys(two, one))
    unique = {id(group): group for group in group_of.values()}
    return [sorted(group) for group in unique.values()]


def _carried(story: Story, group: Sequence[int]) -> dict[str, Any]:
    claims = [story.claims[i] for i in group]
    fullest = max(claims, key=lambda claim: (claim.quoted, len(claim.said)))
    documents = sorted({claim.document for claim in claims})
    return {
        "text": fullest.said,
        "quotation": fullest.quoted,
        "speaker": next((claim.speaker for claim in claims if claim.quoted and claim.speaker), ""),
        "documents": [story.documents[number].id for number in documents],
        "texts": len({story.family[number] for number in documents}),
        "traced_in": [story.documents[n].id for n in documents if any(c.traced for c in claims if c.document == n)],
        "paragraphs": sorted({(story.documents[c.document].id, c.paragraph) for c in claims}),
    }


def _speakers(story: Story, groups: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """People with what they are quoted as saying; spellings of one name are one person."""
    people: list[dict[str, Any]] = []
    for group in groups:
        quoted = [story.claims[i] for i in group if story.claims[i].quoted and story.claims[i].speaker]
        if not quoted:
            continue
        name = quoted[0].speaker
        person = next((p for p in people if any(same_person(name, known) for known in p["spellings"])), None)
        if person is None:
            person = {"name": name, "spellings": [], "quotations": []}
            people.append(person)
        for claim in quoted:
            # Another speaker of the same words is a conflict, not a spelling.
            if claim.speaker not in person["spellings"] and (same_person(claim.speaker, name)):
                person["spellings"].append(claim.speaker)
        entry = _carried(story, group)
        person["quotations"].append({"text": entry["text"], "documents": entry["documents"]})
    return sorted(people, key=lambda person: (-len(person["quotations"]), plain(person["name"])))


def _conflicts(story: Story) -> list[dict[str, Any]]:
    found: dict[tuple[str, frozenset[str]], dict[str, set[str]]] = {}
    for conflict in story.conflicts:
        one, two = (story.claims[i].document for i in (conflict.first, conflict.second))
        if story.family[one] == story.family[two]:
            continue
        versions = found.setdefault((conflict.what, frozenset({plain(conflict.here), plain(conflict.there)})), {})
        versions.setdefault(conflict.here, set()).add(story.documents[one].id)
        versions.setdefault(conflict.there, set()).add(story.documents[two].id)
    return [
        {
            "what": what,
            "versions": [{"text": text, "documents": sorted(ids)} for text, ids in sorted(versions.items())],
        }
        for (what, _), versions in found.items()
    ]
