"""What the pipeline makes of its settings and of a database that fails, in crawls of their own."""

import sqlite3
from contextlib import closing

import pytest
from conftest import TIMEOUT, ask, page

from xfiles.pipelines import read_timeout


@pytest.mark.parametrize(("value", "seconds"), [("30", 30), ("0.5", 0.5), (0, 0), (" 7 ", 7)])
def test_timeout(value, seconds):
    assert read_timeout(value) == seconds


@pytest.mark.parametrize("value", ["", "soon", "-1", "nan", "inf", "1e9", None, "30s"])
def test_timeout_that_makes_no_sense(value):
    with pytest.raises(ValueError, match=r"XFILES_DATABASE_TIMEOUT is .*: give seconds from 0 to 86400, such as 30"):
        read_timeout(value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"XFILES_DATABASE": ""}, "XFILES_DATABASE is empty: give the path"),
        ({"XFILES_DATABASE": "host=h password=secret"}, "XFILES_DATABASE is neither a path nor an address"),
        ({"XFILES_DATABASE": "/no/such/folder/x.sqlite"}, "the folder /no/such/folder does not exist"),
        ({"XFILES_DATABASE": ":memory:"}, "XFILES_DATABASE is :memory:, which nobody could ask afterwards"),
    ],
)
def test_a_setting_that_makes_no_sense(crawl, site, settings, said):
    run = crawl(site.url, **settings)
    assert run.status == 1
    assert run.log.count("The crawl stops: ") == run.log.count(f": {said}") == 1
    assert "Traceback" not in run.log
    assert "secret" not in run.log
    assert site.requests == []


def test_a_crawl_that_stores_nothing_makes_no_file(crawl, site, tmp_path):
    site.answers["/"] = lambda handler: handler.send(b"Gone", status=404)
    run = crawl(site.url)
    assert run.status == 1
    assert not list(tmp_path.glob("*.sqlite*"))


def test_a_database_deleted_in_the_middle(halfway, held, tmp_path):
    """Every page is named as lost, those stored before, too."""
    path = tmp_path / "xfiles_db.sqlite"
    process = halfway()
    assert ask(path, "SELECT count(*) FROM EPISODES") >= [(2,)]
    path.unlink()
    held.set()
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 1
    assert log.count(f"The crawl stops: the database {path} was deleted or moved while it was open") == 1
    assert log.count(f"All that the crawl stored is lost: the database {path} was deleted or moved") == 1
    assert "Traceback" not in log
    assert log.count("] ERROR: Failed: ") == 12


def test_an_episode_that_cannot_be_stored_stops_no_other(crawl, site, postgresql):
    speech = " ".join(f"spoons{number}" for number in range(100_000))  # more words than PostgreSQL can index
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(page(f"<p><b>CAT:</b> {speech}").encode())
    run = crawl(site.url, XFILES_DATABASE=postgresql)
    assert run.status == 1
    assert "Of 12 pages found, 1 failed. Episodes: 11 new" in run.log
    assert f"Failed: {site.url}transcrp/scrp101.htm: its episode can't be stored: string is too long" in run.log
    assert speech[:100] not in run.log


def test_a_bypass_keeps_what_the_home_page_said(crawl, site):
    run = crawl(site.url)
    with closing(sqlite3.connect(run.database)) as connection:
        connection.execute("UPDATE EPISODES SET NUMBER = 102")
        connection.commit()
    page = "transcrp/scrp511.htm"
    columns = "SELECT NUMBER, AIRED, MYTHARC FROM EPISODES WHERE PAGE LIKE ?"
    before = run.rows(columns, f"%{page}")
    assert before[0][0] == 102
    assert before[0][1] is not None
    assert crawl(site.url + page, bypass="1").status == 0
    assert run.rows(columns, f"%{page}") == before
