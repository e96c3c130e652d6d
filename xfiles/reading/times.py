"""Times as a page prints them: clocks and dates."""

import re

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WHEN = (
    r"(?:\d{1,2}(?::\d\d){1,2}(?:\s*[ap]\.?\s?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}} {_MONTH}|\d{{1,2}}/\d{{1,2}}/\d{{2,4}})"
)
_CAPTION = re.compile(rf"(?:{_DAY},? )?{_WHEN}(?:,? (?:{_WHEN}|{_DAY}|\d{{4}}|[ECMP][SD]T))*", re.IGNORECASE)
_NUMBER = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+|a few|several|some|many)"
_SPAN = r"(?:second|minute|moment|hour|day|week|month|year|night)s?"
_PART_OF_DAY = r"(?:day|night|morning|evening|afternoon|week|month|year)"
_RELATIVE = re.compile(
    rf"(?:{_NUMBER} )?{_SPAN} (?:later|earlier|ago|before|after)|"
    rf"(?:the |that )?(?:next|following|same|previous) {_PART_OF_DAY}|"
    rf"(?:later|earlier) (?:that|the same) {_PART_OF_DAY}",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"\d\d?\b|\s?\d\d\s*[ap]\.?m\b", re.IGNORECASE)


def is_time(text: str) -> bool:
    """Whether ``text`` is nothing but a time or a date, such as "MONDAY, 9:15 AM" or "TWO DAYS LATER"."""
    return _CAPTION.fullmatch(text) is not None or _RELATIVE.fullmatch(text) is not None


def is_clock(before: str, after: str) -> bool:
    """Whether the colon between ``before`` and ``after`` is a clock's: "10:15", "AT 5: 00 A.M."."""
    return before[-1:].isdigit() and _MINUTES.match(after) is not None
