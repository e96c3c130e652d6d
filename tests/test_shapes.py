"""The tables of shapes: each example has its shape, no near miss has one, and none can be taken out unnoticed."""

import importlib
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from conftest import page
from kinds import FIRST

from xfiles.reading import characters, directions, endings, labels, shapes, transcript, verdicts


class Table(NamedTuple):
    """A table of shapes, the markup in which a text that has one of them is seen, and what then is true of the page."""

    shapes: tuple[shapes.Shape, ...]
    markup: str  # {} stands for the text
    taken: Callable[[Any, str], bool]  # of the page's transcript and the text


def nobody(found, text):
    return [line.character for line in found.lines] == ["ANN", "BEN"]


def says(character, words):
    return lambda found, text: (character, words) in [(line.character, line.spoken) for line in found.lines]


def is_note(found, text):
    return any(direction.kind == "note" and direction.text == text for direction in found.directions)


def speaks(character):
    return lambda found, text: any(line.character == character.format(text.upper()) for line in found.lines)


TABLES = {
    "labels": Table(labels.LABELS, "<p><b>{}:</b> One.", nobody),
    "onward": Table(labels.ONWARD, "<p><b>CUT {} BELLS:</b> One.", nobody),
    "lone labels": Table(
        labels.LONE_LABELS, "<p><b>CAT:</b> One.<p>{}: A bell<p><b>DOG:</b> Two.", says("CAT", "One.")
    ),
    "beginnings": Table(labels.BEGINNINGS, "<p><b>{}:</b> One.", nobody),
    "cuts": Table(labels.KINDS_OF_CUTS, "<p><b>CAT:</b> One.<p>{} to a bell.", says("CAT", "One.")),
    "where a cut leads": Table(labels.WHERE_TO, "<p><b>CAT:</b> One.<p>Cut {} a bell.", says("CAT", "One.")),
    "places": Table(labels.PLACES, "<p><b>{}:</b> DOG: One.", speaks("DOG")),
    "voices": Table(labels.VOICES, "<p>{}: One.", speaks("{}")),
    "devices": Table(labels.DEVICES, "<p>[Mill {}: One.]", speaks("MILL {}")),
    "words with which no name ends": Table(labels.BINDING, "<p><b>BELLS {}:</b> One.", nobody),
    "names of many": Table(characters.NAMELESS, "<p><b>{} ON PHONE:</b> One.", speaks("{} ON PHONE")),
    "marks of a voice": Table(characters.VOICE_MARKS, "<p><b>CAT {}:</b> One.", speaks("CAT")),
    "sources of a voice": Table(characters.SOURCES, "<p><b>CAT ON {}:</b> One.", speaks("CAT")),
    "manners": Table(characters.MANNERS, "<p><b>{}:</b> One.", speaks("CAT")),
    "verbs": Table(directions.AFTER_VERB, "<p><b>CAT:</b> [answers {} bells]", says("CAT", "")),
    "notes": Table(directions.NOTES, "<p>{}", is_note),
    "asides": Table(directions.ASIDES, "<p><b>CAT:</b> It is [{}] a bell.", says("CAT", "It is a bell.")),
    "heard": Table(verdicts.HEARD, "<p><b>CAT:</b> One.<p>(It {}:)<p>Two.", says("CAT", "One. Two.")),
    "ends": Table(verdicts.ENDS, "<p>{}<p>(A bell.)", lambda found, text: is_note(found, "(A bell.)")),
    "said in capitals": Table(
        verdicts.SAID,
        "<p><b>CAT:</b> One.<p>(Pause.)<p>{}",
        lambda found, text: says("CAT", f"One. {text}")(found, text),
    ),
    "colophons": Table(endings.COLOPHONS, "<p><b>CAT:</b> One.<p>{}", says("CAT", "One.")),
}
EXAMPLES = {f"{name}: {shape.example}": (table, shape) for name, table in TABLES.items() for shape in table.shapes}
MISSES = {key: (table, shape.miss) for key, (table, shape) in EXAMPLES.items() if shape.miss}


def is_taken(table: Table, text: str, parse=transcript.parse_transcript) -> bool:
    return table.taken(parse(page(*FIRST, table.markup.format(text))), text)


@pytest.mark.parametrize(("table", "text"), MISSES.values(), ids=MISSES)
def test_a_near_miss_is_not_taken(table, text):
    assert not is_taken(table, text)


@pytest.mark.parametrize(("table", "shape"), EXAMPLES.values(), ids=EXAMPLES)
def test_no_shape_can_be_taken_out(table, shape, monkeypatch):
    assert is_taken(table, shape.example)
    for name in [name for name in sys.modules if name.startswith("xfiles.reading")]:
        monkeypatch.delitem(sys.modules, name)
    anew = importlib.import_module("xfiles.reading.shapes")
    any_of = anew.any_of
    monkeypatch.setattr(anew, "any_of", lambda table: any_of([other for other in table if other != shape]))
    parse = importlib.import_module("xfiles.reading.transcript").parse_transcript
    assert not is_taken(table, shape.example, parse)
