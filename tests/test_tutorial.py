"""Never worse than the plainest of scrapers: each bold text is a name, and what follows it is said.

Where such a name is one of the page's characters, the words are in that character's speeches, too.
"""

import re
import sys

import pytest
from conftest import PROJECT, SITE
from documents import document
from kinds import CASES, KINDS, whole

from xfiles.reading.characters import character
from xfiles.reading.encoding import decode
from xfiles.reading.transcript import parse_transcript

LexborHTMLParser = pytest.importorskip("selectolax.lexbor", reason="selectolax is missing").LexborHTMLParser

WORD = re.compile(r"\w+")
#: Where the plain rule is wrong, and why.
WRONG = {
    "name and colon apart: no colon, action": "it says what she does",
    "bold that is no name: known name, colon outside": "he tells of her",
    "square brackets: note over paragraphs": "the note holds names and what they say",
    "square brackets: note in other words": "the note holds names and what they say",
}


def plain_speeches(markup: str) -> list[tuple[str, str]]:
    """(name, text) for each bold text on the page, or for each speaker's span if there is none."""
    tree = LexborHTMLParser(markup)
    names = tree.css("b") or tree.css("span.char")
    return [
        (node.text().rstrip(": ").rstrip(" *"), node.next.text_content or "")
        for node in names
        if node.next is not None and node.next.is_text_node
    ]


def lost_words(markup: str) -> list[tuple[str, str]]:
    """What the plain rule gives to a character of the page, up to the next name, and we do not."""
    said: dict[str, set[str]] = {}
    names = set()
    for line in parse_transcript(markup).lines:
        said.setdefault(line.character, set()).update(WORD.findall(line.text))
        names |= {line.character, line.speaker}
    another = re.compile(
        rf"(?:{'|'.join(map(re.escape, names))})(?: \([^()]*\))?:" if names else r"(?!)", re.IGNORECASE
    )
    lost = []
    for name, text in plain_speeches(markup):
        words = WORD.findall(re.sub(r"\([^()]*\)", " ", another.split(text)[0]))
        if (who := character(name)) in said and not said[who].issuperset(words):
            lost.append((who, text))
    return lost


@pytest.mark.parametrize("name", CASES)
def test_kinds(name):
    assert bool(lost_words(whole(CASES[name][0]))) == (name in WRONG)


@pytest.mark.parametrize("path", sorted(SITE.rglob("scrp*")), ids=lambda path: path.name)
def test_pages(path):
    assert lost_words(decode(path.read_bytes())) == []


def test_what_its_rule_loses(monkeypatch):
    """The document has the table that the benchmark printed; xfiles loses nothing."""
    pytest.importorskip("bs4", reason="beautifulsoup4 is missing")
    monkeypatch.setattr(sys, "path", [str(PROJECT / "benchmarks"), *sys.path])
    import tutorial

    heading, _, *rows = tutorial.table().splitlines()
    assert heading in document("docs/from-the-tutorial.md")
    counts = [[int(count.replace(",", "")) for count in re.findall(r" ([\d,]+) \|", row)] for row in rows]
    assert len(counts) == len(KINDS) + 1
    assert all(lost <= speeches and ours == 0 for speeches, lost, _, ours in counts)
    assert sum(lost for _, lost, _, _ in counts[1:]) > 100
