"""The database: its tables, and how an episode gets in. All SQL lives here."""

import sqlite3
from typing import Any, Literal

from itemadapter import ItemAdapter

Change = Literal["new", "changed", "unchanged"]

#: The tables and their columns; README.md's data dictionary describes them.
SCHEMA = """
CREATE TABLE IF NOT EXISTS EPISODES (
    URL TEXT PRIMARY KEY NOT NULL,
    EPISODE TEXT,
    TITLE TEXT,
    CODE TEXT,
    SEASON INTEGER,
    AIRED TEXT,
    MYTHARC INTEGER
);
CREATE TABLE IF NOT EXISTS SCENES (
    URL TEXT NOT NULL,
    SCENE INTEGER NOT NULL,
    HEADING TEXT NOT NULL,
    PRIMARY KEY (URL, SCENE)
);
CREATE TABLE IF NOT EXISTS XFILES (
    EPISODE TEXT,
    CHARACTER TEXT NOT NULL,
    TEXT TEXT NOT NULL,
    SPEAKER TEXT NOT NULL,
    SPOKEN TEXT NOT NULL,
    SCENE INTEGER NOT NULL,
    LINE INTEGER NOT NULL,
    URL TEXT NOT NULL,
    PRIMARY KEY (URL, LINE)
);
"""

_KEEP = {
    "EPISODES": "INSERT INTO EPISODES VALUES (?, ?, ?, ?, ?, ?, ?)",
    "SCENES": "INSERT INTO SCENES VALUES (?, ?, ?)",
    "XFILES": "INSERT INTO XFILES VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
}
_READ = {
    "EPISODES": "SELECT * FROM EPISODES WHERE URL = ?",
    "SCENES": "SELECT * FROM SCENES WHERE URL = ? ORDER BY SCENE",
    "XFILES": "SELECT * FROM XFILES WHERE URL = ? ORDER BY LINE",
}
_FORGET = {
    "EPISODES": "DELETE FROM EPISODES WHERE URL = ?",
    "SCENES": "DELETE FROM SCENES WHERE URL = ?",
    "XFILES": "DELETE FROM XFILES WHERE URL = ?",
}


class DatabaseError(Exception):
    """The database can't be opened, read or written. Raised by :class:`Database`; the message is one line."""


class Database:
    """An SQLite database of episodes, each stored whole or not at all."""

    def __init__(self, path: str, timeout: float = 30) -> None:
        """Open the database at ``path`` and create what it lacks.

        A lock held by another writer is waited for, ``timeout`` seconds at most. Raises :exc:`DatabaseError`.
        """
        self.path = path
        try:
            self._connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
            # Readers never wait for the writer, nor the writer for them; synced at each checkpoint, not each commit:
            # a power cut can lose the last episodes, which the next crawl stores again, never tear one.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            for statement in filter(str.strip, SCHEMA.split(";")):
                self._connection.execute(statement)
        except sqlite3.Error as error:
            raise self._error("opened", error) from error

    def save(self, item: Any) -> Change:
        """Replace the episode of ``item``, a DialogueItem, in one transaction, and return what that changed.

        Raises :exc:`DatabaseError`; the episode's former rows are then still there.
        """
        rows = episode_rows(item)
        key = (ItemAdapter(item)["url"],)
        try:
            stored = self._rows(key)
            if stored == rows:
                return "unchanged"
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for table in rows:
                    self._connection.execute(_FORGET[table], key)
                    self._connection.executemany(_KEEP[table], rows[table])
        except sqlite3.Error as error:
            raise self._error("written", error) from error
        return "changed" if stored["EPISODES"] else "new"

    def urls(self) -> list[str]:
        """The URLs of the episodes stored. Raises :exc:`DatabaseError`."""
        try:
            return [url for (url,) in self._connection.execute("SELECT URL FROM EPISODES ORDER BY URL")]
        except sqlite3.Error as error:
            raise self._error("read", error) from error

    def close(self) -> None:
        self._connection.close()

    def _rows(self, key: tuple[str]) -> dict[str, list[tuple[Any, ...]]]:
        return {table: self._connection.execute(query, key).fetchall() for table, query in _READ.items()}

    def _error(self, done: str, error: sqlite3.Error) -> DatabaseError:
        return DatabaseError(f"the database {self.path} can't be {done}: {error}")


def episode_rows(item: Any) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of ``item``, a DialogueItem, by table, each in the order of its columns."""
    episode = ItemAdapter(item)
    url = episode["url"]
    mytharc = episode["mytharc"]
    return {
        "EPISODES": [
            (
                url,
                episode["episode"],
                episode["title"],
                episode["code"],
                episode["season"],
                episode["aired"],
                None if mytharc is None else int(mytharc),
            )
        ],
        "SCENES": [(url, scene.scene, scene.heading) for scene in episode["scenes"]],
        "XFILES": [
            (episode["episode"], line.character, line.text, line.speaker, line.spoken, line.scene, line.line, url)
            for line in episode["lines"]
        ],
    }
