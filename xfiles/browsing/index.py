"""A full-text index in memory, by word stems, which any thread may ask."""

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence


class Index:
    """The index ``table`` of ``columns``, which keeps no text; rows are told apart by their rowid."""

    def __init__(self, table: str, columns: Sequence[str], rows: Iterable[tuple]) -> None:
        """``rows`` have a rowid before the columns."""
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        # Who asks it last, a thread of the server's, can't be known.
        weakref.finalize(self, self._connection.close)
        self._lock = threading.Lock()
        self.ask(
            f"CREATE VIRTUAL TABLE {table} USING fts5({', '.join(columns)}, content = '', "
            "tokenize = 'porter unicode61')"
        )
        self.add(table, ("rowid", *columns), rows)

    def add(self, table: str, columns: Sequence[str], rows: Iterable[tuple]) -> None:
        """Add ``rows`` of ``columns`` to a table."""
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        with self._lock:
            self._connection.executemany(insert, rows)

    def ask(self, sql: str, values: Sequence | Mapping = ()) -> list[tuple]:
        """The rows of ``sql``."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()
