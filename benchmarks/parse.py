"""What the parser costs beyond lxml: python benchmarks/parse.py [FOLDER OF PAGES]

In turn, several rounds: parse_transcript against bare lxml.html.fromstring and one walk of the tree, on the same
pages, in CPU time. Prints medians and their ratio.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from lxml import html
from pages import page

sys.path.insert(0, str(Path(__file__).parents[1]))
from xfiles.reading.transcript import parse_transcript

ROUNDS = 9


def bare(markup: str) -> int:
    """The rival: the tree, and the length of each text in it."""
    return sum(len(element.text or "") + len(element.tail or "") for element in html.fromstring(markup).iter())


def seconds(function: Callable[[str], object], pages: list[str]) -> float:
    start = time.process_time()
    for markup in pages:
        function(markup)
    return time.process_time() - start


def main() -> None:
    if len(sys.argv) > 1:
        bodies = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir()) if path.is_file()]
    else:
        bodies = [page(number) for number in range(100)]
    pages = [body.decode("cp1252", "replace") for body in bodies]
    rounds = [(seconds(parse_transcript, pages), seconds(bare, pages)) for _ in range(ROUNDS)]
    ours, rival = (median(times) / len(pages) * 1000 for times in zip(*rounds, strict=True))
    print(f"{len(pages)} pages, medians of {ROUNDS} rounds, ms of CPU a page")
    print(f"parse_transcript {ours:.2f}, bare lxml {rival:.2f}, ratio {ours / rival:.2f}")


if __name__ == "__main__":
    main()
