"""``scrapy scatter``: one crawl in many parts, spread over the workers of a Dask cluster."""

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.conf import arglist_to_dict

from xfiles.arguments import read_bypass
from xfiles.commands.crawl import check_arguments
from xfiles.database.address import safe_address

#: How often to look whether the cluster has workers, and how long it may have none.
LOOK_SECONDS = 2.0
WORKERLESS_SECONDS = 30.0
MOST_PARTS = 999_999  # as many as -a part takes

Report = dict[str, Any]


class PartError(Exception):
    """A part that lost something. Raised on the worker by :func:`crawl_part`, with what that would return."""


def crawl_part(spider: str, part: str, options: list[str], stop: Any) -> tuple[Report, list[str]]:
    """Crawl one part in a process of its own, since a reactor can't be started twice.

    Runs on a worker, in its working directory, a clone of this project, until it is done or the Dask event ``stop`` is
    set. Returns its report, and what went wrong, one line each. Raises :exc:`PartError` if a second time may help.
    """
    if _is_set(stop):
        return {}, ["it was stopped before it began"]
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
            stderr, stopped = None, False
            while stderr is None:
                try:
                    _, stderr = process.communicate(timeout=0.5)
                except subprocess.TimeoutExpired:
                    if not stopped and _is_set(stop):
                        stopped = True
                        process.terminate()  # once: a second signal would cost its report
        stats = json.loads(report.read_text("utf-8")) if report.exists() else {}
    if not process.returncode:
        return stats, []
    if stopped:
        return stats, ["it was stopped"]
    raise PartError(stats, losses(stats, stderr) or [f"it ended with status {process.returncode}; its log says why"])


def _is_set(stop: Any) -> bool:
    try:
        return stop.is_set()
    except Exception:  # whatever it is: the scheduler is gone, and nobody waits for this part any more
        return True


def losses(stats: Report, log: str) -> list[str]:
    """What a failed part lost, one line each: its pages by the report, the rest by its ``log``, which may be empty."""
    pages = [f"{url}: {cause}" for url, cause in stats.get("failed", {}).items()]
    errors = [line for line in log.splitlines() if " ERROR: " in line and not line.endswith(tuple(pages))]
    return pages + errors or log.splitlines()[-1:]


def share_politeness(settings: BaseSettings, at_once: int) -> dict[str, Any]:
    """The settings of each of ``at_once`` crawls with which they are together as polite as ``settings`` say."""
    slots = settings.getdict("DOWNLOAD_SLOTS")  # hosts with a delay of their own
    slots = {
        host: slot | {"delay": slot["delay"] * at_once} if "delay" in slot else slot for host, slot in slots.items()
    }
    return {
        "CONCURRENT_REQUESTS": max(1, settings.getint("CONCURRENT_REQUESTS") // at_once),
        "CONCURRENT_REQUESTS_PER_DOMAIN": max(1, settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") // at_once),
        "DOWNLOAD_DELAY": settings.getfloat("DOWNLOAD_DELAY") * at_once,
        "DOWNLOAD_SLOTS": json.dumps(slots),
        "AUTOTHROTTLE_START_DELAY": settings.getfloat("AUTOTHROTTLE_START_DELAY") * at_once,
        "AUTOTHROTTLE_MAX_DELAY": settings.getfloat("AUTOTHROTTLE_MAX_DELAY") * at_once,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": settings.getfloat("AUTOTHROTTLE_TARGET_CONCURRENCY") / at_once,
    }


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back, for good from the threads and processes that are started meanwhile: a terminal sends it to the
    workers, too, which are ended by this process."""
    resource_tracker.ensure_running()  # which lets Ctrl-C through again when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
    # Dask would log each failed part and each lost connection with its traceback; they are said here in one line.
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address is None:
        with interrupts_held():
            # It serves its own pages in any case: by default for all to see, at a port that may be taken.
            cluster = LocalCluster(
                workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
            )
        with cluster, Client(cluster) as client:
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
        self.events: SimpleQueue[Any] = SimpleQueue()  # each future that ended, and None for a signal
        self.interrupted = False

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
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._interrupt)
        try:
            total = self._scatter(args[0], opts)
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)  # Dask still closes its cluster when Python ends
            self._say("Stopped at once")
            self.exitcode = 1
            return
        names = ("pages/found", "pages/failed", "episodes/new", "episodes/changed", "episodes/unchanged", "speeches")
        self._say("All parts: " + ", ".join(f"{total[f'xfiles/{name}']} {name.replace('/', ' ')}" for name in names))
        if any(total[f"xfiles/episodes/{change}"] for change in ("new", "changed", "unchanged")):
            self._say(f"The database: {safe_address(self.settings['XFILES_DATABASE'])}")
        if path := self.settings["XFILES_REPORT"]:
            try:
                Path(path).write_text(json.dumps(total | {"failed": self.failed, "vanished": self.vanished}), "utf-8")
            except OSError as error:
                self._say(f"The report can't be written to XFILES_REPORT: {error}")
                self.exitcode = 1

    def _interrupt(self, *signal_and_frame: object) -> None:
        """End the parts, however far the cluster's start has come; a second time, end at once."""
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        self.exitcode = 1
        self.events.put(None)

    def _scatter(self, spider: str, opts: argparse.Namespace) -> Counter[str]:
        """Crawl all parts on a cluster, and return the sum of their reports."""
        assert self.settings is not None
        # Without the network the host needs no care.
        offline = self.settings.getbool("XFILES_OFFLINE")
        polite = (os.cpu_count() or 1) if offline else self.settings.getint("CONCURRENT_REQUESTS")
        with dask_client(opts.scheduler, min(opts.parts, polite)) as client:
            at_once = min(opts.parts, polite, sum(client.nthreads().values()))
            options = [word for argument in opts.spargs for word in ("-a", argument)]
            options += [word for setting in opts.set for word in ("-s", setting)]
            for name, value in share_politeness(self.settings, at_once).items():
                options += ["-s", f"{name}={value}"]
            if self.interrupted:  # while the cluster started
                raise KeyboardInterrupt
            return self._crawl(client, spider, opts.parts, at_once, options)

    def _crawl(self, client: Any, spider: str, number: int, at_once: int, options: list[str]) -> Counter[str]:
        """Crawl ``number`` parts, ``at_once`` of them at once, until each has ended or nobody can run them."""
        from distributed import Event

        stop = Event(client=client)
        waiting = [f"{part}/{number}" for part in range(number, 0, -1)]
        running: dict[Any, str] = {}

        def submit() -> None:
            part = waiting.pop()
            # Parts are idempotent: Dask runs a lost worker's again elsewhere, and a failed one once more.
            future = client.submit(crawl_part, spider, part, options, stop, retries=1, pure=False)
            running[future] = part
            future.add_done_callback(self.events.put)

        total: Counter[str] = Counter()
        for _ in range(at_once):
            submit()
        worked = time.monotonic()
        done = 0
        try:
            while running:
                try:
                    future = self.events.get(timeout=LOOK_SECONDS)
                except Empty:
                    if client.nthreads():
                        worked = time.monotonic()
                    elif self.interrupted or time.monotonic() - worked > WORKERLESS_SECONDS:
                        self._say("The cluster has no workers any more")
                        break
                    continue
                worked = time.monotonic()
                if future is None:
                    self._say(f"Stopped: the parts under way are ended, and {len(waiting)} are not begun")
                    waiting.clear()
                    stop.set()
                    continue
                stats = self._report(future, f"{done + 1} of {number} parts done, {running[future]}")
                done += 1
                del running[future]
                self.failed |= stats.get("failed", {})
                self.vanished += stats.get("vanished", [])
                total.update({name: count for name, count in stats.items() if isinstance(count, int)})
                if waiting:
                    submit()
        except (CancelledError, OSError):
            self._say("The Dask scheduler is gone")
        if unfinished := [*running.values(), *reversed(waiting)]:
            self._say(f"Not run to the end: {', '.join(unfinished)}")
            self.exitcode = 1
        return total

    def _report(self, future: Any, part: str) -> Report:
        """Say what became of ``part``, and return its report."""
        error = future.exception()
        if error is None:
            stats, lost = future.result()
        else:
            stats, lost = error.args if isinstance(error, PartError) else ({}, [str(error)])
        if lost:
            self.exitcode = 1
            for line in lost:
                self._say(f"{part} failed: {line}")
        else:
            self._say(f"{part}: {stats['xfiles/pages/found']} pages")
        return stats

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)
