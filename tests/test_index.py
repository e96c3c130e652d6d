"""The home page's parser."""

import pytest
from conftest import SITE

from xfiles.index import IndexEntry, read_index

BASE = "http://site.example/"


def read(markup: str) -> list[IndexEntry]:
    return read_index(f"<table>{markup}</table>", BASE)


ROW = '<tr><td><a href="transcrp/scrp101.htm">{}</a></td><td>{}</td><td>{}</td></tr>'
URL = BASE + "transcrp/scrp101.htm"


@pytest.mark.parametrize(
    ("title", "code", "aired", "expected"),
    [
        ("DEEP THROAT *", "1X01", "1993/09/17", IndexEntry(URL, "DEEP THROAT", "1X01", "1993-09-17", True)),
        ("SPACE", "1X01", "1993/9/7", IndexEntry(URL, "SPACE", "1X01", "1993-09-07", False)),
        ("3", "7ABX13", "1999/01/09", IndexEntry(URL, "3", "7ABX13", "1999-01-09", False)),
        ("731 *", "1AYW04", "1993/02/31", IndexEntry(URL, "731", "1AYW04", None, True)),
        ("DÆMONICUS", "9X03", "", IndexEntry(URL, "DÆMONICUS", "9X03", None, False)),
        ("<b>4-D</b>", "", "", IndexEntry(URL, "4-D", None, None, None)),
    ],
)
def test_row(title, code, aired, expected):
    assert read(ROW.format(title, code, aired)) == [expected]


@pytest.mark.parametrize("href", ["transcrp/scrp101.htm", "/transcrp/scrp101.htm", "./transcrp/scrp101.htm#part2", URL])
def test_links_are_resolved_against_the_page(href):
    assert [entry.url for entry in read(f'<tr><td><a href="{href}">X</a></td></tr>')] == [URL]


def test_a_page_is_listed_once_with_the_row_that_describes_it():
    latest = '<tr><td><a href="transcrp/scrp101.htm">LATEST</a></td></tr>'
    second = ROW.replace(".htm", ".htm#part2")
    assert read(latest + ROW.format("FIRST", "1X01", "") + second.format("SECOND", "1X02", "")) == [
        IndexEntry(URL, "FIRST", "1X01", None, False)
    ]


def test_nested_layout_tables_describe_nothing():
    inner = "<table><tr><td><a href='transcrp/scrp101.htm'>X</a></td><td>1X01</td></tr></table>"
    assert read(f"<tr><td>{inner}</td><td>9X99</td></tr>")[0].code == "1X01"


def test_site():
    entries = read_index((SITE / "index.html").read_text("cp1252"), BASE)
    assert len(entries) == 13
    assert entries[0] == IndexEntry(BASE + "transcrp/scrp1004.html", "BABYLON", "1AYW04", "2016-02-15", False)
    assert sum(entry.mytharc is True for entry in entries) == 6


def test_a_long_page():
    """Links in and out of rows, in pieces that end anywhere."""
    rows = "".join(ROW.replace("101", str(number)).format(f"É{number} *", "1X01", "1993/9/7") for number in range(3000))
    entries = read(f"<caption><a href='transcrp/scrp9999.htm'>LAST</a></caption>{rows}")
    assert [entry.title for entry in entries] == ["LAST", *(f"É{number}" for number in range(3000))]
    assert all(entry.aired == "1993-09-07" and entry.mytharc for entry in entries[1:])


@pytest.mark.parametrize(
    "markup", ["", " \n", "no tag", "<tr><td><a href='transcrp/scrp101.htm'>X", "\0<a href='transcrp/scrp1.htm'>"]
)
def test_odd_pages(markup):
    assert len(read_index(markup, BASE)) == markup.count("href")


def test_a_link_between_the_rows_of_an_inner_table():
    inner = "<table><a href='transcrp/scrp101.htm'>X</a><tr><td>A</td></tr><tr><td>B</td></tr></table>"
    assert [entry.url for entry in read(f"<tr><td>{inner}</td></tr>")] == [URL]
