"""What the home page says of the episodes follows it from crawl to crawl, whatever becomes of their pages."""

import re

import pytest
from conftest import SITE

HOME = (SITE / "index.html").read_bytes()
ALPHA = b'<tr><td><a href="transcrp/scrp616.htm">ALPHA</a></td><td>6X16</td><td>1999/03/28</td></tr>\n'
COLUMNS = "NUMBER, EPISODE_OF_SEASON, AIRED, MYTHARC"


@pytest.fixture
def says(site):
    """A function that gives the site another home page."""
    assert ALPHA in HOME

    def say(markup: bytes) -> None:
        site.answers["/"] = lambda handler: handler.send(markup)

    return say


def listing(run) -> dict[str, tuple]:
    return {re.search(r"scrp\w+", page)[0]: said for page, *said in run.rows(f"SELECT PAGE, {COLUMNS} FROM EPISODES")}


def test_a_page_that_comes_back(crawl, site, says):
    before = listing(crawl(site.url))
    assert before["scrp616"][2:] == ["1999-03-28", 0]
    says(HOME.replace(ALPHA, b""))
    assert listing(crawl(site.url))["scrp616"] == [None] * 4
    says(HOME)
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert "0 new, 0 changed, 12 unchanged" in run.log
    assert listing(run) == before


def test_a_page_that_loses_its_row(crawl, site, says):
    """It is still linked, so it is read; two pages with one number would be the end of any order."""
    crawl(site.url)
    says(HOME.replace(ALPHA, b"").replace(b"</BODY>", b'<a href="transcrp/scrp616.htm">ALPHA</a></BODY>'))
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert "Vanished" not in run.log
    said = listing(run)
    assert said["scrp616"] == [None] * 4
    numbers = [number for number, *_ in said.values() if number is not None]
    assert len(numbers) == len(set(numbers)) == 10


def test_a_page_that_cannot_be_read(crawl, site, says):
    """Its rows stay, and it is still in its place in the list."""
    before = listing(crawl(site.url))
    says(HOME.replace(ALPHA, b""))
    site.answers["/transcrp/scrp901.htm"] = lambda handler: handler.send(b"", 404)
    run = crawl(site.url)
    assert run.status == 1
    said = listing(run)
    assert said["scrp901"][0] == before["scrp901"][0] - 1
    numbers = [number for number, *_ in said.values() if number is not None]
    assert len(numbers) == len(set(numbers)) == 10


def test_a_page_that_leads_to_another(crawl, site, says):
    crawl(site.url)
    site.answers["/transcrp/scrp616.htm"] = lambda handler: handler.send(b"", 301, Location="/transcrp/scrp101.htm")
    run = crawl(site.url)
    assert "Vanished from the site, its rows are kept" in run.log
    assert listing(run)["scrp616"] == [None] * 4
