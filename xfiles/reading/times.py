"""Times as a page prints them: clocks, dates, and words such as "two days later"."""

import re

from xfiles.reading.shapes import Shape, any_of, words

DAYS = words("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday")
MONTHS = words("""
    January, February, March, April, May, June, July, August, September, October, November, December, Jan, Feb, Mar,
    Apr, Jun, Jul, Aug, Sep, Sept, Oct, Nov, Dec
""")
NUMBERS = words("a, an, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, few, several, some")
SPANS = words("second, minute, moment, hour, day, night, week, month, year")
PARTS_OF_DAY = words("""
    day, night, morning, evening, afternoon, noon, midnight, dawn, dusk, daybreak, nightfall, sunrise, sunset
""")
#: What stands before a part of the day.
WHICH = words("next, following, same, previous, that, early, late, mid")
_ZONE = r"(?: ?(?:[ECMP][SD]T|GMT)\b| (?:Eastern|Central|Mountain|Pacific)(?: Time)?)?"
_NUMBER = rf"(?:(?:a )?{any_of(NUMBERS)}|\d+)"
#: Times that are nothing else.
TIMES = (
    # Two capitals may be a zone that nobody knows.
    Shape(rf"\d{{1,2}}:\d\d(?::\d\d)?(?: ?[ap]\.? ?m\b\.?| (?-i:[A-Z]{{2}})\b)?{_ZONE}", "9:15 A.M. EST"),
    Shape(r"\d{1,2} ?[ap]\.? ?m\b\.?", "9 p.m."),
    Shape(rf"{any_of(MONTHS)}\b\.? \d{{1,2}}(?:st|nd|rd|th)?\b", "May 3rd"),
    Shape(rf"\d{{1,2}}(?:st|nd|rd|th)? {any_of(MONTHS)}\b\.?", "3 May"),
    Shape(r"\d{1,2}/\d{1,2}/\d{2,4}", "3/5/1996"),
    Shape(rf"(?:{_NUMBER} )?{any_of(SPANS)}s? (?:later|earlier|ago)", "TWO DAYS LATER"),
    Shape(rf"(?:the )?(?:{any_of(WHICH)} )+(?:{any_of(PARTS_OF_DAY)}|week|month|year)", "THE NEXT MORNING"),
    Shape(rf"day (?:\d+|{any_of(NUMBERS)})", "DAY 3"),
    Shape(r"(?:the )?present(?: day)?", "PRESENT DAY"),
)
#: Times by which a person or a place may be called, too.
LOOSE_TIMES = (
    *PARTS_OF_DAY,
    *words("later, earlier, continuous, today, meanwhile"),
    Shape(rf"{any_of(DAYS)}", "Monday"),
    Shape(rf"{any_of(MONTHS)}\b\.?,? \d{{4}}", "May 1996"),
    Shape(r"(?:19|20)\d\d", "1996"),
)
_TIME, _LOOSE = any_of(TIMES), any_of(LOOSE_TIMES)
_FIRM = re.compile(rf"(?:{_LOOSE},? )*{_TIME}(?:,? (?:{_TIME}|{_LOOSE}))*", re.IGNORECASE)
_ANY = re.compile(rf"(?:{_TIME}|{_LOOSE})(?:,? (?:{_TIME}|{_LOOSE}))*", re.IGNORECASE)
_BEFORE_PLACE = re.compile(rf"({_TIME})[.,]? +(?=\S)", re.IGNORECASE)
_AFTER_PLACE = re.compile(rf"(?<=\S)[.,]? +({_TIME})$", re.IGNORECASE)
_MINUTES = re.compile(r"\d\d?\b|\s?\d\d\s*[ap]\.?m\b", re.IGNORECASE)
# In every time one of these stands.
_HINT = re.compile(
    r"\d|day|night|morning|noon|dawn|dusk|break|sun|later|earlier|ago|evening|week|month|year|cont|mean|pres"
)
# What parts a heading's places and times: "MILL; SPOONVILLE - NIGHT".
_PARTED = re.compile(r"( *[;,] *| ?/ ?(?!\d)| +[–—-]+ +|--+|(?<!\b[A-Za-z])\.(?: +|$))")


def is_time(text: str) -> bool:
    """Whether ``text`` is nothing but a time or a date, such as "MONDAY, 9:15 AM" or "TWO DAYS LATER"."""
    return _HINT.search(text.lower()) is not None and _FIRM.fullmatch(text) is not None


def is_clock(before: str, after: str) -> bool:
    """Whether the colon between ``before`` and ``after`` is a clock's: "10:15", "AT 5: 00 A.M."."""
    return before[-1:].isdigit() and _MINUTES.match(after) is not None


def part_times(text: str) -> tuple[str, list[str]]:
    """What of ``text``, a line of a heading or the like, is no time, as printed, and the times in it."""
    if _HINT.search(text.lower()) is None:  # as nearly always, and much faster
        return text, []
    kept: list[str] = []
    times: list[str] = []
    pieces = _PARTED.split(text)
    for number in range(0, len(pieces), 2):
        piece = pieces[number]
        if _ANY.fullmatch(piece):
            times.append(piece)
            continue
        for pattern in (_BEFORE_PLACE, _AFTER_PLACE):
            if found := pattern.match(piece) if pattern is _BEFORE_PLACE else pattern.search(piece):
                times.append(found[1])
                piece = piece[: found.start()] + piece[found.end() :]
        kept += [pieces[number - 1] if number and kept else "", piece]
    if not times:
        return text, []
    return "".join(kept).strip(" ,;/–—-"), times
