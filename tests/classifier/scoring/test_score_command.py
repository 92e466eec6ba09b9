import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest
from typer.testing import CliRunner

from classifier.cli import app
from classifier.labels import LABELS, REASON_CODES

from .conftest import made_document


@pytest.fixture
def score(model_path):
    def call(*arguments, stdin=None):
        return CliRunner().invoke(app, ["score", "--model", str(model_path), *map(str, arguments)], input=stdin)

    return call


def lines_of(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_piped_output_is_a_line_per_paragraph(score, article):
    result = score(article, "--explain")
    assert result.exit_code == 0, result.stderr
    lines = lines_of(result)
    assert [line["text"] for line in lines] == [p.text for p in made_document(3).paragraphs]
    assert {line["document"] for line in lines} == {str(article)}
    assert all(line["label"] in LABELS and line["reasons"] for line in lines)


def test_standard_input_and_keep(score, article):
    result = score("-", "--keep", "chrome", "--format", "text", stdin=article.read_bytes())
    assert result.exit_code == 0
    assert "Share this" in result.stdout


def test_records_with_other_field_names(score, tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text('{"key": "k", "body": "One line\\nAnother", "tale": "s"}\n')
    result = score(path, "--fields", "id=key,text=body,story=tale")
    assert [line["document"] for line in lines_of(result)] == ["k", "k"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet", "out.html", "out.txt", "out.jsonl.gz"])
def test_output_takes_its_format_from_the_suffix(score, article, tmp_path, name):
    result = score(article, "--output", tmp_path / name)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    first = {"jsonl": b"{", "csv": b"document,", "parquet": b"PAR1", "html": b"<!doctype", "txt": b"Share"}
    first["gz"] = b"\x1f\x8b"
    assert (tmp_path / name).read_bytes().startswith(first[name.rsplit(".")[-1]])


def test_first_failure_stops_and_leaves_nothing(score, article, tmp_path):
    result = score(article, tmp_path / "missing.txt", "--output", tmp_path / "out.jsonl")
    assert result.exit_code == 1
    assert "missing.txt: no such file" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["article.txt"]


def test_skip_goes_on_and_names_every_failure(score, article, tmp_path):
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b'{"text": "fine"}\n{"text": \n[1]\n')
    stats = tmp_path / "stats.json"
    result = score(tmp_path / "no.txt", broken, article, "--on-error", "skip", "--stats", stats)
    assert result.exit_code == 1
    for named in ("no.txt", "broken.jsonl:2", "broken.jsonl:3", "3 sources failed"):
        assert named in result.stderr
    assert len(lines_of(result)) == 21
    figures = json.loads(stats.read_text())
    assert (figures["documents"], figures["paragraphs"], figures["failures"]) == (2, 21, 3)


def test_empty_document_is_no_failure(score, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"\n \r\n")
    result = score(empty)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--keep", "core,junk"],
        ["--format", "xml"],
        ["--input-format", "pdf"],
        ["--on-error", "panic"],
        ["--jobs", "0"],
        ["--fields", "name=x"],
        ["--resume"],
        ["--sensitivity", "extreme"],
    ],
)
def test_wrong_usage_is_exit_code_two(score, article, arguments):
    assert score(article, *arguments).exit_code == 2


def test_wrong_model_is_told_in_a_sentence(article):
    result = CliRunner().invoke(app, ["score", str(article), "--model", str(article)])
    assert result.exit_code == 1
    assert "not a model file" in result.stderr
    assert "Traceback" not in result.stderr


def test_failure_names_cannot_steer_the_terminal(score, tmp_path):
    result = score(tmp_path / "evil\x1b[31m.txt")
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr


def test_label_guide_and_model_card(model_path):
    guide = CliRunner().invoke(app, ["labels"]).stdout
    assert all(name in guide for name in (*LABELS, *REASON_CODES))
    card = CliRunner().invoke(app, ["model", "show", str(model_path)])
    assert "trained_on: made documents" in card.stdout
    assert CliRunner().invoke(app, ["model", "show", "nothing.skops"]).exit_code == 1


def started(model_path, *arguments, **options):
    command = [
        sys.executable,
        "-m",
        "classifier.cli",
        "score",
        "--model",
        str(model_path),
        *map(str, arguments),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ, **options)


def test_closed_pipe_ends_without_a_word(model_path, tmp_path):
    path = tmp_path / "large.txt"
    path.write_text("A line of this text.\n" * 5000)
    process = started(model_path, path)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_without_a_word_and_leaves_nothing(model_path, tmp_path, number, code):
    output = tmp_path / "out.jsonl"
    # A suite that was started in the background of a script ignores Ctrl-C, and so would its children.
    listening = partial(signal.signal, number, signal.SIG_DFL)
    process = started(model_path, "-", "--output", output, stdin=subprocess.PIPE, preexec_fn=listening)
    process.stdin.write(b"A line\n" * 20_000)
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while not (tmp_path / "out.jsonl.part").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    process.stdin.close()
    assert process.stderr.read() == b""
    assert process.wait() == code
    assert list(tmp_path.iterdir()) == []


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from classifier.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sklearn', 'numpy', 'pyarrow', 'jinja2', 'selectolax'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=os.environ)
    assert done.stderr.decode().strip() == "[]"
