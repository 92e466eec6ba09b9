"""The story page: sources side by side, what the others carry of each paragraph, conflicts, filters.

One HTML file without scripts: filters are check boxes that the style sheet reads. All text is escaped, and a
content security policy lets nothing in but the style sheet itself, by its hash.
"""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from classifier.story.digest import digest, headline
from classifier.story.reading import Story, paragraph_data, reasons

if TYPE_CHECKING:
    from jinja2 import Template

#: What a paragraph is marked as, in the order in which the first that holds is taken, and what it means.
MARKS: Final = {
    "carried": "carried by an independent source",
    "copied": "the same text elsewhere, one source",
    "alone": "a statement that no other source has",
    "plain": "nothing to compare",
}


def render_page(story: Story, labels: Sequence[Sequence[str]] | None = None, title: str = "") -> str:
    """Render a story as one self-contained HTML page.

    Parameters
    ----------
    story : Story
    labels : sequence of sequence of str, optional
        Label of every paragraph of every document, shown beside it.
    title : str, optional
        The first document's headline, by default.
    """
    return render_pages([story], [labels] if labels else None, title or headline(story, 0))


def render_pages(
    stories: Sequence[Story], labels: Sequence[Sequence[Sequence[str]]] | None = None, title: str = ""
) -> str:
    """Render stories under one another as one self-contained HTML page.

    Parameters
    ----------
    stories : sequence of Story
    labels : sequence of sequence of sequence of str, optional
        For every story, the label of every paragraph of every document.
    title : str, optional
        Their number, by default, or the headline of the only one.
    """
    title = title or (headline(stories[0], 0) if len(stories) == 1 else f"{len(stories)} stories")
    style = (files("classifier.story") / "page.css").read_text("utf-8")
    return _template().render(
        title=title,
        style=style,
        policy=f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'",
        marks=MARKS,
        parts=[_part(story, number, labels[number] if labels else None) for number, story in enumerate(stories)],
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only when a page is written

    environment = Environment(
        loader=PackageLoader("classifier.story", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _part(story: Story, number: int, labels: Sequence[Sequence[str]] | None) -> dict[str, Any]:
    return {
        "prefix": f"s{number}" if number else "",  # ids are unique on the whole page
        "title": headline(story, 0),
        "digest": digest(story),
        "columns": [_column(story, i, labels[i] if labels else None) for i in range(len(story.documents))],
        "places": {document.id: i for i, document in enumerate(story.documents)},
    }


def _column(story: Story, number: int, labels: Sequence[str] | None) -> dict[str, Any]:
    document = story.documents[number]
    copies = [
        story.documents[copy.second if copy.first == number else copy.first].id
        for copy in story.copies
        if number in (copy.first, copy.second)
    ]
    return {
        "id": document.id,
        "source": document.source,
        "copies": copies,
        "paragraphs": [
            _paragraph(story, number, place, labels[place] if labels else "")
            for place in range(len(document.paragraphs))
        ],
    }


def _paragraph(story: Story, number: int, place: int, label: str) -> dict[str, Any]:
    data = paragraph_data(story, number, place)
    mine = story.by_paragraph.get((number, place), [])
    links: dict[tuple[int, int], bool] = {}
    for i in mine:
        for carrier in story.carriers[i]:
            claim = story.claims[carrier.claim]
            links[(claim.document, claim.paragraph)] = carrier.independent
    if data["corroborated_by"]:
        mark = "carried"
    elif data["copied_in"]:
        mark = "copied"
    else:
        mark = "alone" if data["uncorroborated"] else "plain"
    return {
        "text": story.documents[number].paragraphs[place].text,
        "label": label,
        "mark": mark,
        "conflicts": data["conflicts"],
        "reasons": reasons(story, number, place),
        "links": [
            {"document": d, "paragraph": p, "name": story.documents[d].id, "independent": independent}
            for (d, p), independent in sorted(links.items())
        ],
    }
