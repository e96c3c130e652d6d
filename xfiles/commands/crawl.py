"""``scrapy crawl`` with an honest exit status."""

import argparse
import gc
import logging
import os
import re
import sys
from typing import Any

from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.spiderloader import get_spider_loader

from xfiles.arguments import ArgumentError
from xfiles.checks import check_settings
from xfiles.extensions.report import on_terminal


def check_arguments(settings: BaseSettings, spiders: list[str], arguments: dict[str, str]) -> None:
    """Exit with status 2 and one line if there is no such spider, or its arguments or settings make no sense."""
    try:
        for name in spiders:
            get_spider_loader(settings).load(name)(**arguments)
        check_settings(settings)
    except (ArgumentError, KeyError) as error:
        print(f"scrapy: {error.args[0]}", file=sys.stderr)
        raise SystemExit(2) from None


# In an address, and among the settings that Scrapy shows.
_PASSWORDS = re.compile(r"(?<=://)[^\s/'\"]*@|(?<=_PASSWORD': ')[^']*|(?<=_KEY': ')[^']*|(?<=_PASS': ')[^']*")


def hide_passwords() -> None:
    """Replace passwords, such as that in a feed's address, by … in whatever is logged from now on."""
    make = logging.getLogRecordFactory()

    def make_without(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if _PASSWORDS.search(message := record.getMessage()):
            record.msg, record.args = _PASSWORDS.sub("…", message), ()
        return record

    logging.setLogRecordFactory(make_without)


class ErrorCounter(logging.Handler):
    """Counts the errors that are logged, those that LOG_LEVEL hides, too.

    Scrapy's own count stops when the spider closes, before its feeds are written.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


# Each time that there are so many more objects, Python looks for those that hold only each other. By its default, 700,
# that is three times a page and a tenth of a crawl's CPU time, and it finds two objects a page: the others go with the
# last reference to them.
_MORE_OBJECTS = 10_000


class Command(crawl.Command):
    """Scrapy's command exits 0 whatever becomes of the pages. This one:

    - 0: every page found was stored
    - 1: something was lost or went wrong; the last lines say what
    - 2: an argument makes no sense, and nothing was fetched
    """

    crawler: Crawler

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        if sys.stderr is None:  # closed, which Scrapy's log doesn't expect
            sys.stderr = open(os.devnull, "w")  # noqa: SIM115  (until the process ends)
        check_arguments(self.settings, args, opts.spargs)
        hide_passwords()
        # Who sits at a terminal gets the bar and the closing words.
        asked = (self.settings.getpriority("LOG_LEVEL") or 0) >= SETTINGS_PRIORITIES["cmdline"]
        if on_terminal(self.settings) and not asked:
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        errors = ErrorCounter()
        logging.getLogger().addHandler(errors)
        gc.set_threshold(_MORE_OBJECTS)  # the process's, which is this command's own, under scrapyd, too
        try:
            super().run(args, opts)
        finally:
            logging.getLogger().removeHandler(errors)
        stats = self.crawler.stats
        assert stats is not None
        if errors.count or stats.get_value("xfiles/pages/failed") or stats.get_value("finish_reason") != "finished":
            self.exitcode = 1

    def _create_crawler(self, spidercls: str) -> Crawler:  # type: ignore[override]  # the base takes classes, too
        self.crawler = super()._create_crawler(spidercls)
        return self.crawler
