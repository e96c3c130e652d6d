"""A paragraph that no name begins -> what becomes of it."""

import re
from enum import StrEnum
from typing import NamedTuple

from xfiles.reading.directions import CLOSERS, depth, is_note, is_unopened, is_whole, spoken
from xfiles.reading.habits import Habits
from xfiles.reading.labels import CUTS, is_lone_label
from xfiles.reading.plain_cues import acts
from xfiles.reading.shapes import Shape, any_of, words
from xfiles.reading.times import is_time


class Verdict(StrEnum):
    """What becomes of a paragraph. The order is the rule: the first that fits is it."""

    BANNER = "banner"  # the page's own headline: a note
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
    FORM = "form"  # what a viewer reads of a tag or a form: whoever was speaking goes on after it
    SHOWN = "shown"  # what a viewer reads: a screen, a letter
    SPEECH = "speech"  # whoever was speaking goes on


#: What says in a direction that something is to be heard, not read.
HEARD = words("continues, goes on, voice, sing, sings, speak, speaks, whisper, whispers, phone")
_HEARD = re.compile(rf"\b{any_of(HEARD)}\b", re.IGNORECASE)
# "NAME CROW ROGER CASE NO. 9", of a tag or a form: five words and no cut
_FORM = re.compile(r"(?=(?:\S+ ){4})(?!CUT\b)[^a-z:]+")
# What goes on with a direction that is never closed.
_GOES_ON = re.compile(r"(?:He|She|They) [a-z]+\b")
#: How a script ends.
ENDS = (
    Shape(r"(?i:the end)\W*$", "[The End]", "The end of it."),
    Shape(r"THE END\b", "THE END, at last", "THE ENDS"),
    Shape(r"(?i:to be continued\b)", "[To be continued ...]"),
    Shape(r"END OF\b", "END OF PART ONE", "ENDS OF"),
    Shape(r"(?i:(?<=\()a translation)\b.*\b(?:by|thanks)\b", "(A translation of the song, by a fan)"),
)
_END = re.compile(rf"\W*{any_of(ENDS)}")
#: Short words that are as often said as shown in capitals.
SAID = words("OK, NO, YES, FBI, CIA, TV, UFO, DNA, I, OH")
_SAID = re.compile(rf"(?:\W*\b{any_of(SAID)}\b)+\W*")


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
        return _shown(text)
    if acts(text, habits.known):
        return Verdict.ACTION
    if is_time(text) or CUTS.match(text) or (_is_shown(words) and not (words.isupper() and situation.capitals)):
        return _shown(text)
    return Verdict.SPEECH


def _shown(text: str) -> Verdict:
    return Verdict.FORM if _FORM.fullmatch(text) else Verdict.SHOWN


def announces(direction: str) -> bool:
    """Whether ``direction`` says that something is to be read: "(The fax reads:)", but not "(In a low voice:)"."""
    return direction.endswith((":", ":)", ":]", ": )", ": ]")) and _HEARD.search(direction) is None


def _is_shown(words: str) -> bool:
    """Whether ``words`` are what the viewer reads (a screen, a letter, a cut) rather than hears."""
    if words.isupper():
        # Nobody shouts on a screen.
        return not words.rstrip("\"'").endswith(("!", "?")) and _SAID.fullmatch(words) is None
    label, colon, _ = words.partition(":")
    return bool(colon) and is_lone_label(label)
