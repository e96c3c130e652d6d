"""What the spider yields: the dialogue of one episode, with its lines and scenes."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Line:
    """A speech: all that a character says until someone else speaks or a scene begins."""

    line: int  # position on the page, from 1 without gaps
    scene: int  # number of its scene, 0 before the first heading
    character: str  # who speaks: the normalised name
    speaker: str  # the name as printed
    text: str  # the speech as printed, in one line, with its stage directions
    spoken: str  # the same without them; "" where nothing is said


@dataclass(slots=True)
class Scene:
    """A scene's heading."""

    scene: int  # from 1
    heading: str  # its number and its place as printed, in one line


@dataclass(slots=True)
class DialogueItem:
    """The dialogue of one episode: a whole page, since a whole episode is what is stored or not stored."""

    url: str  # without a fragment; the episode's key
    episode: str | None  # the page's title in one line, "Kill Switch - 5X11"
    title: str | None  # its name, "Kill Switch"
    code: str | None  # its production code, "5X11"
    season: int | None  # 1 to 10; None for another series
    aired: str | None  # ISO 8601 date of the first broadcast, as the index says
    mytharc: bool | None  # whether the index marks it as a mythology episode; None if the index does not list it
    lines: list[Line] = field(repr=False)
    scenes: list[Scene] = field(repr=False)
