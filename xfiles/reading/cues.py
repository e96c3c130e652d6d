"""Who begins to speak, and where, as the markup shows it: the text of a block -> its cues.

A cue is a name before a colon. One that is marked counts if it can be a name at all.
"""

import re
from collections.abc import Container
from typing import NamedTuple

from xfiles.reading.characters import character, remembered, without_brackets
from xfiles.reading.directions import depth
from xfiles.reading.labels import can_be_name, is_label, is_place, is_voice
from xfiles.reading.markup import BREAK, CLOSE, OPEN, unmarked
from xfiles.reading.times import is_clock


class Cue(NamedTuple):
    """Where somebody begins to speak."""

    speaker: str  # all that is printed before the colon
    character: str  # whom it names
    text: str  # what follows the colon


BRACKETS = r"[(\[](?:[^][()]|[(\[][^][()]{0,100}[)\]]){0,200}[)\]]"
# A marked name. It may be marked in parts, what isn't in capitals: "CAT (low):", "CAT" and "DOG:", "OLD" CAT:. And
# "CAT (low:", whose bracket isn't closed.
_UNMARKED = rf"(?:[^a-z{OPEN}{CLOSE}{BREAK}:;()\[\]]|{BRACKETS}|\b(?:and|with)\b)"
_MARKED_NAME = re.compile(
    rf"{OPEN}(?:[^{OPEN}{CLOSE}:;()\[\]]|{BRACKETS}|{CLOSE}{_UNMARKED}{{0,60}}{BREAK}?{OPEN}){{1,200}}"
    rf"(?:[(\[][^][(){OPEN}{CLOSE}:;]{{0,100}})?(?:{CLOSE}{BREAK}?{_UNMARKED}{{0,60}})?[:;]"
)
# "OLD" before a marked "CAT:", "ANN and" before "BEN:".
_LEADING = re.compile(
    rf"\s*[^\W\d_a-z](?:[^a-z{OPEN}{CLOSE}{BREAK}:;.?!()\[\]]|\b(?:and|with)\b|\b(?:MRS?|DR)\.){{0,30}}[ /&](?={OPEN})"
)
# Where a sentence, a direction or a line is at an end, a speech may begin.
_BROKEN = re.compile(rf"[{CLOSE}()\[\];]")
_MORE_COLONS = re.compile(rf"[ {CLOSE}]{{0,3}}:(?![\d/])")
_COLON_ENDS_MARK = re.compile(rf":\s*{CLOSE}")
_LONGEST = 1000  # letters in which a colon or the brackets around a name are looked for
_AT_AN_END = re.compile(rf"(?:[.?!…;)\]”’>–—*|-]|[.?!,…][\"']|{BREAK})\s*$")


def marked_cues(text: str, known: Container[str] = ()) -> tuple[str, list[Cue]]:
    """What of a block's ``text`` stands before the first cue that its markup shows, and the cues.

    A marked name begins a speech at the start of its paragraph or line or after the end of a sentence, a ``known`` one
    in capitals anywhere; but none does within brackets.
    """
    at = text.find(OPEN)
    if at < 0:
        return text, []
    # As nearly always, and much faster than to search: nothing but a plain name at the beginning is marked.
    close = text.find(CLOSE)
    colon = text.find(":", 1, close)
    if at == 0 and colon > 0 and text.find(OPEN, close) < 0 and not text.startswith((":", " :"), close + 1):
        speaker = text[1:colon]
        if (named := _plainly_named_by(speaker)) and not text.startswith((":", " :"), colon + 1):
            return "", [Cue(speaker.strip(), named, text[colon + 1 : close] + text[close + 1 :])]
    # Where each name begins and where what follows its colon does, the speaker, the character.
    found: list[tuple[int, int, str, str]] = []
    start = 0
    while at >= 0:
        first = 0 if not found and (leading := _LEADING.match(text)) and leading.end() == at else at
        if name := _marked_name(text, first, at) or _colonless_name(text, at, known):
            end, speaker, named = name
            if first == 0 or _may_begin(text, start, at, end, speaker.isupper(), named in known):
                found.append((first, end, speaker, named))
                start = end
                at = max(at, end - 1)
        at = text.find(OPEN, at + 1)
    if not found:
        return text, []
    ends = [at for at, *_ in found[1:]] + [len(text)]
    cues = [
        Cue(speaker, named, unmarked(text[begin:end]))
        for (_, begin, speaker, named), end in zip(found, ends, strict=True)
    ]
    return text[: found[0][0]], cues


def _marked_name(text: str, first: int, at: int) -> tuple[int, str, str] | None:
    """The cue whose name begins at the letter ``first`` of ``text``, and is marked from ``at`` on.

    That is: where its text begins, the speaker, the character.
    """
    end = text.find(":", at, at + _LONGEST)
    speaker = text[at + 1 : end]
    if end < 0 or _BROKEN.search(speaker):
        if (found := _MARKED_NAME.match(text, at)) is None:
            return None
        end = found.end() - 1
        speaker = unmarked(text[at:end])
    speaker = unmarked(text[first:at]) + speaker
    named = named_by(speaker)
    if not named or is_clock(speaker, text[end + 1 : end + 12]) or text.startswith("//", end + 1):
        return None
    while more := _MORE_COLONS.match(text, end + 1):
        end = more.end() - 1
    return end + 1, speaker.strip(), named


# What follows a name whose colon is lost: somebody's words, or a direction and then these.
_WORDS = re.compile(rf"\s*[-–—]?\s*(?:{BRACKETS}\s*)*[A-Z\"“]")


def _colonless_name(text: str, at: int, known: Container[str]) -> tuple[int, str, str] | None:
    """The same of a ``known`` name that is marked by itself and has no colon: "CAT (low) One."."""
    close = text.find(CLOSE, at, at + _LONGEST)
    speaker = text[at + 1 : close].strip(" .–—-")
    if close < 0 or without_brackets(speaker) not in known or _WORDS.match(text, close + 1) is None:
        return None
    return close + 1, speaker, character(speaker)


def _may_begin(text: str, start: int, at: int, end: int, capitals: bool, known: bool) -> bool:
    """Whether a speech may begin in a block's ``text``, whose last one began at the letter ``start``.

    :param at: where its name begins
    :param end: where its words begin
    :param capitals: whether the name is in capitals
    :param known: whether it is known, and so counts in mid-sentence, too, if only it and its colon are marked
    """
    before = unmarked(text[max(start, at - _LONGEST) : at])
    if not before or before.isspace():
        return start == 0 or capitals or known
    if is_label(before.strip(" :")):
        return True
    if (opened := depth(before)) > 0:
        return opened + depth(text[at : at + _LONGEST]) > 0  # a bracket that is never closed
    if _AT_AN_END.search(before[-100:]):
        return True
    return capitals and known and _COLON_ENDS_MARK.match(text, end - 1) is not None


@remembered
def named_by(speaker: str) -> str:
    """Whom ``speaker``, which is marked before a colon, names; "" if that can be nobody's name."""
    name = without_brackets(speaker)
    return character(speaker) if can_be_name(name) and not is_place(name) and not is_voice(name) else ""


@remembered
def _plainly_named_by(speaker: str) -> str:
    """The same of a name without brackets, before a colon that is no clock's for sure."""
    return "" if _BROKEN.search(speaker) or speaker[-1:].isdigit() else named_by(speaker)
