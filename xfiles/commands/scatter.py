"""``scrapy scatter``: one crawl in many parts, as processes of this machine or on the workers of a Dask cluster."""

import argparse
import json
import logging
import os
import signal
import sys
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings
from scrapy.utils.conf import arglist_to_dict
from scrapy.utils.log import configure_logging

from xfiles.arguments import ArgumentError, read_bypass
from xfiles.commands.crawl import check_arguments
from xfiles.database.address import safe_address
from xfiles.extensions.report import see_it
from xfiles.ledger import counted
from xfiles.parts import LOOK_SECONDS, Outcome, Report, Workers, cluster, part_options, this_machine

#: How long a cluster may be without workers.
WORKERLESS_SECONDS = 30.0
MOST_PARTS = 999_999  # as many as -a part takes

logger = logging.getLogger(__name__)


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    settings: Settings  # Scrapy sets them first

    def __init__(self) -> None:
        super().__init__()
        self.total: Counter[str] = Counter()  # of the parts' counts
        self.failed: dict[str, str] = {}  # the pages lost, as in a crawl's report
        self.vanished: list[str] = []
        self.signals = 0  # received so far

    def syntax(self) -> str:
        return "[options] <spider> --parts N"

    def short_desc(self) -> str:
        return "Crawl in N parts, as processes of this machine or on the workers of a Dask cluster"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("--parts", metavar="N", type=int, required=True, help="into how many parts to cut the crawl")
        add("--scheduler", metavar="ADDRESS", help="a Dask cluster's, such as tcp://host:8786")
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="set spider argument")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            self._check(args, opts)
            if self.settings["LOG_FILE"]:
                configure_logging(self.settings)
            self._scatter(args[0], opts)
        except ArgumentError as error:
            print(f"scrapy: {error}", file=sys.stderr)
            self.exitcode = 2
        except KeyboardInterrupt:
            self._fail("Stopped at once")
        else:
            self._sum_up()

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raise :exc:`~xfiles.arguments.ArgumentError`, or exit with status 2, if something makes no sense."""
        if len(args) != 1 or not 1 <= opts.parts <= MOST_PARTS:
            raise ArgumentError(f"give one spider and --parts N, with N from 1 to {MOST_PARTS}")
        try:
            arguments = arglist_to_dict(opts.spargs)
        except ValueError:
            raise ArgumentError("Invalid -a value, use -a NAME=VALUE") from None
        if "part" in arguments:
            raise ArgumentError("-a part is scatter's own: give --parts N")
        check_arguments(self.settings, args, arguments)
        if read_bypass(arguments.get("bypass", "0")):
            raise ArgumentError("-a bypass reads one page, which has no parts: use scrapy crawl")
        if shared := [feed for feed in self.settings.getdict("FEEDS") if "%(part)" not in str(feed)]:
            raise ArgumentError(f"each part would write the feed {shared[0]!r}: give a name with %(part)s in it")
        for feed, options in self.settings.getdict("FEEDS").items():
            if not (options or {}).get("overwrite"):
                raise ArgumentError(f'a part that is run again would double the feed {feed!r}: add "overwrite": true')
        for name, more in (("XFILES_DATABASE", " on a disk that all share, or postgresql://…"), ("LOG_FILE", "")):
            path = self.settings[name] or "/"
            if opts.scheduler and "://" not in path and not os.path.isabs(path):
                raise ArgumentError(f"{name} is {path!r}, a file in each worker's folder: give an absolute path{more}")

    def _scatter(self, spider: str, opts: argparse.Namespace) -> None:
        """Crawl all parts, as many at once as the host and the workers bear."""
        # Without the network the host needs no care.
        offline = self.settings.getbool("XFILES_OFFLINE")
        most = (os.cpu_count() or 1) if offline else self.settings.getint("CONCURRENT_REQUESTS")
        options = [spider, *(word for argument in opts.spargs for word in ("-a", argument))]
        options += [word for setting in opts.set for word in ("-s", setting)]
        with cluster(opts.scheduler) if opts.scheduler else this_machine(most, lambda: self.signals) as workers:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # by nohup
                    signal.signal(number, self._interrupt)
            # A cluster that has just lost its workers may get others.
            self._crawl(workers, options, opts.parts, max(1, min(opts.parts, most, workers.room())))

    def _interrupt(self, number: int, _: object) -> None:
        """End the parts; a second time, end at once."""
        self.exitcode = 1
        self.signals += 1
        if self.signals > 1:
            signal.signal(number, signal.SIG_DFL)
            raise KeyboardInterrupt

    def _crawl(self, workers: Workers, options: list[str], number: int, at_once: int) -> None:
        """Crawl ``number`` parts, ``at_once`` of them at once, until each has ended or nobody can run them."""
        waiting = [f"{part}/{number}" for part in range(number, 0, -1)]
        running: dict[Future[Outcome], str] = {}
        done, stopped, worked = 0, False, time.monotonic()
        try:
            while waiting or running:
                if self.signals and not stopped:
                    stopped = True
                    self._say_stopped(len(waiting))
                    waiting.clear()
                    workers.stop()
                while waiting and len(running) < at_once:
                    part = waiting.pop()
                    running[workers.submit(options + part_options(part, self.settings, at_once))] = part
                ended = wait(running, LOOK_SECONDS, FIRST_COMPLETED).done
                if ended or workers.room():
                    worked = time.monotonic()
                elif self.signals or time.monotonic() - worked > WORKERLESS_SECONDS:
                    self._fail("The cluster has no workers any more")
                    break
                for future in ended:
                    error = future.exception()
                    outcome = ({}, [str(error)]) if error else future.result()
                    done += 1
                    self._add(f"{done} of {number} parts done, {running.pop(future)}", *outcome)
            if self.signals and not stopped:  # the last parts ended before anybody looked
                self._say_stopped(0)
        except (CancelledError, OSError):
            self._fail("The Dask scheduler is gone")
        if unfinished := [*running.values(), *reversed(waiting)]:
            self._fail(f"Not run to the end: {', '.join(unfinished)}")

    def _say_stopped(self, left: int) -> None:
        self._say(f"Stopped: the parts under way are ended, and {left} are not begun")

    def _add(self, part: str, stats: Report, lost: list[str]) -> None:
        """Say what became of ``part``, and add its report to the others'."""
        self.failed |= stats.get("failed", {})
        self.vanished += stats.get("vanished", [])
        self.total.update({name: count for name, count in stats.items() if isinstance(count, int)})
        for line in lost:
            self._fail(f"{part} failed: {line}")
        if not lost:
            self._say(f"{part}: {counted(stats['xfiles/pages/found'], 'page')}")

    def _sum_up(self) -> None:
        """Say what all parts did, where it is, and write the sum of their reports."""
        found, failed, speeches = (self.total[f"xfiles/{name}"] for name in ("pages/found", "pages/failed", "speeches"))
        episodes = {change: self.total[f"xfiles/episodes/{change}"] for change in ("new", "changed", "unchanged")}
        changes = ", ".join(f"{count:,} {change}" for change, count in episodes.items())
        self._say(f"All parts: {counted(found, 'page')} found, {failed:,} failed. Episodes: {changes}.")
        if any(episodes.values()):
            self._say(f"{counted(speeches, 'speech')} in all.")
            self._say(f"The database: {safe_address(self.settings['XFILES_DATABASE'])}")
            for line in see_it(self.settings):
                self._say(line)
        if path := self.settings["XFILES_REPORT"]:
            try:
                report = self.total | {"failed": self.failed, "vanished": self.vanished}
                Path(path).write_text(json.dumps(report), "utf-8")
            except OSError as error:
                self._fail(f"The report can't be written to XFILES_REPORT: {error}")

    def _fail(self, line: str) -> None:
        self.exitcode = 1
        self._say(line, logging.ERROR)

    def _say(self, line: str, level: int = logging.INFO) -> None:
        if self.settings["LOG_FILE"]:
            logger.log(level, "%s", line)
        else:
            print(line, file=sys.stderr, flush=True)
