"""What SQLite's and PostgreSQL's connections have in common, and how a database fails."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol


class DatabaseError(Exception):
    """The database can't be opened, read or written. The message is one line without a password."""


class EpisodeError(DatabaseError):
    """One episode can't be stored or read, though the database works."""


class Connection(Protocol):
    """A connection to one database, open or not yet: all in which the two kinds differ.

    :class:`~xfiles.database.sqlite.SQLite` and :class:`~xfiles.database.postgresql.PostgreSQL` are such. Their methods
    raise :attr:`error` and, where they know better than the driver what is wrong, :exc:`DatabaseError`.
    """

    name: str  # the database's address as it may be printed
    error: ClassVar[type[Exception]]  # what the driver raises
    episode_errors: ClassVar[tuple[type[Exception], ...]]  # those of them that are about the rows, not the database
    types: ClassVar[dict[str, str]]  # declarations that are written in another way than in schema.TABLES

    def exists(self) -> bool:
        """Whether there is a database to open. Raises :exc:`DatabaseError` if none could be made either."""

    def open(self) -> None:
        """Connect; a file that does not exist is made. If that fails, nothing is left open."""

    def close(self) -> None:
        """End the connection."""

    def check(self) -> None:
        """Raise :exc:`DatabaseError` if what is stored would be lost."""

    def execute(self, query: str, *values: Any) -> Any:
        """The driver's cursor on the answer to ``query``, which has a ? for each of ``values``."""

    def execute_many(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run ``query``, which has a ? for each value of a row, once for each of ``rows``."""

    def transaction(self, key: str) -> AbstractContextManager[None]:
        """A transaction that no other writer of ``key`` runs beside. Another writer's lock is waited for."""

    def lock(self, key: str) -> None:
        """Within a transaction: wait for every other one that locks ``key``, until it has ended."""

    def patience(self) -> AbstractContextManager[None]:
        """Within it, an answer may take as long as there are rows."""

    def columns(self, table: str) -> set[str]:
        """The names of the columns of ``table``, in upper case; none if there is no such table."""

    def version(self) -> int:
        """The version of the schema as the database says it; 0 if it says none: it is empty, of 1.0.0, or a copy.

        Raises :exc:`DatabaseError` if the database is another program's.
        """

    def set_version(self, version: int) -> None:
        """Let the database say that its schema is of ``version``."""

    def search_works(self) -> bool:
        """Whether the full-text index is there and answers."""

    def create_search(self) -> None:
        """Make the full-text index anew, whatever is there of it."""

    def index(self, page: str) -> None:
        """Put the speeches of ``page`` into the full-text index, if that isn't done by the database itself."""

    def unindex(self, page: str) -> None:
        """Take the speeches of ``page`` out again, before their rows change."""


def insert_into(table: str, columns: Iterable[str]) -> str:
    """The query that inserts a row of these ``columns`` into ``table``."""
    columns = tuple(columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
