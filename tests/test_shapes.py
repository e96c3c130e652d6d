"""The tables of shapes: each example has its shape, no near miss has one, and none can be taken out unnoticed."""

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest
from conftest import page
from kinds import FIRST

from xfiles.reading import (
    characters,
    cues,
    directions,
    endings,
    labels,
    locations,
    paragraphs,
    places,
    plain_cues,
    scenes,
    script,
    shapes,
    times,
    verdicts,
)
from xfiles.reading.transcript import parse_transcript


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


def when(found, text):
    return found.scenes[-1].place is None and text in found.scenes[-1].time


def at(place):
    return lambda found, text: found.scenes[-1].place == (place and place.format(text))


SCENE = "<hr>SCENE 2<br>\n{}\n<p><b>CAT:</b> One."
OPENING = "<hr>SCENE 2<br>\n<p>({})\n<p><b>CAT:</b> One."

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
    "headings that don't say where": Table(places.NOWHERE, SCENE, at(None)),
    "days": Table(times.DAYS, SCENE, when),
    "months": Table(times.MONTHS, SCENE.format("{} 3"), when),
    "numbers": Table(times.NUMBERS, SCENE.format("{} HOURS LATER"), when),
    "spans": Table(times.SPANS, SCENE.format("TWO {}S LATER"), when),
    "parts of the day": Table(times.PARTS_OF_DAY, SCENE.format("NEXT {}"), when),
    "which part of the day": Table(times.WHICH, SCENE.format("{} NIGHT"), when),
    "times": Table(times.TIMES, SCENE, when),
    "loose times": Table(times.LOOSE_TIMES, SCENE, when),
    "no places": Table(places.NO_PLACES, OPENING.format("{}"), at(None)),
    "nouns": Table(places.NOUNS, OPENING.format("Old {} at Spoonville."), at("Old {} at Spoonville")),
    "after a verb": Table(places.AFTER_VERB, OPENING.format("Deputy shows {} bell."), at(None)),
    "rooms": Table(places.ROOMS, OPENING.format("ANN {}."), at("ANN {}")),
    "states": Table(places.STATES, OPENING.format("ANN {} in the mill."), at("the mill")),
    "at": Table(places.AT, OPENING.format("ANN {} the mill."), at("the mill")),
    "in no place": Table(places.IN_NO_PLACE, OPENING.format("ANN is {} in black."), at(None)),
    "regions": Table(
        locations.REGIONS,
        SCENE.format("{}; ZOO"),
        lambda found, text: found.scenes[-1].location == f"ZOO; {text}",
    ),
    "colophons": Table(endings.COLOPHONS, "<p><b>CAT:</b> One.<p>{}", says("CAT", "One.")),
}
EXAMPLES = {f"{name}: {shape.example}": (table, shape) for name, table in TABLES.items() for shape in table.shapes}
MISSES = {key: (table, shape.miss) for key, (table, shape) in EXAMPLES.items() if shape.miss}


#: Where the tables are, and what is made of them.
MODULES = (
    characters,
    cues,
    directions,
    endings,
    labels,
    locations,
    paragraphs,
    places,
    plain_cues,
    scenes,
    script,
    times,
    verdicts,
)


def is_taken(table: Table, text: str) -> bool:
    return table.taken(parse_transcript(page(*FIRST, table.markup.format(text))), text)


@pytest.mark.parametrize(("table", "text"), MISSES.values(), ids=MISSES)
def test_a_near_miss_is_not_taken(table, text):
    assert not is_taken(table, text)


@pytest.mark.parametrize(("table", "shape"), EXAMPLES.values(), ids=EXAMPLES)
def test_no_shape_can_be_taken_out(table, shape, monkeypatch):
    assert is_taken(table, shape.example)
    rest = tuple(other for other in table.shapes if other != shape)
    any_of = shapes.any_of
    monkeypatch.setattr(shapes, "any_of", lambda taken: any_of(rest if tuple(taken) == table.shapes else taken))
    without = {
        id(pattern): again[name]
        for module in MODULES
        for again in [exec_again(module)]
        for name, pattern in vars(module).items()
        if isinstance(pattern, re.Pattern) and name in again and again[name].pattern != pattern.pattern
    }
    for module in MODULES:
        for name, pattern in list(vars(module).items()):
            if id(pattern) in without:
                monkeypatch.setattr(module, name, without[id(pattern)])
    forget()
    try:
        assert not is_taken(table, shape.example)
    finally:
        forget()


def exec_again(module) -> dict[str, Any]:
    """The names of ``module``, made anew."""
    names = {"__name__": module.__name__}
    exec(code_of(module), names)
    return names


@cache
def code_of(module):
    return compile(inspect.getsource(module), module.__file__, "exec")


def forget() -> None:
    """Forget what was made of names before."""
    for module in MODULES:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
