import gzip
import multiprocessing
import random
import time
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

from classifier import pipeline
from classifier.pipeline import FailedError, Job, run
from classifier.scoring import Scorer
from classifier.storage import load_model
from classifier.writing import OutputError, Sink

from .conftest import made_document


@pytest.fixture
def scorer(model_path):
    return Scorer(*load_model(model_path), batch_paragraphs=40)


@pytest.fixture
def records(tmp_path):
    """Sixty documents in one JSONL file; the model and chunks are small, so that they take a while."""
    path = tmp_path / "in.jsonl"
    lines = []
    for number in range(60):
        text = "\n".join(p.text for p in made_document(number).paragraphs)
        lines.append(orjson.dumps({"id": f"d{number}", "text": text}))
    path.write_bytes(b"\n".join(lines))
    return path


def slow_run(job: Job, scorer: Scorer) -> None:
    """Run, a little at each document, and wait at the last one for the kill, even if the machine is put to sleep."""
    pipeline.CHECKPOINT_SECONDS = 0.0
    run(job, scorer, on_progress=lambda stats: time.sleep(3600 if stats.documents == 60 else 0.005))


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.parquet"])
def test_killed_run_goes_on_without_loss_or_doubling(scorer, records, tmp_path, name):
    form = "parquet" if name.endswith("parquet") else "jsonl"
    whole = tmp_path / f"whole-{name}"
    run(Job((str(records),), format=form, output=whole), scorer)
    output = tmp_path / name
    job = Job((str(records),), format=form, output=output, resume=True)
    chance = random.Random(name)
    for _ in range(4):
        process = multiprocessing.get_context("fork").Process(target=slow_run, args=(job, scorer))
        process.start()
        time.sleep(chance.uniform(0.02, 0.35))
        process.kill()
        process.join()
    assert not output.exists()
    stats = run(job, scorer)
    assert stats.documents == 60
    if form == "parquet":
        assert pq.read_table(output).equals(pq.read_table(whole))
    else:
        unpack = gzip.decompress if name.endswith("gz") else bytes
        assert unpack(output.read_bytes()) == unpack(whole.read_bytes())
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["in.jsonl", whole.name, name])


def test_journal_of_another_run_is_refused(scorer, records, tmp_path):
    output = tmp_path / "out.jsonl"
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(records.read_bytes() + b"\nbroken")
    with pytest.raises(FailedError, match=r"bad\.jsonl:61"):
        run(Job((str(bad),), output=output, resume=True), scorer)
    with pytest.raises(OutputError, match="other sources"):
        run(Job((str(bad),), output=output, resume=True, sensitivity="high"), scorer)
    stats = run(Job((str(bad),), output=output, resume=True, on_error="skip"), scorer)
    assert stats.failures == 1
    assert len(output.read_bytes().splitlines()) == 60 * 20


def test_torn_journal_line_is_ignored(scorer, records, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "CHECKPOINT_SECONDS", 0.0)
    output = tmp_path / "out.jsonl"

    class StopError(Exception):
        pass

    def stop(stats):
        if stats.documents == 30:
            raise StopError

    with pytest.raises(StopError):
        run(Job((str(records),), output=output, resume=True), scorer, on_progress=stop)
    journal = Path(f"{output}.journal")
    journal.write_bytes(journal.read_bytes() + b'{"inputs": 4')
    run(Job((str(records),), output=output, resume=True), scorer)
    run(Job((str(records),), output=tmp_path / "whole.jsonl"), scorer)
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_two_runs_on_one_output_are_refused(scorer, records, tmp_path):
    output = tmp_path / "out.jsonl"
    first = Sink(output)
    with pytest.raises(OutputError, match="another run"):
        run(Job((str(records),), output=output), scorer)
    first.discard()
    run(Job((str(records),), output=output), scorer)
    assert output.exists()


def test_failed_run_leaves_an_older_output_as_it_was(scorer, tmp_path):
    output = tmp_path / "out.jsonl"
    output.write_text("older")
    with pytest.raises(FailedError):
        run(Job((str(tmp_path / "missing"),), output=output), scorer)
    assert output.read_text() == "older"
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]


def test_full_disk_is_told_in_a_sentence(scorer, records, tmp_path, monkeypatch):
    def full(self, scored):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("classifier.writing.jsonl.JsonlWriter.add", full)
    with pytest.raises(OutputError, match="No space left"):
        run(Job((str(records),), output=tmp_path / "out.jsonl"), scorer)
    assert [p.name for p in tmp_path.iterdir()] == ["in.jsonl"]
