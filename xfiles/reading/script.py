"""A page's lines, scenes and directions while they are read."""

import re
from typing import Literal, NamedTuple

from xfiles.items import Direction, Line, Scene
from xfiles.reading.characters import remembered
from xfiles.reading.directions import CLOSERS, depth, is_note, spoken
from xfiles.reading.habits import Habits
from xfiles.reading.plain_cues import open_direction
from xfiles.reading.text import LONGEST, one_line, visible
from xfiles.reading.verdicts import Situation, Verdict, announces, judge

_SUBTITLE = re.compile(r"<([^<>]+)>")
# "He climbs. The voice continues:"
_CONTINUES = re.compile(r"\bcontinu(?:es?|ing)\b", re.IGNORECASE)
_LOWER_OR_DOTS = re.compile(r"[a-z]|\.\.|…")


@remembered
def _as_printed(speaker: str) -> str:
    return one_line(visible(speaker)).strip(" *:;,")


_BRACKETS = re.compile(r"([^(\[]*)(.*[)\]]|.*)(.*)")


def _part_brackets(speaker: str) -> tuple[str, str]:
    """``speaker``, as printed, without what stands in brackets, and that."""
    found = _BRACKETS.fullmatch(_as_printed(speaker))
    assert found is not None
    return one_line(found[1] + found[3]), found[2]


class _Pending(NamedTuple):
    """A direction since the last words of a speech that may go on."""

    paragraphs: tuple[str, ...]
    within: str  # as it stands in the speech if that goes on; "" for not at all


class Script:
    """A page's lines, scenes and directions while they are read: who is speaking, and what has been said so far."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.lines: list[Line] = []
        self.scenes: list[Scene] = []
        self.headings: list[list[str]] = []  # the lines of each scene's
        self.directions: list[Direction] = []
        self.paragraphs: list[tuple[Verdict, str, str]] = []
        self.has_cut_headings = False  # one was too long
        self.names: list[str] = []  # of who spoke, with all that stands before the colon
        self.ended = False
        self.speaker = self.character = ""  # the cue's; "" while nobody speaks
        self.printed = ""  # before the colon
        self.interrupted: tuple[str, str] | None = None  # who spoke when the scene began, until somebody speaks
        self.texts: list[str] = []
        self.said: list[str] = []
        self.capitals = True  # whether all of texts is in capitals
        self.pending: list[_Pending] = []
        self.unclosed: list[str] | None = None  # paragraphs since a direction that its own paragraph doesn't close

    def begin_scene(self, lines: list[str]) -> None:
        """Begin a scene with a heading of these ``lines``."""
        interrupted = (self.speaker, self.character) if self.texts else None
        self.stop()
        self.ended = False
        self.interrupted = interrupted
        heading = one_line(" ".join(lines))
        self.headings.append(lines)
        self.scenes.append(Scene(len(self.scenes) + 1, heading))
        self.paragraphs.append((Verdict.HEADING, "", heading))

    def begin_speech(self, speaker: str, character: str, text: str, printed: str = "") -> None:
        """Let ``character`` say ``text``.

        :param printed: all that stands before the colon, if that isn't ``speaker``
        """
        self.stop()
        self.ended = False
        self.interrupted = None
        if len(speaker) > LONGEST:
            name, directions = _part_brackets(speaker)
            speaker, text, printed = name or character, f"{directions} {text}".strip(), ""
        self.speaker = speaker
        self.character = character
        self.printed = printed or speaker
        self.paragraphs.append((Verdict.NAMED, character, text))
        if text:
            self.say(text)

    def say(self, text: str) -> None:
        if self.pending:
            for paragraphs, within in self.pending:
                if within:
                    self.texts.append(within)
                else:
                    self.add_directions(paragraphs)
            self.pending.clear()
        if "<" in text:
            text = _SUBTITLE.sub(r"\1", text)
        self.texts.append(text)
        opened = depth(text) if "(" in text or ")" in text or "[" in text or "]" in text else 0
        if opened < 0:
            text = open_direction(text, self.habits.known)
        elif opened > 0:
            self.unclosed = []
        if words := spoken(text, self.habits.brackets):
            self.said.append(words)
            self.capitals = self.capitals and words.isupper()

    def say_on(self, *paragraphs: str) -> None:
        """Go on with a text that opens a direction, which the last of ``paragraphs`` closes."""
        text = self.texts.pop()
        if self.said and self.said[-1] == spoken(text, self.habits.brackets):
            self.said.pop()
        self.say(" ".join([text, *paragraphs]))

    def direct(self, *paragraphs: str, within: str = "") -> None:
        """Take ``paragraphs`` as a direction, which stands as ``within`` in the speech under way if that goes on."""
        if self.texts:
            self.pending.append(_Pending(paragraphs, within))
        else:
            self.add_directions(paragraphs)

    def add_directions(self, texts: tuple[str, ...]) -> None:
        for text in texts:
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
            self.names.append(self.printed)
            self.lines.append(
                Line(
                    len(self.lines) + 1,
                    len(self.scenes),
                    self.character,
                    _as_printed(self.speaker),
                    " ".join(self.texts) if len(self.texts) > 1 else self.texts[0],
                    " ".join(self.said),
                )
            )
            self.texts.clear()
            self.said.clear()
        elif self.speaker:  # marked, and nothing is said
            self.add_direction(one_line(self.printed) + ":")
        self.speaker = self.character = self.printed = ""
        self.capitals = True
        if self.pending:
            pending, self.pending = self.pending, []
            for paragraphs, _ in pending:
                self.add_directions(paragraphs)

    def end(self) -> None:
        """All that follows stands beside the script, until somebody is named or a scene begins."""
        self.stop()
        self.ended = True

    def read_unnamed(self, text: str, may_open: bool = True) -> None:
        """Give ``text``, a paragraph in one line that no name begins, to the speech under way, or to nobody."""
        announced = bool(self.pending and announces(self.pending[-1].paragraphs[-1]))
        situation = Situation(bool(self.speaker), self.capitals, self.unclosed is not None, announced, may_open)
        verdict = judge(text, self.habits, situation)
        if verdict is Verdict.NOBODY and self.interrupted is not None:
            (speaker, character), self.interrupted = self.interrupted, None
            if self._goes_on(text):
                self.begin_speech(speaker, character, text, printed=" ")
                return
        if verdict is not Verdict.INSIDE:  # it is read again if the direction is never closed
            said_by = self.character if verdict is Verdict.SPEECH else ""
            self.paragraphs.append((verdict, said_by, text))
        match verdict:
            case Verdict.DIRECTION | Verdict.WORDLESS | Verdict.NOBODY | Verdict.PROSE | Verdict.ACTION:
                self.direct(text, within=text if text[-1] == CLOSERS.get(text[0]) else "")
            case Verdict.NOTE:
                self.direct(text)
            case Verdict.INSIDE:
                assert self.unclosed is not None
                self.unclosed.append(text)
            case Verdict.CLOSES if self.texts and not self.pending:  # in the midst of a speech
                assert self.unclosed is not None
                unclosed, self.unclosed = self.unclosed, None
                self.say_on(*unclosed, text)
            case Verdict.CLOSES:
                assert self.unclosed is not None
                unclosed, self.unclosed = self.unclosed, None
                opening = self.pending.pop().paragraphs if self.pending else ()
                whole = " ".join([*opening, *unclosed, text])
                self.direct(*opening, *unclosed, text, within=whole if whole[-1] == CLOSERS.get(whole[0]) else "")
            case Verdict.END:
                self.end()
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

    def _goes_on(self, text: str) -> bool:
        """Whether ``text`` goes on with the speech that the scene's heading interrupts."""
        if self.habits.prose:
            return False
        last = self.directions[-1] if self.directions else None
        continues = last is not None and last.scene == len(self.scenes) and _CONTINUES.search(last.text)
        return _LOWER_OR_DOTS.match(spoken(text) or text) is not None or bool(continues)
