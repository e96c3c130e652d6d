"""Ours against others, side by side: python benchmarks/run.py [ROUNDS] [PAGES PAGES PAGES]

Serves a generated site on loopback and runs each way to crawl it as a process of its own, in turn, ROUNDS (3) times;
the two larger sites once. Prints medians as Markdown tables, which docs/benchmarks.md quotes, and exits 1 if a way
stored another number of speeches than the site has. Needs benchmarks/requirements.txt.
"""

import importlib.util
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from crawl import FAST, PROJECT, crawl_line
from pages import SPEECHES
from server import serving

NAMES = {
    "ours": "**xfiles**, 16 requests at once",
    "polite": "xfiles as shipped: 4 at once, 4 a second",
    "sequential": "requests + BeautifulSoup, one after another",
    "threads": "requests + BeautifulSoup, 16 threads",
    "prefect": "the same under Prefect 3, 16 threads",
    "floor": "asyncio + aiohttp + lxml, no framework",
    "warm": "**xfiles**, a second time",
    "again": "requests + BeautifulSoup, 16 threads, a second time",
}


@dataclass
class Run:
    wall: float  # seconds
    cpu: float  # seconds
    peak: int  # MB
    rows: int
    body: int  # bytes of transcripts that the server sent


def line(way: str, url: str, folder: Path) -> list[str]:
    if way in ("ours", "polite", "warm"):
        settings = [f"XFILES_DATABASE={folder}/x.sqlite", f"HTTPCACHE_DIR={folder}/cache"]
        return crawl_line(url, settings if way == "polite" else settings + FAST)
    return [
        sys.executable,
        str(Path(__file__).with_name("rivals.py")),
        "threads" if way == "again" else way,
        url,
        f"{folder}/x.sqlite",
    ]


def measure(way: str, url: str, folder: Path) -> Run:
    """One run of ``way``, with its files in ``folder``."""
    environment = os.environ | {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    urlopen(f"{url}sent").close()
    start = time.perf_counter()
    with open(folder / "log", "w+") as log:
        process = subprocess.Popen(line(way, url, folder), cwd=PROJECT, env=environment, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        if status:
            log.seek(0)
            raise SystemExit(f"{way} failed: {log.read()}")
    # Closed, so that this process stays small: a child's peak is never less than what its parent holds.
    with closing(sqlite3.connect(folder / "x.sqlite")) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM XFILES").fetchone()
    body = int(urlopen(f"{url}sent").read())
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, rows, body)


def cell(ways: list[str], pages: int, latency: float, rounds: int) -> dict[str, Run]:
    """The medians of ``rounds`` runs of each way, in turn."""
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    for _ in range(rounds):
        with serving(pages, SPEECHES, latency) as url:
            folders = {}
            for way in ways:
                # A second time: with what the first left.
                folder = folders.get({"warm": "ours", "again": "threads"}.get(way)) or Path(tempfile.mkdtemp())
                folders[way] = folder
                if way == "again":
                    (folder / "x.sqlite").unlink()
                run = measure(way, url, folder)
                if run.rows != pages * SPEECHES:
                    raise SystemExit(f"{way} stored {run.rows} of {pages * SPEECHES} speeches")
                runs[way].append(run)
            for folder in folders.values():
                shutil.rmtree(folder, ignore_errors=True)
    fields = ("wall", "cpu", "peak", "rows", "body")
    return {way: Run(*(median(getattr(run, field) for run in runs[way]) for field in fields)) for way in ways}


def start_up(rounds: int) -> tuple[float, float]:
    """The CPU time of ``scrapy list`` here, and in a bare project: medians, in seconds."""
    times: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        scrapy = [sys.executable, "-m", "scrapy"]
        subprocess.run([*scrapy, "startproject", "bare"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        for _ in range(3 * rounds):
            for place, kept in zip((PROJECT, Path(folder, "bare")), times, strict=True):
                process = subprocess.Popen([*scrapy, "list"], cwd=place, stdout=subprocess.DEVNULL)
                usage = os.wait4(process.pid, 0)[2]
                kept.append(usage.ru_utime + usage.ru_stime)
    return median(times[0]), median(times[1])


def table(title: str, results: dict[str, Run], base: str) -> None:
    """Print ``results``, with ratios to the way ``base``, one of ours."""
    print(f"\n{title}\n\n| | wall, s | CPU, s | peak, MB | wall, of ours | sent, MB |\n|---|---|---|---|---|---|")
    ours = results[base].wall
    for way, run in results.items():
        numbers = f"{run.wall:.1f} | {run.cpu:.1f} | {run.peak:.0f} | {run.wall / ours:.1f} × | {run.body / 1e6:.0f}"
        print(f"| {NAMES[way]} | {numbers} |", flush=True)


def main(rounds: int = 3, small: int = 220, middle: int = 2200, large: int = 20_000) -> None:
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores of {platform.machine()}"
    print(f"{date.today()}, {machine}; {SPEECHES} speeches per page; ", end="")
    print(f"medians of {rounds} rounds, 1 for the larger sites.")
    ways = ["ours", "threads", "prefect", "sequential", "floor"]
    if importlib.util.find_spec("prefect") is None:
        ways.remove("prefect")
        print("\nPrefect is not installed.")
    for latency in (0, 0.05, 0.25):
        table(f"{small} pages, {latency * 1000:.0f} ms latency:", cell(ways, small, latency, rounds), "ours")
    table(f"{small} pages, 50 ms, politely:", cell(["polite"], small, 0.05, 1), "polite")
    rerun = cell(["ours", "warm", "threads", "again"], small, 0, rounds)
    table(f"{small} pages, 0 ms, a second time, when nothing changed:", rerun, "warm")
    table(f"{middle} pages, 0 ms:", cell(["ours", "threads", "floor"], middle, 0, 1), "ours")
    most = cell(["ours", "warm", "floor"], large, 0, 1)
    table(f"{large} pages, 0 ms:", most, "ours")

    one = cell(["ours", "floor"], 1, 0, rounds)
    some = cell(["ours", "floor"], small, 0, rounds)
    ours, floor = ((some[way].cpu - one[way].cpu) / (small - 1) * 1000 for way in ("ours", "floor"))
    print(f"\nCPU time per page beyond start-up: {ours:.1f} ms, {ours / floor:.1f} times the floor's {floor:.1f} ms.")
    again = [f"{runs['warm'].cpu / runs['ours'].cpu:.2f} at {pages}" for pages, runs in ((small, rerun), (large, most))]
    print(f"CPU time of a rerun in which nothing changed, of the first run's: {', '.join(again)} pages.")
    project, bare = start_up(rounds)
    print(f"CPU time of `scrapy list`: {project:.2f} s, {project / bare:.2f} times a bare project's {bare:.2f} s.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
