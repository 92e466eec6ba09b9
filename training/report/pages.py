"""The report as a web page and as Markdown."""

import base64
import hashlib
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from classifier.labels import LABELS, MEANING
from training.report import wording
from training.report.figures import CAPTIONS

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#])")


def render_html(data: dict[str, Any], figures: dict[str, str], compare: dict[str, Any] | None) -> str:
    """One self-contained page; every text is escaped, and its policy lets it load and run nothing.

    Parameters
    ----------
    data : dict
        Of `evaluation.evaluate`.
    figures : dict of str to str
        SVG by name, of `draw_figures`.
    compare : dict, optional
    """
    environment = _environment(escaped=True)
    style = environment.get_template("report.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        **_context(data, compare),
        figures={name: Markup(svg) for name, svg in figures.items()},
        style=Markup(style),
        style_digest=digest,
    )


def render_markdown(data: dict[str, Any], figures: list[str], compare: dict[str, Any] | None) -> str:
    """Render the report as Markdown; the figures stand beside it in figures/."""
    template = _environment(escaped=False).get_template("report.md.j2")
    return template.render(**_context(data, compare), figures=figures)


def _context(data: dict[str, Any], compare: dict[str, Any] | None) -> dict[str, Any]:
    handed = [
        row for row in data["risk_coverage"]["points"] if round(row["coverage"] * 100) in (50, 70, 80, 90, 95, 100)
    ]
    return {
        "data": data,
        "compare": compare,
        "labels": LABELS,
        "meaning": MEANING,
        "captions": CAPTIONS,
        "summary": wording.summary(data),
        "protocol": wording.flat({k: v for k, v in data["protocol"].items() if k not in ("files", "date")}),
        "files": data["protocol"].get("files") or [],
        "model": wording.flat(data["model"]),
        "versions": wording.flat(data["versions"]),
        "handed": handed[::-1],
    }


@cache
def _environment(*, escaped: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("training.report"),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for filter_ in (wording.number, wording.signed, wording.interval, wording.percent, wording.probability):
        environment.filters[filter_.__name__] = filter_
    environment.filters["plain"] = _plain
    return environment


def _plain(text: object) -> str:
    """Any text as one line of Markdown that means nothing but itself."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))
