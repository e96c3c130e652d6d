"""How long a server takes for each page: python benchmarks/browse.py

Fills two databases with a generated show, one of the real site's size and one of ten times that, and asks for each page
as scrapy browse serves it, without the network. Prints the median of a few rounds, in ms, as a Markdown table.
Needs browse/requirements.txt.
"""

import asyncio
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from show import fill

from xfiles.commands.browse import pages

PROJECT = Path(__file__).parents[1]
ROUNDS = 7
PAGES = [
    "/",
    "/episode/5X11?line=36",
    "/character/SCULLY",
    "/character/MULDER",
    "/character/mullder",
    "/characters",
    "/characters?q=bury&order=name&page=2",
    "/compare",
    "/random",
    "/search?q=lighthouse",
    "/search?q=the",
    "/search?q=teapot&who=Frohike&season=3&page=3",
    "/search?q=the&who=Scully",
    "/search?q=the&season=3",
    "/search?q=kettle&directions=1",
    "/search?q=dont+belive+the+lighthose",
    "/search?q=old+lighthouse+zeppelin",
    "/ask?line=Do+you+believe+in+the+lighthouse%3F",
    "/ask?line=I+dont+belive+you%2C+skully",
    "/ask?line=No",
    "/ask?line=What+do+you+think%3F&who=mullder",
    "/ask?line=What+is+it+about+you%3F&who=Skinner",
    "/words?w=lighthouse&w=teapot",
    "/words?w=the&w=of&w=what&w=is&w=a&who=Scully",
    "/charts",
    "/charts?season=3",
]


async def measure(database: Path) -> dict[str, float]:
    """ms by page; that of the first is the time until the server is ready."""
    server = pages(database, PROJECT / "browse")
    start = time.perf_counter()
    await server.invoke_startup()
    times = {"(start: counting)": (time.perf_counter() - start) * 1000}
    for page in PAGES:
        rounds = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            answer = await server.client.get(page)
            rounds.append((time.perf_counter() - start) * 1000)
            if answer.status_code not in (200, 302, 404):
                raise SystemExit(f"{page} answers {answer.status_code}")
        times[page] = median(rounds)
    return times


def measured(database: Path) -> dict[str, float]:
    return asyncio.run(measure(database))


def main() -> None:
    columns = []
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, 10):
            database = Path(folder, f"{times}", "xfiles_db.sqlite")
            database.parent.mkdir()
            fill(database, times)
            # In a process of its own, as a server is: what the pages count is kept in one.
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                columns.append(process.submit(measured, database).result())
    print(f"medians of {ROUNDS} rounds\n\n| page | ms at 61,500 speeches | ms at 615,000 |\n|---|---|---|")
    for page in columns[0]:
        print(f"| `{page}` | {columns[0][page]:.0f} | {columns[1][page]:.0f} |")


if __name__ == "__main__":
    sys.exit(main())
