"""What the tables' pages say of each column: the words of docs/data.md, and metadata.yml's of a view's own."""

import re
from functools import cache
from pathlib import Path

from datasette import hookimpl

DICTIONARY = Path(__file__).resolve().parents[2] / "docs/data.md"
#: From which table a view's column is, if several have one of its name.
VIEWS = {
    "SPEECHES": ("XFILES", "SCENES", "EPISODES"),
    "SCRIPT": ("DIRECTIONS", "XFILES"),
    "REPLIES": ("XFILES", "EPISODES"),
    "TURNS": ("XFILES",),
}


@hookimpl
def get_metadata():
    return {"databases": {"xfiles_db": {"tables": {table: {"columns": what} for table, what in columns().items()}}}}


@cache
def columns() -> dict[str, dict[str, str]]:
    """What each column of each table and view is, in plain text."""
    found: dict[str, dict[str, str]] = {}
    for line in DICTIONARY.read_text("utf-8").splitlines():
        if table := re.match(r"`(\w+)`, one row per ", line):
            current = found[table[1]] = {}
        elif row := re.match(r"\| (\w+) \| [A-Z]+ \| (.*) \|$", line):
            above = next((other[row[1]] for other in found.values() if row[1] in other), "")
            current[row[1]] = above if row[2] == "as above" else row[2].replace("`", "")
    for view, tables in VIEWS.items():
        found[view] = {column: what for table in reversed(tables) for column, what in found[table].items()}
    return found
