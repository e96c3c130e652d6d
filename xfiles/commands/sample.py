"""``scrapy sample``: what a crawl does, shown on the small site that comes with the project, without the network."""

import argparse
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.conf import closest_scrapy_cfg

from xfiles.commands import crawl
from xfiles.commands.crawl import check_arguments

#: The rows shown at the end.
EXAMPLE = """
    SELECT EPISODE, CHARACTER, SPOKEN FROM SPEECHES WHERE CHARACTER = 'SCULLY'
    ORDER BY NUMBER IS NULL, NUMBER, PAGE, LINE LIMIT 3
"""


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address at which the files of ``folder`` are served on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


class Command(crawl.Command):
    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Crawl the small site that comes with the project into sample/xfiles_db.sqlite"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or opts.spargs:
            raise UsageError("sample takes no spider and no arguments: scrapy crawl xfiles does", print_help=False)
        self.project = Path(closest_scrapy_cfg() or ".").resolve().parent
        self.site = self.project / "tests" / "site"
        if not (self.site / "index.html").is_file():
            raise UsageError(f"there is no site in {self.site}: run this in a clone of the project", print_help=False)
        super().process_options(["xfiles"], opts)
        assert self.settings is not None
        if (self.settings.getpriority("XFILES_DATABASE") or 0) >= SETTINGS_PRIORITIES["cmdline"]:
            # The database is emptied first, so it must not be one with anything else in it.
            raise UsageError("sample has a database of its own: leave out -s XFILES_DATABASE", print_help=False)
        # Beside scrapy.cfg, by the path from here, as the closing words show it.
        self.database = Path(os.path.relpath(self.project), "sample", "xfiles_db.sqlite")
        self.settings.set("XFILES_DATABASE", str(self.database), priority="cmdline")
        check_arguments(self.settings, [], {})
        for name, value in {
            "HTTPCACHE_ENABLED": False,
            "HTTPPROXY_ENABLED": False,  # a proxy's loopback is not this machine's
            "DOWNLOAD_DELAY": 0.001,  # nobody's host
            "AUTOTHROTTLE_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
        }.items():
            self.settings.set(name, value, priority="spider")
        try:
            self.database.parent.mkdir(exist_ok=True)
            for ending in ("", "-wal", "-shm"):
                # The port is another one each time, and so each page would be stored once more.
                self.database.with_name(self.database.name + ending).unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"{error.filename} can't be used: {error.strerror}", print_help=False) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        with serving(self.site) as url:
            opts.spargs["url"] = url
            super().run(["xfiles"], opts)
        if not self.exitcode:
            with closing(sqlite3.connect(self.database)) as connection:
                rows = connection.execute(EXAMPLE).fetchall()
            try:
                print("For example:", *(" | ".join(row) for row in rows), sep="\n", flush=True)
            except BrokenPipeError:  # nobody reads it, nor what Python flushes when it ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
