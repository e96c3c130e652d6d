"""Every word that a browser shows is read, and no other: by a second, independent reader of HTML.

lexbor, by way of selectolax, builds a page's tree as browsers do.
"""

import random
import re
from collections import Counter
from contextlib import suppress

import pytest
from conftest import SITE
from fuzz import mutate
from kinds import CASES, whole

from xfiles.reading.encoding import decode
from xfiles.reading.markup import TranscriptError, read_blocks, read_tree, unmarked
from xfiles.reading.transcript import parse_transcript

LexborHTMLParser = pytest.importorskip("selectolax.lexbor", reason="selectolax is missing").LexborHTMLParser

UNSEEN = "head, script, style, noscript, textarea, template, select, title, option, iframe, noembed, noframes"
WORD = re.compile(r"\w+")
#: What tag soup is made of.
PIECES = (
    *("<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<font>", "</font>", "<div>", "</div>", "<br>", "<hr>", "<center>"),
    *("</center>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<blockquote>", "</blockquote>"),
    *("<h2>", "</h2>", "<a href=x>", "</a>", "<span class=char>", "</span>", "</body>", "</html>", "<body>", "<pre>"),
    *("</pre>", "<hr noshade compact>", "<script>x()</script>", "<style>y</style>", "<!-- no -->", "<title>no</title>"),
    *("&amp;", " &eacute; ", "&nbsp;", "&#146;", " < ", " > ", "</>", "<b/>", "<p/>", "<o:p>", "</o:p>", "<em", "<3 "),
)


def letters(texts: list[str]) -> Counter[str]:
    """The letters and digits of ``texts``: tags in the midst of a word cut it for one reader and not for another."""
    return Counter("".join(WORD.findall(" ".join(texts))))


def shown(markup: str) -> Counter[str]:
    """What a browser shows of ``markup``."""
    tree = LexborHTMLParser(markup)
    for node in tree.css(UNSEEN):
        node.decompose()
    return letters([node.text_content for node in tree.root.traverse(include_text=True) if node.is_text_node])


def read(markup: str) -> Counter[str]:
    """What is read of ``markup``."""
    return letters([unmarked(block.text) for block in read_blocks(read_tree(markup))])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_kinds(case):
    markup = whole(case[0])
    assert read(markup) == shown(markup)
    assert parse_transcript(markup).unread == 0


@pytest.mark.parametrize("path", sorted(SITE.rglob("scrp*")), ids=lambda path: path.name)
def test_pages(path):
    markup = decode(path.read_bytes())
    assert read(markup) == shown(markup)


@pytest.mark.parametrize("seed", range(300))
def test_tag_soup(seed):
    chance = random.Random(seed)
    words = (f" w{number} " for number in range(40))
    soup = "".join(chance.choice(PIECES) if chance.random() < 0.6 else next(words) for _ in range(60))
    markup = f"<html><body>{soup}</body></html>"
    assert read(markup) == shown(markup)
    assert parse_transcript(markup).unread == 0


@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in range(0, 200, 50)], ids=str)
def test_mutated_pages(seeds):
    """What is broken in the midst of a tag may look like one to one reader and not to the other."""
    for seed in seeds:
        markup = mutate(seed)
        with suppress(TranscriptError):
            assert (shown(markup) - read(markup)).total() <= 40, seed
