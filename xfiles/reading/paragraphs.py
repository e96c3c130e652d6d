"""A page's paragraphs -> its script: each is given to whoever says it, or to nobody."""

from xfiles.reading.cues import Cue, marked_cues
from xfiles.reading.directions import CLOSERS, depth, leaves_note_open
from xfiles.reading.endings import is_colophon
from xfiles.reading.habits import Habits, Paragraph
from xfiles.reading.labels import is_place, is_voice
from xfiles.reading.markup import (
    BANNER,
    BREAK,
    CLOSE,
    DESCRIPTION,
    FOOTER,
    HEADER,
    MISNESTED,
    OPEN,
    OUTSIDE,
    RULED,
    Block,
    unmarked,
)
from xfiles.reading.plain_cues import bracketed_cue, cut_at_names, name_again, plain_cue
from xfiles.reading.scenes import read_heading
from xfiles.reading.script import Script
from xfiles.reading.text import one_line
from xfiles.reading.times import is_time, part_times
from xfiles.reading.verdicts import Verdict

_NOTHING = f" \r\n\t{OPEN}{CLOSE}{BREAK}"


def read_script(paragraphs: list[Paragraph], habits: Habits) -> Script:
    """The script of the page with ``paragraphs``, whose transcriber has ``habits``."""
    script = Script(habits)
    last = _last_of_script(paragraphs, habits)
    note_ends = -1  # the number of the paragraph in which an open note does
    for number, paragraph in enumerate(paragraphs):
        if number <= note_ends:
            script.direct(_in_one_line(paragraph.block.text))
            continue
        if number > last and not script.ended and _is_beside(paragraph.block, paragraphs[last].block):
            script.end()
        _read_paragraph(paragraph, script)
        if ("[" in paragraph.block.text or "{" in paragraph.block.text) and leaves_note_open(paragraph.block.text):
            note_ends = _end_of_note(paragraphs, number)
    script.stop()
    return script


def _last_of_script(paragraphs: list[Paragraph], habits: Habits) -> int:
    """The number of the last paragraph in which somebody is named or a scene begins."""
    for number in range(len(paragraphs) - 1, 0, -1):
        block, before, cues = paragraphs[number]
        if cues or plain_cue(before, habits.known) or read_heading(block, before):
            return number
    return 0


def _is_beside(block: Block, last: Block) -> bool:
    """Whether ``block`` stands beside the script. It follows ``last``, in which the last name on the page stands."""
    if block.linked or block.kind in (BANNER, FOOTER) or is_colophon(block.text):
        return True
    return block.part != last.part and block.kind is not DESCRIPTION and block.text.lstrip()[:1] not in CLOSERS


def _end_of_note(paragraphs: list[Paragraph], number: int) -> int:
    """The number of the paragraph that closes the note which paragraph ``number`` opens; that one's if none does."""
    for later, (block, _, _) in enumerate(paragraphs[number + 1 : number + 20], number + 1):
        if block.kind in (RULED, HEADER):
            break
        if depth(block.text) < 0:
            return later
    return number


def _in_one_line(text: str) -> str:
    return one_line(unmarked(text))


def _in_lines(text: str) -> str:
    """``text`` in one line, but for its line breaks."""
    return BREAK.join(filter(None, map(one_line, text.split(BREAK)))) if BREAK in text else one_line(text)


def _read_speech(cue: Cue, script: Script) -> None:
    """Read what follows ``cue``: a speech, and those of the others who are named in its midst."""
    speaker, named, text = cue
    if ":" not in text and ";" not in text:
        script.begin_speech(speaker, named, one_line(text))
        return
    known, printed, text = script.habits.known, speaker, _in_lines(text)
    # "ANN: ANN (low): One.", and "OLD: CAT: One.", which OLD CAT says.
    if again := name_again(speaker, text, known):
        speaker, printed, named, text = again
    text, others = cut_at_names(text, known)
    script.begin_speech(speaker, named, text.replace(BREAK, " ").strip(), printed)
    for speaker, named, text in others:
        script.begin_speech(speaker, named, text.replace(BREAK, " ").strip())


def _read_label(block: Block, text: str, script: Script) -> bool:
    """Read ``text``, the beginning of that of ``block``, if it is marked and nobody's name: "CUT TO:", a time.

    That ends the speech under way. Returns whether it is such a label.
    """
    text = text.lstrip()
    if not text.startswith(OPEN):
        return False
    label, _, rest = text[1:].partition(CLOSE)
    if block.mark is MISNESTED and ":" in label:
        first, _, following = label.partition(":")
        if is_place(first) or is_voice(first) or not following.strip():
            label, rest = first + ":", following + rest
    label = one_line(label)
    if rest[:1] == ":":
        label, rest = label + ":", rest[1:]
    name = label.rstrip(":; ")
    where = is_place(name) or is_voice(name)
    is_caption = is_time(name) or (not _in_one_line(rest) and part_times(name)[1])
    if not (label.endswith(":") and (":" not in name or where)) and not is_caption:
        return False
    known = script.habits.known
    cue = plain_cue(rest, known)
    if cue is None and where and (found := marked_cues(f"{OPEN}{rest.lstrip()}{CLOSE}", known)[1]):
        cue = found[0]
    if cue is None and is_voice(name):
        _read_speech(Cue(name, name.upper(), unmarked(rest)), script)
        return True
    script.stop()
    if cue is None:
        label = _in_one_line(f"{label} {rest}")
    script.paragraphs.append((Verdict.LABEL, "", label))
    script.add_direction(label)
    if cue is not None:
        _read_speech(cue, script)
    return True


def _read_unmarked(block: Block, text: str, script: Script) -> None:
    """Read ``text``, what of that of ``block`` stands before the cues that its markup shows."""
    cue = None
    if heading := read_heading(block, text):
        script.begin_scene(heading.lines)
        script.has_cut_headings |= heading.cut
        text = heading.rest
        if not text.strip(_NOTHING):
            return
        if (found := marked_cues(f"{OPEN}{text.lstrip()}{CLOSE}")[1]) and found[0].speaker.isupper():
            cue = found[0]
    if cue := cue or plain_cue(text, script.habits.known):
        _read_speech(cue._replace(text=unmarked(cue.text)), script)
    elif not _read_label(block, text, script) and (text := _in_lines(unmarked(text))):
        _read_unnamed(text, script)


def _read_unnamed(text: str, script: Script) -> None:
    """Read ``text``, a paragraph in lines that no name begins, and the speeches of those who are named in it."""
    known = script.habits.known
    if cue := bracketed_cue(text, known):
        _read_speech(cue, script)
        return
    before, others = cut_at_names(text, known) if script.unclosed is None else (text, [])
    if before:
        script.read_unnamed(before.replace(BREAK, " ").strip())
    for other in others:
        _read_speech(other, script)


#: What the markup alone says of a block.
_VERDICTS = {BANNER: Verdict.BANNER, FOOTER: Verdict.FOOTER, DESCRIPTION: Verdict.DESCRIPTION}


def _read_unspoken(verdict: Verdict, text: str, script: Script) -> None:
    """Read the ``text`` of a block of which the markup says that nobody speaks it."""
    if verdict is not Verdict.DESCRIPTION:
        script.stop()
        script.paragraphs.append((verdict, "", text))
        script.add_direction(text, "note")
    elif text:
        script.paragraphs.append((verdict, "", text))
        script.direct(text, within=f"({text})")


def _read_paragraph(paragraph: Paragraph, script: Script) -> None:
    """Give what ``paragraph`` holds to the characters who say it, or to nobody."""
    block, before, cues = paragraph
    verdict = _VERDICTS.get(block.kind) if block.kind > HEADER else None
    if verdict in (Verdict.BANNER, Verdict.FOOTER) and (cues or read_heading(block, before)):
        verdict = None
    if verdict is not None:
        _read_unspoken(verdict, _in_one_line(block.text), script)
        return
    if block.kind is OUTSIDE:
        script.stop()
    if before and before.strip(_NOTHING):
        _read_unmarked(block, before, script)
    for cue in cues:
        _read_speech(cue, script)
