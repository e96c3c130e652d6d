"""What a connection to a database can do, whichever kind it is of, and the errors that callers see."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol


class DatabaseError(Exception):
    """The database can't be opened, read or written. The message is one line without a password."""


class EpisodeError(DatabaseError):
    """One episode can't be stored or read, though the database works."""


class Connection(Protocol):
    """One database, as :class:`~xfiles.database.store.Database` asks it.

    :class:`~xfiles.database.sqlite.SQLite` and :class:`~xfiles.database.postgresql.PostgreSQL` answer the same calls,
    each in its own way. A call may raise the driver's :attr:`error`, or :exc:`DatabaseError`, which says what to do.
    """

    name: str  # the database's address as it may be printed
    error: ClassVar[type[Exception]]  # what the driver raises
    episode_errors: ClassVar[tuple[type[Exception], ...]]  # those of them that are about the rows, not the database
    conflicts: ClassVar[tuple[type[Exception], ...]]  # those of a transaction that may succeed the next time
    types: ClassVar[dict[str, str]]  # declarations that are written in another way than in schema.TABLES
    functions: ClassVar[dict[str, str]]  # functions that are called otherwise than in schema.VIEWS

    def exists(self) -> bool:
        """Whether there is a database to open. Raises :exc:`DatabaseError` if there is none and none can be made."""

    def open(self) -> None:
        """Connect, and make a file that does not exist. If that fails, nothing is left open."""

    def close(self) -> None:
        """End the connection."""

    def check(self) -> None:
        """Raise :exc:`DatabaseError` if what is stored is lost, because its file was deleted or moved."""

    def execute(self, query: str, *values: Any) -> Any:
        """Run ``query``, with ``values`` in the places of its ?, and return the driver's cursor."""

    def execute_many(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run ``query`` once for each of ``rows``, with the row's values in the places of its ?."""

    def transaction(self, key: str) -> AbstractContextManager[None]:
        """A transaction, rolled back if an error leaves it. Another one with the same ``key`` waits until it ends."""

    def lock(self, key: str) -> None:
        """Hold ``key`` until the transaction under way ends; wait first if another transaction holds it."""

    def patience(self) -> AbstractContextManager[None]:
        """A block in which an answer may take as long as it needs, and so may another crawl that holds a key."""

    def columns(self, table: str) -> set[str]:
        """The names of the columns of ``table``, in upper case; none if there is no such table."""

    def version(self) -> int:
        """The schema's version that is written in the database. It is 0 if none is: the database is empty, 1.0.0 made
        it, or it is a copy.

        Raises :exc:`DatabaseError` if the database is another program's.
        """

    def set_version(self, version: int) -> None:
        """Write ``version`` into the database."""

    def search_works(self) -> bool:
        """Whether the full-text index is there, and is that of the rows that are stored."""

    def create_search(self) -> None:
        """Make the full-text index from the rows that are stored, in place of whatever is there of it. PostgreSQL's is
        left alone if it is there."""

    def index(self, page: str) -> None:
        """Put the speeches of ``page`` into the full-text index. PostgreSQL does that by itself."""

    def unindex(self, page: str) -> None:
        """Take the speeches of ``page`` out of the full-text index, before their rows change."""


def insert_into(table: str, columns: Iterable[str]) -> str:
    """The query that inserts a row into ``table``, with a ? for the value of each of ``columns``."""
    columns = tuple(columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
