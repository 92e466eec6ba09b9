"""What a crawl would take: measures real pages on one core, and prints the sizing table of README.

    python tests/benchmarks/sizing.py FOLDER_OF_PAGES

Everything that is assumed of a crawl is a constant here.
"""

import gzip
import os
import sys
import time
from pathlib import Path

import classifier
from classifier.reading import read_html, read_text
from classifier.scoring import collect_rarely

#: Pages measured, spread evenly over the folder.
SAMPLE = 120
#: Common Crawl, about: pages of one WARC or WET file, files of a segment, files of a crawl.
PAGES_OF_A_FILE, FILES_OF_A_SEGMENT, FILES_OF_A_CRAWL = 30_000, 900, 90_000
CORES = 1000


def main(folder: Path) -> None:
    """Measure CPU seconds and print the table."""
    os.environ["OMP_NUM_THREADS"] = "1"
    model = classifier.load()
    files = sorted(folder.glob("*.html*"))
    pages = [content_of(path) for path in files[:: max(1, len(files) // SAMPLE)][:SAMPLE]]
    collect_rarely()
    texts = ["\n".join(p.text for p in read_html(page, "page").paragraphs) for page in pages]
    list(model.score_documents([read_text(texts[0], "warm")], explain=False))

    def rate(reader, contents) -> float:
        begun = time.process_time()
        list(model.score_documents((reader(content, "page") for content in contents), explain=False))
        return len(contents) / (time.process_time() - begun)

    rates = {"WET (text)": rate(read_text, texts), "WARC (HTML)": rate(read_html, pages)}
    paragraphs = sum(text.count("\n") + 1 for text in texts) / len(texts)
    kilobytes = sum(map(len, pages)) / len(pages) / 1000
    print(f"{len(pages)} pages of {kilobytes:,.0f} kB and {paragraphs:,.0f} paragraphs on average\n")
    print("| | pages/s a core | one file | a segment | a whole crawl | a crawl on 1,000 cores |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, pages_a_second in rates.items():
        hours = PAGES_OF_A_FILE / pages_a_second / 3600
        row = (hours, hours * FILES_OF_A_SEGMENT, hours * FILES_OF_A_CRAWL)
        shown = " | ".join(f"{value:,.2g} core-hours" if value < 10 else f"{value:,.0f} core-hours" for value in row)
        print(f"| {name} | {pages_a_second:,.0f} | {shown} | {row[2] / CORES:,.0f} hours |")


def content_of(path: Path) -> bytes:
    """Read a page, unpacked."""
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


if __name__ == "__main__":
    main(Path(sys.argv[1]))
