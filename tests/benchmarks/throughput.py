"""How fast is newsift on one core? Paragraphs and pages a second, start-up, linearity (`make bench`)."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import classifier
from classifier.document import Document, Paragraph
from classifier.reading.html import read_html

PASSES = 5
#: Records of the file that workers are measured on: a minute's work, so that start-up is a small part.
CRAWL = 10_000
_STORY = (
    "The council voted on Tuesday night to build the new harbour bridge, which will cost 40 million euros.",
    '"It took us nine years," Mayor Ana Ruiz told reporters after the meeting.',
    "Share this article",
    "Residents had filled the hall for three hours while members argued over who would pay for it.",
    "Related: Ten bridges to see before you die",
)


def text_document(paragraphs: int) -> Document:
    """Make a text document of this many paragraphs."""
    return Document("text", [Paragraph(f"{_STORY[i % len(_STORY)]}") for i in range(paragraphs)])


def page(blocks: int) -> str:
    """Make a page with a menu and this many blocks of story."""
    menu = "".join(f"<li class=nav-item><a href=/{i}>Section {i}</a></li>" for i in range(20))
    story = "".join(f'<p class="par par-{i % 7}">{_STORY[i % len(_STORY)]}</p>' for i in range(blocks))
    return f"<nav><ul>{menu}</ul></nav><main><article><h1>Bridge</h1>{story}</article></main>"


def seconds(work: Callable[[], object]) -> float:
    """Median CPU seconds of several passes."""
    times = []
    for _ in range(PASSES):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def wall(command: Sequence[str]) -> float:
    """Median wall seconds of a command."""
    return statistics.median(once(command) for _ in range(PASSES))


def once(command: Sequence[str]) -> float:
    """Wall seconds of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    os.environ["OMP_NUM_THREADS"] = "1"
    reading = [seconds(lambda size=size: read_html(page(size), "page")) for size in (2000, 4000)]
    print(f"reading, twice the page: {reading[1] / reading[0]:.2f} times the CPU")
    model = classifier.load()

    def score(documents: list[Document]) -> None:
        list(model.score(documents))

    texts = [text_document(40) for _ in range(50)]
    print(f"text: {50 * 40 / seconds(lambda: score(texts)):,.0f} paragraphs a second per core")
    pages = [page(40)] * 50
    html = seconds(lambda: score([read_html(one, "page") for one in pages]))
    print(f"HTML: {50 / html:,.0f} pages a second per core")
    sizes = [seconds(lambda size=size: score([text_document(size)])) for size in (2000, 4000)]
    print(f"scoring, twice the paragraphs: {sizes[1] / sizes[0]:.2f} times the CPU")
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"
        one.write_text("\n".join(_STORY), encoding="utf-8")
        command = str(Path(sys.executable).with_name("newsift"))
        own = wall([command, "score", str(one), "--format", "jsonl"])
        bare = wall([sys.executable, "-c", "import sklearn.ensemble"])
    print(f"start-up of `newsift score one.txt`: {own:.2f} s; `import sklearn.ensemble` alone: {bare:.2f} s")
    for name in ("html", "text"):
        one_worker, two_workers = workers(name)
        print(f"two workers, {CRAWL:,} records of {name}, start-up included: {one_worker / two_workers:.2f} times one")


def workers(name: str) -> tuple[float, float]:
    """Wall seconds of scoring one JSONL file with one worker and with two; the better of two runs each."""
    content = page(40) if name == "html" else "\n".join(p.text for p in text_document(60).paragraphs)
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "crawl.jsonl", Path(folder) / "out.jsonl"
        source.write_text("".join(json.dumps({"id": str(i), name: content}) + "\n" for i in range(CRAWL)))
        command = [str(Path(sys.executable).with_name("newsift")), "score", str(source), "--no-explain"]
        found = [
            min(once([*command, "--output", str(output), "--jobs", str(jobs)]) for _ in range(2)) for jobs in (1, 2)
        ]
    return found[0], found[1]


if __name__ == "__main__":
    main()
