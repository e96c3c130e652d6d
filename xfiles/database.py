"""The database: its tables, and how an episode gets in. All SQL lives here, written once for SQLite and PostgreSQL."""

import re
import sqlite3
from contextlib import AbstractContextManager, contextmanager
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
    """The database can't be opened, read or written. Raised by :func:`open_database` and :class:`Database`; the message
    is one line."""


def open_database(address: str, timeout: float = 30) -> "Database":
    """Open the database at ``address`` and create what it lacks.

    ``address`` is the path of an SQLite file, or a URL that starts with postgresql://. Another writer's lock is waited
    for, ``timeout`` seconds at most. Raises :exc:`DatabaseError`.
    """
    if re.match(r"postgres(ql)?://", address):
        return PostgreSQLDatabase(address, timeout)
    return SQLiteDatabase(address, timeout)


class Database:
    """Episodes, each stored whole or not at all. Its children say what the two kinds of database do differently."""

    error: type[Exception]  # what the driver raises
    placeholder: str  # how the driver writes a bound parameter

    def __init__(self, address: str, timeout: float) -> None:
        self.name = re.sub(r"//[^/@]*@", "//", address)  # without a password: it is logged
        try:
            self._connection = self._connect(address, timeout)
            with self._transaction("schema"):
                for statement in filter(str.strip, SCHEMA.split(";")):
                    self._connection.execute(statement)
        except self.error as error:
            raise self._failure("opened", error) from error

    def _connect(self, address: str, timeout: float) -> Any:
        raise NotImplementedError

    def _transaction(self, key: str) -> AbstractContextManager[None]:
        """A transaction that no other writer of ``key`` runs beside."""
        raise NotImplementedError

    def save(self, item: Any) -> Change:
        """Replace the episode of ``item``, a DialogueItem, in one transaction, and return what that changed.

        Raises :exc:`DatabaseError`; the episode's former rows are then still there.
        """
        rows = episode_rows(item)
        url = ItemAdapter(item)["url"]
        try:
            if self._rows(url) == rows:
                return "unchanged"
            with self._transaction(url):
                stored = self._rows(url)
                for table in rows:
                    self._execute(_FORGET[table], (url,))
                    self._connection.cursor().executemany(self._sql(_KEEP[table]), rows[table])
        except self.error as error:
            raise self._failure("written", error) from error
        return "changed" if stored["EPISODES"] else "new"

    def urls(self) -> list[str]:
        """The URLs of the episodes stored. Raises :exc:`DatabaseError`."""
        try:
            return [url for (url,) in self._execute("SELECT URL FROM EPISODES ORDER BY URL")]
        except self.error as error:
            raise self._failure("read", error) from error

    def close(self) -> None:
        self._connection.close()

    def _rows(self, url: str) -> dict[str, list[tuple[Any, ...]]]:
        return {table: self._execute(query, (url,)).fetchall() for table, query in _READ.items()}

    def _execute(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        return self._connection.execute(self._sql(query), values)

    def _sql(self, query: str) -> str:
        return query.replace("?", self.placeholder)

    def _failure(self, done: str, error: Exception) -> DatabaseError:
        return DatabaseError(f"the database {self.name} can't be {done}: {' '.join(str(error).split())}")


class SQLiteDatabase(Database):
    error = sqlite3.Error
    placeholder = "?"

    def _connect(self, address: str, timeout: float) -> sqlite3.Connection:
        connection = sqlite3.connect(address, timeout=timeout, isolation_level=None)
        # Readers never wait for the writer, nor the writer for them; synced at each checkpoint, not each commit:
        # a power cut can lose the last episodes, which the next crawl stores again, never tear one.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @contextmanager
    def _transaction(self, key: str):
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield


class PostgreSQLDatabase(Database):
    placeholder = "%s"

    def __init__(self, address: str, timeout: float) -> None:
        try:
            import psycopg
        except ImportError:
            raise DatabaseError("PostgreSQL needs psycopg: pip install -r requirements-cluster.txt") from None
        self.error = psycopg.Error
        super().__init__(address, timeout)

    def _connect(self, address: str, timeout: float) -> Any:
        import psycopg

        connection = psycopg.connect(address, autocommit=True, connect_timeout=max(2, round(timeout)))
        connection.execute("SELECT set_config('lock_timeout', %s, false)", (str(round(timeout * 1000)),))
        connection.execute("SET client_min_messages = warning")  # not a notice for each table that exists
        return connection

    @contextmanager
    def _transaction(self, key: str):
        with self._connection.transaction():
            # Two writers of a new episode would both find nothing to delete, and one would fail on the other's rows.
            self._connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (key,))
            yield


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
