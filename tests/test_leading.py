"""An episode to which several addresses lead is stored once, whichever crawl comes to it by which of them."""

import pytest
from conftest import write_site

from xfiles.reading.addresses import page_key
from xfiles.spiders.xfiles import XfilesSpider

LISTED = [f"transcrp/scrp1{number:02}.htm" for number in range(12)]
PLACE = "new/any.htm"


@pytest.fixture
def moving(serve, tmp_path):
    """A site with a home page that lists all pages but one, and a function that moves a page to that one."""
    write_site(tmp_path / "site", LISTED)
    write_site(tmp_path / "site/new", ["any.htm"])
    site = serve(tmp_path / "site")

    def move(name: str, to: str = PLACE) -> None:
        site.answers[f"/{name}"] = lambda handler: handler.send(b"", 302, Location=f"/{to}")

    site.move = move
    return site


def said(run) -> list[tuple[str, str]]:
    """The name of each page that is stored, and what is said there."""
    speeches = run.rows("SELECT PAGE, TEXT FROM XFILES ORDER BY PAGE")
    assert run.rows("SELECT PAGE FROM EPISODES ORDER BY PAGE") == [(page,) for page, _ in speeches]
    return [(page.partition("/")[2], text) for page, text in speeches]


def itself(name: str) -> str:
    """What is said on the page called ``name``."""
    return f"I am {name[9:16]}."


def of_parts(site) -> tuple[str, str]:
    """A listed page of part 1 of 2, and one of part 2."""
    one, two = XfilesSpider(part="1/2"), XfilesSpider(part="2/2")
    return tuple(next(name for name in LISTED if part.takes(page_key(site.url + name))) for part in (one, two))


def test_two_listed_pages_in_two_parts(crawl, moving):
    first, second = of_parts(moving)
    moving.move(first)
    moving.move(second)
    for _ in range(2):
        assert crawl(moving.url, "-apart=1/2").status == 0
        run = crawl(moving.url, "-apart=2/2")
        assert run.status == 1
        here = moving.url.removeprefix("http://")
        assert f"Failed: {moving.url}{second}: it leads to {here}{PLACE}, as {here}{first} does" in run.log
        assert said(run) == [
            (name, "I am any." if name == first else itself(name)) for name in LISTED if name != second
        ]


@pytest.mark.parametrize("name", ["old.htm", PLACE])
def test_another_address_of_a_stored_page_read_by_itself(crawl, moving, name):
    """An old one, which leads to the page; or the new one, to which the page leads."""
    if name == PLACE:
        moving.move(LISTED[0])
    else:
        moving.move(name, LISTED[0])
    before = said(crawl(moving.url))
    run = crawl(moving.url + name, bypass="1")
    assert run.status == 0, run.log
    assert "Of 1 page found, 0 failed. Episodes: 0 new, 0 changed, 1 unchanged." in run.log
    assert said(run) == before
    assert crawl(moving.url).status == 0
    assert said(run) == before


def test_a_listed_page_that_leads_to_one_read_by_itself(crawl, moving):
    assert crawl(moving.url + PLACE, bypass="1").status == 0
    moving.move(LISTED[0])
    for text in ("from now on", "12 unchanged"):
        run = crawl(moving.url)
        assert run.status == 0, run.log
        assert text in run.log
        assert said(run) == [(LISTED[0], "I am any."), *((name, itself(name)) for name in LISTED[1:])]


def test_a_page_with_an_address_of_its_own_again(crawl, moving):
    """Nobody is refused for it any more."""
    moving.move(LISTED[0])
    assert crawl(moving.url).status == 0
    del moving.answers[f"/{LISTED[0]}"]
    moving.move(LISTED[1])
    crawl(moving.url)
    run = crawl(moving.url)
    assert run.status == 0, run.log
    assert said(run) == [(name, "I am any." if name == LISTED[1] else itself(name)) for name in LISTED]
