"""What the rule of the workflow tutorial makes of pages as people typed them: python benchmarks/tutorial.py

Its rule: each bold text is a name, or each span of the class char on a page without bold; what follows that directly is
what is said. Prints a Markdown table: ordinary pages as the site sends them, then the kinds of odd pages in
tests/kinds.py, with how many speeches there are, how many of them the rule loses (a word is missing, spoiled, or under
another name), how many names it finds that nobody has, and how many speeches xfiles loses. Needs beautifulsoup4.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import pages
from kinds import ALWAYS, KINDS, whole

from xfiles.reading.encoding import decode
from xfiles.reading.transcript import parse_transcript

Rows = list[tuple[str, str]]  # names, and what each says
ORDINARY = 33  # pages, after which their markup repeats


def by_rule(markup: str) -> Rows:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(markup, "html.parser")
    names = soup.find_all("b") or soup.find_all("span", {"class": "char"})
    return [(name.get_text().rstrip(": *"), str(name.next_sibling)) for name in names]


def by_xfiles(markup: str) -> Rows:
    return [(line.character, line.spoken) for line in parse_transcript(markup).lines]


def words(text: str) -> set[str]:
    """The words outside parentheses; a letter that is spoiled is part of its word."""
    return set(re.findall(r"[\w\x80-\x9f]+", re.sub(r"\([^()]*\)", " ", text).lower()))


def losses(said: Rows, expected: Rows) -> tuple[int, int]:
    """How many of the ``expected`` speeches have a word that is not ``said`` by their name, and how many names are said
    to speak that nobody has."""
    heard: dict[str, set[str]] = {}
    for name, text in said:
        heard.setdefault(" ".join(name.upper().split()), set()).update(words(text))
    lost = sum(not words(text) <= heard.get(name, set()) for name, text in expected)
    return lost, len(heard.keys() - {name for name, _ in [*expected, *ALWAYS]})


def kinds() -> Iterator[tuple[str, list[tuple[str, str, Rows]]]]:
    """The kinds of pages. Each page as the tutorial and as xfiles decode it, and who says what on it, but for what all
    odd pages have."""
    ordinary = [pages.page(number) for number in range(ORDINARY)]
    # requests takes a page that doesn't name its encoding for latin-1; in the right one, the rule reads these right.
    yield (
        "ordinary pages",
        [(body.decode("latin-1"), decode(body), by_rule(body.decode("cp1252"))) for body in ordinary],
    )
    for kind, cases in KINDS.items():
        yield kind, [(whole(markup), whole(markup), expected) for markup, expected in cases.values()]


def table() -> str:
    lines = ["| pages | speeches | lost by the rule | names of nobody | lost by xfiles |", "|---|---|---|---|---|"]
    for kind, cases in kinds():
        speeches = lost = nobody = ours = 0
        for theirs, page, expected in cases:
            speeches += len(expected)
            lost += losses(by_rule(theirs), expected)[0]
            nobody += losses(by_rule(theirs), expected)[1]
            ours += losses(by_xfiles(page), expected)[0]
        lines.append(f"| {kind} | {speeches:,} | {lost:,} | {nobody:,} | {ours:,} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
