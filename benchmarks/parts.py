"""How crawls share a large archive: python benchmarks/parts.py [PAGES]

Crawls a generated site of PAGES pages (20,000) with 20 speeches each into one SQLite database, in 1, 2, 4 and 64
parts, two processes at once, and again a tenth of it in one part. Prints how evenly the pages spread, the wall time,
and the largest process's peak memory. Then reads all of them again from the HTTP cache, in one crawl and scattered over
this machine's cores.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from crawl import FAST, PROJECT, crawl_line
from server import serving

AT_ONCE = 2
SPEECHES = 20  # a page
SETTINGS = [*FAST, "HTTPCACHE_ENABLED=0", "ROBOTSTXT_OBEY=0"]
CORES = os.cpu_count() or 1


def crawl(parts: int, url: str, folder: Path) -> tuple[float, int, int]:
    """Run all parts, two at once; the seconds of wall time, the peak memory in MB, and the episodes stored."""
    database = folder / f"{parts}.sqlite"
    start, peak = time.perf_counter(), 0
    waiting, running = list(range(1, parts + 1)), set()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            part = f"-apart={waiting.pop(0)}/{parts}"
            line = crawl_line(url, [f"XFILES_DATABASE={database}", *SETTINGS], part)
            running.add(subprocess.Popen(line, cwd=PROJECT).pid)
        pid, status, usage = os.wait4(-1, 0)
        running.discard(pid)
        if status:
            raise SystemExit(f"a part failed with status {os.waitstatus_to_exitcode(status)}")
        peak = max(peak, usage.ru_maxrss // 1024)
    with closing(sqlite3.connect(database)) as connection:
        (episodes,) = connection.execute("SELECT count(*) FROM EPISODES").fetchone()
    return time.perf_counter() - start, peak, episodes


def read_again(url: str, folder: Path) -> tuple[float, float]:
    """The seconds that it takes to read every page from the HTTP cache: in one crawl, and scattered over all cores."""
    cached = [*FAST, f"HTTPCACHE_DIR={folder / 'cache'}"]
    subprocess.run(crawl_line(url, [*cached, f"XFILES_DATABASE={folder / 'first.sqlite'}"]), cwd=PROJECT, check=True)
    times = []
    for name, command in (("one", ["crawl", "xfiles"]), ("scattered", ["scatter", "xfiles", f"--parts={CORES}"])):
        line = crawl_line(
            url, [*cached, "XFILES_OFFLINE=1", f"XFILES_DATABASE={folder / name}.sqlite"], command=command
        )
        start = time.perf_counter()
        subprocess.run(line, cwd=PROJECT, check=True)
        times.append(time.perf_counter() - start)
    one, scattered = times
    return one, scattered


def main(pages: int = 20_000) -> None:
    sys.path.insert(0, str(PROJECT))
    from xfiles.reading.addresses import page_key
    from xfiles.spiders.xfiles import XfilesSpider

    print("| pages | parts | smallest part | largest part | wall, s | peak of a process, MB | episodes |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for count, parts in [(pages // 10, 1), (pages, 1), (pages, 2), (pages, 4), (pages, 64)]:
            with serving(count, SPEECHES) as url:
                keys = [page_key(f"{url}transcrp/scrp{number}.htm") for number in range(count)]
                spiders = [XfilesSpider(part=f"{part}/{parts}") for part in range(1, parts + 1)]
                sizes = [sum(map(spider.takes, keys)) for spider in spiders]
                (place := Path(folder, f"{count}")).mkdir(exist_ok=True)
                wall, peak, episodes = crawl(parts, url, place)
            print(f"| {count} | {parts} | {min(sizes)} | {max(sizes)} | {wall:.1f} | {peak} | {episodes} |", flush=True)
        with serving(pages, SPEECHES) as url:
            one, scattered = read_again(url, Path(folder))
    print(
        f"\n{pages} pages from the HTTP cache, offline: {one:.0f} s in one crawl, {scattered:.0f} s on {CORES} cores."
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
