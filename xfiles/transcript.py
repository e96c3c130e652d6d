"""A transcript page -> its script: who says what, in which scene, and what nobody says.

Pure functions: nothing here knows tags, Scrapy's crawling or SQL. A page's blocks (:mod:`xfiles.markup`) are read in
three steps: the cues that its markup shows (:mod:`xfiles.cues`); how its transcriber writes; and then each paragraph is
given to whom it belongs. ``python -m xfiles.transcript PAGE.htm`` prints what became of each paragraph.
"""

import argparse
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

from xfiles.characters import merge_shared, remembered
from xfiles.cues import (
    BEFORE_NAME,
    CUTS,
    NO_SPEAKER,
    Cue,
    acts,
    bracketed_cue,
    cut_at_names,
    marked_cue,
    marked_cues,
    plain_cue,
)
from xfiles.directions import CLOSERS, depth, is_note, is_unopened, is_whole, spoken
from xfiles.items import Direction, Line, Scene
from xfiles.markup import (
    DESCRIPTION,
    FOOTER,
    MISNESTED,
    NAMES,
    PARAGRAPH,
    PLAIN,
    RULED,
    TITLE,
    Block,
    Run,
    TranscriptError,
    read_blocks,
    read_title,
    read_tree,
)
from xfiles.scenes import find_place, read_heading
from xfiles.text import one_line

__all__ = ["Transcript", "TranscriptError", "Verdict", "count_words", "judge", "parse_transcript"]


class Verdict(StrEnum):
    """What becomes of a paragraph. The order is the rule: the first that fits is it."""

    TITLE = "title"  # the page's own: a note
    FOOTER = "footer"  # links: a note
    DESCRIPTION = "description"  # marked as a direction
    HEADING = "heading"  # begins a scene
    NAMED = "named"  # a character's name begins it, or a part of it
    LABEL = "label"  # bold, and no name: a cut, a shot
    INSIDE = "inside"  # in a direction that an earlier paragraph opened
    CLOSES = "closes"  # ends that direction
    END = "end"  # the script is over; what follows are notes
    NOTE = "note"  # of the closed captions, of the transcriber
    DIRECTION = "direction"  # one bracket from its first letter to its last
    OPENS = "opens"  # a direction that its own paragraph doesn't close
    WORDLESS = "wordless"  # only directions, nothing spoken
    NOBODY = "nobody"  # nobody is speaking
    PROSE = "prose"  # on a page whose directions are bare prose
    ACTION = "action"  # begins with the name of who acts
    SHOWN = "shown"  # what a viewer reads: a screen, a letter
    SPEECH = "speech"  # whoever was speaking goes on


@dataclass(slots=True)
class Transcript:
    """What :func:`parse_transcript` found on a page."""

    title: str  # the page's <title> in one line, "Kill Switch - 5X11"
    family: str  # how most of its speakers are marked: "bold", "misnested", "span", or "none"
    lines: list[Line] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    directions: list[Direction] = field(default_factory=list)
    transcriber: str | None = None  # as in DialogueItem
    words: int = 0  # as in DialogueItem
    unread: int = 0  # as in DialogueItem
    paragraphs: list[tuple[Verdict, str, str]] = field(default_factory=list)  # (verdict, character, text), in order


# --- step 2: the page's habits -----------------------------------------------------------------------------------


class Habits(NamedTuple):
    """How one transcriber writes."""

    family: str  # as in :class:`Transcript`
    known: frozenset[str]  # the characters whose names are marked somewhere on the page
    prose: bool  # directions are bare prose, so a paragraph without a name is no speech
    brackets: bool  # square brackets hold directions
    translated: bool = False  # or speeches in another language, as the page says


#: A block, what of it stands before the cues that its markup shows, and these.
Paragraph = tuple[Block, tuple[Run, ...], list[Cue]]

_KEY = re.compile(r"\[\s?=\s")  # "[ = denotes lines in Russian"


def _read_habits(paragraphs: list[Paragraph], text: str) -> Habits:
    """How this page writes its directions is seen where nobody can be speaking: between a heading and the first
    speech, a paragraph is a direction, and either stands in parentheses or does not."""
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


# --- step 3: to whom each paragraph belongs ----------------------------------------------------------------------

_MEMO = re.compile(r"(?:TO|FROM|DATE|SUBJECT|RE|REF|ATTN|NAME|ADDRESS|CITY|MESSAGE|TIME)\s*:", re.IGNORECASE)
_VOICE = re.compile(r"\b(?:continues|goes on|voice|sings?|speaks?|whispers?|phone)\b", re.IGNORECASE)
# "NAME CROW ROGER CASE NO. 9", of a tag or a form: five words and no cut
_FORM = re.compile(r"(?=(?:\S+ ){4})(?!CUT\b)[^a-z:]+")
# What goes on with a direction that is never closed.
_GOES_ON = re.compile(r"(?:He|She|They) [a-z]+\b")
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?"
_WHEN = (
    r"(?:\d{1,2}(?::\d\d){1,2}(?:\s*[ap]\.?\s?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}} {_MONTH}|\d{{1,2}}/\d{{1,2}}/\d{{2,4}})"
)
_CAPTION = re.compile(rf"(?:{_DAY},? )?{_WHEN}(?:,? (?:{_WHEN}|{_DAY}|\d{{4}}|[ECMP][SD]T))*", re.IGNORECASE)
_END = re.compile(
    r"\W*(?:(?i:the end\W*$|to be continued\b)|THE END\b|END OF\b|\((?i:a translation)\b.*\b(?:by|thanks)\b)"
)


class Situation(NamedTuple):
    """What has been said before a paragraph, as far as it matters."""

    speaking: bool = True  # somebody is
    capitals: bool = False  # and all of that in capitals, or nothing yet
    unclosed: bool = False  # a direction is open
    announced: bool = False  # the direction before says that something is to be read
    may_open: bool = True  # a direction that this paragraph opens may be closed by a later one


def judge(text: str, habits: Habits, situation: Situation = Situation()) -> Verdict:  # noqa: B008 (it is immutable)
    """What becomes of ``text``, a paragraph in one line that no name begins."""
    if situation.unclosed:
        return Verdict.CLOSES if depth(text) < 0 else Verdict.INSIDE
    if _END.match(text):
        return Verdict.END
    if is_note(text) and not spoken(text, brackets=not habits.translated):
        return Verdict.NOTE
    if (
        (is_whole(text) and not (habits.translated and text[0] == "["))
        or is_unopened(text)
        or (not situation.may_open and _GOES_ON.match(text))
    ):
        return Verdict.DIRECTION
    if situation.may_open and text[0] in CLOSERS and depth(text) > 0:
        return Verdict.OPENS
    words = spoken(text, brackets=not habits.translated)
    if not any(map(str.isalnum, words)):
        return Verdict.WORDLESS
    if not situation.speaking:
        return Verdict.NOBODY
    if habits.prose:
        return Verdict.PROSE
    if situation.announced:
        return Verdict.SHOWN
    if acts(text, habits.known):
        return Verdict.ACTION
    if (
        _CAPTION.fullmatch(text)
        or CUTS.match(text)
        or (_is_shown(words) and not (words.isupper() and situation.capitals))
    ):
        return Verdict.SHOWN
    return Verdict.SPEECH


def _announces(direction: str) -> bool:
    """Whether ``direction`` says that something is to be read: "(The fax reads:)", but not "(In a low voice:)"."""
    return direction.endswith((":", ":)", ":]", ": )", ": ]")) and _VOICE.search(direction) is None


def _is_shown(words: str) -> bool:
    """Whether ``words`` are what the viewer reads (a screen, a letter, a cut) rather than hears."""
    label, colon, _ = words.partition(":")
    return words.isupper() or bool(_MEMO.match(words) or (colon and NO_SPEAKER.match(label)))


_SUBTITLE = re.compile(r"<([^<>]+)>")


@remembered
def _as_printed(speaker: str) -> str:
    return one_line(speaker).strip(" *:;,")


class _Script:
    """A page's lines, scenes and directions while they are read: who is speaking, and what has been said so far."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.lines: list[Line] = []
        self.scenes: list[Scene] = []
        self.directions: list[Direction] = []
        self.paragraphs: list[tuple[Verdict, str, str]] = []
        self.names: list[str] = []  # of who spoke, with all that stands before the colon
        self.ended = False
        self.speaker = self.character = ""  # the cue's; "" while nobody speaks
        self.texts: list[str] = []
        self.said: list[str] = []
        self.capitals = True  # whether all of texts is in capitals
        # Directions since the last words, with how they stand in the speech if it goes on: "" for not at all.
        self.pending: list[tuple[str, str]] = []
        self.unclosed: list[str] | None = None  # paragraphs since a direction that its own paragraph doesn't close

    def begin_scene(self, heading: str) -> None:
        self.stop()
        self.ended = False
        self.scenes.append(Scene(len(self.scenes) + 1, heading))
        self.paragraphs.append((Verdict.HEADING, "", heading))

    def begin_speech(self, speaker: str, character: str, text: str) -> None:
        self.stop()
        self.ended = False
        self.speaker = speaker
        self.character = character
        self.paragraphs.append((Verdict.NAMED, character, text))
        if text:
            self.say(text)

    def say(self, text: str) -> None:
        if self.pending:
            for direction, within in self.pending:
                if within:
                    self.texts.append(within)
                else:
                    self.add_direction(direction)
            self.pending.clear()
        if "<" in text:
            text = _SUBTITLE.sub(r"\1", text)
        self.texts.append(text)
        if words := spoken(text, self.habits.brackets):
            self.said.append(words)
            self.capitals = self.capitals and words.isupper()

    def direct(self, text: str, within: str = "") -> None:
        """Take ``text`` as a direction, which stands as ``within`` in the speech under way if that goes on."""
        if self.texts:
            self.pending.append((text, within))
        else:
            self.add_direction(text)

    def add_direction(self, text: str, kind: Literal["direction", "note"] = "direction") -> None:
        if self.ended or is_note(text) or not (self.scenes or self.lines or self.texts or text[0] in CLOSERS):
            kind = "note"
        line = len(self.lines) + bool(self.texts)
        last = self.directions[-1] if self.directions else None
        part = last.part + 1 if last is not None and last.line == line else 1
        self.directions.append(Direction(len(self.scenes), line, part, kind, text))

    def stop(self) -> None:
        """End the speech under way, if there is one."""
        if self.unclosed is not None:
            unclosed, self.unclosed = self.unclosed, None
            for text in unclosed:
                self.read_unnamed(text, may_open=False)
        if self.texts:
            self.names.append(self.speaker)
            self.lines.append(
                Line(
                    len(self.lines) + 1,
                    len(self.scenes),
                    self.character,
                    _as_printed(self.speaker),
                    " ".join(self.texts),
                    " ".join(self.said),
                )
            )
            self.texts.clear()
            self.said.clear()
        elif self.speaker:  # bold, and nobody's name: nothing is said
            self.add_direction(self.speaker + ":")
        self.speaker = self.character = ""
        self.capitals = True
        if self.pending:
            pending, self.pending = self.pending, []
            for text, _ in pending:
                self.add_direction(text)

    def read_unnamed(self, text: str, may_open: bool = True) -> None:
        """Give ``text``, a paragraph in one line that no name begins, to the speech under way, or to nobody."""
        announced = bool(self.pending and _announces(self.pending[-1][0]))
        situation = Situation(bool(self.speaker), self.capitals, self.unclosed is not None, announced, may_open)
        verdict = judge(text, self.habits, situation)
        if verdict is not Verdict.INSIDE:  # it is read again if the direction is never closed
            said_by = self.character if verdict is Verdict.SPEECH else ""
            self.paragraphs.append((verdict, said_by, text))
        match verdict:
            case Verdict.DIRECTION | Verdict.WORDLESS | Verdict.NOBODY | Verdict.PROSE | Verdict.ACTION:
                self.direct(text, text if text[-1] == CLOSERS.get(text[0]) else "")
            case Verdict.NOTE:
                self.direct(text)
            case Verdict.INSIDE:
                assert self.unclosed is not None
                self.unclosed.append(text)
            case Verdict.CLOSES:
                assert self.unclosed is not None
                unclosed, self.unclosed = self.unclosed, None
                for paragraph in (*unclosed, text):
                    self.direct(paragraph)
            case Verdict.END:
                self.stop()
                self.ended = True
                self.add_direction(text, "note")
            case Verdict.OPENS:
                self.direct(text)
                self.unclosed = []
            case Verdict.SHOWN if _FORM.fullmatch(text):
                self.direct(text)  # who spoke goes on
            case Verdict.SHOWN:
                self.stop()
                self.add_direction(text)
            case Verdict.SPEECH:
                self.say(text)


def _read_speech(cue: Cue, script: _Script) -> None:
    """Read what follows ``cue``: a speech, and those of the others who are named in its midst."""
    speaker, named, text = cue
    text = one_line(text)
    others: list[Cue] = []
    if ":" in text:
        text, others = cut_at_names(text, script.habits.known, start=1)
    script.begin_speech(speaker, named, text)
    for other in others:
        script.begin_speech(*other)


def _read_label(runs: tuple[Run, ...], script: _Script) -> bool:
    """Read ``runs`` as what a bold "CUT TO:" or the like begins, if it is that: it ends the speech under way."""
    mark, text = runs[0]
    if mark not in NAMES:
        return False
    label, colon, rest = text.partition(":")
    place = BEFORE_NAME.fullmatch(label.strip())
    if not colon or (rest.strip() and not (mark is MISNESTED and place)):
        return False
    script.stop()
    rest += "".join(text for _, text in runs[1:])
    cue = plain_cue(rest, script.habits.known) or (marked_cue(rest) if place else None)
    label = one_line(label + colon if cue else label + colon + rest)
    script.paragraphs.append((Verdict.LABEL, "", label))
    script.add_direction(label)
    if cue is not None:
        _read_speech(cue, script)
    return True


def _read_unmarked(block: Block, runs: tuple[Run, ...], script: _Script) -> None:
    """Read ``runs``, what of ``block`` stands before the cues that its markup shows."""
    cue = None
    if heading := read_heading(block, runs):
        text, rest, runs = heading
        script.begin_scene(text)
        if rest:
            runs = ((PLAIN, rest), *runs)
            if (cue := marked_cue(rest)) and not cue[0].isupper():
                cue = None
        if not runs:
            return
    _, text = runs[0]
    cue = cue or plain_cue(text, script.habits.known)
    if cue is None and _read_label(runs, script):
        return
    following = "".join([text for _, text in runs[1:]])
    if cue is not None:
        speaker, named, text = cue
        _read_speech((speaker, named, text + following), script)
    elif text := one_line(text + following):
        _read_unnamed(text, script)


def _read_unnamed(text: str, script: _Script) -> None:
    """Read ``text``, a paragraph in one line that no name begins, and the speeches of those who are named in it."""
    known = script.habits.known
    if cue := bracketed_cue(text, known):
        _read_speech(cue, script)
        return
    before, others = cut_at_names(text, known) if ":" in text and script.unclosed is None else (text, [])
    if before:
        script.read_unnamed(before)
    for other in others:
        script.begin_speech(*other)


#: What the markup alone says of a block.
_VERDICTS = {TITLE: Verdict.TITLE, FOOTER: Verdict.FOOTER, DESCRIPTION: Verdict.DESCRIPTION}


def _read_unspoken(verdict: Verdict, text: str, script: _Script) -> None:
    """Read the ``text`` of a block of which the markup says that nobody speaks it."""
    if verdict is not Verdict.DESCRIPTION:
        script.stop()
        script.paragraphs.append((verdict, "", text))
        script.add_direction(text, "note")
    elif text:
        script.paragraphs.append((verdict, "", text))
        script.direct(text, f"({text})")


def _read_paragraph(paragraph: Paragraph, script: _Script) -> None:
    """Give what ``paragraph`` holds to the characters who say it, or to nobody."""
    block, before, cues = paragraph
    if verdict := _VERDICTS.get(block.kind):
        _read_unspoken(verdict, one_line(block.text), script)
        return
    if before:
        _read_unmarked(block, before, script)
    for cue in cues:
        _read_speech(cue, script)


# --- what stands beside the script -------------------------------------------------------------------------------

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


def _merge_shared(script: _Script) -> None:
    merged = merge_shared({line.character for line in script.lines})
    if not merged:
        return
    for line in script.lines:
        line.character = merged.get(line.character, line.character)
    script.paragraphs = [(verdict, merged.get(said_by, said_by), text) for verdict, said_by, text in script.paragraphs]


def _find_places(script: _Script) -> None:
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
    :exc:`TranscriptError` if it is no HTML, or far from any transcript.
    """
    root = read_tree(markup)
    paragraphs = [(block, *marked_cues(block)) for block in read_blocks(root)]
    visible = "\n".join([block.text for block, _, _ in paragraphs])
    script = _Script(_read_habits(paragraphs, visible))
    for paragraph in paragraphs:
        _read_paragraph(paragraph, script)
    script.stop()
    _merge_shared(script)
    _find_places(script)
    words = count_words(visible)
    texts = [line.text for line in script.lines] + [direction.text for direction in script.directions]
    read = count_words("\n".join([*texts, *script.names, *[scene.heading for scene in script.scenes]]))
    return Transcript(
        title=one_line(read_title(root)),
        family=script.habits.family,
        lines=script.lines,
        scenes=script.scenes,
        directions=script.directions,
        transcriber=_find_transcriber(script.directions),
        words=words,
        unread=max(0, words - read),
        paragraphs=script.paragraphs,
    )


def main(arguments: list[str] | None = None) -> None:
    """Print what becomes of each paragraph of the page in a file: verdict, character, text.

    :param arguments: the file's path; the command line's by default
    """
    from xfiles.middlewares.encoding import plausible_encoding, read_mixed  # and with it Scrapy, which no parser needs

    parser = argparse.ArgumentParser(
        "python -m xfiles.transcript", description="Print what becomes of each paragraph of a page."
    )
    parser.add_argument("path", type=Path, metavar="PAGE.htm")
    path = parser.parse_args(arguments).path
    try:
        body = path.read_bytes()
        encoding = plausible_encoding(body)
        transcript = parse_transcript(body.decode(encoding, "replace") if encoding else read_mixed(body))
    except (OSError, TranscriptError) as error:
        parser.error(f"{path} can't be read: {getattr(error, 'strerror', None) or error}")
    try:
        for verdict, said_by, text in transcript.paragraphs:
            print(f"{verdict:<12}{said_by:<24} {text}")
        sys.stdout.flush()
    except BrokenPipeError:  # a reader such as head has enough; Python would complain when it flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
