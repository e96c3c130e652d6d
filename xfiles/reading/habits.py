"""How a page's transcriber writes: its paragraphs, cut at the cues that the markup shows -> its habits."""

import re
from collections import Counter
from typing import NamedTuple

from xfiles.reading.characters import character, without_brackets
from xfiles.reading.cues import Cue, marked_cues
from xfiles.reading.directions import CLOSERS
from xfiles.reading.labels import can_be_name
from xfiles.reading.markup import BREAK, CLOSE, FOOTER, NAMES, OPEN, OUTSIDE, PARAGRAPH, PLAIN, RULED, Block, unmarked
from xfiles.reading.scenes import read_heading


class Habits(NamedTuple):
    """How one transcriber writes."""

    family: str  # as in :class:`Transcript`
    known: frozenset[str]  # the characters whose names are marked somewhere on the page, and these names as printed
    prose: bool  # directions are bare prose, so a paragraph without a name is no speech
    brackets: bool  # square brackets hold directions
    translated: bool = False  # or speeches in another language, as the page says


class Paragraph(NamedTuple):
    """A block, cut at the cues that its markup shows."""

    block: Block
    before: str  # what of its text stands before the first cue
    cues: list[Cue]

    @classmethod
    def of(cls, block: Block, known: frozenset[str] = frozenset()) -> "Paragraph":
        return cls(block, *marked_cues(block.text, known))


def without_labels(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """``paragraphs`` without the cues before the first scene that are labels, such as "Rating:": they are in mixed case
    on a page whose names are in capitals."""
    first = next((at for at, (block, text, _) in enumerate(paragraphs) if text and read_heading(block, text)), 0)
    mixed = {
        at for at in range(first) if any(not without_brackets(cue.speaker).isupper() for cue in paragraphs[at].cues)
    }
    if not mixed:
        return paragraphs
    names = [without_brackets(cue.speaker) for paragraph in paragraphs[first:] for cue in paragraph.cues]
    if 2 * sum(map(str.isupper, names)) <= len(names):
        return paragraphs
    return [_plain(paragraph.block) if at in mixed else paragraph for at, paragraph in enumerate(paragraphs)]


def _plain(block: Block) -> Paragraph:
    """``block`` as if nothing were marked in it."""
    text = unmarked(block.text)
    return Paragraph(block._replace(mark=PLAIN, text=text), text, [])


# What goes on with a speech that a heading interrupts.
_GOES_ON = re.compile(r"\s*(?:[a-z]|\.\.|…)")
_KEY = re.compile(r"\[\s?=\s")  # "[ = denotes lines in Russian"


def read_habits(paragraphs: list[Paragraph], text: str) -> Habits:
    """The habits of the page with ``paragraphs`` and the visible ``text``.

    How it writes its directions is seen where nobody can be speaking: between a heading and the first speech, a
    paragraph is a direction, and either stands in parentheses or does not.
    """
    families: Counter[str] = Counter()
    known: set[str] = set()
    openings: Counter[str] = Counter()
    brackets = 0
    speaking = True  # before the first heading stand disclaimers
    for block, before, cues in paragraphs:
        for speaker, named, _ in cues:
            known.add(named)
            known.add(speaker)
        if cues:
            families[NAMES.get(block.mark, "bold")] += 1
            speaking = True
        elif block.kind is RULED:
            speaking = False
        elif block.kind in (PARAGRAPH, FOOTER, OUTSIDE):
            start = before.lstrip()[:1]
            if start in CLOSERS:
                brackets += 1 if start == "[" else -1
            if not speaking and not _GOES_ON.match(before):
                openings["(" if start in CLOSERS else "prose"] += 1
    if families:
        family = families.most_common(1)[0][0]
    else:
        known = _names_without_colons(paragraphs)
        family = "bold" if known else "none"
        if not known and (known := _plain_names(paragraphs)):
            family = "plain"
    translated = _KEY.search(text) is not None
    return Habits(
        family, frozenset(known), openings["prose"] > openings["("], brackets > 0 and not translated, translated
    )


_MARKED_LEAD = re.compile(rf"{OPEN}([^{OPEN}{CLOSE}:;]{{1,60}}){CLOSE}.*\w", re.DOTALL)


def _names_without_colons(paragraphs: list[Paragraph]) -> set[str]:
    """The names on a page that marks them, and puts no colon after any: what is marked in capitals before words, more
    than once."""
    leads = [lead[1] for block, _, _ in paragraphs if (lead := _MARKED_LEAD.match(block.text))]
    names = Counter(name for name in map(without_brackets, leads) if name.isupper() and can_be_name(name))
    return set() if not names or max(names.values()) == 1 else {*names, *map(character, names)}


_LEAD = re.compile(r"\s*([^\W\d_a-z][\w .'’#-]{0,40})(?: ?\([^()]*\))?:(?=\s)")
_OFTEN = 3  # times that a name in mixed case begins a line, if nothing marks it


def _plain_names(paragraphs: list[Paragraph]) -> set[str]:
    """The names on a page that marks none: what stands before a colon at the start of a line, in capitals or often."""
    leads = Counter(
        without_brackets(lead[1])
        for block, _, _ in paragraphs
        for line in block.text.split(BREAK)
        if (lead := _LEAD.match(line))
    )
    names = {name for name, times in leads.items() if can_be_name(name) and (name.isupper() or times >= _OFTEN)}
    return names | {character(name) for name in names}
