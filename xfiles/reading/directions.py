"""The grammar of brackets: what of a text is spoken, and what is a stage direction or a note.

Pure functions on paragraphs in one line. Stage directions stand in parentheses, on some pages in square brackets; a
note about the script (the closed captions', the transcriber's) in any bracket.
"""

import re

from xfiles.reading.shapes import Shape, any_of, words
from xfiles.reading.text import straight, visible

#: What closes each of the brackets that directions stand in.
CLOSERS = {"(": ")", "[": "]"}

_BRACKET = re.compile(r"[][()]")
_WHOLE = re.compile(r"\([^][()]*\)|\[[^][()]*\]")
_IN_SQUARE = re.compile(r"(?:\s*(?:\[[^][()]*\]|\([^()]*\)))+")
_UNOPENED = re.compile(r"\w[^][()]*[)\]](?: ?[\[(].*)?")
_AREA_CODE = re.compile(r"\((?:\d{3}\)|\d{1,5}\)(?=[ -]?\d))")

#: What may follow the verb of a direction that stands in square brackets on any page: "[answers in Russian]".
AFTER_VERB = (
    *words("in, to, at, on, up, down, his, her, the, a, an, him, it"),
    Shape(r"[a-z]+ly", "slowly"),
    Shape(r"[A-Z]{2}[A-Z'’. ]*", "ANN"),
)
_VERB = rf"\[(?!Yes|This|Is|Was|Has|His|Its|Thanks)[A-Za-z][a-z]+s(?:\]| {any_of(AFTER_VERB)}\b[^][]*(?<![.?!])\])"
_VERBAL = re.compile(_VERB)

#: How a note about the script begins.
NOTES = (
    Shape(r"(?:only\s+)?in\s+cc\b", "[ONLY IN CC: One.]"),
    Shape(r"(?:[a-z]+\s+){0,6}closed[ -]?cap?tion", "[According to the closed captions: One.]"),
    Shape(r"cc(?:[ ]only)?:", "[CC only: One.]"),
    Shape(r"transcri(?:ber|pt)(?:'s|’s)?\s+note", "[Transcriber's note: One.]"),
    Shape(r"note:", "[Note: One.]", "[Notes the time.]"),
    Shape(r"t[dn](?:[ ]note)?:", "[TD: One.]"),
    Shape(r"(?:a\s+)?translat(?:ion|ed)\b", "(A translation of the song)"),
    Shape(r"side ?bar\b", "(Side bar: One.)"),
    # A nickname such as "DrWeesh" signs a remark, but "McBELL" and "DeVITO" act.
    Shape(r"(?-i:(?!Ma?c|De|La|O['’])[A-Z][a-z]+[A-Z]\w*\b)", "[BellFan: One.]", "(McBell sits.)"),
)
_OPENERS = ("(", "[", "{")
_NOTE = re.compile(rf"[\[({{]\s*{any_of(NOTES)}", re.IGNORECASE)
#: Words in square brackets that are a direction without a verb, even in the midst of a sentence.
ASIDES = (
    *words("pause, beat, silence, sic, inaudible, unintelligible, unclear"),
    Shape(r"(?:to|in|at|on|off|with|from|into|over)\b.*", "to ANN"),
    Shape(r"[a-z]+(?:s|ing|ly)\b.*", "softly"),
)
# "It was [some breed] of dog": words of which the transcriber isn't sure.
_UNCERTAIN = re.compile(rf"(?<=[\w,] )\[((?!{any_of(ASIDES)}\])[a-z][^][()]{{0,40}})\](?=,? ?[a-z.?!])")


def spoken(text: str, brackets: bool = False) -> str:
    """``text``, a paragraph of a speech in one line, without its stage directions, with straight quotes.

    Those are what stands in parentheses and, with ``brackets``, in square brackets; one that is never closed goes to
    the end of the paragraph. A note is never spoken.
    """
    if "(" not in text and "[" not in text and "{" not in text and text[-1:] not in (")", "]"):
        return _cleaned(text)
    if "[" in text or "{" in text:
        text = _VERBAL.sub(" ", _without_notes(text)).strip()
        if not brackets and "[" in text:
            if _IN_SQUARE.fullmatch(text):  # apart from directions, the whole speech
                text = text.replace("[", " ").replace("]", " ")
                return spoken(" ".join(text.split()))
            text = _UNCERTAIN.sub(r"\1", text)
            if any(map(str.isalnum, words := spoken(text, brackets=True))):
                return words
    openers = "([" if brackets else "("
    closers = ")]" if brackets or "[" not in text else ")"  # "(he nods]"
    said = []
    opened = start = begun = 0
    for found in _BRACKET.finditer(text):
        letter = found[0]
        if letter in openers:
            if not opened:
                begun = found.start()
                said.append(text[start:begun])
            opened += 1
        elif letter in closers and opened:
            opened -= 1
            start = begun if not opened and _AREA_CODE.match(text, begun) else found.end()
    if not opened:
        said.append(text[start:])
    words = " ".join(" ".join(said).split()).removeprefix(": ")
    if words[-1:] in (")", "]") and depth(words) < 0:  # what a direction left behind
        words = words.rstrip(" )]")
    return _cleaned(words)


def _cleaned(text: str) -> str:
    if ">" in text and "<" not in text:
        text = text.strip("> ")
    if text.isascii():
        return text
    text = straight(text)
    shown = visible(text)
    return " ".join(shown.split()) if shown != text else text


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
    return text[:1] in _OPENERS and _NOTE.match(text) is not None


def leaves_note_open(text: str) -> bool:
    """Whether ``text`` begins a note in square or curly brackets that it doesn't close."""
    return any("]" not in text[note.end() :] and "}" not in text[note.end() :] for note in _NOTE.finditer(text))


def depth(text: str) -> int:
    """How many more parentheses and brackets ``text`` opens than it closes."""
    return text.count("(") + text.count("[") - text.count(")") - text.count("]")
