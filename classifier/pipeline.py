"""One run of `newsift score`: sources in, one output out, failures told, nothing half-written."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Protocol

from classifier.document import Document, Failure
from classifier.errors import NewsiftError
from classifier.reading import Fields, find_sources
from classifier.reading.meter import Meter
from classifier.reading.sources import MAX_DOCUMENT_BYTES, total_bytes
from classifier.scoring import Input, ScoredDocument, Scorer, parsed
from classifier.writing import OutputError, Sink, StdoutSink, Writer, WriterOptions, open_writer
from classifier.writing.journal import Checkpoint, Journal

#: Seconds of work that a kill can cost a run that is to be resumed.
CHECKPOINT_SECONDS: Final = 1.0


@dataclass(slots=True, frozen=True)
class Job:
    """What one run is to do; the fields are the options of `newsift score`.

    `story` says how documents are grouped to events, of which those that one has are compared; None for not
    at all.
    """

    sources: tuple[str, ...]
    input_format: str = "auto"
    fields: Fields = field(default_factory=Fields)
    max_document_bytes: int = MAX_DOCUMENT_BYTES
    format: str = "jsonl"
    output: Path | None = None
    writing: WriterOptions = field(default_factory=WriterOptions)
    sensitivity: str = "default"
    explain: bool = False
    jobs: int = 1
    on_error: str = "fail"
    resume: bool = False
    story: str | None = None

    def identity(self, model: str) -> dict[str, Any]:
        """Give what must be the same for a run to go on where another stopped."""
        return {
            "sources": list(self.sources),
            "input_format": self.input_format,
            "fields": [self.fields.id, self.fields.text, self.fields.html, self.fields.story],
            "max_document_bytes": self.max_document_bytes,
            "format": self.format,
            "keep": sorted(self.writing.keep),
            "meta": self.writing.meta,
            "sensitivity": self.sensitivity,
            "explain": self.explain,
            "story": self.story,
            "model": model,
        }


@dataclass(slots=True)
class Stats:
    """What a run did.

    `share` is how much of the input is done, from 0 to 1; None where nobody asked, or nobody can know. `seconds`
    are those in which all but the `earlier` paragraphs were scored: an earlier run's, of which the time is not known.
    """

    documents: int = 0
    paragraphs: int = 0
    failures: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    share: float | None = None
    earlier: int = 0

    def add(self, labels: Counter[str]) -> None:
        """Count a document of so many paragraphs of each label."""
        self.documents += 1
        self.paragraphs += labels.total()
        self.labels.update(labels)

    def include(self, other: "Stats") -> None:
        """Count what another run, or a part of this one, did; its seconds are not added."""
        self.documents += other.documents
        self.paragraphs += other.paragraphs
        self.failures += other.failures
        self.labels.update(other.labels)

    @property
    def rate(self) -> float | None:
        """Paragraphs a second."""
        return (self.paragraphs - self.earlier) / self.seconds if self.seconds else None

    def as_dict(self) -> dict[str, Any]:
        """Every figure, and the paragraphs a second."""
        return {
            "documents": self.documents,
            "paragraphs": self.paragraphs,
            "failures": self.failures,
            "labels": dict(self.labels),
            "seconds": round(self.seconds, 3),
            "paragraphs_per_second": None if self.rate is None else round(self.rate, 1),
        }

    @classmethod
    def of(cls, figures: dict[str, Any]) -> "Stats":
        """Take up the figures of an earlier run."""
        if not figures:
            return cls()
        labels = Counter(figures["labels"])
        return cls(figures["documents"], figures["paragraphs"], figures["failures"], labels, figures["seconds"])


class FailedError(NewsiftError):
    """A source failed, and the run was to stop at the first that does."""


class Outlet(Protocol):
    """Where the output of a run goes; `Sink` and `StdoutSink` are two."""

    stream: IO[bytes]

    def commit(self) -> None:
        """Make the output appear, whole."""

    def discard(self) -> None:
        """Leave nothing of it behind, where that can be."""


def run(
    job: Job,
    scorer: Scorer,
    on_failure: Callable[[Failure], None] = lambda failure: None,
    on_progress: Callable[[Stats], None] = lambda stats: None,
    *,
    measure: bool = False,
    sink: Outlet | None = None,
) -> Stats:
    """Score every source of a job into its output.

    Parameters
    ----------
    job : Job
    scorer : Scorer
    on_failure : callable
        Told of each source or record that failed, as it happens (with `on_error="skip"`).
    on_progress : callable
        Told the figures after each document.
    measure : bool
        Tell `on_progress` the share that is done, too, where the size of the sources can be known.
    sink : Outlet, optional
        Where the output goes, instead of to the job's.

    Raises
    ------
    FailedError
        The first failure, with `on_error="fail"`; the output is not there then.
    OutputError
        The output cannot be written, or another run writes to it.
    ScoringError
        A worker process died.
    """
    read = _Read(job, measure)
    if job.output is not None and job.resume and sink is None:
        return _Resumable(job, scorer, job.output, read).run(on_failure, on_progress)
    if sink is None:
        sink = Sink(job.output) if job.output is not None else StdoutSink()
    try:
        form = "story" if job.story and job.format == "html" else job.format
        writer: Writer = _guarded(open_writer, form, sink.stream, job.writing)  # some begin with a heading
        stats = Stats()
        for _ in _written(job, scorer, read.found(), writer, stats, on_failure):
            stats.share = read.share()
            on_progress(stats)
        _guarded(writer.close)
        _guarded(sink.commit)
    except BaseException:
        sink.discard()
        raise
    return stats


def tell_stories(job: Job, on_failure: Callable[[Failure], None] = lambda failure: None) -> int:
    """Write the digest of every event of a job's sources, as a line of JSON each or as one page.

    Parameters
    ----------
    job : Job
        Its format is `json` or `html`, its `story` the grouping; no model is needed.
    on_failure : callable
        Told of each source or record that failed (with `on_error="skip"`).

    Returns
    -------
    int
        How many failed.

    Raises
    ------
    FailedError, OutputError
        As `run`.
    """
    from classifier.story import digest, events, read_together, render_pages  # noqa: PLC0415 - start-up of `score`
    from classifier.writing.jsonl import line  # noqa: PLC0415

    sink = Sink(job.output) if job.output is not None else StdoutSink()
    try:
        found = find_sources(job.sources, job.input_format, job.fields, job.max_document_bytes)
        items = [parsed(item) for item in found]
        documents = [item for item in items if isinstance(item, Document)]
        failures = [item for item in items if isinstance(item, Failure)]
        for failure in failures:
            if job.on_error == "fail":
                raise FailedError(str(failure))
            on_failure(failure)
        named = events(documents, job.story or "field")
        stories = {name: read_together([documents[i] for i in members]) for name, members in named.items()}
        if job.format == "html":
            content = render_pages(list(stories.values())).encode("utf-8", "replace")
        else:
            content = b"".join(line({"event": name, **digest(story)}) for name, story in stories.items())
        _guarded(sink.stream.write, content)
        _guarded(sink.commit)
    except BaseException:
        sink.discard()
        raise
    return len(failures)


class _Read:
    """The inputs of a job, and how far into them each one lies.

    Scoring reads ahead, so the place that counts is that of the input whose result comes out. Comparing sources
    reads all of them before any is scored, and nothing can be foretold from that.
    """

    def __init__(self, job: Job, measure: bool) -> None:
        self._job = job
        known = total_bytes(job.sources) if measure and job.story is None else None
        self._meter = Meter(known or None)
        self._places: deque[int] = deque()

    def found(self) -> Iterator[Input]:
        job = self._job
        found = find_sources(job.sources, job.input_format, job.fields, job.max_document_bytes, self._meter)
        if job.story is not None:
            from classifier.story import compare  # noqa: PLC0415 - brings scipy's clustering

            return iter(compare(map(parsed, found), job.story))
        return self._marked(found) if self._meter.total else found

    def _marked(self, found: Iterator[Input]) -> Iterator[Input]:
        for item in found:
            self._places.append(self._meter.read())
            yield item

    def share(self) -> float | None:
        """Take the place of the next input whose result came out, as a share of all."""
        if not self._meter.total:
            return None
        return min(self._places.popleft() / self._meter.total, 1.0)

    def skip(self, count: int) -> None:
        """Take the places of inputs that another run finished."""
        for _ in range(min(count, len(self._places))):
            self._places.popleft()


def _written(  # noqa: PLR0917 - one caller each way, and all of it is needed
    job: Job,
    scorer: Scorer,
    found: Iterable[Input],
    writer: Writer,
    stats: Stats,
    on_failure: Callable[[Failure], None],
) -> Iterator[Stats]:
    """Score and write; gives the figures each time an input's output is with the writer."""
    begun, before = time.monotonic(), stats.seconds
    rendered = partial(_rendered, writer.render, job.writing)
    results = scorer.map_documents(rendered, found, sensitivity=job.sensitivity, explain=job.explain, jobs=job.jobs)
    for result in results:
        if isinstance(result, Failure):
            if job.on_error == "fail":
                raise FailedError(str(result))
            stats.failures += 1
            on_failure(result)
        else:
            labels, content = result
            _guarded(writer.add, content)
            stats.add(labels)
        stats.seconds = before + time.monotonic() - begun
        yield stats


def _rendered(
    render: Callable[[ScoredDocument, WriterOptions], Any], options: WriterOptions, scored: ScoredDocument
) -> tuple[Counter[str], Any]:
    """Give what is left to count and to write of a document; runs where it was scored."""
    return Counter(paragraph.label for paragraph in scored.paragraphs), render(scored, options)


def _guarded(act: Callable[..., Any], *arguments: Any) -> Any:
    """Do what writes; a full disk is the user's to know of in a sentence, a closed pipe nobody's."""
    try:
        return act(*arguments)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the output cannot be written ({error.strerror or error})") from None


class _Resumable:
    """A run with a journal. Its unfinished output is always JSONL, which can be cut and gone on with."""

    def __init__(self, job: Job, scorer: Scorer, output: Path, read: _Read) -> None:
        self.job = job
        self.scorer = scorer
        self.output = output
        self.read = read

    def run(self, on_failure: Callable[[Failure], None], on_progress: Callable[[Stats], None]) -> Stats:
        sink = Sink(self.output, resume=True)
        try:
            journal = Journal(self.output, self.job.identity(str(self.scorer.card.get("digest"))))
            sink.keep(journal.reached.bytes)
            _guarded(journal.begin)
            stats = self._go_on(sink, journal, on_failure, on_progress)
            if self.job.format == "parquet":
                from classifier.writing.parquet import convert_jsonl  # noqa: PLC0415 - pyarrow

                _guarded(sink.transform, lambda part, whole: convert_jsonl(part, whole, self.job.writing))
            _guarded(sink.commit)
        except BaseException:
            sink.suspend()
            raise
        journal.remove()
        return stats

    def _go_on(
        self,
        sink: Sink,
        journal: Journal,
        on_failure: Callable[[Failure], None],
        on_progress: Callable[[Stats], None],
    ) -> Stats:
        reached = journal.reached
        found = self.read.found()
        skipped = sum(1 for _ in islice(found, reached.inputs))
        self.read.skip(skipped)
        if skipped < reached.inputs:
            raise OutputError(
                f"{journal.path}: {reached.inputs} documents are finished, but the sources now hold "
                f"only {skipped}; restore them, or delete the journal to start anew"
            )
        stats = Stats.of(reached.stats)
        inputs, last = reached.inputs, time.monotonic()
        writer = open_writer("jsonl", sink.stream, self.job.writing)
        for _ in _written(self.job, self.scorer, found, writer, stats, on_failure):
            inputs += 1
            stats.share = self.read.share()
            on_progress(stats)
            if time.monotonic() - last >= CHECKPOINT_SECONDS:
                _guarded(journal.add, Checkpoint(inputs, self._checkpoint(sink, writer), stats.as_dict()))
                last = time.monotonic()
        _guarded(writer.close)
        return stats

    @staticmethod
    def _checkpoint(sink: Sink, writer: Writer) -> int:
        try:
            end = sink.checkpoint()
        except OSError as error:
            raise OutputError(f"the output cannot be written ({error.strerror or error})") from None
        writer.stream = sink.stream
        return end
