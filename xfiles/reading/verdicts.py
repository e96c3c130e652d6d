"""A paragraph that no name begins -> what becomes of it."""

import re
from enum import StrEnum
from typing import NamedTuple

from xfiles.reading.cues import CUTS, NO_SPEAKER, acts
from xfiles.reading.directions import CLOSERS, depth, is_note, is_unopened, is_whole, spoken
from xfiles.reading.habits import Habits


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
        return _shown(text)
    if acts(text, habits.known):
        return Verdict.ACTION
    if (
        _CAPTION.fullmatch(text)
        or CUTS.match(text)
        or (_is_shown(words) and not (words.isupper() and situation.capitals))
    ):
        return _shown(text)
    return Verdict.SPEECH


def _shown(text: str) -> Verdict:
    return Verdict.FORM if _FORM.fullmatch(text) else Verdict.SHOWN


def announces(direction: str) -> bool:
    """Whether ``direction`` says that something is to be read: "(The fax reads:)", but not "(In a low voice:)"."""
    return direction.endswith((":", ":)", ":]", ": )", ": ]")) and _VOICE.search(direction) is None


def _is_shown(words: str) -> bool:
    """Whether ``words`` are what the viewer reads (a screen, a letter, a cut) rather than hears."""
    label, colon, _ = words.partition(":")
    return words.isupper() or bool(_MEMO.match(words) or (colon and NO_SPEAKER.match(label)))
