"""A transcript page -> its script: who says what, in which scene, and what nobody says.

A page's blocks (:mod:`~xfiles.reading.markup`) are cut at the cues that the markup shows (:mod:`~xfiles.reading.cues`);
they show how its transcriber writes (:mod:`~xfiles.reading.habits`); then each paragraph is given to whom it belongs
(:mod:`~xfiles.reading.script`).
"""

import re
from dataclasses import dataclass, field

from xfiles.items import Direction, Line, Scene
from xfiles.reading.characters import merge_shared
from xfiles.reading.habits import Paragraph, read_habits, without_labels
from xfiles.reading.markup import TranscriptError, read_blocks, read_page_title, read_tree, unmarked
from xfiles.reading.scenes import find_place
from xfiles.reading.script import Script, read_script
from xfiles.reading.text import one_line
from xfiles.reading.verdicts import Verdict

__all__ = ["Transcript", "TranscriptError", "count_words", "parse_transcript"]


@dataclass(slots=True)
class Transcript:
    """What :func:`parse_transcript` found on a page."""

    episode: str  # the page's <title> in one line, "Kill Switch - 5X11"
    family: str  # how most of its speakers are marked: "bold", "misnested", "span", or "none"
    lines: list[Line] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    directions: list[Direction] = field(default_factory=list)
    transcriber: str | None = None  # as in DialogueItem
    words: int = 0  # as in DialogueItem
    unread: int = 0  # as in DialogueItem
    paragraphs: list[tuple[Verdict, str, str]] = field(default_factory=list)  # (verdict, character, text), in order


_TRANSCRIBER = re.compile(
    r"(?:transcri(?:bed|pt(?:ion)?(?:\s+(?:provided|typed|done))?)|typed|written\s+down)(?:\s+and\s+\w+)?\s+by\s*:?\s*"
    r"([^;()\[\]]{2,80}?)(?:[.,]?$|[.,;] |[()\[\]])",
    re.IGNORECASE,
)


# A byte of what separates words becomes a space, any other an x.
_SHAPE = bytes(ord(" " if chr(byte).isspace() or byte in b":;" else "x") for byte in range(0x80)) + b"x" * 0x80


def count_words(text: str) -> int:
    """How many words ``text`` has: what stands between white space, colons and semicolons."""
    # To split it takes twice as long, which is felt: that is all words of a page, twice.
    return f" {text}".replace("\xa0", " ").encode().translate(_SHAPE).count(b" x")


def _merge_shared(script: Script) -> None:
    merged = merge_shared({line.character for line in script.lines})
    if not merged:
        return
    for line in script.lines:
        line.character = merged.get(line.character, line.character)
    script.paragraphs = [(verdict, merged.get(said_by, said_by), text) for verdict, said_by, text in script.paragraphs]


def _find_places(script: Script) -> None:
    opening: dict[int, str] = {}
    for direction in script.directions:
        if direction.kind == "direction":
            opening.setdefault(direction.scene, direction.text)
    for scene in script.scenes:
        scene.place = find_place(scene.heading, opening.get(scene.scene, ""), script.habits.known)


def _find_transcriber(directions: list[Direction]) -> str | None:
    for direction in directions:
        if direction.kind == "note" and (found := _TRANSCRIBER.search(direction.text)):
            return found[1].strip(" ,*-") or None
    return None


def parse_transcript(markup: str) -> Transcript:
    """Read ``markup``, a transcript page of either family, decoded.

    Returns the page's title, its lines, scenes and directions, in order. A page without dialogue gives no lines. Raises
    :exc:`~xfiles.reading.markup.TranscriptError` if it is no HTML, or far from any transcript.
    """
    root = read_tree(markup)
    paragraphs = without_labels([Paragraph.of(block) for block in read_blocks(root)])
    visible = unmarked("\n".join([block.text for block, _, _ in paragraphs]))
    habits = read_habits(paragraphs, visible)
    script = read_script([paragraph.cut_again(habits.known) for paragraph in paragraphs], habits)
    _merge_shared(script)
    _find_places(script)
    words = count_words(visible)
    texts = [line.text for line in script.lines] + [direction.text for direction in script.directions]
    read = count_words("\n".join([*texts, *script.names, *[scene.heading for scene in script.scenes]]))
    return Transcript(
        episode=one_line(read_page_title(root)),
        family=script.habits.family,
        lines=script.lines,
        scenes=script.scenes,
        directions=script.directions,
        transcriber=_find_transcriber(script.directions),
        words=words,
        unread=max(0, words - read),
        paragraphs=script.paragraphs,
    )
