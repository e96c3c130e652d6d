"""The order of broadcast, from the rows of a home page."""

import pytest

from xfiles.reading.broadcast import odd_dates
from xfiles.reading.entry import Entry
from xfiles.reading.home_page import read_home_page

BASE = "http://site.example/"


def row(page: str, code: str, aired: str) -> str:
    title = f'<a href="transcrp/{page}">A TITLE</a>' if page else "A TITLE"
    return f"<tr><td>{title}</td><td>{code}</td><td>{aired}</td></tr>"


def read(*rows: str) -> list[Entry]:
    return read_home_page(f"<table>{''.join(rows)}</table>", BASE)


def numbers(*rows: str) -> dict[str, tuple[int | None, int | None]]:
    """NUMBER and the number in the season, by page."""
    return {entry.page.rpartition("/")[2]: (entry.number, entry.episode_of_season) for entry in read(*rows)}


HOME = row("scrp403.htm", "4X03", "1996/10/11")
UNRUHE = row("scrp402.htm", "4X02", "1996/10/27")


def test_the_order_is_that_of_broadcast():
    """The rows are in that of production."""
    first, last = row("scrp401.htm", "4X01", "1996/10/04"), row("scrp501.htm", "5X01", "1997/11/16")
    assert numbers(first, UNRUHE, HOME, last) == {
        "scrp401.htm": (1, 1),
        "scrp402.htm": (3, 3),
        "scrp403.htm": (2, 2),
        "scrp501.htm": (4, 1),
    }


def test_of_one_date_the_order_is_that_of_the_rows():
    rows = [row(f"scrp1{number:02}.htm", f"1X{number:02}", "1993/09/10") for number in (3, 1, 2)]
    assert numbers(*rows) == {"scrp103.htm": (1, 1), "scrp101.htm": (2, 2), "scrp102.htm": (3, 3)}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (row("", "4X01", "1996/10/04"), (2, 2)),
        (row("", "3X24", "1996/05/17"), (2, 1)),
        (row("scrp324.htm", "3X24", "1996/05/17"), (2, 1)),
        (row("", "4X01", ""), (1, 1)),
        (row("", "Season 4", "1996/10/04"), (1, 1)),
        (row("scrp401.htm", "4X01", ""), (1, 1)),
        (row("scrp401.htm", "", "1996/10/04"), (1, 1)),
        (row("scrpspringfield.htm", "X3601", "1996/01/12"), (1, 1)),
        ("<tr><td><a href='tlg.htm'>GUNMEN</a></td><td>1AEB01</td><td>1996/03/04</td></tr>", (1, 1)),
        ("<tr><th>Title</th><th>CODE1</th><th>1996/10/04</th></tr>", (1, 1)),
        ("<tr><td><a href='transcrp/scrp400.htm'>LATEST</a></td></tr>", (1, 1)),
    ],
    ids=(
        "no-page-yet no-page-of-another-season another-season no-page-and-no-date heading no-date no-code "
        "another-series another-link head no-cells"
    ).split(),
)
@pytest.mark.parametrize("first", [True, False])
def test_what_is_counted_before_a_row(first, other, expected):
    rows = [other, HOME] if first else [HOME, other]
    found = numbers(*rows)
    assert found.pop("scrp403.htm") == expected
    if expected == (1, 1):
        assert set(found.values()) <= {(None, None)}


def test_a_link_without_an_address_is_counted():
    bad = HOME.replace("transcrp/scrp403.htm", "http://[bad/transcrp/scrp401.htm").replace("10/11", "10/04")
    entries = read(bad, HOME)
    assert [(entry.leads_nowhere, entry.number) for entry in entries] == [(True, 1), (False, 2)]
    assert not list(odd_dates(entries))


def test_a_page_without_a_row_has_no_number():
    page = f'<p><a href="transcrp/scrp404.htm">LATEST</a></p><table>{HOME}</table>'
    assert [entry.number for entry in read_home_page(page, BASE)] == [1, None]


def test_a_page_is_where_the_row_is_that_describes_it():
    latest = "<tr><td><a href='transcrp/scrp402.htm'>LATEST</a></td></tr>"
    assert [entry.number for entry in read(latest, HOME, UNRUHE)] == [1, 2]


def test_two_pages_in_a_row_are_one_episode():
    both = HOME.replace("</a>", "</a> <a href='transcrp/scrp404.htm'>PART 2</a>")
    assert numbers(both, UNRUHE) == {"scrp403.htm": (1, 1), "scrp404.htm": (1, 1), "scrp402.htm": (2, 2)}


def test_a_home_page_without_dates():
    assert set(numbers(*(row(f"scrp10{number}.htm", f"1X0{number}", "") for number in range(5))).values()) == {
        (None, None)
    }


RUSH = row("scrp706.htm", "7ABX06", "1999/12/05")
MALEENI = row("scrp708.htm", "7ABX08", "2000/01/16")


@pytest.mark.parametrize(
    ("page", "aired", "expected"),
    [
        ("scrp707.htm", "1999/01/09", "2000-01-09"),
        ("scrp707.htm", "1999/1/9", "2000-01-09"),
        ("scrp707.htm#top", "1999/01/09", "2000-01-09"),
        ("scrp707.htm", "2000/01/10", "2000-01-10"),
        ("scrp709.htm", "1999/01/09", "1999-01-09"),
    ],
)
def test_a_known_slip(page, aired, expected):
    """It is mended on its own page, as long as the home page makes it."""
    orison = read(RUSH, row(page, "7ABX07", aired), MALEENI)[1]
    assert orison.aired == expected
    assert orison.number == (2 if expected > "2000" else 1)


def far(*dates: str) -> list[str]:
    """Which of the dates of a season's episodes are odd."""
    rows = [row(f"scrp3{number:02}.htm", f"3X{number:02}", aired) for number, aired in enumerate(dates)]
    return [entry.aired for entry in odd_dates(read(*rows))]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["1995/09/22", "1995/09/29", "1995/10/06", "1995/10/13"], []),
        (["1995/09/22", "1994/09/29", "1995/10/06", "1995/10/13"], ["1994-09-29"]),
        (["1994/09/22", "1995/09/29", "1995/10/06", "1995/10/13"], ["1994-09-22"]),
        (["1995/09/22", "1995/09/29", "1995/10/06", "1996/10/13"], ["1996-10-13"]),
        (["1995/09/22", "1995/12/05", "1995/10/06", "1995/10/13"], []),
        (["1995/09/22", "1995/12/06", "1995/10/06", "1995/10/13"], ["1995-12-06"]),
        (["1995/09/22", "1995/07/24", "1995/10/06"], []),
        (["1995/09/22", "1995/07/23", "1995/10/06"], ["1995-07-23"]),
        (["1995/09/22", "", "1999/10/06", "1995/10/13"], ["1999-10-06"]),
        (["1995/09/22", "1996/05/17"], []),
        ([], []),
    ],
)
def test_odd_dates(dates, expected):
    """A date more than 60 days from both that stand beside it; the year is where slips are made."""
    assert far(*dates) == expected


def test_seasons_are_months_apart():
    seasons = [
        row(f"scrp{season}{number:02}.htm", f"{season}X{number:02}", f"{1992 + season}/09/{number + 10}")
        for season in range(1, 4)
        for number in range(3)
    ]
    assert not list(odd_dates(read(*seasons)))
