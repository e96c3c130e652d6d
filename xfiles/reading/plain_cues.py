"""Who begins to speak, and where, in plain text: a paragraph -> its cues.

A name that nothing marks counts only if the page marks it elsewhere, or where a direction tells that it is one.
"""

import re
from collections.abc import Container
from typing import NamedTuple

from xfiles.reading.characters import character, without_brackets
from xfiles.reading.cues import BRACKETS, Cue
from xfiles.reading.directions import CLOSERS, depth
from xfiles.reading.labels import is_device, is_label, is_voice
from xfiles.reading.markup import BREAK
from xfiles.reading.times import is_clock

_NAME = re.compile(rf"((?:[^:;()\[\]]|{BRACKETS}){{1,120}})[:;]")
# "Scully (curious) Okay.", "ANN [lifts lid] Who?": the name's colon is lost.
_LOST_COLON = re.compile(
    r"([A-Z][\w.'’#-]*(?: [A-Z\d][\w.'’#-]*){0,3})\s+((?:\([^()]*\)|\[[^][]*\])\s+[A-Z\"“].*)", re.DOTALL
)
_TOGETHER = re.compile(r"\s+(?:AND|&|WITH)\s+|\s*/\s*|,\s+")


def known_by(speaker: str, known: Container[str]) -> str:
    """Whom ``speaker`` names, if the page marks that name elsewhere, or each of the names in it; else ""."""
    named = character(speaker)
    if named in known:
        return named
    names = _TOGETHER.split(named)
    return named if len(names) > 1 and all(name in known for name in names) else ""


def plain_cue(text: str, known: Container[str]) -> Cue | None:
    """The cue at the start of plain ``text``: a name that the page marks elsewhere, or where a voice comes from."""
    text = text.lstrip()
    if not (text[:1].isalpha() or text.startswith(('"', "“"))):
        return None
    if (lost := _LOST_COLON.match(text)) and (named := character(lost[1])) in known:
        return Cue(lost[1], named, lost[2])
    found = _NAME.match(text) if ":" in text[:160] or ";" in text[:160] else None
    if found is None:
        return None
    speaker, rest = found[1].strip(), text[found.end() :]
    speaker = speaker if text[0].isalpha() else speaker.strip('"“”')
    named = known_by(speaker, known) or (speaker.upper() if is_voice(speaker) else "")
    return Cue(speaker, named, rest) if named and not is_clock(speaker, rest) else None


# "(From an earlier episode.) A MAN: Where? A WOMAN: There." in one paragraph, or "… garage.) : ANN: Is that him?"
# Elsewhere in mixed case, and then with a direction: "Wanda (laughs, folding a map): What are you painting?"
_COLON = re.compile(r"[:;](?=\s|$)")
_START = re.compile(rf"(?:^|(?<=[.?!…:)\]\"”-][ {BREAK}])|(?<={BREAK}))(?:: )?(?=[^\W_]|#)")
_DIRECTION = re.compile(r" ?(?:\([^()]*\)|\[[^][]*\])\s*$")
_CAPITALS = re.compile(r"[^\W_a-z]+(?:(?:[ .'’#&,\"“”/-]+| and )[^\W_a-z]+)*\.?")
_CAPITALISED = re.compile(r"[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}")
_FARTHEST = 60  # letters from where a name in plain text begins to its colon or its direction


class _Name(NamedTuple):
    """A name before a colon in the midst of a text."""

    start: int
    end: int  # after the colon
    speaker: str
    character: str
    known: bool  # the page marks it elsewhere
    directed: bool  # in mixed case, with a direction before its colon


def cut_at_names(text: str, known: Container[str], start: int = 0) -> tuple[str, list[Cue]]:
    """What of ``text`` stands before others are named as speakers in it, at the letter ``start`` or later, and their
    cues."""
    if ":" not in text and ";" not in text:  # as nearly always
        return text, []
    names = [name for name in _names(text, known) if name.start >= start]
    if not any(name.known for name in names):
        names = [name for name in names if name.directed]
    cues = []
    end = len(text)
    for name in reversed(names):
        cues.append(Cue(name.speaker, name.character, text[name.end : end].strip(" :")))
        end = name.start
    return text[:end].strip(" :") if names else text, cues[::-1]


def _names(text: str, known: Container[str]) -> list[_Name]:
    """The names before a colon in ``text``, outside brackets."""
    names: list[_Name] = []
    opened = seen = 0
    for colon in _COLON.finditer(text):
        name = _name_before(text, seen, colon, known)
        if name is None:
            continue
        opened += depth(text[seen : name.start])
        seen = name.start
        if opened <= 0:
            names.append(name)
            seen = name.end
    return names


def _name_before(text: str, first: int, colon: re.Match[str], known: Container[str]) -> _Name | None:
    """The name between the letter ``first`` of ``text`` and ``colon``; of several that may be it a known one, else the
    longest."""
    direction = _DIRECTION.search(text, max(first, colon.start() - 200), colon.start())
    end = direction.start() if direction else colon.start()
    if is_clock(text[:end][-1:], text[colon.end() : colon.end() + 12]):
        return None
    names = []
    for start in _START.finditer(text, max(first, end - _FARTHEST), end):
        name = text[start.end() : end]
        in_capitals = _CAPITALS.fullmatch(name) is not None
        if start.start() == 0 and not in_capitals:
            continue  # at the start of a paragraph, see plain_cue
        exact = in_capitals or name in known or (text[start.start() - 2 : start.start() - 1] in CLOSERS.values())
        named = known_by(name, known) if exact else ""
        directed = direction is not None and not in_capitals and _CAPITALISED.fullmatch(name) is not None
        if named or ((in_capitals or directed) and not is_label(name)):
            names.append(
                _Name(
                    start.start(),
                    colon.end(),
                    text[start.end() : colon.start()],
                    named or character(name),
                    bool(named),
                    directed,
                )
            )
    if colon[0] == ";":  # ends a sentence, too
        names = [name for name in names if name.known and (not name.start or text[name.start - 1] == BREAK)]
    return next((name for name in names if name.known), names[0] if names else None)


def name_again(speaker: str, text: str, known: Container[str]) -> tuple[str, str, str, str] | None:
    """What is to be made of ``text``, which follows the colon after ``speaker``, if it begins with another name for the
    same one: who speaks, all that is printed before the second colon, the character, and what follows it."""
    found = _NAME.match(text)
    if found is None or text[0] in CLOSERS or not without_brackets(found[1]).isupper():
        return None
    both = f"{speaker} {found[1]}"
    named = character(speaker)
    if character(found[1]) == named:
        return found[1], both, named, text[found.end() :]
    return (both, both, character(both), text[found.end() :]) if character(both) in known else None


def bracketed_cue(text: str, known: Container[str]) -> Cue | None:
    """The cue of a whole speech in brackets, such as "[ANN: Here comes the ramp!]" or "(Off camera: Help!)"."""
    if ":" not in text or text[-1] != CLOSERS.get(text[0]):
        return None
    cue = plain_cue(text[1:-1], known)
    if cue is not None and (is_voice(cue.speaker) or (text[0] == "[" and cue.speaker.isupper())):
        return cue
    speaker, _, rest = text[1:-1].partition(":")
    return Cue(speaker, character(speaker), rest) if is_device(speaker) and rest.strip() else None


# "ANN and BEN walk", "Ann (nods)"
_ACTOR = re.compile(r"([A-Z][A-Z.'#-]+(?: [A-Z#\d][A-Z.'\d-]*)*),? [a-z]")
_NODS = re.compile(r"([A-Z][\w.'’#-]*(?: [A-Z\d][\w.'’#-]*)*) \([^()]*\)")


_ACTING = re.compile(r"(?:^|(?<=[.?!…] ))([A-Z][A-Z.'#-]+(?: [A-Z#\d][A-Z.'\d-]*)*)(?: and [A-Z][A-Z.'#-]+)? [a-z]")


def open_direction(text: str, known: Container[str]) -> str:
    """``text`` with the opening bracket of a direction that somebody ``known`` begins and that is only closed: "No. BEN
    lifts the spade.)"."""
    opened = 0
    for found in re.finditer(r"[][()]", text):
        opened += 1 if found[0] in CLOSERS else -1
        if opened < 0:
            names = [name for name in _ACTING.finditer(text, 0, found.start()) if character(name[1]) in known]
            at = names[-1].start() if names else -1
            return text if at < 0 else f"{text[:at]}({text[at:]}"
    return text


def acts(text: str, known: Container[str]) -> bool:
    """Whether ``text`` is a direction that begins with the name of who acts, such as "ANN and BEN walk"."""
    name = _ACTOR.match(text) or _NODS.fullmatch(text)
    return name is not None and character(name[1]) in known
