"""What a page says of itself: title, canonical address, date, language (JSON-LD, OpenGraph, `lang`)."""

from typing import Any, Final

import orjson
from selectolax.lexbor import LexborHTMLParser

#: `<meta name|property|itemprop>` -> our name for it; the first that a page has counts.
_META: Final = {
    "og:title": "title",
    "twitter:title": "title",
    "og:url": "canonical",
    "article:published_time": "date",
    "og:article:published_time": "date",
    "datepublished": "date",
    "date": "date",
    "dc.date": "date",
    "dc.date.issued": "date",
    "parsely-pub-date": "date",
    "pubdate": "date",
    "sailthru.date": "date",
    "og:site_name": "site",
    "og:type": "type",
    "og:locale": "language",
    "content-language": "language",
}
_LINKED: Final = {"headline": "title", "datePublished": "date", "inLanguage": "language"}
#: Longest JSON-LD block that is read, in characters: real ones are under 100 kB.
MAX_LINKED_DATA: Final = 1_000_000
MAX_VALUE: Final = 1000


def head_metadata(tree: LexborHTMLParser) -> dict[str, str]:
    """Metadata from the elements of the head: `title`, `canonical`, `date`, `language`, `site`, `type`."""
    found: dict[str, str] = {}
    html = tree.css_first("html")
    if html is not None:
        _put(found, "language", html.attributes.get("lang") or html.attributes.get("xml:lang"))
    node = tree.head.first_child if tree.head is not None else None
    title = ""
    while node is not None:
        if node.tag == "meta":
            attributes = node.attributes
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
            name = _META.get((name or attributes.get("http-equiv") or "").lower())
            if name:
                _put(found, name, attributes.get("content"))
        elif node.tag == "link" and "canonical" in (node.attributes.get("rel") or ""):
            found.pop("canonical", None)  # the link is the standard; og:url often is a copy of it
            _put(found, "canonical", node.attributes.get("href"))
        elif node.tag == "title":
            title = node.text()
        node = node.next
    _put(found, "title", title)
    return found


def read_linked_data(text: str, found: dict[str, str]) -> None:
    """Add what a JSON-LD block says of an article; a broken block says nothing."""
    if len(text) > MAX_LINKED_DATA:
        return
    try:
        waiting: list[Any] = [orjson.loads(text)]
    except orjson.JSONDecodeError:
        return
    for _ in range(1000):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            if "headline" in item or "datePublished" in item:
                for name, ours in _LINKED.items():
                    _put(found, ours, item.get(name))
            waiting.extend(value for key, value in item.items() if key in ("@graph", "mainEntity"))


def _put(found: dict[str, str], name: str, value: Any) -> None:
    if isinstance(value, str) and value.strip():
        found.setdefault(name, " ".join(value.split())[:MAX_VALUE])
