"""Stand-off labels: labels of public pages without their text, and the join with a checkout of the corpus.

A record is one labelled document whose paragraphs have a hash in place of their text::

    {"id": "...", "source": "wcxb-dev:0031", "style": "wide", "paragraphs": [
        {"hash": "9f86d081884c7d65", "occurrence": 0, "label": "core", "also": ["chrome"]}, ...]}

The hash is taken of the letters, figures and signs alone, without white space, invisible characters and the
bars between table cells: extractors differ in these, and only in these, on most lines. A line that still
differs is mostly several blocks in one (a row of buttons), so runs of neighbouring blocks are tried too.
"""

import gzip
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

import orjson

from classifier.document import Document, Gold, Paragraph
from classifier.reading import read_html
from training.corpus import NOTED, CorpusError, labelled_document
from training.sources.wcxb import sites_by_page

#: Characters of the hash that are kept: 64 bits, so that two of a page's few hundred lines never collide.
HASH_CHARACTERS: Final = 16
#: Most blocks of a page that one labelled line is looked for in.
MAX_RUN: Final = 8
#: Sources that a WCXB checkout has the pages of.
WCXB: Final = "wcxb-dev:"
#: What is noted of a document besides its labels; a title would be text of the page.
_NOTED: Final = tuple(name for name in NOTED if name != "title")

_HASH = re.compile(r"[0-9a-f]{16}")

#: Gives the page of a source such as `wcxb-dev:0031`, or None where there is no such page.
Pages = Callable[[str], Document | None]


@dataclass(slots=True)
class JoinReport:
    """What a join found and what it did not."""

    paragraphs: int = 0
    matched: int = 0
    missing_pages: list[str] = field(default_factory=list)
    unmatched: dict[str, list[int]] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Share of the paragraphs of pages at hand that were found there."""
        return self.matched / self.paragraphs if self.paragraphs else 0.0

    def __str__(self) -> str:
        lines = [f"{self.matched} of {self.paragraphs} stand-off labels matched ({self.rate:.1%})"]
        if self.unmatched:
            lost = self.paragraphs - self.matched
            lines.append(f"{lost} paragraphs in {len(self.unmatched)} documents are not on their pages as labelled")
        if self.missing_pages:
            kinds = Counter(source.split(":")[0] for source in self.missing_pages)
            named = ", ".join(f"{count} of {kind}" for kind, count in kinds.items())
            lines.append(f"{len(self.missing_pages)} documents have no page at hand: {named}")
        return "; ".join(lines)


@dataclass(slots=True)
class Joined:
    """Documents that got their text back: as pages with their layout, and as the scrapes that were read."""

    pages: list[Document]
    scrapes: list[Document]
    report: JoinReport


def paragraph_hash(text: str) -> str:
    """Hash of a paragraph's characters, as 16 hexadecimal digits."""
    return hashlib.sha256(_characters(text).encode()).hexdigest()[:HASH_CHARACTERS]


def _characters(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    return "".join(c for c in normal if not c.isspace() and c != "|" and unicodedata.category(c) != "Cf")


# -- records ------------------------------------------------------------------------------------------


def to_standoff(documents: Iterable[Document]) -> Iterator[dict[str, Any]]:
    """Turn labelled documents into records without text; `occurrence` counts equal lines of a document.

    Raises
    ------
    CorpusError
        A paragraph has no label.
    """
    for document in documents:
        seen: Counter[str] = Counter()
        items = []
        for place, paragraph in enumerate(document.paragraphs):
            gold = paragraph.gold
            if gold is None:
                raise CorpusError(f"{document.id}, paragraph {place}: has no label to put down")
            key = paragraph_hash(paragraph.text)
            item: dict[str, Any] = {"hash": key, "occurrence": seen[key], "label": gold.label}
            if gold.also:
                item["also"] = list(gold.also)
            if gold.reason:
                item["reason"] = gold.reason
            seen[key] += 1
            items.append(item)
        noted = {name: document.metadata[name] for name in _NOTED if document.metadata.get(name)}
        yield {"id": document.id, "source": document.source, **noted, "paragraphs": items}


def write_standoff(documents: Iterable[Document], path: Path) -> int:
    """Write stand-off labels; returns how many documents."""
    lines = [orjson.dumps(record) for record in to_standoff(documents)]
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(b"\n".join(lines) + b"\n")
    draft.replace(path)
    return len(lines)


def read_standoff(path: Path) -> list[dict[str, Any]]:
    """Read and check stand-off labels.

    Raises
    ------
    CorpusError
        The file is missing or a record is broken; names file, line and paragraph.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file of stand-off labels")
    records = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise CorpusError(f"{where}: not a JSON record ({error})") from None
        _check(record, where)
        records.append(record)
    return records


def _check(record: Any, where: str) -> None:
    if not isinstance(record, dict) or not isinstance(record.get("paragraphs"), list):
        raise CorpusError(f"{where}: a stand-off record needs a list 'paragraphs'")
    seen: Counter[str] = Counter()
    for place, item in enumerate(record["paragraphs"]):
        key = item.get("hash") if isinstance(item, dict) else None
        if not isinstance(key, str) or not _HASH.fullmatch(key):
            raise CorpusError(f"{where}, paragraph {place}: needs a 'hash' of {HASH_CHARACTERS} hexadecimal digits")
        if item.get("occurrence", 0) != seen[key]:
            raise CorpusError(
                f"{where}, paragraph {place}: occurrence {item['occurrence']} of a line seen {seen[key]} "
                "times before; paragraphs are missing or out of order, take the file again from its source"
            )
        seen[key] += 1
    _golds(record, where)


def _golds(record: dict[str, Any], where: str) -> list[Gold | None]:
    """Labels of a record, checked as those of labelled data."""
    texts = [{**item, "text": item["hash"]} for item in record["paragraphs"]]
    return [paragraph.gold for paragraph in labelled_document({**record, "paragraphs": texts}, where).paragraphs]


# -- the join -----------------------------------------------------------------------------------------


def wcxb_pages(folder: Path) -> Pages:
    """Pages of a WCXB split (`html/ID.html.gz`) by the names that stand-off labels have for them.

    Raises
    ------
    CorpusError
        The folder is no WCXB split.
    """
    if not (folder / "html").is_dir():
        raise CorpusError(f"{folder}: no html/ here; give a split folder of WCXB, such as wcxb/dev")
    sites = sites_by_page(folder)

    def page(source: str) -> Document | None:
        path = folder / "html" / f"{source.removeprefix(WCXB)}.html.gz"
        if not source.startswith(WCXB) or not path.is_file():
            return None
        document = read_html(gzip.decompress(path.read_bytes()), source)
        document.source = sites.get(source, source)
        return document

    return page


def join(records: Iterable[dict[str, Any]], pages: Pages) -> Joined:
    """Give stand-off labels their text back.

    Parameters
    ----------
    records : iterable of dict
        As `read_standoff` gives them.
    pages : callable
        From a source to its page; see `wcxb_pages`.

    Returns
    -------
    Joined
        For every record whose page is at hand, the page with the labels it has and `None` on paragraphs that
        nobody labelled (a scrape is often a part of its page), and the scrape: the lines that matched, in the
        order in which they were labelled.
    """
    report = JoinReport()
    joined = Joined([], [], report)
    for record in records:
        source = str(record["source"])
        page = pages(source)
        if page is None:
            report.missing_pages.append(source)
            continue
        _join_one(record, page, joined)
    return joined


def label_pages(pages: Iterable[Document], records: Iterable[dict[str, Any]]) -> JoinReport:
    """Put labels that were made on whole HTML pages (style `html`) in place of aligned ones on the same pages.

    The pages have ids `wcxb:ID`; those labelled are marked `read` in their metadata.
    """
    by_page = {f"wcxb:{str(record['source']).removeprefix(WCXB)}": record for record in records}
    report = JoinReport()
    for page in pages:
        record = by_page.pop(page.id, None)
        if record is None:
            continue
        _place(record, page, report)
        page.metadata["read"] = "yes"
    report.missing_pages = [str(record["source"]) for record in by_page.values()]
    return report


def _join_one(record: dict[str, Any], page: Document, joined: Joined) -> None:
    scrape = [
        Paragraph(" ".join(page.paragraphs[i].text for i in run), gold=gold)
        for gold, run in _place(record, page, joined.report)
    ]
    metadata = {name: str(record[name]) for name in _NOTED if record.get(name)} | {"page": str(record["source"])}
    page.metadata |= metadata | {"style": "html"}
    page.id = f"{record['id']}:html"
    joined.pages.append(page)
    joined.scrapes.append(Document(str(record["id"]), scrape, page.source, page.url, metadata))


def _place(record: dict[str, Any], page: Document, report: JoinReport) -> list[tuple[Gold | None, range]]:
    """Put a record's labels on its page and count them; gives each label that found its place, and the blocks."""
    golds = _golds(record, str(record["id"]))
    runs = _match([item["hash"] for item in record["paragraphs"]], [paragraph.text for paragraph in page.paragraphs])
    placed = [(gold, run) for gold, run in zip(golds, runs, strict=True) if run is not None]
    report.paragraphs += len(runs)
    report.matched += len(placed)
    if len(placed) < len(runs):
        report.unmatched[str(record["id"])] = [line for line, run in enumerate(runs) if run is None]
    for gold, run in placed:
        for i in run:
            page.paragraphs[i].gold = gold
    return placed


def _match(keys: Sequence[str], texts: Sequence[str]) -> list[range | None]:
    """For each labelled line the page's blocks that it is; none serves twice."""
    blocks = [paragraph_hash(text) for text in texts]
    runs: list[range | None] = [None] * len(keys)
    free = [True] * len(blocks)

    def take(line: int, run: range) -> None:
        runs[line] = run
        for i in run:
            free[i] = False

    # Scrape and page run in the same order, so the longest common runs tell which of equal lines is meant.
    for line, block, size in SequenceMatcher(None, keys, blocks, autojunk=False).get_matching_blocks():
        for i in range(size):
            take(line + i, range(block + i, block + i + 1))
    for line, key in enumerate(keys):
        if runs[line] is None:
            found = _free_block(key, blocks, free) or _free_run(key, texts, free)
            if found:
                take(line, found)
    return runs


def _free_block(key: str, blocks: Sequence[str], free: Sequence[bool]) -> range | None:
    """First block that is this line and stands elsewhere in the page's order."""
    for i, block in enumerate(blocks):
        if block == key and free[i]:
            return range(i, i + 1)
    return None


def _free_run(key: str, texts: Sequence[str], free: Sequence[bool]) -> range | None:
    """First run of neighbouring blocks that is this line."""
    for start in range(len(texts)):
        for end in range(start + 1, min(start + MAX_RUN, len(texts)) + 1):
            if not free[end - 1]:
                break
            if end - start > 1 and paragraph_hash("".join(texts[start:end])) == key:
                return range(start, end)
    return None
