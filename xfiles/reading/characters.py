"""Who speaks: a name as a page prints it -> the normalised name of a character."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import TypeVar

from xfiles.reading.text import one_line

#: One name for each of the series' regulars whose spelling varies from page to page; nobody else is guessed at.
REGULARS = {
    "1ST ELDER": "FIRST ELDER",
    "2ND ELDER": "SECOND ELDER",
    "AD BRAD FOLLMER": "FOLLMER",
    "AD FOLLMER": "FOLLMER",
    "AD KERSH": "KERSH",
    "AD SKINNER": "SKINNER",
    "AGENT DOGGETT": "DOGGETT",
    "AGENT MULDER": "MULDER",
    "AGENT PENDRELL": "PENDRELL",
    "AGENT REYES": "REYES",
    "AGENT SCULLY": "SCULLY",
    "AGENT SPENDER": "SPENDER",
    "ALBERT HOSTEEN": "HOSTEEN",
    "ALEX KRYCEK": "KRYCEK",
    "ASSISTANT DIRECTOR SKINNER": "SKINNER",
    "BRAD FOLLMER": "FOLLMER",
    "BYRES": "BYERS",
    "C.S.M.": "CIGARETTE SMOKING MAN",
    "CANCER MAN": "CIGARETTE SMOKING MAN",
    "CANCERMAN": "CIGARETTE SMOKING MAN",
    "CIGARETTE-SMOKING MAN": "CIGARETTE SMOKING MAN",
    "CSM": "CIGARETTE SMOKING MAN",
    "DANA SCULLY": "SCULLY",
    "DEPUTY DIRECTOR KERSH": "KERSH",
    "DOGETT": "DOGGETT",
    "FOX MULDER": "MULDER",
    "JEFFREY SPENDER": "SPENDER",
    "JOHN DOGGETT": "DOGGETT",
    "KNOWLE ROHRER": "ROHRER",
    "LANGLEY": "LANGLY",
    "MARITA COVARRUBIAS": "MARITA",
    "MICHAEL KRITSCHGAU": "KRITSCHGAU",
    "MONICA REYES": "REYES",
    "MRS SCULLY": "MARGARET SCULLY",
    "MRS. SCULLY": "MARGARET SCULLY",
    "MULDR": "MULDER",
    "RICHARD MATHESON": "SENATOR MATHESON",
    "SCOTT BLEVINS": "BLEVINS",
    "SINNER": "SKINNER",
    "THE CIGARETTE SMOKING MAN": "CIGARETTE SMOKING MAN",
    "THE CIGARETTE-SMOKING MAN": "CIGARETTE SMOKING MAN",
    "SMOKING MAN": "CIGARETTE SMOKING MAN",
    "WALTER SKINNER": "SKINNER",
    "WELL-MANICURED MAN": "WELL MANICURED MAN",
    "WMM": "WELL MANICURED MAN",
}

#: Short names that several people share: each is the regular's on a page on which the long name speaks, too.
SHARED = {
    "CASSANDRA": "CASSANDRA SPENDER",
    "COVARRUBIAS": "MARITA",
    "DIANA": "DIANA FOWLEY",
    "FOWLEY": "DIANA FOWLEY",
    "GIBSON": "GIBSON PRAISE",
    "HARRISON": "LEYLA HARRISON",
    "MATHESON": "SENATOR MATHESON",
    "MR. MULDER": "BILL MULDER",
    "MRS. MULDER": "TEENA MULDER",
    "SAMANTHA": "SAMANTHA MULDER",
    "TEENA": "TEENA MULDER",
    "WILLIAM MULDER": "BILL MULDER",
}

#: Every alias that leads to one character wherever it stands, for whoever looks for that character.
ALIASES = REGULARS | {name: name for name in sorted({*REGULARS.values(), *SHARED.values()})}

# "SCULLY ON MACHINE", "MULDER VOICE OVER", "MULDER'S VOICE", "SCULLY V.O.": where the voice comes from, not who it is.
# But a nameless one is told apart by nothing else: the "MAN ON PHONE" is not the "MAN" in the room.
_NAMELESS = ("MAN", "WOMAN", "BOY", "GIRL", "OPERATOR", "DISPATCHER", "CALLER", "VOICE")
_VOICE_MARK = re.compile(
    r"(?:'S|’S|'|’)? (?:VOICE[ -]?OVER|VO|V\.\s?O\.?|OS|O\.\s?S\.?|"
    r"(?:VOICE )?(?:ON|OVER) (?:THE )?(?:\w+ )?(?:ANSWERING MACHINE|MACHINE|PHONE|CELL PHONE|TELEPHONE|TAPE|RADIO|"
    r"INTERCOM|RECORDER|RECORDING|SPEAKER|MONITOR))$"
    r"|(?:'S|’S) VOICE$"
)
# When and how, not who: "FLASHBACK SCULLY", "A NIGHT CLERK", "SCULLY READS", "KEEPER WITH WANDA'S VOICE".
_MANNER = re.compile(
    r"^(?:FLASHBACK|AN?) (?=\w\w)|"
    r" (?:CONTINU(?:ES|ED|ING)|READ(?:S|ING)|(?:TALKING )?TO [A-Z.'’ ]+|AS [A-Z.'’ ]+|"
    r"(?:WITH|IN) [A-Z.'’ ]+['’]S VOICE)$"
)
#: What stands in parentheses or brackets, closed or not.
PARENTHESES = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")


# "#1", "1" and "1ST"; "GUARD#1" and "GUARD 1"; "DR.X" and "DR X"
_ORDINAL = re.compile(r"^#?(\d+)(?:ST|ND|RD|TH)?$|\s*#?(\d+)$")
_TITLE = re.compile(r"\b(DR|MRS?|MS|LT|SGT|DET)\b\.? ?|\.(?=[A-Z]{2})")
#: The longest name, in letters, that is remembered.
LONGEST_NAME = 200
_Result = TypeVar("_Result")


def remembered(function: Callable[[str], _Result]) -> Callable[[str], _Result]:
    """``function``, of a name, that remembers its results for the last few thousand names that are not too long."""
    memory = lru_cache(4096)(function)

    @wraps(function)
    def remembering(name: str) -> _Result:
        return memory(name) if len(name) <= LONGEST_NAME else function(name)

    return remembering


@remembered
def character(speaker: str) -> str:
    """The normalised name of ``speaker``, a name as a page prints it.

    Upper case, without parentheses and voice marks, one name for each of the :data:`REGULARS`; "" if nothing is left.
    """
    name = _MANNER.sub("", one_line(PARENTHESES.sub(" ", speaker)).upper().strip(" *:;,"))
    bare = _VOICE_MARK.sub("", name)
    if not bare.endswith(_NAMELESS):
        name = bare
    return REGULARS.get(name, name)


def merge_shared(names: Iterable[str]) -> dict[str, str]:
    """Which of ``names``, the characters of one page, are another of them there: a :data:`SHARED` name is the
    regular's, and one in curly apostrophes, or without the space after a title's dot, is the one in straight ones."""
    here = {name: _plain(name) for name in names}
    merged = {short: long for short, long in SHARED.items() if short in here and long in here}
    plain: dict[str, str] = {}
    for name in sorted(here, key=lambda name: (here[name] != name, name)):
        same = plain.setdefault(here[name], name)
        if same != name:
            merged[name] = same
    return merged


def _plain(name: str) -> str:
    return _TITLE.sub(r"\1. ", _ORDINAL.sub(r" \1\2", name.replace("’", "'")))
