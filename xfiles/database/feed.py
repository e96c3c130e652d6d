"""What a view says of one episode by itself, before it is in any database: for feeds."""

import sqlite3
from contextlib import closing

from xfiles.database.connection import insert_into
from xfiles.database.rows import COLUMNS, Row, episode_rows
from xfiles.database.schema import SPEECHES, VIEWS
from xfiles.items import DialogueItem


def speeches(episode: DialogueItem) -> list[Row]:
    """The rows of ``episode`` in the view SPEECHES, in the order of its lines."""
    # SQLite's memory answers the view's own query, in half the time that it takes to join dictionaries.
    with closing(sqlite3.connect(":memory:")) as memory:
        for table, rows in episode_rows(episode).items():
            memory.execute(f"CREATE TABLE {table} ({', '.join(COLUMNS[table])})")
            memory.executemany(insert_into(table, COLUMNS[table]), rows)
        return memory.execute(f"SELECT {', '.join(SPEECHES)} FROM ({VIEWS['SPEECHES']}) ORDER BY LINE").fetchall()
