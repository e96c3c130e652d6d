"""The crawled database in Datasette, as a person meets it: in a real browser."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import browser
import pytest
from conftest import PROJECT, SITE, run_crawl, serving

pytest.importorskip("datasette")
pytest.importorskip("datasette_dashboards")
pytest.importorskip("selenium")
pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=str(browser.missing()))

README = (PROJECT / "README.md").read_text("utf-8")
QUESTIONS = {
    "word": {"word": "programming"},
    "lines": {"who": "scully"},
    "talks": {"who": ""},
    "longest": {"who": "Mulder"},
    "own_words": {"one": "scully", "other": "mulder"},
}
CHARTS = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a crawled xfiles_db.sqlite."""
    folder = tmp_path_factory.mktemp("browse")
    with serving(SITE) as site:
        assert run_crawl(folder, site.url).status == 0
    return folder


@pytest.fixture(scope="module")
def url(folder):
    """The address of Datasette, started with the README's command."""
    options = re.search(r"/datasette xfiles_db\.sqlite (.*)", README)[1]
    with browser.datasette(folder, options.split()) as address:
        yield address


@pytest.fixture(scope="module")
def windows():
    with browser.Chromium(1280) as wide, browser.Chromium(390) as narrow:
        yield {1280: wide, 390: narrow}


@pytest.fixture(params=[1280, 390])
def window(request, windows, url):
    """A browser's window, of a desk's and of a phone's width; it must ask nobody but the server."""
    window = windows[request.param]
    window.requests(), window.messages()
    yield window
    assert [asked for asked in window.requests() if asked.startswith("http") and not asked.startswith(url)] == []
    assert window.messages() == []


def rows(window):
    """The rows of the page's table: dictionaries by column."""
    return [
        {
            cell.get_attribute("class").split()[0].removeprefix("col-"): cell.text
            for cell in row.find_elements("css selector", "td")
        }
        for row in window.driver.find_elements("css selector", "table.rows-and-columns tbody tr")
    ]


def fits(window):
    """Whether nothing is cut off at the right."""
    return window.driver.execute_script("return document.documentElement.scrollWidth") <= window.width


def test_front_page(window, url):
    window.driver.get(url)
    assert "The X-Files, line by line" in window.texts("h1")[0]
    assert fits(window)
    links = [
        link.get_attribute("href") for link in window.driver.find_elements("css selector", ".content a, section a")
    ]
    for link in {link for link in links if link.startswith(url)}:
        assert urlopen(link, timeout=10).status == 200
    assert {f"{url}/xfiles_db/{question}" for question in (*QUESTIONS, "ask_scully")} <= set(links)


def test_search_and_facets(window, url):
    window.driver.get(f"{url}/xfiles_db")
    window.follow(window.wait_for('a[href="/xfiles_db/SPEECHES"]')[0].click)
    box = window.driver.find_element("name", "_search")
    box.send_keys("jukeboxes")
    window.follow(box.submit)
    assert {(row["EPISODE"], row["CHARACTER"]) for row in rows(window)} == {
        ("Kill Switch - 5X11", "LANGLY"),
        ("Kill Switch - 5X11", "SCULLY"),
    }
    window.follow(window.driver.find_element("link text", "SCULLY").click)
    assert [row["TEXT"] for row in rows(window)] == ["A jukebox has no programming. It has records, and a coin slot."]
    window.driver.get(f"{url}/xfiles_db/SPEECHES")
    window.follow(window.driver.find_element("css selector", ".facet-results a[href*='SEASON=5']").click)
    assert {row["CODE"] for row in rows(window)} == {"5X11"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions(window, url, question):
    window.driver.get(f"{url}/xfiles_db/{question}")
    for parameter, value in QUESTIONS[question].items():
        window.driver.find_element("name", parameter).send_keys(value)
    window.follow(window.driver.find_element("css selector", "form.sql input[type=submit]").click)
    assert window.texts(".message-error") == []
    found = rows(window)
    assert fits(window)
    if question == "word":
        assert [row["CHARACTER"] for row in found] == ["LANGLY", "SCULLY"]
    elif question == "longest":
        assert len({row["CHARACTER"] for row in found}) == 1
    elif question == "own_words":
        assert {"believe", "spoon"} & {row["WORD"] for row in found}
    else:
        assert len(found) > 5


def test_dashboard(window, url):
    window.driver.get(f"{url}/-/dashboards/series")
    assert window.driver.current_url.endswith("?season=1")
    charts = window.wait_for(".dashboard-card-chart svg", CHARTS)
    assert fits(window)
    for chart in charts:
        left, right = chart.rect["x"], chart.rect["x"] + chart.rect["width"]
        assert 0 <= left < right <= window.width
        labels = [label for label in chart.find_elements("css selector", "text") if label.text]
        assert len(labels) > 5
        assert all(left <= label.rect["x"] and label.rect["x"] + label.rect["width"] <= right for label in labels)
        assert not any("…" in label.text for label in labels)
        assert chart.find_elements("css selector", ".mark-rect path, .mark-symbol path")
    leads = window.driver.find_element("css selector", "#chart-leads")
    assert {"1X79", "1X01"} <= set(leads.text.split())


def ask(window, url, line, who=""):
    window.driver.get(f"{url}/xfiles_db/ask_scully")
    window.driver.find_element("name", "line").send_keys(line)
    window.driver.find_element("name", "who").send_keys(who)
    window.follow(window.driver.find_element("css selector", "form.sql input[type=submit]").click)
    return rows(window)


def test_ask_scully(window, url):
    answer = ask(window, url, "Who programmed that jukebox?")[0]
    assert answer == {
        "REPLY": "A jukebox has no programming. It has records, and a coin slot.",
        "CHARACTER": "SCULLY",
        "TO": "Somebody has been programming the jukebox at night.",
        "SAID_BY": "LANGLY",
        "EPISODE": "Kill Switch - 5X11",
    }
    assert fits(window)


def test_ask_somebody_else(window, url):
    answers = ask(window, url, "What does she think?", "esther")
    assert answers[0]["TO"] == "And what does she think of us?"
    assert {answer["CHARACTER"] for answer in answers} == {"ESTHER"}


@pytest.mark.parametrize(
    "line",
    ["", " ", '"', "'; DROP TABLE XFILES; --", "AND OR NOT (", "NEAR(jukebox", "jukebox*", "TEXT:jukebox", "\\", "\0",
     "🛸", "jukebox 🛸", "a\nb\tc", "^x -y +z {q}", '"unclosed phrase', "spoon " * 5000, "x" * 20000],
    ids=lambda line: line[:12].encode("unicode_escape").decode(),
)  # fmt: skip
def test_a_hostile_question_does_no_harm(window, url, folder, line):
    before = os.stat(folder / "xfiles_db.sqlite")
    window.driver.get(f"{url}/xfiles_db/ask_scully?{urlencode({'line': line, 'who': line})}")
    assert window.texts("h1") == ["Ask Scully"]
    assert window.texts(".message-error") == []
    after = os.stat(folder / "xfiles_db.sqlite")
    assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM XFILES", "WITH X AS (SELECT 1) DELETE FROM XFILES", "PRAGMA user_version=1"]
)
def test_read_only(window, url, folder, sql):
    window.driver.get(f"{url}/xfiles_db?{urlencode({'sql': sql})}")
    assert window.texts(".message-error") or window.texts("h1") == ["Invalid SQL"]
    window.messages()  # of the 400
    with closing(sqlite3.connect(folder / "xfiles_db.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM XFILES").fetchone() == (70,)


def test_screenshots(windows, url, tmp_path, request):
    """What the README shows: python -m pytest tests/test_browse.py --screenshots browse"""
    place = Path(request.config.getoption("--screenshots") or tmp_path)
    window = windows[1280]
    window.driver.get(f"{url}/-/dashboards/series?season=1")
    window.wait_for(".dashboard-card-chart svg", CHARTS)
    window.screenshot(place / "dashboard.png")
    ask(window, url, "Who programmed that jukebox?")
    window.screenshot(place / "ask_scully.png")
    for picture in ("dashboard.png", "ask_scully.png"):
        assert (place / picture).read_bytes().startswith(b"\x89PNG")
        assert (PROJECT / "browse" / picture).is_file()
        assert f"](browse/{picture})" in README
