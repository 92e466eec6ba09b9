"""Cost of hard pages against their size: `python tests/benchmarks/linearity.py`.

For each kind of page of tests/classifier/test_html_hard_pages.py: CPU of reading 20,000 parts over that of 10,000,
the smaller of two runs each. 2 is linear, 4 is quadratic.
"""

import importlib.util
import time
from pathlib import Path

from classifier.reading import read_html

PAGES = Path(__file__).parents[1] / "classifier" / "test_html_hard_pages.py"


def seconds(page: str) -> float:
    """CPU seconds of reading a page, the better of two."""
    taken = []
    for _ in range(2):
        begin = time.process_time()
        read_html(page, "hard")
        taken.append(time.process_time() - begin)
    return min(taken)


def main() -> None:
    """Print a row a kind of page."""
    spec = importlib.util.spec_from_file_location("hard_pages", PAGES)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, make in module.HARD.items():
        small, large = seconds(make(10_000)), seconds(make(20_000))
        print(f"{name:<32} {small * 1e3:8.1f} ms  x{large / small:.1f}")


if __name__ == "__main__":
    main()
