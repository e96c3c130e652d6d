"""A transcript page -> its script: who says what, in which scene, and what nobody says.

A page's blocks (:mod:`~xfiles.reading.markup`) are cut at the cues that the markup shows (:mod:`~xfiles.reading.cues`);
they show how its transcriber writes (:mod:`~xfiles.reading.habits`); then each paragraph is given to whom it belongs
(:mod:`~xfiles.reading.paragraphs`).
"""

import re
from dataclasses import dataclass, field

from xfiles.items import Direction, Line, Scene
from xfiles.reading.cast import CAST
from xfiles.reading.characters import merge_shared
from xfiles.reading.habits import Paragraph, read_habits, without_labels
from xfiles.reading.locations import find_location
from xfiles.reading.markup import OPEN, TranscriptError, read_blocks, read_page_title, read_tree, unmarked
from xfiles.reading.paragraphs import read_script
from xfiles.reading.places import find_setting
from xfiles.reading.script import Script
from xfiles.reading.text import LONGEST, first_words, one_line
from xfiles.reading.verdicts import Verdict

__all__ = ["Transcript", "TranscriptError", "count_words", "parse_transcript"]


@dataclass(slots=True)
class Transcript:
    """What :func:`parse_transcript` found on a page."""

    episode: str  # the page's <title> in one line, "Kill Switch - 5X11", cut at its longest
    family: str  # how most of its speakers are marked: "bold", "misnested", "span", or "none"
    lines: list[Line] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    directions: list[Direction] = field(default_factory=list)
    transcriber: str | None = None  # as in DialogueItem
    words: int = 0  # as in DialogueItem
    unread: int = 0  # as in DialogueItem
    cut: list[str] = field(default_factory=list)  # what is longer than it may be, and was cut: "title", "heading"
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


def _merge_names(script: Script, page: str) -> None:
    """Give each line the character whose name its name on ``page`` is."""
    names = {line.character for line in script.lines}
    merged = merge_shared(names) | {name: CAST[page, name] for name in names if (page, name) in CAST}
    if not merged:
        return
    for line in script.lines:
        line.character = merged.get(line.character, line.character)
    script.paragraphs = [(verdict, merged.get(said_by, said_by), text) for verdict, said_by, text in script.paragraphs]


def _find_settings(script: Script) -> None:
    opening: dict[int, str] = {}
    for direction in script.directions:
        if direction.kind == "direction":
            opening.setdefault(direction.scene, direction.text)
    for scene, lines in zip(script.scenes, script.headings, strict=True):
        scene.place, scene.time = find_setting(lines, opening.get(scene.scene, ""), script.habits.known)
        scene.location = find_location(scene.place) if scene.place else None


def _find_transcriber(directions: list[Direction]) -> str | None:
    for direction in directions:
        if direction.kind == "note" and (found := _TRANSCRIBER.search(direction.text)):
            return found[1].strip(" ,*-") or None
    return None


def parse_transcript(markup: str, page: str = "") -> Transcript:
    """Read ``markup``, a transcript page of either family, decoded.

    :param page: its stem, such as ``scrp511``, for what is known of the names on it

    Returns the page's title, its lines, scenes and directions, in order. A page without dialogue gives no lines. Raises
    :exc:`~xfiles.reading.markup.TranscriptError` if it is no HTML, or far from any transcript.
    """
    root = read_tree(markup)
    paragraphs = without_labels([Paragraph.of(block) for block in read_blocks(root)])
    visible = unmarked("\n".join([block.text for block, _, _ in paragraphs]))
    habits = read_habits(paragraphs, visible)
    paragraphs = [
        Paragraph.of(paragraph.block, habits.known)
        if paragraph.block.text.count(OPEN) > len(paragraph.cues)
        else paragraph
        for paragraph in paragraphs
    ]
    script = read_script(paragraphs, habits)
    _merge_names(script, page)
    _find_settings(script)
    words = count_words(visible)
    texts = [line.text for line in script.lines] + [direction.text for direction in script.directions]
    read = count_words("\n".join([*texts, *script.names, *[scene.heading for scene in script.scenes]]))
    title = one_line(read_page_title(root))
    episode = title if len(title) <= LONGEST else first_words(title)[0] or title[:LONGEST]
    return Transcript(
        episode=episode,
        family=script.habits.family,
        lines=script.lines,
        scenes=script.scenes,
        directions=script.directions,
        transcriber=_find_transcriber(script.directions),
        words=words,
        unread=max(0, words - read),
        cut=["title"] * (episode != title) + ["heading"] * script.has_cut_headings,
        paragraphs=script.paragraphs,
    )
