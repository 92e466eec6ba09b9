"""The report as a folder of files, each complete or not there."""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import orjson

from training.report import figures, pages

HTML: Final = "report.html"
MARKDOWN: Final = "report.md"
METRICS: Final = "metrics.json"
FIGURES: Final = "figures"


def write_report(data: dict[str, Any], folder: Path, compare: dict[str, Any] | None = None) -> list[Path]:
    """Write report.html, report.md, metrics.json and figures/*.svg, *.png into a folder.

    All files are made in a temporary folder and then moved; figures of an older report that this one does not
    have are removed.

    Parameters
    ----------
    data : dict
        Of `evaluation.evaluate`.
    folder : Path
        Made if it is not there; other files in it stay.
    compare : dict, optional
        Of `evaluation.compare`.

    Returns
    -------
    list of Path
        The files, the page first.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        inline = figures.draw_figures(data, temporary / FIGURES)
        (temporary / HTML).write_text(pages.render_html(data, inline, compare), encoding="utf-8")
        (temporary / MARKDOWN).write_text(pages.render_markdown(data, list(inline), compare), encoding="utf-8")
        whole = data if compare is None else {**data, "compare": compare}
        (temporary / METRICS).write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        names = [f"{FIGURES}/{name}.{kind}" for name in inline for kind in ("svg", "png")]
        names = [HTML, MARKDOWN, METRICS, *names]
        (folder / FIGURES).mkdir(exist_ok=True)
        for name in reversed(names):
            (temporary / name).replace(folder / name)
        for name in set(figures.FIGURES) - set(inline):
            for kind in ("svg", "png"):
                (folder / FIGURES / f"{name}.{kind}").unlink(missing_ok=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [folder / name for name in names]
