"""One self-contained page: the scored documents as data, with the style and the script that show them.

The page may run one script and one style sheet, named by their hashes in its content security policy, and may
fetch nothing. Scraped text gets in as JSON only, and the script puts it on the page as text, never as markup.
"""

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson

from classifier.document import Document, Gold, ScoredParagraph
from classifier.labels import LABELS, MEANING, REASON_CODES
from training.corpus import NOTED
from training.review.guide import FIRST, MIXED, RULES
from training.review.judgement import is_judged
from training.review.uncertain import Scored, select_uncertain, site

_HERE: Final = files("training") / "review"


def write_review(scored: Iterable[Scored], path: Path, only: int | None = None, title: str = "newsift review") -> int:
    """Write the review page.

    Parameters
    ----------
    scored : iterable of Scored
        Documents with their scored paragraphs. Labels that a person gave before (`gold`) are kept and shown.
    path : Path
        The page to write.
    only : int, optional
        Ask about this many paragraphs, the most uncertain ones; their documents come whole, as context.
    title : str
        Heading of the page.

    Returns
    -------
    int
        Paragraphs that the page asks about: those picked, or all.

    Raises
    ------
    ValueError
        No paragraph to review, or `only` is not positive.
    """
    if only is not None and only < 1:
        raise ValueError(f"--only uncertain {only}: give at least 1")
    documents = [item for item in scored if item.paragraphs]
    if not documents:
        raise ValueError("nothing to review: the sources have no paragraph")
    picks = set(select_uncertain(documents, only)) if only is not None else set()
    shown = [
        _document(item, {p for d, p in picks if d == place})
        for place, item in enumerate(documents)
        if only is None or any(d == place for d, _ in picks)
    ]
    _write(path, render(shown, title))
    return len(picks) if only is not None else sum(len(item["paragraphs"]) for item in shown)


def render(documents: list[dict[str, Any]], title: str) -> str:
    """Give the page for documents as `_document` describes them."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only this command needs templates
    from markupsafe import Markup  # noqa: PLC0415

    data = {"labels": LABELS, "codes": list(REASON_CODES), "documents": documents}
    # Work in progress is stored under this name, so that it meets the very same page again and no other.
    digest = hashlib.sha256(orjson.dumps(documents)).hexdigest()[:16]
    style, script = _read("page.css"), _read("page.js")
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(_read("page.html"))
    return page.render(
        title=title,
        policy="; ".join(
            (
                "default-src 'none'",
                f"script-src {_hash(script)}",
                f"style-src {_hash(style)}",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
        style=Markup(style),
        script=Markup(script),
        data=Markup(json_in_html({"digest": digest, **data})),
        labels=list(enumerate(LABELS, 1)),
        meaning=MEANING,
        codes=REASON_CODES,
        rules=RULES,
        first=FIRST,
        mixed=MIXED,
        documents=[(index, item["title"]) for index, item in enumerate(documents)],
        picked=any(paragraph["picked"] for item in documents for paragraph in item["paragraphs"]),
    )


def json_in_html(value: Any) -> str:
    """JSON that no HTML parser can mistake for markup, wherever in a script element it stands."""
    text = orjson.dumps(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _document(item: Scored, picked: set[int]) -> dict[str, Any]:
    document = item.document
    return {
        "id": document.id,
        "source": site(document),
        "url": document.url,
        "noted": {name: document.metadata[name] for name in NOTED if document.metadata.get(name)},
        "title": document.metadata.get("title") or _name(document),
        "paragraphs": [
            _paragraph(scored, paragraph.gold, place in picked)
            for place, (paragraph, scored) in enumerate(zip(document.paragraphs, item.paragraphs, strict=True))
        ],
    }


def _name(document: Document) -> str:
    return document.id.rsplit("/", 1)[-1]


def _paragraph(scored: ScoredParagraph, gold: Gold | None, picked: bool) -> dict[str, Any]:
    given = gold if gold is not None and is_judged(gold) else None
    return {
        "text": scored.text,
        "label": scored.label,
        "confidence": round(float(scored.confidence), 4),
        "probabilities": [round(float(scored.probabilities[label]), 4) for label in LABELS],
        "reasons": [[reason.code, reason.text] for reason in scored.reasons],
        "given": {"label": given.label, "also": given.also, "reason": given.reason} if given else None,
        "picked": picked,
    }


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
