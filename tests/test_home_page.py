"""The home page's parser."""

import pytest
from conftest import SITE

from xfiles.reading import home_page
from xfiles.reading.entry import Entry
from xfiles.reading.home_page import read_home_page
from xfiles.reading.text import one_line

BASE = "http://site.example/"


HERE = "http://site.example/"
THERE = "http://site.example/transcrp/"


@pytest.mark.parametrize(
    ("base", "markup"),
    [
        (HERE, "<a href='transcrp/\nscrp101.htm'>One</a>"),
        (HERE, r"<a href='transcrp\scrp101.htm'>One</a>"),
        (HERE, "<map><area href='transcrp/scrp101.htm'></map> <a href='other.htm'>Other</a>"),
        (THERE, "<a href='#top'>Top</a> <a href='scrp101.htm'>One</a> <a href='../index.html'>Home</a>"),
        (THERE + "scrpindex.htm", "<a href='#top'>Top</a> <a href='scrp101.htm'>One</a>"),
        (HERE, "<base href='/transcrp/'><a href='scrp101.htm'>One</a>"),
        (HERE, "<a href='TRANSCRP/SCRP101.HTM'>One</a> <a href='transcrp/scrp101.htm'>One</a>"),
        (HERE, "<a href='transcrp//scrp101.htm'>One</a> <a href='transcrp/scrp101.htm'>One</a>"),
    ],
)
def test_links_as_browsers_read_them(base, markup):
    assert [entry.page for entry in read_home_page(markup, base)] == ["site.example/transcrp/scrp101.htm"]


def read(markup: str) -> list[Entry]:
    return read_home_page(f"<table>{markup}</table>", BASE)


def entry(*known: object) -> Entry:
    return Entry("site.example/transcrp/scrp101.htm", URL, *known)


ROW = '<tr><td><a href="transcrp/scrp101.htm">{}</a></td><td>{}</td><td>{}</td></tr>'
URL = BASE + "transcrp/scrp101.htm"


@pytest.mark.parametrize(
    ("title", "code", "aired", "expected"),
    [
        ("DEEP THROAT *", "1X01", "1993/09/17", entry("DEEP THROAT", "1X01", "1993-09-17", 1, 1, 1)),
        ("SPACE", "1X01", "1993/9/7", entry("SPACE", "1X01", "1993-09-07", 0, 1, 1)),
        ("3", "7ABX13", "1999/01/09", entry("3", "7ABX13", "1999-01-09", 0, 1, 1)),
        ("731 *", "1AYW04", "1993/02/31", entry("731", "1AYW04", None, 1)),
        ("DÆMONICUS", "9X03", "", entry("DÆMONICUS", "9X03", None, 0)),
        ("<b>4-D</b>", "", "", entry("4-D")),
        ("S" * 201, "9X03", "", entry(None, "9X03", None, 0)),
    ],
)
def test_row(title, code, aired, expected):
    assert read(ROW.format(title, code, aired)) == [expected]


@pytest.mark.parametrize("href", ["transcrp/scrp101.htm", "/transcrp/scrp101.htm", "./transcrp/scrp101.htm#part2", URL])
def test_links_are_resolved_against_the_page(href):
    assert [entry.url for entry in read(f'<tr><td><a href="{href}">X</a></td></tr>')] == [URL]


COPY = "https://archive.example/web/20240105123456{}/http://www.site.example/"


@pytest.mark.parametrize("mode", ["", "id_", "mp_"])
@pytest.mark.parametrize(
    "href",
    [
        "transcrp/scrp101.htm#part2",
        "/transcrp/scrp101.htm",
        "http://www.site.example/transcrp/scrp101.htm",
        "https://site.example:443/transcrp/scrp101.htm",
        "/web/20240105123456/http://www.site.example/transcrp/scrp101.htm",
        "/web/20231201000000im_/http:/www.site.example/transcrp/scrp101.htm",
        "//archive.example/web/2023/http://site.example/transcrp/scrp101.htm",
        "https://archive.example/web/20240105123456/https://site.example/transcrp/scrp101.htm",
    ],
)
def test_links_on_a_web_archives_copy(href, mode):
    """They lead to the copies there, in the mode of the copy they are on, and their pages are the site's."""
    base = COPY.format(mode)
    (found,) = read_home_page(f'<a href="{href}">X</a>', base)
    assert found.page == "site.example/transcrp/scrp101.htm"
    assert found.url.startswith(base.partition("http://")[0])
    assert found.url.replace("www.", "").endswith(
        ("/http://" + found.page, "/https://" + found.page, ":443/" + found.page[13:])
    )


@pytest.mark.parametrize("base", [BASE, COPY.format("")])
@pytest.mark.parametrize(
    ("href", "page"),
    [
        ("http://site.example/old/", "site.example/old/transcrp/scrp101.htm"),
        ("/old/index.htm", "site.example/old/transcrp/scrp101.htm"),
        ("http://other.example/", "other.example/transcrp/scrp101.htm"),
        ("http://[bad/", "site.example/transcrp/scrp101.htm"),
    ],
)
def test_base(base, href, page):
    markup = f'<base href="{href}"><base href="/second/"><a href="transcrp/scrp101.htm">X</a>'
    assert [entry.page for entry in read_home_page(markup, base)] == [page]


LINKS = "".join(f"<a href='transcrp/scrp{number}.htm'>X</a>" for number in range(100))


def test_a_base_that_is_too_long_is_none():
    """Else a page's addresses would be longer than the page many times over."""
    base = "/" + "spoons/" * 10_000
    assert read_home_page(f"<base href='{base}'>{LINKS}", BASE) == read_home_page(LINKS, BASE)


def test_a_home_page_whose_address_is_too_long():
    with pytest.raises(ValueError, match="its address has more than 500 letters"):
        read_home_page(LINKS, BASE + "spoons/" * 100)


def test_an_address_that_is_too_long_is_none():
    (found,) = read_home_page(f"<a href='transcrp/scrp{'é' * 100_000}.htm'>X</a>", BASE)
    assert found.leads_nowhere
    assert len(found.page) == 500


def test_the_base_of_a_copy_is_rewritten():
    base = COPY.format("")
    markup = f'<base href="{base}old/"><a href="transcrp/scrp101.htm">X</a>'
    assert [entry.url for entry in read_home_page(markup, base)] == [base + "old/transcrp/scrp101.htm"]


@pytest.mark.parametrize(
    "href",
    [
        "http://[bad/transcrp/scrp1.htm",
        "http://site.example:99999/transcrp/scrp1.htm",
        "http://a..b/transcrp/scrp1.htm",
        "http://a b/transcrp/scrp1.htm",
        "javascript:open('transcrp/scrp1.htm')",
    ],
)
@pytest.mark.parametrize("base", [BASE, COPY.format("id_")])
def test_a_link_that_leads_nowhere(href, base):
    found = read_home_page(f'<a href="{href}">X</a><a href="transcrp/scrp101.htm">Y</a>', base)
    assert [(entry.page, entry.leads_nowhere) for entry in found] == [
        (href, True),
        ("site.example/transcrp/scrp101.htm", False),
    ]


@pytest.mark.parametrize("base", [BASE, COPY.format("")])
def test_an_address_drives_no_terminal(base):
    (found,) = read_home_page('<a href="transcrp/scrp1\x1b[31m é&#10;&#155;.htm">X</a>', base)
    assert found.url == base + "transcrp/scrp1%1B%5B31m%20%C3%A9%E2%80%BA.htm"
    assert found.page.isascii()


def test_spellings_of_one_address_are_one_page():
    hrefs = [
        "transcrp/scrp101.htm",
        "HTTP://WWW.SITE.EXAMPLE:80/transcrp/scrp101.htm",
        "https://site.example/transcrp/scrp%31%301.htm",
    ]
    assert [entry.url for entry in read("".join(f'<a href="{href}">X</a>' for href in hrefs))] == [URL]


def test_a_page_is_listed_once_with_the_row_that_describes_it():
    latest = '<tr><td><a href="transcrp/scrp101.htm">LATEST</a></td></tr>'
    second = ROW.replace(".htm", ".htm#part2")
    later = ROW.replace("101", "102").format("THIRD", "1X03", "1993/09/17")
    rows = ROW.format("FIRST", "1X01", "1993/09/10") + second.format("SECOND", "1X02", "1993/09/10") + later
    found = read(latest + rows)
    assert found[0] == entry("FIRST", "1X01", "1993-09-10", 0, 1, 1)
    assert [entry.number for entry in found] == [1, 3]  # the second part is counted


def test_other_links():
    """The numbers are those of all episodes."""
    rows = [
        ROW.replace("scrp101", name).format("A TITLE", code, "1993/09/10")
        for name, code in (("scrp101", "1X01"), ("scrp501", "5X01"), ("scrp502", "5X02"), ("tlg101", "1AEB01"))
    ]
    page = f"<table>{''.join(rows)}</table>"
    found = read_home_page(page, BASE, "transcrp/scrp5")
    assert [(entry.page[-11:], entry.number, entry.episode_of_season) for entry in found] == [
        ("scrp501.htm", 2, 1),
        ("scrp502.htm", 3, 2),
    ]
    (found,) = read_home_page(page, BASE, "transcrp/tlg")
    assert (found.code, found.aired, found.number, found.episode_of_season) == ("1AEB01", "1993-09-10", None, None)


def test_nested_layout_tables_describe_nothing():
    inner = "<table><tr><td><a href='transcrp/scrp101.htm'>X</a></td><td>1X01</td></tr></table>"
    assert read(f"<tr><td>{inner}</td><td>9X99</td></tr>")[0].code == "1X01"


def test_site():
    entries = read_home_page((SITE / "index.html").read_text("cp1252"), BASE)
    assert len(entries) == 13
    assert entries[11] == Entry(
        "site.example/transcrp/scrp1004.html",
        BASE + "transcrp/scrp1004.html",
        "BABYLON",
        "1AYW04",
        "2016-02-15",
        mytharc=0,
        number=13,
        episode_of_season=2,
    )
    assert sum(entry.mytharc == 1 for entry in entries) == 6
    # A row without a link and the second part of a double episode are counted, too; other links have no number.
    assert [entry.number for entry in entries] == [None, 1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 13, None]


def test_a_long_page():
    """Links in and out of rows, in pieces that end anywhere."""
    rows = "".join(ROW.replace("101", str(number)).format(f"É{number} *", "1X01", "1993/9/7") for number in range(3000))
    entries = read(f"<caption><a href='transcrp/scrp9999.htm'>LAST</a></caption>{rows}")
    assert [entry.title for entry in entries] == [*(f"É{number}" for number in range(3000)), "LAST"]
    assert all(entry.aired == "1993-09-07" and entry.mytharc for entry in entries[:-1])


@pytest.mark.parametrize(
    "markup", ["", " \n", "no tag", "<tr><td><a href='transcrp/scrp101.htm'>X", "\0<a href='transcrp/scrp1.htm'>"]
)
def test_odd_pages(markup):
    assert len(read_home_page(markup, BASE)) == markup.count("href")


@pytest.mark.parametrize(
    "row",
    [
        "<tr><td><a href='transcrp/scrp101.htm'>ONE *<td>1X01<td>1993/09/10",
        "<tr><td><font><a href='transcrp/scrp101.htm'>ONE *</a><td><i>1X01<td><i>1993/09/10",
        "<tr><font><td><a href='transcrp/scrp101.htm'>ONE *</a></td><td>1X01</td><td>1993/09/10</td></font>",
        "<form><tr><form><td><a href='transcrp/scrp101.htm'>ONE *</a></td><td>1X01</td><td>1993/09/10</td></form>",
        "<tbody><tr><th><a href='transcrp/scrp101.htm'>ONE *</a></th><td>1X01</td><td>1993/09/10</td></tbody>",
        "<td><a href='transcrp/scrp101.htm'>ONE *</a></td><td>1X01</td><td>1993/09/10</td>",
        "<tr>"
        + "".join(f"<td><a href='transcrp/scrp101.htm'>{text}</a></td>" for text in ("ONE *", "1X01", "1993/09/10")),
        "<tr><td><a href='transcrp/scrp101.htm'>ONE<!-- spoon --> *</a><td>1X<!-- bell -->01<td>1993/09/10",
        "<tr><td><a href='transcrp/scrp101.htm'>O\0NE *</a></td><td><a href='#note'></a>1X01</td><td>1993/09/10</td>",
        "<tr><td><a href='transcrp/scrp101.htm'>ONE *</a></td><td><table></table>1X01</td><td>1993/09/10</td>",
    ],
    ids="no-end-tags open-tags font form head no-row links comments anchor after-a-table".split(),
)
def test_rows_as_people_write_them(row):
    assert read(row)[0] == entry("ONE", "1X01", "1993-09-10", 1, 1, 1)


def test_cells_without_a_table():
    cells = "<td><a href='transcrp/scrp101.htm'>ONE</a></td><td>1X01</td><td>1993/09/10</td>"
    assert read_home_page(cells, BASE) == [entry("ONE")]


def test_links_after_the_end():
    """libxml2 begins a second tree there."""
    links = [f"<a href='transcrp/scrp{number}.htm'>X</a>" for number in (101, 102)]
    rest = "<table>" + ROW.replace("101", "103").format("SPACE", "1X03", "1993/09/10") + "</table>"
    found = read_home_page(f"<html><body>{links[0]}</body></html>{links[1]}{rest}", BASE)
    assert sorted((entry.page[-11:], entry.code) for entry in found) == [
        ("scrp101.htm", None),
        ("scrp102.htm", None),
        ("scrp103.htm", "1X03"),
    ]


@pytest.mark.parametrize("around", ["<table><tr><td>", "<a href='transcrp/scrp1.htm'><i>", "<table><td><i>"])
def test_what_is_in_one_another_is_read_once(around, monkeypatch):
    read_ = []
    monkeypatch.setattr(home_page, "one_line", lambda text: read_.append(text) or one_line(text))
    read_home_page(around * 300 + "spoon " * 1000, BASE)
    assert sum(1 + len(text) for text in read_) < 20_000


def test_a_link_between_the_rows_of_an_inner_table():
    inner = "<table><a href='transcrp/scrp101.htm'>X</a><tr><td>A</td></tr><tr><td>B</td></tr></table>"
    assert [entry.url for entry in read(f"<tr><td>{inner}</td></tr>")] == [URL]


@pytest.mark.parametrize(
    "markup",
    [
        "<font>{}",
        "<div>{}",
        "<table>{}",
        "<table><tr><td>{}",
        "<font><p>{}",
        "<b><i></b>{}",
        "<ul><li>{}",
        "<td>{}",
    ],
)
def test_tags_that_are_never_closed(markup):
    """Each link deeper than the one before it, on a page of three times as many as the site's."""
    count = 600
    links = (markup.format(f"<a href='transcrp/scrp{number}.htm'>X</a>") for number in range(count))
    assert len(read_home_page("".join(links), BASE)) == count


@pytest.mark.parametrize(
    "markup",
    [
        *("<b>" * 300_000 + end * 50_000 for end in ("</i>", "</table>", "")),
        "<table><tr><td><a href='transcrp/scrp1.htm'>X</a>" * 700,
        "</i>" * 1000 + "<a href='transcrp/scrp1.htm'>X</a>" + "<b>" * 2100,
    ],
    ids=["other end tags", "an end tag of its own", "no end tag", "links", "after many errors"],
)
def test_tags_that_are_nested_too_deep(markup):
    """What libxml2 leaves out there is missed."""
    with pytest.raises(ValueError, match="nested deeper than libxml2 reads"):
        read_home_page(markup, BASE)


MANY = " ".join(f"a{number}=1" for number in range(3000))


@pytest.mark.parametrize("markup", ["<br>" * 500_000, f"<br {MANY}>", f"<br a='>' {MANY}>"])
def test_too_much_markup(markup):
    with pytest.raises(ValueError, match="too much markup"):
        read_home_page(markup, BASE)


def test_a_long_tag_is_no_reason_to_give_up():
    image = "<img src='data:image/png;base64,{}'>".format("Spoons/bells+" * 10_000)
    assert len(read_home_page(image + "<a href='transcrp/scrp101.htm'>X</a>", BASE)) == 1


@pytest.mark.parametrize("cell", ["<td>{}", "<td>{}</td>", "<td>{}</td><td>1X01</td><td>1993/09/10</td>"])
def test_a_row_of_many_links(cell):
    row = "".join(cell.format(f"<a href='transcrp/scrp{number}.htm'>X</a>") for number in range(20_000))
    entries = read(f"<tr>{row}</tr>")
    assert len(entries) == 20_000
    assert all(entry.code == ("1X01" if "1X01" in cell else None) for entry in entries)


def test_entities_and_breaks():
    assert read(ROW.format("MULDER &amp;<br>SCULLY&nbsp;<i>*</i>", "1X<b>01</b>", " 1993/09/10 "))[0] == entry(
        "MULDER & SCULLY", "1X01", "1993-09-10", 1, 1, 1
    )


def test_other_links_in_any_case():
    """What the host makes of the case is its own, so such a page keeps its name."""
    found = read_home_page("<a href='Episodes/EP1.htm'>X</a><a href='transcrp/scrp101.htm'>X</a>", BASE, "episodes/ep")
    assert [entry.page for entry in found] == ["site.example/Episodes/EP1.htm"]
