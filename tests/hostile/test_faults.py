"""The weather around a run: full disks, files that may not be read, clocks that jump, files without an end."""

import io
import os
import resource
import signal
import subprocess
import sys

import orjson
import pytest

from classifier import pipeline
from classifier.document import Failure
from classifier.pipeline import Job, run
from classifier.reading import read_html, read_sources
from classifier.scoring import Scorer
from classifier.storage import load_model

LINES = "\n".join(f"The council voted on item {n}, the mayor told the Gazette on Monday." for n in range(3000))


def limited(limit):
    """What a child process does first: writes beyond `limit` bytes fail, as on a full disk."""

    def limit_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return limit_files


def score(model_path, *arguments, **options):
    command = [sys.executable, "-m", "classifier.cli", "score", "--model", str(model_path), *map(str, arguments)]
    return subprocess.run(command, stderr=subprocess.PIPE, env=os.environ, timeout=120, check=False, **options)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in" / "a.txt"
    path.parent.mkdir()
    path.write_text(LINES)
    return path


# -- full disks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst", "out.csv", "out.parquet", "out.html"])
def test_full_disk_is_one_sentence_and_no_half_file(model_path, source, tmp_path, name):
    folder = tmp_path / "out"
    folder.mkdir()
    done = score(model_path, source, "--output", folder / name, preexec_fn=limited(4096))
    assert done.returncode == 1
    said = done.stderr.decode()
    assert "the output cannot be written (File too large)" in said
    assert len(said.splitlines()) == 1, said
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.parquet"])
def test_run_that_found_the_disk_full_goes_on_when_there_is_room(model_path, source, tmp_path, name):
    folder = tmp_path / "out"
    folder.mkdir()
    done = score(model_path, source, "--resume", "--output", folder / name, preexec_fn=limited(4096))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr.decode()
    assert len(done.stderr.decode().splitlines()) == 1, done.stderr.decode()
    assert not (folder / name).exists()
    assert score(model_path, source, "--resume", "--output", folder / name).returncode == 0
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
@pytest.mark.parametrize("form", ["jsonl", "csv", "text", "html", "table", "parquet"])
def test_full_standard_output_is_one_sentence(model_path, source, form):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = score(model_path, source, "--format", form, stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode() == "newsift: the output cannot be written (No space left on device)\n"


def test_full_disk_under_the_figures_is_one_sentence(model_path, source, tmp_path):
    done = score(model_path, source, "--stats", "/dev/full", stdout=subprocess.DEVNULL)
    assert done.returncode == 1
    assert done.stderr.decode() == "newsift: /dev/full: cannot be written (No space left on device)\n"


# -- clocks --------------------------------------------------------------------------------------------


def test_resuming_asks_no_clock_and_no_time_of_a_file(model_path, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "CHECKPOINT_SECONDS", 0.0)
    scorer = Scorer(*load_model(model_path), batch_paragraphs=1)
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"".join(orjson.dumps({"id": n, "text": f"Line {n}"}) + b"\n" for n in range(20)))
    run(Job((str(source),), output=tmp_path / "whole.jsonl"), scorer)

    class StopError(Exception):
        pass

    def stop(stats):
        if stats.documents == 11:
            raise StopError

    job = Job((str(source),), output=tmp_path / "out.jsonl", resume=True)
    with pytest.raises(StopError):
        run(job, scorer, on_progress=stop)
    for path in tmp_path.iterdir():  # the clock was put back by years, and the source was touched since
        os.utime(path, (0, 2_000_000_000) if path == source else (0, 0))
    monkeypatch.setattr("time.time", lambda: 0.0)
    fresh = []
    stats = run(job, scorer, on_progress=lambda stats: fresh.append(stats.documents))
    assert stats.documents == 20
    assert 0 < len(fresh) < 20
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_same_run_at_another_time_gives_the_same_bytes(model_path, source, tmp_path, monkeypatch):
    scorer = Scorer(*load_model(model_path))
    for name in ("a.jsonl.gz", "a.parquet", "a.html"):
        form = name.split(".")[1]
        run(Job((str(source),), format=form, output=tmp_path / name), scorer)
        monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
        run(Job((str(source),), format=form, output=tmp_path / f"later-{name}"), scorer)
        monkeypatch.undo()
        assert (tmp_path / name).read_bytes() == (tmp_path / f"later-{name}").read_bytes()


# -- files ---------------------------------------------------------------------------------------------


def failures_of(*sources, **options):
    return [item for item in read_sources([str(source) for source in sources], **options) if isinstance(item, Failure)]


def test_unreadable_files_and_folders_are_named(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("readable")
    shut = tmp_path / "b.txt"
    shut.write_text("shut")
    opened = io.open

    def refuse(file, *arguments, **options):  # root reads everything, so the mode alone proves nothing
        if os.fspath(file) == str(shut):
            raise PermissionError(13, "Permission denied", str(shut))
        return opened(file, *arguments, **options)

    monkeypatch.setattr("io.open", refuse)
    assert [str(failure) for failure in failures_of(tmp_path)] == [f"{shut}: may not be read (permission denied)"]


def test_links_that_lead_in_circles_are_named(tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.symlink_to(two)
    two.symlink_to(one)
    (failure,) = failures_of(one)
    assert failure.where == str(one)
    assert "\n" not in failure.what
    assert [failure.where for failure in failures_of(tmp_path / "*.txt")] == [str(one), str(two)]


def test_file_without_an_end_is_bounded():
    (failure,) = failures_of("/dev/zero", input_format="text", max_document_bytes=1 << 20)
    assert "binary" in failure.what or "larger" in failure.what


def test_line_of_fifty_megabytes(model_path, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"Words without an end, " * (50_000_000 // 22) + b"\nAnother line.\n")
    (document,) = read_sources([str(path)])
    scored = list(Scorer(*load_model(model_path)).score(document, explain=False))
    assert [len(paragraph.text) > 49_000_000 for paragraph in scored] == [True, False]


@pytest.mark.parametrize(
    "entity", ["&amp;", "&lt;", "&#x41;", "&NotEqualTilde;", "&", "&#", "&amp", "&#1114112;", "&a"]
)
def test_flood_of_entities(entity):
    page = f"<p>before</p><p>{entity * 300_000}</p><p title='{entity * 300_000}'>after</p>"
    document = read_html(page, "page")
    assert [document.paragraphs[0].text, document.paragraphs[-1].text] == ["before", "after"]


def test_entities_that_a_document_type_defines_are_not_expanded():
    lol = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in zip("abcdefgh", "bcdefghi", strict=True)
    )
    document = read_html(f"<!DOCTYPE html [{lol}]><html><body><p>&i;</p></body></html>", "page")
    assert sum(len(paragraph.text) for paragraph in document.paragraphs) < 2000


def test_external_entities_name_no_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    document = read_html(
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><p>&x;</p><iframe src="file://{secret}">', "page"
    )
    assert not any("do not tell" in paragraph.text for paragraph in document.paragraphs)
