"""What became of each page: the ledger and its words; then what a crawl does with them."""

import json
from collections import Counter

import pytest
from scrapy.settings import Settings

from xfiles.extensions.report import see_it
from xfiles.ledger import QUESTION, Ledger, Summary, counted


def episode(page: str, *characters: str, unread: int = 0) -> Summary:
    return Summary(page, f"http://{page}", Counter(characters), 0, 10, unread)


@pytest.fixture
def ledger() -> Ledger:
    """Of a crawl that found four pages: one stored, one moved, one lost, one that nothing was heard of."""
    ledger = Ledger()
    for page in "abcd":
        ledger.find(page, f"http://{page}")
    ledger.store(episode("a", "ANN", "BEN", "ANN", unread=30), "new")
    ledger.move("b")
    ledger.fail("c", "http://c", "the server answered 404")
    return ledger


def test_counts(ledger):
    assert ledger.counts() == {
        "pages/found": 3,
        "pages/failed": 1,
        "pages/vanished": 0,
        "episodes/new": 1,
        "episodes/changed": 0,
        "episodes/unchanged": 0,
        "speeches": 3,
        "speeches/sceneless": 0,
        "characters": 2,
        "characters/once": 1,
        "words": 10,
        "words/unread": 30,
    }
    assert ledger.waiting() == [("d", "http://d")]


def test_words_of_a_crawl_that_lost_a_page(ledger):
    assert ledger.closing_words(2, 0, 1.2, "x.sqlite") == [
        "Of 3 pages found, 1 failed. Episodes: 1 new, 0 changed, 0 unchanged.",
        "3 speeches by 2 characters in 1 s; 2 pages fetched, 0 confirmed unchanged.",
        "10 words read, 30 of them in no row.",
        "The database: x.sqlite",
        "What is missing: run the same command again, which asks for that.",
    ]
    assert ledger.warnings() == ["30 words of http://a stand in no row: was its markup read right?"]
    assert list(ledger.losses()) == list(ledger.losses(brief=True)) == ["Failed: http://c: the server answered 404"]


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [(0, "page", "0 pages"), (1, "speech", "1 speech"), (2, "speech", "2 speeches"), (61578, "word", "61,578 words")],
)
def test_counted(number, noun, words):
    assert counted(number, noun) == words


def test_many_pages_lost_for_one_cause():
    """Where little room is they are counted, where there is more they are named."""
    ledger = Ledger()
    for number in range(6):
        ledger.fail(f"{number}", f"http://{number}", "it was stopped")
    ledger.fail("a", "http://a", "the server answered 404")
    assert len(list(ledger.losses())) == 7
    assert list(ledger.losses(brief=True)) == [
        "Failed: http://a: the server answered 404",
        "Failed: 6 pages: it was stopped",
    ]


def test_words_of_a_crawl_that_lost_everything():
    ledger = Ledger()
    ledger.find("a", "http://a")
    ledger.fail("a", "http://a", "the server answered 404")
    assert ledger.closing_words(0, 0, 3, "x.sqlite") == [
        "Of 1 page found, 1 failed. Episodes: 0 new, 0 changed, 0 unchanged.",
        "Nothing was stored in 3 s.",
        "What is missing: run the same command again, which asks for that.",
    ]


def test_words_of_a_crawl_that_lost_nothing():
    ledger = Ledger()
    ledger.find("a", "http://a")
    ledger.store(episode("a", "ANN", unread=3), "unchanged")
    ledger.vanished = ["z"]
    question = f'"{QUESTION}"'
    assert ledger.closing_words(0, 1, 0, "x.sqlite")[-1] == f"Ask it: sqlite3 x.sqlite {question}"
    assert ledger.closing_words(0, 1, 0, "it's x.sqlite")[-1] == f"""Ask it: sqlite3 'it'"'"'s x.sqlite' {question}"""
    assert ledger.closing_words(0, 1, 0, "postgresql://host/x")[-1] == "The database: postgresql://host/x"
    assert ledger.warnings() == ["Vanished from the site, its rows are kept: z"]
    assert not list(ledger.losses())


def test_words_of_a_home_page_that_gave_nothing():
    ledger = Ledger()
    ledger.give_up("It is gone", "a copy")
    assert ledger.closing_words(0, 0, 0, "x.sqlite") == []
    assert ledger.last_words == ("It is gone.", "What to try: a copy")
    assert list(ledger.losses()) == []


def test_report_file(crawl, site, tmp_path):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    run = crawl(site.url, XFILES_REPORT=tmp_path / "report.json")
    assert run.status == 1
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["failed"] == {f"{site.url}transcrp/scrp101.htm": "the server answered 404"}
    assert (report["xfiles/pages/found"], report["xfiles/episodes/new"], report["xfiles/words/unread"]) == (12, 11, 0)
    assert (report["finish_reason"], report["cause"]) == ("finished", "")
    scenes = run.rows("SELECT count(*) FROM SCENES")
    assert scenes == [(report["xfiles/paragraphs/heading"],)]


@pytest.mark.parametrize(
    ("settings", "finish_reason", "cause"),
    [({}, "home_page", "can't be read: the server answered 404"), ({"XFILES_DATABASE": "/"}, None, "")],
)
def test_a_report_of_nothing(crawl, site, tmp_path, settings, finish_reason, cause):
    """No crawl leaves a former one's report."""
    site.answers["/"] = lambda handler: handler.send(b"", 404)
    path = tmp_path / "report.json"
    path.write_text("A former one's")
    assert crawl(site.url, XFILES_REPORT=path, **settings).status == 1
    report = json.loads(path.read_text())
    assert report["finish_reason"] == finish_reason
    assert cause in report["cause"]


@pytest.mark.parametrize("path", ["/dev/full", "/nowhere/report.json"])
def test_a_report_that_cannot_be_written(crawl, site, path):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    run = crawl(site.url, XFILES_REPORT=path)
    assert run.status == 1
    assert "The report can't be written to XFILES_REPORT: " in run.log
    assert "Traceback" not in run.log
    assert "scrp101.htm: the server answered 404" in run.log.splitlines()[-2]
    del site.answers["/transcrp/scrp101.htm"]
    assert crawl(site.url, XFILES_REPORT=path).status == 1


@pytest.mark.parametrize(
    "feed", ["/dev/full:csv", "/dev/full:jsonl", "/dev/full:xml", "ftp://me:topsecret@127.0.0.1:1/x.csv"]
)
def test_a_feed_that_is_lost(crawl, site, feed):
    """It is said, without a password."""
    run = crawl(site.url + "transcrp/tlg105.htm", "-O", feed, bypass="1", FTP_PASSWORD="topsecret")
    assert run.status == 1
    assert "topsecret" not in run.log
    assert "The feed: " not in run.log
    assert ("ftp://…127.0.0.1:1/x.csv" in run.log) == feed.startswith("ftp")


@pytest.mark.parametrize(
    ("typed", "given", "line"),
    [
        ("/usr/bin/scrapy", {}, ["See it: scrapy browse"]),
        (".venv/bin/scrapy", {}, ["See it: .venv/bin/scrapy browse"]),
        (
            "/x/scrapy/__main__.py",
            {"XFILES_DATABASE": "it's x.sqlite"},
            ["See it: scrapy browse 'it'\"'\"'s x.sqlite'"],
        ),
        ("/usr/bin/scrapy", {"XFILES_DATABASE": "postgresql://host/x"}, []),
    ],
)
def test_how_to_see_it(monkeypatch, typed, given, line):
    monkeypatch.setattr("sys.argv", [typed])
    monkeypatch.setattr("shutil.which", {"scrapy": "/usr/bin/scrapy"}.get)
    settings = Settings({"XFILES_DATABASE": "xfiles_db.sqlite"}, priority="project")
    settings.setdict(given, priority="cmdline")
    assert see_it(settings) == line


def test_the_log_level_changes_no_status(crawl, site):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    run = crawl(site.url, "-L", "CRITICAL")
    assert (run.status, run.log) == (1, "")
    assert crawl(site.url + "transcrp/tlg105.htm", "-L", "CRITICAL", "-O", "/dev/full:csv", bypass="1").status == 1
