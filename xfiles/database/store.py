"""The database as a crawl uses it: an episode goes in whole or not at all."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from xfiles.database.address import is_postgresql
from xfiles.database.connection import Connection, DatabaseError, EpisodeError, insert_into
from xfiles.database.names import update_names
from xfiles.database.rows import (
    COLUMNS,
    EXTENT,
    LISTING,
    Change,
    Row,
    Rows,
    compare,
    episode_rows,
    fill_from,
    listing,
    speakers,
)
from xfiles.database.schema import KEYS, PAGED
from xfiles.database.sqlite import SQLite
from xfiles.database.upgrade import prepare
from xfiles.items import DialogueItem
from xfiles.ledger import Summary, counted
from xfiles.reading.home_page import Entry
from xfiles.reading.text import one_line

logger = logging.getLogger(__name__)

_TRIES = 5
# So many speeches are a script, of which no correction takes half. An episode of the show has hundreds.
_SCRIPT = 20
_Result = TypeVar("_Result")


def open_database(address: str, timeout: float = 30) -> "Database":
    """Open the database at ``address``, create what it lacks, and upgrade one that an older version made.

    ``address`` is the path of an SQLite file, or a URL that starts with postgresql://. A file that does not exist is
    made when the first episode is saved. Another writer's lock is waited for, ``timeout`` seconds at most. Raises
    :exc:`~xfiles.database.connection.DatabaseError`.
    """
    if not is_postgresql(address):
        return Database(SQLite(address, timeout))
    try:
        from xfiles.database.postgresql import PostgreSQL
    except ImportError:
        raise DatabaseError("PostgreSQL needs psycopg: pip install -r requirements-cluster.txt") from None
    return Database(PostgreSQL(address, timeout))


class Database:
    """The episodes of the database that ``connection`` leads to.

    It is opened at once if it exists, else when the first episode is saved. Opening makes what it lacks, and raises
    :exc:`~xfiles.database.connection.DatabaseError`.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._listed: frozenset[str] = frozenset()  # the pages that the home page lists, once it is read
        self._is_open = False
        if connection.exists():
            self._open()

    def save(self, episode: DialogueItem) -> Change:
        """Replace the rows of ``episode`` in one transaction, and return what that changed.

        What the home page said of the page before is kept where ``episode`` says None. Another URL, LEADS_TO or DIGEST
        alone is stored, but doesn't count as a change. An episode that is stored under another page, which leads where
        this one does, is stored under this one instead, unless the home page lists both. Raises
        :exc:`~xfiles.database.connection.DatabaseError`, or :exc:`~xfiles.database.connection.EpisodeError` if only
        this episode can't be stored, or has too little of the stored one; its former rows are then still there.
        """
        if not self._is_open:
            self._open()
        self.connection.check()
        with self._failing("written"):
            try:
                return self._insist(lambda: self._save(episode))
            except self.connection.episode_errors as error:
                raise EpisodeError(f"its episode can't be stored: {one_line(str(error))}") from error

    def _save(self, episode: DialogueItem) -> Change:
        """Store ``episode``, and return what that changed."""
        stored = self._read(episode.page)
        rows = episode_rows(fill_from(stored, episode))
        change: Change = "unchanged"
        if rows != stored:
            with self.connection.transaction(episode.page):
                if (found := self._read(episode.page)) != stored:  # another writer came first
                    stored, rows = found, episode_rows(fill_from(found, episode))
                _check_whole(episode, len(stored["XFILES"]))
                self._take_over(episode)
                change = compare(stored, rows)
                self._replace(episode.page, stored, rows, PAGED if change != "unchanged" else ["EPISODES"])
        return change

    def _take_over(self, episode: DialogueItem) -> None:
        """Delete the rows of ``episode`` that are stored under another page.

        Raises :exc:`~xfiles.database.connection.EpisodeError` if that page has as good a claim to them.
        """
        place = episode.leads_to or episode.page
        if episode.leads_to:
            self.connection.lock(place)  # so that of two pages that lead there one comes first
        query = "SELECT PAGE FROM EPISODES WHERE PAGE <> ? AND (PAGE = ? OR LEADS_TO = ?)"
        for (other,) in self.connection.execute(query, episode.page, place, place).fetchall():
            if not self._listed or (episode.leads_to and other in self._listed):
                raise EpisodeError(f"it leads to {place}, as {other} does")
            self._replace(other, self._read(other), {table: [] for table in PAGED}, PAGED)
            logger.warning("The page %s is stored as %s from now on: both lead to %s", other, episode.page, place)

    def _read(self, page: str) -> Rows:
        """The stored rows of ``page``."""
        return {
            table: self.connection.execute(
                f"SELECT {', '.join(COLUMNS[table])} FROM {table} WHERE PAGE = ? ORDER BY {', '.join(KEYS[table])}",
                page,
            ).fetchall()
            for table in PAGED
        }

    def _replace(self, page: str, stored: Rows, rows: Rows, tables: Iterable[str]) -> None:
        """Replace the ``stored`` rows of ``tables`` with ``rows``."""
        if "XFILES" in tables:
            self.connection.unindex(page)
        for table in tables:
            self.connection.execute(f"DELETE FROM {table} WHERE PAGE = ?", page)
            self.connection.execute_many(insert_into(table, COLUMNS[table]), rows[table])
        if "XFILES" in tables:
            self.connection.index(page)
        update_names(self.connection, speakers(rows), before=speakers(stored))

    def pages(self) -> dict[str, str | None]:
        """The pages whose episodes are stored, and the DIGEST of each.

        Raises :exc:`~xfiles.database.connection.DatabaseError`.
        """
        if not self._is_open:
            return {}
        with self._failing("read"):
            return dict(self.connection.execute("SELECT PAGE, DIGEST FROM EPISODES"))

    def led_to(self) -> dict[str, tuple[str, str]]:
        """The pages that stored pages led to, and the PAGE and the URL of each of these.

        Raises :exc:`~xfiles.database.connection.DatabaseError`.
        """
        if not self._is_open:
            return {}
        with self._failing("read"):
            query = "SELECT LEADS_TO, PAGE, URL FROM EPISODES WHERE LEADS_TO IS NOT NULL"
            return {place: (page, url) for place, page, url in self.connection.execute(query).fetchall()}

    def summary(self, page: str, url: str) -> Summary | None:
        """What is stored of ``page``, read at ``url``; None if that is not all that was stored.

        Raises :exc:`~xfiles.database.connection.DatabaseError`.
        """
        with self._failing("read"):
            query = f"SELECT WORDS, UNREAD, EXTENT, {EXTENT} FROM EPISODES WHERE PAGE = ?"
            stored = self.connection.execute(query, page).fetchone()
            found = self.connection.execute(
                "SELECT CHARACTER, count(*), count(CASE WHEN SCENE = 0 THEN 1 END) FROM XFILES"
                " WHERE PAGE = ? GROUP BY CHARACTER",
                page,
            ).fetchall()
        if stored is None:
            return None
        words, unread, extent, extent_now = stored
        if extent != extent_now:
            return None
        characters = Counter({character: count for character, count, _ in found})
        return Summary(page, url, characters, sum(sceneless for *_, sceneless in found), words or 0, unread or 0)

    def read_listing(self, entries: Iterable[Entry]) -> None:
        """Make the stored rows of the pages in ``entries`` say what the home page says of them now, None included.

        So no row keeps what an older home page said, even if its page can't be read. Raises
        :exc:`~xfiles.database.connection.DatabaseError`.
        """
        said = {entry.page: listing(entry) for entry in entries}
        self._listed = frozenset(said)
        if not self._is_open:
            return
        with self._failing("written"):
            query = f"SELECT PAGE, {', '.join(LISTING)} FROM EPISODES"
            stored = {page: tuple(values) for page, *values in self.connection.execute(query).fetchall()}
            changed = sorted(page for page in said.keys() & stored.keys() if said[page] != stored[page])
            if changed:
                self._insist(lambda: self._list([(*said[page], page) for page in changed]))
                logger.info("What the home page says of %d stored episodes has changed", len(changed))

    def _list(self, listings: list[Row]) -> None:
        """Store ``listings``: each what the home page says of a page, and the page."""
        query = f"UPDATE EPISODES SET {', '.join(f'{column} = ?' for column in LISTING)} WHERE PAGE = ?"
        with self.connection.transaction("EPISODES"):
            self.connection.execute_many(query, listings)

    def unlist(self, page: str) -> None:
        """Forget what the home page said of ``page``, which it doesn't list any more.

        Raises :exc:`~xfiles.database.connection.DatabaseError`.
        """
        if not self._is_open:
            return
        nothing = ", ".join(f"{column} = NULL" for column in LISTING)
        something = " OR ".join(f"{column} IS NOT NULL" for column in LISTING)
        with self._failing("written"):
            query = f"UPDATE EPISODES SET {nothing} WHERE PAGE = ? AND ({something})"
            self._insist(lambda: self.connection.execute(query, page))

    def close(self) -> None:
        """Close the database. Raises :exc:`~xfiles.database.connection.DatabaseError` if what was stored is lost."""
        if self._is_open:
            self.connection.close()
            self.connection.check()

    def _open(self) -> None:
        with self._failing("opened", OSError, ValueError):
            self.connection.open()
            try:
                self._insist(lambda: prepare(self.connection))
            except BaseException:
                self.connection.close()
                raise
        self._is_open = True

    def _insist(self, write: Callable[[], _Result]) -> _Result:
        """What ``write``, a whole transaction, returns; it is tried again if another writer's made it fail."""
        for _ in range(_TRIES - 1):
            try:
                return write()
            except self.connection.conflicts:
                continue
        return write()

    @contextmanager
    def _failing(self, done: str, *others: type[Exception]) -> Iterator[None]:
        """Turn the driver's errors, and ``others``, into a DatabaseError: the database can't be ``done``, and why."""
        try:
            yield
        except (self.connection.error, *others) as error:
            raise DatabaseError(
                f"the database {self.connection.name} can't be {done}: {one_line(str(error))}"
            ) from error


def _check_whole(episode: DialogueItem, before: int) -> None:
    """Raise :exc:`~xfiles.database.connection.EpisodeError` if so many of the ``before`` speeches that are stored have
    gone from ``episode`` that its page is rather an error of the host's, or was cut short."""
    after, may_be_cut = len(episode.lines), episode.digest is None
    if (before >= _SCRIPT and after < before / 2) or (may_be_cut and after < before):
        raise EpisodeError(
            f"it has shrunk from {counted(before, 'speech')} to {after:,}, and keeps the rows it had: "
            "if that is the whole page, delete them, and crawl again"
        )
