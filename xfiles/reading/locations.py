"""One spelling for each place where scenes are set: a place as a page prints it -> a location to group by."""

import re

from xfiles.reading.characters import remembered
from xfiles.reading.shapes import Shape, any_of, words
from xfiles.reading.text import first_words, straight

#: The show's standing sets: the location by what pages print, apart from articles, cities and the like. In a place that
#: names several of them, the first here is the one.
SETS = {
    "SKINNER'S OFFICE": "SKINNER'S OFFICE",
    "AD SKINNER'S OFFICE": "SKINNER'S OFFICE",
    "A.D. SKINNER'S OFFICE": "SKINNER'S OFFICE",
    "ASSISTANT DIRECTOR SKINNER'S OFFICE": "SKINNER'S OFFICE",
    "ASSISTANT DIRECTOR WALTER SKINNER'S OFFICE": "SKINNER'S OFFICE",
    "WALTER SKINNER'S OFFICE": "SKINNER'S OFFICE",
    "KERSH'S OFFICE": "KERSH'S OFFICE",
    "AD KERSH'S OFFICE": "KERSH'S OFFICE",
    "DEPUTY DIRECTOR KERSH'S OFFICE": "KERSH'S OFFICE",
    "BLEVINS' OFFICE": "BLEVINS' OFFICE",
    "SECTION CHIEF BLEVINS' OFFICE": "BLEVINS' OFFICE",
    "X-FILES OFFICE": "X-FILES OFFICE",
    "X-FILE OFFICE": "X-FILES OFFICE",
    "X FILES OFFICE": "X-FILES OFFICE",
    "X-FILES BASEMENT OFFICE": "X-FILES OFFICE",
    "BASEMENT OFFICE": "X-FILES OFFICE",
    "MULDER'S OFFICE": "X-FILES OFFICE",
    "MULDER AND SCULLY'S OFFICE": "X-FILES OFFICE",
    "MULDER'S BASEMENT OFFICE": "X-FILES OFFICE",
    "LONE GUNMEN'S OFFICE": "LONE GUNMEN'S OFFICE",
    "LONE GUNMEN'S": "LONE GUNMEN'S OFFICE",
    "LONE GUNMEN OFFICE": "LONE GUNMEN'S OFFICE",
    "LONE GUNMEN'S LAIR": "LONE GUNMEN'S OFFICE",
    "LONE GUNMEN'S HEADQUARTERS": "LONE GUNMEN'S OFFICE",
    "LONE GUNMEN HEADQUARTERS": "LONE GUNMEN'S OFFICE",
    "LONE GUNMEN HQ": "LONE GUNMEN'S OFFICE",
    "GUNMEN'S OFFICE": "LONE GUNMEN'S OFFICE",
    "OFFICE OF THE LONE GUNMEN": "LONE GUNMEN'S OFFICE",
    "OFFICES OF THE LONE GUNMEN": "LONE GUNMEN'S OFFICE",
    "MULDER'S APARTMENT": "MULDER'S APARTMENT",
    "MULDER'S APT": "MULDER'S APARTMENT",
    "MULDER'S PLACE": "MULDER'S APARTMENT",
    "MULDER'S HOME": "MULDER'S APARTMENT",
    "MULDER'S LIVING ROOM": "MULDER'S APARTMENT",
    "MULDER'S BEDROOM": "MULDER'S APARTMENT",
    "MULDER RESIDENCE": "MULDER'S APARTMENT",
    "FOX MULDER'S APARTMENT": "MULDER'S APARTMENT",
    "SCULLY'S APARTMENT": "SCULLY'S APARTMENT",
    "SCULLY'S APT": "SCULLY'S APARTMENT",
    "SCULLY'S PLACE": "SCULLY'S APARTMENT",
    "SCULLY'S HOME": "SCULLY'S APARTMENT",
    "SCULLY'S HOUSE": "SCULLY'S APARTMENT",
    "SCULLY'S LIVING ROOM": "SCULLY'S APARTMENT",
    "SCULLY'S BEDROOM": "SCULLY'S APARTMENT",
    "SCULLY RESIDENCE": "SCULLY'S APARTMENT",
    "DANA SCULLY'S APARTMENT": "SCULLY'S APARTMENT",
    "SKINNER'S APARTMENT": "SKINNER'S APARTMENT",
    "SKINNER'S HOME": "SKINNER'S APARTMENT",
    "DOGGETT'S HOUSE": "DOGGETT'S HOUSE",
    "DOGGETT HOUSE": "DOGGETT'S HOUSE",
    "DOGGETT'S HOME": "DOGGETT'S HOUSE",
    "DOGGETT RESIDENCE": "DOGGETT'S HOUSE",
    "REYES' APARTMENT": "REYES' APARTMENT",
    "REYES'S APARTMENT": "REYES' APARTMENT",
    "REYES' HOME": "REYES' APARTMENT",
    "MARGARET SCULLY'S HOUSE": "MARGARET SCULLY'S HOUSE",
    "MRS. SCULLY'S HOUSE": "MARGARET SCULLY'S HOUSE",
    "MARGARET SCULLY'S HOME": "MARGARET SCULLY'S HOUSE",
    "TEENA MULDER'S HOUSE": "TEENA MULDER'S HOUSE",
    "MRS. MULDER'S HOUSE": "TEENA MULDER'S HOUSE",
    "MRS. MULDER RESIDENCE": "TEENA MULDER'S HOUSE",
    "MRS. MULDER'S HOME": "TEENA MULDER'S HOUSE",
    "MULDER'S CAR": "MULDER'S CAR",
    "MULDER AND SCULLY'S CAR": "MULDER'S CAR",
    "FBI ACADEMY": "FBI ACADEMY",
    "FBI NATIONAL ACADEMY": "FBI ACADEMY",
    "FBI TRAINING ACADEMY": "FBI ACADEMY",
    "FBI HEADQUARTERS": "FBI HEADQUARTERS",
    "F.B.I. HEADQUARTERS": "FBI HEADQUARTERS",
    "FBI HQ": "FBI HEADQUARTERS",
    "FBI BUILDING": "FBI HEADQUARTERS",
    "HOOVER BUILDING": "FBI HEADQUARTERS",
    "J. EDGAR HOOVER BUILDING": "FBI HEADQUARTERS",
    "J EDGAR HOOVER BUILDING": "FBI HEADQUARTERS",
}
_ORDER = list(dict.fromkeys(SETS.values()))

#: Where a region begins that needn't be said of a standing set, and stands last otherwise.
REGIONS = (
    *words("""
        ALABAMA, ALASKA, ARIZONA, ARKANSAS, CALIFORNIA, COLORADO, CONNECTICUT, DELAWARE, FLORIDA, GEORGIA, HAWAII,
        IDAHO, ILLINOIS, INDIANA, IOWA, KANSAS, KENTUCKY, LOUISIANA, MAINE, MARYLAND, MASSACHUSETTS, MICHIGAN,
        MINNESOTA, MISSISSIPPI, MISSOURI, MONTANA, NEBRASKA, NEVADA, NEW HAMPSHIRE, NEW JERSEY, NEW YORK,
        NORTH CAROLINA, NORTH DAKOTA, OHIO, OKLAHOMA, OREGON, PENNSYLVANIA, RHODE ISLAND, SOUTH CAROLINA, SOUTH DAKOTA,
        TENNESSEE, TEXAS, UTAH, VERMONT, VIRGINIA, WASHINGTON, WISCONSIN, WYOMING, CANADA, MEXICO, ENGLAND, RUSSIA,
        SIBERIA
    """),
    Shape(r"D\.? ?C\.?", "D.C."),
    Shape(r"(?!TV|ER|OR|AM|PM)[A-Z]{2}", "VA"),
)
_REGION = re.compile(rf"(?:[\w.' -]+,? )?{any_of(REGIONS)}")
_CAPITAL = re.compile(r",? ?\bWASHINGTON,? D\.? ?C\.?$")
_PARTED = re.compile(r"\s*(?:;|\s[–—-]+\s|--+|/)\s*")
_LEAD = re.compile(
    r"^(?:(?:BACK )?(?:IN|AT|TO|ON)|STILL (?:IN|AT)|INSIDE|INT(?:ERIOR)?|EXT(?:ERIOR)?|THE|AN?)\b\.?:? +(?=\S)"
)
_LAST_DOT = re.compile(r"(?<!\b[A-Z])\.$")


@remembered
def find_location(place: str) -> str:
    """The location of ``place``, as a page prints it: upper case, without articles and "INT.", one spelling.

    A standing set is called as in :data:`SETS`; parts that a semicolon or a dash separates stand in one order, the
    region last.
    """
    parts = list(dict.fromkeys(filter(None, map(_bare, _PARTED.split(straight(place).upper())))))
    if len(parts) == 1:
        return SETS.get(parts[0], parts[0])
    sets = sorted({SETS[part] for part in parts if part in SETS}, key=_ORDER.index)
    others = [part for part in parts if part not in SETS]
    regions = [part for part in others if _REGION.fullmatch(part)]
    others = sorted(part for part in others if part not in regions)
    return first_words("; ".join([*others, *(sets[:1] or regions)]))[0] or straight(place).upper()


def _bare(part: str) -> str:
    """``part`` of a place without what says nothing of where it is."""
    before = ""
    while part != before:
        before, part = part, _LEAD.sub("", _LAST_DOT.sub("", part.strip(" ,:")), count=1)
    # Everybody knows where the standing sets are.
    without = _CAPITAL.sub("", part)
    return without if without in SETS else part
