"""A transcript page's markup -> its dialogue.

Pure functions: nothing here knows Scrapy's crawling or SQL. A page is read in three steps, each a function:

1. :func:`_read_blocks` walks the lxml tree once and gives the page's blocks (headings, paragraphs) as marked text;
2. :func:`_read_habits` looks how this page's transcriber writes directions and whom the page calls a speaker;
3. :func:`parse_transcript` gives each block to whom it belongs: a heading, a direction, a new speech, or a speech that
   goes on.

Two families of markup exist. In the old one (seasons 1-9) a speaker is ``<p><b>NAME:</b> text``; in season 9 and parts
of 5 and 8 it is written ``<b><p>NAME:</b> text``, which lxml reads as an empty ``<b>`` before a paragraph that starts
with plain text. In the new one (season 10) a speaker is ``<span class="char">NAME:</span>``, a direction
``<p class="desc">`` and a heading ``<div class="sceneheader">``.
"""

import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from xfiles.characters import PARENTHESES, character
from xfiles.items import Line, Scene
from xfiles.text import one_line


class TranscriptError(ValueError):
    """A page that can't be read as a transcript. Raised by :func:`parse_transcript`; the message says why."""


@dataclass(slots=True)
class Transcript:
    """What :func:`parse_transcript` found on a page."""

    title: str  # the page's <title> in one line, "Kill Switch - 5X11"
    family: str  # how most of its speakers are marked: "bold", "misnested", "span", or "none"
    lines: list[Line] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)


# --- step 1: blocks ----------------------------------------------------------------------------------------------

_PLAIN, _BOLD, _CHAR, _LINK, _BREAK = range(5)
_MARKED = (_BOLD, _CHAR)
_BLOCKS = frozenset("p hr div center td th tr table blockquote pre li ul ol dl dt dd body h1 h2 h3 h4 h5 h6".split())
_SKIPPED = frozenset("head script style noscript textarea h1 h2".split())


@dataclass(slots=True)
class _Block:
    runs: list[tuple[int, str]]  # (mark, text), in the order of the page
    kind: str  # "rule": no paragraph has begun since a <hr>; "desc", "sceneheader": the new family's class; or ""
    misnested: bool  # follows an empty <b>: its speaker is plain text
    name: tuple[str, str] | None = None  # the (speaker, rest) of its first run, once the page's habits are read


def _read_blocks(root: etree._Element) -> list[_Block]:
    """The text under ``root`` in document order, cut at block tags: one walk, no recursion, each text once."""
    blocks: list[_Block] = []
    runs: list[tuple[int, str]] = []
    kind = ""
    mark = _PLAIN
    skipped = 0  # open tags whose text is no dialogue
    misnested = empty_bold = False

    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if tag in _BLOCKS:
            if runs:
                blocks.append(_Block(runs, kind, misnested))
                runs = []
            # An inline tag that is never closed holds every later paragraph: its mark ends with its own.
            mark = _PLAIN
            if event == "end":
                if tag == "p" or tag == "div":
                    kind, misnested = "", False
            elif tag == "p":
                name = element.get("class")
                if name == "desc":
                    kind = name
                elif kind == "rule":
                    kind = ""
                misnested, empty_bold = empty_bold, False
            elif tag == "hr":
                kind, misnested = "rule", False
            elif tag == "div" and element.get("class") == "sceneheader":
                kind = "sceneheader"
        elif tag == "b" or tag == "strong":
            mark = _BOLD if event == "start" else _PLAIN
            if event == "end" and not len(element) and not (element.text or "").strip():
                empty_bold = True
        elif tag == "br":
            if event == "start" and runs:
                runs.append((_BREAK, " "))
        elif tag == "span" and element.get("class") == "char":
            mark = _CHAR if event == "start" else _PLAIN
        elif tag == "a" and element.get("href"):
            mark = _LINK if event == "start" else _PLAIN
        if tag in _SKIPPED:
            skipped += 1 if event == "start" else -1

        text = element.text if event == "start" else element.tail
        if text and not skipped and (runs or not text.isspace()):
            runs.append((mark, text))
            if empty_bold and not text.isspace():
                empty_bold = False
    if runs:
        blocks.append(_Block(runs, kind, misnested))
    return blocks


# --- step 2: the page's habits -----------------------------------------------------------------------------------

# Bold or capitals before a colon that name no speaker: cuts, cast lists, what a screen or a letter shows.
_NO_SPEAKER = re.compile(
    r"(?:CUT\w*\b|FADE|DISSOLVE|INTERCUT|FLASH|SMASH|SCENES?\b|TEASER|ACT \w+$|CAST\b|MEMO\b|NOTE\b|TITLE|CAPTION|"
    r"SUBTITLE|CLOSED CAPTION|TIME CUT|LATER|OPENING|CREDITS|THE END|END\b|TO BE\b|COMMERCIAL|INT\b|EXT\b|TRANSCRI|"
    r"DISCLAIMER|WRITTEN BY|DIRECTED BY|GUEST|STARRING|SUMMARY)|.*\bP\.?O\.?V\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\s*((?:[^:;()]|\([^()]{0,200}\)){1,200})[:;]")
_MEMO = re.compile(r"(?:TO|FROM|DATE|SUBJECT|RE|REF|ATTN|NAME|ADDRESS|CITY|MESSAGE|TIME)\s*:", re.IGNORECASE)
_END = re.compile(r"\W*(?:THE END|END OF|TO BE CONTINUED)\b", re.IGNORECASE)
_ACTOR = re.compile(r"([A-Z][A-Z.'#-]+(?: [A-Z#\d][A-Z.'\d-]*)*),? [a-z]")
_BRACKET = re.compile(r"[][()]")
_DIRECTION = re.compile(r"\([^][()]*\)|\[[^][()]*\]")
_OPENERS = {"(": ")", "[": "]"}


def _marked_name(text: str) -> tuple[str, str] | None:
    """The (speaker, rest) of bold or char ``text`` such as "NAME: rest"; None if it names nobody."""
    speaker, colon, rest = text.lstrip().partition(":")
    # As nearly always, and much faster than to search; a short one only, for it is remembered.
    if colon and len(speaker) <= 200 and _is_name(speaker):
        return speaker, rest
    found = _NAME.match(text)
    return (found[1], text[found.end() :]) if found and _is_name(found[1]) else None


@lru_cache(4096)
def _is_name(text: str) -> bool:
    bare = PARENTHESES.sub(" ", text)
    return bool(
        character(text)
        and _NAME.fullmatch(text + ":")
        and not _NO_SPEAKER.match(text)
        and (len(bare.split()) <= 5 or bare.isupper())
    )


def _name_at(block: _Block, at: int) -> tuple[str, str] | None:
    """The same for the run ``at`` of ``block``, if it is marked; a colon may follow the mark."""
    mark, text = block.runs[at]
    if mark not in _MARKED and (at or not block.misnested):
        return None
    name = _marked_name(text)
    if name is None and at + 1 < len(block.runs):
        following = block.runs[at + 1][1].lstrip()
        if following[:1] == ":" and (name := _marked_name(text + ":")) is not None:
            block.runs[at + 1] = (_PLAIN, following[1:])
    return name


def _plain_name(text: str, known: Container[str]) -> tuple[str, str] | None:
    """The same for plain ``text``: only a name that the page marks elsewhere counts."""
    colon = text.find(":", 0, 160)
    if colon < 0 or not text[0].isalpha():
        return None
    found = _NAME.match(text)
    if found is None or len(found[1]) > 120 or character(found[1]) not in known:
        return None
    return found[1], text[found.end() :]


@dataclass(slots=True)
class _Habits:
    """How one transcriber writes."""

    family: str  # as in :class:`Transcript`
    known: frozenset[str]  # the characters whose names are marked somewhere on the page
    prose: bool  # directions are bare prose, so a paragraph without a name is no speech
    brackets: bool  # square brackets hold directions


def _read_habits(blocks: list[_Block]) -> _Habits:
    """How this page writes its directions is seen where nobody can be speaking: between a heading and the first
    speech, a paragraph is a direction, and either stands in parentheses or does not."""
    families: Counter[str] = Counter()
    known = set()
    openings: Counter[str] = Counter()
    brackets = 0
    speaking = True  # before the first heading stand disclaimers
    for block in blocks:
        block.name = _name_at(block, 0)
        mark, text = block.runs[0]
        if block.name is not None:
            families["misnested" if mark == _PLAIN else "span" if mark == _CHAR else "bold"] += 1
            known.add(character(block.name[0]))
            speaking = True
        elif block.kind == "rule":
            speaking = False
        elif not block.kind:
            start = text.lstrip()[:1]
            if start in _OPENERS:
                brackets += 1 if start == "[" else -1
            if not speaking:
                openings["(" if start in _OPENERS else "prose"] += 1
    family = families.most_common(1)[0][0] if families else "none"
    return _Habits(family, frozenset(known), openings["prose"] > openings["("], brackets > 0)


# --- step 3: to whom each block belongs --------------------------------------------------------------------------


def spoken(text: str, brackets: bool = False) -> str:
    """``text``, a paragraph of a speech in one line, without its stage directions.

    Those are what stands in parentheses and, with ``brackets``, in square brackets; one that is never closed goes to
    the end of the paragraph.
    """
    if "(" not in text and not (brackets and "[" in text):
        return text
    openers = "([" if brackets else "("
    closers = ")]" if brackets else ")"
    said = []
    depth = start = 0
    for found in _BRACKET.finditer(text):
        letter = found[0]
        if letter in openers:
            if not depth:
                said.append(text[start : found.start()])
            depth += 1
        elif letter in closers and depth:
            depth -= 1
            start = found.end()
    if not depth:
        said.append(text[start:])
    return " ".join(" ".join(said).split())


@lru_cache(4096)
def _as_printed(speaker: str) -> str:
    return one_line(speaker).strip(" *:;,")


class _Dialogue:
    """A page's lines and scenes while they are read: who is speaking, and what has been said so far."""

    def __init__(self, habits: _Habits) -> None:
        self.habits = habits
        self.lines: list[Line] = []
        self.scenes: list[Scene] = []
        self.speaker = ""  # as printed; "" while nobody speaks
        self.texts: list[str] = []
        self.said: list[str] = []
        self.directions: list[str] = []  # since the last words: part of the speech if it goes on
        self.unclosed: list[str] | None = None  # paragraphs since a direction that its own paragraph doesn't close

    def begin_scene(self, heading: str) -> None:
        self.stop()
        self.scenes.append(Scene(len(self.scenes) + 1, heading))

    def begin_speech(self, speaker: str) -> None:
        self.stop()
        self.speaker = _as_printed(speaker)

    def say(self, text: str) -> None:
        if self.directions:
            self.texts += self.directions
            self.directions.clear()
        self.texts.append(text)
        if words := spoken(text, self.habits.brackets):
            self.said.append(words)

    def direct(self, text: str) -> None:
        if self.texts and text[-1:] == _OPENERS.get(text[:1]):
            self.directions.append(text)

    def stop(self) -> None:
        """End the speech under way, if there is one."""
        if self.unclosed is not None:
            unclosed, self.unclosed = self.unclosed, None
            for text in unclosed:
                _read_unnamed(text, self, closed=False)
        if self.texts:
            self.lines.append(
                Line(
                    line=len(self.lines) + 1,
                    scene=len(self.scenes),
                    character=character(self.speaker),
                    speaker=self.speaker,
                    text=" ".join(self.texts),
                    spoken=" ".join(self.said),
                )
            )
            self.texts.clear()
            self.said.clear()
        self.speaker = ""
        self.directions.clear()


_HEADING = re.compile(r"SCENE\b|#?\d+[A-Z]?\b", re.IGNORECASE)
_HEADING_ANYWHERE = re.compile(r"SCENE\s+#?\d+[A-Z]?\b")


def _take_heading(block: _Block) -> str | None:
    """Take the heading that ``block`` starts with out of its runs, in one line; None if it has none.

    In the old family that is "SCENE 2" and the lines under it, up to the first that is prose or a direction.
    """
    runs = block.runs
    if block.kind == "sceneheader":
        block.runs = []
        return one_line(" ".join(text for _, text in runs))
    mark, text = runs[0]
    first = text.lstrip()
    if block.kind == "rule":
        if mark == _LINK or not (_HEADING.match(first) or (mark == _PLAIN and first[:1].isalnum() and first.isupper())):
            return None
    elif block.kind or block.misnested or not _HEADING_ANYWHERE.match(first):
        return None
    lines = [first]
    at = 1
    while at < len(runs):
        mark, text = runs[at]
        if mark != _BREAK:
            line = text.strip()
            prose = len(line.split()) > 5 and line[-1] in ".?!)" and not line.isupper()
            if mark != _PLAIN or line[:1] in _OPENERS or prose:
                break
            lines.append(line)
        at += 1
    block.runs = runs[at:]
    return one_line(" ".join(lines))


def _depth(text: str) -> int:
    """How many more parentheses and brackets ``text`` opens than it closes."""
    return text.count("(") + text.count("[") - text.count(")") - text.count("]")


def _read_unnamed(text: str, dialogue: _Dialogue, closed: bool = True) -> None:
    """Give ``text``, a paragraph in one line that no name begins, to the speech under way, or to nobody.

    A direction that it opens may be closed by a later paragraph, unless ``closed`` is known to be false.
    """
    habits = dialogue.habits
    if dialogue.unclosed is not None:
        if _depth(text) < 0:
            dialogue.unclosed = None
        else:
            dialogue.unclosed.append(text)
    elif _END.match(text):
        dialogue.stop()
    elif _DIRECTION.fullmatch(text):
        dialogue.direct(text)
    elif closed and text[0] in _OPENERS and _depth(text) > 0:
        dialogue.unclosed = []
    elif not any(map(str.isalnum, words := spoken(text, brackets=True))):
        dialogue.direct(text)
    elif not dialogue.speaker or habits.prose or _acts(text, habits.known):
        pass
    elif _is_shown(words) and (not words.isupper() or any(text and not text.isupper() for text in dialogue.texts)):
        dialogue.stop()
    else:
        dialogue.say(text)


def _acts(text: str, known: Container[str]) -> bool:
    """Whether ``text`` is a direction that begins with the name of who acts, such as "ANN and BEN walk"."""
    name = _ACTOR.match(text)
    return name is not None and character(name[1]) in known


def _is_shown(words: str) -> bool:
    """Whether ``words`` are what the viewer reads (a screen, a letter, a cut) rather than hears."""
    label, colon, _ = words.partition(":")
    return words.isupper() or bool(_MEMO.match(words) or (colon and _NO_SPEAKER.match(label)))


# "(From an earlier episode.) A MAN: Where? A WOMAN: There." in one paragraph.
_INLINE_NAME = re.compile(r"(?:^|(?<=[.?!)\]\"-] ))([A-Z][A-Z .'#&-]{2,40}(?: \([^()]*\))?):(?= )")


def _read_inline(text: str, dialogue: _Dialogue) -> bool:
    """Read ``text``, a paragraph that starts with a direction, as speeches if a known character's name is in it."""
    names = list(_INLINE_NAME.finditer(text)) if ":" in text else []
    if not any(character(name[1]) in dialogue.habits.known for name in names):
        return False
    for name, end in zip(names, [*(name.start() for name in names[1:]), len(text)], strict=True):
        dialogue.begin_speech(name[1])
        dialogue.say(text[name.end() : end].strip())
    return True


def _read_label(block: _Block, dialogue: _Dialogue) -> bool:
    """Read ``block`` as what a bold "CUT TO:" or the like begins, if it is that: it ends the speech under way."""
    mark, text = block.runs[0]
    if not text.rstrip().endswith(":") or (mark not in _MARKED and not block.misnested):
        return False
    dialogue.stop()
    name = _plain_name(one_line("".join(text for _, text in block.runs[1:])), dialogue.habits.known)
    if name is not None:
        dialogue.begin_speech(name[0])
        dialogue.say(name[1].strip())
    return True


def _read_block(block: _Block, dialogue: _Dialogue) -> None:
    """Give what ``block`` holds to the characters who say it."""
    runs = block.runs
    name = block.name
    if name is None:
        if not runs:
            return
        name = _name_at(block, 0) or _plain_name(runs[0][1].lstrip(), dialogue.habits.known)
        if name is None and _read_label(block, dialogue):
            return
    named = name is not None
    if named:
        dialogue.begin_speech(name[0])
    pieces = [name[1] if named else runs[0][1]]
    for at in range(1, len(runs)):
        mark, text = runs[at]
        if mark in _MARKED and (name := _name_at(block, at)) is not None:
            _read_piece(pieces, named, dialogue)
            dialogue.begin_speech(name[0])
            named = True
            pieces = [name[1]]
        else:
            pieces.append(text)
    _read_piece(pieces, named, dialogue)


def _read_piece(pieces: list[str], named: bool, dialogue: _Dialogue) -> None:
    text = one_line("".join(pieces))
    if not text:
        return
    if named:
        dialogue.say(text)
    elif text[0] not in _OPENERS or not _read_inline(text, dialogue):
        _read_unnamed(text, dialogue)


def parse_transcript(markup: str) -> Transcript:
    """Read ``markup``, a transcript page of either family, decoded.

    Returns the page's title, its lines and its scenes, in order. A page without dialogue gives no lines. Raises
    :exc:`TranscriptError` if it is no HTML, or nested so deep that libxml2 gives up in its middle.
    """
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(markup.replace("\0", "").encode("utf-8", "replace"), parser)
    if root is None:
        raise TranscriptError("the page is empty")
    if parser.error_log.filter_from_fatals():
        raise TranscriptError("its tags are nested too deep to read the whole page")
    blocks = _read_blocks(root)
    habits = _read_habits(blocks)
    dialogue = _Dialogue(habits)
    for block in blocks:
        if block.runs[0][0] == _LINK and all(mark in (_LINK, _BREAK) or text.isspace() for mark, text in block.runs):
            dialogue.stop()  # the footer
            continue
        if block.kind == "desc":
            dialogue.direct(f"({one_line(''.join(text for _, text in block.runs))})")
            continue
        if block.name is None and (heading := _take_heading(block)) is not None:
            dialogue.begin_scene(heading)
        _read_block(block, dialogue)
    dialogue.stop()
    return Transcript(
        title=one_line(root.findtext(".//title") or ""),
        family=habits.family,
        lines=dialogue.lines,
        scenes=dialogue.scenes,
    )
