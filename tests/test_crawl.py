"""Crawls of the site in tests/site, served on loopback, as a user runs them."""

import csv
import json
import re
import sqlite3
import subprocess
from contextlib import closing

import pytest
from conftest import PROJECT, SITE, command, page

EVERYTHING = "SELECT * FROM XFILES ORDER BY URL, LINE"


def test_home_page(crawl, site):
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert run.rows("SELECT count(*) FROM EPISODES") == [(12,)]
    report = [line.partition(" INFO: ")[2] for line in run.log.splitlines()[-3:]]
    assert report[0] == "Of 12 pages found, 0 failed. Episodes: 12 new, 0 changed, 0 unchanged."
    assert re.fullmatch(r"70 speeches by 24 characters in \d+ s; 12 pages fetched, 0 confirmed unchanged\.", report[1])
    assert report[2] == (
        "Markup: 6 pages in bold, 3 mis-nested, 3 in spans; 0 speeches without a scene, 12 names seen once."
    )
    assert "ERROR" not in run.log
    assert run.rows("SELECT EPISODE, CHARACTER, TEXT FROM XFILES WHERE TEXT LIKE '%programming%' ORDER BY LINE") == [
        ("Kill Switch - 5X11", "LANGLY", "Somebody has been programming the jukebox at night."),
        ("Kill Switch - 5X11", "SCULLY", "A jukebox has no programming. It has records, and a coin slot."),
    ]
    assert all(site.status(path).count(200) <= 1 for path, _ in site.requests)


def test_whole_rows(crawl, site):
    run = crawl(site.url + "transcrp/scrp101.htm", bypass="yes")
    assert run.status == 0, run.log
    url = site.url + "transcrp/scrp101.htm"
    assert run.rows("SELECT * FROM EPISODES") == [(url, "Deep Throat - 1X01", "Deep Throat", "1X01", 1, None, None)]
    assert run.rows("SELECT * FROM SCENES") == [
        (url, 1, "SCENE 1 A LIGHTHOUSE IN A WHEAT FIELD"),
        (url, 2, "SCENE 2 AN OFFICE"),
    ]
    columns = "EPISODE, CHARACTER, TEXT, SPEAKER, SPOKEN, SCENE, LINE, URL"
    assert run.rows(f"SELECT {columns} FROM XFILES WHERE LINE IN (4, 5, 6)") == [
        ("Deep Throat - 1X01", "MULDER", "Moved — by whom?", "MULDER (to himself)", "Moved — by whom?", 1, 4, url),
        (
            "Deep Throat - 1X01",
            "SCULLY",
            "Mulder, it’s me. I measured the umbrella. It is three inches longer inside.",
            "SCULLY ON MACHINE",
            "Mulder, it’s me. I measured the umbrella. It is three inches longer inside.",
            2,
            5,
            url,
        ),
        (
            "Deep Throat - 1X01",
            "MULDER",
            "Then it was never about the rain…",
            "MULDER",
            "Then it was never about the rain…",
            2,
            6,
            url,
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
    run = crawl(site.url, "-O", str(tmp_path / "lines.csv"), "-O", str(tmp_path / "episodes.jsonl"))
    assert run.status == 0, run.log
    with open(tmp_path / "lines.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 70
    assert list(lines[0]) == (
        "url episode title code season aired mytharc line scene character speaker text spoken".split()
    )
    with open(tmp_path / "episodes.jsonl", encoding="utf-8") as file:
        episodes = [json.loads(line) for line in file]
    assert len(episodes) == 12
    pilot = next(episode for episode in episodes if episode["code"] == "1X79")
    assert pilot["lines"][1] == {
        "line": 2,
        "scene": 1,
        "character": "SCULLY",
        "speaker": "SCULLY",
        "text": "I count them, and then I weigh them. Nothing else is science.",
        "spoken": "I count them, and then I weigh them. Nothing else is science.",
    }
    assert pilot["scenes"][1] == {"scene": 2, "heading": "SCENE 2 BASEMENT OFFICE"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-a", "colour=red"], "unknown argument colour: give url, bypass or part"),
        (["-a", "bypass=perhaps"], "bypass is 'perhaps': give 1 or 0, true or false, yes or no"),
        (["-a", "bypass=1"], "bypass needs the url of a transcript page: give -a url=URL -a bypass=1"),
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


def test_unknown_spider():
    done = subprocess.run(command("crawl", "yfiles"), cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (2, "scrapy: Spider not found: yfiles\n")


def test_scrapyd_job_argument(crawl, site):
    assert crawl(site.url + "transcrp/tlg105.htm", "-a", "_job=0123", bypass="1").status == 0


def test_operator_is_named(crawl, site):
    agents = []
    site.answers["/transcrp/tlg105.htm"] = lambda handler: (
        agents.append(handler.headers["User-Agent"]),
        handler.send((SITE / "transcrp/tlg105.htm").read_bytes()),
    )
    crawl(site.url + "transcrp/tlg105.htm", bypass="1", XFILES_CONTACT="mailto:me@example.org")
    assert agents == ["xfiles/1.0.0 (+mailto:me@example.org)"]


def test_parts_share_the_pages(crawl, site):
    runs = [crawl(site.url, "-a", f"part={part}/3") for part in (1, 2, 3)]
    assert [run.status for run in runs] == [0, 0, 0]
    assert runs[0].rows("SELECT count(*) FROM EPISODES") == [(12,)]
    asked = [path for path, status in site.requests if status == 200 and "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12
    assert not any("Vanished" in run.log for run in runs)


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
