"""How far a run is: known where the size of the sources is, left open where it is not."""

import gzip
import io
import json
import re
import subprocess
import sys
import time

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from classifier.cli import app
from classifier.pipeline import Job, run
from classifier.reading.sources import total_bytes
from classifier.scoring import load

ROWS = [{"id": str(number), "text": f"The council met on day {number}.\nShare"} for number in range(200)]


def write_sources(folder):
    (folder / "a.jsonl").write_bytes(b"\n".join(map(orjson.dumps, ROWS)))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(b"\n".join(map(orjson.dumps, ROWS))))
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "c.parquet")
    (folder / "d.txt").write_text("One line\n")


def shares_of(job, model_path):
    told = []
    run(job, load(model_path), on_progress=lambda stats: told.append(stats.share), measure=True)
    return told


@pytest.mark.parametrize("jobs", [1, 2])
def test_share_grows_with_the_results_to_the_whole(tmp_path, model_path, jobs):
    write_sources(tmp_path)
    output = tmp_path / "out" / "o.jsonl"
    output.parent.mkdir()
    told = shares_of(Job((str(tmp_path / "*.*"),), output=output, jobs=jobs), model_path)
    assert len(told) == 601
    assert told == sorted(told)
    assert 0.0 < told[0] < 0.05
    assert told[-1] == 1.0
    half = (tmp_path / "a.jsonl").stat().st_size / total_bytes([str(tmp_path / "*.*")])
    assert told[199] == pytest.approx(half, abs=0.02)
    assert told[99] == pytest.approx(half / 2, abs=0.02)


def test_share_of_a_table_goes_by_its_rows(tmp_path, model_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "c.parquet")
    told = shares_of(Job((str(tmp_path / "c.parquet"),), output=tmp_path / "o.jsonl"), model_path)
    assert told[99] == pytest.approx(0.5, abs=0.01)


def test_resumed_run_starts_where_it_goes_on(tmp_path, model_path, monkeypatch):
    monkeypatch.setattr("classifier.pipeline.CHECKPOINT_SECONDS", 0.0)
    write_sources(tmp_path)
    job = Job((str(tmp_path / "a.jsonl"),), output=tmp_path / "o.jsonl", resume=True)

    def stop(stats):
        if stats.documents == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job, load(model_path), on_progress=stop)
    told = shares_of(job, model_path)
    assert told[0] == pytest.approx(0.5, abs=0.02)
    assert told[-1] == 1.0


def test_share_is_open_where_nobody_can_know_it(tmp_path, model_path, monkeypatch):
    write_sources(tmp_path)
    output = tmp_path / "o.jsonl"
    story = Job((str(tmp_path / "d.txt"),), output=output, story="one")
    assert shares_of(story, model_path) == [None]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"One line")))
    assert shares_of(Job(("-",), output=output), model_path) == [None]
    assert total_bytes(["s3://bucket/*.jsonl"]) is None
    monkeypatch.setattr("classifier.reading.sources.MAX_COUNTED_FILES", 3)
    assert total_bytes([str(tmp_path)]) is None


def test_missing_source_does_not_spoil_the_rest(tmp_path, model_path):
    write_sources(tmp_path)
    sources = (str(tmp_path / "a.jsonl"), str(tmp_path / "none-*"), str(tmp_path / "d.txt"))
    job = Job(sources, output=tmp_path / "o.jsonl", on_error="skip")
    assert shares_of(job, model_path)[-1] == 1.0


def test_bar_says_rate_and_time_left_only_where_they_are_known(capsys, monkeypatch):
    from classifier.cli import _progress
    from classifier.pipeline import Stats

    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("rich.progress.TimeRemainingColumn.max_refresh", None)

    def shown(*shares):
        with _progress(shown=True) as tell:
            for share in shares:
                tell(Stats(documents=5, paragraphs=100, seconds=2.0, share=share))
                time.sleep(0.02)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)

    told = shown(0.1, 0.2, 0.25)
    assert "5 documents, 100 paragraphs, 50/s" in told
    assert re.search(r"25%, left: +0:00:0\d", told)
    told = shown(None)
    assert "50/s" in told
    assert "left" not in told and "%" not in told and "-:--:--" not in told


def test_missing_extra_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "classifier.cluster", raising=False)
    result = CliRunner().invoke(app, ["score", "a.txt", "--cluster", "local[2]", "--output", str(tmp_path / "o")])
    assert result.exit_code == 1
    assert result.stderr == "newsift: --cluster needs Dask and fsspec: pip install 'newsift[cluster]'\n"


def test_nothing_of_dask_is_loaded_without_a_cluster(tmp_path, model_path):
    (tmp_path / "a.txt").write_text("One line\n")
    code = (
        "import sys, json; from classifier.cli import app; app(sys.argv[1:], standalone_mode=False);"
        "print(json.dumps([n for n in ('dask', 'distributed', 'fsspec') if n in sys.modules]), file=sys.stderr)"
    )
    call = [sys.executable, "-c", code, "score", str(tmp_path / "a.txt"), "--model", str(model_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert json.loads(done.stderr.splitlines()[-1]) == []
