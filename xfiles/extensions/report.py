"""The report: live in the stats, and at the end in words."""

import json
import logging
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, Self

from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import FeedSlot, FileFeedStorage
from scrapy.http import Request, Response
from scrapy.settings import SETTINGS_PRIORITIES

from xfiles import signals
from xfiles.database.address import is_postgresql, safe_address
from xfiles.ledger import Ledger, Summary
from xfiles.reading.text import one_line

logger = logging.getLogger(__name__)

# By status: 304 is the host's word that a page is as the HTTP cache has it.
_ANSWERS = {200: "xfiles/pages/fetched", 304: "xfiles/pages/confirmed"}
# Why a crawl ended: Scrapy's word, and ours.
_REASONS = {"shutdown": "it was stopped", "database": "the database failed"}
_FAMILIES = ("xfiles/pages/bold", "xfiles/pages/misnested", "xfiles/pages/span")


def on_terminal(settings: Any) -> bool:
    """Whether somebody reads standard error as it is written."""
    return sys.stderr is not None and sys.stderr.isatty() and not settings["LOG_FILE"]


def see_it(settings: Any) -> list[str]:
    """The line that says how to look at the database of ``settings``; none if that is PostgreSQL's."""
    if is_postgresql(database := settings["XFILES_DATABASE"]):
        return []
    typed = sys.argv[0]  # the path of a command that the shell doesn't find by its name alone
    words = [typed if Path(typed).name == "scrapy" and typed != shutil.which("scrapy") else "scrapy", "browse"]
    if settings.getpriority("XFILES_DATABASE") > SETTINGS_PRIORITIES["project"]:
        words.append(str(database))
    return [f"See it: {shlex.join(words)}"]


class Report:
    """Keeps the :class:`~xfiles.ledger.Ledger` of a crawl, and shows it.

    While the crawl runs, the counts are in the stats, under ``xfiles/``. When it ends, the log tells them in words, and
    the file that XFILES_REPORT names has them as JSON.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.settings = crawler.settings
        self.stats = crawler.stats
        self.ledger = Ledger()
        self.feeds: list[str] = []  # the files written
        for name in (*_ANSWERS.values(), *_FAMILIES):
            self.stats.set_value(name, 0)
        self._count()
        self._write()  # else a former crawl's would pass for that of one that never begins

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        report = cls(crawler)
        crawler.signals.connect(report.page_found, signals.page_found)
        crawler.signals.connect(report.page_failed, signals.page_failed)
        crawler.signals.connect(report.page_moved, signals.page_moved)
        crawler.signals.connect(report.page_vanished, signals.page_vanished)
        crawler.signals.connect(report.crawl_failed, signals.crawl_failed)
        crawler.signals.connect(report.episode_stored, signals.episode_stored)
        crawler.signals.connect(report.response_downloaded, scrapy_signals.response_downloaded)
        crawler.signals.connect(report.feed_slot_closed, scrapy_signals.feed_slot_closed)
        crawler.signals.connect(report.spider_closed, scrapy_signals.spider_closed)
        # After Scrapy's own last words: an operator looks at the end of the log first.
        crawler.signals.connect(report.engine_stopped, scrapy_signals.engine_stopped)
        return report

    def page_found(self, page: str, url: str) -> None:
        self.ledger.find(page, url)
        self.stats.inc_value("xfiles/pages/found")

    def page_failed(self, page: str, url: str, cause: str) -> None:
        self.ledger.fail(page, url, cause)
        self._count()

    def page_moved(self, page: str) -> None:
        self.ledger.move(page)
        self._count()

    def page_vanished(self, page: str) -> None:
        self.ledger.vanished.append(page)
        self._count()

    def crawl_failed(self, cause: str, advice: str) -> None:
        self.ledger.give_up(cause, advice)

    def episode_stored(self, episode: Summary, change: str) -> None:
        self.ledger.store(episode, change)
        self._count()

    def response_downloaded(self, response: Response, request: Request) -> None:
        # At this signal, a 304 is still one: the HTTP cache replaces it by the stored page later.
        if "entry" in request.cb_kwargs and response.status in _ANSWERS:
            self.stats.inc_value(_ANSWERS[response.status])

    def feed_slot_closed(self, slot: FeedSlot) -> None:
        if isinstance(slot.storage, FileFeedStorage):
            self.feeds.append(slot.storage.path)

    def spider_closed(self, reason: str) -> None:
        for page, url in self.ledger.waiting():
            cause = f"it was not stored when the crawl ended: {_REASONS.get(reason, reason)}"
            self.crawler.signals.send_catch_log(signals.page_failed, page=page, url=url, cause=cause)
        self._count()

    def engine_stopped(self) -> None:
        if not self.stats.get_value("item_scraped_count") and not self.settings.getbool("FEED_STORE_EMPTY"):
            for feed in self.settings.getdict("FEEDS"):
                self._say(logging.WARNING, f"No page was read, so the feed {feed} is not written, and is as it was")
        for line in self.ledger.warnings():
            self._say(logging.WARNING, line)
        count = self.stats.get_value
        seconds = count("elapsed_time_seconds", 0)
        fetched, confirmed = map(count, _ANSWERS.values())
        database = safe_address(self.settings["XFILES_DATABASE"])
        words = self.ledger.closing_words(fetched, confirmed, seconds, database)
        if self.feeds and not any(name.startswith("feedexport/failed_count") for name in self.stats.get_stats()):
            words.append(f"The feed{'s' * (len(self.feeds) > 1)}: {', '.join(self.feeds)}")
        if self.ledger.stored:
            words += see_it(self.settings)
        for line in words:
            self._say(logging.INFO, line)
        brief = on_terminal(self.settings) and self.settings["LOG_LEVEL"] not in ("DEBUG", "INFO")
        for line in self.ledger.losses(brief):
            self._say(logging.ERROR, line)
        if self.ledger.last_words:  # on lines of their own where somebody reads them
            self._say(logging.ERROR, ("\n" if on_terminal(self.settings) else " ").join(self.ledger.last_words))
        self._write()

    def _say(self, level: int, line: str) -> None:
        if on_terminal(self.settings):  # whatever its level shows of the log
            print(line, file=sys.stderr)
        else:
            logger.log(level, "%s", line)

    def _count(self) -> None:
        for name, count in self.ledger.counts().items():
            self.stats.set_value(f"xfiles/{name}", count)

    def _write(self) -> None:
        if path := self.settings["XFILES_REPORT"]:
            stats = {name: count for name, count in self.stats.get_stats().items() if name.startswith("xfiles/")}
            report = stats | {
                "finish_reason": self.stats.get_value("finish_reason"),  # None before the crawl has ended
                "cause": " ".join(self.ledger.last_words),
                "failed": dict(self.ledger.failed.values()),
                "vanished": self.ledger.vanished,
            }
            try:
                Path(path).write_text(json.dumps(report), "utf-8")
            except OSError as error:
                logger.error("The report can't be written to XFILES_REPORT: %s", one_line(str(error)))
