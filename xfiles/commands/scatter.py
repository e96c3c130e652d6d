"""``scrapy scatter``: one crawl in many parts, spread over the workers of a Dask cluster."""

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.conf import arglist_to_dict

from xfiles.arguments import read_bypass
from xfiles.commands.crawl import check_arguments

MOST_PARTS = 999_999  # as many as -a part takes


class PartError(Exception):
    """A part that lost something. Raised on the worker by :func:`crawl_part`, with its report and its log's errors."""


#: The Dask event that ends the parts' crawls.
STOP = "xfiles-stop"


def crawl_part(spider: str, part: str, options: list[str]) -> dict[str, Any]:
    """Crawl one part in a process of its own, since a reactor can't be started twice, and return its report.

    Runs on a worker, in its working directory, a clone of this project, until it is done or :data:`STOP` is set.
    Raises :exc:`PartError`.
    """
    from distributed import Event

    stop = Event(STOP)
    if stop.is_set():
        raise PartError({}, ["it was stopped before it began"])
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        line = [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"part={part}", *options]
        with subprocess.Popen(
            [*line, "-s", f"XFILES_REPORT={report}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as process:
            stderr = None
            while stderr is None:
                try:
                    _, stderr = process.communicate(timeout=0.5)
                except subprocess.TimeoutExpired:
                    if stop.is_set():
                        process.terminate()
        stats = json.loads(report.read_text("utf-8")) if report.exists() else {}
    if process.returncode:
        log = stderr.splitlines() or [f"it ended with status {process.returncode}"]
        raise PartError(stats, [line for line in log if " ERROR: " in line] or log[-1:])
    return stats


def share_politeness(settings: BaseSettings, at_once: int) -> dict[str, float]:
    """The settings of each of ``at_once`` crawls with which they are together as polite as ``settings`` say."""
    requests = settings.getint("CONCURRENT_REQUESTS")
    return {
        "CONCURRENT_REQUESTS": max(1, requests // at_once),
        "CONCURRENT_REQUESTS_PER_DOMAIN": max(1, settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") // at_once),
        "DOWNLOAD_DELAY": settings.getfloat("DOWNLOAD_DELAY") * at_once,
        "AUTOTHROTTLE_START_DELAY": settings.getfloat("AUTOTHROTTLE_START_DELAY") * at_once,
        "AUTOTHROTTLE_MAX_DELAY": settings.getfloat("AUTOTHROTTLE_MAX_DELAY") * at_once,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": settings.getfloat("AUTOTHROTTLE_TARGET_CONCURRENCY") / at_once,
    }


def check_politeness(settings: BaseSettings) -> None:
    """Raise :exc:`~scrapy.exceptions.UsageError` if a setting that :func:`share_politeness` shares makes no sense."""
    for name, read, least in (
        ("CONCURRENT_REQUESTS", settings.getint, 1),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", settings.getint, 1),
        ("DOWNLOAD_DELAY", settings.getfloat, 0),
        ("AUTOTHROTTLE_START_DELAY", settings.getfloat, 0),
        ("AUTOTHROTTLE_MAX_DELAY", settings.getfloat, 0),
        ("AUTOTHROTTLE_TARGET_CONCURRENCY", settings.getfloat, 0),
    ):
        try:
            usable = read(name) >= least
        except (TypeError, ValueError):
            usable = False
        if not usable:
            raise UsageError(f"{name} is {settings[name]!r}: give a number, at least {least}", print_help=False)


@contextmanager
def dask_client(address: str | None, workers: int) -> Iterator[Any]:
    """The client of the Dask scheduler at ``address``, or of a local cluster of ``workers`` if that is None.

    Raises :exc:`~scrapy.exceptions.UsageError` if Dask is not installed, none answers, or it has no workers.
    """
    # Not imported above: Scrapy loads every command, whichever is run.
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UsageError("scatter needs Dask: pip install -r requirements-cluster.txt", print_help=False) from None
    if address is None:
        # Dask would log each failed part with its traceback; it is said here in one line.
        with (
            LocalCluster(
                workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {error}", print_help=False) from None
    with client:
        if not client.nthreads():
            raise UsageError(f"the Dask scheduler at {address} has no workers", print_help=False)
        yield client


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def __init__(self) -> None:
        super().__init__()
        self.failed: dict[str, str] = {}  # the pages lost, as in a crawl's report
        self.vanished: list[str] = []

    def syntax(self) -> str:
        return "[options] <spider> --parts N"

    def short_desc(self) -> str:
        return "Crawl in N parts on the workers of a Dask cluster"

    def long_desc(self) -> str:
        return (
            "Run each of N parts of a crawl as a process on a worker of a Dask cluster, or of a local one if no "
            "scheduler is named; the exit status is crawl's. Together they are as polite as the settings say."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--parts", metavar="N", type=int, required=True, help="into how many parts to cut the crawl"
        )
        parser.add_argument("--scheduler", metavar="ADDRESS", help="an existing cluster's, such as tcp://host:8786")
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="set spider argument"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or not 1 <= opts.parts <= MOST_PARTS:
            raise UsageError(f"give one spider and --parts N, with N from 1 to {MOST_PARTS}", print_help=False)
        try:
            arguments = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("Invalid -a value, use -a NAME=VALUE", print_help=False) from None
        if "part" in arguments:
            raise UsageError("-a part is scatter's own: give --parts N", print_help=False)
        assert self.settings is not None
        check_arguments(self.settings, args, arguments)
        if read_bypass(arguments.get("bypass", "0")):
            raise UsageError("-a bypass reads one page, which has no parts: use scrapy crawl", print_help=False)
        check_politeness(self.settings)
        # Without the network the host needs no care.
        offline = self.settings.getbool("XFILES_OFFLINE")
        polite = (os.cpu_count() or 1) if offline else self.settings.getint("CONCURRENT_REQUESTS")
        with dask_client(opts.scheduler, min(opts.parts, polite)) as client:
            at_once = min(opts.parts, polite, sum(client.nthreads().values()))
            options = [word for argument in opts.spargs for word in ("-a", argument)]
            options += [word for setting in opts.set for word in ("-s", setting)]
            for name, value in share_politeness(self.settings, at_once).items():
                options += ["-s", f"{name}={value}"]
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            total = self._crawl(client, args[0], opts.parts, at_once, options)
        names = ("pages/found", "pages/failed", "episodes/new", "episodes/changed", "episodes/unchanged", "speeches")
        self._say("All parts: " + ", ".join(f"{total[f'xfiles/{name}']} {name.replace('/', ' ')}" for name in names))
        if path := self.settings["XFILES_REPORT"]:
            try:
                Path(path).write_text(json.dumps(total | {"failed": self.failed, "vanished": self.vanished}), "utf-8")
            except OSError as error:
                self._say(f"The report can't be written to XFILES_REPORT: {error}")
                self.exitcode = 1

    def _crawl(self, client: Any, spider: str, number: int, at_once: int, options: list[str]) -> Counter[str]:
        """Crawl ``number`` parts, ``at_once`` of them at once, and return the sum of their reports."""
        from distributed import Event, as_completed

        stop = Event(STOP, client=client)
        stop.clear()
        waiting = [f"{part}/{number}" for part in range(number, 0, -1)]
        parts = {}

        def submit() -> Any:
            part = waiting.pop()
            # Parts are idempotent: Dask runs a lost worker's again elsewhere, and a failed one once more.
            future = client.submit(crawl_part, spider, part, options, retries=1, pure=False)
            parts[future] = part
            return future

        total: Counter[str] = Counter()
        futures = as_completed([submit() for _ in range(at_once)])
        done = 0
        while True:
            try:
                future = next(futures)
            except StopIteration:
                break
            except KeyboardInterrupt:
                self._say(f"Stopped: the parts under way are ended, and {len(waiting)} are not begun")
                self.exitcode = 1
                waiting.clear()
                stop.set()
                continue
            done += 1
            stats = self._report(future, f"{done} of {number} parts done, {parts[future]}")
            self.failed |= stats.get("failed", {})
            self.vanished += stats.get("vanished", [])
            total.update({name: count for name, count in stats.items() if isinstance(count, int)})
            if waiting:
                futures.add(submit())
        return total

    def _report(self, future: Any, part: str) -> dict[str, Any]:
        """Say what became of ``part``, and return its report."""
        error = future.exception()
        if error is None:
            stats = future.result()
            self._say(f"{part}: {stats['xfiles/pages/found']} pages")
            return stats
        self.exitcode = 1
        stats, log = error.args if isinstance(error, PartError) else ({}, [str(error)])
        for line in log:
            self._say(f"{part} failed: {line}")
        return stats

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)
