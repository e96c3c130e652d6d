"""Who begins to speak, and where: the runs of a block, or the text of a paragraph -> its cues.

Pure functions. A cue is a name before a colon. One that the markup shows counts if it can be a name at all, one in
plain text only if the page marks it elsewhere.
"""

import re
from collections.abc import Container

from xfiles.reading.characters import LONGEST_NAME, PARENTHESES, character, remembered
from xfiles.reading.directions import depth
from xfiles.reading.markup import Block, Run

# Bold or capitals before a colon that name no speaker: cuts, shots, cast lists, what a screen or a letter shows.
NO_SPEAKER = re.compile(
    r"(?:(?:QUICK )?CUT|CUTS|CUTTING|CUTAWAY|FADE|DISSOLVE|INTERCUT|FLASH|SMASH|SCENES?|TEASER|CAST|MEMO|NOTE|TITLES?|"
    r"CAPTION|SUBTITLES?|CLOSED CAPTION|TIME CUT|LATER|OPENING|CREDITS|THE END|END|TO BE|COMMERCIAL|INT|EXT|DISCLAIMER|"
    r"WRITTEN BY|DIRECTED BY|GUEST STARS?|STARRING|SUMMARY)\b|TRANSCRI|ACT \w+$|"
    r"FLASHBACK(?: TO\b|$)|"
    r"(?:[EM]?CU|M[CL]S|[ML]S|CLOSE[ -]?UP|ANGLE|INSERT|SUBJECT|ARTICLE \d+|TO|FROM|DATE|RE|NAME)$|"
    r"(?:(?:[EM]?CU|CLOSE[ -]?UP|ANGLE) (?:ON|OF)|(?:LONG|WIDE|MEDIUM|CLOSE) SHOT)\b|"
    r".*\bP\.?O\.?V\b",
    re.IGNORECASE,
)
# A cut, in any case.
CUTS = re.compile(
    r"(?:(?:quick|smash|jump) )?(?:cut(?: back| away| over)?|fade|dissolve|flashback|intercut)"
    r"(?: (?:to|in|out|into)\b|$)",
    re.IGNORECASE,
)
# Bold before a colon, and then the name: where somebody speaks.
BEFORE_NAME = re.compile(r"OUTSIDE|INSIDE|THEN|ON PHONE|ON VIDEO|OFF ?CAMERA", re.IGNORECASE)
_NAME = re.compile(r"((?:[^:;()]|\([^()]{0,200}\)){1,200})[:;]")
# "Scully (curious) Okay.": the name's colon is lost.
_LOST_COLON = re.compile(r"([A-Z][\w.'’#-]*(?: [A-Z\d][\w.'’#-]*){0,3})\s+(\([^()]*\)\s+[A-Z\"“].*)", re.DOTALL)

#: Where somebody begins to speak: all that is printed before the colon; the character whom it names; what follows it.
Cue = tuple[str, str, str]


def marked_cue(text: str) -> Cue | None:
    """The cue of marked ``text`` such as "NAME: rest"; None if it names nobody."""
    text = text.lstrip()
    speaker, colon, rest = text.partition(":")
    # As nearly always, and much faster than to search.
    if colon and (named := _named(speaker)):
        return speaker, named, rest
    if found := _NAME.match(text):
        return (found[1], named, text[found.end() :]) if (named := _named(found[1])) else None
    if colon and len(speaker) > LONGEST_NAME and "(" not in speaker and speaker.isupper():
        return (speaker, named, rest) if (named := character(speaker)) else None
    return None


@remembered
def _named(text: str) -> str:
    """Whom ``text``, which is marked before a colon, names as a speaker; "" if nobody."""
    name = text.strip()
    if _NAME.fullmatch(text + ":") is None or NO_SPEAKER.match(name) or BEFORE_NAME.fullmatch(name):
        return ""
    bare = PARENTHESES.sub(" ", text)
    return character(text) if len(bare.split()) <= 5 or bare.isupper() else ""


def marked_cues(block: Block) -> tuple[tuple[Run, ...], list[Cue]]:
    """The runs of ``block`` that stand before the first cue that its markup shows, and the cues."""
    _, runs, marked = block
    if not marked:
        return runs, []
    cues: list[Cue] = []
    end = len(runs)
    for at in reversed(marked):
        if (cue := marked_cue(runs[at][1])) is not None:
            speaker, named, rest = cue
            for _, text in runs[at + 1 : end]:
                rest += text
            cues.append((speaker, named, rest))
            end = at
    cues.reverse()
    return runs[:end], cues


def plain_cue(text: str, known: Container[str]) -> Cue | None:
    """The cue of plain ``text``: only a name that the page marks elsewhere counts."""
    text = text.lstrip()
    if not (text[:1].isalpha() or text.startswith(('"', "“"))):
        return None
    if (lost := _LOST_COLON.match(text)) and character(lost[1]) in known:
        return lost[1], character(lost[1]), lost[2]
    found = _NAME.match(text) if ":" in text[:160] else None
    if found is None or len(found[1]) > 120:
        return None
    speaker = found[1] if text[0].isalpha() else found[1].strip(' "“”')
    named = character(speaker)
    return (speaker, named, text[found.end() :]) if named in known else None


# "(From an earlier episode.) A MAN: Where? A WOMAN: There." in one paragraph, or "… garage.) : ANN: Is that him?"
# Elsewhere in mixed case, and then with a direction: "Wanda (laughs, folding a map): What are you painting?"
_INLINE_NAME = re.compile(
    r"(?:^|(?<=[.?!…:)\]\"”-] ))(?:: )?("
    r"[A-ZÀ-Þ#\d][A-ZÀ-Þ\d .'’#&-]{0,40}(?: \([^()]*\))?|"
    r"[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3} \([^()]*\)|"
    r"(?<=[)\]] )[A-Z][\w.'’-]*"
    r"):(?= )"
)


def cut_at_names(text: str, known: Container[str], start: int = 0) -> tuple[str, list[Cue]]:
    """What of ``text`` stands before others are named as speakers in it, at the letter ``start`` or later, and their
    cues."""
    names = [name for name in _others(text, known) if name.start() >= start]
    cues = []
    end = len(text)
    for name in reversed(names):
        cues.append((name[1], character(name[1]), text[name.end() : end].strip(" :")))
        end = name.start()
    return text[:end].strip(" :") if names else text, cues[::-1]


def _others(text: str, known: Container[str]) -> list[re.Match[str]]:
    """Where others are named as speakers in ``text``, outside directions: in mixed case with a direction, or in
    capitals if one of them is a character whom the page marks elsewhere."""
    names = []
    opened = seen = 0
    for name in _INLINE_NAME.finditer(text):
        opened += depth(text[seen : name.start()])
        seen = name.start()
        if opened <= 0 and not NO_SPEAKER.match(name[1]):
            names.append(name)
    if any(character(name[1]) in known for name in names):
        return names
    return [name for name in names if name[1][-1] == ")" and not PARENTHESES.sub("", name[1]).isupper()]


def bracketed_cue(text: str, known: Container[str]) -> Cue | None:
    """The cue of a whole speech in brackets, such as "[ANN: Here comes the ramp!]"."""
    if text[0] != "[" or text[-1] != "]" or ":" not in text:
        return None
    cue = plain_cue(text[1:-1], known)
    return cue if cue and cue[0].isupper() else None


# "ANN and BEN walk", "Ann (nods)"
_ACTOR = re.compile(r"([A-Z][A-Z.'#-]+(?: [A-Z#\d][A-Z.'\d-]*)*),? [a-z]")
_NODS = re.compile(r"([A-Z][\w.'’#-]*(?: [A-Z\d][\w.'’#-]*)*) \([^()]*\)")


def acts(text: str, known: Container[str]) -> bool:
    """Whether ``text`` is a direction that begins with the name of who acts, such as "ANN and BEN walk"."""
    name = _ACTOR.match(text) or _NODS.fullmatch(text)
    return name is not None and character(name[1]) in known
