"""Crawls of the site in tests/site, served on loopback, as a user runs them."""

import csv
import itertools
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import ANY
from xml.etree import ElementTree

import pytest
from conftest import PROJECT, SITE, TIMEOUT, certificate, command, everything, page, serving, write_site
from scrapy.settings import Settings

from xfiles import __version__
from xfiles.arguments import ArgumentError
from xfiles.checks import check_settings
from xfiles.commands.crawl import check_arguments
from xfiles.database import schema

SPEECHES = "SELECT EPISODE, CHARACTER, TEXT FROM XFILES ORDER BY EPISODE, LINE"
EVERYTHING = "SELECT * FROM XFILES ORDER BY PAGE, LINE"


def test_home_page(crawl, site):
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert run.rows("SELECT count(*) FROM EPISODES") == [(12,)]
    report = [line.partition(" INFO: ")[2] for line in run.log.splitlines()[-6:]]
    assert report[0] == "Of 12 pages found, 0 failed. Episodes: 12 new, 0 changed, 0 unchanged."
    assert re.fullmatch(r"70 speeches by 24 characters in \d+ s; 12 pages fetched, 0 confirmed unchanged\.", report[1])
    assert report[2] == "1,279 words read, each in a row."
    assert report[3] == f"The database: {run.database}"
    assert report[4].startswith(f"Ask it: sqlite3 {run.database} ")
    assert report[5] == f"See it: scrapy browse {run.database}"
    assert "ERROR" not in run.log
    assert run.rows("SELECT EPISODE, CHARACTER, TEXT FROM XFILES WHERE TEXT LIKE '%programming%' ORDER BY LINE") == [
        ("Kill Switch - 5X11", "LANGLY", "Somebody has been programming the jukebox at night."),
        ("Kill Switch - 5X11", "SCULLY", "A jukebox has no programming. It has records, and a coin slot."),
    ]
    assert all(site.status(path).count(200) <= 1 for path, _ in site.requests)


def test_a_date_far_from_those_beside_it(crawl, serve, tmp_path):
    dates = {"scrp401.htm": "1996/10/04", "scrp402.htm": "1996/10/27", "scrp403.htm": "1995/10/11"}
    folder = tmp_path / "site"
    write_site(folder, [f"transcrp/{name}" for name in dates])
    rows = [
        f"<tr><td><a href='transcrp/{name}'>ONE</a></td><td>4X{name[5:7]}</td><td>{aired}</td></tr>"
        for name, aired in dates.items()
    ]
    (folder / "index.html").write_text(f"<table>{''.join(rows)}</table>")
    site = serve(folder)
    run = crawl(site.url, LOG_LEVEL="WARNING", CONCURRENT_REQUESTS=1)
    assert run.status == 0, run.log
    (warning,) = (line for line in run.log.splitlines() if "NUMBER" in line)
    assert "/transcrp/scrp403.htm 1995-10-11, which is more than 60 days from the dates" in warning
    numbers = run.rows("SELECT PAGE, NUMBER FROM EPISODES ORDER BY NUMBER")
    assert [(page.rpartition("/")[2], number) for page, number in numbers] == [
        ("scrp403.htm", 1),
        ("scrp401.htm", 2),
        ("scrp402.htm", 3),
    ]
    assert [path[10:] for path in site.asked if "scrp" in path] == ["scrp403.htm", "scrp401.htm", "scrp402.htm"]


def test_whole_rows(crawl, site):
    run = crawl(site.url + "transcrp/scrp101.htm", bypass="yes")
    assert run.status == 0, run.log
    url = site.url + "transcrp/scrp101.htm"
    page = url.removeprefix("http://")
    assert run.rows("SELECT * FROM EPISODES") == [
        (
            page,
            "Deep Throat - 1X01",
            "Deep Throat",
            "1X01",
            1,
            None,
            None,
            None,
            None,
            None,
            130,
            0,
            url,
            None,
            ANY,
            ANY,
        )
    ]
    assert run.rows("SELECT * FROM SCENES") == [
        (
            page,
            1,
            "SCENE 1 A LIGHTHOUSE IN A WHEAT FIELD",
            "A LIGHTHOUSE IN A WHEAT FIELD",
            "LIGHTHOUSE IN A WHEAT FIELD",
            None,
        ),
        (page, 2, "SCENE 2 AN OFFICE", "AN OFFICE", "OFFICE", None),
    ]
    assert run.rows("SELECT LINE, PART, KIND FROM DIRECTIONS WHERE SCENE = 0") == [(0, 1, "note"), (0, 2, "note")]
    columns = "EPISODE, CHARACTER, TEXT, SPEAKER, SPOKEN, SCENE, LINE, PAGE"
    assert run.rows(f"SELECT {columns} FROM XFILES WHERE LINE IN (4, 5, 6)") == [
        ("Deep Throat - 1X01", "MULDER", "Moved — by whom?", "MULDER (to himself)", "Moved — by whom?", 1, 4, page),
        (
            "Deep Throat - 1X01",
            "SCULLY",
            "Mulder, it’s me. I measured the umbrella. It is three inches longer inside.",
            "SCULLY ON MACHINE",
            "Mulder, it's me. I measured the umbrella. It is three inches longer inside.",
            2,
            5,
            page,
        ),
        (
            "Deep Throat - 1X01",
            "MULDER",
            "Then it was never about the rain…",
            "MULDER",
            "Then it was never about the rain…",
            2,
            6,
            page,
        ),
    ]


def test_index_goes_along(crawl, site):
    run = crawl(site.url)
    known = "SELECT CODE, SEASON, AIRED, MYTHARC FROM EPISODES WHERE CODE IN ('1X79', '5X11', 'X3601') ORDER BY CODE"
    assert run.rows(known) == [
        ("1X79", 1, "1993-09-10", 1),
        ("5X11", 5, "1998-02-15", 0),
        ("X3601", None, None, None),
    ]


def test_bypass_reads_another_series(crawl, site):
    run = crawl(site.url + "transcrp/tlg105.htm", bypass="1")
    assert run.status == 0, run.log
    assert run.rows("SELECT EPISODE, SEASON FROM EPISODES") == [("Three Men and a Smoking Diaper - TLG105", None)]
    assert [path for path, _ in site.requests] == ["/robots.txt", "/transcrp/tlg105.htm"]


def test_rerun_asks_again_and_changes_nothing(crawl, site):
    first = crawl(site.url)
    rows = first.rows(EVERYTHING)
    site.requests.clear()
    second = crawl(site.url)
    assert second.status == 0, second.log
    assert "0 new, 0 changed, 12 unchanged" in second.log
    assert "0 pages fetched, 12 confirmed unchanged" in second.log
    assert {status for path, status in site.requests if path != "/robots.txt"} == {304}
    assert second.rows(EVERYTHING) == rows


def test_what_did_not_change_is_not_read_again(crawl, site, tmp_path):
    """Unless a feed wants it; the report is the same."""
    first = crawl(site.url)
    second = crawl(site.url, "-L", "DEBUG")
    assert second.log.count("UnchangedItem(") == 12
    for line in first.log.splitlines()[-3:]:
        assert line.partition("report] INFO: ")[2] in second.log
    fed = crawl(site.url, "-O", str(tmp_path / "episodes.jsonl"))
    assert "12 unchanged" in fed.log
    assert len((tmp_path / "episodes.jsonl").read_text().splitlines()) == 12
    with closing(sqlite3.connect(first.database)) as connection, connection:
        connection.execute("UPDATE EPISODES SET DIGEST = 'of another parser', WORDS = NULL WHERE CODE = '5X11'")
    third = crawl(site.url, "-L", "DEBUG")
    assert third.log.count("UnchangedItem(") == 11
    assert "0 new, 1 changed, 11 unchanged" in third.log


def test_what_somebody_changed_is_read_again(crawl, site):
    """And found again, too; the others are not."""
    first = crawl(site.url)
    before = everything(first.database)
    with closing(sqlite3.connect(first.database)) as connection, connection:
        connection.execute("DELETE FROM DIRECTIONS WHERE PAGE LIKE '%scrp179.htm'")
        connection.execute("UPDATE XFILES SET TEXT = 'Forged.' WHERE PAGE LIKE '%scrp511.htm'")
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert "0 new, 2 changed, 10 unchanged" in run.log
    assert run.log.count("Somebody has changed or deleted rows of ") == 2
    assert everything(first.database) == before
    found = "SELECT count(*) FROM SEARCH WHERE SEARCH MATCH ?"
    assert [run.rows(found, word) for word in ("forged", "programming")] == [[(0,)], [(2,)]]
    assert "12 unchanged" in crawl(site.url).log


def test_two_crawls_give_the_same_rows(crawl, site, tmp_path):
    one = crawl(site.url, XFILES_DATABASE=tmp_path / "one.sqlite", CONCURRENT_REQUESTS=1)
    two = crawl(site.url, XFILES_DATABASE=tmp_path / "two.sqlite", HTTPCACHE_ENABLED=0)
    assert one.rows(EVERYTHING) == two.rows(EVERYTHING) != []


def test_shortened_page_leaves_no_stale_line(crawl, site):
    url = site.url + "transcrp/scrp101.htm"
    crawl(url, bypass="1", HTTPCACHE_ENABLED=0)
    short = (SITE / "transcrp/scrp101.htm").read_bytes().partition(b"<hr>SCENE 2")[0]
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(short)
    run = crawl(url, bypass="1", HTTPCACHE_ENABLED=0)
    assert "1 changed" in run.log
    assert run.rows("SELECT max(LINE) FROM XFILES") == [(4,)]
    assert run.rows("SELECT max(SCENE) FROM SCENES") == [(1,)]


def test_feeds(crawl, site, tmp_path):
    feeds = [tmp_path / name for name in ("lines.csv", "episodes.jsonl", "episodes.json", "episodes.xml")]
    run = crawl(site.url, *(word for feed in feeds for word in ("-O", str(feed))))
    assert run.status == 0, run.log
    (said,) = re.findall("INFO: The feeds: (.*)", run.log)
    assert sorted(said.split(", ")) == sorted(map(str, feeds))
    with open(tmp_path / "lines.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 70
    assert list(lines[0]) == [column.lower() for column in schema.SPEECHES]
    for key in {line["page"] for line in lines}:
        numbers = [int(line["line"]) for line in lines if line["page"] == key]
        assert numbers == list(range(1, len(numbers) + 1))
    with open(tmp_path / "episodes.jsonl", encoding="utf-8") as file:
        episodes = [json.loads(line) for line in file]
    assert len(episodes) == 12
    assert json.loads((tmp_path / "episodes.json").read_text("utf-8")) == episodes
    ids = [[line["id"] for line in episode["lines"]] for episode in episodes]
    assert sorted(itertools.chain(*ids)) == [number for (number,) in run.rows("SELECT ID FROM XFILES ORDER BY ID")]
    items = ElementTree.parse(tmp_path / "episodes.xml").getroot()
    assert [[int(number.text) for number in item.findall("lines/value/id")] for item in items] == ids
    assert {item.findtext("transcriber") for item in items} == {episode["transcriber"] for episode in episodes}
    pilot = next(episode for episode in episodes if episode["code"] == "1X79")
    assert pilot["lines"][1].pop("id") == pilot["lines"][0]["id"] + 1
    assert pilot["lines"][1] == {
        "line": 2,
        "scene": 1,
        "character": "SCULLY",
        "speaker": "SCULLY",
        "text": "I count them, and then I weigh them. Nothing else is science.",
        "spoken": "I count them, and then I weigh them. Nothing else is science.",
        "spoken_words": 12,
    }
    assert pilot["scenes"][1] == {
        **{"scene": 2, "heading": "SCENE 2 BASEMENT OFFICE"},
        **{"place": "BASEMENT OFFICE", "location": "X-FILES OFFICE", "time": None},
    }
    assert {direction["kind"] for direction in pilot["directions"]} == {"direction", "note"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-a", "colour=red"], "unknown argument colour: give url, bypass, part, season or links"),
        (["-a", "bypass=perhaps"], "bypass is 'perhaps': give 1 or 0, true or false, yes or no"),
        (["-a", "bypass=1"], "bypass needs the url of a transcript page: give -a url=URL -a bypass=1"),
        (
            ["-a", "url=http://site.example/transcrp/scrp101.htm"],
            "url is a transcript's, not the home page's: to read that page alone, add -a bypass=1",
        ),
        (["-a", "season=0"], "season is '0': give a number from 1, such as 5"),
        (
            ["-a", "links=tlg"],
            "links is 'tlg': give a folder and what names in it begin with, such as transcrp/tlg",
        ),
        (
            ["-a", "url=http://site.example/", "-a", "bypass=1", "-a", "season=5"],
            "bypass reads the page at url alone: give it without season and links",
        ),
        (["-a", "part=0/2"], "part is '0/2': give K/N with K from 1 to N, such as 2/4"),
        (["-a", "part=3/2"], "part is '3/2': give K/N with K from 1 to N, such as 2/4"),
        (["-a", "part=a/b"], "part is 'a/b': give K/N with K from 1 to N, such as 2/4"),
        (
            ["-a", "url=file:///etc/passwd"],
            "url is 'file:///etc/passwd': give one that starts with http:// or https://",
        ),
        (["-a", "url=http://"], "url is 'http://': give one that starts with http:// or https://"),
        (["-a", "url=http://[::1"], "url is 'http://[::1': give one that starts with http:// or https://"),
        (["-a", "url="], "url is '': give one that starts with http:// or https://"),
    ],
)
def test_bad_arguments(crawl, arguments, line):
    run = crawl(None, *arguments)
    assert run.status == 2
    assert run.log == f"scrapy: {line}\n"
    assert not run.database.exists()


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"CONCURRENT_REQUESTS": "many"}, "CONCURRENT_REQUESTS is 'many': give a whole number, at least 1"),
        ({"CONCURRENT_REQUESTS": 0}, "CONCURRENT_REQUESTS is 0: give a whole number, at least 1"),
        ({"CONCURRENT_REQUESTS_PER_DOMAIN": 0}, "CONCURRENT_REQUESTS_PER_DOMAIN is 0: give a whole number, at least 1"),
        ({"REACTOR_THREADPOOL_MAXSIZE": "0"}, "REACTOR_THREADPOOL_MAXSIZE is '0': give a whole number, at least 1"),
        ({"XFILES_CRAWLS": 0}, "XFILES_CRAWLS is 0: give a whole number, at least 1"),
        ({"RETRY_TIMES": "abc"}, "RETRY_TIMES is 'abc': give a whole number, at least 0"),
        ({"RETRY_PRIORITY_ADJUST": "-1.5"}, "RETRY_PRIORITY_ADJUST is '-1.5': give a whole number"),
        (
            {"RETRY_HTTP_CODES": "500,x"},
            "RETRY_HTTP_CODES is '500,x': give numbers, such as 500,503",
        ),
        ({"CLOSESPIDER_TIMEOUT": "inf"}, "CLOSESPIDER_TIMEOUT is 'inf': give a number, at least 0"),
        ({"DOWNLOAD_DELAY": "nan"}, "DOWNLOAD_DELAY is 'nan': give seconds from 0 to 86400, such as 0.25"),
        ({"DOWNLOAD_DELAY": "inf"}, "DOWNLOAD_DELAY is 'inf': give seconds from 0 to 86400, such as 0.25"),
        ({"DOWNLOAD_TIMEOUT": "1e9"}, "DOWNLOAD_TIMEOUT is '1e9': give seconds from 0 to 86400, such as 30"),
        ({"XFILES_PATIENCE": ""}, "XFILES_PATIENCE is '': give seconds from 0 to 86400, such as 60"),
        ({"XFILES_DATABASE_TIMEOUT": -1}, "XFILES_DATABASE_TIMEOUT is -1: give seconds from 0 to 86400, such as 30"),
        ({"XFILES_OFFLINE": "perhaps"}, "XFILES_OFFLINE is 'perhaps': give 1 or 0"),
        ({"ROBOTSTXT_OBEY": "perhaps"}, "ROBOTSTXT_OBEY is 'perhaps': give 1 or 0"),
        ({"FEED_EXPORT_ENCODING": "utf-9"}, "FEED_EXPORT_ENCODING is 'utf-9': give an encoding, such as utf-8"),
        (
            {"EXTENSIONS": '{"a.Spoon": 1}'},
            "EXTENSIONS lacks xfiles.extensions.report.Report: give those of the project's settings.py, too",
        ),
        (
            {"DOWNLOAD_SLOTS": '{"a.example": {"delay": "inf"}}'},
            "DOWNLOAD_SLOTS has {'delay': 'inf'} for a.example: give {\"concurrency\": 1, \"delay\": 4}",
        ),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is 'LOUD': give CRITICAL, ERROR, WARNING, INFO or DEBUG"),
        (
            {"XFILES_OFFLINE": 1, "HTTPCACHE_ENABLED": 0},
            "XFILES_OFFLINE reads the HTTP cache, which HTTPCACHE_ENABLED=0 switches off: give one of them",
        ),
        (
            {"XFILES_REPORT": "./nowhere/../x.db", "XFILES_DATABASE": "x.db"},
            "XFILES_REPORT is './nowhere/../x.db', which is the database: give another file",
        ),
        (
            {"LOG_FILE": "x.db", "XFILES_DATABASE": f"{Path.cwd()}/x.db"},
            "LOG_FILE is 'x.db', which is the database: give another file",
        ),
        ({"LOG_FILE": "/nowhere/x.log"}, "the log can't be written to /nowhere/x.log: there is no such folder"),
    ],
)
def test_bad_settings(settings, line, capsys):
    project = Settings()
    project.setmodule("xfiles.settings")
    project.update(settings, priority="cmdline")
    with pytest.raises(SystemExit, match="2"):
        check_arguments(project, [], {})
    assert capsys.readouterr().err == f"scrapy: {line}\n"


@pytest.mark.parametrize(
    ("feeds", "words"),
    [
        ({"./x.db": {"format": "csv"}}, "is './x.db', which is the database: give another file"),
        ({"file://{}/link": {"format": "csv"}}, "/link', which is the database: give another file"),
        ({"hard": {"format": "jsonl"}}, "is 'hard', which is the database: give another file"),
        ({"x.report": {"format": "csv"}}, "is 'x.report', which is the report: give another file"),
        ({"new.csv": {"format": "csv"}, "./new.csv": {"format": "csv"}}, "which is another feed: give another file"),
        ({"old.json": {"format": "json"}}, "'old.json' exists, and json can't be appended to: give -O in place of -o"),
        ({"old.json": {"format": "xml"}}, "'old.json' exists, and xml can't be appended to: give -O in place of -o"),
        ({".": {"format": "csv"}}, "the feed can't be written to '.': give another file"),
        ({"/proc/version/x.csv": {"format": "csv"}}, "the feed can't be written to '/proc/version/x.csv'"),
        ({"new": {"format": "csv", "fields": ["who"]}}, "'new' has no field 'who': give some of episode, character, "),
        ({"new": {"format": "jsonl", "fields": ["who"]}}, "'new' has no field 'who': give some of page, url, "),
        ({"lines.csv": {"format": "csv", "fields": ["text"]}}, "'lines.csv' has other columns: give -O in place of"),
        ({"old.csv": {"format": "csv"}}, "'old.csv' has other columns: give -O in place of -o"),
        ({"old.json": {"format": "jsonl"}}, "'old.json' ends in the midst of a line: give -O in place of -o"),
        ({"old.json": {"format": "json", "overwrite": True}}, None),
        ({"old.json": {"format": "pickle"}, "lines.csv": {"format": "csv"}}, None),
        ({"loop": {"format": "csv", "fields": {"text": "TEXT"}}}, None),
        ({"%(name)s": {"format": "csv"}, "stdout:": {"format": "csv"}, "/dev/null": {"format": "csv"}}, None),
    ],
)
def test_files_that_a_feed_would_spoil(feeds, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("x.db").write_text("The database")
    Path("link").symlink_to("x.db")
    Path("hard").hardlink_to("x.db")
    Path("loop").symlink_to("loop")
    Path("old.json").write_text("[]")
    Path("old.csv").write_text("who,what\n")
    Path("lines.csv").write_text("\ufeff" + ",".join(column.lower() for column in schema.SPEECHES) + "\r\n1,2\r\n")
    project = Settings()
    project.setmodule("xfiles.settings")
    feeds = {feed.format(tmp_path): options for feed, options in feeds.items()}
    files = {"XFILES_DATABASE": "x.db", "XFILES_REPORT": "x.report", "LOG_FILE": "/dev/null"}
    project.update(files | {"FEEDS": feeds}, priority="cmdline")
    if words is None:
        check_settings(project)
    else:
        with pytest.raises(ArgumentError, match=re.escape(words)):
            check_settings(project)


def test_a_crawl_that_reads_nothing_empties_no_feed(crawl, site, tmp_path):
    feed = tmp_path / "lines.csv"
    feed.write_text("A former one's")
    site.answers["/"] = lambda handler: handler.send(b"", 404)
    run = crawl(site.url, "-O", str(feed))
    assert run.status == 1
    assert f"No page was read, so the feed {feed} is not written, and is as it was" in run.log
    assert feed.read_text() == "A former one's"


@pytest.mark.parametrize(
    "settings",
    [
        {"DOWNLOAD_DELAY": "0", "DOWNLOAD_TIMEOUT": "2.5", "XFILES_DATABASE_TIMEOUT": "0.5", "XFILES_PATIENCE": "1e1"},
        {"RETRY_TIMES": "0", "RETRY_PRIORITY_ADJUST": "-2", "RETRY_HTTP_CODES": "500,503", "LOG_LEVEL": "10"},
        {"AUTOTHROTTLE_ENABLED": "False", "LOG_LEVEL": "DEBUG", "FEED_EXPORT_ENCODING": "utf-8-sig"},
    ],
)
def test_good_settings(settings):
    project = Settings()
    project.setmodule("xfiles.settings")
    project.update(settings, priority="cmdline")
    check_settings(project)


def test_a_report_in_place_of_the_database(crawl, site, tmp_path):
    run = crawl(site.url)
    os.symlink(run.database, tmp_path / "report.json")
    again = crawl(site.url, XFILES_REPORT=tmp_path / "report.json")
    assert (again.status, again.log.count("\n")) == (2, 1)
    assert "which is the database: give another file" in again.log
    assert len(run.rows(SPEECHES)) == 70


@pytest.mark.process
def test_unknown_spider():
    done = subprocess.run(command("crawl", "yfiles"), cwd=PROJECT, capture_output=True, text=True, timeout=TIMEOUT)
    assert (done.returncode, done.stderr) == (2, "scrapy: Spider not found: yfiles\n")


@pytest.mark.process
def test_garbage_is_looked_for_less_often(site, tmp_path):
    """Where the crawl runs, until its process ends."""
    settings = {"XFILES_DATABASE": tmp_path / "x.sqlite", "HTTPCACHE_ENABLED": 0, "DOWNLOAD_DELAY": 0.001}
    line = command("crawl", "xfiles", f"-aurl={site.url}transcrp/scrp101.htm", "-abypass=1", **settings)
    script = f"from scrapy.cmdline import execute; execute({line[line.index('scrapy') :]})"
    script = f"import atexit, gc; atexit.register(lambda: print(gc.get_threshold()[0])); {script}"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "10000\n"), done.stderr


def test_scrapyd_job_argument(crawl, site):
    assert crawl(site.url + "transcrp/tlg105.htm", "-a", "_job=0123", bypass="1").status == 0


def test_operator_is_named(crawl, site):
    agents = []
    site.answers["/transcrp/tlg105.htm"] = lambda handler: (
        agents.append(handler.headers["User-Agent"]),
        handler.send((SITE / "transcrp/tlg105.htm").read_bytes()),
    )
    crawl(site.url + "transcrp/tlg105.htm", bypass="1", XFILES_CONTACT="mailto:me@example.org")
    assert agents == [f"xfiles/{__version__} (+mailto:me@example.org)"]


def test_parts_share_the_pages(crawl, site):
    runs = [crawl(site.url, "-a", f"part={part}/3") for part in (1, 2, 3)]
    assert [run.status for run in runs] == [0, 0, 0]
    assert runs[0].rows("SELECT count(*) FROM EPISODES") == [(12,)]
    asked = [path for path, status in site.requests if status == 200 and "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12
    assert not any("Vanished" in run.log for run in runs)


def test_a_season(crawl, site, tmp_path):
    """It has the numbers that it has in a crawl of all, and what it leaves out has not vanished."""
    numbers = "SELECT PAGE, NUMBER FROM EPISODES WHERE SEASON = 9 ORDER BY PAGE"
    whole = crawl(site.url)
    alone = crawl(site.url, "-a", "season=9", XFILES_DATABASE=tmp_path / "alone.sqlite")
    assert alone.status == 0, alone.log
    assert alone.rows("SELECT count(*) FROM EPISODES") == [(2,)]
    assert alone.rows(numbers) == whole.rows(numbers)
    assert [number for _, number in alone.rows(numbers)] == [9, 10]
    rows = whole.rows(EVERYTHING), whole.rows("SELECT * FROM EPISODES ORDER BY PAGE")
    with closing(sqlite3.connect(whole.database)) as connection, connection:
        # Pages of the site's folder that it does not list: of that season, and of another.
        for name in ("scrp902", "scrp302"):
            page = f"{site.url.removeprefix('http://')}transcrp/{name}.htm"
            connection.execute("INSERT INTO EPISODES (PAGE, URL, SEASON) VALUES (?, ?, ?)", (page, page, int(name[4])))
    again = crawl(site.url, "-a", "season=9")
    assert again.status == 0, again.log
    assert re.findall(r"Vanished .*(scrp.*)\.htm", again.log) == ["scrp902"]
    assert "Of 2 pages found, 0 failed. Episodes: 0 new, 0 changed, 2 unchanged." in again.log
    kept = "SELECT * FROM EPISODES WHERE DIGEST IS NOT NULL ORDER BY PAGE"
    assert (again.rows(EVERYTHING), again.rows(kept)) == rows


def test_a_season_that_is_not_listed(crawl, site):
    run = crawl(site.url, "-a", "season=4")
    assert run.status == 1
    assert f"The home page {site.url} has no link to a transcript of season 4. " in run.log.splitlines()[-1]
    assert run.log.endswith("What to try: a season that it has: 1, 2, 3, 5, 6, 8, 9, 10\n")
    assert not run.database.exists()


def test_other_links(crawl, site):
    whole = crawl(site.url)
    run = crawl(site.url, "-a", "links=transcrp/tlg")
    assert run.status == 0, run.log
    assert "Of 1 page found, 0 failed. Episodes: 1 new" in run.log
    assert "Vanished" not in run.log
    assert run.rows("SELECT count(*), count(NUMBER) FROM EPISODES") == [(13, 11)]
    assert run.rows("SELECT SEASON, NUMBER FROM EPISODES WHERE PAGE LIKE '%tlg105.htm'") == [(None, None)]
    back = crawl(site.url)
    assert back.status == 0, back.log
    assert "Vanished" not in back.log
    assert whole.database == run.database == back.database


def test_other_links_in_capitals(crawl, site):
    crawl(site.url)
    home = (SITE / "index.html").read_bytes().replace(b"scrp616", b"scrp699")
    site.answers["/"] = lambda handler: handler.send(home)
    run = crawl(site.url, "-a", "links=TRANSCRP/SCRP")
    assert "Vanished from the site, its rows are kept: " in run.log


def test_no_other_links(crawl, site):
    run = crawl(site.url, "-a", "links=transcrp/spoons")
    assert run.status == 1
    assert "has no link to 'transcrp/spoons' on its host" in run.log


def test_a_part_without_a_page_is_no_error(crawl, site):
    runs = [crawl(site.url, "-a", f"part={part}/1000") for part in (1, 2)]
    assert [run.status for run in runs] == [0, 0]


def test_reader_during_a_crawl(crawl, site, tmp_path):
    """A reader with an open transaction neither breaks a crawl nor is broken by it."""
    database = crawl(site.url + "transcrp/tlg105.htm", bypass="1").database
    with closing(sqlite3.connect(database)) as reader:
        reader.execute("BEGIN")
        before = reader.execute(EVERYTHING).fetchall()
        assert crawl(site.url).status == 0
        assert reader.execute(EVERYTHING).fetchall() == before


BAD_LINKS = [
    "http://[bad/transcrp/scrp1.htm",
    "http://127.0.0.1:99999/transcrp/scrp2.htm",
    "http://a..b/transcrp/scrp3.htm",
    "http://a b/transcrp/scrp4.htm",
]


def test_bad_links(crawl, serve, tmp_path):
    """Each is a page that is lost, and no other page notices."""
    names = [f"transcrp/scrp{number}.htm" for number in range(100, 103)]
    write_site(tmp_path / "site", names)
    links = "".join(f'<a href="{href}">One</a>\n' for href in (*BAD_LINKS, *names))
    (tmp_path / "site/index.html").write_text(links)
    run = crawl(serve(tmp_path / "site").url)
    assert run.status == 1
    assert "Of 7 pages found, 4 failed. Episodes: 3 new" in run.log
    assert all(f"Failed: {href}: the link to it holds no address" in run.log for href in BAD_LINKS)
    assert "Traceback" not in run.log


def test_two_spellings_of_an_address_are_one_page(crawl, site):
    port = site.url.removeprefix("http://127.0.0.1:")
    links = ["transcrp/scrp101.htm", f"HTTP://127.0.0.1:{port}transcrp/scrp%3101.htm#a", "/transcrp/./scrp101.htm"]
    site.answers["/"] = lambda handler: handler.send("".join(f'<a href="{link}">X</a>' for link in links).encode())
    run = crawl(site.url)
    assert "Of 1 page found, 0 failed. Episodes: 1 new" in run.log
    assert site.status("/transcrp/scrp101.htm") == [200]


def test_base(crawl, site):
    def home(handler):
        handler.send((SITE / "index.html").read_bytes().replace(b"<HEAD>", b'<HEAD><base href="/old/">'))

    def old(handler):
        handler.send((SITE / handler.path.removeprefix("/old/")).read_bytes())

    site.answers |= {"/": home} | {f"/old/transcrp/{path.name}": old for path in (SITE / "transcrp").iterdir()}
    run = crawl(site.url)
    assert "Of 12 pages found, 0 failed. Episodes: 12 new" in run.log
    assert all(path.startswith("/old/") for path, _ in site.requests[2:])


def test_moved_files(crawl, serve, tmp_path):
    """An old address that leads to a new one is one episode, and one that leads to another linked page is that page."""
    moves = {301: "a/one.htm", 302: "a/two.htm", 307: "a/three.htm", 308: "a/four.htm", 303: "transcrp/scrp999.htm"}
    write_site(tmp_path / "site", [f"transcrp/scrp{name}.htm" for name in (*moves, 999)])
    write_site(tmp_path / "site/new", list(moves.values()))
    site = serve(tmp_path / "site")
    moved = "<p><b>ANN:</b> I moved."
    (tmp_path / "site/new/a/one.htm").write_text(page(moved, title="Moved - 1X01"))

    def move(status: int, to: str):
        return lambda handler: handler.send(b"", status, Location=f"/{to}")

    before = crawl(site.url)
    assert before.status == 0, before.log
    for status, to in moves.items():
        to = to if to.startswith("transcrp") else f"new/{to}"
        site.answers[f"/transcrp/scrp{status}.htm"] = move(status, to)
    for _ in range(2):  # the second time from a warm cache
        run = crawl(site.url)
        assert run.status == 0, run.log
        assert "Of 5 pages found, 0 failed. Episodes: " in run.log
        assert run.rows("SELECT count(*) FROM EPISODES") == [(6,)]
        assert run.rows("SELECT TEXT FROM XFILES WHERE EPISODE = 'Moved - 1X01'") == [("I moved.",)]


def test_what_leads_elsewhere_is_no_second_episode(crawl, serve, tmp_path):
    names = [f"transcrp/scrp10{number}.htm" for number in range(5)]
    write_site(tmp_path / "site", names)
    write_site(tmp_path / "site/new", ["any.htm"])
    site = serve(tmp_path / "site")
    home = (tmp_path / "site/index.html").read_bytes()
    site.answers["/"] = lambda handler: handler.send(home + b"<p><b>WEBMASTER:</b> Hello.", 203)
    assert crawl(site.url).status == 0
    for name, to in zip(names, ("/", "/new/any.htm", "/new/any.htm", f"/{names[4]}"), strict=False):
        site.answers[f"/{name}"] = lambda handler, to=to: handler.send(b"", 302, Location=to)
    run = crawl(site.url, CONCURRENT_REQUESTS=1)
    assert run.status == 1
    page = site.url[7:] + "transcrp/scrp10"
    assert f"Failed: {site.url}{names[0]}: it leads to the home page" in run.log
    assert f"Failed: {site.url}{names[2]}: it leads to {site.url[7:]}new/any.htm, as {page}1.htm does" in run.log
    assert f"Vanished from the site, its rows are kept: {page}3.htm" in run.log
    assert run.rows("SELECT TEXT FROM XFILES ORDER BY PAGE") == [
        (f"I am {name}.",) for name in ("scrp100", "any", "scrp102", "scrp103", "scrp104")
    ]
    assert run.rows("SELECT * FROM XFILES WHERE CHARACTER = 'WEBMASTER'") == []


def test_vanished_pages_of_another_folder(crawl, serve, tmp_path):
    write_site(tmp_path / "site", names := [f"transcrp/scrp10{number}.htm" for number in range(3)])
    site = serve(tmp_path / "site")

    def home(names):
        return lambda handler: handler.send("".join(f'<a href="/{name}">x</a>' for name in names).encode())

    site.answers["/en/home.htm"] = home(names)
    assert crawl(site.url + "en/home.htm").status == 0
    site.answers["/en/home.htm"] = home(names[:2])
    run = crawl(site.url + "en/home.htm")
    assert run.status == 0
    assert run.log.count("Vanished from the site, its rows are kept: ") == 1
    assert f"{site.url[7:]}{names[2]}" in run.log


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_an_ipv6_address(crawl):
    with serving(SITE, ("::1", 0)) as site:
        run = crawl(site.url)
    assert run.status == 0, run.log
    assert "Of 12 pages found, 0 failed" in run.log


def test_a_home_page_that_reloads_itself(crawl, site):
    home = (SITE / "index.html").read_bytes()
    site.answers["/"] = lambda handler: handler.send(b'<meta http-equiv=refresh content="60; url=/">' + home)
    assert "Of 12 pages found, 0 failed" in crawl(site.url).log


def test_a_home_page_at_another_spelling_of_its_address(crawl, site):
    """Redirects within the site are followed, by whatever means."""
    site.answers["/old"] = lambda handler: handler.send(b"", 301, Location="/older/../../index.html?x")
    site.answers["/older"] = lambda handler: handler.send(b'<META HTTP-EQUIV=Refresh CONTENT="5; URL=/old">')
    run = crawl(site.url + "older")
    assert run.status == 0, run.log
    assert "Of 12 pages found, 0 failed. Episodes: 12 new" in run.log


@pytest.mark.parametrize(("host", "adjusted"), [("127.0.0.1", False), ("localhost", True)])
def test_one_host_can_be_asked_more_slowly_than_the_others(crawl, site, host, adjusted):
    """Whatever AutoThrottle thinks of its answers: it does not adjust that delay."""
    slots = json.dumps({host: {"concurrency": 1, "delay": 0.01, "jitter": 0}})
    run = crawl(site.url, AUTOTHROTTLE_ENABLED=1, AUTOTHROTTLE_DEBUG=1, DOWNLOAD_SLOTS=slots)
    assert run.status == 0, run.log
    assert ("slot: 127.0.0.1 | conc:" in run.log) is adjusted


def ports_80_and_443() -> bool:
    """Whether both are free on this machine's loopback, and ours to take."""
    try:
        for port in (80, 443):
            socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


HOST = "127.0.0.80"


@pytest.mark.skipif(not ports_80_and_443(), reason="the ports 80 and 443 of loopback are not ours")
def test_http_and_https_are_one_site(crawl, tmp_path):
    """The site at http, at https, and at http with a redirect to https, in one database: no row changes."""
    key = tmp_path / "certificate.pem"
    key.write_bytes(certificate(HOST))
    with serving(SITE, (HOST, 80)) as http, serving(SITE, (HOST, 443), certificate=key):
        rows = crawl(f"http://{HOST}/").rows(SPEECHES)
        for scheme in ("https", "http"):
            run = crawl(f"{scheme}://{HOST}/", DOWNLOAD_VERIFY_CERTIFICATES=0)
            assert run.status == 0, run.log
            assert "Of 12 pages found, 0 failed. Episodes: 0 new, 0 changed, 12 unchanged" in run.log
            assert run.rows(SPEECHES) == rows != []
            http.fallback = lambda handler: handler.send(b"", 301, Location=f"https://{HOST}{handler.path}")


def test_a_password_is_used_and_neither_said_nor_stored(crawl, site):
    def locked(handler):
        if handler.headers["Authorization"] == "Basic YW5uOnMvZWNyQHQ=":
            handler.send((SITE / handler.path[1:]).read_bytes())
        else:
            handler.send(b"", 401)

    site.answers["/transcrp/tlg105.htm"] = locked
    run = crawl(site.url.replace("//", "//ann:s%2Fecr@t@") + "transcrp/tlg105.htm", bypass="1")
    assert run.status == 0, run.log
    assert "ecr@t" not in run.log
    assert run.rows("SELECT count(*) FROM EPISODES WHERE URL LIKE '%ann%'") == [(0,)]


def test_a_page_without_an_end_is_named_in_a_warning(crawl, serve, tmp_path):
    """HTTP/1.0 does not say how long a page is: nothing but its end shows that it was not cut short."""
    names = ["transcrp/scrp100.htm", "transcrp/scrp101.htm", "transcrp/scrp102.htm"]
    write_site(tmp_path / "site", names)
    site = serve(tmp_path / "site")

    def unending(body: bytes):
        def answer(handler):
            handler.protocol_version = "HTTP/1.0"
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            handler.wfile.write(body)
            handler.close_connection = True

        return answer

    site.answers["/" + names[0]] = unending(b"<p><b>ANN:</b> One.")
    site.answers["/" + names[1]] = unending(b"<p><b>ANN:</b> Two. <p>[THE END]")
    site.answers["/" + names[2]] = unending(b"<p><b>ANN:</b> Three. </BODY></HTML>")
    run = crawl(site.url)
    assert run.status == 0, run.log
    for _ in range(2):  # until the host says more
        assert [line.split()[6] for line in run.log.splitlines() if "may have been cut short" in line] == [
            site.url + names[0]
        ]
        run = crawl(site.url)
    site.answers["/"] = unending(f'<a href="{names[1]}">One</a>'.encode())
    run = crawl(site.url)
    assert run.status == 1
    assert f"ERROR: The home page {site.url} may have been cut short" in run.log
    assert "Of 1 page found, 0 failed" in run.log


@pytest.mark.parametrize("lost", [0, 120])
def test_a_long_home_page(crawl, serve, tmp_path, lost):
    """More pages than requests wait at once, and more of them lost in circles than that."""
    folder = tmp_path / "site"
    (folder / "transcrp").mkdir(parents=True)
    names = [f"transcrp/scrp{number}.htm" for number in range(350)]
    (folder / "index.html").write_text("".join(f'<a href="{name}">One</a>\n' for name in names))
    for name in names:
        (folder / name).write_text(page("<p><b>ANN:</b> One."))
    site = serve(folder)
    for name in names[:lost]:
        site.answers[f"/{name}"] = lambda handler: handler.send(b"", 302, Location=handler.path)
    run = crawl(site.url, CONCURRENT_REQUESTS=16, CONCURRENT_REQUESTS_PER_DOMAIN=16, LOG_LEVEL="WARNING")
    assert run.status == (1 if lost else 0), run.log
    assert run.log.count("which is not followed") == lost
    assert run.rows("SELECT count(*) FROM EPISODES") == [(350 - lost,)]
    assert len(site.requests) == 352  # with robots.txt and the home page
