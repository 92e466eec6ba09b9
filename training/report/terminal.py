"""The report's main figures for a terminal of 80 columns."""

from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from classifier.labels import LABELS
from training.report.wording import interval, number, percent, signed, summary


def render_terminal(data: dict[str, Any], compare: dict[str, Any] | None = None) -> RenderableType:
    """Give a rich renderable: scores by label with intervals, confusion matrix, Brier, ECE, baselines.

    Parameters
    ----------
    data : dict
        Of `evaluation.evaluate`.
    compare : dict, optional
        Of `evaluation.compare`; its differences stand at the end.
    """
    strict, after, before = data["strict"], data["calibration"]["after"], data["calibration"]["before"]
    parts: list[RenderableType] = [Text(" ".join(summary(data))), Text(), _scores(strict), _confusion(strict)]
    line = "   ".join(f"{name} {number(after[key]['value'])} [{interval(after[key])}]" for name, key in _CALIBRATION)
    parts.append(Text(line))
    if before is not None:
        parts.append(Text("   ".join(f"{name} before {number(before[key]['value'])}" for name, key in _CALIBRATION)))
    parts += [Text(), _baselines(data)]
    if compare is not None:
        parts += [Text(), _compared(compare)]
    return Group(*parts)


_CALIBRATION = (("Brier", "brier"), ("ECE", "ece"))


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _scores(strict: dict[str, Any]) -> Table:
    table = _table("Scores, 95% intervals over documents", "label", "precision", "recall", "F1", "n")
    names = ("precision", "recall", "f1")
    for label in LABELS:
        row = strict["labels"][label]
        table.add_row(label, *(_both(row[name]) for name in names), f"{row['support']:,}")
    for mean in ("macro", "weighted"):
        table.add_row(mean, *(_both(strict[mean][name]) for name in names), f"{strict['paragraphs']:,}")
    table.add_row("accuracy", "", "", _both(strict["accuracy"]), f"{strict['paragraphs']:,}")
    return table


def _both(figure: dict[str, Any]) -> str:
    return f"{number(figure['value'], 2)} {interval(figure, 2)}"


def _confusion(strict: dict[str, Any]) -> Table:
    table = _table("Confusion: gold in rows, predicted in columns", "gold", *LABELS)
    for label, row in zip(LABELS, strict["confusion"], strict=True):
        table.add_row(label, *(f"{count:,} {percent(count / max(sum(row), 1)):>4}" for count in row))
    return table


def _baselines(data: dict[str, Any]) -> Table:
    table = _table("Against baselines", "baseline", "macro-F1", "model's lead", "accuracy")
    for row in data["baselines"]:
        lead = row["lead"]["macro_f1"]
        table.add_row(
            row["name"],
            number(row["macro_f1"]["value"], 2),
            f"{signed(lead['value'], 2)} ({interval(lead, 2)})",
            number(row["accuracy"]["value"], 2),
        )
    return table


def _compared(compare: dict[str, Any]) -> Table:
    table = _table("Against the old metrics", "figure", "old", "new", "difference", "beyond noise")
    for row in compare["rows"]:
        verdict = "no" if row["better"] is None else "better" if row["better"] else "WORSE"
        difference = f"{signed(row['difference']['value'])} ({interval(row['difference'])})"
        table.add_row(row["name"], number(row["old"]), number(row["new"]), difference, verdict)
    return table
