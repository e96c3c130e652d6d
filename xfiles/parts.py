"""A part of a crawl: how it is run as a process of its own, and who runs it."""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from scrapy.settings import BaseSettings

from xfiles.arguments import ArgumentError

#: How often to look whether a part has ended, or is to end.
LOOK_SECONDS = 0.5

Report = dict[str, Any]  # as the file of XFILES_REPORT holds it
Outcome = tuple[Report, list[str]]  # of a part: its report, and what went wrong, one line each


class Workers(NamedTuple):
    """Who runs parts, each by :func:`crawl_part`."""

    submit: Callable[[list[str]], Future[Outcome]]  # takes the options
    room: Callable[[], int]  # how many parts they can run at once; 0 if nobody is left
    stop: Callable[[], object]  # ends the parts under way


@contextmanager
def this_machine(at_once: int, signals: Callable[[], int]) -> Iterator[Workers]:
    """This machine, for ``at_once`` parts, which look at ``signals`` for themselves."""
    with ThreadPoolExecutor(at_once) as pool:
        yield Workers(lambda options: pool.submit(crawl_part, options, signals, True), lambda: at_once, lambda: None)


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """The workers of the Dask scheduler at ``address``.

    Raises :exc:`~xfiles.arguments.ArgumentError` if Dask is not installed, no scheduler answers, it has no workers, or
    one of them can't import this project.
    """
    # Not imported above: Scrapy loads every command, whichever is run.
    try:
        from distributed import Client, Event
    except ImportError:
        raise ArgumentError("--scheduler needs Dask: pip install -r requirements-cluster.txt") from None
    # Dask would log each failed part and each lost connection with its traceback; they are said here in one line.
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address)
    except (OSError, ValueError) as error:
        raise ArgumentError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        try:
            # A worker that is sent a function that it can't import dies of it.
            if not client.run(import_module, __name__):
                raise ArgumentError(f"the Dask scheduler at {address} has no workers")
        except ImportError as error:
            advice = f"start it in a clone of this project, by python -m dask worker {address}"
            raise ArgumentError(f"a Dask worker can't run parts: {error}: {advice}") from None
        pool, stop = client.get_executor(pure=False), Event(client=client)
        try:
            yield Workers(
                lambda options: pool.submit(crawl_part, options, stop.is_set),
                lambda: sum(client.nthreads().values()),
                stop.set,
            )
        except KeyboardInterrupt:
            with suppress(OSError):  # the scheduler is gone
                stop.set()
            raise


def crawl_part(options: list[str], signals: Callable[[], int], own_session: bool = False) -> Outcome:
    """Run ``scrapy crawl`` with ``options`` in a process, for a reactor can't be started twice; if it fails, once more.

    Called where the part is to run: in this process or a Dask worker, in a clone of this project.

    :param signals: how many SIGTERM the process is to have got so far: the first ends it with its report
    :param own_session: whether Ctrl-C, which a terminal sends to each process of a command line, is kept from it
    """
    if _asked(signals):
        return {}, ["it was stopped before it began"]
    stats, lost = _crawl(options, signals, own_session)
    return _crawl(options, signals, own_session) if lost and not _asked(signals) else (stats, lost)


def _crawl(options: list[str], signals: Callable[[], int], own_session: bool) -> Outcome:
    sent = 0
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        with subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", *options, "-s", f"XFILES_REPORT={report}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=own_session,
        ) as process:
            log = None
            while log is None:
                try:
                    _, log = process.communicate(timeout=LOOK_SECONDS)
                except subprocess.TimeoutExpired:
                    if sent < _asked(signals):
                        sent += 1
                        process.terminate()
        stats = json.loads(report.read_text("utf-8")) if report.exists() else {}
    if not process.returncode:
        return stats, []
    if sent:
        return stats, ["it was stopped"]
    return stats, losses(stats, log) or [f"it ended with status {process.returncode}; its log says why"]


def _asked(signals: Callable[[], int]) -> int:
    try:
        return signals()
    except Exception:  # whatever it is: the scheduler is gone, and nobody waits for this part any more
        return 1


def losses(stats: Report, log: str) -> list[str]:
    """What a failed part lost, one line each: its pages by the report, the rest by its ``log``, which may be empty."""
    pages = [f"{url}: {cause}" for url, cause in stats.get("failed", {}).items()]
    errors = [line for line in log.splitlines() if " ERROR: " in line and not line.endswith(tuple(pages))]
    return pages + errors or log.splitlines()[-1:]


def part_options(part: str, settings: BaseSettings, at_once: int) -> list[str]:
    """The options of the crawl of ``part``, "K/N": its share of the requests that ``settings`` allow ``at_once`` crawls
    together, and, where they name a log, one of its own: crawl.2-of-4.log beside crawl.log."""
    own = share_politeness(settings, at_once) | {name: settings[name] for name in ("LOG_ENABLED", "LOG_LEVEL")}
    if settings["LOG_FILE"]:
        log = Path(settings["LOG_FILE"])
        own["LOG_FILE"] = log.with_name(f"{log.stem}.{part.replace('/', '-of-')}{log.suffix}")
    return ["-a", f"part={part}", *(word for name, value in own.items() for word in ("-s", f"{name}={value}"))]


def share_politeness(settings: BaseSettings, at_once: int) -> dict[str, Any]:
    """The settings of each of ``at_once`` crawls with which they are together as polite as ``settings`` say."""
    slots = settings.getdict("DOWNLOAD_SLOTS")  # hosts with a delay of their own
    slots = {
        host: slot | {"delay": slot["delay"] * at_once} if "delay" in slot else slot for host, slot in slots.items()
    }
    requests = ("CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN")
    delays = ("DOWNLOAD_DELAY", "AUTOTHROTTLE_START_DELAY", "AUTOTHROTTLE_MAX_DELAY")
    return {
        **{name: max(1, settings.getint(name) // at_once) for name in requests},
        **{name: settings.getfloat(name) * at_once for name in delays},
        "AUTOTHROTTLE_TARGET_CONCURRENCY": settings.getfloat("AUTOTHROTTLE_TARGET_CONCURRENCY") / at_once,
        "DOWNLOAD_SLOTS": json.dumps(slots),
        "XFILES_CRAWLS": settings.getint("XFILES_CRAWLS") * at_once,
    }
