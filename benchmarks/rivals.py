"""Other ways to fill the table XFILES: python benchmarks/rivals.py WAY URL DATABASE

- sequential: requests and BeautifulSoup's html.parser, one page after another, as workflow tutorials do it
- threads: the same on 16 threads
- prefect: the same as tasks of a Prefect flow, on its thread runner
- floor: asyncio, aiohttp, lxml and an executemany a page, with no framework and no more care than that

None reads stage directions, scenes or unusual pages, asks what changed, or replaces an episode.
"""

import re
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

AT_ONCE = 16
Row = tuple[str, str, str]


def open_database(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("CREATE TABLE IF NOT EXISTS XFILES (EPISODE TEXT, CHARACTER TEXT, TEXT TEXT)")
    return connection


def insert(connection: sqlite3.Connection, rows: list[Row]) -> None:
    with connection:
        connection.executemany("INSERT INTO XFILES VALUES (?, ?, ?)", rows)


def links(url: str) -> list[str]:
    import requests
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(requests.get(url).text, "html.parser")
    return [urljoin(url, link["href"]) for link in soup.select("a[href*='transcrp/scrp']")]


def scrape(url: str) -> list[Row]:
    import requests
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(requests.get(url).content.decode("cp1252"), "html.parser")
    title = soup.title.text
    speakers = [tag for tag in soup.find_all(["b", "span"]) if tag.text.strip().endswith(":")]
    return [(title, tag.text.strip().rstrip(":"), str(tag.next_sibling).strip()) for tag in speakers]


def sequential(url: str, database: str) -> None:
    connection = open_database(database)
    for link in links(url):
        insert(connection, scrape(link))


def threads(url: str, database: str) -> None:
    connection = open_database(database)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for rows in pool.map(scrape, links(url)):
            insert(connection, rows)


def prefect(url: str, database: str) -> None:
    from prefect import flow, task
    from prefect.task_runners import ThreadPoolTaskRunner

    page = task(scrape)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=AT_ONCE))
    def crawl() -> None:
        connection = open_database(database)
        for future in page.map(links(url)):
            insert(connection, future.result())

    crawl()


def floor(url: str, database: str) -> None:
    import asyncio

    import aiohttp
    from lxml import html

    connection = open_database(database)
    name = re.compile(r"\s*([A-Z ]+):\s*(.*)", re.DOTALL)

    def read(body: bytes) -> list[Row]:
        page = html.fromstring(body.decode("cp1252"))
        title = page.findtext(".//title")
        rows = []
        for element in page.iter("b", "span", "p"):
            if element.tag == "p":  # lxml takes the name of a mis-nested paragraph out of its <b>
                if found := name.match(element.text or ""):
                    rows.append((title, found[1], found[2]))
            elif element.text:
                rows.append((title, element.text.rstrip(":"), (element.tail or "").strip()))
        return rows

    async def crawl() -> None:
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None)) as session:

            async def fetch(link: str) -> bytes:
                async with session.get(link) as response:
                    return await response.read()

            async def scrape(link: str) -> None:
                insert(connection, read(await fetch(link)))

            home = html.fromstring((await fetch(url)).decode())
            home.make_links_absolute(url)
            await asyncio.gather(*map(scrape, home.xpath("//a[contains(@href, 'transcrp/scrp')]/@href")))

    asyncio.run(crawl())


if __name__ == "__main__":
    way, url, database = sys.argv[1:]
    {"sequential": sequential, "threads": threads, "prefect": prefect, "floor": floor}[way](url, database)
