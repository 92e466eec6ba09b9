"""WCXB pages (Murrough-Foley, web-content-extraction-benchmark, CC-BY-4.0): real pages with gold main text.

Main text against the rest is known for every paragraph, the four labels are not: a paragraph of the main
text is core or suspect, prose outside it chrome or off-topic. `Gold.also` says so, and the model learns from
each paragraph only what is known.
"""

import gzip
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from classifier.document import Document, Gold, Paragraph
from classifier.labels import CHROME, CORE, OFF_TOPIC, SUSPECT
from classifier.reading import read_html
from training.corpus import CorpusError
from training.sources.alignment import SURE_IN, SURE_OUT, align, words_of

#: Words from which a paragraph outside the main text may be prose of another story.
PROSE_WORDS: Final = 12
_SECOND_LEVEL: Final = frozenset({"co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "gob", "gouv"})
_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_SENTENCE_END = re.compile(r"[.!?…][\"”’)]?(?:\s|$)")


def load_wcxb(folder: Path, page_types: frozenset[str] | None = None) -> Iterator[Document]:
    """Read the pages of a WCXB split with their aligned labels.

    Parameters
    ----------
    folder : Path
        The split, with `html/ID.html.gz` and `ground-truth/ID.json`.
    page_types : frozenset of str, optional
        Only these (`article`, `forum`, ...).

    Raises
    ------
    CorpusError
        The folder is no WCXB split.
    """
    truths = sorted((folder / "ground-truth").glob("*.json"))
    if not truths:
        raise CorpusError(f"{folder}: no ground-truth/*.json here; give a split folder of WCXB, such as wcxb/dev")
    for path in truths:
        truth = orjson.loads(path.read_bytes())
        page_type = page_type_of(truth)
        if page_types is not None and page_type not in page_types:
            continue
        page = folder / "html" / f"{path.stem}.html.gz"
        if page.exists():
            document = read_html(gzip.decompress(page.read_bytes()), f"wcxb:{path.stem}")
            document.url = truth.get("url") or document.url
            document.source = site_of(document.url) or f"wcxb-dev:{path.stem}"
            document.metadata["page_type"] = page_type
            document.metadata["gold"] = truth["ground_truth"].get("main_content") or ""
            label_by_gold(document, truth["ground_truth"].get("title") or "")
            yield document


def overlay(pages: Sequence[Document], labelled: Sequence[Document]) -> int:
    """Put labels made by reading (sources `wcxb-dev:ID`) in place of aligned ones on the same pages.

    Lines meet by their text; of repeated lines, the n-th by the n-th. Returns how many paragraphs were labelled.
    """
    read = {f"wcxb:{d.source.partition(':')[2]}": d for d in labelled if d.source.startswith("wcxb-dev:")}
    count = 0
    for page in pages:
        golds: dict[str, deque[Gold]] = defaultdict(deque)
        for paragraph in read[page.id].paragraphs if page.id in read else ():
            if paragraph.gold:
                golds[paragraph.text].append(paragraph.gold)
        for paragraph in page.paragraphs if golds else ():
            if golds.get(paragraph.text):
                paragraph.gold = golds[paragraph.text].popleft()
                count += 1
    return count


def page_type_of(truth: dict[str, Any]) -> str:
    """Page type of a ground-truth record."""
    return str(truth.get("_internal", {}).get("page_type", {}).get("primary", "unknown"))


def sites_by_page(folder: Path) -> dict[str, str]:
    """Site of each page by `wcxb-dev:ID`, so that other labels of the same page join its group."""
    found = {}
    for path in sorted((folder / "ground-truth").glob("*.json")):
        truth = orjson.loads(path.read_bytes())
        found[f"wcxb-dev:{path.stem}"] = site_of(truth.get("url") or "") or f"wcxb-dev:{path.stem}"
    return found


def site_of(url: str) -> str:
    """Registrable domain of an address, near enough for grouping: `news.site.co.uk` -> `site.co.uk`."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    parts = host.split(".")
    keep = 3 if len(parts) > 2 and parts[-2] in _SECOND_LEVEL else 2
    return ".".join(parts[-keep:])


def label_by_gold(document: Document, title: str) -> None:
    """Give every paragraph the label that the page's gold main text (metadata `gold`) supports."""
    gold = document.metadata["gold"]
    shares = align([paragraph.text for paragraph in document.paragraphs], gold)
    title_words = words_of(title)
    around = [0.0, *shares, 0.0]
    for place, (paragraph, share) in enumerate(zip(document.paragraphs, shares, strict=True)):
        # Gold texts drop headings between two paragraphs of theirs: nothing is learned from those.
        enclosed = min(around[place], around[place + 2]) >= SURE_IN
        dropped = enclosed and share <= SURE_OUT and _is_heading(paragraph)
        paragraph.gold = _gold(paragraph, 0.5 if dropped else share, title_words)


def _gold(paragraph: Paragraph, share: float, title: list[str]) -> Gold:
    tags = paragraph.layout.path if paragraph.layout else ()
    if "h1" in tags[:3] and title and words_of(paragraph.text) == title:
        return Gold(CORE)  # the gold text leaves the headline out, the label guide does not
    if share >= SURE_IN:
        return Gold(CORE, (CHROME, SUSPECT)) if "figcaption" in tags else Gold(CORE, (SUSPECT,))
    if share > SURE_OUT:
        return Gold(CORE, (CHROME, OFF_TOPIC, SUSPECT))  # says nothing, and nothing is learned from it
    return Gold(CHROME, (OFF_TOPIC,)) if _is_prose(paragraph.text) else Gold(CHROME)


def _is_heading(paragraph: Paragraph) -> bool:
    return paragraph.layout is not None and not _HEADINGS.isdisjoint(paragraph.layout.path[:3])


def _is_prose(text: str) -> bool:
    return len(text.split()) >= PROSE_WORDS and _SENTENCE_END.search(text) is not None
