"""A page's paragraphs -> its script: each is given to whoever says it, or to nobody."""

import re
from typing import Literal

from xfiles.items import Direction, Line, Scene
from xfiles.reading.characters import remembered
from xfiles.reading.cues import BEFORE_NAME, Cue, bracketed_cue, cut_at_names, marked_cue, plain_cue
from xfiles.reading.directions import CLOSERS, is_note, spoken
from xfiles.reading.habits import Habits, Paragraph
from xfiles.reading.markup import BANNER, DESCRIPTION, FOOTER, MISNESTED, NAMES, PLAIN, Block, Run
from xfiles.reading.scenes import read_heading
from xfiles.reading.text import one_line
from xfiles.reading.verdicts import Situation, Verdict, announces, judge

_SUBTITLE = re.compile(r"<([^<>]+)>")


@remembered
def _as_printed(speaker: str) -> str:
    return one_line(speaker).strip(" *:;,")


class Script:
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
        announced = bool(self.pending and announces(self.pending[-1][0]))
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
            case Verdict.FORM:
                self.direct(text)  # who spoke goes on
            case Verdict.SHOWN:
                self.stop()
                self.add_direction(text)
            case Verdict.SPEECH:
                self.say(text)


def _read_speech(cue: Cue, script: Script) -> None:
    """Read what follows ``cue``: a speech, and those of the others who are named in its midst."""
    speaker, named, text = cue
    text = one_line(text)
    others: list[Cue] = []
    if ":" in text:
        text, others = cut_at_names(text, script.habits.known, start=1)
    script.begin_speech(speaker, named, text)
    for other in others:
        script.begin_speech(*other)


def _read_label(runs: tuple[Run, ...], script: Script) -> bool:
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


def _read_unmarked(block: Block, runs: tuple[Run, ...], script: Script) -> None:
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


def _read_unnamed(text: str, script: Script) -> None:
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
_VERDICTS = {BANNER: Verdict.BANNER, FOOTER: Verdict.FOOTER, DESCRIPTION: Verdict.DESCRIPTION}


def _read_unspoken(verdict: Verdict, text: str, script: Script) -> None:
    """Read the ``text`` of a block of which the markup says that nobody speaks it."""
    if verdict is not Verdict.DESCRIPTION:
        script.stop()
        script.paragraphs.append((verdict, "", text))
        script.add_direction(text, "note")
    elif text:
        script.paragraphs.append((verdict, "", text))
        script.direct(text, f"({text})")


def read_paragraph(paragraph: Paragraph, script: Script) -> None:
    """Give what ``paragraph`` holds to the characters who say it, or to nobody."""
    block, before, cues = paragraph
    if verdict := _VERDICTS.get(block.kind):
        _read_unspoken(verdict, one_line(block.text), script)
        return
    if before:
        _read_unmarked(block, before, script)
    for cue in cues:
        _read_speech(cue, script)
