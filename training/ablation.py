"""What is every part of the recipe worth? Cross-validation without each room of features and each source of data.

    python -m training.ablation --data FILE... [--wcxb FOLDER] --output reports/ablations.json

Every row is judged on the labelled documents alone, in the same folds by site. `newsift evaluate --ablations`
shows them. The file is written after every row, so that a run that is cut short leaves what it measured.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from classifier.errors import NewsiftError
from classifier.features.batch import Array, Batch
from classifier.labels import LABELS, OFF_TOPIC, SUSPECT
from classifier.model import NewsClassifier, Table
from training.corpus import CorpusError
from training.fitting import PUBLIC, TrainingSet, cross_validate, gather
from training.scores import N_LABELS, Bootstrap, estimate, plain, scores, strict_counts, totals

#: Rooms of features that are left out together. Class names exist where there is a layout, and nowhere else.
ROOMS: Final[Mapping[str, tuple[str, ...]]] = {
    "surface": ("surface",),
    "wording": ("wording",),
    "position": ("position",),
    "layout": ("layout", "naming"),
    "topic": ("topic",),
    "latent": ("latent",),
    "attribution": ("attribution",),
    "context": ("context",),
}
#: Sources of data: the origins of their documents.
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "own corpus": ("own", "own-cropped"),
    "own HTML pages": ("page",),
    "paired articles": ("pair",),
    "WCXB text": ("wcxb-text",),
    "WCXB HTML": ("wcxb-html",),
    "splices": ("spliced",),
    "short pieces": ("cropped", "own-cropped"),
}
WHOLE: Final = "whole recipe"
SHARES: Final = (0.1, 0.25, 0.5, 1.0)
_RESAMPLES: Final = 1000


@dataclass(slots=True, frozen=True)
class Trial:
    """One cross-validation: its name, the documents learned from, and the rooms left out."""

    name: str
    among: NDArray[np.bool_]
    without_rooms: tuple[str, ...] = ()
    share: float | None = None


@dataclass(slots=True)
class Study:
    """Cross-validations of one training set that differ in what they leave out.

    Attributes
    ----------
    training : TrainingSet
    base : float array (paragraphs, columns)
        Its features that need no fitting, computed once for all.
    seed, jobs : int
        Seed of everything random; folds fitted at once.
    parameters : mapping
        Of the classifier.
    """

    training: TrainingSet
    seed: int = 0
    jobs: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)
    base: Array = field(init=False)

    def __post_init__(self) -> None:
        self.base = Table.of(Batch(self.training.documents)).base

    def trials(self) -> Iterator[Trial]:
        """Every cross-validation, the whole recipe first."""
        origins = np.array(self.training.origins)
        everything = np.ones(len(origins), bool)
        yield Trial(WHOLE, everything, share=1.0)
        for room, left_out in ROOMS.items():
            yield Trial(f"without {room}", everything, left_out)
        for name, left_out in SOURCES.items():
            kept = ~np.isin(origins, left_out)
            if not kept.all():
                yield Trial(f"without {name}", kept)
        for share in SHARES[:-1]:
            yield Trial(f"{share:.0%} of documents", self._some(share), share=share)

    def measured(self) -> str:
        """Say in a sentence how every row is measured."""
        origins = Counter(self.training.origins)
        folds = len({fold for fold in self.training.folds if fold >= 0})
        pages = origins["wcxb-html"]
        model = NewsClassifier(**self.parameters)
        return (
            f"Each row: {folds}-fold cross-validation of the recipe ({model.max_iter} trees a pass, "
            f"{model.rows_per_document} paragraphs a document that was not read, {pages:,} public pages), "
            f"judged on the {origins['labelled']:,} labelled documents; intervals from documents drawn again."
        )

    def _some(self, share: float) -> NDArray[np.bool_]:
        """Choose a share of the documents of every origin; a larger share holds all of a smaller one."""
        origins = np.array(self.training.origins)
        chosen = np.zeros(len(origins), bool)
        for origin in dict.fromkeys(self.training.origins):
            order = np.random.default_rng(self.seed).permutation(np.flatnonzero(origins == origin))
            chosen[order[: int(np.ceil(share * len(order)))]] = True
        return chosen

    def can_run(self, trial: Trial) -> bool:
        """Tell whether every fold leaves at least two sites to learn from."""
        folds, groups = np.array(self.training.folds), self.training.groups()
        return all(len(set(groups[trial.among & (folds != fold)].tolist())) >= 2 for fold in set(folds[folds >= 0]))

    def run(self, trial: Trial) -> dict[str, Any]:
        """Cross-validate once; macro-F1 with its 95% interval over documents, F1 of the rare labels."""
        judged = cross_validate(
            self.training,
            seed=self.seed,
            jobs=self.jobs,
            judged=frozenset({"labelled"}),
            base=self.base,
            among=trial.among,
            parameters={**self.parameters, "without_rooms": trial.without_rooms},
        )
        if not judged.documents:
            raise CorpusError("ablations are judged on labelled documents, and there are none; name some with --data")
        counts = strict_counts(judged.documents, judged.labels)
        found = scores(totals(counts).reshape(N_LABELS, N_LABELS))
        drawn = Bootstrap(len(judged.documents), _RESAMPLES, self.seed).sums(counts)
        macro = estimate(found["macro_f1"], scores(drawn.reshape(-1, N_LABELS, N_LABELS))["macro_f1"])
        return {
            "name": trial.name,
            "macro_f1": macro["value"],
            "low": macro["low"],
            "high": macro["high"],
            "suspect_f1": plain(found["f1"][LABELS.index(SUSPECT)]),
            "off_topic_f1": plain(found["f1"][LABELS.index(OFF_TOPIC)]),
        }


def with_pages(training: TrainingSet, n: int, seed: int) -> TrainingSet:
    """Leave out all but `n` of the public pages and what was made of them: a study takes hours less.

    Stories that a page left out gave to a splice of another stay there.
    """
    pages = [document.id.split("#")[0] for document in training.documents]
    public = {page for page, origin in zip(pages, training.origins, strict=True) if origin in PUBLIC}
    left_out = set(np.random.default_rng(seed).permutation(sorted(public))[n:].tolist())
    kept = [place for place, page in enumerate(pages) if page not in left_out]
    return replace(
        training,
        documents=[training.documents[place] for place in kept],
        origins=[training.origins[place] for place in kept],
        folds=[training.folds[place] for place in kept],
    )


def measure(study: Study, output: Path) -> dict[str, Any]:
    """Run every trial that can be run, write the file after each, and tell each row on stderr."""
    found: dict[str, Any] = {"measured": study.measured(), "ablations": [], "learning_curve": []}
    for trial in study.trials():
        if not study.can_run(trial):
            _say(f"{trial.name}: left out, as it leaves a fold with fewer than two sites to learn from")
            continue
        begun = time.monotonic()
        row = study.run(trial)
        if trial.share is None or trial.name == WHOLE:
            found["ablations"].append(row)
        if trial.share is not None:
            point = {name: row[name] for name in ("macro_f1", "low", "high", "suspect_f1", "off_topic_f1")}
            found["learning_curve"].append({"documents": int(trial.among.sum()), **point})
            found["learning_curve"].sort(key=lambda point: point["documents"])
        _write(found, output)
        figures = ", ".join(
            f"{name} {row[name]:.3f}" for name in ("macro_f1", "suspect_f1", "off_topic_f1") if row[name]
        )
        _say(f"{trial.name}: {figures} ({time.monotonic() - begun:.0f} s)")
    return found


def _write(found: dict[str, Any], output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f"{output.name}.part")
    temporary.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    temporary.replace(output)


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for; the exit code is 1 when the data cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.ablation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="labelled JSONL files, or folders of them")
    parser.add_argument("--wcxb", type=Path, help="a split folder of a WCXB checkout")
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--folds", type=int, default=5, help="folds of grouped cross-validation (default: 5)")
    parser.add_argument("--jobs", type=int, default=1, help="folds fitted at once (default: 1)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--trees", type=int, default=NewsClassifier().max_iter, help="trees of the story question a pass"
    )
    parser.add_argument(
        "--rows",
        type=int,
        default=NewsClassifier().rows_per_document,
        help="paragraphs looked at of a document that was not labelled by reading alone",
    )
    parser.add_argument(
        "--pages",
        type=int,
        default=sys.maxsize,
        help="public pages to learn from beside the labelled ones (default: all)",
    )
    options = parser.parse_args(arguments)
    if min(options.folds - 1, options.jobs, options.trees, options.rows, options.pages) < 1:
        parser.error("--folds must be 2 or more, --jobs, --trees, --rows and --pages 1 or more")
    try:
        training = gather(options.data, wcxb=options.wcxb, folds=options.folds, seed=options.seed)
        training = with_pages(training, options.pages, options.seed)
        parameters = {"max_iter": options.trees, "rows_per_document": options.rows}
        measure(Study(training, options.seed, options.jobs, parameters), options.output)
    except (NewsiftError, CorpusError, OSError) as error:
        _say(f"newsift: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
