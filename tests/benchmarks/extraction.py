"""How well and how fast is main text found? newsift against its peers, on WCXB dev (`make bench`).

Two measures per page, then their means: F1 of the bags of lower-cased words (WCXB), and F1 of 4-word
shingles (Zyte's article-extraction benchmark). newsift's texts are made from out-of-fold labels, so that no
page is scored by a model that saw its site; its CPU time is that of the default model over the same pages.
"""

import argparse
import gzip
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import orjson

from classifier.features import Batch
from classifier.reading.encoding import decode
from classifier.reading.html import read_html
from training.sources.wcxb import page_type_of

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench"
_WORD = re.compile(r"\w+")
Scores = tuple[float, float, float]


def overlap(found: Counter[object], gold: Counter[object]) -> Scores:
    """F1, precision and recall of one multiset against another; two empty ones agree."""
    if not found or not gold:
        return (1.0, 1.0, 1.0) if not found and not gold else (0.0, 0.0, 0.0)
    common = sum((found & gold).values())
    precision, recall = common / found.total(), common / gold.total()
    return (2 * precision * recall / (precision + recall) if common else 0.0), precision, recall


def word_scores(found: str, gold: str) -> Scores:
    """Bag of words, as WCXB defines it."""
    return overlap(Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(gold.lower())))


def shingle_scores(found: str, gold: str) -> Scores:
    """4-word shingles, as in Zyte's benchmark; a shorter text is one shingle."""
    return overlap(_shingles(found), _shingles(gold))


def _shingles(text: str) -> Counter[object]:
    words = _WORD.findall(text)
    if 0 < len(words) < 4:
        return Counter([tuple(words)])
    return Counter(zip(words, words[1:], words[2:], words[3:], strict=False))


def load_pages(folder: Path, limit: int, seed: int) -> list[dict[str, str]]:
    """Read a random sample of pages with gold text: id, type, html, gold, language."""
    truths = sorted((folder / "ground-truth").glob("*.json"))
    if not truths:
        raise SystemExit(f"{folder}: no ground-truth/*.json here; give a split folder of WCXB, such as wcxb/dev")
    random.Random(seed).shuffle(truths)
    pages: list[dict[str, str]] = []
    for path in truths:
        truth = orjson.loads(path.read_bytes())
        gold = truth["ground_truth"].get("main_content")
        page = folder / "html" / f"{path.stem}.html.gz"
        if not gold or not page.exists():
            continue
        html = decode(gzip.decompress(page.read_bytes()), markup=True)
        document = read_html(html, path.stem)
        language = "English" if Batch([document]).english[0] else "other language"
        pages.append({"id": path.stem, "type": page_type_of(truth), "html": html, "gold": gold, "language": language})
        if len(pages) == limit:
            break
    return pages


def peer_texts(pages: Sequence[dict[str, str]], python: str, passes: int) -> dict[str, dict[str, dict[str, object]]]:
    """Texts and CPU times of the peers by page id, cached in `.cache/bench`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    cache = CACHE / "peers.jsonl"
    known = {}
    if cache.exists():
        known = {record["id"]: record["peers"] for record in map(json.loads, cache.read_text().splitlines())}
    missing = [{"id": page["id"], "html": page["html"]} for page in pages if page["id"] not in known]
    if missing:
        run = subprocess.run(
            ["nice", python, "-W", "ignore", str(Path(__file__).with_name("peers.py")), str(passes)],
            input="\n".join(map(json.dumps, missing)),
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": ""},
            check=False,
        )
        if run.returncode:
            raise SystemExit("the peers did not run; give a Python that has the extra `bench` with --peers-python")
        with cache.open("a") as file:
            file.write(run.stdout)
        known.update((record["id"], record["peers"]) for record in map(json.loads, run.stdout.splitlines()))
    return {page["id"]: known[page["id"]] for page in pages}


def kept_texts(pages: Sequence[dict[str, str]], folds: Path) -> dict[str, str]:
    """Text of the kept paragraphs by page id, from out-of-fold labels (lines of `{"id", "kept"}`)."""
    kept = {}
    for line in folds.read_bytes().splitlines():
        record = orjson.loads(line)
        kept[str(record["id"]).rpartition(":")[2]] = record["kept"]
    texts = {}
    for page in pages:
        if page["id"] in kept:
            paragraphs = read_html(page["html"], page["id"]).paragraphs
            texts[page["id"]] = "\n".join(paragraphs[index].text for index in kept[page["id"]])
    return texts


def own_milliseconds(pages: Sequence[dict[str, str]], passes: int) -> float | None:
    """Median over passes of newsift's CPU time per page, read to label; `None` without a default model."""
    import classifier

    try:
        model = classifier.load()
    except (AttributeError, OSError):
        return None
    times = []
    for _ in range(passes):
        start = time.process_time()
        for first in range(0, len(pages), 32):
            batch = [read_html(page["html"], page["id"]) for page in pages[first : first + 32]]
            list(model.score(batch, explain=False))
        times.append((time.process_time() - start) * 1000 / len(pages))
    return statistics.median(times)


def table(pages: Sequence[dict[str, str]], systems: dict[str, dict[str, str]]) -> str:
    """Give a Markdown table: mean scores of each system over all pages, per page type and per language."""
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for page in pages:
        for group in ("all", page["type"], page["language"]):
            groups[group].append(page)
    lines = [
        "| pages | n | system | word F1 | precision | recall | 4-gram F1 |",
        "|---|--:|---|--:|--:|--:|--:|",
    ]
    for group, members in groups.items():
        for system, texts in systems.items():
            scored = [page for page in members if page["id"] in texts]
            if not scored:
                continue
            words = [word_scores(texts[page["id"]], page["gold"]) for page in scored]
            grams = [shingle_scores(texts[page["id"]], page["gold"])[0] for page in scored]
            means = [statistics.fmean(column) for column in zip(*words, strict=True)] + [statistics.fmean(grams)]
            lines.append(f"| {group} | {len(scored)} | {system} | " + " | ".join(f"{x:.3f}" for x in means) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wcxb", type=Path, help="a split folder of WCXB, such as wcxb/dev")
    parser.add_argument("--folds", type=Path, help="out-of-fold labels (JSONL: id, kept) of `newsift train`")
    parser.add_argument("--peers-python", default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--pages", type=int, default=150, help="size of the random sample")
    parser.add_argument("--passes", type=int, default=3, help="passes over each page; CPU times are their medians")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    pages = load_pages(options.wcxb, options.pages, options.seed)
    found = peer_texts(pages, options.peers_python, options.passes)
    names = list(next(iter(found.values())))
    systems = {name: {page: str(peers[name]["text"]) for page, peers in found.items()} for name in names}
    if options.folds:
        kept = kept_texts(pages, options.folds)
        left_out = [page["id"] for page in pages if page["id"] not in kept]
        print(f"{len(left_out)} of {len(pages)} pages, too long to be in the folds, are left out for every system\n")
        pages = [page for page in pages if page["id"] in kept]
        systems = {"newsift": kept, **systems}
    print(table(pages, systems))
    times = {name: statistics.fmean(float(str(peers[name]["ms"])) for peers in found.values()) for name in names}
    own = own_milliseconds(pages, options.passes)
    if own is not None:
        times = {"newsift": own, **times}
    print("\n| system | CPU ms per page |\n|---|--:|")
    print("\n".join(f"| {name} | {ms:.1f} |" for name, ms in times.items()))


if __name__ == "__main__":
    main()
