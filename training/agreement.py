"""Agreement between people who labelled the same paragraphs: kappa, alpha, confusion, and what is in dispute.

Cohen's kappa (1960) corrects the agreement of two annotators for chance; Krippendorff's alpha (1980) does so
for any number of them and copes with paragraphs that not all have judged. Per label, alpha is taken of the
yes-or-no question "is it this label?". Both are computed by `nltk.metrics.agreement`.

Paragraphs are compared by document id, number and text. What nobody or only one annotator judged
(`training.review.judgement`) is no part of any figure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.document import Document, Gold, Paragraph, Reason, ScoredParagraph
from classifier.labels import LABELS
from training.corpus import CorpusError, read_labelled
from training.review.judgement import is_judged

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Disputed paragraphs and mismatches that the table on the terminal shows.
SHOWN: Final = 20
#: One judgement: annotator, paragraph, label.
Triple = tuple[str, tuple[str, int], str]


@dataclass(slots=True, frozen=True)
class Voted:
    """A document whose paragraphs carry the annotators' votes, in the shape that a review page takes."""

    document: Document
    paragraphs: list[ScoredParagraph]


def agree(annotations: Sequence[Path | Sequence[Document]]) -> dict[str, Any]:
    """Compare the labels of two or more annotators.

    Parameters
    ----------
    annotations : sequence of Path or of sequences of Document
        The labelled files, or labelled documents, of each annotator.

    Returns
    -------
    dict
        `annotators`; `documents` and `paragraphs` compared; `observed`, the share of paragraphs with
        one label from all; `lenient`, the same where a label that the others call acceptable counts as
        theirs; `kappa` with `pairs` and `mean`; `alpha` with `overall` and `labels`; `confusion`, for each
        pair, counts (4, 4) in the order of the labels; `disputes`; `mismatches`. A figure is None
        where it is not defined, as when only one label was ever used.

    Raises
    ------
    CorpusError
        Fewer than two annotators, an unreadable file, or no paragraph that two of them judged.
    """
    named = _named(annotations)
    if len(named) < 2:
        raise CorpusError("agreement needs the labels of two annotators or more; give two files")
    common, mismatches = _align(named)
    units = {
        (id, place): votes
        for id, copies in common.items()
        for place, votes in enumerate(_votes(copies))
        if len(votes) > 1
    }
    if not units:
        why = f" ({mismatches[0]})" if mismatches else ""
        raise CorpusError(f"no paragraph was judged by two annotators: documents are matched by id and text{why}")
    triples = [(name, unit, gold.label) for unit, votes in units.items() for name, gold in votes.items()]
    pairs = list(combinations(named, 2))
    kappas = {f"{a} – {b}": _kappa(triples, a, b) for a, b in pairs}
    defined = [value for value in kappas.values() if value is not None]
    return {
        "annotators": list(named),
        "documents": len({id for id, _ in units}),
        "paragraphs": len(units),
        "observed": sum(_same(votes.values()) for votes in units.values()) / len(units),
        "lenient": sum(_compatible(votes.values()) for votes in units.values()) / len(units),
        "kappa": {"pairs": kappas, "mean": sum(defined) / len(defined) if defined else None},
        "alpha": {
            "overall": _alpha(triples),
            "labels": {
                label: _alpha([(who, unit, str(label == given)) for who, unit, given in triples]) for label in LABELS
            },
        },
        "confusion": {f"{a} – {b}": _confusion(units.values(), a, b) for a, b in pairs},
        "disputes": [
            {
                "document": id,
                "paragraph": place,
                "text": _text(common[id], place),
                "labels": {name: gold.label for name, gold in votes.items()},
                "reasons": {name: gold.reason for name, gold in votes.items() if gold.reason},
                "tolerated": _compatible(votes.values()),
            }
            for (id, place), votes in units.items()
            if not _same(votes.values())
        ],
        "mismatches": mismatches,
    }


def disputed(annotations: Sequence[Path | Sequence[Document]]) -> list[Voted]:
    """Documents with a dispute, for `training.review.write_review`: shares of votes stand as probabilities.

    Paragraphs that all annotators label alike come as judged; those in dispute are left to judge.
    """
    common, _ = _align(_named(annotations))
    voted = []
    for id, copies in common.items():
        first = next(iter(copies.values()))
        golds = _votes(copies)
        if all(_same(votes.values()) for votes in golds):
            continue
        paragraphs = [
            Paragraph(p.text, gold=next(iter(votes.values())) if votes and _same(votes.values()) else None)
            for p, votes in zip(first.paragraphs, golds, strict=True)
        ]
        document = Document(id, paragraphs, first.source, first.url, dict(first.metadata))
        verdicts = [_verdict(id, i, p.text, golds[i]) for i, p in enumerate(paragraphs)]
        voted.append(Voted(document, verdicts))
    return voted


def render(result: dict[str, Any]) -> "RenderableType":
    """Show the result of `agree` on a terminal."""
    from rich.console import Group  # noqa: PLC0415 - start-up
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    figures = Table("figure", "value", title="Agreement", title_justify="left")
    figures.add_row("annotators", escape(", ".join(result["annotators"])))
    figures.add_row("documents, paragraphs", f"{result['documents']}, {result['paragraphs']}")
    figures.add_row("same label from all", f"{result['observed']:.1%}")
    figures.add_row("… or one called acceptable", f"{result['lenient']:.1%}")
    for pair, value in result["kappa"]["pairs"].items():
        figures.add_row(f"Cohen's kappa, {escape(pair)}", _figure(value))
    if len(result["kappa"]["pairs"]) > 1:
        figures.add_row("Cohen's kappa, mean", _figure(result["kappa"]["mean"]))
    figures.add_row("Krippendorff's alpha", _figure(result["alpha"]["overall"]))
    for label, value in result["alpha"]["labels"].items():
        figures.add_row(f"… {label}", _figure(value))
    parts: list[RenderableType] = [figures]
    for pair, counts in result["confusion"].items():
        table = Table("", *LABELS, title=f"Confusion, {escape(pair)} (rows – columns)", title_justify="left")
        for label, row in zip(LABELS, counts, strict=True):
            table.add_row(label, *map(str, row))
        parts.append(table)
    if result["disputes"]:
        parts.append(_disputes_table(result["disputes"]))
    mismatches = result["mismatches"]
    parts.extend(f"[yellow]not compared:[/] {escape(line)}" for line in mismatches[:SHOWN])
    if len(mismatches) > SHOWN:
        parts.append(f"[yellow]not compared:[/] {len(mismatches) - SHOWN} more")
    return Group(*parts)


def _disputes_table(disputes: Sequence[dict[str, Any]]) -> "RenderableType":
    from rich.markup import escape  # noqa: PLC0415 - start-up
    from rich.table import Table  # noqa: PLC0415

    title = f"In dispute: {len(disputes)}" + (f", the first {SHOWN}" if len(disputes) > SHOWN else "")
    table = Table("document", "paragraph", "labels", "text", title=title, title_justify="left")
    for item in disputes[:SHOWN]:
        labels = "\n".join(f"{name}: {label}" for name, label in item["labels"].items())
        text = item["text"] if len(item["text"]) <= 120 else f"{item['text'][:119]}…"
        table.add_row(escape(item["document"]), str(item["paragraph"]), escape(labels), escape(text))
    return table


def _figure(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.3f}"


# -- whose labels, of which paragraphs ----------------------------------------------------------------


def _named(annotations: Sequence[Path | Sequence[Document]]) -> dict[str, list[Document]]:
    """Documents by annotator; a file's name is its annotator's, with its folder where names are the same."""
    paths = [item for item in annotations if isinstance(item, Path)]
    stems = Counter(path.stem for path in paths)
    named: dict[str, list[Document]] = {}
    for number, item in enumerate(annotations, 1):
        if isinstance(item, Path):
            name = item.stem if stems[item.stem] == 1 else str(item)
            documents = read_labelled([item])
        else:
            name, documents = f"annotator {number}", list(item)
        if name in named:
            raise CorpusError(f"{name}: given twice; agreement is between different annotators")
        named[name] = documents
    return named


def _align(named: dict[str, list[Document]]) -> tuple[dict[str, dict[str, Document]], list[str]]:
    """Group the copies of each document that two or more have; say what cannot be compared."""
    mismatches: list[str] = []
    copies: dict[str, dict[str, Document]] = {}
    for name, documents in named.items():
        for document in documents:
            if name in copies.setdefault(document.id, {}):
                mismatches.append(f"{name} has the document {document.id!r} twice; its first copy counts")
            else:
                copies[document.id][name] = document
    common = {}
    for id, by_name in copies.items():
        absent = [name for name in named if name not in by_name]
        if absent:
            mismatches.append(f"document {id!r} is missing from {', '.join(absent)}")
        if len(by_name) < 2:
            continue
        differing = _difference(by_name)
        if differing:
            mismatches.append(f"document {id!r} is not the same text: {differing}")
        else:
            common[id] = by_name
    return common, mismatches


def _difference(copies: dict[str, Document]) -> str:
    """Say where the copies of a document differ; empty if they do not."""
    (first, reference), *others = copies.items()
    for name, document in others:
        a, b = reference.paragraphs, document.paragraphs
        for place, (one, other) in enumerate(zip(a, b, strict=False)):
            if one.text.split() != other.text.split():
                return f"paragraph {place} is {one.text[:40]!r} for {first}, {other.text[:40]!r} for {name}"
        if len(a) != len(b):
            return f"{len(a)} paragraphs for {first}, {len(b)} for {name}"
    return ""


def _votes(copies: dict[str, Document]) -> list[dict[str, Gold]]:
    """For each paragraph of a document the labels of those who judged it."""
    length = len(next(iter(copies.values())).paragraphs)
    return [
        {
            name: gold
            for name, document in copies.items()
            if (gold := document.paragraphs[place].gold) is not None and is_judged(gold)
        }
        for place in range(length)
    ]


def _text(copies: dict[str, Document], place: int) -> str:
    return next(iter(copies.values())).paragraphs[place].text


def _same(golds: Iterable[Gold]) -> bool:
    return len({gold.label for gold in golds}) <= 1


def _compatible(golds: Iterable[Gold]) -> bool:
    """Tell whether one label is acceptable to all."""
    return bool(set.intersection(*({gold.label, *gold.also} for gold in golds)))


def _verdict(id: str, place: int, text: str, votes: dict[str, Gold]) -> ScoredParagraph:
    counts = Counter(gold.label for gold in votes.values())
    shares = {label: counts[label] / len(votes) if votes else 1 / len(LABELS) for label in LABELS}
    label = max(LABELS, key=lambda name: shares[name])
    said = [
        Reason("vote", f"{name}: {gold.label}" + (f" ({gold.reason})" if gold.reason else ""))
        for name, gold in votes.items()
    ]
    return ScoredParagraph(id, place, text, label, shares[label], shares, said)


# -- figures ------------------------------------------------------------------------------------------


def _kappa(triples: Sequence[Triple], a: str, b: str) -> float | None:
    """Cohen's kappa of two annotators on the paragraphs that both judged."""
    from nltk.metrics.agreement import AnnotationTask  # noqa: PLC0415 - start-up

    judged = [{unit for name, unit, _ in triples if name == who} for who in (a, b)]
    both = judged[0] & judged[1]
    data = [triple for triple in triples if triple[0] in (a, b) and triple[1] in both]
    if len({label for _, _, label in data}) < 2:
        return None
    return float(AnnotationTask(data).kappa_pairwise(a, b))


def _alpha(triples: Sequence[tuple[str, tuple[str, int], str]]) -> float | None:
    """Krippendorff's alpha for nominal labels; paragraphs may lack some annotators."""
    from nltk.metrics.agreement import AnnotationTask  # noqa: PLC0415 - start-up

    if len({label for _, _, label in triples}) < 2:
        return None
    return float(AnnotationTask(list(triples)).alpha())


def _confusion(units: Iterable[dict[str, Gold]], a: str, b: str) -> list[list[int]]:
    counts = Counter((votes[a].label, votes[b].label) for votes in units if a in votes and b in votes)
    return [[counts[row, column] for column in LABELS] for row in LABELS]
