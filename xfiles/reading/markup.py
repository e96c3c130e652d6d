"""A page's markup -> its blocks: the paragraphs and headings, as runs of marked text.

The only module that knows tags. Two families of markup exist. In the old one (seasons 1-9) a speaker is
``<p><b>NAME:</b> text``; in season 9 and parts of 5 and 8 it is written ``<b><p>NAME:</b> text``, which lxml reads as
an empty ``<b>`` before a paragraph that starts with plain text. In the new one (season 10) a speaker is
``<span class="char">NAME:</span>``, a direction ``<p class="desc">`` and a heading ``<div class="sceneheader">``.
"""

import re
from collections.abc import Iterator
from enum import IntEnum, auto
from typing import NamedTuple

from lxml import etree

# The longest page of the site has some 100 kB and 2,000 tags. libxml2 takes quadratic time for the attributes of a tag.
_LONGEST = 4_000_000  # letters
_MOST_TAGS = 400_000
_TAG_OF_ATTRIBUTES = re.compile(r"<[^<>]{10000}")

# "<They count the spoons.>", a subtitle that a parser would take for a tag.
_TAG_OF_WORDS = re.compile(r"<(?!\w+>)([A-Za-z][^<>=/]{1,500})>")


class TranscriptError(ValueError):
    """A page that can't be read as a transcript. The message says why."""


class Mark(IntEnum):
    """How a run of text is marked."""

    PLAIN = auto()
    BOLD = auto()
    CHAR = auto()  # the new family's class for a speaker
    MISNESTED = auto()  # what follows an empty bold: a speaker in bold, as its author saw it
    LINK = auto()
    BREAK = auto()  # a line break


# Under names of their own: a block asks for a dozen, and Python 3.11 takes long to look one up in an enumeration.
PLAIN, BOLD, CHAR, MISNESTED, LINK, BREAK = Mark

#: The marks of a speaker's name, in the order of the families' names.
NAMES = {BOLD: "bold", MISNESTED: "misnested", CHAR: "span"}


Run = tuple[Mark, str]  # a mark, and the text under it


class Kind(IntEnum):
    """What the markup says of a block."""

    PARAGRAPH = auto()
    RULED = auto()  # no paragraph has begun since a rule: a heading of the old family
    HEADER = auto()  # a heading of the new family
    DESCRIPTION = auto()  # a direction of the new family
    BANNER = auto()  # the page's own headline
    FOOTER = auto()  # nothing but links


PARAGRAPH, RULED, HEADER, DESCRIPTION, BANNER, FOOTER = Kind


class Block(NamedTuple):
    """A paragraph, a heading, or what else stands between two block tags."""

    kind: Kind
    runs: tuple[Run, ...]  # in the order of the page; the first is no break
    marked: tuple[int, ...]  # the numbers of the runs whose mark is one of NAMES

    @property
    def text(self) -> str:
        return self.runs[0][1] if len(self.runs) == 1 else "".join([text for _, text in self.runs])


_BLOCKS = frozenset("p hr div center td th tr table blockquote pre li ul ol dl dt dd body h1 h2 h3 h4 h5 h6".split())
_UNSEEN = frozenset("head script style noscript textarea template select option".split())
_BANNERS = frozenset(("h1", "h2"))


def read_tree(markup: str) -> etree._Element:
    """The tree of ``markup``, decoded. Raises :exc:`TranscriptError` if it is empty, or far from any transcript: too
    long, too many tags, or nested so deep that libxml2 gives up in its middle."""
    if len(markup) > _LONGEST or markup.count("<") > _MOST_TAGS or _TAG_OF_ATTRIBUTES.search(markup):
        raise TranscriptError("it has too much markup for a transcript")
    markup = _TAG_OF_WORDS.sub(lambda tag: tag[1] if _is_said(tag[1]) else tag[0], markup)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(markup.replace("\0", "").encode("utf-8", "replace"), parser)
    if root is None:
        raise TranscriptError("the page is empty")
    if parser.error_log.filter_from_fatals():
        raise TranscriptError("its tags are nested too deep to read the whole page")
    return root


def _is_said(text: str) -> bool:
    """Whether ``text``, what stands in a tag without attributes' values, is a sentence."""
    return text.rstrip("\"'”’")[-1:] in tuple(".?!…") or len(text.split()) > 2


def read_page_title(root: etree._Element) -> str:
    """The page's ``<title>`` as written."""
    return root.findtext(".//title") or ""


def read_blocks(root: etree._Element) -> Iterator[Block]:
    """The visible text under ``root`` in document order, cut at block tags: one walk, no recursion, each text once."""
    runs: list[Run] = []
    kind = PARAGRAPH
    mark = PLAIN
    unseen = 0  # open tags whose text nobody sees
    banners = 0  # open tags of a banner
    misnested = empty_bold = False

    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        starts = event == "start"
        text = element.text if starts else element.tail
        if tag in _BLOCKS:
            if runs:
                yield _block(BANNER if banners else kind, runs, misnested)
                runs = []
            # An inline tag that is never closed holds every later paragraph: its mark ends with its own.
            mark = PLAIN
            if not starts:
                if tag == "p" or tag == "div":
                    kind, misnested = PARAGRAPH, False
            elif tag == "p":
                if element.get("class") == "desc":
                    kind = DESCRIPTION
                elif kind is RULED:
                    kind = PARAGRAPH
                misnested, empty_bold = empty_bold, False
            elif tag == "hr":
                kind, misnested = RULED, False
            elif tag == "div" and element.get("class") == "sceneheader":
                kind = HEADER
            if tag in _BANNERS:
                banners += 1 if starts else -1
        elif tag == "b" or tag == "strong":
            mark = BOLD if starts else PLAIN
            if starts and (not text or text.isspace()) and not len(element):
                empty_bold = True
        elif tag == "br":
            if starts and runs:
                runs.append((BREAK, " "))
        elif tag == "span" and element.get("class") == "char":
            mark = CHAR if starts else PLAIN
        elif tag == "a" and element.get("href"):
            mark = LINK if starts else PLAIN
        elif tag in _UNSEEN:
            unseen += 1 if starts else -1

        if text and not unseen and (runs or not text.isspace()):
            runs.append((mark, text))
            if empty_bold and not text.isspace():
                empty_bold = False
    if runs:
        yield _block(kind, runs, misnested)


def _block(kind: Kind, runs: list[Run], misnested: bool) -> Block:
    first, text = runs[0]
    if misnested and first is PLAIN:
        runs[0] = (MISNESTED, text)
    elif first is LINK and all(mark is LINK or mark is BREAK or text.isspace() for mark, text in runs):
        kind = FOOTER
    marked = [at for at, (mark, _) in enumerate(runs) if mark in NAMES]
    for at in marked:
        mark, text = runs[at]
        # "<b>NAME</b>: text": the colon belongs to the name.
        if ":" not in text and at + 1 < len(runs):
            following_mark, following = runs[at + 1]
            following = following.lstrip()
            if following_mark is PLAIN and following.startswith(":"):
                runs[at] = (mark, text + ":")
                runs[at + 1] = (PLAIN, following[1:])
    return Block(kind, tuple(runs), tuple(marked))
