"""Where a scene begins: the text of a block -> a heading."""

import re
from typing import NamedTuple

from xfiles.reading.directions import CLOSERS
from xfiles.reading.markup import BREAK, HEADER, LINK, MISNESTED, OPEN, PLAIN, RULED, Block, unmarked
from xfiles.reading.text import LONGEST, first_words, one_line

_HEADING = re.compile(r"SCENE\b(?!\s+\d+:\d)|#?\d+[A-Z]?\b(?!:\d)", re.IGNORECASE)
_HEADING_ANYWHERE = re.compile(r"SCENE\s+#?\d+[A-Z]?\b(?!:\d)")
_NO_HEADING = re.compile(r"SCENES\b|SCENE\s+\d+:\d", re.IGNORECASE)

# "SCENE 1 ANNOUNCER: (SOMEONE): Previously on"
_SPEECH_IN_HEADING = re.compile(r"SCENE\s+#?\d+[A-Z]?\s+(?=[A-Z][A-Z .'’-]{2,40}:\s+\()")
_LOWER = re.compile(r"\(|\b[A-Z]?['’]?[a-z]")


class Heading(NamedTuple):
    """Where a scene begins."""

    lines: list[str]  # its number and its place
    rest: str  # what stands in the same block and is none of it
    cut: bool = False  # at its longest; what is more is the rest


def read_heading(block: Block, text: str) -> Heading | None:
    """The heading that ``text``, the beginning of that of ``block``, starts with; None if it starts with none.

    In the old family that is "SCENE 2" and the lines under it, up to the first that is prose or a direction.
    """
    heading = _read_heading(block, text)
    if heading is None or sum(map(len, heading.lines)) + len(heading.lines) <= LONGEST:  # as nearly always
        return heading
    lines, room = [], LONGEST
    for number, line in enumerate(heading.lines):
        first, others = first_words(line, room)
        lines += [first] if first else []
        room -= len(first) + 1
        if others:
            rest = BREAK.join([others, *heading.lines[number + 1 :], heading.rest])
            return Heading(lines, rest, cut=True) if lines else None
    return heading


def _read_heading(block: Block, text: str) -> Heading | None:
    if block.kind is not RULED and block.kind is not HEADER and "SCENE" not in text:
        return None
    first, *others = text.split(BREAK)
    in_bold = OPEN in first
    first = unmarked(first).lstrip()
    if block.kind is HEADER:
        text = one_line(unmarked(text))
        end = speech.end() if (speech := _SPEECH_IN_HEADING.match(text)) else len(text)
        return Heading([text[:end].strip()], text[end:])
    if block.kind is not RULED:
        if block.mark is MISNESTED or not _HEADING_ANYWHERE.match(first):
            return None
    elif (
        block.mark is LINK
        or _NO_HEADING.match(first)
        or not (_HEADING.match(first) or (block.mark is PLAIN and first[:1].isalnum() and first.isupper()))
    ):
        return None
    if split := _split_heading(first):
        return Heading([one_line(first[:split])], BREAK.join([first[split:], *others]))
    lines = [first]
    while others:
        line = others[0].strip()
        if line:
            split = _split_heading(line)
            if split and (line[split] == "(" or line[:split].rstrip().endswith(".")):
                return Heading([*map(one_line, lines), one_line(line[:split])], BREAK.join([line[split:], *others[1:]]))
            words = len(line.split())
            prose = not line.isupper() and (words > 12 or (words > 5 and line[-1] in '.?!):"'))
            if (OPEN in line and not in_bold) or line[:1] in CLOSERS or prose:
                break
            lines.append(unmarked(line))
        del others[0]
    return Heading([*map(one_line, lines)], BREAK.join(others))


def _split_heading(text: str) -> int:
    """Where prose or a speech begins in ``text``, a heading's line; 0 if none does."""
    if speech := _SPEECH_IN_HEADING.match(text):
        return speech.end()
    found = _LOWER.search(text)
    if found is None:
        return 0
    rest = text[found.start() :].strip()
    place = text[: found.start()].strip()
    prose = len(rest.split()) > 5 and (place[-1:] in (".", ":") or rest[-1] in ".?!:)")
    return found.start() if prose or rest[0] == "(" else 0
