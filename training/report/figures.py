"""The figures of a report, drawn from its plain data; 4.4 inches wide, so that a phone shows them unscaled.

Colours are Okabe and Ito's (2008), told apart by colour-blind readers; every line has its own dashes too.
"""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from classifier.labels import CHROME, CORE, LABELS, OFF_TOPIC, SUSPECT

COLOURS: Final = {CORE: "#0072B2", OFF_TOPIC: "#E69F00", CHROME: "#009E73", SUSPECT: "#D55E00"}
DASHES: Final[dict[str, Any]] = {
    CORE: "-",
    OFF_TOPIC: (0, (6, 2)),
    CHROME: (0, (1, 1.2)),
    SUSPECT: (0, (6, 2, 1, 2)),
}
MARKERS: Final = {CORE: "o", OFF_TOPIC: "s", CHROME: "^", SUSPECT: "D"}
ACCENT: Final = "#0072B2"
OTHER: Final = "#CC79A7"
WIDTH: Final = 4.4
#: Stands for the colour of text; in the page it becomes the page's own, light or dark.
INK: Final = "#1a1c1e"
WORST: Final = 20
#: Paragraphs without which a bin of the reliability diagrams is not drawn.
MIN_BIN: Final = 10
_RC: Final[Any] = {
    "svg.hashsalt": "newsift",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def draw_figures(data: dict[str, Any], folder: Path) -> dict[str, str]:
    """Write every figure that the data has as SVG and PNG; return the SVG that stands in the page, by name.

    Drawing the same data twice gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inline = {}
    with mpl.rc_context(_RC):
        for name, draw in FIGURES.items():
            figure = draw(data)
            if figure is None:
                continue
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # laid out once for all three files
            figure.savefig(folder / f"{name}.png", dpi=160, facecolor="white", metadata={"Software": None})
            figure.savefig(folder / f"{name}.svg", facecolor="white", metadata={"Date": None})
            page = io.StringIO()
            figure.savefig(page, format="svg", transparent=True, metadata={"Date": None})
            inline[name] = for_page(page.getvalue(), name)
    return inline


# -- an SVG file as a part of a page ---------------------------------------------------------------


def for_page(svg: str, name: str) -> str:
    """Make an SVG file fit to stand in a page.

    Style attributes, which the page's policy forbids, become attributes of their own; ids begin with the
    figure's name; text takes the page's colour.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r' style="([^"]*)"', lambda found: "".join(_attributes(found[1])), svg)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = svg.replace(INK, "currentColor")
    head, rest = svg.split(">", 1)
    head = re.sub(r' (width|height)="([\d.]+)pt"', "", head)
    return f'{head} stroke-linejoin="round" stroke-linecap="butt" aria-hidden="true">{rest.strip()}'


def _attributes(style: str) -> Iterator[str]:
    """Turn CSS declarations into SVG presentation attributes."""
    for declaration in style.split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font":
            yield from (f' font-size="{size}"' for size in re.findall(r"[\d.]+px", value)[:1])
            if "bold" in value or re.match(r"\s*700\b", value):
                yield ' font-weight="bold"'
        elif key and key != "font-family":
            yield f' {key}="{value}"'


# -- the figures -----------------------------------------------------------------------------------


def _figure(height: float = 3.3) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot()


def _shares(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.25, linewidth=0.6)


def _numbers(values: list[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _whiskers(rows: list[dict[str, Any]]) -> tuple[list[float], list[list[float]]]:
    """Values and distances to the ends of their intervals, for error bars."""
    values = _numbers([row["value"] for row in rows])
    low = [value - v if (v := row["low"]) is not None else 0.0 for value, row in zip(values, rows, strict=True)]
    high = [v - value if (v := row["high"]) is not None else 0.0 for value, row in zip(values, rows, strict=True)]
    return values, [[max(0.0, x) for x in low], [max(0.0, x) for x in high]]


def _classes(data: dict[str, Any]) -> Figure:
    figure, axes = _figure(2.8)
    places = range(len(LABELS))
    for baseline, marker, shift in zip(data["baselines"][1:], "x+vd*", (0.16, 0.28, 0.4, 0.4, 0.4), strict=False):
        values = _numbers([baseline["labels"][label] for label in LABELS])
        axes.plot(
            values,
            [y + shift for y in places],
            marker,
            color="#7a7f85",
            mfc="none",
            ms=5,
            label=baseline["name"],
            ls="",
        )
    values, ends = _whiskers([data["strict"]["labels"][label]["f1"] for label in LABELS])
    for y, label in enumerate(LABELS):
        ends_here = [[ends[0][y]], [ends[1][y]]]
        axes.errorbar(values[y], y, xerr=ends_here, fmt=MARKERS[label], color=COLOURS[label], capsize=3)
    axes.plot([], [], "o", color=INK, label="model, 95% interval")
    axes.set_yticks(list(places), LABELS)
    axes.set_ylim(len(LABELS) - 0.3, -0.4)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("F1")
    axes.grid(axis="x", alpha=0.25, linewidth=0.6)
    figure.legend(loc="outside lower center", ncols=2, fontsize=7)
    return figure


def _confusion(data: dict[str, Any]) -> Figure:
    figure, axes = _figure(3.5)
    rows = data["strict"]["confusion"]
    shares = [[count / max(sum(row), 1) for count in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(rows):
        for j, count in enumerate(row):
            colour = "white" if shares[i][j] > 0.55 else "#111111"
            axes.text(j, i, f"{shares[i][j]:.0%}\n{count:,}", ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(LABELS)), LABELS)
    axes.set_yticks(range(len(LABELS)), LABELS)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold label")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


def _precision_recall(data: dict[str, Any]) -> Figure:
    figure, axes = _figure()
    for label, curve in data["precision_recall"].items():
        name = f"{label}, AP {curve['average_precision']:.2f} (share {curve['share']:.0%})"
        axes.step(
            _numbers(curve["recall"]),
            _numbers(curve["precision"]),
            where="post",
            color=COLOURS[label],
            linestyle=DASHES[label],
            label=name,
        )
    _shares(axes)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.legend(loc="lower left")
    return figure


def _thresholds(data: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(WIDTH, 4.2), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True, sharey=True)
    for axes, (label, curve) in zip(grid.flat, data["thresholds"].items(), strict=True):
        axes.plot(curve["threshold"], _numbers(curve["precision"]), color=ACCENT, label="precision")
        axes.plot(
            curve["threshold"],
            _numbers(curve["recall"]),
            color=COLOURS[SUSPECT],
            ls=(0, (4, 2)),
            label="recall",
        )
        _shares(axes)
        axes.set_title(label)
    figure.supxlabel("said when its probability is at least …", fontsize=9)
    figure.legend(*grid.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def _reliability(data: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(WIDTH, 4.0), layout="constrained")
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    drawn = (("before", OTHER, "s", (0, (4, 2))), ("after", ACCENT, "o", "-"))
    for when, colour, marker, dashes in drawn:
        part = data["calibration"][when]
        if part is None:
            continue
        bins = [row for row in part["reliability"] if row["paragraphs"] >= MIN_BIN]
        confidence = [row["confidence"] for row in bins]
        values, ends = _whiskers([row["right"] for row in bins])
        axes.errorbar(
            confidence,
            values,
            yerr=ends,
            color=colour,
            marker=marker,
            markersize=4,
            linestyle=dashes,
            elinewidth=0.8,
            label=f"{when} calibration, ECE {part['ece']['value']:.3f}",
        )
        below.plot(
            confidence,
            [row["paragraphs"] for row in bins],
            color=colour,
            marker=marker,
            markersize=4,
            linestyle=dashes,
        )
    _shares(axes)
    axes.set_ylabel("share that was right")
    axes.legend(loc="upper left")
    below.set_yscale("log")
    below.set_ylabel("paragraphs")
    below.set_xlabel("probability of the most probable label")
    below.grid(alpha=0.25, linewidth=0.6)
    return figure


def _label_reliability(data: dict[str, Any]) -> Figure:
    figure, axes = _figure()
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    for label, part in data["calibration"]["after"]["labels"].items():
        bins = [row for row in part["reliability"] if row["paragraphs"] >= MIN_BIN]
        axes.plot(
            [row["confidence"] for row in bins],
            _numbers([row["right"]["value"] for row in bins]),
            color=COLOURS[label],
            linestyle=DASHES[label],
            marker=MARKERS[label],
            markersize=4,
            label=label,
        )
    _shares(axes)
    axes.set_xlabel("probability given to the label")
    axes.set_ylabel("share that had it")
    axes.legend(loc="upper left")
    return figure


def _risk_coverage(data: dict[str, Any]) -> Figure:
    figure, axes = _figure()
    points = data["risk_coverage"]["points"]
    handed = [1 - row["coverage"] for row in points]
    accuracy, macro = (_numbers([row[key] for row in points]) for key in ("accuracy", "macro_f1"))
    axes.plot(handed, accuracy, color=ACCENT, marker="o", markersize=3, label="accuracy")
    axes.plot(
        handed,
        macro,
        color=COLOURS[SUSPECT],
        ls=(0, (4, 2)),
        marker="s",
        markersize=3,
        label="macro-F1 (labels left)",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("least sure paragraphs handed to a person")
    axes.set_ylabel("of the rest")
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.legend()
    return figure


def _slices(data: dict[str, Any]) -> Figure | None:
    rows = [row for row in data["slices"] if not row["small"]][:WORST]
    if not rows:
        return None
    figure, axes = _figure(0.9 + 0.24 * len(rows))
    values, ends = _whiskers([row["accuracy"] for row in rows])
    axes.errorbar(values, range(len(rows)), xerr=ends, fmt="o", color=ACCENT, capsize=2, markersize=4, linewidth=1.2)
    axes.axvline(data["strict"]["accuracy"]["value"], color=INK, linewidth=0.8, linestyle=":")
    names = [f"{row['dimension']}: {_short(row['value'])}" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("accuracy (dotted: all)")
    axes.grid(axis="x", alpha=0.25, linewidth=0.6)
    return figure


def _short(name: str) -> str:
    # A dollar sign would start a formula.
    return (name if len(name) <= 22 else name[:21] + "…").replace("$", r"\$")


def _learning_curve(data: dict[str, Any]) -> Figure | None:
    rows = data["learning_curve"]
    if not rows:
        return None
    figure, axes = _figure(2.8)
    points = [{"value": row["macro_f1"], "low": row.get("low"), "high": row.get("high")} for row in rows]
    values, ends = _whiskers(points)
    axes.errorbar([row["documents"] for row in rows], values, yerr=ends, color=ACCENT, marker="o", capsize=3)
    axes.set_xlabel("training documents")
    axes.set_ylabel("macro-F1")
    axes.grid(alpha=0.25, linewidth=0.6)
    return figure


def _ablations(data: dict[str, Any]) -> Figure | None:
    rows = data["ablations"]
    if not rows:
        return None
    figure, axes = _figure(0.9 + 0.28 * len(rows))
    points = [{"value": row["macro_f1"], "low": row.get("low"), "high": row.get("high")} for row in rows]
    values, ends = _whiskers(points)
    axes.errorbar(values, range(len(rows)), xerr=ends, fmt="o", color=ACCENT, capsize=3)
    axes.axvline(values[0], color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(rows)), [_short(str(row["name"])) for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("macro-F1")
    axes.grid(axis="x", alpha=0.25, linewidth=0.6)
    return figure


#: Every figure: name of its files, how it is drawn (None: the data has nothing to draw).
FIGURES: Final[dict[str, Callable[[dict[str, Any]], Figure | None]]] = {
    "classes": _classes,
    "confusion": _confusion,
    "precision_recall": _precision_recall,
    "thresholds": _thresholds,
    "reliability": _reliability,
    "label_reliability": _label_reliability,
    "risk_coverage": _risk_coverage,
    "slices": _slices,
    "learning_curve": _learning_curve,
    "ablations": _ablations,
}
#: What each figure says to somebody who does not see it, and the caption under it.
CAPTIONS: Final[dict[str, str]] = {
    "classes": "F1 of each label, with the interval of the model and the values of the baselines.",
    "confusion": "Share of each gold label's paragraphs by predicted label, and counts.",
    "precision_recall": "Precision against recall, one label against the rest.",
    "thresholds": "Precision and recall if a label is said whenever its probability reaches a threshold.",
    "reliability": "Of paragraphs given a probability, the share that was right; the diagonal is perfect. "
    f"Bins of fewer than {MIN_BIN} paragraphs are not drawn.",
    "label_reliability": "The same for each label's own probability, after calibration.",
    "risk_coverage": "What remains when the least sure paragraphs go to a person. Macro-F1 can fall: rare "
    "labels are often the first to go.",
    "slices": "Slices with the lowest accuracy, small ones left out.",
    "learning_curve": "Macro-F1 against the number of training documents.",
    "ablations": "Macro-F1 when a part of the model is left out.",
}
