"""What stands after a script on its page: links, counters, who made it."""

import re

from xfiles.reading.shapes import Shape, any_of

#: How a line begins that is about the page, not in the script.
COLOPHONS = (
    Shape(r"(?:©|\(c\) ?\d)", "© 2001 A. Fan", "(c)at"),
    Shape(r"copyright\b", "Copyright by a fan"),
    Shape(
        r"(?:(?:this )?page (?:was )?)?last (?:updated|modified|changed)\b",
        "Last modified by a fan",
        "Last night I counted.",
    ),
    Shape(
        r"(?:back|return|go) to (?:the )?(?:top|list|main|home|index|episodes?|transcripts?|scripts?)\b", "Back to top"
    ),
    Shape(r"(?:transcri(?:bed|pt(?:ion)?)|typed|written down)(?: and \w+)? by\b", "Transcribed by a fan"),
    Shape(r"you are (?:the )?visitor\b", "You are visitor 0042", "You are visiting."),
    Shape(r"\d+ (?:visitors?|hits)\b", "1042 visitors since May"),
    Shape(r"(?:home|index|next|previous|prev)(?: page)? *[|·•]", "Home | Next", "Home is far."),
    Shape(r"e-?mail (?:me|us)\b", "E-mail me"),
    Shape(r"(?:visitors?|hits)\W+\d", "Hits: 1042", "Hits and misses."),
    Shape(r"(?:https?://|www\.)\S+\s*$", "www.spoons.example", "www is all that I read."),
    Shape(r"\S+@\S+\.\w+\s*$", "fan@spoons.example"),
)
_COLOPHON = re.compile(rf"\W*{any_of(COLOPHONS)}", re.IGNORECASE)


def is_colophon(text: str) -> bool:
    """Whether ``text``, which stands after the last speech, is about the page."""
    return _COLOPHON.match(text) is not None
