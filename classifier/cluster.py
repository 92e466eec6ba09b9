"""The streaming engine over many files on Dask distributed (extra `cluster`): a task a file, a partition out for each.

A task is one run of the local engine over one file, so that its output is the local engine's, byte for byte. What
a task writes appears under its name when it is whole, and beside it, under `_newsift/`, a note that it is; tasks may
therefore be killed, tried again or done twice. The folder gets `_SUCCESS` when every partition is there:

    FOLDER/crawl-00017-3fa9c1d2e0.jsonl     paragraphs of .../crawl-00017.warc.gz, whole
    FOLDER/_newsift/run.json                what was asked; another run's folder is refused
    FOLDER/_newsift/crawl-...-3fa9c1d2e0.jsonl.json    the note: figures, failures, which version of the input
    FOLDER/_SUCCESS                         the figures of the run
"""

import gc
import hashlib
import logging
import os
import re
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final, cast

import orjson
from distributed import Client, KilledWorker, LocalCluster, WorkerPlugin, as_completed
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from classifier.document import Failure
from classifier.errors import NewsiftError
from classifier.pipeline import FailedError, Job, Stats, run
from classifier.reading.sources import expand
from classifier.scoring import RARELY, Scorer, ScoringError
from classifier.storage import default_model_path, load_model
from classifier.writing import OutputError
from classifier.writing.sink import Lock

FORMATS: Final = ("jsonl", "parquet")
NOTES: Final = "_newsift"
SUCCESS: Final = "_SUCCESS"
#: Failures of one partition that its note names; the others are counted.
NAMED_FAILURES: Final = 1000
#: A scheduler that does not answer for so long is not there.
CONNECT_SECONDS: Final = 20
#: Where no file locks are, the holder of the lock changes it this often ...
BEAT_SECONDS: Final = 5.0
#: ... and one that stands still for this long has lost its holder.
STALE_SECONDS: Final = 20.0


class ClusterError(NewsiftError):
    """The cluster cannot be used; the message is one sentence for a person."""


@dataclass(slots=True, frozen=True)
class Partition:
    """A file to score: its name as the engine is to say it, the name of its output, its size and its version."""

    source: str
    output: str
    bytes: int
    version: str


@dataclass(slots=True)
class Outcome:
    """What came of a partition.

    `whole` is false if the file itself could not be read to its end; `stopped` is the failure that ends the run.
    """

    stats: dict[str, Any] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    whole: bool = True
    stopped: str = ""


def run_on_cluster(
    job: Job,
    cluster: str,
    output: str,
    *,
    model: Path | None = None,
    retries: int = 2,
    on_failure: Callable[[Failure], None] = lambda failure: None,
    on_progress: Callable[[Stats], None] = lambda stats: None,
) -> Stats:
    """Score every file of a job on a Dask cluster, into a folder of one output a file.

    Parameters
    ----------
    job : Job
        Its format is one of `FORMATS`; `output` and `jobs` are not looked at. With `resume`, files that an earlier
        run finished, and that have not changed since, are left as they are.
    cluster : str
        The address of a scheduler (`tcp://...`, `tls://...`), or `local[N]` for N processes of this machine.
    output : str
        A folder, or the address of one.
    model : Path, optional
        The model; it is sent to the workers. None for the one that comes with newsift.
    retries : int
        How often a partition is tried again after an error; the death of a worker is Dask's to count.
    on_failure, on_progress : callable
        As in `pipeline.run`; progress is told after each partition.

    Returns
    -------
    Stats
        The figures, with those of an earlier run that this one went on with.

    Raises
    ------
    FailedError
        The first failure, with `on_error="fail"`. Partitions that are finished stay, for a run with `resume`.
    OutputError
        The folder cannot be written, is in use, or holds the output of another run.
    ClusterError
        The cluster does not answer, is lost, or cannot run newsift.
    """
    path = model or default_model_path()
    scorer, store = Scorer(*load_model(path)), Store(output)
    if scorer.card.get("digest") is None or job.sensitivity not in scorer.model.thresholds_:
        raise ClusterError(f"{path}: the model has no sensitivity {job.sensitivity!r}")
    with _held(store) as check, _cleared(store):
        _begin(store, job, str(scorer.card["digest"]))
        found = list(_partitions(job, cluster))
        partitions = [item for item in found if isinstance(item, Partition)]
        told = _Telling(job, partitions, on_failure, on_progress)
        for item in found:
            if isinstance(item, Failure):
                told.missing(item)
        waiting = told.skip(_finished(store, partitions)) if job.resume else partitions
        if waiting:
            with _client(cluster) as client, _model_on(client, path) as key:
                _work_off(client, job, waiting, store, key, retries, told, check)
        _end(store, partitions, told)
    return told.stats


def _work_off(  # noqa: PLR0917 - one caller
    client: Client,
    job: Job,
    waiting: list[Partition],
    store: "Store",
    key: str,
    retries: int,
    told: "_Telling",
    check: Callable[[], None],
) -> None:
    """Have every partition scored, and tell what came of each."""
    futures = {
        client.submit(
            _score_partition,
            job,
            partition,
            store.address,
            key,
            key=f"newsift-{key}-{partition.output}",
            retries=retries,
        ): partition
        for partition in waiting
    }
    try:
        for future in as_completed(list(futures), loop=client.loop):
            check()
            told.outcome(futures.pop(future), _outcome(future))
            future.release()
    finally:
        with suppress(Exception):
            client.cancel(list(futures), force=True)


def _outcome(future: Any) -> Outcome | str:
    """Take the outcome of a task, or in a sentence why there is none."""
    if future.status in ("cancelled", "lost"):
        raise ClusterError("the connection to the cluster is lost; --resume goes on with what is finished")
    error = future.exception()
    if error is None:
        return cast(Outcome, future.result())
    if isinstance(error, OutputError | ClusterError):
        raise error
    if isinstance(error, KilledWorker):
        return "the workers that scored it died, perhaps of too little memory"
    if isinstance(error, NewsiftError):
        return str(error)
    return f"could not be scored ({type(error).__name__}: {error})"


class _Telling:
    """Figures and failures of a run, as its partitions come in."""

    def __init__(
        self,
        job: Job,
        partitions: list[Partition],
        on_failure: Callable[[Failure], None],
        on_progress: Callable[[Stats], None],
    ) -> None:
        self.stats = Stats()
        self.incomplete = 0
        self._stop = job.on_error == "fail"
        self._total = sum(partition.bytes for partition in partitions)
        self._done = 0
        self._on_failure, self._on_progress = on_failure, on_progress
        self._begun = time.monotonic()

    def missing(self, failure: Failure) -> None:
        """Tell of a source that cannot be scored, or not to its end."""
        if self._stop:
            raise FailedError(str(failure))
        self.incomplete += 1
        self.stats.failures += 1
        self._on_failure(failure)

    def skip(self, finished: dict[Partition, Outcome | None]) -> list[Partition]:
        """Count what an earlier run finished; gives the partitions that are still to be done."""
        for partition, outcome in finished.items():
            if outcome is not None:
                self.stats.include(Stats.of(outcome.stats))
                self._done += partition.bytes
        self.stats.earlier = self.stats.paragraphs
        return [partition for partition, outcome in finished.items() if outcome is None]

    def outcome(self, partition: Partition, outcome: Outcome | str) -> None:
        """Tell what came of a partition."""
        if isinstance(outcome, str):
            self.missing(Failure(partition.source, outcome))
        elif outcome.stopped:
            raise FailedError(outcome.stopped)
        else:
            self.stats.include(Stats.of(outcome.stats))
            self.incomplete += not outcome.whole
            for where, what in outcome.failures:
                self._on_failure(Failure(where, what))
            unnamed = outcome.stats["failures"] - len(outcome.failures)
            if unnamed:
                self._on_failure(Failure(partition.source, f"{unnamed} more records failed"))
        self._done += partition.bytes
        self.stats.seconds = time.monotonic() - self._begun
        self.stats.share = self._done / self._total if self._total else None
        self._on_progress(self.stats)


# -- partitions ----------------------------------------------------------------------------------------


def _partitions(job: Job, cluster: str) -> Iterator[Partition | Failure]:
    """Give a partition for each file of the sources, once; a source that has none is a failure."""
    here = cluster.startswith(("local", "inproc"))
    seen = set()
    for source in job.sources:
        for name in expand(source):
            if isinstance(name, Failure):
                yield name
            elif name not in seen:
                seen.add(name)
                if not here and "://" not in name and not Path(name).is_absolute():
                    raise ClusterError(
                        f"{name}: workers elsewhere cannot find it; give an absolute path, or an address"
                    )
                yield _partition(name, job.format)


def _partition(name: str, form: str) -> Partition | Failure:
    try:
        system, path = url_to_fs(name)
        facts = system.info(path)
    except FileNotFoundError:
        return Failure(name, "no such file; check the path")
    except OSError as error:
        return Failure(name, f"cannot be read ({error.strerror or error})")
    changed = next((facts[key] for key in ("ETag", "etag", "mtime", "LastModified", "created") if facts.get(key)), "")
    return Partition(name, output_name(name, form), int(facts.get("size") or 0), f"{facts.get('size')} {changed}")


def output_name(source: str, form: str) -> str:
    """Name the output of a source: after its file, and of no other source, wherever that lies."""
    stem = re.sub(
        r"(\.(jsonl|ndjson|csv|parquet|warc|wet|html?|xhtml|txt|text|gz|zst))+$", "", source.rsplit("/", 1)[-1]
    )
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", stem).strip("-.")[:80] or "part"
    return f"{plain}-{hashlib.sha256(source.encode('utf-8', 'replace')).hexdigest()[:10]}.{form}"


def _finished(store: "Store", partitions: list[Partition]) -> dict[Partition, Outcome | None]:
    """Tell which partitions an earlier run finished, of the file as it is now."""
    there = store.names()
    notes = store.read_all([_note(p) for p in partitions if p.output in there])
    finished: dict[Partition, Outcome | None] = {}
    for partition in partitions:
        finished[partition] = None
        with suppress(orjson.JSONDecodeError, KeyError):
            note = orjson.loads(notes.get(_note(partition), b""))
            if note["whole"] and note["version"] == partition.version:
                finished[partition] = Outcome(note["stats"])
    return finished


def _note(partition: Partition) -> str:
    return f"{NOTES}/{partition.output}.json"


def _begin(store: "Store", job: Job, digest: str) -> None:
    """Make the folder this run's own."""
    asked = orjson.loads(orjson.dumps(job.identity(digest)))
    before = store.read_all([f"{NOTES}/run.json"]).get(f"{NOTES}/run.json")
    if before is not None and not job.resume:
        raise OutputError(
            f"{store.name}: holds the output of an earlier run; give --resume to go on with it, or another folder"
        )
    with suppress(orjson.JSONDecodeError):
        if before is not None and orjson.loads(before) != asked:
            raise OutputError(
                f"{store.name}: holds the output of a run with other sources, options or model; "
                "run with those again, or give another folder"
            )
    store.remove(SUCCESS)
    store.clear_unfinished()
    store.write(f"{NOTES}/run.json", orjson.dumps(asked, option=orjson.OPT_INDENT_2))


def _end(store: "Store", partitions: list[Partition], told: _Telling) -> None:
    """Mark the folder as whole, if it is."""
    told.stats.share = None
    if told.incomplete:
        return
    lost = {partition.output for partition in partitions} - store.names()
    if lost:
        raise OutputError(
            f"{store.name}: {len(lost)} of {len(partitions)} partitions are not there, {min(lost)} for one; "
            "the workers must write to the same folder as this machine"
        )
    store.write(SUCCESS, orjson.dumps(told.stats.as_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


# -- the folder ----------------------------------------------------------------------------------------


class Store:
    """A folder, here or elsewhere, in which files appear whole.

    Raises
    ------
    OutputError
        It cannot be reached, or is no folder.
    """

    def __init__(self, address: str) -> None:
        self.name = address
        try:
            self.system, self.path = url_to_fs(address)
            self.address = str(self.system.unstrip_protocol(self.path))
            self.system.makedirs(f"{self.path}/{NOTES}", exist_ok=True)
        except (ImportError, ValueError, OSError) as error:
            raise OutputError(f"{address}: cannot be written ({getattr(error, 'strerror', '') or error})") from None

    @property
    def folder(self) -> Path | None:
        """The folder, if it is one of this machine."""
        return Path(self.path) if isinstance(self.system, LocalFileSystem) else None

    def names(self) -> set[str]:
        """Names of the files in the folder."""
        self.system.invalidate_cache()
        return {path.rsplit("/", 1)[-1] for path in self.system.ls(self.path, detail=False)}

    def read_all(self, names: list[str]) -> dict[str, bytes]:
        """Read files, many at a time where that is quicker; those that are not there are left out."""
        paths = {f"{self.path}/{name}": name for name in names}
        if not paths:
            return {}
        return {
            paths[path]: content
            for path, content in self.system.cat(list(paths), on_error="return").items()
            if isinstance(content, bytes)
        }

    def write(self, name: str, content: bytes) -> None:
        """Write a file; it appears when it is whole."""
        part = Part(self, name)
        try:
            part.stream.write(content)
            part.commit()
        except OSError as error:
            part.discard()
            raise OutputError(f"{self.name}: cannot be written ({error.strerror or error})") from None

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self.system.rm_file(f"{self.path}/{name}")

    def clear_unfinished(self) -> None:
        """Remove what killed workers have left."""
        for path in self.system.ls(f"{self.path}/{NOTES}", detail=False):
            if path.endswith(".part"):
                self.remove(f"{NOTES}/{path.rsplit('/', 1)[-1]}")


class Part:
    """A file that takes shape under a name of its own, and gets its final one when it is whole."""

    def __init__(self, store: Store, name: str) -> None:
        self._system = store.system
        self._final = f"{store.path}/{name}"
        self._temporary = f"{store.path}/{NOTES}/{uuid.uuid4().hex}.part"
        try:
            self.stream: IO[bytes] = cast(IO[bytes], self._system.open(self._temporary, "wb"))
        except OSError as error:
            raise OutputError(f"{store.name}: cannot be written ({error.strerror or error})") from None

    def commit(self) -> None:
        """Give the file its final name."""
        self.stream.flush()
        with suppress(OSError, AttributeError):  # what lies elsewhere has no descriptor
            os.fsync(self.stream.fileno())
        self.stream.close()
        self._system.mv(self._temporary, self._final)

    def discard(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError, ValueError):
            self.stream.close()
        with suppress(OSError):
            self._system.rm_file(self._temporary)


@contextmanager
def _cleared(store: Store) -> Iterator[None]:
    """Clear away, once the workers are gone, what they have left half-written."""
    try:
        yield
    finally:
        with suppress(OSError):
            store.clear_unfinished()


@contextmanager
def _held(store: Store) -> Iterator[Callable[[], None]]:
    """Hold the folder against other runs; gives what raises once it is no longer ours."""
    if store.folder is not None:
        lock = Lock(store.folder.with_name(f"{store.folder.name}.lock"))
        try:
            yield lambda: None
        finally:
            lock.release()
        return
    beat = Beat(store)
    try:
        yield beat.check
    finally:
        beat.release()


class Beat:
    """A lock where no file locks are: an object that its holder changes every few seconds.

    A lock that stands still has lost its holder and is taken over; nobody's clock is compared with another's.

    Raises
    ------
    OutputError
        Another run holds it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = f"{store.path}/{NOTES}/run.lock"
        self._token = uuid.uuid4().hex
        self._lost = False
        self._ended = threading.Event()
        if not self._take():
            self._watch()
            self._store.system.rm_file(self._path)
            if not self._take():
                raise OutputError(f"{store.name}: another run is writing to it; wait, or choose another folder")
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def _take(self) -> bool:
        try:
            self._store.system.pipe_file(self._path, f"{self._token} 0".encode(), mode="create")
        except FileExistsError:
            return False
        except OSError as error:
            raise OutputError(f"{self._store.name}: cannot be written ({error.strerror or error})") from None
        return True

    def _watch(self) -> None:
        """Wait until the lock has stood still for long enough; refuse if it changes."""
        first = self._content()
        begun = time.monotonic()
        while first is not None and time.monotonic() - begun < STALE_SECONDS:
            time.sleep(min(1.0, STALE_SECONDS / 4))
            if self._content() != first:
                raise OutputError(f"{self._store.name}: another run is writing to it; wait, or choose another folder")

    def _content(self) -> bytes | None:
        with suppress(FileNotFoundError):
            return cast(bytes, self._store.system.cat_file(self._path))
        return None

    def _beat(self) -> None:
        number = 0
        while not self._ended.wait(BEAT_SECONDS):
            with suppress(OSError):  # one that fails is made up for by the next
                if not (self._content() or b"").startswith(self._token.encode()):
                    self._lost = True
                    return
                number += 1
                self._store.system.pipe_file(self._path, f"{self._token} {number}".encode())

    def check(self) -> None:
        """Raise if another run has taken the lock over, because ours seemed dead."""
        if self._lost:
            raise OutputError(f"{self._store.name}: another run has taken it over")

    def release(self) -> None:
        """Let go."""
        self._ended.set()
        self._thread.join()
        if not self._lost:
            with suppress(OSError):
                self._store.system.rm_file(self._path)


# -- the cluster ---------------------------------------------------------------------------------------


@contextmanager
def _client(cluster: str) -> Iterator[Client]:
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is told in sentences
    with ExitStack() as stack:
        local = re.fullmatch(r"local(?:\[(\d+)\])?", cluster)
        if local:
            processes = int(local[1] or 1)
            with _deaf_to_interrupts():
                nodes = LocalCluster(
                    n_workers=processes,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # of this machine only, on a port that is free
                    silence_logs=logging.CRITICAL,
                )
            cluster = stack.enter_context(nodes).scheduler_address
        try:
            client = Client(cluster, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            what = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ClusterError(f"{cluster}: no Dask scheduler answers there ({what})") from None
        yield stack.enter_context(client)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that leave Ctrl-C to this one, which ends them in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _model_on(client: Client, path: Path) -> Iterator[str]:
    """Have the model on every worker, also on those that come later; gives the key to it."""
    key = uuid.uuid4().hex
    try:
        client.register_plugin(_ModelPlugin(key, path.name, path.read_bytes()), name=f"newsift-{key}")
    except Exception as error:
        raise ClusterError(
            f"the workers cannot run newsift ({type(error).__name__}: {error}); install the same version on them"
        ) from None
    try:
        yield key
    finally:
        with suppress(Exception):  # the cluster may be gone
            client.unregister_worker_plugin(f"newsift-{key}")


class _ModelPlugin(WorkerPlugin):
    """Brings a model to a worker. It is loaded by the first task that needs it, once a process."""

    def __init__(self, key: str, name: str, content: bytes) -> None:
        self.key, self.file, self.content = key, name, content

    def setup(self, worker: Any) -> None:
        _sent[self.key] = (self.file, self.content)

    def teardown(self, worker: Any) -> None:
        _sent.pop(self.key, None)
        _loaded.pop(self.key, None)


# -- on a worker ---------------------------------------------------------------------------------------

_sent: dict[str, tuple[str, bytes]] = {}
_loaded: dict[str, Scorer] = {}
#: One partition at a time in a process: more threads would only wait for each other.
_one = threading.Lock()


class _AgainError(NewsiftError):
    """A file did not answer; Dask tries the partition again."""


def _score_partition(job: Job, partition: Partition, folder: str, key: str) -> Outcome:
    """Score a file with the local engine, and leave its output and its note in the folder."""
    outcome = Outcome()

    def note_failure(failure: Failure) -> None:
        if failure.transient:
            raise _AgainError(failure.what)
        if job.on_error == "fail":
            raise FailedError(str(failure))
        outcome.whole &= failure.where != partition.source
        if len(outcome.failures) < NAMED_FAILURES:
            outcome.failures.append((failure.where, failure.what))

    own = replace(job, sources=(partition.source,), output=None, jobs=1, resume=False, on_error="skip")
    store = Store(folder)
    with _one, _collecting_rarely():
        try:
            stats = run(own, _scorer(key), note_failure, sink=Part(store, partition.output))
        except FailedError as error:
            return Outcome(stopped=str(error))
    outcome.stats = stats.as_dict()
    note = {"source": partition.source, "version": partition.version, "whole": outcome.whole, "stats": outcome.stats}
    store.write(_note(partition), orjson.dumps({**note, "failures": outcome.failures}, option=orjson.OPT_INDENT_2))
    return outcome


def _scorer(key: str) -> Scorer:
    if key not in _loaded:
        if key not in _sent:
            raise ScoringError("the model did not reach a worker")
        name, content = _sent[key]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(content)
            _loaded[key] = Scorer(*load_model(path))
    return _loaded[key]


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Look for cyclic garbage rarely while scoring (see `scoring.collect_rarely`); the process is Dask's."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
