"""A page's markup -> its blocks: the paragraphs and headings, with marks around what is marked as a name.

The only module that knows tags. Two families of markup exist. In the old one (seasons 1-9) a speaker is
``<p><b>NAME:</b> text``; in season 9 and parts of 5 and 8 it is written ``<b><p>NAME:</b> text``, which lxml reads as
an empty ``<b>`` before a paragraph that starts with plain text. In the new one (season 10) a speaker is
``<span class="char">NAME:</span>``, a direction ``<p class="desc">`` and a heading ``<div class="sceneheader">``; all
of a scene stands in a ``<div class="scenetext">``.
"""

import re
from collections.abc import Iterator
from enum import IntEnum, auto
from typing import NamedTuple

from lxml import etree
from lxml.html.defs import tags as TAGS

from xfiles.reading.text import INVISIBLE, is_partly_invisible

# The longest page of the site has some 100 kB and 2,000 tags.
_LONGEST = 4_000_000  # letters
_MOST_TAGS = 400_000
# libxml2 takes quadratic time for the attributes of a tag: the group is the 2,000th.
_ATTRIBUTE = r"""[\s/]*=*[^\s/>=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?"""
_TAG_OF_ATTRIBUTES = re.compile(rf"<[A-Za-z/](?:{_ATTRIBUTE}){{0,1998}}({_ATTRIBUTE})?")
# Such a tag is long, or its end is not the next ">", which is quoted. To look for that is much faster.
_ODD_TAGS = tuple(map(re.compile, (r"<[^>]{2000}", r'=\s*"[^">]*>', r"=\s*'[^'>]*>")))

# "<They count the spoons.>", a subtitle that a parser would take for a tag.
_TAG_OF_WORDS = re.compile(r"<(?!\w+>)([A-Za-z][^<>=/]{1,500})>")


_END_OF_BREAK = re.compile(r"</br\b[^<>]*>", re.IGNORECASE)


class TranscriptError(ValueError):
    """A page that can't be read as a transcript. The message says why."""


class Mark(IntEnum):
    """How a text is marked."""

    PLAIN = auto()
    BOLD = auto()
    CHAR = auto()  # the new family's class for a speaker
    MISNESTED = auto()  # what follows an empty bold: a speaker in bold, as its author saw it
    LINK = auto()


# Under names of their own: a block asks for a dozen, and Python 3.11 takes long to look one up in an enumeration.
PLAIN, BOLD, CHAR, MISNESTED, LINK = Mark

#: The marks of a speaker's name, in the order of the families' names.
NAMES = {BOLD: "bold", MISNESTED: "misnested", CHAR: "span"}

#: In a block's text: what stands around a part that has one of these marks, and what a line break is. No page means
#: anything by these letters.
OPEN, CLOSE, BREAK = "\x02\x03\v"
_MARKED_BREAK = f"{OPEN}{BREAK}{CLOSE}"
_BREAKS = (BREAK, _MARKED_BREAK)
_LINKED, _UNLINKED = "\x04\x05"  # the same around links, while a block is made
_COLON = re.compile(r":(?!\d)")
_IN_TWO = re.compile(f"({OPEN}[^{OPEN}{CLOSE}:;]*){CLOSE}{OPEN}")
# Around names and words.
_INVISIBLE = re.compile(rf"(?:^|(?<=[{CLOSE}:{BREAK}])){INVISIBLE}+|{INVISIBLE}+(?=\s*{OPEN}|:)")
_LINK = re.compile(f"{_LINKED}[^{_UNLINKED}]*{_UNLINKED}")
_MEANINGLESS = f"\0{OPEN}{CLOSE}{_LINKED}{_UNLINKED}{BREAK}"


class Kind(IntEnum):
    """What the markup says of a block."""

    PARAGRAPH = auto()
    RULED = auto()  # no paragraph has begun since a rule: a heading of the old family
    HEADER = auto()  # a heading of the new family
    DESCRIPTION = auto()  # a direction of the new family
    OUTSIDE = auto()  # beside the scenes of the new family
    BANNER = auto()  # in letters larger than the script's
    FOOTER = auto()  # nothing but links, or marked as what stands beside the text


PARAGRAPH, RULED, HEADER, DESCRIPTION, OUTSIDE, BANNER, FOOTER = Kind


class Block(NamedTuple):
    """A paragraph, a heading, or what else stands between two block tags."""

    kind: Kind
    mark: Mark  # of its first text
    text: str  # with OPEN, CLOSE and BREAK
    part: int  # of the page, which rules and the scenes of the new family cut into parts
    linked: bool  # there is a link in it


_BLOCKS = frozenset(
    """p hr div center td th tr table caption thead tbody tfoot blockquote pre li ul ol dl dt dd body h1 h2 h3 h4 h5 h6
    address form fieldset article aside details dialog figure figcaption footer header main nav section
    summary""".split()
)
_UNSEEN = frozenset("script style noscript textarea template select iframe noembed noframes".split())
_UNSEEN_ALONE = frozenset(("title", "option"))  # what follows one that is never closed is seen
_BANNERS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BESIDE = frozenset("address footer nav".split())
_BLANK_LINES = re.compile(r"\n[ \t\r]*\n\s*")


def is_too_much(markup: str) -> bool:
    """Whether ``markup`` has so many tags, or one so many attributes, that libxml2 would take long to read it."""
    if markup.count("<") > _MOST_TAGS:
        return True
    is_odd = any(pattern.search(markup) for pattern in _ODD_TAGS)
    return is_odd and any(tag[1] for tag in _TAG_OF_ATTRIBUTES.finditer(markup))


def read_tree(markup: str) -> etree._Element:
    """The first of the trees of ``markup``, decoded; what a page has after its end is in those beside it.

    Raises :exc:`TranscriptError` if it is empty, or far from any transcript: too long, too many tags, or nested so deep
    that libxml2 gives up in its middle.
    """
    if len(markup) > _LONGEST or is_too_much(markup):
        raise TranscriptError("it has too much markup for a transcript")
    for letter in _MEANINGLESS:  # much faster than to search for any of them
        if letter in markup:
            markup = markup.replace(letter, " " if letter == BREAK else "")
    if "</br" in markup or "</BR" in markup:
        markup = _END_OF_BREAK.sub("<br>", markup)  # as browsers read it
    markup = _TAG_OF_WORDS.sub(lambda tag: tag[1] if _is_said(tag[1]) else tag[0], markup)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    if root is None:
        raise TranscriptError("the page is empty")
    if parser.error_log.filter_from_fatals():
        raise TranscriptError("its tags are nested too deep to read the whole page")
    return root


def _is_said(text: str) -> bool:
    """Whether ``text``, what stands in a tag without attributes' values, is a sentence."""
    first, *others = text.split()
    return text.rstrip("\"'”’")[-1:] in tuple(".?!…") or (len(others) > 1 and first.lower() not in TAGS)


def read_page_title(root: etree._Element) -> str:
    """The page's ``<title>`` as written."""
    return root.findtext(".//title") or ""


def read_blocks(root: etree._Element) -> Iterator[Block]:
    """The visible text of the trees from ``root`` on in document order, cut at block tags: one walk, no recursion, each
    text once."""
    pieces: list[str] = []  # of the text of the block
    first = PLAIN  # the mark of its first piece
    kind = PARAGRAPH
    mark = outer = PLAIN  # that of the text, and of what surrounds its tag
    unseen = 0  # open tags whose text nobody sees
    banners = beside = preformatted = 0  # open tags
    part = 0
    scene = None  # the open scene of the new family
    scenes = False  # there was one
    header = None  # the open heading of the new family
    waiting = False  # for the text of a bold, or of a speaker's span: it may stand in the paragraphs that follow
    misnested = linked = False

    for tree in (root, *root.itersiblings()):
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            tag = element.tag
            starts = event == "start"
            text = element.text if starts else element.tail
            if tag in _BLOCKS and header is not None and element is not header:
                if pieces:
                    pieces.append(BREAK)
            elif tag in _BLOCKS:
                if pieces:
                    yield _block(FOOTER if beside else BANNER if banners else kind, first, pieces, misnested, part)
                    pieces = []
                # An inline tag that is never closed holds every later paragraph: its mark ends with its own.
                mark = outer = PLAIN
                linked = False
                if not starts:
                    if tag == "p" or tag == "div":
                        kind, misnested = PARAGRAPH, False
                        if element is scene:
                            scene = None
                            part += 1
                        elif element is header:
                            header = None
                        if scenes and scene is None:
                            kind = OUTSIDE
                elif tag == "p":
                    if (classes := element.get("class")) and "desc" in classes.split():
                        kind = DESCRIPTION
                    elif kind is RULED:
                        kind = PARAGRAPH
                    misnested, waiting = waiting, False
                elif tag == "hr":
                    kind, misnested = RULED, False
                    part += 1
                elif tag == "div" and (classes := element.get("class")):
                    if "sceneheader" in classes.split():
                        kind, header = HEADER, element
                    elif "desc" in classes.split():
                        kind = DESCRIPTION
                    elif "scenetext" in classes.split() and scene is None:
                        scene, scenes = element, True
                        kind = PARAGRAPH
                        part += 1
                if tag in _BANNERS:
                    banners += 1 if starts else -1
                elif tag in _BESIDE:
                    beside += 1 if starts else -1
                elif tag == "pre":
                    preformatted += 1 if starts else -1
            elif tag == "b" or tag == "strong":
                mark = outer = BOLD if starts else PLAIN
                waiting = waiting or starts
            elif tag == "br":
                if starts and pieces:
                    if pieces[-1] in _BREAKS and kind < HEADER and not banners and not beside:
                        yield _block(kind, first, pieces, misnested, part)
                        pieces, kind, misnested = [], PARAGRAPH, False
                    else:
                        pieces.append(BREAK if mark is PLAIN else _MARKED_BREAK)
            elif tag == "span" and "char" in (element.get("class") or "").split():
                mark = CHAR if starts else outer
                waiting = waiting or starts
            elif tag == "a" and element.get("href"):
                linked = starts
            elif tag in _UNSEEN:
                unseen += 1 if starts else -1
            elif tag in _UNSEEN_ALONE and starts:
                continue

            if text and not unseen and ((pieces and pieces[-1] not in _BREAKS) or not text.isspace()):
                if not pieces:
                    first = LINK if linked and mark is PLAIN else mark
                if linked:
                    text = f"{_LINKED}{text}{_UNLINKED}"
                if preformatted and "\n" in text:
                    text, *others = _BLANK_LINES.split(text.replace("\r", ""))
                    for other in others:
                        if pieces or text.strip():
                            pieces.append(text.replace("\n", BREAK) if mark is PLAIN else f"{OPEN}{text}{CLOSE}")
                            yield _block(kind, first, pieces, misnested, part)
                            pieces, first, kind = [], mark, PARAGRAPH
                        text = other
                    text = text.replace("\n", BREAK)
                if mark is PLAIN:
                    pieces.append(text)
                else:
                    pieces.append(f"{OPEN}{text}{CLOSE}")
                if waiting and not text.isspace():
                    waiting = False
        if pieces:
            yield _block(FOOTER if beside else BANNER if banners else kind, first, pieces, misnested, part)
            pieces = []


def _block(kind: Kind, first: Mark, pieces: list[str], misnested: bool, part: int) -> Block:
    if misnested and first is PLAIN:
        first = MISNESTED
        colon = _COLON.search(pieces[0])  # where the bold ends is lost
        end = colon.end() if colon else len(pieces[0])
        pieces[0] = f"{OPEN}{pieces[0][:end]}{CLOSE}{pieces[0][end:]}"
    if len(pieces) == 1:
        text = pieces[0]
    else:
        text = "".join(pieces)
        while CLOSE + OPEN in text and (joined := _IN_TWO.sub(r"\1", text)) != text:
            text = joined
    if not text.isascii() and is_partly_invisible(text):
        text = _INVISIBLE.sub("", text)
    if linked := _LINKED in text:
        if not any(map(str.isalnum, _LINK.sub("", text))):
            kind = FOOTER
        text = text.replace(_LINKED, "").replace(_UNLINKED, "")
    return Block(kind, first, text, part, linked)


def unmarked(text: str) -> str:
    """``text``, of a block, without what stands around its marked parts."""
    return text.replace(OPEN, "").replace(CLOSE, "") if OPEN in text or CLOSE in text else text
