"""The commands that score: `newsift score`, `newsift labels`, `newsift model show`."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn, get_args

import typer
from typer.core import TyperCommand

from classifier.errors import NewsiftError
from classifier.labels import LABELS, MEANING, REASON_CODES

if TYPE_CHECKING:
    from classifier.document import Failure
    from classifier.pipeline import Stats
    from classifier.reading import Fields

OutputFormat = Literal["table", "jsonl", "csv", "parquet", "html", "text"]
StoryFormat = Literal["json", "html"]
Grouping = Literal["field", "auto", "one"]
InputFormat = Literal["auto", "text", "html", "jsonl", "csv", "parquet", "warc"]
GROUPINGS: Final = get_args(Grouping)
_BY_SUFFIX: Final[dict[str, OutputFormat]] = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
}
#: Exit codes besides 0, 1 and 2: what a shell gives for a process that a signal ended.
INTERRUPTED, CLOSED_PIPE, TERMINATED = 130, 141, 143

app = typer.Typer(
    name="newsift",
    help="Say of every paragraph of scraped news articles whether it is core, off-topic, chrome or suspect.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="Look at models.", no_args_is_help=True)
app.add_typer(models, name="model")

RULES: Final = (
    "The headline is core wherever it is repeated; in a list, a menu or a 'most read' box it is chrome.",
    "Section headings, lists, tables, quotations and embedded posts that the story uses are core.",
    "Bylines, dates, captions, photo credits and links to other articles, on lines of their own, are chrome.",
    "Another outlet's account of the same event is the story's; a summary of another story is off-topic.",
    "A citation is what counts, not the truth of what is said: a traceable falsehood is core.",
    "Reactions without outlet, occasion, date or link are suspect, even with a plain fact beside them.",
    "An opinion is core; an accusation of fact inside it, without a source, is suspect if it is the point.",
)


class _StoryCommand(TyperCommand):
    """Lets `--story` stand alone or name its grouping, as in `--story auto`; a source of that name is `./auto`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        told: list[str] = []
        for place, argument in enumerate(args):
            name, given, value = argument.partition("=")
            if place >= end:
                told.append(argument)
            elif name == "--story" and given:
                told.append(f"--story-grouping={value}")
            elif argument in GROUPINGS and place and args[place - 1] == "--story":
                told[-1] = f"--story-grouping={argument}"
            else:
                told.append(argument)
        rest: list[str] = super().parse_args(ctx, told)
        return rest


@app.command(cls=_StoryCommand)
def score(  # noqa: PLR0917 - options are a command's, given by name
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, globs, or - for standard input.")
    ],
    input_format: Annotated[InputFormat, typer.Option(help="What the sources hold.")] = "auto",
    format: Annotated[
        OutputFormat | None,
        typer.Option(help="Default: by the suffix of --output; else table on a terminal, jsonl in a pipe."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Write to this file; .gz and .zst compress. It appears when it is whole. With --cluster, a folder.",
        ),
    ] = None,
    keep: Annotated[
        str, typer.Option(metavar="LABEL,LABEL", help="Write only paragraphs of these labels; as text, long ones once.")
    ] = "",
    explain: Annotated[
        bool | None,
        typer.Option(
            "--explain/--no-explain", help="Give the reasons for each label. Default: in jsonl and html only."
        ),
    ] = None,
    story: Annotated[
        bool,
        typer.Option(
            "--story", help="Compare the sources as accounts of one event, or of each event that records name."
        ),
    ] = False,
    story_grouping: Annotated[
        Grouping | None,
        typer.Option(
            help="--story, with events by the records' story field, by likeness, or all one; also --story auto."
        ),
    ] = None,
    sensitivity: Annotated[
        Literal["high", "default", "low"], typer.Option(help="How readily to call a paragraph suspect.")
    ] = "default",
    model: Annotated[Path | None, typer.Option(help="A model that newsift train made.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    on_error: Annotated[
        Literal["fail", "skip"], typer.Option(help="Stop at the first source that cannot be read, or go on.")
    ] = "fail",
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep a journal beside --output, and go on from it after a kill.")
    ] = False,
    fields: Annotated[
        str,
        typer.Option(metavar="id=NAME,text=NAME,html=NAME,story=NAME", help="Field names of the records."),
    ] = "",
    meta: Annotated[bool, typer.Option("--meta", help="Add what is known of the document.")] = False,
    safe_csv: Annotated[
        bool, typer.Option("--safe-csv", help="Neutralise CSV cells that a spreadsheet would run.")
    ] = False,
    stats: Annotated[Path | None, typer.Option(help="Write the figures of the run to this JSON file.")] = None,
    max_document_mb: Annotated[int, typer.Option(min=1, help="Largest document, unpacked.")] = 64,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:PORT|local[N]",
            help="Score on a Dask cluster, a task a file, into the folder --output; both may be addresses.",
        ),
    ] = None,
    retries: Annotated[int, typer.Option(min=0, help="With --cluster, how often a file is tried again.")] = 2,
) -> None:
    """Score the paragraphs of SOURCES.

    Exit code 0: all scored; 1: some source failed (named on stderr); 2: wrong usage.
    """
    path = Path(output) if output and output != "-" else None
    form = format or ("jsonl" if cluster else _default_format(path))
    kept = _labels(keep)
    record_fields = _fields(fields)
    grouping = story_grouping or ("field" if story else None)
    if grouping and form == "html" and kept:
        _wrong("the story page shows every paragraph: leave --keep out, or choose another --format", "--keep")
    if cluster:
        _check_cluster(cluster, sources, form, grouping, jobs)
        if path is None:
            _wrong("--cluster needs --output FOLDER", "--output")
    elif output and "://" in output:
        _wrong("only --cluster writes to an address", "--output")
    if resume and (path is None or form not in ("jsonl", "parquet")):
        _wrong("--resume needs --output to a JSONL or Parquet file", "--resume")
    if form == "parquet" and path is None and sys.stdout.isatty():
        _wrong("Parquet is no text for a terminal: give --output", "--format")
    with _ended_quietly(), _told():
        from classifier.pipeline import Job, run  # noqa: PLC0415 - brings scikit-learn
        from classifier.scoring import collect_rarely, load  # noqa: PLC0415
        from classifier.writing import WriterOptions  # noqa: PLC0415

        colour = form == "table" and path is None and sys.stdout.isatty()
        job = Job(
            sources=tuple(sources),
            input_format=input_format,
            fields=record_fields,
            max_document_bytes=max_document_mb << 20,
            format=form,
            output=path,
            writing=WriterOptions(kept, meta, safe_csv, colour),
            sensitivity=sensitivity,
            explain=form in ("jsonl", "html") if explain is None else explain,
            jobs=jobs,
            on_error=on_error,
            resume=resume,
            story=grouping,
        )
        shown = sys.stderr.isatty() and not colour
        if cluster and output:
            run_on_cluster = _cluster_engine()
            with _progress(shown) as on_progress:
                figures = run_on_cluster(
                    job,
                    cluster,
                    output,
                    model=model,
                    retries=retries,
                    on_failure=_tell_failure,
                    on_progress=on_progress,
                )
        else:
            scorer = load(model)
            collect_rarely()
            with _progress(shown) as on_progress:
                figures = run(job, scorer, _tell_failure, on_progress, measure=shown)
        if stats is not None:
            _write_stats(stats, figures)
    if shown:
        _tell_summary(figures)
    _end(figures.failures)


@app.command()
def story(  # noqa: PLR0917 - options are a command's, given by name
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, globs, or - for standard input.")
    ],
    input_format: Annotated[InputFormat, typer.Option(help="What the sources hold.")] = "auto",
    format: Annotated[
        StoryFormat | None, typer.Option(help="Default: by the suffix of --output, else json: an object an event.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write to this file. It appears when it is whole.")] = None,
    grouping: Annotated[
        Grouping, typer.Option(help="Events by the records' story field (else all are one), by likeness, or all one.")
    ] = "field",
    on_error: Annotated[
        Literal["fail", "skip"], typer.Option(help="Stop at the first source that cannot be read, or go on.")
    ] = "fail",
    fields: Annotated[
        str,
        typer.Option(metavar="id=NAME,text=NAME,html=NAME,story=NAME", help="Field names of the records."),
    ] = "",
    max_document_mb: Annotated[int, typer.Option(min=1, help="Largest document, unpacked.")] = 64,
) -> None:
    """Sum up what SOURCES have of one event: what all carry, what only one carries, who is quoted where.

    Exit code 0: all read; 1: some source failed (named on stderr); 2: wrong usage.
    """
    if output == Path("-"):
        output = None
    record_fields = _fields(fields)
    with _ended_quietly(), _told():
        from classifier.pipeline import Job, tell_stories  # noqa: PLC0415 - brings scikit-learn

        job = Job(
            sources=tuple(sources),
            input_format=input_format,
            fields=record_fields,
            max_document_bytes=max_document_mb << 20,
            format=format or ("html" if output and _default_format(output) == "html" else "json"),
            output=output,
            on_error=on_error,
            story=grouping,
        )
        failures = tell_stories(job, _tell_failure)
    _end(failures)


@app.command()
def labels() -> None:
    """Print what the four labels mean, and how close cases are settled."""
    typer.echo("The labels\n")
    for label in LABELS:
        typer.echo(f"  {label:<10} {MEANING[label]}")
    typer.echo("\nWhy a paragraph is suspect\n")
    for code, meaning in REASON_CODES.items():
        typer.echo(f"  {code}  {meaning}")
    typer.echo("\nSome settled cases\n")
    for rule in RULES:
        typer.echo(f"  - {rule}")


@models.command()
def show(
    path: Annotated[Path | None, typer.Argument(help="A model; without it, the one that comes with newsift.")] = None,
) -> None:
    """Print a model's card: what it was trained on, when, with what."""
    with _ended_quietly(), _told():
        from classifier.storage import default_model_path, load_model  # noqa: PLC0415 - brings scikit-learn

        where = path or default_model_path()
        _, card = load_model(where)
        typer.echo(f"{where}\n")
        for name, value in card.items():
            shown = f"{len(value)} features" if name == "columns" else _shown(value)
            typer.echo(f"{name}: {shown}")


# -- usage ---------------------------------------------------------------------------------------------


def _wrong(message: str, option: str) -> NoReturn:
    raise typer.BadParameter(message, param_hint=option)


def _default_format(output: Path | None) -> OutputFormat:
    if output is None:
        return "table" if sys.stdout.isatty() else "jsonl"
    name = output.with_suffix("") if output.suffix in (".gz", ".zst") else output
    return _BY_SUFFIX.get(name.suffix.lower(), "jsonl")


def _labels(keep: str) -> frozenset[str]:
    wanted = frozenset(name.strip() for name in keep.split(",") if name.strip())
    unknown = sorted(wanted - set(LABELS))
    if unknown:
        _wrong(f"unknown label {', '.join(map(repr, unknown))}; the labels are {', '.join(LABELS)}", "--keep")
    return wanted


def _fields(text: str) -> "Fields":
    from classifier.reading.records import Fields  # noqa: PLC0415 - start-up

    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    names = {key.strip(): value.strip() for key, _, value in pairs}
    if not all(names.values()) or set(names) - {"id", "text", "html", "story"}:
        _wrong(f"{text!r} is not like id=NAME,text=NAME,html=NAME,story=NAME", "--fields")
    return Fields(**names)


def _check_cluster(cluster: str, sources: list[str], form: str, grouping: str | None, jobs: int) -> None:
    """Refuse what has no meaning on a cluster."""
    if not re.fullmatch(r"local(\[[1-9]\d*\])?|(tcp|tls|ucx|ws|wss|inproc)://.+", cluster):
        _wrong(f"{cluster!r} is neither like tcp://HOST:PORT nor like local[4]", "--cluster")
    if form not in ("jsonl", "parquet"):
        _wrong("partitions are written as jsonl or parquet", "--format")
    if "-" in sources:
        _wrong("standard input has no partitions; name files, folders, globs or addresses", "SOURCE...")
    if grouping:
        _wrong("documents are compared within one machine; score without --cluster", "--story")
    if jobs > 1:
        _wrong("the workers of the cluster are its own; leave --jobs out", "--jobs")


def _cluster_engine() -> "Callable[..., Stats]":
    try:
        from classifier.cluster import run_on_cluster  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("dask", "distributed", "fsspec"):
            raise
        raise NewsiftError("--cluster needs Dask and fsspec: pip install 'newsift[cluster]'") from None
    return run_on_cluster


def _end(failures: int) -> None:
    """Exit with 1 when sources failed."""
    if failures:
        typer.echo(f"newsift: {failures} {'source' if failures == 1 else 'sources'} failed, named above", err=True)
        raise typer.Exit(1)


# -- telling -------------------------------------------------------------------------------------------


@contextmanager
def _told() -> Iterator[None]:
    """Turn what is the user's to mend into one sentence and exit code 1."""
    try:
        yield
    except NewsiftError as error:
        _say(str(error))
        raise typer.Exit(1) from None


@contextmanager
def _ended_quietly() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed pipe end the command without a word; unfinished files are cleared away."""

    def end(signum: int, frame: Any) -> NoReturn:
        raise SystemExit(TERMINATED)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # only the main thread may
        before = None
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # What is still buffered would fail once more when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(CLOSED_PIPE) from None
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _say(message: str) -> None:
    from classifier.writing.base import printable  # noqa: PLC0415

    typer.echo(f"newsift: {printable(message)}", err=True)


def _tell_failure(failure: "Failure") -> None:
    _say(str(failure))


def _tell_summary(figures: "Stats") -> None:
    total = figures.paragraphs or 1
    shares = ", ".join(f"{label} {figures.labels[label] / total:.1%}" for label in LABELS if figures.labels[label])
    typer.echo(
        f"{figures.documents} documents, {figures.paragraphs} paragraphs ({shares}), "
        f"{figures.failures} failed, {figures.seconds:.1f} s, {figures.rate or 0:,.0f} paragraphs/s",
        err=True,
    )


def _write_stats(path: Path, figures: "Stats") -> None:
    import orjson  # noqa: PLC0415 - start-up

    from classifier.writing import OutputError  # noqa: PLC0415

    try:
        path.write_bytes(orjson.dumps(figures.as_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from None


def _shown(value: Any) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    import orjson  # noqa: PLC0415 - start-up

    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


@contextmanager
def _progress(shown: bool) -> Iterator[Any]:
    """Show on a line of stderr, for whoever watches, how far a run is, how fast, and when it will be done.

    Without a known size of the sources there is a count and a rate, but neither a bar nor an end in sight.
    """
    if not shown:
        yield lambda figures: None
        return
    from rich.console import Console  # noqa: PLC0415 - start-up
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        BarColumn(20),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None, left="")

        def update(figures: "Stats") -> None:
            told = f"{figures.documents:,} documents, {figures.paragraphs:,} paragraphs, {figures.rate or 0:,.0f}/s"
            told = f"{told}, {figures.failures} failed" if figures.failures else told
            if figures.share is None:
                progress.update(task, description=told)
            else:
                left = f"{figures.share:.0%}, left:"
                progress.update(task, description=told, total=1.0, completed=figures.share, left=left)

        yield update


if __name__ == "__main__":
    app()
