"""Where items go: into the database."""

import asyncio
import logging
from typing import Any, Self

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem

from xfiles import signals
from xfiles.database import Database, DatabaseError, open_database

logger = logging.getLogger(__name__)


class DatabasePipeline:
    """Stores each episode whole; a database that fails ends the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.address = crawler.settings["XFILES_DATABASE"]
        self.timeout = crawler.settings.getfloat("XFILES_DATABASE_TIMEOUT")
        self.database: Database | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open_spider(self) -> None:
        try:
            self.database = open_database(self.address, self.timeout)
            urls = self.database.urls()
        except DatabaseError as error:
            logger.error("The crawl stops: %s", error)
            raise CloseSpider("database") from error
        self.crawler.signals.send_catch_log(signals.database_opened, urls=urls)

    async def process_item(self, item: Any) -> Any:
        episode = ItemAdapter(item)
        if self.database is None:
            raise DropItem("the database has failed")
        try:
            change = self.database.save(item)
        except DatabaseError as error:
            logger.error("The crawl stops: %s", error)
            self.close_spider()
            # Not awaited: the engine closes when the items in process are through, and this is one of them.
            self._closing = asyncio.create_task(self.crawler.engine.close_spider_async(reason="database"))
            raise DropItem("the database has failed") from error
        logger.info("%s: %d speeches, %s", episode["episode"], len(episode["lines"]), change)
        self.crawler.signals.send_catch_log(signals.episode_stored, item=item, change=change)
        return item

    def close_spider(self) -> None:
        if self.database is not None:
            self.database.close()
            self.database = None
