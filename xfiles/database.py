"""The database: its tables and views, and how an episode gets in.

All SQL lives here, written once for SQLite and PostgreSQL.
"""

import re
import sqlite3
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar, Literal

from itemadapter import ItemAdapter

from xfiles.text import one_line, stable_hash

Change = Literal["new", "changed", "unchanged"]

#: The tables, their columns, and the views; README.md's data dictionary describes them.
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
    ID INTEGER PRIMARY KEY,
    UNIQUE (URL, LINE)
);
CREATE VIEW IF NOT EXISTS SPEECHES AS
SELECT X.EPISODE, X.CHARACTER, X.TEXT, E.TITLE, E.CODE, E.SEASON, E.AIRED, E.MYTHARC,
    X.SCENE, S.HEADING, X.LINE, X.SPEAKER, X.SPOKEN, X.URL, X.ID
FROM XFILES AS X
JOIN EPISODES AS E ON E.URL = X.URL
LEFT JOIN SCENES AS S ON S.URL = X.URL AND S.SCENE = X.SCENE;
CREATE VIEW IF NOT EXISTS REPLIES AS
SELECT R.EPISODE, L.CHARACTER AS SAID_BY, L.SPOKEN AS SAID, R.CHARACTER, R.SPOKEN AS REPLY,
    E.SEASON, R.SCENE, R.LINE, R.URL, E.FOLD, L.ID AS SAID_ID
FROM XFILES AS L
JOIN XFILES AS R ON R.URL = L.URL AND R.LINE = L.LINE + 1 AND R.SCENE = L.SCENE
JOIN (SELECT URL, SEASON, row_number() OVER (ORDER BY URL) % 10 AS FOLD FROM EPISODES) AS E ON E.URL = L.URL
WHERE L.SPOKEN <> '' AND R.SPOKEN <> '' AND L.CHARACTER <> R.CHARACTER;
"""

#: SQLite's full-text index of XFILES.TEXT, which it reads from there by the row's ID.
SEARCH = """
CREATE VIRTUAL TABLE IF NOT EXISTS SEARCH
USING fts5(TEXT, content = 'XFILES', content_rowid = 'ID', tokenize = 'porter unicode61')
"""
_INDEX = "INSERT INTO SEARCH (rowid, TEXT) SELECT ID, TEXT FROM XFILES WHERE URL = ?"
_UNINDEX = "INSERT INTO SEARCH (SEARCH, rowid, TEXT) SELECT 'delete', ID, TEXT FROM XFILES WHERE URL = ?"

_KEEP = {
    "EPISODES": "INSERT INTO EPISODES VALUES (?, ?, ?, ?, ?, ?, ?)",
    "SCENES": "INSERT INTO SCENES VALUES (?, ?, ?)",
    "XFILES": "INSERT INTO XFILES VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
    dialect: ClassVar[dict[str, str]] = {}  # what is written in another way than SQLite's

    def __init__(self, address: str, timeout: float) -> None:
        self.name = re.sub(r"//[^/@]*@", "//", address)  # without a password: it is logged
        try:
            self._connection = self._connect(address, timeout)
            with self._transaction("schema"):
                for statement in filter(str.strip, SCHEMA.split(";")):
                    self._connection.execute(self._sql(statement))
                self._create_index()
        except self.error as error:
            raise self._failure("opened", error) from error

    def _connect(self, address: str, timeout: float) -> Any:
        raise NotImplementedError

    def _transaction(self, key: str) -> AbstractContextManager[None]:
        """A transaction that no other writer of ``key`` runs beside."""
        raise NotImplementedError

    def _create_index(self) -> None:
        """Create the full-text index, if the database keeps one."""

    def _index(self, url: str) -> None:
        """Put the lines of the episode at ``url`` into the full-text index."""

    def _unindex(self, url: str) -> None:
        """Take them out, as long as they are as they were put in."""

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
                known = self._execute(_READ["EPISODES"], (url,)).fetchone()
                self._unindex(url)
                for table in rows:
                    self._execute(_FORGET[table], (url,))
                    self._connection.cursor().executemany(self._sql(_KEEP[table]), rows[table])
                self._index(url)
        except self.error as error:
            raise self._failure("written", error) from error
        return "changed" if known else "new"

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
        for words, others in self.dialect.items():
            query = query.replace(words, others)
        return query

    def _failure(self, done: str, error: Exception) -> DatabaseError:
        return DatabaseError(f"the database {self.name} can't be {done}: {one_line(str(error))}")


class SQLiteDatabase(Database):
    error = sqlite3.Error

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

    def _create_index(self) -> None:
        self._connection.execute(SEARCH)

    # In bulk, in the transaction that replaces the episode: a trigger a row takes five times as long.
    def _index(self, url: str) -> None:
        self._connection.execute(_INDEX, (url,))

    def _unindex(self, url: str) -> None:
        self._connection.execute(_UNINDEX, (url,))


class PostgreSQLDatabase(Database):
    dialect: ClassVar[dict[str, str]] = {
        "?": "%s",
        "INTEGER PRIMARY KEY": "BIGINT PRIMARY KEY",
        "CREATE VIEW IF NOT EXISTS": "CREATE OR REPLACE VIEW",
    }

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
    url, name, mytharc = episode["url"], episode["episode"], episode["mytharc"]
    first_id = _id(url)
    return {
        "EPISODES": [
            (
                url,
                name,
                episode["title"],
                episode["code"],
                episode["season"],
                episode["aired"],
                None if mytharc is None else int(mytharc),
            )
        ],
        "SCENES": [(url, scene.scene, scene.heading) for scene in episode["scenes"]],
        "XFILES": [
            (
                name,
                line.character,
                line.text,
                line.speaker,
                line.spoken,
                line.scene,
                line.line,
                url,
                first_id + line.line,
            )
            for line in episode["lines"]
        ],
    }


def _id(url: str) -> int:
    """A number far from that of every other URL, the same in every database.

    Below 2^52, which JavaScript can hold: ranges of 400 lines of 20,000 pages overlap once in 50,000 archives.
    """
    return stable_hash(url) % 2**52
