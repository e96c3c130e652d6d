"""The database: its tables and views, and how an episode gets in.

All SQL lives here, and each column is declared once, in :data:`TABLES`. SQLite and PostgreSQL differ in a few named
attributes and methods of their classes.
"""

import logging
import math
import os
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar, Literal

from xfiles.items import DialogueItem
from xfiles.ledger import Summary
from xfiles.reading.addresses import page_key, speech_id
from xfiles.reading.characters import ALIASES
from xfiles.reading.text import one_line

logger = logging.getLogger(__name__)

Change = Literal["new", "changed", "unchanged"]
Row = dict[str, Any]  # by column

#: The version of the schema: what is in TABLES, KEYS and the views. That of 1.0.0, which had none, counts as 1.
VERSION = 2

#: The tables and their columns; README.md's data dictionary describes them.
TABLES: dict[str, dict[str, str]] = {
    "EPISODES": {
        "PAGE": "TEXT NOT NULL",
        "EPISODE": "TEXT",
        "TITLE": "TEXT",
        "CODE": "TEXT",
        "SEASON": "INTEGER",
        "NUMBER": "INTEGER",
        "AIRED": "TEXT",
        "MYTHARC": "INTEGER",
        "TRANSCRIBER": "TEXT",
        "WORDS": "INTEGER",
        "UNREAD": "INTEGER",
        "URL": "TEXT",
        "DIGEST": "TEXT",
    },
    "SCENES": {
        "PAGE": "TEXT NOT NULL",
        "SCENE": "INTEGER NOT NULL",
        "HEADING": "TEXT NOT NULL",
        "PLACE": "TEXT",
    },
    "DIRECTIONS": {
        "PAGE": "TEXT NOT NULL",
        "SCENE": "INTEGER NOT NULL",
        "LINE": "INTEGER NOT NULL",
        "PART": "INTEGER NOT NULL",
        "KIND": "TEXT NOT NULL",
        "TEXT": "TEXT NOT NULL",
    },
    "XFILES": {
        "EPISODE": "TEXT",
        "CHARACTER": "TEXT NOT NULL",
        "TEXT": "TEXT NOT NULL",
        "SPEAKER": "TEXT NOT NULL",
        "SPOKEN": "TEXT NOT NULL",
        "SCENE": "INTEGER NOT NULL",
        "LINE": "INTEGER NOT NULL",
        "PAGE": "TEXT NOT NULL",
        "ID": "INTEGER PRIMARY KEY",
    },
    "CHARACTERS": {
        "ALIAS": "TEXT NOT NULL",
        "CHARACTER": "TEXT NOT NULL",
    },
}

#: The columns that tell a table's rows apart, in the order in which a page's rows are read.
KEYS = {
    "EPISODES": ("PAGE",),
    "SCENES": ("PAGE", "SCENE"),
    "DIRECTIONS": ("PAGE", "LINE", "PART"),
    "XFILES": ("PAGE", "LINE"),
    "CHARACTERS": ("ALIAS", "CHARACTER"),
}

#: The tables whose rows are a page's, and replaced with it.
PAGED = tuple(table for table in TABLES if "PAGE" in TABLES[table])

#: The columns of the view SPEECHES, and of a row of a CSV feed: a speech with what is known of its episode and scene.
SPEECHES = (
    *("EPISODE", "CHARACTER", "TEXT", "TITLE", "CODE", "SEASON", "NUMBER", "AIRED", "MYTHARC"),
    *("SCENE", "HEADING", "PLACE", "LINE", "SPEAKER", "SPOKEN", "PAGE", "URL", "ID"),
)


def _from(*tables: str) -> str:
    """SPEECHES, each column of the first of ``tables`` that has it."""
    return ", ".join(next(f"{table}.{column}" for table in tables if column in TABLES[table]) for column in SPEECHES)


#: The views and their queries.
VIEWS = {
    "SPEECHES": f"""
        SELECT {_from("XFILES", "SCENES", "EPISODES")}
        FROM XFILES
        JOIN EPISODES ON EPISODES.PAGE = XFILES.PAGE
        LEFT JOIN SCENES ON SCENES.PAGE = XFILES.PAGE AND SCENES.SCENE = XFILES.SCENE
    """,
    # A speech's ID is one more than that of the speech before it on its page. The join says so in both directions, so
    # that the database can start from either side.
    "REPLIES": """
        SELECT R.EPISODE, L.CHARACTER AS SAID_BY, L.SPOKEN AS SAID, R.CHARACTER, R.SPOKEN AS REPLY,
            E.SEASON, E.NUMBER, R.SCENE, R.LINE, R.PAGE, E.FOLD, L.ID AS SAID_ID
        FROM XFILES AS L
        JOIN XFILES AS R ON R.ID = L.ID + 1 AND L.ID = R.ID - 1 AND R.PAGE = L.PAGE AND R.SCENE = L.SCENE
        JOIN (
            SELECT PAGE, SEASON, NUMBER, row_number() OVER (ORDER BY PAGE) % 10 AS FOLD FROM EPISODES
        ) AS E ON E.PAGE = L.PAGE
        WHERE L.SPOKEN <> '' AND R.SPOKEN <> '' AND L.CHARACTER <> R.CHARACTER
    """,
    # A scene's heading goes before all else of the scene; a direction follows the speech whose LINE it has.
    "SCRIPT": """
        SELECT PAGE, EPISODE, SCENE, LINE, 0 AS PART, 'speech' AS KIND, CHARACTER, TEXT FROM XFILES
        UNION ALL
        SELECT S.PAGE, E.EPISODE, S.SCENE, 0, 0, 'scene', NULL, S.HEADING
        FROM SCENES AS S JOIN EPISODES AS E ON E.PAGE = S.PAGE
        UNION ALL
        SELECT D.PAGE, E.EPISODE, D.SCENE, D.LINE, D.PART, D.KIND, NULL, D.TEXT
        FROM DIRECTIONS AS D JOIN EPISODES AS E ON E.PAGE = D.PAGE
        ORDER BY PAGE, SCENE, LINE, PART
    """,
}

# What the home page says of a page, or says where the page doesn't: a page read without the home page keeps what is
# stored.
_FROM_HOME_PAGE = ("EPISODE", "TITLE", "CODE", "NUMBER", "AIRED", "MYTHARC")
# Where and how a page was read last: it may differ though the episode is the same.
_OF_READING = ("URL", "DIGEST")

# An address that libpq reads as its writer meant it: one @ at most, before the first slash; libpq judges the rest.
_HOST = r"(?:\[[^]@/?#]*\]|[^][@/?#:,]*)(?::\d*)?"
_POSTGRESQL = re.compile(rf"postgres(?:ql)?://(?:[^@/?#]*@)?(?P<place>{_HOST}(?:,{_HOST})*(?:/[^@/?#]*)?)(?:\?[^@#]*)?")
_ESCAPES = "with / @ ? # & % and spaces in it written %2F %40 %3F %23 %26 %25 and %20"
# Other addresses and libpq's words, which may hold a password. C:\ is a path.
_NO_PATH = re.compile(
    r"\s*(?:(?![a-z]:[\\/](?!/))[\w.+%-]+:|//)|.*\b(?:host|hostaddr|port|user|dbname|password|service)\s*=",
    re.IGNORECASE | re.DOTALL,
)


class DatabaseError(Exception):
    """The database can't be opened, read or written. Raised by :func:`open_database` and :class:`Database`; the message
    is one line without a password."""


class EpisodeError(DatabaseError):
    """One episode can't be stored, though the database works. Raised by :meth:`Database.save` and
    :meth:`Database.summary`."""


def open_database(address: str, timeout: float = 30) -> "Database":
    """Open the database at ``address``, create what it lacks, and upgrade one that an older version made.

    ``address`` is the path of an SQLite file, or a URL that starts with postgresql://. A file that does not exist is
    made when the first episode is saved. Another writer's lock is waited for, ``timeout`` seconds at most. Raises
    :exc:`DatabaseError`.
    """
    if not address or not address.strip():
        raise DatabaseError(
            "XFILES_DATABASE is empty: give the path of an SQLite file, or postgresql://user@host/database"
        )
    if _POSTGRESQL.fullmatch(address):
        return PostgreSQLDatabase(address, timeout)
    if _NO_PATH.match(address):
        raise DatabaseError(
            "XFILES_DATABASE is neither a path nor an address of PostgreSQL: give postgresql://user@host/database, "
            f"with the password in ~/.pgpass or {_ESCAPES}; "
            "start a path that looks like an address with ./"
        )
    return SQLiteDatabase(address, timeout)


def safe_address(address: str) -> str:
    """``address`` as it may be printed: of PostgreSQL's the host and the database only; "…" if it is no address."""
    if found := _POSTGRESQL.fullmatch(address):
        return f"postgresql://{found['place']}"
    return "…" if _NO_PATH.match(address) else address


class Database:
    """Episodes, each stored whole or not at all. Its subclasses say what the two kinds of database do differently."""

    error: type[Exception]  # what the driver raises
    episode_errors: tuple[type[Exception], ...]  # those of them that are about the rows, not the database
    placeholder: ClassVar[str]  # of a value in a query, by its name
    types: ClassVar[dict[str, str]] = {}  # declarations that are written in another way than in TABLES

    def __init__(self, address: str, timeout: float) -> None:
        self.address = address
        self.timeout = timeout
        self.name = safe_address(address)
        self._connection: Any = None
        if self._exists():
            self._open()

    def save(self, episode: DialogueItem) -> Change:
        """Replace the rows of ``episode`` in one transaction, and return what that changed.

        What the home page said of the page before is kept where ``episode`` says None. A new URL or DIGEST alone is
        stored, but doesn't count as a change. Raises :exc:`DatabaseError`, or :exc:`EpisodeError` if only this episode
        can't be stored; its former rows are then still there.
        """
        if self._connection is None:
            self._open()
        self._check()
        try:
            known = self._read(episode.page)
            rows = episode_rows(_fill_from(known, episode))
            if rows == known:
                return "unchanged"
            with self._transaction(episode.page):
                if (found := self._read(episode.page)) != known:  # another writer came first
                    known, rows = found, episode_rows(_fill_from(found, episode))
                change = _compare(known, rows)
                self._replace(episode.page, known, rows, PAGED if change != "unchanged" else ["EPISODES"])
        except self.episode_errors as error:
            raise EpisodeError(f"its episode can't be stored: {one_line(str(error))}") from error
        except self.error as error:
            raise self._failure("written", error) from error
        before, after = len(known["XFILES"]), len(rows["XFILES"])
        if after < before / 2:  # the site decides, but it may be an accident
            logger.warning("The page %s has shrunk: %d speeches, after %d", episode.url, after, before)
        return change

    def pages(self) -> dict[str, str | None]:
        """The pages whose episodes are stored, and the DIGEST of each, None if it has no speeches any more.

        Raises :exc:`DatabaseError`.
        """
        if self._connection is None:
            return {}
        spoken = "EXISTS (SELECT * FROM XFILES WHERE XFILES.PAGE = EPISODES.PAGE)"
        try:
            return dict(self._execute(f"SELECT PAGE, CASE WHEN {spoken} THEN DIGEST END FROM EPISODES").fetchall())
        except self.error as error:
            raise self._failure("read", error) from error

    def summary(self, page: str, url: str) -> Summary:
        """What is stored of ``page``, read at ``url``. Raises :exc:`DatabaseError`, and :exc:`EpisodeError` if that is
        nothing."""
        try:
            counts = self._execute(
                f"SELECT WORDS, UNREAD FROM EPISODES WHERE PAGE = {self._value('PAGE')}", PAGE=page
            ).fetchone()
            found = self._execute(
                "SELECT CHARACTER, count(*), count(CASE WHEN SCENE = 0 THEN 1 END) FROM XFILES"
                f" WHERE PAGE = {self._value('PAGE')} GROUP BY CHARACTER",
                PAGE=page,
            ).fetchall()
        except self.error as error:
            raise self._failure("read", error) from error
        if counts is None:
            raise EpisodeError("its episode was deleted from the database during the crawl")
        words, unread = counts
        characters = Counter({character: count for character, count, _ in found})
        return Summary(page, url, characters, sum(sceneless for *_, sceneless in found), words or 0, unread or 0)

    def leave_order(self, page: str) -> None:
        """Forget the NUMBER of ``page``, which the home page doesn't list any more. Raises :exc:`DatabaseError`."""
        query = f"UPDATE EPISODES SET NUMBER = NULL WHERE PAGE = {self._value('PAGE')} AND NUMBER IS NOT NULL"
        try:
            self._execute(query, PAGE=page)
        except self.error as error:
            raise self._failure("written", error) from error

    def close(self) -> None:
        """Raises :exc:`DatabaseError` if what was stored is no longer there."""
        if self._connection is not None:
            self._connection.close()
            self._check()

    # --- what the two kinds do differently ---

    def _exists(self) -> bool:
        """Whether there is a database to open. Raises :exc:`DatabaseError` if none could be made either."""
        return True

    def _connect(self) -> Any:
        raise NotImplementedError

    def _check(self) -> None:
        """Raise :exc:`DatabaseError` if what is stored would be lost."""

    def _transaction(self, key: str) -> AbstractContextManager[None]:
        """A transaction that no other writer of ``key`` runs beside."""
        raise NotImplementedError

    def _lock(self, key: str) -> None:
        """Within a transaction: wait for every other one that locks ``key``, until it has ended."""

    def _version(self) -> int:
        """The version of the schema; 1 of a database that 1.0.0 made, 0 of an empty one."""
        raise NotImplementedError

    def _set_version(self) -> None:
        raise NotImplementedError

    def _search_works(self) -> bool:
        """Whether the full-text index is there and answers."""
        raise NotImplementedError

    def _create_search(self) -> None:
        """Make the full-text index anew, whatever is there of it."""
        raise NotImplementedError

    def _index(self, page: str) -> None:
        """Put the speeches of ``page`` into the full-text index, if that isn't done by the database itself."""

    def _unindex(self, page: str) -> None:
        """Take the speeches of ``page`` out again, before their rows change."""

    # --- opening ---

    def _open(self) -> None:
        try:
            self._connection = self._connect()
            self._prepare()
        except (self.error, OSError, ValueError, DatabaseError) as error:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if isinstance(error, DatabaseError):
                raise
            raise self._failure("opened", error) from error

    def _prepare(self) -> None:
        # With the version as it should be nothing is created: that would wait for analysts, and need their rights.
        if self._known_version() < VERSION:
            with self._transaction("schema"):
                if (version := self._known_version()) < VERSION:  # still: another crawl may have come first
                    self._upgrade(version)
        if not self._search_works():
            with self._transaction("schema"):
                if not self._search_works():
                    logger.warning("The database %s: its full-text index is missing or broken, made anew", self.name)
                    self._create_search()

    def _known_version(self) -> int:
        version = self._version()
        if version > VERSION:
            raise DatabaseError(
                f"the database {self.name} was made by a newer version of xfiles (schema {version}; "
                f"this one knows {VERSION}): update xfiles, or give another database"
            )
        return version

    def _upgrade(self, version: int) -> None:
        """Make what a database of schema ``version`` lacks."""
        if version == 1:
            self._set_aside()
        for table, columns in TABLES.items():
            declared = [f"{column} {self.types.get(kind, kind)}" for column, kind in columns.items()]
            unique = "UNIQUE" if "ID" in columns else "PRIMARY KEY"
            self._execute(f"CREATE TABLE {table} ({', '.join(declared)}, {unique} ({', '.join(KEYS[table])}))")
        self._execute("CREATE INDEX XFILES_CHARACTER ON XFILES (CHARACTER)")
        for view, query in VIEWS.items():
            self._execute(f"CREATE VIEW {view} AS {query}")
        if version == 1:
            self._bring_back()
        self._create_search()
        self._set_version()

    _OF_VERSION_1 = ("EPISODES", "SCENES", "XFILES")

    def _set_aside(self) -> None:
        """Move the tables of 1.0.0, which had URL for a key, out of the way."""
        for view in ("SPEECHES", "REPLIES"):
            self._execute(f"DROP VIEW IF EXISTS {view}")
        for table in self._OF_VERSION_1:
            self._execute(f"CREATE TEMP TABLE OLD_{table} AS SELECT * FROM {table}")
            self._execute(f"DROP TABLE {table}")

    def _bring_back(self) -> None:
        """Fill the tables with the rows set aside. What 1.0.0 did not know is NULL until the next crawl."""
        urls = self._execute(
            "SELECT URL FROM OLD_EPISODES UNION SELECT URL FROM OLD_SCENES UNION SELECT URL FROM OLD_XFILES"
        )
        speeches = dict(self._execute("SELECT URL, count(*) FROM OLD_XFILES GROUP BY URL").fetchall())
        kept: dict[str, str] = {}
        # Two spellings of one page's address: nothing says which was read later, so the one with more speeches, and of
        # two with as many the https one.
        for url in sorted(
            (url for (url,) in urls.fetchall()), key=lambda url: (speeches.get(url, 0), url), reverse=True
        ):
            page = page_key(url)
            if kept.setdefault(page, url) != url:
                logger.warning(
                    "The database %s held the page %s twice: kept that of %s (%d speeches), left out %s (%d speeches)",
                    *(self.name, page, kept[page], speeches.get(kept[page], 0), url, speeches.get(url, 0)),
                )
        self._execute("CREATE TEMP TABLE OLD_PAGES (URL TEXT, PAGE TEXT, ID BIGINT)")
        self._insert("OLD_PAGES", [{"URL": url, "PAGE": page, "ID": speech_id(page, 0)} for page, url in kept.items()])
        for table in self._OF_VERSION_1:
            known = {name.upper() for name, *_ in self._execute(f"SELECT * FROM OLD_{table} LIMIT 0").description}
            values = {column: f"O.{column}" for column in TABLES[table] if column in known}
            values["PAGE"] = "P.PAGE"
            if "ID" in values:
                values["ID"] = "P.ID + O.LINE"
            self._execute(
                f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
                f" FROM OLD_{table} AS O JOIN OLD_PAGES AS P ON P.URL = O.URL"
            )
            self._execute(f"DROP TABLE OLD_{table}")
        self._execute("DROP TABLE OLD_PAGES")
        self._update_characters(self._execute("SELECT DISTINCT SPEAKER, CHARACTER FROM XFILES").fetchall())
        logger.info(
            "The database %s was upgraded: %d episodes; the next crawl fills its new columns", self.name, len(kept)
        )

    # --- reading and writing ---

    def _read(self, page: str) -> dict[str, list[Row]]:
        """The rows of ``page`` by table."""
        rows = {}
        for table in PAGED:
            columns = TABLES[table]
            found = self._execute(
                f"SELECT {', '.join(columns)} FROM {table} WHERE PAGE = {self._value('PAGE')}"
                f" ORDER BY {', '.join(KEYS[table])}",
                PAGE=page,
            )
            rows[table] = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        return rows

    def _replace(
        self, page: str, known: dict[str, list[Row]], rows: dict[str, list[Row]], tables: Iterable[str]
    ) -> None:
        """Replace the ``known`` rows of ``tables`` with ``rows``."""
        if "XFILES" in tables:
            self._unindex(page)
        for table in tables:
            self._execute(f"DELETE FROM {table} WHERE PAGE = {self._value('PAGE')}", PAGE=page)
            self._insert(table, rows[table])
        if "XFILES" in tables:
            self._index(page)
        self._update_characters(_speakers(rows), before=_speakers(known))

    def _update_characters(self, speakers: Iterable[tuple[str, str]], before: Iterable[tuple[str, str]] = ()) -> None:
        """Keep CHARACTERS true: ``speakers`` (SPEAKER, CHARACTER) speak on a page on which it was those ``before``."""
        # Nobody else's page can lose or gain the same name meanwhile.
        self._lock("CHARACTERS")
        names = aliases(speakers)
        self._insert(
            "CHARACTERS",
            [dict(zip(TABLES["CHARACTERS"], row, strict=True)) for row in names],
            "ON CONFLICT DO NOTHING",
        )
        gone = aliases(before) - names
        for character in {character for _, character in gone}:
            query = f"SELECT DISTINCT SPEAKER FROM XFILES WHERE CHARACTER = {self._value('CHARACTER')}"
            elsewhere = self._execute(query, CHARACTER=character).fetchall()
            gone -= aliases((speaker, character) for (speaker,) in elsewhere)
        query = (
            f"DELETE FROM CHARACTERS WHERE ALIAS = {self._value('ALIAS')} AND CHARACTER = {self._value('CHARACTER')}"
        )
        for alias, character in gone:
            self._execute(query, ALIAS=alias, CHARACTER=character)

    def _insert(self, table: str, rows: list[Row], otherwise: str = "") -> None:
        """Insert ``rows``, which all have the same columns."""
        if rows:
            columns = ", ".join(rows[0])
            values = ", ".join(map(self._value, rows[0]))
            self._connection.cursor().executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({values}) {otherwise}", rows
            )

    def _execute(self, query: str, **values: Any) -> Any:
        return self._connection.execute(query, values) if values else self._connection.execute(query)

    def _value(self, name: str) -> str:
        return self.placeholder.format(name)

    def _failure(self, done: str, error: Exception) -> DatabaseError:
        return DatabaseError(f"the database {self.name} can't be {done}: {one_line(str(error))}")


class SQLiteDatabase(Database):
    error = sqlite3.Error
    episode_errors = (sqlite3.DataError, sqlite3.IntegrityError)
    placeholder = ":{}"

    def _exists(self) -> bool:
        if self.address == ":memory:":
            raise DatabaseError("XFILES_DATABASE is :memory:, which nobody could ask afterwards: give a path")
        folder = Path(self.address).parent
        if not os.path.exists(self.address) and not os.access(folder, os.W_OK | os.X_OK):
            why = "can't be written to" if folder.is_dir() else "does not exist"
            raise DatabaseError(f"the database {self.name} can't be opened: the folder {folder} {why}")
        return os.path.exists(self.address)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.address, timeout=self.timeout, isolation_level=None)
        try:
            self._configure(connection)
        except BaseException:
            connection.close()
            raise
        self._file = os.stat(self.address)
        return connection

    def _configure(self, connection: sqlite3.Connection) -> None:
        # Readers never wait for the writer, nor the writer for them; synced at each checkpoint, not each commit:
        # a power cut can lose the last episodes, which the next crawl stores again, never tear one.
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                # SQLite itself waits for no other opener of a new file here.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        connection.execute("PRAGMA synchronous = NORMAL")

    def _check(self) -> None:
        try:
            there = os.path.samestat(self._file, os.stat(self.address))
        except OSError:
            there = False
        if not there:
            raise DatabaseError(f"the database {self.name} was deleted or moved while it was open: run the crawl again")

    @contextmanager
    def _transaction(self, key: str):
        with self._connection:
            self._execute("BEGIN IMMEDIATE")
            yield

    def _version(self) -> int:
        (version,) = self._execute("PRAGMA user_version").fetchone()
        columns = {column.upper() for _, column, *_ in self._execute("PRAGMA table_info(XFILES)")}
        if not columns and version:
            raise DatabaseError(f"the database {self.name} is another program's (its user_version is {version})")
        if not version and "PAGE" in columns:  # copied by .dump, which leaves the version out
            return 2
        return version or int(bool(columns))

    def _set_version(self) -> None:
        self._execute(f"PRAGMA user_version = {VERSION}")

    def _search_works(self) -> bool:
        try:
            # A row of the one belongs to a row of the other; damage inside the index shows where it is written.
            counts = self._execute("SELECT (SELECT count(*) FROM XFILES), (SELECT count(*) FROM SEARCH_docsize)")
            rows, indexed = counts.fetchone()
            self._execute("SELECT rowid FROM SEARCH WHERE SEARCH MATCH 'x' LIMIT 1").fetchall()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT):
                return False
            raise
        return rows == indexed

    def _create_search(self) -> None:
        others = "SELECT sql FROM sqlite_master WHERE upper(name) = 'SEARCH' AND sql NOT LIKE '%fts5%''XFILES''%'"
        if self._execute(others).fetchone():
            raise DatabaseError(f"the database {self.name} has a table SEARCH of its own: give another database")
        # DROP TABLE fails on an index that can't be read, but not on the tables that it keeps its own data in.
        self._execute("PRAGMA writable_schema = ON")
        self._execute("DELETE FROM sqlite_master WHERE name = 'SEARCH'")
        self._execute("PRAGMA writable_schema = RESET")
        for part in ("data", "idx", "content", "docsize", "config"):
            self._execute(f"DROP TABLE IF EXISTS SEARCH_{part}")
        # Of XFILES.TEXT, which it reads from there by the row's ID.
        self._execute(
            "CREATE VIRTUAL TABLE SEARCH"
            " USING fts5(TEXT, content = 'XFILES', content_rowid = 'ID', tokenize = 'porter unicode61')"
        )
        self._execute("INSERT INTO SEARCH (SEARCH) VALUES ('rebuild')")

    # In bulk, in the transaction that replaces the episode: a trigger per row would take five times as long.
    def _index(self, page: str) -> None:
        self._execute("INSERT INTO SEARCH (rowid, TEXT) SELECT ID, TEXT FROM XFILES WHERE PAGE = :PAGE", PAGE=page)

    def _unindex(self, page: str) -> None:
        query = "INSERT INTO SEARCH (SEARCH, rowid, TEXT) SELECT 'delete', ID, TEXT FROM XFILES WHERE PAGE = :PAGE"
        try:
            self._execute(query, PAGE=page)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT_VTAB:
                raise
            logger.warning("The database %s: its full-text index is broken, made anew", self.name)
            self._create_search()
            self._execute(query, PAGE=page)


class PostgreSQLDatabase(Database):
    placeholder = "%({})s"
    types: ClassVar[dict[str, str]] = {"INTEGER PRIMARY KEY": "BIGINT PRIMARY KEY"}

    def __init__(self, address: str, timeout: float) -> None:
        try:
            import psycopg
        except ImportError:
            raise DatabaseError("PostgreSQL needs psycopg: pip install -r requirements-cluster.txt") from None
        self.error = psycopg.Error
        self.episode_errors = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
        super().__init__(address, timeout)

    def _connect(self) -> Any:
        import psycopg

        try:
            psycopg.conninfo.conninfo_to_dict(self.address)
        except psycopg.ProgrammingError:  # whose message quotes what it didn't understand
            raise DatabaseError(
                f"the database {self.name} can't be opened: what stands before the @ or after the ? of its address is "
                f"not understood; a password is best kept in ~/.pgpass, or {_ESCAPES}"
            ) from None
        seconds = max(2, round(self.timeout))
        connection = _limited_connection().connect(
            self.address,
            autocommit=True,
            client_encoding="UTF8",
            connect_timeout=seconds,
            # A network that has gone silent is noticed by the kernel, and what neither it nor the server notices by us.
            keepalives=1,
            keepalives_idle=seconds,
            keepalives_interval=max(1, seconds // 3),
            keepalives_count=3,
            tcp_user_timeout=seconds * 1000,
        )
        connection.limit = seconds + 5  # after the server's own word on a lock
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise DatabaseError(
                f"the database {self.name} can't be opened: its encoding is {encoding}, which can't hold every letter; "
                "create one WITH ENCODING 'UTF8' TEMPLATE template0"
            )
        connection.execute("SELECT set_config('lock_timeout', %s, false)", (str(max(1, round(self.timeout * 1000))),))
        return connection

    @contextmanager
    def _transaction(self, key: str):
        with self._connection.transaction():
            # Two writers of a new episode would both find nothing to delete, and one would fail on the other's rows.
            self._lock(key)
            yield

    def _lock(self, key: str) -> None:
        self._execute(f"SELECT pg_advisory_xact_lock(hashtext({self._value('KEY')}))", KEY=key)

    def _version(self) -> int:
        if self._has("XFILES_VERSION"):
            return self._execute("SELECT max(VERSION) FROM XFILES_VERSION").fetchone()[0] or 1
        return int(self._has("XFILES"))

    def _set_version(self) -> None:
        self._execute("CREATE TABLE XFILES_VERSION (VERSION INTEGER NOT NULL)")
        self._insert("XFILES_VERSION", [{"VERSION": VERSION}])

    def _upgrade(self, version: int) -> None:
        limit, self._connection.limit = self._connection.limit, math.inf  # it takes as long as there are rows
        super()._upgrade(version)
        self._connection.limit = limit

    def _search_works(self) -> bool:
        # Only the owner of a table may index it; nobody else is to fail for that.
        query = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('XFILES')"
        return self._has("XFILES_SEARCH") or not self._execute(query).fetchone()[0]

    def _create_search(self) -> None:
        self._execute("CREATE INDEX XFILES_SEARCH ON XFILES USING gin (to_tsvector('english', TEXT))")

    def _has(self, name: str) -> bool:
        # Not to_regclass, which may have remembered that there was none before a lock was waited for.
        query = "SELECT count(*) FROM pg_class WHERE relname = lower(%(NAME)s) AND pg_table_is_visible(oid)"
        return self._execute(query, NAME=name).fetchone()[0] > 0


def _limited_connection() -> Any:
    """psycopg's class of connections, with a limit of seconds for each answer: psycopg itself waits for ever."""
    import psycopg

    class LimitedConnection(psycopg.Connection):
        limit = math.inf

        def wait(self, gen: Generator, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # for any of its
            return super().wait(self._until(time.monotonic() + self.limit, gen), *args, **kwargs)  # type: ignore[arg-type]

        def _until(self, deadline: float, steps: Generator) -> Generator:
            """``steps``, which psycopg resumes several times a second while it waits."""
            try:
                wanted = next(steps)
                while True:
                    ready = yield wanted
                    if time.monotonic() > deadline:
                        self.close()  # nothing more is asked, such as to roll back
                        raise psycopg.OperationalError(f"no answer within {self.limit} s")
                    wanted = steps.send(ready)
            except StopIteration as done:
                return done.value

    return LimitedConnection


def episode_rows(episode: DialogueItem) -> dict[str, list[Row]]:
    """The rows of ``episode`` by table: each column is the field of its name, in lower case."""
    page = {"PAGE": episode.page}
    row = {column: getattr(episode, column.lower()) for column in TABLES["EPISODES"]}
    return {
        "EPISODES": [row],
        "SCENES": _rows(episode.scenes, page),
        "DIRECTIONS": _rows(episode.directions, page),
        "XFILES": _rows(episode.lines, page | {"EPISODE": episode.episode}),
    }


def _rows(parts: list[Any], more: Row) -> list[Row]:
    """The fields of each of ``parts``, dataclasses of one kind, by column, and ``more``."""
    if not parts:
        return []
    names = [field.name for field in fields(parts[0])]
    columns, values = [name.upper() for name in names], attrgetter(*names)
    return [dict(zip(columns, values(part), strict=True)) | more for part in parts]


def _fill_from(known: dict[str, list[Row]], episode: DialogueItem) -> DialogueItem:
    """``episode`` with what the home page said of its page before, where it says nothing now."""
    if not known["EPISODES"]:
        return episode
    (row,) = known["EPISODES"]
    unknown = {column.lower(): row[column] for column in _FROM_HOME_PAGE if getattr(episode, column.lower()) is None}
    return replace(episode, **unknown)


def _compare(known: dict[str, list[Row]], rows: dict[str, list[Row]]) -> Change:
    if not known["EPISODES"]:
        return "new"
    unread = dict.fromkeys(_OF_READING)
    (before,), (after,) = known["EPISODES"], rows["EPISODES"]
    same = before | unread == after | unread and all(
        known[table] == rows[table] for table in PAGED if table != "EPISODES"
    )
    return "unchanged" if same else "changed"


def _speakers(rows: dict[str, list[Row]]) -> set[tuple[str, str]]:
    return {(row["SPEAKER"], row["CHARACTER"]) for row in rows["XFILES"]}


def aliases(speakers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The rows (ALIAS, CHARACTER) that name the characters of ``speakers``, pairs of SPEAKER and CHARACTER.

    The names as printed, the characters' own, and those in :data:`~xfiles.reading.characters.ALIASES`, all in upper
    case.
    """
    names = {(speaker.upper(), character) for speaker, character in speakers}
    characters = {character for _, character in names}
    names.update((character, character) for character in characters)
    names.update((alias, character) for alias, character in ALIASES.items() if character in characters)
    return names
