"""Judging a model, or the recipe that makes it: who is scored by what, and what the report is told."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from classifier.document import Document, Paragraph
from classifier.features.batch import Batch
from classifier.labels import CORE, SUSPECT
from classifier.reasons import explain
from classifier.storage import load_model
from training.baselines import baseline_labels
from training.card import make_card
from training.corpus import CorpusError, read_labelled
from training.evaluation import OtherSet, describe_files, evaluate
from training.extraction import clean
from training.fitting import Judged, cross_validate, gather
from training.sources.wcxb import sites_by_page

#: Collections whose text may not be shown in a report: the repository ships their labels, never their text.
_PUBLIC: Final = ("wcxb", "fnn-")


def judge_model(path: Path, data: Sequence[Path], *, wcxb: Path | None = None, **shown: Any) -> dict[str, Any]:
    """Metrics of a saved model on labelled files."""
    model, card = load_model(path)
    documents = _with_sites(read_labelled(data), wcxb)
    batch = Batch(documents)
    analysis = model.analyse(batch)
    probabilities = model.probabilities(batch, analysis.log_odds)
    uncalibrated = model.probabilities(batch, analysis.log_odds, calibrated=False)
    labels = model.decide(batch, probabilities)
    return evaluate(
        documents,
        probabilities,
        labels,
        uncalibrated=uncalibrated,
        baselines=baseline_labels(documents),
        protocol={
            "what": "a saved model on labelled files",
            "model": str(path),
            "files": describe_files(data),
        },
        model_card=card,
        reasons=explain(model, batch, analysis, labels.tolist()),
        quote=_may_quote,
        **shown,
    )


def judge_recipe(
    data: Sequence[Path],
    *,
    wcxb: Path | None,
    own: bool,
    folds: int,
    seed: int,
    jobs: int = 1,
    folds_output: Path | None = None,
    **shown: Any,
) -> dict[str, Any]:
    """Metrics of the training recipe, by grouped cross-validation over the sites of the labelled documents."""
    training = gather(data, wcxb=wcxb, support=own, folds=folds, seed=seed)
    everything = cross_validate(training, seed=seed, jobs=jobs)
    judged, pages = everything.only("labelled"), everything.only("wcxb-html")
    if folds_output is not None:
        _write_kept(pages, folds_output)
    by_document = {id(d): fold for d, fold in zip(training.documents, training.folds, strict=True)}
    protocol = {
        "what": "grouped cross-validation: every document is scored by a model that saw nothing of its site",
        "folds": folds,
        "seed": seed,
        "training data": training.sources["documents"],
        "files": describe_files([path for path in data if path.is_file()]),
    }
    plain = [_unjudged(page) for page in pages.documents]
    return evaluate(
        [*judged.documents, *plain],
        np.concatenate([judged.probabilities, pages.probabilities]),
        np.concatenate([judged.labels, pages.labels]),
        uncalibrated=np.concatenate([judged.uncalibrated, pages.uncalibrated]),
        baselines=baseline_labels(
            [*judged.documents, *plain],
            folds=[by_document[id(d)] for d in [*judged.documents, *pages.documents]],
        ),
        protocol=protocol,
        model_card=make_card(None, training),
        others=list(_others(everything, pages)),
        quote=_may_quote,
        **shown,
    )


def read_ablations(path: Path | None) -> dict[str, Any]:
    """Ablations and learning curve that `training.ablation` measured before; empty without a file."""
    if path is None:
        return {}
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise CorpusError(f"{path}: no readable file of ablations ({error})") from None
    return {name: found.get(name) for name in ("ablations", "learning_curve", "measured")}


def _unjudged(page: Document) -> Document:
    """Give the page without labels: it enters the extraction view only, whose gold is its main text."""
    return replace(page, paragraphs=[Paragraph(p.text, p.layout) for p in page.paragraphs])


def _may_quote(document: Document) -> bool:
    return not document.source.startswith(_PUBLIC) and document.metadata.get("origin") in ("own", None)


def _with_sites(documents: list[Document], wcxb: Path | None) -> list[Document]:
    sites = sites_by_page(wcxb) if wcxb else {}
    for document in documents:
        # A label file of the project's own may be quoted; a public page may not, whatever it is called here.
        if document.source.startswith(_PUBLIC):
            document.metadata["origin"] = "labelled"
        document.source = sites.get(document.source, document.source)
    return documents


def _others(everything: Judged, pages: Judged) -> Iterator[OtherSet]:
    """Give what cross-validation scored besides the labelled documents, for tables of its own."""
    spliced = everything.only("spliced")
    if spliced.documents:
        yield OtherSet(
            "Spliced documents",
            "Paragraphs of other articles set into articles, off-topic by construction; hosts and donors are of sites "
            "that the models did not see.",
            spliced.documents,
            spliced.labels,
        )
    read = pages.those(lambda page: "read" in page.metadata)
    if read.documents:
        yield OtherSet(
            "Whole pages",
            "WCXB pages as HTML, labelled by reading with a machine's guesses in view, so kinder to models like it "
            "than blind labels; the main text of the pages is in the extraction view below.",
            read.documents,
            read.labels,
        )


def _write_kept(pages: Judged, path: Path) -> None:
    """Write which paragraphs of each page the out-of-fold model keeps, a JSON line a page."""
    lines, begin = [], 0
    for page in pages.documents:
        labels = pages.labels[begin : begin + len(page.paragraphs)]
        kept = clean([paragraph.text for paragraph in page.paragraphs], (labels == CORE) | (labels == SUSPECT))
        lines.append(orjson.dumps({"id": page.id, "kept": kept}))
        begin += len(page.paragraphs)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines) + b"\n")
