"""PostgreSQL's connection. Only who asks for PostgreSQL imports this, and needs psycopg."""

import logging
import math
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg

from xfiles.database.address import ESCAPES, safe_address
from xfiles.database.connection import DatabaseError

logger = logging.getLogger(__name__)


class PostgreSQL:
    """A :class:`~xfiles.database.connection.Connection` to the database at ``address``, a URL. Another writer's lock is
    waited for, ``timeout`` seconds at most, and any answer a few seconds longer."""

    error: ClassVar[type[Exception]] = psycopg.Error
    episode_errors: ClassVar[tuple[type[Exception], ...]] = (
        psycopg.DataError,
        psycopg.IntegrityError,
        psycopg.errors.ProgramLimitExceeded,
    )
    conflicts: ClassVar[tuple[type[Exception], ...]] = (
        psycopg.errors.DeadlockDetected,
        psycopg.errors.SerializationFailure,
    )
    types: ClassVar[dict[str, str]] = {"INTEGER PRIMARY KEY": "BIGINT PRIMARY KEY"}
    functions: ClassVar[dict[str, str]] = {"group_concat": "string_agg", "json_quote": "to_json"}

    _connection: "_LimitedConnection"

    def __init__(self, address: str, timeout: float) -> None:
        self.address = address
        self.timeout = timeout
        self.name = safe_address(address)

    # --- the server ---

    def exists(self) -> bool:
        return True  # the server says it better

    def open(self) -> None:
        try:
            psycopg.conninfo.conninfo_to_dict(self.address)
        except psycopg.ProgrammingError:  # whose message quotes what it didn't understand
            raise DatabaseError(
                f"the database {self.name} can't be opened: what stands before the @ or after the ? of its address is "
                f"not understood; a password is best kept in ~/.pgpass, or {ESCAPES}"
            ) from None
        seconds = max(2, round(self.timeout))
        self._connection = _LimitedConnection.connect(
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
        self._connection.limit = seconds + 5  # after the server's own word on a lock
        try:
            self._configure()
        except BaseException:
            self.close()
            raise

    def _configure(self) -> None:
        encoding = self._connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseError(
                f"the database {self.name} can't be opened: its encoding is {encoding}, which can't hold every letter; "
                "create one WITH ENCODING 'UTF8' TEMPLATE template0"
            )
        # Whatever the server's default is: who has waited for a lock must see what its holder did.
        self.execute("SELECT set_config('default_transaction_isolation', 'read committed', false)")
        self._limit_locks()

    def _limit_locks(self) -> None:
        self.execute("SELECT set_config('lock_timeout', ?, false)", str(max(1, round(self.timeout * 1000))))

    def close(self) -> None:
        self._connection.close()

    def check(self) -> None:
        """What is committed is safe."""

    # --- queries ---

    def execute(self, query: str, *values: Any) -> Any:
        return self._connection.execute(_ours(query), values or None)

    def execute_many(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._connection.cursor().executemany(_ours(query), rows)

    @contextmanager
    def transaction(self, key: str) -> Iterator[None]:
        with self._connection.transaction():
            # Two writers of a new episode would both find nothing to delete, and one would fail on the other's rows.
            self.lock(key)
            yield

    def lock(self, key: str) -> None:
        if self._connection.limit < math.inf:
            self.execute("SELECT pg_advisory_xact_lock(hashtext(?))", key)
        elif not self.execute("SELECT pg_try_advisory_xact_lock(hashtext(?))", key).fetchone()[0]:
            logger.info("The database %s: waiting for another crawl that upgrades or mends it", self.name)
            self.execute("SET LOCAL lock_timeout = 0")
            self.execute("SELECT pg_advisory_xact_lock(hashtext(?))", key)
            self._limit_locks()

    @contextmanager
    def patience(self) -> Iterator[None]:
        limit, self._connection.limit = self._connection.limit, math.inf
        try:
            yield
        finally:
            self._connection.limit = limit

    # --- the schema ---

    def columns(self, table: str) -> set[str]:
        query = f"SELECT attname FROM pg_attribute WHERE attrelid = ({_NAMED}) AND attnum > 0 AND NOT attisdropped"
        return {column.upper() for (column,) in self.execute(query, table)}

    def version(self) -> int:
        if not self._has("XFILES_VERSION"):
            return 0
        return self.execute("SELECT max(VERSION) FROM XFILES_VERSION").fetchone()[0] or 0

    def set_version(self, version: int) -> None:
        self.execute("CREATE TABLE IF NOT EXISTS XFILES_VERSION (VERSION INTEGER NOT NULL)")
        self.execute("INSERT INTO XFILES_VERSION (VERSION) VALUES (?)", version)

    def _has(self, name: str) -> bool:
        return self.execute(_NAMED, name).fetchone() is not None

    # --- the full-text index, which the database itself keeps true ---

    def search_works(self) -> bool:
        # Only the owner of a table may index it; nobody else is to fail for that.
        query = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('XFILES')"
        return self._has("XFILES_SEARCH") or not self.execute(query).fetchone()[0]

    def create_search(self) -> None:
        self.execute("CREATE INDEX IF NOT EXISTS XFILES_SEARCH ON XFILES USING gin (to_tsvector('english', TEXT))")

    def index(self, page: str) -> None:
        pass

    def unindex(self, page: str) -> None:
        pass


# Not to_regclass, which may have remembered that there was none before a lock was waited for.
_NAMED = "SELECT oid FROM pg_class WHERE relname = lower(?) AND pg_table_is_visible(oid)"


def _ours(query: str) -> bytes:
    """``query`` with psycopg's placeholders."""
    return query.replace("?", "%s").encode()


class _LimitedConnection(psycopg.Connection):
    """psycopg's connection, which by itself waits for an answer for ever."""

    limit = math.inf  # seconds that an answer may take

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
