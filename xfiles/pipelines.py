"""Where items go: into the database."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem

from xfiles import signals
from xfiles.database.connection import DatabaseError, EpisodeError
from xfiles.database.rows import Change
from xfiles.database.store import Database, open_database
from xfiles.items import DialogueItem, UnchangedItem
from xfiles.ledger import Summary, counted
from xfiles.reading.home_page import Entry

logger = logging.getLogger(__name__)

DAY = 86_400  # seconds


class DatabasePipeline:
    """Stores each episode whole; a database that fails ends the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.database: Database | None = None
        self.stored: dict[str, str] = {}  # the URLs of the pages that this crawl stored

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open_spider(self) -> None:
        settings = self.crawler.settings
        try:
            timeout = read_timeout(settings["XFILES_DATABASE_TIMEOUT"])
            self.database = open_database(settings["XFILES_DATABASE"], timeout)
            pages, led_to = self.database.pages(), self.database.led_to()
        except (DatabaseError, ValueError) as error:
            logger.error("The crawl stops: %s", error)
            raise CloseSpider("database") from error
        self.crawler.signals.connect(self.home_page_read, signals.home_page_read)
        self.crawler.signals.connect(self.page_vanished, signals.page_vanished)
        self.crawler.signals.send_catch_log(signals.database_opened, pages=pages, led_to=led_to)

    def home_page_read(self, entries: list[Entry]) -> None:
        if self.database is not None:
            with self._stopping():
                self.database.read_listing(entries)

    def page_vanished(self, page: str) -> None:
        if self.database is not None:
            with self._stopping():
                self.database.unlist(page)

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            self._stop(error)

    async def process_item(self, item: DialogueItem | UnchangedItem) -> DialogueItem | UnchangedItem:
        if self.database is None:
            raise _dropped("the database has failed")
        try:
            episode, change = self._store(self.database, item)
        except EpisodeError as error:
            cause = str(error)
            self.crawler.signals.send_catch_log(signals.page_failed, page=item.page, url=item.url, cause=cause)
            raise _dropped(cause) from error
        except DatabaseError as error:
            self._stop(error)
            raise _dropped("the database has failed") from error
        self.stored[item.page] = item.url
        logger.info("%s: %s, %s", item.page, counted(episode.characters.total(), "speech"), change)
        self.crawler.signals.send_catch_log(signals.episode_stored, episode=episode, change=change)
        return item

    def _store(self, database: Database, item: DialogueItem | UnchangedItem) -> tuple[Summary, Change]:
        """What is stored of ``item`` then, and what that changed."""
        if isinstance(item, UnchangedItem):
            if summary := database.summary(item.page, item.url):
                return summary, "unchanged"
            logger.warning("Somebody has changed or deleted rows of %s: it is read again", item.page)
            read = item.read()
            if read is None:
                raise _dropped("it can't be read")
            item = read
        return Summary.of(item), database.save(item)

    def _stop(self, error: DatabaseError) -> None:
        logger.error("The crawl stops: %s", error)
        self.close_spider()
        # Not awaited: the engine closes when the items in process are through, and one of them may be the caller's.
        self._closing = asyncio.create_task(self.crawler.engine.close_spider_async(reason="database"))

    def close_spider(self) -> None:
        if self.database is None:
            return
        database, self.database = self.database, None
        try:
            database.close()
        except DatabaseError as error:
            logger.error("All that the crawl stored is lost: %s", error)
            for page, url in self.stored.items():
                self.crawler.signals.send_catch_log(signals.page_failed, page=page, url=url, cause=str(error))


def _dropped(cause: str) -> DropItem:
    # The log has the cause already, or the report will name it; the item itself is an episode long.
    return DropItem(cause, log_level="DEBUG")


def read_timeout(value: Any) -> float:
    """XFILES_DATABASE_TIMEOUT in seconds. Raises :exc:`ValueError`, whose message says what to give."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= DAY:
        raise ValueError(f"XFILES_DATABASE_TIMEOUT is {value!r}: give seconds from 0 to {DAY}, such as 30")
    return seconds
