"""What the spider yields: one episode's script, with its lines, scenes and directions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Line:
    """A speech: what stands on the page under one printed name, until the next name or the next scene."""

    line: int  # position on the page, from 1 without gaps
    scene: int  # number of its scene, 0 before the first heading
    character: str  # who speaks: the normalised name
    speaker: str  # the name as printed
    text: str  # the speech as printed, in one line, with its stage directions
    spoken: str  # the same without them, with straight quotes; "" where nothing is said
    spoken_words: int = 0  # how many words spoken has; 0 until make_item counts them
    id: int = 0  # its number in every database, addresses.speech_id; 0 until make_item knows the page


@dataclass(slots=True)
class Scene:
    """A scene's heading."""

    scene: int  # from 1
    heading: str  # its number and its place as printed, in one line
    place: str | None = None  # where it is set: from the heading, else from the direction that opens the scene
    location: str | None = None  # the same in one spelling, for grouping
    time: str | None = None  # when, as printed: "TWO DAYS LATER", "10:56 P.M."


@dataclass(slots=True)
class Direction:
    """A paragraph that nobody speaks, outside every speech."""

    scene: int  # number of its scene, 0 before the first heading
    line: int  # the speech that it follows, 0 before the first
    part: int  # from 1 among those after the same speech
    kind: Literal["direction", "note"]  # a note is about the script: credits, disclaimers, what follows the end
    text: str  # as printed, in one line


@dataclass(slots=True)
class DialogueItem:
    """The script of one episode: a whole page, since a whole episode is what is stored or not stored."""

    page: str  # addresses.page_key of its URL: the episode's key
    url: str  # where it was read, without a fragment
    leads_to: str | None  # the page that this address leads to, if it is another
    episode: str | None  # the page's title in one line, "Kill Switch - 5X11"
    title: str | None  # its name, "Kill Switch"
    code: str | None  # its production code, "5X11"
    season: int | None  # 1 to 10; None for another series
    number: int | None  # its rank by aired among the rows of the home page's season tables, from 1
    episode_of_season: int | None  # its rank by aired within its season, from 1
    aired: str | None  # ISO 8601 date of the first broadcast, as the home page says
    mytharc: int | None  # 1 if the home page marks it as a mythology episode, else 0; None if it has no row there
    transcriber: str | None  # who the page says transcribed it, in one line
    words: int  # how many visible words the page has
    unread: int  # how many of them stand in no line, scene or direction and are no speaker's name
    digest: str | None  # of the page's bytes and of the code that read them
    lines: list[Line] = field(repr=False)
    scenes: list[Scene] = field(repr=False)
    directions: list[Direction] = field(repr=False)


@dataclass(slots=True)
class UnchangedItem:
    """A page that was read before as it is, by the code as it is: its episode is in the database, unless somebody has
    changed its rows."""

    page: str
    url: str
    read: Callable[[], DialogueItem | None] = field(repr=False)  # reads it after all, and says why if it can't
