"""Where a scene begins, and where it is set: the text of a block -> a heading, and a heading -> a place."""

import re
from collections.abc import Container
from typing import NamedTuple

from xfiles.reading.characters import character
from xfiles.reading.cues import acts
from xfiles.reading.directions import CLOSERS
from xfiles.reading.labels import CUTS, is_label
from xfiles.reading.markup import BREAK, HEADER, LINK, MISNESTED, OPEN, PLAIN, RULED, Block, unmarked
from xfiles.reading.text import one_line

_HEADING = re.compile(r"SCENE\b(?!\s+\d+:\d)|#?\d+[A-Z]?\b(?!:\d)", re.IGNORECASE)
_HEADING_ANYWHERE = re.compile(r"SCENE\s+#?\d+[A-Z]?\b(?!:\d)")
_NO_HEADING = re.compile(r"SCENES\b|SCENE\s+\d+:\d", re.IGNORECASE)

# "SCENE 1 ANNOUNCER: (SOMEONE): Previously on"
_SPEECH_IN_HEADING = re.compile(r"SCENE\s+#?\d+[A-Z]?\s+(?=[A-Z][A-Z .'’-]{2,40}:\s+\()")
_LOWER = re.compile(r"\(|\b[A-Z]?['’]?[a-z]")


class Heading(NamedTuple):
    """Where a scene begins."""

    text: str  # its number and its place, in one line
    rest: str  # what stands in the same block and is none of it


def read_heading(block: Block, text: str) -> Heading | None:
    """The heading that ``text``, the beginning of that of ``block``, starts with; None if it starts with none.

    In the old family that is "SCENE 2" and the lines under it, up to the first that is prose or a direction.
    """
    first, *others = text.split(BREAK)
    in_bold = OPEN in first
    first = unmarked(first).lstrip()
    if block.kind is HEADER:
        text = one_line(unmarked(text))
        end = speech.end() if (speech := _SPEECH_IN_HEADING.match(text)) else len(text)
        return Heading(text[:end].strip(), text[end:])
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
        return Heading(one_line(first[:split]), BREAK.join([first[split:], *others]))
    lines = [first]
    while others:
        line = others[0].strip()
        if line:
            split = _split_heading(line)
            if split and (line[split] == "(" or line[:split].rstrip().endswith(".")):
                return Heading(one_line(" ".join([*lines, line[:split]])), BREAK.join([line[split:], *others[1:]]))
            words = len(line.split())
            prose = not line.isupper() and (words > 12 or (words > 5 and line[-1] in '.?!):"'))
            if (OPEN in line and not in_bold) or line[:1] in CLOSERS or prose:
                break
            lines.append(unmarked(line))
        del others[0]
    return Heading(one_line(" ".join(lines)), BREAK.join(others))


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


_SCENE_NUMBER = re.compile(r"(?:SCENE\s*)?#?\d*[A-Z]?\b[\s.:;,-]*", re.IGNORECASE)
# "(Night. KEEPER'S OFFICE. Wanda sits …)"
_SENTENCE = re.compile(
    r"(?:[^.;:()\[\]-]|-(?!-)|(?:(?<=\b[A-Z])|(?<=\b(?i:dr|mr|ms|st|lt))|(?<=\b(?i:mrs|int|ext|sgt|col)))\.)*"
)
# "In the barn, Wanda sits …"
_LEADING = re.compile(r"((?:Back (?:in|at|to)|In|Inside|Outside|At|On|Still (?:in|at)) [^,.]{3,60}),")
_AT = r"(?:(?i:at|enters?|in(?:to|side)?) |(?=(?i:outside) ))"
_NO_NOUN = (
    r"(?:(?i:outside)|and|as|with|while|where|who|that|which|when|he|she|they|from|for|to|by|on|at|in|into|[a-z]+ing)\b"
)
# "MULDER and SCULLY are in the barn, looking up"
_WHEREABOUTS = re.compile(
    # who is there, and how;
    rf"(?:(?!{_AT})(?:[A-Z][\w.'’-]*,?|and|&|with|the|an?|is|are|now|still|back|both|alone|later|"
    r"(?:stand|wait|walk)(?:s|ing)|sits|sitting|arrives?|[a-z]+ly) )*"
    # where: nouns, of which only the first may be in capitals, for another in capitals is somebody;
    rf"{_AT}((?:(?i:outside) )?(?:(?:the|an?|his|her|their|that) (?:[a-z]+ing )?)?"
    rf"(?!{_NO_NOUN})[\w.'’&#-]+(?: (?!{_NO_NOUN}|[A-Z]{{2,}}\b(?!['’]))[\w.'’&#-]+){{0,4}})"
    # and the end, or what they do there.
    rf"(?=[,:\"]|$| {_NO_NOUN})"
)
# "BELL house", but not "BELL sleeps"
_ROOMS = ("apartment", "car", "house", "office", "residence", "room")
_TIME = re.compile(
    r"(?:(?:early|late|next|same|that|the|later|mid|a few) ?)*"
    r"(?:day|night|morning|evening|afternoon|noon|dawn|dusk|later|continuous|flashback)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d+\s*(?:[ap]\.?\s?m?\.?)?|[ap]?m", re.IGNORECASE)
_MOST_WORDS_OF_A_PLACE = 8
_INSIDE_OR_OUT = re.compile(r"(?:INT|EXT|BACK)\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|sits|stands|walks|enters|continued|comes|goes|can|we)\b", re.IGNORECASE
)


def find_place(heading: str, opening: str = "", known: Container[str] = ()) -> str | None:
    """Where a scene is set: as its ``heading`` prints it, else as ``opening`` does, the direction that opens the scene.

    That is the first sentence that names no time, if it is short and nobody acts in it; else where it says that people
    are; else None.
    """
    if place := _SCENE_NUMBER.sub("", heading, count=1).strip():
        return place
    for found in _SENTENCE.finditer(opening):
        sentence = CUTS.sub("", found[0].strip(" ,-"), count=1).strip()
        if not sentence or _TIME.fullmatch(sentence) or _CLOCK.fullmatch(sentence):
            continue
        if leading := _LEADING.match(sentence):
            sentence = leading[1]
        if _is_place(sentence, known):
            return sentence
        whereabouts = _WHEREABOUTS.match(sentence)
        return whereabouts[1] if whereabouts else None
    return None


def _is_place(sentence: str, known: Container[str]) -> bool:
    """Whether ``sentence`` is nothing but a place: short, without an action, and no cut, cast list or the like."""
    first, *others = sentence.split()
    if len(others) >= _MOST_WORDS_OF_A_PLACE or _VERB.search(sentence):
        return False
    if is_label(sentence) and not _INSIDE_OR_OUT.match(sentence):
        return False
    if len(others) == 1 and others[0] in _ROOMS:
        return True
    return not (acts(sentence, known) or (character(first) in known and others and others[0].islower()))
