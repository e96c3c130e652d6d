"""How crawls share a large archive: python benchmarks/parts.py [PAGES]

Crawls a generated site of PAGES pages (20,000) with 20 speeches each into one SQLite database, in 1, 2, 4 and 64
parts, two processes at once, and again a tenth of it in one part. Prints how evenly the pages spread, the wall time,
and the largest process's peak memory.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
AT_ONCE = 2
FAST = ["DOWNLOAD_DELAY=0.0001", "AUTOTHROTTLE_ENABLED=0", "HTTPCACHE_ENABLED=0", "CONCURRENT_REQUESTS=16",
        "CONCURRENT_REQUESTS_PER_DOMAIN=16", "ROBOTSTXT_OBEY=0", "LOG_LEVEL=WARNING"]  # fmt: skip


def crawl(parts: int, port: int, folder: Path) -> tuple[float, int, int]:
    """Run all parts, two at once; the seconds of wall time, the peak memory in MB, and the episodes stored."""
    database = folder / f"{parts}.sqlite"
    start, peak = time.perf_counter(), 0
    waiting, running = list(range(1, parts + 1)), set()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            line = [sys.executable, "-m", "scrapy", "crawl", "xfiles", f"-aurl=http://127.0.0.1:{port}/"]
            line += [f"-apart={waiting.pop(0)}/{parts}", "-s", f"XFILES_DATABASE={database}"]
            for setting in FAST:
                line += ["-s", setting]
            running.add(subprocess.Popen(line, cwd=PROJECT).pid)
        pid, status, usage = os.wait4(-1, 0)
        running.discard(pid)
        if status:
            raise SystemExit(f"a part failed with status {os.waitstatus_to_exitcode(status)}")
        peak = max(peak, usage.ru_maxrss // 1024)
    with sqlite3.connect(database) as connection:
        (episodes,) = connection.execute("SELECT count(*) FROM EPISODES").fetchone()
    return time.perf_counter() - start, peak, episodes


def main(pages: int = 20_000) -> None:
    sys.path.insert(0, str(PROJECT))
    from xfiles.spiders.xfiles import XfilesSpider

    print("| pages | parts | smallest part | largest part | wall, s | peak of a process, MB | episodes |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for count, parts in [(pages // 10, 1), (pages, 1), (pages, 2), (pages, 4), (pages, 64)]:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            server = [sys.executable, str(Path(__file__).with_name("server.py")), str(port), str(count), "20", "0"]
            with subprocess.Popen(server) as process:
                time.sleep(2)
                urls = [f"http://127.0.0.1:{port}/transcrp/scrp{number}.htm" for number in range(count)]
                spiders = [XfilesSpider(part=f"{part}/{parts}") for part in range(1, parts + 1)]
                sizes = [sum(map(spider.takes, urls)) for spider in spiders]
                (place := Path(folder, f"{count}")).mkdir(exist_ok=True)
                wall, peak, episodes = crawl(parts, port, place)
                process.kill()
            print(f"| {count} | {parts} | {min(sizes)} | {max(sizes)} | {wall:.1f} | {peak} | {episodes} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
