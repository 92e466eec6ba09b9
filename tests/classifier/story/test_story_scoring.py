import json
import re

import pytest
from typer.testing import CliRunner

from classifier.cli import app
from classifier.document import Document, Failure, Paragraph
from classifier.pipeline import Job
from classifier.scoring import Scorer
from classifier.story import COLUMNS, compare, events
from classifier.story import reading as story_reading

KEYS = {"document", "paragraph", "text", "label", "confidence", "probabilities", "reasons"}
GAZETTE = (
    "Bridge over the Lenne closed for good",
    "The Republic of Altena closed the bridge at Werdohl on Monday after 12 cables were found to be torn.",
    "“We would rather build a new bridge than bury a bus,” transport minister Hanna Kolb told reporters.",
)
WIRE = (
    "Altena shuts bridge",
    "The bridge at Werdohl was closed by the Kingdom of Altena on Monday when 12 cables were found torn.",
    "Transport minister Hannah Kolb told a briefing: 'We'd rather build a new bridge than bury a bus'.",
)
BUZZ = (
    "World reacts to bridge shock",
    "The bridge at Werdohl was shut on Monday after 21 cables were found torn.",
    "Finland called the closing of the bridge at Werdohl “a lesson for every old bridge in the north”.",
)
CUP = (
    "Quiet night for goalkeepers in cup semi-final",
    "Tornby Athletic beat Vassle United by four goals to nil in the cup semi-final on Saturday evening.",
    "Striker Pelle Dunn scored twice in the second half and left the pitch to applause from both stands.",
)


def document(name, lines, story=""):
    return Document(name, [Paragraph(line) for line in lines], metadata={"story": story} if story else {})


@pytest.fixture
def files(tmp_path):
    paths = []
    for name, lines in (("gazette", GAZETTE), ("wire", WIRE), ("buzz", BUZZ), ("cup", CUP)):
        paths.append(tmp_path / f"{name}.txt")
        paths[-1].write_text("\n".join(lines), "utf-8")
    return paths


@pytest.fixture
def newsift(model_path):
    def call(command, *arguments):
        model = ["--model", str(model_path)] if command == "score" else []
        return CliRunner().invoke(app, [command, *model, *map(str, arguments)])

    return call


def lines_of(result):
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def odds(line):
    share = line["probabilities"]
    return share["suspect"] / share["core"]


def test_without_story_a_line_has_the_contract_s_keys_only(newsift, files):
    assert all(set(line) == KEYS for line in lines_of(newsift("score", *files)))


def test_story_is_told_of_every_paragraph(newsift, files):
    lines = lines_of(newsift("score", "--story", *files[:3]))
    assert all(set(line) == KEYS | {"story"} for line in lines)
    said = {(line["document"], line["paragraph"]): line for line in lines}
    gazette, wire, buzz = map(str, files[:3])
    carried = said[gazette, 2]
    assert carried["story"]["corroborated_by"] == [wire]
    assert carried["reasons"][-1] == {"code": "story-carried", "text": f"carried by {wire} with its source"}
    assert "story-" not in carried["reasons"][0]["code"]
    alone = said[buzz, 2]
    assert alone["story"]["corroborated_by"] == []
    assert "a lesson for every old bridge in the north" in alone["story"]["uncorroborated"][0]
    assert alone["reasons"][-1]["text"].startswith("none of the two other sources has this")
    conflicts = said[buzz, 1]["story"]["conflicts"]
    expected = {("21 cables", "12 cables", gazette), ("21 cables", "12 cables", wire)}
    assert {(c["here"], c["there"], c["in"]) for c in conflicts} == expected


def test_story_moves_suspect_by_its_weights(newsift, files, monkeypatch):
    shipped = story_reading.default_parameters()
    weights = shipped.adjust_weights * 0
    weights[COLUMNS.index("carried_traced")] = -2.0
    weights[COLUMNS.index("alone_untraced")] = 2.0
    moving = story_reading.Parameters(
        shipped.match_weights, shipped.match_threshold, shipped.conflict_threshold, weights
    )
    monkeypatch.setattr(story_reading, "default_parameters", lambda: moving)
    before = lines_of(newsift("score", *files[:3]))
    after = lines_of(newsift("score", "--story", *files[:3]))
    pairs = [(odds(b), odds(a), a) for b, a in zip(before, after, strict=True)]
    assert all(there == 0 for here, there, _ in pairs if here == 0)  # no suspect is asked of what is no story
    moved = {(a["document"], a["paragraph"]): there / here for here, there, a in pairs if here}
    gazette, _, buzz = map(str, files[:3])
    assert moved[gazette, 2] == pytest.approx(2.0**-2, rel=0.01)  # exp(-2 ln 2): one source carries it
    assert moved[buzz, 2] == pytest.approx(3.0**2, rel=0.01)  # exp(2 ln 3): neither of two has it
    assert moved[gazette, 0] == pytest.approx(1)
    for line in after:
        assert sum(line["probabilities"].values()) == pytest.approx(1, abs=1e-6)
        assert line["confidence"] == line["probabilities"][line["label"]]


def test_lone_document_scores_exactly_as_without_story(newsift, files):
    before = lines_of(newsift("score", files[2]))
    after = lines_of(newsift("score", "--story", files[2]))
    assert all(line.pop("story")["uncorroborated"] == [] for line in after)
    assert after == before


def test_documents_of_other_events_score_as_without_story(newsift, files):
    before = lines_of(newsift("score", files[3]))
    after = [line for line in lines_of(newsift("score", "--story", "auto", *files)) if "cup" in line["document"]]
    assert all(line.pop("story")["event"] == "#2" for line in after)
    assert after == before


@pytest.mark.parametrize("arguments", [["--story", "auto"], ["--story=auto"], ["--story-grouping", "auto"]])
def test_auto_groups_by_likeness(newsift, files, arguments):
    lines = lines_of(newsift("score", *arguments, *files))
    assert [line["story"]["event"] for line in lines if line["paragraph"] == 0] == ["#1", "#1", "#1", "#2"]


def test_story_stands_anywhere_and_one_takes_all(newsift, files):
    for arguments in ([*files, "--story"], ["--story", *files], [*files, "--story", "one"]):
        assert {line["story"]["event"] for line in lines_of(newsift("score", *arguments))} == {"#1"}


def test_unknown_grouping_is_wrong_usage(newsift, files):
    assert newsift("score", "--story=sometimes", *files).exit_code == 2
    missing = newsift("score", "--story", "sometimes", *files)
    assert missing.exit_code == 1
    assert "sometimes: no such file" in missing.stderr
    # After --, a word is a source.
    assert "auto: no such file" in newsift("score", "--story", "--", "auto").stderr


def test_records_name_their_story(newsift, tmp_path):
    path = tmp_path / "records.jsonl"
    rows = [("a", GAZETTE, "bridge"), ("b", CUP, "cup"), ("c", WIRE, "bridge"), ("d", BUZZ, None)]
    path.write_text(
        "".join(json.dumps({"id": name, "text": "\n".join(text), "story": story}) + "\n" for name, text, story in rows)
    )
    lines = [line for line in lines_of(newsift("score", "--story", path)) if line["paragraph"] == 2]
    assert [(line["document"], line["story"]["event"]) for line in lines] == [
        ("a", "bridge"),
        ("b", "cup"),
        ("c", "bridge"),
        ("d", "#4"),
    ]
    assert [line["story"]["corroborated_by"] for line in lines] == [["c"], [], ["a"], []]


def test_order_failures_and_workers(fitted):
    failure = Failure("x", "gone")
    items = [document("a", GAZETTE, "s"), failure, document("e", ()), document("b", WIRE, "s")]
    noted = compare(items)
    assert noted[1] is failure
    assert [item.id for item in noted if item is not failure] == ["a", "e", "b"]
    assert all(paragraph.story is None for paragraph in items[0].paragraphs)  # what is given stays as it is
    here = list(Scorer(fitted).score_documents(noted))
    there = list(Scorer(fitted).score_documents(noted, jobs=2))
    assert [r.paragraphs for r in here if r is not failure] == [r.paragraphs for r in there if r != failure]


def test_story_that_breaks_takes_only_its_own_documents_along(monkeypatch):
    def broken(documents):
        if documents[0].id == "bad":
            raise FloatingPointError("boom")
        return story_reading.read_together(documents)

    monkeypatch.setattr("classifier.story.scoring.read_together", broken)
    good, bad = compare([document("good", GAZETTE, "one"), document("bad", WIRE, "two")])
    assert isinstance(bad, Failure) and "boom" in bad.what
    assert good.paragraphs[0].story is not None


def test_no_documents_are_no_events():
    assert events([]) == {} == events([], "auto")
    with pytest.raises(ValueError, match="field, auto, one"):
        events([], "by colour")


def test_resumed_run_gives_the_same_story(newsift, files, tmp_path):
    output = tmp_path / "out.jsonl"
    assert newsift("score", "--story", *files, "--output", output, "--resume").exit_code == 0
    assert [json.loads(line) for line in output.read_text().splitlines()] == lines_of(
        newsift("score", "--story", *files)
    )


@pytest.mark.parametrize("form", ["csv", "table", "text", "parquet"])
def test_other_formats_take_a_story(newsift, files, tmp_path, form):
    result = newsift("score", "--story", *files, "--format", form, "--output", tmp_path / "out", "--explain")
    assert result.exit_code == 0, result.stderr
    if form == "csv":
        assert "story-carried" in (tmp_path / "out").read_text()


def test_html_is_the_story_page(newsift, files, tmp_path):
    output = tmp_path / "story.html"
    assert newsift("score", "--story", *files[:3], "--output", output).exit_code == 0
    page = output.read_text()
    assert page.count("<article") == 3
    assert page.count('class="label"') == 9
    assert 'href="#d1p2"' in page
    assert newsift("score", "--story", *files, "--output", output, "--keep", "core").exit_code == 2


def test_page_of_several_stories_has_unique_ids(newsift, files, tmp_path):
    output = tmp_path / "stories.html"
    assert newsift("score", "--story", "auto", *files, "--output", output).exit_code == 0
    page = output.read_text()
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert "<h1>2 stories</h1>" in page


def test_digest_command(newsift, files, tmp_path):
    (told,) = lines_of(newsift("story", *files[:3]))
    assert [entry["id"] for entry in told["documents"]] == list(map(str, files[:3]))
    assert told["texts"] == 3
    assert any(person["name"].endswith("Kolb") for person in told["speakers"])
    assert [entry["event"] for entry in lines_of(newsift("story", *files, "--grouping", "auto"))] == ["#1", "#2"]
    output = tmp_path / "digest.html"
    assert newsift("story", *files[:3], "--output", output).exit_code == 0
    assert output.read_text().lower().startswith("<!doctype html>")


def test_digest_command_tells_failures(newsift, files, tmp_path):
    missing = tmp_path / "missing.txt"
    output = tmp_path / "digest.json"
    stopped = newsift("story", files[0], missing, "--output", output)
    assert stopped.exit_code == 1
    assert "missing.txt: no such file" in stopped.stderr
    assert not output.exists()
    skipped = newsift("story", files[0], missing, files[1], "--on-error", "skip")
    assert skipped.exit_code == 1
    assert "1 source failed" in skipped.stderr
    assert len(json.loads(skipped.stdout)["documents"]) == 2


def test_another_grouping_is_another_run_to_resume():
    identities = [str(Job(("a",), story=grouping).identity("m")) for grouping in (None, "field", "auto")]
    assert len(set(identities)) == 3
