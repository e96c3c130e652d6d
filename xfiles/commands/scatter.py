"""``scrapy scatter``: one crawl in many parts, spread over the workers of a Dask cluster."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings


class PartError(Exception):
    """A part that lost something. Raised on the worker by :func:`crawl_part`, with its report and the log's end."""


def crawl_part(spider: str, part: str, options: list[str]) -> dict[str, Any]:
    """Crawl one part in a process of its own, since a reactor can't be started twice, and return its report.

    Runs on a worker, in its working directory, a clone of this project. Raises :exc:`PartError`.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        line = [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"part={part}", "-s", f"XFILES_REPORT={report}"]
        done = subprocess.run([*line, *options], capture_output=True, text=True, errors="replace")
        stats = json.loads(report.read_text("utf-8")) if report.exists() else {}
    if done.returncode:
        raise PartError(stats, done.stderr.splitlines()[-1:])
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


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

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
        if len(args) != 1 or opts.parts < 1:
            raise UsageError("give one spider and --parts N, with N at least 1", print_help=False)
        try:
            from distributed import Client, LocalCluster, as_completed
        except ImportError:
            raise UsageError("scatter needs Dask: pip install -r requirements-cluster.txt", print_help=False) from None

        polite = self.settings.getint("CONCURRENT_REQUESTS")
        cluster = None
        if opts.scheduler is None:
            cluster = LocalCluster(n_workers=min(opts.parts, polite), threads_per_worker=1, dashboard_address=None)
        with Client(cluster or opts.scheduler) as client:
            threads = sum(client.nthreads().values())
            at_once = max(1, min(opts.parts, polite, threads))
            options = [word for argument in opts.spargs for word in ("-a", argument)]
            options += [word for setting in opts.set for word in ("-s", setting)]
            for name, value in share_politeness(self.settings, at_once).items():
                options += ["-s", f"{name}={value}"]
            waiting = [f"{number}/{opts.parts}" for number in range(1, opts.parts + 1)]
            parts = {}

            def submit() -> Any:
                part = waiting.pop(0)
                # Parts are idempotent: Dask runs a lost worker's again elsewhere, and a failed one once more.
                future = client.submit(crawl_part, args[0], part, options, retries=1, pure=False)
                parts[future] = part
                return future

            total: Counter[str] = Counter()
            futures = as_completed([submit() for _ in range(at_once)])
            for future in futures:
                self._add(total, parts[future], future)
                if waiting:
                    futures.add(submit())
        if cluster is not None:
            cluster.close()
        names = ("pages/found", "pages/failed", "episodes/new", "episodes/changed", "episodes/unchanged", "speeches")
        self._say("All parts: " + ", ".join(f"{total[f'xfiles/{name}']} {name.replace('/', ' ')}" for name in names))

    def _add(self, total: Counter[str], part: str, future: Any) -> None:
        error = future.exception()
        stats: dict[str, Any] = {}
        if error is None:
            stats = future.result()
            self._say(f"Part {part}: {stats['xfiles/pages/found']} pages")
        else:
            self.exitcode = 1
            if isinstance(error, PartError):
                stats, last = error.args
                error = " ".join(last)
            self._say(f"Part {part} failed: {error}")
        total.update({name: count for name, count in stats.items() if isinstance(count, int)})

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)
