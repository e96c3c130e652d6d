"""Text of a web page in one clean line, and text as a number."""

import hashlib
import re
import unicodedata

#: The most letters of a title, a name, a place, a time or a heading. They stand in each row of their page: without a
#: bound, one page could fill the disk. No page of the site comes near it.
LONGEST = 200

# Numeric character references such as &#146; name windows-1252 bytes, as HTML 5 reads them; the other control
# characters (NUL first) say nothing and could drive a terminal.
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(0x20), 0x7F))
_CONTROLS |= dict.fromkeys(b"\t\n\v\f\r", " ")
_CONTROLS |= {byte: bytes([byte]).decode("cp1252", "ignore") or None for byte in range(0x80, 0xA0)}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
#: Letters that nobody sees: soft hyphens, spaces of no width, joiners, marks of direction and of byte order.
INVISIBLE = "[\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
_INVISIBLE = re.compile(INVISIBLE)

_CURLY = {"‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"'}


def one_line(text: str) -> str:
    """``text`` in one line: white space collapsed, no control characters, Unicode normalised to NFC (unless
    a word has more than 1,000 letters)."""
    line = text.replace("\n", " ").strip(" ")  # much faster than to split and join, and nearly always all
    if "  " in line:
        line = line.replace("  ", " ")
    if "  " in line or not line.isprintable():
        line = " ".join((text.translate(_CONTROLS) if _CONTROL.search(text) else text).split())
    if line.isascii():
        return line
    # Of n combining marks in a row, normalising takes quadratic time; no word has a thousand letters.
    if len(line) > 1000 and any(len(word) > 1000 for word in line.split(" ")):
        return line
    return unicodedata.normalize("NFC", line)


def straight(text: str) -> str:
    """``text`` with straight quotes in place of curly ones."""
    for curly, plain in _CURLY.items():  # much faster than to translate
        if curly in text:
            text = text.replace(curly, plain)
    return text


def first_words(text: str, most: int = LONGEST) -> tuple[str, str]:
    """The first words of ``text``, as many as have ``most`` letters, and the other ones."""
    if len(text) <= most:
        return text, ""
    end = max(0, text.rfind(" ", 0, most + 1))
    return text[:end], text[end:].lstrip(" ")


def is_partly_invisible(text: str) -> bool:
    """Whether ``text`` has letters that nobody sees."""
    return _INVISIBLE.search(text) is not None


def visible(text: str) -> str:
    """``text`` without the letters that nobody sees."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def stable_hash(text: str) -> int:
    """A number below 2^64 for ``text``, the same in every process, on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
