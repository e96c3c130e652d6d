"""Where and when a scene is set: its heading and the direction that opens it -> a place and a time."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from xfiles.reading.characters import character
from xfiles.reading.labels import CUTS, is_label
from xfiles.reading.plain_cues import acts
from xfiles.reading.shapes import Shape, any_of, words
from xfiles.reading.text import first_words
from xfiles.reading.times import part_times


class Setting(NamedTuple):
    """Where and when a scene is set, as printed."""

    place: str | None
    time: str | None


_SCENE_NUMBER = re.compile(r"(?:SCENE\s*)?#?\d*[A-Z]?\b[\s.:;,-]*", re.IGNORECASE)
#: Headings that don't say where: how one is inside, and parts of an episode.
NOWHERE = (
    *words("INT, EXT, INTERIOR, EXTERIOR, INSIDE, OUTSIDE, TEASER, PROLOGUE, EPILOGUE, TAG, MONTAGE"),
    Shape(r"ACT \w+", "ACT ONE", "ACT ONE THEATRE"),
)
_NOWHERE = re.compile(rf"{any_of(NOWHERE)}\.?", re.IGNORECASE)
# "(Night. KEEPER'S OFFICE. Wanda sits …)"; the colon of a clock ends nothing.
_SENTENCE = re.compile(
    r"(?:[^.;:()\[\]-]+|-(?!-)|(?<=\d):(?=\d)|(?:(?<=\b[A-Z])|(?<=\b(?i:dr|mr|ms|st|lt))|(?<=\b(?i:mrs|int|ext|sgt|col)))\.)*"
)
# "In the barn, Wanda sits …", "In a dark, dusty barn, …"
_LEADING = re.compile(
    r"((?:Back (?:in|at|to)|In|Inside|Outside|At|On|Still (?:in|at)) (?:(?:an?|the|his|her) [a-z]+, )?[^,.]{3,60}),"
)


def find_setting(heading: Iterable[str], opening: str = "", known: Collection[str] = ()) -> Setting:
    """Where and when a scene is set: as the lines of its ``heading`` print it, else as ``opening`` does.

    :param opening: the direction that opens the scene; its place is the first sentence that names no time, if it is
        short and nobody acts in it, else where it says that people are
    :param known: the characters whose names the page marks
    """
    first, *lines = heading
    places, times = [], []
    for line in (_SCENE_NUMBER.sub("", first, count=1).strip(), *lines):
        place, found = part_times(CUTS.sub("", line, count=1).strip())
        places.append(place)
        times += found
    place = " ".join(filter(None, places))
    if not place or _NOWHERE.fullmatch(place):
        place, found = _read_opening(opening, known)
        times += found
    # Of a direction a word may be as long as the page, and each sentence a time.
    return Setting(*(first_words(text)[0] or None for text in (place, ", ".join(times))))


def _read_opening(opening: str, known: Collection[str]) -> tuple[str, list[str]]:
    times: list[str] = []
    for found in _SENTENCE.finditer(opening):
        sentence = CUTS.sub("", found[0].strip(" ,-"), count=1).strip()
        place, more = part_times(sentence) if sentence else ("", [])
        times += more
        if not place:
            continue
        if leading := _LEADING.match(sentence):
            place = leading[1]
        if _is_place(place, known):
            return _COMPANY.split(place)[0], times
        whereabouts = _WHEREABOUTS.match(sentence)
        return (whereabouts[1] if whereabouts else ""), times
    return "", times


# --- what is a place -----------------------------------------------------------------------------------------------

#: Words that say that somebody acts, or that something is shown.
NO_PLACES = (
    *words("""
        is, are, was, were, has, have, had, can, sits, stands, walks, enters, comes, goes, he, she, they, we, you, i,
        who, whom, it, shot, footage, camera, previously, recap, clip, clips
    """),
    Shape(r"\d+x\d\d", "the barn, from 1X01"),
    Shape(r"\w*[!?]", "What a barn!"),
)
_NO_PLACE = re.compile(rf"(?<![\w'’]){any_of(NO_PLACES)}(?![\w'’])")
#: Nouns that look like a verb in the third person.
NOUNS = words("""
    headquarters, stairs, woods, docks, offices, quarters, barracks, steps, streets, grounds, gardens, rooms,
    corridors, this, his, its, upstairs, downstairs, outdoors, indoors
""")
#: What follows such a verb.
AFTER_VERB = words("""
    a, an, the, his, her, their, him, them, up, down, to, into, out, over, from, through, across, toward, towards, at,
    with, by, back, off, along, around, past, away, as, on
""")
_VERB_OR_AND = re.compile(rf"and|&|(?!{any_of(NOUNS)}$)[a-z]+s")
_THIRD_PERSON = re.compile(rf"(?!an? |the ).*?(?<![\w'’])(?!{any_of(NOUNS)}\b)[a-z]+s {any_of(AFTER_VERB)}\b")
#: "BELL house", but not "BELL sleeps".
ROOMS = words("apartment, car, house, office, residence, room, bedroom, kitchen, home, farm, hotel, motel")
_ROOM_OF = re.compile(rf"\S+ {any_of(ROOMS)}")
_POSSESSIVE = re.compile(r"(?:[A-Z][\w.-]* )*[A-Z][\w.-]*(?:['’]s?|S['’]) ")
_COMPANY = re.compile(r" (?:with|as|where|while|when) ")
_MOST_WORDS = 8


def _is_place(sentence: str, known: Collection[str]) -> bool:
    """Whether ``sentence`` is nothing but a place: short, without an action, and no cut, cast list or the like."""
    first, *others = sentence.split()
    if (
        len(others) >= _MOST_WORDS
        or _NO_PLACE.search(sentence.lower())
        or ("s " in sentence and _THIRD_PERSON.match(sentence))
    ):
        return False
    if is_label(sentence) and not re.match(r"(?:int|ext|back)\b", sentence, re.IGNORECASE):
        return False
    if _POSSESSIVE.match(sentence) or _ROOM_OF.fullmatch(sentence):
        return True
    if character(first) in known:
        return bool(others) and not others[0].islower()
    # "Neech walks": a part of a known name, and what looks like a verb.
    acting = any(first.upper() in name.split() for name in known)
    return not acts(sentence, known) and not (acting and others and _VERB_OR_AND.fullmatch(others[0]))


# --- where people are ----------------------------------------------------------------------------------------------

#: How people are somewhere.
STATES = words("""
    is, are, sits, sit, stands, stand, waits, wait, lies, lie, sleeps, sleep, works, work, kneels, kneel, sitting,
    standing, waiting, lying, sleeping, working, kneeling, eating, talking, walking, alone, still, now, back, both,
    later, already, asleep, seated, together
""")
#: What stands before where they are, or where they come to.
AT = words("""
    at, in, into, inside, on, enter, enters, arrive at, arrives at, come home to, comes home to, comes into
""")
_NO_NOUN = (
    r"(?:(?i:outside)|and|as|with|while|where|who|that|which|when|he|she|they|from|for|to|by|on|at|in|into|[a-z]+ing)\b"
)
_WORD = rf"(?!{_NO_NOUN}|[A-Z]{{2,}}\b(?!['’]))[\w.'’&#-]+"
#: What somebody is in that is no place: "is dressed in black".
IN_NO_PLACE = words(
    "dressed, interested, lost, involved, covered, wrapped, wearing, clad, deep, engaged, locked, caught"
)
# "MULDER and SCULLY are in the barn, looking up": who is there, and how; where, nouns of which only the first may be in
# capitals, for another in capitals is somebody; and the end, or what they do there.
_WHO = (
    rf"(?!(?i:{any_of(AT)}|outside) )(?:[A-Z][\w.'’-]*,?|and|&|with|[a-z]+ly|{any_of(STATES)}|"
    r"(?i:the|an?|two|three|four|several)(?: [a-z-]+){0,3}?)"
)
_DOING = rf"(?:(?<= is )|(?<= are ))(?!{any_of(IN_NO_PLACE)}\b)[a-z]+ (?=in |inside )"
_WHERE = (
    r"(?:(?i:outside) )?(?:(?:the|an?|his|her|their|that) (?:[a-z]+ing )?)?"
    rf"(?!{_NO_NOUN})[\w.'’&#-]+(?: {_WORD}){{0,4}}(?: of (?:the |an? )?{_WORD}(?: {_WORD}){{0,2}})?"
)
_WHEREABOUTS = re.compile(
    rf"(?:{_WHO} ){{0,12}}(?:{_DOING})?(?:(?i:{any_of(AT)}) |(?=(?i:outside) ))({_WHERE})(?=[,:\"]|$| {_NO_NOUN})"
)
