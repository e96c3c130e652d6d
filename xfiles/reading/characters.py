"""Who speaks: a name as a page prints it -> the normalised name of a character."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import TypeVar

from xfiles.reading.shapes import Shape, any_of, words
from xfiles.reading.text import LONGEST, one_line, visible

#: One name for each of the series' regulars whose spelling varies from page to page; nobody else is guessed at.
REGULARS = {
    "1ST ELDER": "FIRST ELDER",
    "2ND ELDER": "SECOND ELDER",
    "3RD ELDER": "THIRD ELDER",
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
    "COVARRUBIAS": "MARITA",
    "CSM": "CIGARETTE SMOKING MAN",
    "DANA SCULLY": "SCULLY",
    "DEPUTY DIRECTOR KERSH": "KERSH",
    "DOGETT": "DOGGETT",
    "FOX MULDER": "MULDER",
    "JEFFREY SPENDER": "SPENDER",
    "JOHN DOGGETT": "DOGGETT",
    "KNOWLE ROHRER": "ROHRER",
    "KNOWLES ROHRER": "ROHRER",
    "LANGLEY": "LANGLY",
    "MARITA COVARRUBIAS": "MARITA",
    "MICHAEL KRITSCHGAU": "KRITSCHGAU",
    "MONICA REYES": "REYES",
    "MRS MULDER": "TEENA MULDER",
    "MRS SCULLY": "MARGARET SCULLY",
    "MRS. MULDER": "TEENA MULDER",
    "MRS. SCULLY": "MARGARET SCULLY",
    "MULDR": "MULDER",
    "RICHARD MATHESON": "SENATOR MATHESON",
    "SCOTT BLEVINS": "BLEVINS",
    "SINNER": "SKINNER",
    "SMOKING MAN": "CIGARETTE SMOKING MAN",
    "THE CIGARETTE SMOKING MAN": "CIGARETTE SMOKING MAN",
    "THE CIGARETTE-SMOKING MAN": "CIGARETTE SMOKING MAN",
    "WALTER SKINNER": "SKINNER",
    "WELL-MANICURED MAN": "WELL MANICURED MAN",
    "WILLIAM MULDER": "BILL MULDER",
    "WMM": "WELL MANICURED MAN",
}

#: Short names that several people share: each is the regular's on a page on which the long name speaks, too.
SHARED = {
    "CASSANDRA": "CASSANDRA SPENDER",
    "DIANA": "DIANA FOWLEY",
    "FOWLEY": "DIANA FOWLEY",
    "GIBSON": "GIBSON PRAISE",
    "HARRISON": "LEYLA HARRISON",
    "MATHESON": "SENATOR MATHESON",
    "MR. MULDER": "BILL MULDER",
    "SAMANTHA": "SAMANTHA MULDER",
    "TEENA": "TEENA MULDER",
}

#: Every alias that leads to one character wherever it stands, for whoever looks for that character.
ALIASES = REGULARS | {name: name for name in sorted({*REGULARS.values(), *SHARED.values()})}

#: Nouns with which the name of a nameless one ends, or of a group.
NAMELESS = words("""
    MAN, MEN, WOMAN, WOMEN, BOY, GIRL, KID, CHILD, CHILDREN, GUY, DUDE, PERSON, PEOPLE, MALE, FEMALE, TEEN, TEENAGER,
    COED, MOTHER, FATHER, MOM, DAD, GRANDPA, GRANDMA, WIFE, HUSBAND, SISTER, BROTHER, SON, DAUGHTER, WIDOW, PARTNER,
    FAMILY, NEIGHBOR, ROOMMATE, COWORKER, SEATMATE, LANDLORD, LANDLADY, CUSTOMER, PATIENT, PASSENGER, STUDENT, SUSPECT,
    VICTIM, AGENT, OFFICER, COP, POLICE, POLICEMAN, PATROLMAN, TROOPER, DETECTIVE, SHERIFF, DEPUTY, MARSHAL, RANGER,
    GUARD, SOLDIER, SNIPER, MARKSMAN, SHARPSHOOTER, SAILOR, CREWMAN, CREWMEN, DECKHAND, DIVER, SKIPPER, PILOT, PRIVATE,
    SERGEANT, SARGEANT, LIEUTENANT, CAPTAIN, COMMANDER, LEADER, CHIEF, DIRECTOR, CHAIRMAN, MANAGER, FOREMAN, BOSS,
    SUPERVISOR, ASSISTANT, AIDE, SECRETARY, RECEPTIONIST, CLERK, ATTENDANT, USHER, BELLHOP, WAITER, WAITRESS,
    BARTENDER, COOK, CHEF, BARBER, DEALER, DRIVER, CONDUCTOR, COURIER, MESSENGER, MOVER, WORKER, WORKMAN, EMPLOYEE,
    JANITOR, GARDENER, GROUNDSKEEPER, HOUSEKEEPER, MAID, NANNY, PROPRIETOR, OWNER, HOST, STEWARDESS, GRAVEDIGGER,
    FARMER, FISHERMAN, FIREMAN, CAMERAMAN, ENGINEER, DOCTOR, DR, NURSE, ORDERLY, MEDIC, PARAMEDIC, EMT, E.M.T., EMS,
    SURGEON, CORONER, EXAMINER, PATHOLOGIST, THERAPIST, PSYCHIATRIST, TECH, TECHNICIAN, SCIENTIST, ANALYST, EXPERT,
    TESTER, JUDGE, LAWYER, ATTORNEY, BAILIFF, COUNSEL, COUNSELOR, TEACHER, PRINCIPAL, COACH, PRIEST, PASTOR, MINISTER,
    REVEREND, NUN, MAYOR, PRISONER, INMATE, JAILOR, ARSONIST, TERRORIST, LOOTER, PROSTITUTE, HOOKER, PUNK, CRACKHEAD,
    HUNTER, GUIDE, ALIEN, HYBRID, CLONE, ELDER, ANCHOR, ANCHORMAN, NEWSCASTER, NEWSMAN, NEWSWOMAN, REPORTER, ANNOUNCER,
    NARRATOR, SINGER, CHORUS, ARTIST, PLAYER, CATCHER, PITCHER, BATTER, OPERATOR, DISPATCH, DISPATCHER, CALLER, VOICE,
    INTERCOM, RADIO, TV, TAPE, RECORDING, COMPUTER, MACHINE, PHONE, SPEAKER, MUSIC, MESSAGE, CROWD, CONGREGATION,
    AUDIENCE, MEMBER, ALL, BOTH, EVERYONE, EVERYBODY, TOGETHER, OTHERS, ONE, MIB, NAZI, BELIEVER, STATION
""")
#: Names that several people have, in different episodes.
SHARED_NAMES = words("""
    BILL, BILLY, CHARLIE, CINDY, ELIZABETH, ELLEN, FULLER, GEORGE, HENRY, JACKSON, JANE, JEFF, KENNEDY, LAUREN, LISA,
    LUCY, MICHAEL, MICHELLE, PATTI
""")
_NAMELESS = re.compile(
    rf"(?!(?:MRS?|MS|DR|MISS)\b\.? )(?:.*\b)?{any_of(NAMELESS)}S?(?:['’]S?)?(?: ?#?(?:\d+|[A-Z]))?"
    r"(?: (?:IN|ON|AT|WITH|FROM|OF|BY|COMING)\b.*)?|#?\d+(?:ST|ND|RD|TH)?"
)
_SHARED_NAME = re.compile(any_of(SHARED_NAMES))
_GROUP = re.compile(r" (?:AND|&|OR) |, (?!JR|SR|M\.?D|PH)")
#: What says how a voice is heard.
VOICE_MARKS = (
    *words("""
        VO, OS, OC, CONT'D, CONTD, CONT, CONTINUED, CONTINUES, CONTINUING, OFF SCREEN, OFFSCREEN, OFF-SCREEN,
        OFF CAMERA, OFFCAMERA, OFF-CAMERA, IN VISION
    """),
    Shape(r"VOICE[ -]?OVER", "VOICE-OVER", "VOICE OVERLORD"),
    Shape(r"V\. ?O\.?", "V.O."),
    Shape(r"O\. ?S\.?", "O.S."),
    Shape(r"O\. ?C\.?", "O.C."),
    Shape(r"CONT(?:’D|\.)", "CONT’D"),
    Shape(r"V/O", "V/O"),
)
#: What a voice comes out of. A nameless one is told apart by it: the MAN ON PHONE is not the MAN in the room.
SOURCES = words("""
    MACHINE, MESSAGE, PHONE, TELEPHONE, TAPE, VIDEO, RADIO, TV, TELEVISION, SCREEN, INTERCOM, RECORDER, RECORDING,
    SPEAKER, MONITOR
""")
_VOICE_MARK = re.compile(rf"(?:'S|’S|'|’)?(?: ?[,–—-]+ ?| ){any_of(VOICE_MARKS)}$")
_SOURCE = re.compile(
    rf"(?:'S|’S|'|’)?(?: ?[,–—-]+ ?| )(?:VOICE )?(?:ON|OVER) (?:THE )?(?:\w+ )?{any_of(SOURCES)}$|(?:'S|’S) VOICE$"
)
#: What stands before or after a name and says when, how or to whom.
MANNERS = (
    Shape(r"^(?:FLASHBACK|AN?) (?=\w\w)", "FLASHBACK CAT", "A. BELL"),
    Shape(r" READ(?:S|ING)$", "CAT READS", "READER"),
    Shape(r" (?:TALKING )?TO [A-Z.'’ ]+$", "CAT TALKING TO DOG"),
    Shape(r" AS [A-Z.'’ ]+$", "CAT AS DOG"),
    Shape(r" (?:WITH|IN) [A-Z.'’ ]+['’]S VOICE$", "CAT WITH DOG'S VOICE"),
)
_MANNER = re.compile(any_of(MANNERS))

_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_UNCLOSED = re.compile(r"[(\[].*", re.DOTALL)

# "#1", "1" and "1ST"; "GUARD#1" and "GUARD 1"; "DR.X" and "DR X"
_ORDINAL = re.compile(r"^#?(\d+)(?:ST|ND|RD|TH)?$|\s*#?(\d+)$")
_TITLE = re.compile(r"\b(DR|MRS?|MS|LT|SGT|DET)\b\.? ?|\.(?=[A-Z]{2})")
_Result = TypeVar("_Result")


def remembered(function: Callable[[str], _Result]) -> Callable[[str], _Result]:
    """``function``, of a name, that remembers its results for the last few thousand names that are not too long."""
    memory = lru_cache(4096)(function)

    @wraps(function)
    def remembering(name: str) -> _Result:
        return memory(name) if len(name) <= LONGEST else function(name)

    remembering.cache_clear = memory.cache_clear  # type: ignore[attr-defined]  # as lru_cache itself has it
    return remembering


def without_brackets(name: str) -> str:
    """``name``, as a page prints it, in one line, without what stands in brackets, closed or not.

    If that is all of it, and in capitals, only the brackets go.
    """
    bare = name
    if "(" in bare or "[" in bare:
        bare, before = _IN_BRACKETS.sub(" ", bare), bare
        while bare != before:
            bare, before = _IN_BRACKETS.sub(" ", bare), bare
        bare = _UNCLOSED.sub("", bare)
        if not bare.strip(" )]") and (inner := _IN_BRACKETS.match(name.strip())) and inner[0].isupper():
            bare = inner[0]
    return one_line(visible(bare)).strip(" *:;,()[]")


@remembered
def character(speaker: str) -> str:
    """The normalised name of ``speaker``, a name as a page prints it.

    Upper case, without brackets and voice marks, one name for each of the :data:`REGULARS`; "" if nothing is left.
    """
    name = _MANNER.sub("", _VOICE_MARK.sub("", without_brackets(speaker).upper())).strip(" *:;,–—-")
    bare = _SOURCE.sub("", name)
    if not _NAMELESS.fullmatch(bare):
        name = bare
    return REGULARS.get(name, name)


def is_named(character: str) -> bool:
    """Whether ``character`` is the name of one person throughout the series: of nobody nameless, no group, and nobody
    who shares it with others. A slash makes no group: it parts two names of one person."""
    if character in REGULARS.values() or character in SHARED.values():
        return True
    return not (_NAMELESS.fullmatch(character) or _GROUP.search(character) or _SHARED_NAME.fullmatch(character))


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
