"""Scoring past one machine: what comes of every partition, whatever happens to the workers."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from classifier.cli import app
from classifier.pipeline import FailedError, Job, run
from classifier.scoring import load
from classifier.writing import OutputError

from .conftest import made_document

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'newsift[cluster]'")
pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'newsift[cluster]'")


def records(*numbers):
    texts = ("\n".join(p.text for p in made_document(number).paragraphs) for number in numbers)
    return b"".join(
        orjson.dumps({"id": f"d{number}", "text": text}) + b"\n" for number, text in zip(numbers, texts, strict=True)
    )


@pytest.fixture(scope="module")
def processes():
    """The address of a cluster of two processes, which come again when they are killed."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=100) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def threads():
    """The address of a cluster in this process, which sees what is in memory."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0") as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def memory():
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()


@pytest.fixture
def folder(tmp_path):
    """Partitions of every kind that has records."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(records(0, 1, 2))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(records(3, 4)))
    pq.write_table(
        pa.Table.from_pylist([orjson.loads(line) for line in records(5, 6).splitlines()]), folder / "c.parquet"
    )
    (folder / "d e.txt").write_text("\n\n".join(p.text for p in made_document(7).paragraphs))
    return folder


@pytest.fixture
def on_cluster(model_path):
    from classifier.cluster import run_on_cluster

    def call(job, cluster, output, **options):
        return run_on_cluster(job, cluster, str(output), model=model_path, **options)

    return call


def outputs(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def notes(folder):
    return sorted(path.name for path in (folder / "_newsift").iterdir())


# -- results -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_every_partition_is_what_the_local_engine_writes(processes, on_cluster, model_path, folder, form):
    from classifier.cluster import output_name

    tmp_path = folder.parent
    job = Job((str(folder),), format=form, explain=True)
    stats = on_cluster(job, processes, tmp_path / "out")
    assert (stats.documents, stats.paragraphs, stats.failures) == (8, 160, 0)
    expected = {}
    for path in folder.iterdir():
        local = tmp_path / "local"
        run(replace(job, sources=(str(path),), output=local), load(model_path))
        expected[output_name(str(path), form)] = local.read_bytes()
    found = outputs(tmp_path / "out")
    assert json.loads(found.pop("_SUCCESS"))["paragraphs"] == 160
    assert found == expected
    assert len(expected) == 4


def test_killed_worker_loses_nothing(processes, on_cluster, model_path, tmp_path):
    """One partition is a pipe: whoever reads it waits, is killed, and another has to read it again."""
    from distributed import Client

    for name, number in (("a", 1), ("b", 2), ("c", 3)):
        (tmp_path / f"{name}.jsonl").write_bytes(records(number))
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    stats = []
    job = Job((str(tmp_path / "*.jsonl"),))
    thread = threading.Thread(target=lambda: stats.append(on_cluster(job, processes, tmp_path / "out")))
    thread.start()
    with Client(processes, set_as_default=False) as client:
        worker = waited(lambda: [name for name, keys in client.processing().items() if "pipe" in str(keys)])[0]
        waited(lambda: [name for name in notes(tmp_path / "out") if name.endswith(".part")])
        pid = client.run(os.getpid)[worker]
        os.kill(pid, signal.SIGKILL)
        waited(lambda: [w for w, keys in client.processing().items() if "pipe" in str(keys) and w != worker])
    pipe.write_bytes(records(4, 5))
    thread.join(60)
    assert stats[0].documents == 5
    lines = b"".join(content for name, content in outputs(tmp_path / "out").items() if name != "_SUCCESS").splitlines()
    assert sorted({orjson.loads(line)["document"] for line in lines}) == ["d1", "d2", "d3", "d4", "d5"]
    assert len(lines) == 5 * 20
    assert (tmp_path / "out" / "_SUCCESS").exists()
    assert not [name for name in notes(tmp_path / "out") if name.endswith(".part")]


def waited(look, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def test_addresses_are_read_and_written(threads, on_cluster, memory):
    memory.pipe("/in/a.jsonl", records(1))
    memory.pipe("/in/b.jsonl.gz", gzip.compress(records(2)))
    memory.pipe("/in/_notes/c.jsonl", records(3))
    stats = on_cluster(Job(("memory://in",), explain=False), threads, "memory://out")
    assert stats.documents == 2
    names = sorted(path.rsplit("/", 1)[-1] for path in memory.ls("/out", detail=False))
    assert [name.split("-")[0] for name in names] == ["_SUCCESS", "_newsift", "a", "b"]
    assert not [path for path in memory.find("/out") if path.endswith((".part", ".lock"))]


def test_sources_may_be_addresses_without_a_cluster(model_path, memory, tmp_path):
    memory.pipe("/in/a.jsonl", records(1))
    (tmp_path / "a.parquet").touch()
    pq.write_table(pa.table({"id": ["p"], "text": ["One line"]}), tmp_path / "a.parquet")
    memory.put_file(str(tmp_path / "a.parquet"), "/in/b.parquet")
    call = ["score", "memory://in/*", "--model", str(model_path)]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.stderr
    assert {json.loads(line)["document"] for line in result.stdout.splitlines()} == {"d1", "p"}
    result = CliRunner().invoke(app, ["score", "memory://none/*", "memory://in/no.txt", "nowhere://a/b", *call[2:]])
    assert result.exit_code == 1
    assert "memory://none/*: no file matches" in result.stderr
    result = CliRunner().invoke(app, ["score", "nowhere://a/b.txt", "--on-error", "skip", *call[2:]])
    assert "Protocol not known" in result.stderr


# -- going on ------------------------------------------------------------------------------------------


def test_resume_does_only_what_is_not_finished(threads, on_cluster, folder, tmp_path):
    out = tmp_path / "out"
    job = Job((str(folder),), resume=True)
    first = on_cluster(job, threads, out)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.jsonl")}
    (lost,) = out.glob("b-*")
    lost.unlink()
    (folder / "a.jsonl").write_bytes(records(8))
    (folder / "new.jsonl").write_bytes(records(9))
    told = []
    stats = on_cluster(job, threads, out, on_progress=lambda stats: told.append(stats.share))
    assert (first.documents, stats.documents) == (8, 7)
    assert len(told) == 3
    assert told == sorted(told) and told[-1] == 1.0
    after = {path.name: path.stat().st_mtime_ns for path in out.glob("*.jsonl")}
    assert {name[0] for name in after if after[name] != before.get(name)} == {"a", "b", "n"}
    assert lost.exists()


def test_another_run_is_refused(threads, on_cluster, folder, tmp_path):
    job = Job((str(folder),))
    on_cluster(job, threads, tmp_path / "out")
    with pytest.raises(OutputError, match="--resume"):
        on_cluster(job, threads, tmp_path / "out")
    for other in (replace(job, sensitivity="high"), replace(job, explain=True), replace(job, sources=(str(tmp_path),))):
        with pytest.raises(OutputError, match="other sources, options or model"):
            on_cluster(replace(other, resume=True), threads, tmp_path / "out")
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_two_runs_on_one_folder_are_refused(threads, on_cluster, folder, tmp_path):
    from classifier.cluster import Store, _held

    with _held(Store(str(tmp_path / "out"))), pytest.raises(OutputError, match=r"out: another run is writing"):
        on_cluster(Job((str(folder),)), threads, tmp_path / "out")
    on_cluster(Job((str(folder),)), threads, tmp_path / "out")


def test_lock_without_files_is_refused_while_it_beats_and_taken_over_when_it_stands_still(memory, monkeypatch):
    from classifier import cluster

    monkeypatch.setattr(cluster, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(cluster, "STALE_SECONDS", 0.5)
    store = cluster.Store("memory://out")
    with cluster._held(store) as check:
        with pytest.raises(OutputError, match="another run is writing"):
            cluster.Beat(store)
        check()
    memory.pipe("/out/_newsift/run.lock", b"somebody 7")
    with cluster._held(store) as check:
        check()
        memory.pipe("/out/_newsift/run.lock", b"thief 1")
        waited(lambda: taken_over(check))
    assert memory.cat("/out/_newsift/run.lock") == b"thief 1"


def taken_over(check):
    try:
        check()
    except OutputError as error:
        return "taken it over" in str(error)
    return False


# -- failures ------------------------------------------------------------------------------------------


def test_failing_records_are_named_and_failing_files_keep_the_folder_unmarked(threads, on_cluster, folder, tmp_path):
    (folder / "bad.jsonl").write_bytes(records(1) + b"[1]\n" + records(2))
    job = Job((str(folder),), on_error="skip")
    failures = []
    stats = on_cluster(job, threads, tmp_path / "out", on_failure=failures.append)
    assert (stats.documents, stats.failures) == (10, 1)
    assert [failure.where for failure in failures] == [f"{folder / 'bad.jsonl'}:2"]
    assert (tmp_path / "out" / "_SUCCESS").exists()

    whole = gzip.compress(b"".join(records(number) for number in range(40)))
    (folder / "cut.jsonl.gz").write_bytes(whole[:-200])
    failures.clear()
    again = replace(job, resume=True)
    stats = on_cluster(again, threads, tmp_path / "out", on_failure=failures.append)
    assert [failure.where for failure in failures] == [str(folder / "cut.jsonl.gz")]
    assert stats.failures == 2
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    assert next((tmp_path / "out").glob("cut-*")).stat().st_size, "what could be read is there"

    (folder / "cut.jsonl.gz").write_bytes(whole)
    assert on_cluster(again, threads, tmp_path / "out").documents == 50
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_first_failure_ends_the_run(threads, on_cluster, folder, tmp_path):
    (folder / "bad.jsonl").write_bytes(b"[1]\n")
    with pytest.raises(FailedError, match=r"bad\.jsonl:1: a record must be"):
        on_cluster(Job((str(folder),)), threads, tmp_path / "out")
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    assert not list((tmp_path / "out").glob("bad-*"))


def test_file_that_does_not_answer_is_tried_again(threads, on_cluster, memory, monkeypatch):
    from classifier.reading import sources

    memory.pipe("/in/a.jsonl", records(1))
    memory.pipe("/in/b.jsonl", records(2))
    tries = []

    def flaky(name):
        tries.append(name)
        if name.endswith("a.jsonl") and tries.count(name) < needed:
            raise TimeoutError("the line is down")
        return memory.open(name.removeprefix("memory://"), "rb")

    monkeypatch.setattr(sources, "open_address", flaky)
    needed = 3
    assert on_cluster(Job(("memory://in/*",)), threads, "memory://out", retries=2).documents == 2
    needed = 100
    failures = []
    job = Job(("memory://in/*",), on_error="skip")
    stats = on_cluster(job, threads, "memory://other", retries=1, on_failure=failures.append)
    assert (stats.documents, stats.failures) == (1, 1)
    assert str(failures[0]) == "memory:///in/a.jsonl: cannot be read (the line is down)"
    assert not memory.exists("/other/_SUCCESS")


def test_scheduler_that_is_not_there_is_told_in_a_sentence(on_cluster, folder, tmp_path, monkeypatch):
    from classifier import cluster

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with pytest.raises(cluster.ClusterError, match="no Dask scheduler answers"):
        on_cluster(Job((str(folder),)), "tcp://127.0.0.1:9", tmp_path / "out")


# -- the command ---------------------------------------------------------------------------------------


def test_command_scores_on_processes_of_its_own(model_path, folder, tmp_path):
    out = tmp_path / "out"
    call = [sys.executable, "-m", "classifier.cli", "score", "--model", str(model_path), "--cluster", "local[2]"]
    done = subprocess.run([*call, str(folder), "--output", str(out)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list(out.glob("*.jsonl"))) == 4
    assert json.loads((out / "_SUCCESS").read_text())["documents"] == 8


def test_interrupted_command_ends_quietly_and_leaves_nothing_half_written(model_path, tmp_path):
    """Its one partition is a pipe that nobody fills, so that it is at work when the interrupt comes."""
    os.mkfifo(tmp_path / "a.jsonl")
    out = tmp_path / "out"
    call = [sys.executable, "-c", INTERRUPTIBLE, "score", "--model", str(model_path), "--cluster", "local[1]"]
    run = subprocess.Popen(
        [*call, str(tmp_path / "a.jsonl"), "--output", str(out)],
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    try:
        waited(lambda: (out / "_newsift" / "run.json").exists() and list(out.glob("_newsift/*.part")))
        os.killpg(run.pid, signal.SIGINT)
        said = run.communicate(timeout=60)[1]
    finally:
        run.kill()
    assert (run.returncode, said) == (130, "")
    assert notes(out) == ["run.json"]
    assert not list(tmp_path.glob("*.lock"))


#: A shell may have started the tests in the background, where Ctrl-C is not heard.
INTERRUPTIBLE = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "if __name__ == '__main__': from classifier.cli import app; app()"
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cluster", "moon"], "neither like"),
        (["--cluster", "local[2]"], "needs --output"),
        (["--cluster", "local[2]", "--output", "o", "--format", "csv"], "jsonl or parquet"),
        (["--cluster", "local[2]", "--output", "o", "--story"], "one machine"),
        (["--cluster", "local[2]", "--output", "o", "--jobs", "2"], "--jobs"),
        (["--cluster", "local[2]", "--output", "o", "-"], "standard input"),
        (["--output", "s3://bucket/o"], "only --cluster"),
    ],
)
def test_wrong_usage(arguments, said):
    result = CliRunner().invoke(app, ["score", "a.txt", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert said in result.stderr


def test_relative_path_is_refused_for_workers_elsewhere(processes, on_cluster, folder, tmp_path, monkeypatch):
    from classifier.cluster import ClusterError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClusterError, match="absolute"):
        on_cluster(Job(("in/a.jsonl",)), processes, tmp_path / "out")
