"""``scrapy crawl`` with an honest exit status."""

import argparse
import sys

from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from xfiles.spiders.xfiles import ArgumentError


def check_arguments(settings: BaseSettings, spiders: list[str], arguments: dict[str, str]) -> None:
    """Exit with status 2 and one line if there is no such spider, or it makes no sense of its arguments."""
    try:
        for name in spiders:
            get_spider_loader(settings).load(name)(**arguments)
    except (ArgumentError, KeyError) as error:
        print(f"scrapy: {error.args[0]}", file=sys.stderr)
        raise SystemExit(2) from None


class Command(crawl.Command):
    """Scrapy's command exits 0 whatever becomes of the pages. This one:

    - 0: every page found was stored
    - 1: something was lost or went wrong; the ERROR lines of the log say what
    - 2: an argument makes no sense, and nothing was fetched
    """

    crawler: Crawler

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        check_arguments(self.settings, args, opts.spargs)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        super().run(args, opts)
        stats = self.crawler.stats
        lost = stats.get_value("xfiles/pages/failed") or stats.get_value("log_count/ERROR")
        if lost or stats.get_value("finish_reason") != "finished":
            self.exitcode = 1

    def _create_crawler(self, spidercls: str) -> Crawler:
        self.crawler = super()._create_crawler(spidercls)
        return self.crawler
