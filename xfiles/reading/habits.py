"""How a page's transcriber writes: its paragraphs, cut at the cues that the markup shows -> its habits."""

import re
from collections import Counter
from typing import NamedTuple

from xfiles.reading.cues import Cue, marked_cues
from xfiles.reading.directions import CLOSERS
from xfiles.reading.markup import FOOTER, NAMES, PARAGRAPH, RULED, Block, Run


class Habits(NamedTuple):
    """How one transcriber writes."""

    family: str  # as in :class:`Transcript`
    known: frozenset[str]  # the characters whose names are marked somewhere on the page
    prose: bool  # directions are bare prose, so a paragraph without a name is no speech
    brackets: bool  # square brackets hold directions
    translated: bool = False  # or speeches in another language, as the page says


class Paragraph(NamedTuple):
    """A block, cut at the cues that its markup shows."""

    block: Block
    before: tuple[Run, ...]  # what stands before the first cue
    cues: list[Cue]

    @classmethod
    def of(cls, block: Block) -> "Paragraph":
        return cls(block, *marked_cues(block))


_KEY = re.compile(r"\[\s?=\s")  # "[ = denotes lines in Russian"


def read_habits(paragraphs: list[Paragraph], text: str) -> Habits:
    """The habits of the page with ``paragraphs`` and the visible ``text``.

    How this page writes its directions is seen where nobody can be speaking: between a heading and the first
    speech, a paragraph is a direction, and either stands in parentheses or does not.
    """
    families: Counter[str] = Counter()
    known: set[str] = set()
    openings: Counter[str] = Counter()
    brackets = 0
    speaking = True  # before the first heading stand disclaimers
    for block, before, cues in paragraphs:
        for _, named, _ in cues:
            known.add(named)
        if not before:
            families[NAMES[block.runs[0][0]]] += 1
            speaking = True
        elif block.kind is RULED:
            speaking = False
        elif block.kind in (PARAGRAPH, FOOTER):
            start = before[0][1].lstrip()[:1]
            if start in CLOSERS:
                brackets += 1 if start == "[" else -1
            if not speaking:
                openings["(" if start in CLOSERS else "prose"] += 1
    family = families.most_common(1)[0][0] if families else "none"
    translated = _KEY.search(text) is not None
    return Habits(
        family, frozenset(known), openings["prose"] > openings["("], brackets > 0 and not translated, translated
    )
