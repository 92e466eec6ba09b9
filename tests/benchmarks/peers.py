"""Main text of HTML pages by other extractors: pages in (JSONL on stdin), texts and CPU times out (JSONL).

Runs in an environment of its own that has the peers (extra `bench`); `extraction.py` starts it.
"""

import json
import logging
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator


def _trafilatura(html: str, fast: bool = False) -> str:
    import trafilatura

    return trafilatura.extract(html, fast=fast) or ""


def _readability(html: str) -> str:
    import lxml.html
    from readability import Document

    return str(lxml.html.fromstring(Document(html).summary()).text_content())


def _justext(html: str) -> str:
    import justext

    stop_words = _stop_words()
    return "\n".join(p.text for p in justext.justext(html, stop_words) if not p.is_boilerplate)


def _stop_words() -> frozenset[str]:
    import justext

    if "English" not in _CACHE:
        _CACHE["English"] = justext.get_stoplist("English")
    return _CACHE["English"]


def _resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True))


def _boilerpy3(html: str) -> str:
    from boilerpy3.extractors import ArticleExtractor

    return str(ArticleExtractor(raise_on_failure=False).get_content(html))


def _newspaper4k(html: str) -> str:
    from newspaper import Article

    article = Article("https://example.org/", fetch_images=False)
    article.download(input_html=html)
    article.parse()
    return str(article.text)


def _goose3(html: str) -> str:
    from goose3 import Goose

    with Goose({"enable_image_fetching": False}) as goose:
        return str(goose.extract(raw_html=html).cleaned_text)


_CACHE: dict[str, frozenset[str]] = {}
PEERS: dict[str, Callable[[str], str]] = {
    "trafilatura": _trafilatura,
    "trafilatura-fast": lambda html: _trafilatura(html, fast=True),
    "readability-lxml": _readability,
    "jusText": _justext,
    "resiliparse": _resiliparse,
    "boilerpy3": _boilerpy3,
    "newspaper4k": _newspaper4k,
    "goose3": _goose3,
}


def extract(html: str, passes: int) -> Iterator[tuple[str, str, float]]:
    """Give (peer, text, median CPU milliseconds) of each peer; a peer that fails has found nothing."""
    for name, peer in PEERS.items():
        times, text = [], ""
        for _ in range(passes):
            start = time.process_time()
            try:
                text = peer(html)
            except Exception as error:
                print(f"{name}: {type(error).__name__}", file=sys.stderr)
            times.append((time.process_time() - start) * 1000)
        yield name, text, statistics.median(times)


def main(passes: int) -> None:
    """Answer each page of stdin with a line on stdout."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    for name, peer in PEERS.items():
        try:
            peer("<html><body><article><p>So that no import is timed.</p></article></body></html>")
        except ImportError as error:
            raise SystemExit(f"peers: {name} is not installed ({error}); pip install 'newsift[bench]'") from None
        except Exception:
            pass
    for line in sys.stdin:
        page = json.loads(line)
        found = {name: {"text": text, "ms": ms} for name, text, ms in extract(page["html"], passes)}
        print(json.dumps({"id": page["id"], "peers": found}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
