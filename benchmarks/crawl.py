"""How the benchmarks call our crawl."""

import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
#: Without politeness.
FAST = [
    "DOWNLOAD_DELAY=0.0001",
    "AUTOTHROTTLE_ENABLED=0",
    "CONCURRENT_REQUESTS=16",
    "CONCURRENT_REQUESTS_PER_DOMAIN=16",
]


def crawl_line(url: str, settings: list[str], *options: str, command: Sequence[str] = ("crawl", "xfiles")) -> list[str]:
    """The line of a quiet ``command`` on the home page at ``url``, to be run in :data:`PROJECT`."""
    line = [sys.executable, "-m", "scrapy", *command, f"-aurl={url}", *options]
    for setting in ("LOG_LEVEL=WARNING", *settings):
        line += ["-s", setting]
    return line
