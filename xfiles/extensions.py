"""What a crawl tells its operator."""

import json
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin

from scrapy import Spider
from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response
from scrapy.utils.log import get_scrapy_root_handler

from xfiles import signals
from xfiles.index import TRANSCRIPT_LINK
from xfiles.text import one_line

try:
    from tqdm import tqdm
    from tqdm.contrib import DummyTqdmFile
except ImportError:
    tqdm = None

logger = logging.getLogger(__name__)

# By status: 304 is the host's word that a page is as the HTTP cache has it.
_ANSWERS = {200: "xfiles/pages/fetched", 304: "xfiles/pages/confirmed"}
_EPISODES = ("xfiles/episodes/new", "xfiles/episodes/changed", "xfiles/episodes/unchanged")
_COUNTS = (
    "xfiles/pages/found",
    "xfiles/pages/failed",
    "xfiles/pages/vanished",
    *_ANSWERS.values(),
    "xfiles/pages/bold",
    "xfiles/pages/misnested",
    "xfiles/pages/span",
    *_EPISODES,
    "xfiles/speeches",
    "xfiles/speeches/sceneless",  # before the first heading of their page
    "xfiles/characters",
    "xfiles/characters/once",
)


class Report:
    """Counts what became of each page, in the stats under ``xfiles/``, and says it when the crawl ends."""

    def __init__(self, crawler: Crawler) -> None:
        self.path = crawler.settings["XFILES_REPORT"]
        self.stats = crawler.stats
        for name in _COUNTS:
            self.stats.set_value(name, 0)
        self.unseen: set[str] = set()  # pages whose episodes the database held before, until they are found
        self.waiting: set[str] = set()  # pages found, until they are stored
        self.failed: dict[str, str] = {}
        self.vanished: list[str] = []  # unseen pages that the home page should link
        self.redirects: dict[str, str] = {}
        self.characters: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        report = cls(crawler)
        crawler.signals.connect(report.database_opened, signals.database_opened)
        crawler.signals.connect(report.page_found, signals.page_found)
        crawler.signals.connect(report.page_failed, signals.page_failed)
        crawler.signals.connect(report.episode_stored, signals.episode_stored)
        crawler.signals.connect(report.response_downloaded, scrapy_signals.response_downloaded)
        crawler.signals.connect(report.spider_closed, scrapy_signals.spider_closed)
        # After Scrapy's own last words, so that an operator reads it first.
        crawler.signals.connect(report.engine_stopped, scrapy_signals.engine_stopped)
        return report

    def database_opened(self, urls: list[str]) -> None:
        self.unseen.update(urls)

    def page_found(self, url: str) -> None:
        self.stats.inc_value("xfiles/pages/found")
        self.waiting.add(url)
        self.unseen.discard(url)

    def page_failed(self, url: str, cause: str) -> None:
        self.failed[url] = cause
        self.stats.set_value("xfiles/pages/failed", len(self.failed))

    def episode_stored(self, item: Any, change: str) -> None:
        self.waiting.discard(item.url)
        self.stats.inc_value(f"xfiles/episodes/{change}")
        self.stats.inc_value("xfiles/speeches", len(item.lines))
        self.stats.inc_value("xfiles/speeches/sceneless", sum(line.scene == 0 for line in item.lines))
        self.characters.update(line.character for line in item.lines)

    def response_downloaded(self, response: Response, request: Request) -> None:
        if "entry" not in request.cb_kwargs:
            return
        # Here, before the HTTP cache puts a page in a 304's place.
        if response.status in _ANSWERS:
            self.stats.inc_value(_ANSWERS[response.status])
        # A redirect that leads to another host or in a circle is dropped without an errback.
        location = response.headers.get("Location")
        if location is not None:
            self.redirects[request.cb_kwargs["entry"].url] = one_line(location.decode("latin-1"))

    def spider_closed(self, spider: Spider, reason: str) -> None:
        for url in self.waiting - self.failed.keys():
            if url in self.redirects:
                self.page_failed(url, f"it leads to {self.redirects[url]}, which is not followed")
            else:
                self.page_failed(url, f"it was not stored when the crawl ended: {reason}")
        if self.stats.get_value("xfiles/pages/found") and not spider.bypass:
            start = urljoin(spider.url, TRANSCRIPT_LINK)
            self.vanished = sorted(url for url in self.unseen if url.startswith(start) and spider.takes(url))
        self.stats.set_value("xfiles/pages/vanished", len(self.vanished))
        self.stats.set_value("xfiles/characters", len(self.characters))
        self.stats.set_value("xfiles/characters/once", list(self.characters.values()).count(1))

    def engine_stopped(self) -> None:
        count = self.stats.get_value
        logger.info(
            "Of %d pages found, %d failed. Episodes: %d new, %d changed, %d unchanged.",
            count("xfiles/pages/found"),
            count("xfiles/pages/failed"),
            *map(count, _EPISODES),
        )
        logger.info(
            "%d speeches by %d characters in %.0f s; %d pages fetched, %d confirmed unchanged.",
            count("xfiles/speeches"),
            count("xfiles/characters"),
            count("elapsed_time_seconds", 0),
            count("xfiles/pages/fetched"),
            count("xfiles/pages/confirmed"),
        )
        logger.info(
            "Markup: %d pages in bold, %d mis-nested, %d in spans; %d speeches without a scene, %d names seen once.",
            count("xfiles/pages/bold"),
            count("xfiles/pages/misnested"),
            count("xfiles/pages/span"),
            count("xfiles/speeches/sceneless"),
            count("xfiles/characters/once"),
        )
        if self.path:
            stats = {name: count for name, count in self.stats.get_stats().items() if name.startswith("xfiles/")}
            Path(self.path).write_text(json.dumps(stats | {"failed": self.failed, "vanished": self.vanished}), "utf-8")
        for url in self.vanished:
            logger.warning("Vanished from the home page, its rows are kept: %s", url)
        for url, cause in sorted(self.failed.items()):
            logger.error("Failed: %s: %s", url, cause)


class Progress:
    """Shows a bar on a terminal: pages done of pages found, episodes stored, speeches, failures.

    Raises :exc:`~scrapy.exceptions.NotConfigured` where nobody looks, at LOG_LEVEL = "DEBUG", and without tqdm.
    """

    def __init__(self, crawler: Crawler) -> None:
        if tqdm is None or not sys.stderr.isatty() or crawler.settings["LOG_LEVEL"] == "DEBUG":
            raise NotConfigured  # without a reason, of which Scrapy would warn
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler)
        crawler.signals.connect(progress.spider_opened, scrapy_signals.spider_opened)
        crawler.signals.connect(progress.page_found, signals.page_found)
        crawler.signals.connect(progress.page_done, signals.page_failed)
        crawler.signals.connect(progress.page_done, signals.episode_stored)
        crawler.signals.connect(progress.spider_closed, scrapy_signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        self.bar = tqdm(total=0, unit=" pages", dynamic_ncols=True)
        # Log lines go above the bar, not through it. Scrapy makes its handler anew before it opens the spider.
        self.handler = get_scrapy_root_handler()
        self.redirects = getattr(self.handler, "stream", None) is sys.stderr
        if self.redirects:
            self.handler.setStream(DummyTqdmFile(sys.stderr))

    def page_found(self) -> None:
        self.bar.total += 1

    def page_done(self) -> None:
        count = self.stats.get_value
        episodes, speeches, failed = sum(map(count, _EPISODES)), count("xfiles/speeches"), count("xfiles/pages/failed")
        self.bar.set_postfix_str(f"{episodes} episodes, {speeches} speeches, {failed} failed", refresh=False)
        self.bar.update()

    def spider_closed(self) -> None:
        self.bar.close()
        if self.redirects:
            self.handler.setStream(sys.stderr)
