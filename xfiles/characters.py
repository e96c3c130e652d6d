"""Who speaks: a name as a page prints it -> the normalised name of a character."""

import re
from functools import lru_cache

from xfiles.text import one_line

#: One name for each of the series' regulars whose spelling varies from page to page; nobody else is guessed at.
REGULARS = {
    "AD SKINNER": "SKINNER",
    "AGENT DOGGETT": "DOGGETT",
    "AGENT MULDER": "MULDER",
    "AGENT REYES": "REYES",
    "AGENT SCULLY": "SCULLY",
    "ALEX KRYCEK": "KRYCEK",
    "ASSISTANT DIRECTOR SKINNER": "SKINNER",
    "C.S.M.": "CIGARETTE SMOKING MAN",
    "CIGARETTE-SMOKING MAN": "CIGARETTE SMOKING MAN",
    "CSM": "CIGARETTE SMOKING MAN",
    "DANA SCULLY": "SCULLY",
    "FOX MULDER": "MULDER",
    "JOHN DOGGETT": "DOGGETT",
    "MONICA REYES": "REYES",
    "SMOKING MAN": "CIGARETTE SMOKING MAN",
    "WALTER SKINNER": "SKINNER",
    "WELL-MANICURED MAN": "WELL MANICURED MAN",
    "WMM": "WELL MANICURED MAN",
}

# "SCULLY ON MACHINE", "MULDER VOICE OVER", "MULDER'S VOICE", "SCULLY V.O.": where the voice comes from, not who it is.
# But a nameless one is told apart by nothing else: the "MAN ON PHONE" is not the "MAN" in the room.
_NAMELESS = ("MAN", "WOMAN", "BOY", "GIRL", "OPERATOR", "DISPATCHER", "CALLER", "VOICE")
_VOICE_MARK = re.compile(
    r"(?:'S|’S)? (?:VOICE[ -]?OVER|VO|V\.\s?O\.?|OS|O\.\s?S\.?|"
    r"(?:VOICE )?(?:ON|OVER) (?:THE )?(?:\w+ )?(?:ANSWERING MACHINE|MACHINE|PHONE|CELL PHONE|TELEPHONE|TAPE|RADIO|"
    r"INTERCOM|RECORDER|RECORDING|SPEAKER|MONITOR))$"
    r"|(?:'S|’S) VOICE$"
)
#: What stands in parentheses or brackets, closed or not.
PARENTHESES = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?")


@lru_cache(4096)
def character(speaker: str) -> str:
    """The normalised name of ``speaker``, a name as a page prints it.

    Upper case, without parentheses and voice marks, one name for each of the :data:`REGULARS`; "" if nothing is left.
    """
    name = one_line(PARENTHESES.sub(" ", speaker)).upper().strip(" *:;,")
    bare = _VOICE_MARK.sub("", name)
    if not bare.endswith(_NAMELESS):
        name = bare
    return REGULARS.get(name, name)
