"""The commands that make and judge models, mounted on the same `newsift` command as those that score."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer

from classifier.cli import app

ExchangeFormat = Literal["label-studio", "doccano", "prodigy", "csv"]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        help="Labelled JSONL files, or folders of them; as often as needed. Without it, with --wcxb, the labels of "
        "public pages that come with newsift.",
    ),
]
Wcxb = Annotated[
    Path | None,
    typer.Option(help="A split folder of a WCXB checkout (its pages teach main content against the rest)."),
]
Own = Annotated[
    bool,
    typer.Option("--own-corpus/--no-own-corpus", help="Learn from newsift's own hand-written documents too."),
]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]


def main() -> None:
    """Run the `newsift` command."""
    app()


@app.command()
def train(  # noqa: PLR0917 - options are a command's, given by name
    output: Annotated[Path, typer.Option(help="The model to write (*.skops); its card is written beside it.")],
    data: Data = None,
    wcxb: Wcxb = None,
    own_corpus: Own = True,
    start_from: Annotated[
        Literal["default"] | None,
        typer.Option(
            help="Learn from what this model learned from (newsift's own corpus; with --wcxb public pages and their "
            "labels too) and from your data beside it, and tell what that gains on yours and costs elsewhere."
        ),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Train a model on labelled documents.

    Documents of one source (site) never stand on both sides of an inner split. The same data, seed and machine
    give the same bytes.
    """
    if start_from is not None and not data:
        raise typer.BadParameter("learns from your data beside the default's: give --data", param_hint="--start-from")
    with _told():
        from classifier.storage import save_model  # noqa: PLC0415 - brings scikit-learn
        from training.card import make_card  # noqa: PLC0415
        from training.fitting import fit, gather  # noqa: PLC0415

        if start_from is None:
            training = gather(data or [], wcxb=wcxb, support=own_corpus, seed=seed)
        else:
            training = gather([], wcxb=wcxb, yours=data or [], support=own_corpus, seed=seed)
        if training.joined is not None:
            _say(str(training.joined))
        _say(f"learning from {_counted(training.sources['documents'])}")
        if start_from is None:
            model = fit(training, seed=seed)
        else:
            from training.retraining import retrain  # noqa: PLC0415

            model, told = retrain(training, seed)
            typer.echo(told)
        save_model(model, output, make_card(model, training))
        _say(f"wrote {output}")


@app.command()
def evaluate(  # noqa: PLR0917 - options are a command's, given by name
    output: Annotated[Path, typer.Option(help="Folder for report.html, report.md, metrics.json and figures.")],
    data: Data = None,
    model: Annotated[Path | None, typer.Option(help="Judge this model; without it, cross-validate.")] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds of grouped cross-validation.")] = 5,
    wcxb: Wcxb = None,
    own_corpus: Own = True,
    compare: Annotated[Path | None, typer.Option(help="metrics.json of an earlier report.")] = None,
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit 1 if a figure fell by more than noise.")
    ] = False,
    folds_output: Annotated[
        Path | None, typer.Option(help="Write the kept paragraphs of each page here, for tests/benchmarks.")
    ] = None,
    ablations: Annotated[Path | None, typer.Option(help="JSON with 'ablations' and 'learning_curve' to show.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Folds fitted at once.")] = 1,
    seed: Seed = 0,
) -> None:
    """Judge a model, or the training recipe by cross-validation, and write the quality report."""
    with _told():
        from training import judging  # noqa: PLC0415 - brings scikit-learn and matplotlib
        from training.evaluation import compare as compare_metrics  # noqa: PLC0415
        from training.evaluation import read_metrics  # noqa: PLC0415
        from training.report import render_terminal, write_report  # noqa: PLC0415

        old = read_metrics(compare) if compare else None
        extra = judging.read_ablations(ablations)
        if model is not None:
            metrics = judging.judge_model(model, data or [], wcxb=wcxb, **extra)
        else:
            metrics = judging.judge_recipe(
                data or [],
                wcxb=wcxb,
                own=own_corpus,
                folds=folds,
                seed=seed,
                jobs=jobs,
                folds_output=folds_output,
                **extra,
            )
        difference = compare_metrics(metrics, old) if old else None
        write_report(metrics, output, difference)
        _print(render_terminal(metrics, difference))
        _say(f"wrote {output}/report.html, report.md, metrics.json and figures")
    if fail_if_worse and difference and difference["worse"]:
        _say(f"worse than {compare}: {', '.join(difference['worse'])}")
        raise typer.Exit(1)


@app.command()
def review(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="What `newsift score` takes.")],
    output: Annotated[Path, typer.Option(help="The page to write.")] = Path("review.html"),
    only: Annotated[
        tuple[str, int] | None,
        typer.Option(metavar="uncertain N", help="Ask only about the N paragraphs most worth a person's time."),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="A model that newsift train made.")] = None,
) -> None:
    """Write a page on which a person corrects labels; it needs no server and no network."""
    if only is not None and (only[0] != "uncertain" or only[1] < 1):
        raise typer.BadParameter("is 'uncertain' and a number above 0, as in --only uncertain 50", param_hint="--only")
    with _told():
        from training.review import write_review  # noqa: PLC0415

        count = write_review(list(_scored(sources, model)), output, only[1] if only else None)
        _say(f"wrote {output}: {count} paragraphs to look at")


@app.command()
def agree(
    files: Annotated[
        list[Path], typer.Argument(metavar="A.jsonl B.jsonl...", help="The same documents, labelled apart.")
    ],
    output: Annotated[Path | None, typer.Option(help="Write the paragraphs in dispute as a review page.")] = None,
) -> None:
    """Measure how far annotators agree: Cohen's kappa, Krippendorff's alpha, confusion, disputes."""
    with _told():
        from training.agreement import agree as measure  # noqa: PLC0415
        from training.agreement import disputed, render  # noqa: PLC0415
        from training.review import write_review  # noqa: PLC0415

        _print(render(measure(files)))
        if output is not None:
            disputes = disputed(files)
            if disputes:
                write_review(disputes, output, title="In dispute")
                count = sum(paragraph.gold is None for vote in disputes for paragraph in vote.document.paragraphs)
                _say(f"wrote {output}: {count} paragraph{'s' * (count != 1)} in dispute")
            else:
                _say("no paragraph is in dispute; no page written")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="What the label tool exported.")],
    format: Annotated[ExchangeFormat, typer.Option(help="The tool's format.")],
    output: Annotated[Path, typer.Option(help="Labelled JSONL to write.")],
    annotator: Annotated[str | None, typer.Option(help="Only this annotator's labels.")] = None,
) -> None:
    """Turn a label tool's annotations into labelled data."""
    with _told():
        from training.sources.exchange import import_ as read  # noqa: PLC0415
        from training.sources.exchange import write_labelled  # noqa: PLC0415

        written, left_out = write_labelled(read(path, format, annotator), output)
        _say(f"wrote {output}: {written} documents, {left_out} without any label left out")


@app.command("export")
def export(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="What `newsift score` takes.")],
    format: Annotated[ExchangeFormat, typer.Option(help="The tool's format.")],
    output: Annotated[Path, typer.Option(help="The file to write.")],
    model: Annotated[Path | None, typer.Option(help="A model that newsift train made.")] = None,
) -> None:
    """Write scored documents as tasks for a label tool, with the model's labels as predictions."""
    with _told():
        from training.sources import label_studio  # noqa: PLC0415
        from training.sources.exchange import export as write  # noqa: PLC0415

        count = write(list(_scored(sources, model)), format, output)
        _say(f"wrote {output}: {count} tasks")
        if format == "label-studio":
            _say("the labelling interface to paste into Label Studio:")
            typer.echo(label_studio.CONFIG)


def _scored(sources: list[str], model: Path | None) -> Iterator[Any]:
    """Score sources; what fails is named on stderr and left out."""
    from classifier.document import Failure  # noqa: PLC0415
    from classifier.reading import read_sources  # noqa: PLC0415
    from classifier.scoring import load  # noqa: PLC0415

    for scored in load(model).score_documents(read_sources(sources)):
        if isinstance(scored, Failure):
            _say(str(scored))
        else:
            yield scored


@contextmanager
def _told() -> Iterator[None]:
    """Turn what is the user's to mend into one sentence and exit code 1."""
    from classifier.errors import NewsiftError  # noqa: PLC0415 - start-up

    try:
        yield
    except (NewsiftError, OSError) as error:
        _fail(str(error))
    except ValueError as error:
        # Our own errors, and the estimator's sentences on what training needs; anything else is a fault of ours.
        if type(error).__module__.startswith(("training", "classifier")) or str(error).startswith("training needs"):
            _fail(str(error))
        raise


def _fail(message: str) -> NoReturn:
    _say(message)
    raise typer.Exit(1) from None


def _say(message: str) -> None:
    typer.echo(f"newsift: {message}", err=True)


def _print(renderable: Any) -> None:
    from rich.console import Console  # noqa: PLC0415 - start-up

    Console().print(renderable)


def _counted(documents: dict[str, int]) -> str:
    return ", ".join(f"{count} {origin}" for origin, count in documents.items()) + " documents"
