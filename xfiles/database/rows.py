"""An episode's rows, and how they differ from those that are stored."""

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter, itemgetter
from typing import Any, Literal

from xfiles.database.schema import PAGED, TABLES
from xfiles.items import DialogueItem

Change = Literal["new", "changed", "unchanged"]
Row = tuple[Any, ...]
Rows = dict[str, list[Row]]  # by table

# Of a page's values, those that its rows repeat.
_OF_PAGE = ("PAGE", "EPISODE")
_OWN = {table: tuple(column for column in TABLES[table] if column not in _OF_PAGE) for table in PAGED}
#: The columns of each table that has a page's rows, in the order of a Row: the part's own, then its page's.
COLUMNS = {table: (*_OWN[table], *(column for column in _OF_PAGE if column in TABLES[table])) for table in PAGED}

# What the home page says of a page, or says where the page doesn't: a page read without the home page keeps what is
# stored.
_FROM_HOME_PAGE = ("EPISODE", "TITLE", "CODE", "NUMBER", "EPISODE_OF_SEASON", "AIRED", "MYTHARC")
# Where and how a page was read last: it may differ though the episode is the same.
_OF_READING = ("URL", "DIGEST")

_VALUES = {table: attrgetter(*map(str.lower, columns)) for table, columns in _OWN.items()}
_lasting = itemgetter(*(place for place, column in enumerate(COLUMNS["EPISODES"]) if column not in _OF_READING))
_speaker = itemgetter(*map(COLUMNS["XFILES"].index, ("SPEAKER", "CHARACTER")))


def episode_rows(episode: DialogueItem) -> Rows:
    """The rows of ``episode``, in the order of their keys: each column is the field of its name, in lower case."""
    parts: dict[str, list[Any]] = {
        "EPISODES": [episode],
        "SCENES": episode.scenes,
        "DIRECTIONS": episode.directions,
        "XFILES": episode.lines,
    }
    rows = {}
    for table in PAGED:
        values = _VALUES[table]
        of_page = tuple(getattr(episode, column.lower()) for column in _OF_PAGE if column in TABLES[table])
        rows[table] = [values(part) + of_page for part in parts[table]]
    return rows


def fill_from(stored: Rows, episode: DialogueItem) -> DialogueItem:
    """``episode``, with what the home page said of its page before in place of what is None now."""
    for row in stored["EPISODES"]:
        said = dict(zip(COLUMNS["EPISODES"], row, strict=True))
        unsaid = [column for column in _FROM_HOME_PAGE if getattr(episode, column.lower()) is None]
        episode = replace(episode, **{column.lower(): said[column] for column in unsaid})
    return episode


def compare(stored: Rows, rows: Rows) -> Change:
    """What it changes to store ``rows`` in place of the ``stored`` ones. A new URL or DIGEST alone is no change."""
    if not stored["EPISODES"]:
        return "new"
    (before,), (after,) = stored["EPISODES"], rows["EPISODES"]
    same = _lasting(before) == _lasting(after) and all(
        stored[table] == rows[table] for table in PAGED if table != "EPISODES"
    )
    return "unchanged" if same else "changed"


def speakers(rows: Rows) -> Iterator[tuple[str, str]]:
    """The SPEAKER and the CHARACTER of each speech of ``rows``."""
    return map(_speaker, rows["XFILES"])
