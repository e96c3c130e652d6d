"""The grammar of brackets: what of a text is spoken, and what is a stage direction or a note.

Pure functions on paragraphs in one line. Stage directions stand in parentheses, on some pages in square brackets; a
note about the script (the closed captions', the transcriber's) in any bracket.
"""

import re

#: What closes each of the brackets that directions stand in.
CLOSERS = {"(": ")", "[": "]"}

_BRACKET = re.compile(r"[][()]")
_WHOLE = re.compile(r"\([^][()]*\)|\[[^][()]*\]")
_UNOPENED = re.compile(r"\w[^][()]*[)\]](?: ?[\[(].*)?")
# "[answers in Russian]", on any page: lower case, a verb.
_ANSWERS = re.compile(
    r"\[[a-z]+s(?:\]| (?:in|to|at|on|up|down|his|her|the|an?|him|it|[a-z]+ly|[A-Z]{2}[A-Z'’. ]*)\b[^][]*\])"
)
_NOTE = re.compile(
    r"""[\[({] \s* (?:(?:only \s+ )? in \s+ (?:cc\b|closed)|closed[ -]cap?tion|cc(?:[ ]only)?:|
    transcri(?:ber|pt)(?:'s|’s)? \s+ note|note:|t[dn](?:[ ]note)?:|(?:a \s+)? translat(?:ion|ed)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_CURLY = {"‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"'}


def spoken(text: str, brackets: bool = False) -> str:
    """``text``, a paragraph of a speech in one line, without its stage directions, with straight quotes.

    Those are what stands in parentheses and, with ``brackets``, in square brackets; one that is never closed goes to
    the end of the paragraph. A note is never spoken.
    """
    if "(" not in text and "[" not in text and "{" not in text and text[-1:] not in (")", "]"):
        return _straight(text)
    if "[" in text or "{" in text:
        text = _ANSWERS.sub(" ", _without_notes(text))
        if not brackets and "[" in text and any(map(str.isalnum, words := spoken(text, brackets=True))):
            return words
    openers = "([" if brackets else "("
    closers = ")]" if brackets else ")"
    said = []
    opened = start = 0
    for found in _BRACKET.finditer(text):
        letter = found[0]
        if letter in openers:
            if not opened:
                said.append(text[start : found.start()])
            opened += 1
        elif letter in closers and opened:
            opened -= 1
            start = found.end()
    if not opened:
        said.append(text[start:])
    words = " ".join(" ".join(said).split()).removeprefix(": ")
    if words[-1:] in (")", "]") and depth(words) < 0:  # what a direction left behind
        words = words.rstrip(" )]")
    return _straight(words)


def _straight(text: str) -> str:
    if text.isascii():
        return text
    for curly, straight in _CURLY.items():  # much faster than to translate
        if curly in text:
            text = text.replace(curly, straight)
    return text


def _without_notes(text: str) -> str:
    kept = []
    start = 0
    for note in _NOTE.finditer(text):
        if note.start() < start or note[0][0] == "(":
            continue
        end = text.find("]" if note[0][0] == "[" else "}", note.end())
        kept.append(text[start : note.start()])
        start = len(text) if end < 0 else end + 1
    return " ".join([*kept, text[start:]])


def is_whole(text: str) -> bool:
    """Whether ``text`` is one direction from its first letter to its last."""
    return _WHOLE.fullmatch(text) is not None


def is_unopened(text: str) -> bool:
    """Whether ``text`` ends a direction whose opening bracket is missing: "Peers into the well.)"."""
    return " " in text and _UNOPENED.fullmatch(text) is not None


def is_note(text: str) -> bool:
    """Whether ``text`` begins with a note about the script."""
    return _NOTE.match(text) is not None


def depth(text: str) -> int:
    """How many more parentheses and brackets ``text`` opens than it closes."""
    return text.count("(") + text.count("[") - text.count(")") - text.count("]")
