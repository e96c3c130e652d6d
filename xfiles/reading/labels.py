"""What stands before a colon and is nobody's name: cuts, shots, credits, and what a viewer reads."""

import re

from xfiles.reading.shapes import Shape, any_of, words
from xfiles.reading.text import LONGEST, straight
from xfiles.reading.times import is_time

# In capitals, as the texts are made first: that is several times faster than to ignore the case.

#: Labels, alone or followed by one of :data:`ONWARD`.
LABELS = (
    *words("""
        CUT, CUTS, CUTTING, CUTAWAY, QUICK CUT, SMASH CUT, JUMP CUT, MATCH CUT, TIME CUT, INTERCUT, FADE, DISSOLVE,
        FLASH, FLASHBACK, SMASH, BACK, LATER, TIME LAPSE, MONTAGE, TEASER, OPENING, THE END, END, TO BE CONTINUED,
        COMMERCIAL, COMMERCIAL BREAK, OPENING CREDITS, CLOSING CREDITS, END CREDITS, CREDITS, CAST, CAST LIST,
        STARRING, GUEST STAR, GUEST STARS, GUEST STARRING, SUMMARY, TAGLINE, DISCLAIMER, WARNING, REMARKS, NOTE, NOTES,
        PLEASE NOTE, TITLE, TITLES, TITLE CARD, CAPTION, CAPTIONS, SUBTITLE, SUBTITLES, CLOSED CAPTION,
        CLOSED CAPTIONS, MEMO, SUPER, SUPERIMPOSE, SUPERIMPOSED, INSERT, ANGLE, WIDE, CLOSE, PAN, ZOOM, CU, ECU, MCU,
        CLOSE-UP, CLOSEUP, MUSIC UP
    """),
    Shape(r"SCENES?(?: #?\d+[A-Z]?)?", "SCENE 12B", "SCENES MANAGER"),
    Shape(r"ACT \w+", "ACT ONE", "ACT ONE SINGER"),
)
#: What may follow a label, and then anything.
ONWARD = words("TO, ON, OF, IN, OUT, INTO, BACK, AWAY, OVER, UP, FROM")
#: Labels that stand alone: shots, credits, the heads of letters and forms.
LONE_LABELS = (
    *words("""
        LS, MS, MCS, MLS, TO, FROM, DATE, RE, REF, ATTN, SUBJECT, NAME, ADDRESS, CITY, MESSAGE, TIME, AIR DATE,
        AIRDATE, AIRED, FIRST AIRED, ORIGINAL AIR DATE, PRODUCTION CODE, EPISODE, SEASON, WRITTEN BY, DIRECTED BY,
        EDITED BY, PRODUCED BY, CREATED BY, TELEPLAY BY, SCREENPLAY BY, STORY BY, MUSIC BY, TYPED BY, AUTHOR'S NOTE,
        COPYRIGHT, THANKS, THANKS TO, SPECIAL THANKS, SPECIAL THANKS TO, E-MAIL, EMAIL, WEBSITE, WEB SITE, HOME PAGE,
        LAST UPDATED, UPDATED, CONTINUED
    """),
    Shape(r"ARTICLE \d+", "ARTICLE 6", "ARTICLE WRITER"),
    Shape(r"PRODUCTION CODE ?#", "PRODUCTION CODE #"),
    Shape(r"(?:LONG|MEDIUM) SHOT", "LONG SHOT", "BIG SHOT"),
)
#: How a label begins that may go on in any way.
BEGINNINGS = (
    Shape(r"INT\b", "INT. BARN", "INTERN"),
    Shape(r"EXT\b", "EXT. BARN", "EXTRA"),
    Shape(r"TRANSCRI", "TRANSCRIPT BY A FAN", "TRANSIT GUARD"),
    Shape(r".*\bP\.?O\.?V\b", "CAT'S POV", "POVERTY"),
    Shape(r"(?:CLOSE|WIDE) SHOT\b", "CLOSE SHOT, THE BARN", "CLOSE FRIEND"),
)
_LABEL = re.compile(rf"(?:{any_of(LABELS)}(?: {any_of(ONWARD)}\b.*|$)|{any_of(LONE_LABELS)}$|{any_of(BEGINNINGS)})")

_LONE_LABEL = re.compile(rf"{any_of(LABELS)}|{any_of(LONE_LABELS)}|{any_of(BEGINNINGS)}.*")

#: How a cut begins in any case, and in plain text.
KINDS_OF_CUTS = words("""
    cut, quick cut, smash cut, jump cut, match cut, cut back, cut away, cut over, fade, dissolve, flashback, intercut
""")
WHERE_TO = words("to, in, out, into")
CUTS = re.compile(rf"{any_of(KINDS_OF_CUTS)}(?: {any_of(WHERE_TO)}\b|$)", re.IGNORECASE)

#: Where somebody speaks; the name follows.
PLACES = words("OUTSIDE, INSIDE, THEN")
#: Where a voice comes from, which is all that is said of whose it is, unless a name follows.
VOICES = words("""
    ON PHONE, ON THE PHONE, ON VIDEO, ON TAPE, ON TV, ON RADIO, ON SCREEN, OFF CAMERA, OFF SCREEN, OFFCAMERA,
    OFFSCREEN, OVER RADIO, OVER PHONE
""")
#: The last word of what a voice comes out of.
DEVICES = words("""
    PA, P.A., RADIO, TV, TELEVISION, INTERCOM, LOUDSPEAKER, SPEAKER, PHONE, TAPE, MACHINE, RECORDING, VOICE, COMPUTER
""")
_PLACE, _VOICE = (re.compile(any_of(shapes)) for shapes in (PLACES, VOICES))
_DEVICE = re.compile(rf"(?:[A-Z][\w.'’-]* ){{0,2}}(?i:{any_of(DEVICES)})")

#: Words with which no name ends: more is to come.
BINDING = words("""
    about, after, and, as, at, because, before, but, by, for, from, if, in, into, of, on, onto, or, since, than, that,
    the, to, unless, until, upon, when, where, while, with, without
""")
_BINDING = re.compile(any_of(BINDING))
ABBREVIATIONS = words("Mr, Mrs, Ms, Dr, St, Lt, Sgt, Col, Capt, Det, Gen, Sen, Rep, Prof, Rev, Jr, Sr, Off")
_ABBREVIATION = re.compile(rf"\b(?:{any_of(ABBREVIATIONS)}|[A-Z])\.", re.IGNORECASE)
_SENTENCE = re.compile(r".*(?:[.?!]\s|[?!]$|, (?!and\b|off|on\b|over\b|voice|v\.?o|o\.?[sc]|cont)[a-z])")


def is_label(text: str) -> bool:
    """Whether ``text``, before a colon, says what follows, and not who says it."""
    return _LABEL.match(straight(text.upper())) is not None


def is_lone_label(text: str) -> bool:
    """The same of ``text`` in the midst of speeches, where words such as "Back to business" may be somebody's own."""
    return _LONE_LABEL.fullmatch(straight(text.upper())) is not None or (text.isupper() and is_label(text))


def is_place(text: str) -> bool:
    """Whether ``text``, before a colon, says where somebody speaks, but not who."""
    return _PLACE.fullmatch(text.strip().upper()) is not None


def is_voice(text: str) -> bool:
    """Whether ``text``, before a colon, says where a voice comes from, but not whose it is."""
    return _VOICE.fullmatch(text.strip().upper()) is not None


def is_device(text: str) -> bool:
    """Whether ``text``, before a colon, is what a voice comes out of: "Mill PA"."""
    return len(text) <= LONGEST and _DEVICE.fullmatch(text.strip()) is not None


def can_be_name(text: str) -> bool:
    """Whether ``text``, which is marked before a colon, can be somebody's name."""
    if (
        len(text) > LONGEST
        or not any(map(str.isalnum, text))
        or is_label(text)
        or is_time(text)
        or _BINDING.fullmatch(text.lower().rpartition(" ")[2])
    ):
        return False
    if text.upper() == text:
        return True
    words = text.split()
    return len(words) <= (8 if words[0][:1].isupper() else 5) and not _SENTENCE.match(_ABBREVIATION.sub("", text))
