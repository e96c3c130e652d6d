"""The bar on a terminal."""

import logging
import sys
from typing import Self

from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.log import get_scrapy_root_handler

from xfiles import signals
from xfiles.extensions.report import on_terminal
from xfiles.ledger import counted

try:
    from tqdm import tqdm
    from tqdm.contrib import DummyTqdmFile
except ImportError:
    tqdm = None  # type: ignore[assignment, misc]  # optional


class Progress:
    """Shows a bar on a terminal: pages done of pages found, speeches, and pages lost if there are any.

    Raises :exc:`~scrapy.exceptions.NotConfigured` if there is no terminal, at LOG_LEVEL = "DEBUG", and without tqdm.
    """

    def __init__(self, crawler: Crawler) -> None:
        if tqdm is None or not on_terminal(crawler.settings) or crawler.settings["LOG_LEVEL"] == "DEBUG":
            raise NotConfigured  # without a reason, of which Scrapy would warn
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler)
        crawler.signals.connect(progress.spider_opened, scrapy_signals.spider_opened)
        crawler.signals.connect(progress.page_found, signals.page_found)
        crawler.signals.connect(progress.page_done, signals.page_failed)
        crawler.signals.connect(progress.page_done, signals.page_moved)
        crawler.signals.connect(progress.page_done, signals.episode_stored)
        crawler.signals.connect(progress.spider_closed, scrapy_signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        shape = "{n_fmt}/{total_fmt} pages |{bar}| {elapsed}<{remaining}{postfix}"
        self.bar = tqdm(total=0, bar_format=shape, leave=False)
        # Log lines go above the bar, not through it. Scrapy makes its handler anew before it opens the spider.
        self.handler = get_scrapy_root_handler()
        if isinstance(self.handler, logging.StreamHandler) and self.handler.stream is sys.stderr:
            self.handler.setStream(DummyTqdmFile(sys.stderr))

    def page_found(self) -> None:
        self.bar.total = (self.bar.total or 0) + 1

    def page_done(self) -> None:
        failed = self.stats.get_value("xfiles/pages/failed")
        counts = [counted(self.stats.get_value("xfiles/speeches"), "speech"), *[f"{failed:,} failed"] * bool(failed)]
        self.bar.set_postfix_str(", ".join(counts), refresh=False)
        self.bar.update()

    def spider_closed(self) -> None:
        self.bar.refresh()
        self.bar.close()
        if isinstance(self.handler, logging.StreamHandler) and isinstance(self.handler.stream, DummyTqdmFile):
            self.handler.setStream(sys.stderr)
