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
_OWN = {table: tuple(column for column in TABLES[table] if column not in (*_OF_PAGE, "EXTENT")) for table in PAGED}
#: The columns of each table that has a page's rows, in the order of a Row: the part's own, then its page's.
COLUMNS = {
    table: (*_OWN[table], *(column for column in (*_OF_PAGE, "EXTENT") if column in TABLES[table])) for table in PAGED
}

# What of a page's parts EXTENT measures.
_TEXTS = {
    table: [column for column in _OWN[table] if TABLES[table][column].startswith("TEXT")]
    for table in PAGED
    if table != "EPISODES"
}
#: The SQL for what the EXTENT of a stored page would be by the rows that it has now.
EXTENT = " || ', ' || ".join(
    f"(SELECT '{table} ' || count(*) || ':'"
    f" || coalesce(sum({' + '.join(f'coalesce(length({text}), 0)' for text in texts)}), 0)"
    f" FROM {table} WHERE {table}.PAGE = EPISODES.PAGE)"
    for table, texts in _TEXTS.items()
)

#: What the home page alone says of a page.
LISTING = ("NUMBER", "EPISODE_OF_SEASON", "AIRED", "MYTHARC")
# That, and what it says where the page doesn't: a page read without the home page keeps what is stored.
_FROM_HOME_PAGE = ("EPISODE", "TITLE", "CODE", *LISTING)
# Where and how a page was read last: it may differ though the episode is the same.
_OF_READING = ("URL", "LEADS_TO", "DIGEST", "EXTENT")

_VALUES = {table: attrgetter(*map(str.lower, columns)) for table, columns in _OWN.items()}
_lasting = itemgetter(*(place for place, column in enumerate(COLUMNS["EPISODES"]) if column not in _OF_READING))
_speaker = itemgetter(*map(COLUMNS["XFILES"].index, ("SPEAKER", "CHARACTER")))

#: The values of LISTING, of an Entry.
listing = attrgetter(*map(str.lower, LISTING))


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
    rows["EPISODES"] = [(*row, _extent(rows)) for row in rows["EPISODES"]]
    return rows


def _extent(rows: Rows) -> str:
    """How many rows there are of a page's parts in each table, and how many letters their texts have."""
    extents = []
    for table, texts in _TEXTS.items():
        places = map(COLUMNS[table].index, texts)
        letters = sum(len("".join([row[place] or "" for row in rows[table]])) for place in places)
        extents.append(f"{table} {len(rows[table])}:{letters}")
    return ", ".join(extents)


def fill_from(stored: Rows, episode: DialogueItem) -> DialogueItem:
    """``episode``, with what the home page said of its page before in place of what is None now."""
    for row in stored["EPISODES"]:
        said = dict(zip(COLUMNS["EPISODES"], row, strict=True))
        unsaid = [column for column in _FROM_HOME_PAGE if getattr(episode, column.lower()) is None]
        episode = replace(episode, **{column.lower(): said[column] for column in unsaid})
    return episode


def compare(stored: Rows, rows: Rows) -> Change:
    """What it changes to store ``rows`` in place of the ``stored`` ones, but for how and where the page was read."""
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
