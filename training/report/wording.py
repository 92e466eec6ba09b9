"""How figures are written for people, in every form of the report alike."""

from typing import Any

NOTHING = "–"


def number(value: float | None, digits: int = 3) -> str:
    """0.123, or a dash for what is not defined."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 3) -> str:
    """+0.012 or −0.012."""
    return NOTHING if value is None else f"{value:+.{digits}f}".replace("-", "−")


def interval(figure: dict[str, Any], digits: int = 3) -> str:
    """0.712–0.745, the ends of a 95% interval."""
    if figure["low"] is None or figure["high"] is None:
        return NOTHING
    dash = "–" if figure["low"] >= 0 else " to "
    write = number if figure["low"] >= 0 else signed
    return f"{write(figure['low'], digits)}{dash}{write(figure['high'], digits)}"


def percent(value: float | None, digits: int = 0) -> str:
    """12%."""
    return NOTHING if value is None else f"{value:.{digits}%}"


def probability(p: float) -> str:
    """How likely by chance: 0.034 or < 0.001."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def flat(card: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Rows of a nested dict, a row for each innermost one: `trained on: documents` -> `own 651; page 318`."""
    rows: list[tuple[str, str]] = []
    for key, value in card.items():
        name = f"{prefix}{key}".replace("_", " ")
        if not isinstance(value, dict):
            rows.append((name, _plain(value)))
        elif any(isinstance(part, dict) for part in value.values()):
            rows.extend(flat(value, f"{name}: "))
        else:
            rows.append((name, "; ".join(f"{part} {_plain(given)}" for part, given in value.items()) or "none"))
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def summary(data: dict[str, Any]) -> list[str]:
    """Two or three sentences that say the result."""
    strict = data["strict"]
    macro, accuracy = strict["macro"]["f1"], strict["accuracy"]
    weakest, figures = min(strict["labels"].items(), key=lambda item: item[1]["f1"]["value"] or 0.0)
    best = max(data["baselines"], key=lambda row: row["macro_f1"]["value"] or 0.0)
    lead = best["lead"]["macro_f1"]
    beyond = lead["low"] is not None and lead["low"] > 0
    return [
        f"Macro-F1 is {number(macro['value'])} (95% interval {interval(macro)}), accuracy "
        f"{number(accuracy['value'])} ({interval(accuracy)}), over {strict['paragraphs']:,} paragraphs of "
        f"{data['data']['documents_judged']:,} documents.",
        f"The weakest label is {weakest}: F1 {number(figures['f1']['value'])} ({interval(figures['f1'])}), "
        f"precision {number(figures['precision']['value'])}, recall {number(figures['recall']['value'])}.",
        f"The best baseline is {best['name']} with macro-F1 {number(best['macro_f1']['value'])}; the model's "
        f"lead of {signed(lead['value'])} ({interval(lead)}) is {'' if beyond else 'not '}larger than noise.",
    ]
