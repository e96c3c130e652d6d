"""SQLite's connection: a file, and its full-text index."""

import logging
import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, ClassVar

from xfiles.database.connection import DatabaseError

logger = logging.getLogger(__name__)


class SQLite:
    """A :class:`~xfiles.database.connection.Connection` to the file at ``path``. Another writer's lock is waited for,
    ``timeout`` seconds at most."""

    error: ClassVar[type[Exception]] = sqlite3.Error
    episode_errors: ClassVar[tuple[type[Exception], ...]] = (sqlite3.DataError, sqlite3.IntegrityError)
    conflicts: ClassVar[tuple[type[Exception], ...]] = ()
    types: ClassVar[dict[str, str]] = {}
    functions: ClassVar[dict[str, str]] = {}

    _connection: sqlite3.Connection

    def __init__(self, path: str, timeout: float) -> None:
        self.name = self.path = path
        self.timeout = timeout

    # --- the file ---

    def exists(self) -> bool:
        if self.path == ":memory:":
            raise DatabaseError("XFILES_DATABASE is :memory:, which nobody could ask afterwards: give a path")
        folder = Path(self.path).resolve().parent
        if not os.access(folder, os.W_OK | os.X_OK):  # a file needs others beside it while it is written
            why = "can't be written to" if folder.is_dir() else "does not exist"
            raise DatabaseError(f"the database {self.name} can't be opened: the folder {folder} {why}")
        return os.path.exists(self.path)

    def open(self) -> None:
        self._connection = sqlite3.connect(self.path, timeout=self.timeout, isolation_level=None)
        try:
            self._configure()
        except BaseException:
            self.close()
            raise
        self._file = os.stat(self.path)

    def _configure(self) -> None:
        # Readers never wait for the writer, nor the writer for them; synced at each checkpoint, not each commit:
        # a power cut can lose the last episodes, which the next crawl stores again, never tear one.
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                self.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                # SQLite itself waits for no other opener of a new file here.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self.execute("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        self._connection.close()

    def check(self) -> None:
        try:
            there = os.path.samestat(self._file, os.stat(self.path))
        except OSError:
            there = False
        if not there:
            raise DatabaseError(f"the database {self.name} was deleted or moved while it was open: run the crawl again")

    # --- queries ---

    def execute(self, query: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(query, values)

    def execute_many(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._connection.executemany(query, rows)

    @contextmanager
    def transaction(self, key: str) -> Iterator[None]:
        with self._connection:
            self.execute("BEGIN IMMEDIATE")
            yield

    def lock(self, key: str) -> None:
        """A transaction has no other beside it."""

    def patience(self) -> AbstractContextManager[None]:
        return nullcontext()  # an answer may always take as long as it needs

    # --- the schema ---

    def columns(self, table: str) -> set[str]:
        return {column.upper() for _, column, *_ in self.execute(f"PRAGMA table_info({table})")}

    def version(self) -> int:
        (version,) = self.execute("PRAGMA user_version").fetchone()
        if version and not self.columns("XFILES"):
            raise DatabaseError(f"the database {self.name} is another program's (its user_version is {version})")
        return version

    def set_version(self, version: int) -> None:
        self.execute(f"PRAGMA user_version = {version}")

    # --- the full-text index ---

    def search_works(self) -> bool:
        try:
            # Each row of XFILES as it is, and no other, is in the index; 1 compares the two.
            self.execute("INSERT INTO SEARCH (SEARCH, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT):
                return False
            raise
        return True

    def create_search(self) -> None:
        found = self.execute("SELECT sql FROM sqlite_master WHERE upper(name) = 'SEARCH'").fetchone()
        if found and not _SEARCH.search(found[0]):
            raise DatabaseError(f"the database {self.name} has a table SEARCH of its own: give another database")
        # DROP TABLE fails on an index that can't be read, but not on the tables that it keeps its own data in.
        self.execute("PRAGMA writable_schema = ON")
        self.execute("DELETE FROM sqlite_master WHERE name = 'SEARCH'")
        self.execute("PRAGMA writable_schema = RESET")
        for part in ("data", "idx", "content", "docsize", "config"):
            self.execute(f"DROP TABLE IF EXISTS SEARCH_{part}")
        # Of XFILES.TEXT, which it reads from there by the row's ID. By content="XFILES", so written, Datasette and
        # sqlite-utils know whose index it is.
        self.execute(
            "CREATE VIRTUAL TABLE SEARCH"
            ' USING fts5(TEXT, content="XFILES", content_rowid="ID", tokenize=\'porter unicode61\')'
        )
        self.execute("INSERT INTO SEARCH (SEARCH) VALUES ('rebuild')")

    # In bulk, in the transaction that replaces the episode: a trigger per row would take five times as long.
    def index(self, page: str) -> None:
        self.execute("INSERT INTO SEARCH (rowid, TEXT) SELECT ID, TEXT FROM XFILES WHERE PAGE = ?", page)

    def unindex(self, page: str) -> None:
        query = "INSERT INTO SEARCH (SEARCH, rowid, TEXT) SELECT 'delete', ID, TEXT FROM XFILES WHERE PAGE = ?"
        try:
            self.execute(query, page)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT_VTAB:
                raise
            logger.warning("The database %s: its full-text index is broken, made anew", self.name)
            self.create_search()
            self.execute(query, page)


# How the table SEARCH is declared, by this version or an older one.
_SEARCH = re.compile(r"""fts5.*\bcontent\s*=\s*["']XFILES["']""", re.IGNORECASE | re.DOTALL)
