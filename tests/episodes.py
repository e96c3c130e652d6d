"""Episodes in invented words, as the spider would yield them."""

from dataclasses import replace
from typing import Any

from xfiles.items import DialogueItem, Direction, Line, Scene
from xfiles.reading.addresses import speech_id


def vary(item: DialogueItem, **changes: Any) -> DialogueItem:
    """``item`` with ``changes``; each of its lines has the ID of its place on its page, and the number of its words."""
    item = replace(item, **changes)
    lines = [
        replace(line, id=speech_id(item.page, line.line), spoken_words=len(line.spoken.split())) for line in item.lines
    ]
    return replace(item, lines=lines)


EPISODE = vary(
    DialogueItem(
        page="site.example/transcrp/scrp101.htm",
        url="http://site.example/transcrp/scrp101.htm",
        leads_to=None,
        episode="Deep Throat - 1X01",
        title="Deep Throat",
        code="1X01",
        season=1,
        number=2,
        episode_of_season=2,
        aired="1993-09-17",
        mytharc=1,
        transcriber="A. Typist",
        words=9,
        unread=1,
        digest="0a1b",
        lines=[
            Line(1, 0, "ANN", "Ann (low)", "'; DROP TABLE XFILES; --", "'; DROP TABLE XFILES; --"),
            Line(2, 1, "BEN", "BEN", "(nods)", ""),
        ],
        scenes=[Scene(1, "SCENE 1 HALL", "THE HALL", "HALL", "NIGHT")],
        directions=[
            Direction(0, 0, 1, "note", "Written by nobody."),
            Direction(0, 1, 1, "direction", "(A kettle sings.)"),
            Direction(1, 1, 2, "direction", "(Morning.)"),
            Direction(1, 2, 1, "note", "THE END"),
        ],
    )
)

CONVERSATION = vary(
    EPISODE,
    lines=[
        Line(1, 1, "ANN", "ANN", "Whose teapot sings?", "Whose teapot sings?"),
        Line(2, 1, "BEN", "BEN", "(low) The keeper's teapots.", "The keeper's teapots."),
        Line(3, 1, "BEN", "BEN", "They whistle.", "They whistle."),
        Line(4, 1, "ANN", "ANN", "(nods)", ""),
        Line(5, 1, "BEN", "BEN", "Good.", "Good."),
        Line(6, 2, "ANN", "ANN", "Next morning.", "Next morning."),
    ],
    scenes=[Scene(1, "SCENE 1 HALL"), Scene(2, "SCENE 2")],
    directions=[],
)
