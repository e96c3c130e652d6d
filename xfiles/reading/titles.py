"""The title of an episode as people write it."""

import re

#: Words that stay small within a title.
SMALL = frozenset("a an and as at but by for from in into nor of on or the to with".split())
_ROMAN = re.compile(r"(?:X{0,3})(?:IX|IV|V?I{0,3})")
# "SR 819", "DPO": initials have no vowel, but "Dr", "Mr" and "St" are words.
_INITIALS = re.compile(
    r"(?!(?:DR|MR|MRS|MS|ST|JR|MY|BY|TV|DVD|TRY|WHY|SKY|SHY|FLY|CRY|DRY|SPY|GYM|RHYTHM|MYTH)\b)[B-DF-HJ-NP-TV-XZ]{2,4}"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DOTTED = re.compile(r"(?:[A-Z]\.){2,}")


def written(title: str) -> str:
    """``title``, as a page prints it: each word but the small ones begins with a capital, and only that is one.

    A title in mixed case stays as it is, but for what is capitals throughout: ``Redux II``, ``SR 819``, ``E.B.E.``
    """
    in_capitals = title.upper() == title
    dotted = [found.span() for found in _DOTTED.finditer(title)]

    def write(found: re.Match[str]) -> str:
        word = found[0]
        upper = word.upper()
        if any(start <= found.start() < end for start, end in dotted):
            return word
        if (len(word) > 1 and _ROMAN.fullmatch(upper) and (in_capitals or word[0].isupper())) or _INITIALS.fullmatch(
            upper
        ):
            return upper
        if not in_capitals or any(map(str.isdigit, word)):
            return word
        before = title[: found.start()].rstrip()
        if before and before[-1] not in ":-–—('\"‘“" and word.lower() in SMALL:
            return word.lower()
        return word[0] + word[1:].lower()

    return _WORD.sub(write, title)
