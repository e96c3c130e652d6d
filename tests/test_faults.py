"""What can go wrong with a page, the home page or the database during a crawl, on real sockets and files."""

import gzip
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from conftest import PROJECT, TIMEOUT, Crawl, Site, page, run_crawl, serving, write_site

BAD = "/transcrp/scrp213.htm"
SPEECHES = "SELECT EPISODE, CHARACTER, TEXT FROM XFILES ORDER BY EPISODE, LINE"


def cut_short(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"<p><b>ANN:</b> One.")
    handler.close_connection = True


def hang_up(handler):
    handler.close_connection = True
    handler.connection.close()


def huge(handler):
    handler.send(page("<p><b>ANN:</b> " + "word " * 8_000_000).encode())


def endless_headers(handler):
    handler.send_response(200)
    handler.flush_headers()
    while True:  # until the client hangs up, and the next write fails
        handler.wfile.write(b"X-More: 1\r\n" * 1000)


def stall(handler):
    handler.rfile.read(1)  # until the client hangs up


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while True:  # until the client hangs up, and the next write fails
        handler.wfile.write(b" ")
        time.sleep(0.1)


def circle(handler):
    handler.send(b"", 307, Location=handler.path[:-1] if handler.path.endswith("x") else handler.path + "x")


def answer(status, body=b"", **headers):
    return lambda handler: handler.send(body, status, **headers)


META_REFRESH = (
    answer(200, b'<meta http-equiv="refresh" content="0; url=http://localhost:1/">'),
    "it leads to http://localhost:1/, which is not followed",
)

# What a page answers, why it is lost, and how often it is asked for at least.
FAULTS = {
    "404": (answer(404), "the server answered 404", 1),
    "500": (answer(500), "the server answered 500", 2),
    "403": (answer(403), "the server answered 403", 1),
    "503 for an hour": (answer(503, Retry_After="3600"), "503, and says to ask again in 3600 seconds", 1),
    "body cut short": (cut_short, "the page was cut short", 2),
    "body longer than said": (
        answer(200, page("<p><b>ANN:</b> One.").encode(), Content_Length="50"),
        "the page was cut short",
        2,
    ),
    "an odd coding": (
        answer(200, b"x", Transfer_Encoding="gzip"),
        "the answer is no proper HTTP: b'gzip'",
        2,
    ),
    "hang-up": (hang_up, "Connection was closed", 2),
    "40 MB": (huge, "larger than", 1),
    "no dialogue": (answer(200, page("<p>Nobody speaks.").encode()), "it has no dialogue", 1),
    "no HTML": (
        answer(200, b"%PDF-1.7 \x00\xff", Content_Type="application/pdf"),
        "it is no HTML but application/pdf",
        1,
    ),
    "a picture that says it is HTML": (answer(200, b"\x89PNG\r\n\x1a\n\x00\x00"), "it has no dialogue", 1),
    "empty": (answer(200), "the page is empty", 1),
    "another host": (
        answer(302, Location="http://localhost:1/transcrp/scrp213.htm"),
        "it leads to http://localhost:1/transcrp/scrp213.htm, which is not followed",
        1,
    ),
    "another port": (answer(301, Location="http://127.0.0.1:1/a.htm"), "it leads to http://127.0.0.1:1/a.htm", 1),
    "a foreign copy": (
        answer(302, Location="http://localhost:1/web/2024id_/http://127.0.0.1/transcrp/scrp213.htm"),
        "it leads to http://localhost:1/web/2024id_/http://127.0.0.1/transcrp/scrp213.htm, which is not followed",
        1,
    ),
    "another host, by meta refresh": (*META_REFRESH, 1),
    "gzip that is none": (answer(200, b"<p><b>ANN:</b> One.", Content_Encoding="gzip"), "is damaged", 1),
    "gzip cut short": (
        answer(200, gzip.compress(b"<p><b>ANN:</b> One." * 99)[:-9], Content_Encoding="gzip"),
        "ends too soon",
        1,
    ),
    "gzip bomb": (answer(200, gzip.compress(bytes(200_000_000)), Content_Encoding="gzip"), "DOWNLOAD_MAXSIZE", 1),
    "304 without a cache": (answer(304), "the server answered 304", 1),
    "headers of 1 MB": (answer(200, b"<p><b>ANN:</b> One.", X_Long="x" * 1_000_000), "Connection was closed", 2),
    "headers without end": (endless_headers, "the headers of the answer have more than 262144 bytes", 2),
    "redirect to itself": (lambda handler: handler.send(b"", 302, Location=handler.path), "in a circle", 1),
    "redirect in a circle": (circle, "in a circle", 1),
    "redirects without an end": (
        lambda handler: handler.send(b"", 302, Location=handler.path + "x"),
        "max redirections reached",
        1,
    ),
    "another scheme": (answer(302, Location="file:///etc/passwd"), "the server answered 302", 1),
    "to the home page": (answer(302, Location="/"), "it leads to the home page", 1),
    "with a login": (answer(302, Location="http://ann:secret@localhost:1/"), "it leads to http://localhost:1/, ", 1),
    "no address": (answer(301, Location="http://[bad/"), "ValueError", 1),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory) -> Iterator[tuple[Site, Crawl, list[tuple]]]:
    """A crawl of a site with each of FAULTS on a page of its own, the site, and its speeches before they came."""
    folder = tmp_path_factory.mktemp("faulty")
    names = [f"transcrp/scrp{number}.htm" for number in range(100, 101 + len(FAULTS))]
    write_site(folder / "site", names)
    settings = {"HTTPCACHE_ENABLED": 0, "CONCURRENT_REQUESTS": 32}
    with serving(folder / "site") as site:
        before = run_crawl(folder, site.url, **settings).rows(SPEECHES)
        for name, (fault, *_) in zip(names, FAULTS.values(), strict=False):
            site.answers |= {f"/{name}{end}": fault for end in ("", "x", "xx", "xxx", "xxxx", "xxxxx")}
        site.requests.clear()
        site.asked.clear()
        yield site, run_crawl(folder, site.url, **settings, CONCURRENT_REQUESTS_PER_DOMAIN=32), before


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_page(faulty, fault):
    """It is named with its cause, after a retry where that helps."""
    site, run, _ = faulty
    _, cause, tries = FAULTS[fault]
    path = f"transcrp/scrp{100 + list(FAULTS).index(fault)}.htm"
    (failed,) = (line for line in run.log.splitlines() if f"Failed: {site.url}{path}: " in line)
    assert cause in failed
    assert site.asked.count(f"/{path}") >= tries


def test_no_other_page_notices(faulty):
    _, run, before = faulty
    assert run.status == 1
    assert f"Of {len(FAULTS) + 1} pages found, {len(FAULTS)} failed. Episodes: 0 new, 0 changed, 1 unchanged" in run.log
    assert "Traceback" not in run.log
    assert "secret" not in run.log
    assert run.rows(SPEECHES) == before
    assert len(before) == len(FAULTS) + 1


@pytest.mark.parametrize("fault", [stall, drip])
def test_a_page_that_never_ends(crawl, site, fault):
    """Counted as the crawl sees it: where a machine is busy, the site may not see a request that was given up."""
    site.answers["/any.htm"] = fault
    run = crawl(f"{site.url}any.htm", bypass="1", DOWNLOAD_TIMEOUT=1, ROBOTSTXT_OBEY=0, LOG_LEVEL="DEBUG")
    assert run.status == 1
    assert f"Failed: {site.url}any.htm: " in run.log.splitlines()[-1]
    assert "took longer than 1" in run.log.splitlines()[-1]
    assert run.log.count(f"Retrying <GET {site.url}any.htm> (failed 1 times)") == 1
    assert run.log.count(f"Gave up retrying <GET {site.url}any.htm> (failed 2 times)") == 1


def test_an_error_that_passes_is_retried(crawl, site):
    original = []

    def once(handler):
        if original:
            del site.answers[BAD]
            handler.do_GET()
        else:
            original.append(1)
            handler.send(b"", 503)

    site.answers[BAD] = once
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert "12 new" in run.log


def test_connection_refused(crawl, site):
    run = crawl("http://127.0.0.1:1/transcrp/scrp101.htm", bypass="1")
    assert run.status == 1
    assert "Failed: http://127.0.0.1:1/transcrp/scrp101.htm: Connection was refused" in run.log.splitlines()[-1]
    assert "Traceback" not in run.log


# What a home page answers, and why it gives nothing.
HOME_PAGES = {
    "no link": (answer(200, b"<p>Moved."), "has no link to 'transcrp/scrp' on its host"),
    "links elsewhere": (
        answer(200, b'<a href="http://localhost:1/transcrp/scrp1.htm">x</a>'),
        "has no link to 'transcrp/scrp' on its host",
    ),
    "empty": (answer(200), "has no link to 'transcrp/scrp' on its host"),
    "no HTML": (answer(200, b"\0\xff", Content_Type="image/png"), "can't be read: it is no HTML but image/png"),
    "nested too deep": (answer(200, b"<b>" * 9999), "can't be read: its tags are nested deeper than libxml2 reads"),
    "404": (answer(404), "can't be read: the server answered 404"),
    "500": (answer(500), "can't be read: the server answered 500"),
    "hang-up": (hang_up, "can't be read: Connection was closed"),
    "a transcript": (answer(200, b"<p><b>ANN:</b> One."), "has no link to 'transcrp/scrp' on its host"),
    "another host": (
        answer(302, Location="http://localhost:1/?a=1&b=2"),
        "it leads to http://localhost:1/?a=1&b=2, which is not followed",
    ),
    "another host, by meta refresh": META_REFRESH,
    "redirect to itself": (lambda handler: handler.send(b"", 302, Location=handler.path), "in a circle"),
    "redirect to itself, by meta refresh": (
        lambda handler: handler.send(b'<meta http-equiv="refresh" content="0; url=%s">' % handler.path.encode()),
        "in a circle",
    ),
    "redirect in a circle": (circle, "in a circle"),
    "another scheme": (answer(302, Location="file:///etc/passwd"), "can't be read: the server answered 302"),
    "forbidden": (answer(200, b"<a href='transcrp/scrp1.htm'>x</a>"), "can't be read: Forbidden by robots.txt"),
    "no host": (None, "can't be read: DNS lookup failed"),
    "nobody": (None, "can't be read: Connection was refused"),
}

# Crawls of many home pages in one process, which says of each how it ended.
CRAWLS = """
import json, sys
from scrapy import signals as scrapy_signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
from xfiles import signals
from xfiles.spiders.xfiles import XfilesSpider

settings = get_project_settings()
settings.update(json.loads(sys.argv[1]))
process = AsyncCrawlerProcess(settings)
ends = {}
for url in sys.argv[2:]:
    crawler = process.create_crawler(XfilesSpider)
    end = ends[url] = []
    connect = crawler.signals.connect
    connect(lambda cause, advice, end=end: end.extend([cause, advice]), signals.crawl_failed, weak=False)
    connect(lambda reason, end=end: end.append(reason), scrapy_signals.spider_closed, weak=False)
    process.crawl(crawler, url=url)
process.start()
print(json.dumps(ends))
"""


@pytest.fixture(scope="module")
def homeless(tmp_path_factory) -> tuple[str, dict[str, list[str]]]:
    """The log of crawls of HOME_PAGES, and how each ended."""
    folder = tmp_path_factory.mktemp("homeless")
    settings = {
        "XFILES_DATABASE": str(folder / "xfiles.sqlite"),
        "HTTPCACHE_ENABLED": False,
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "RETRY_TIMES": 1,
    }
    with serving(folder) as site:
        urls = dict.fromkeys(HOME_PAGES, "")
        for number, (name, (home, _)) in enumerate(HOME_PAGES.items()):
            site.answers |= {f"/{number}": home, f"/{number}x": home}
            urls[name] = f"{site.url}{number}"
        number = list(HOME_PAGES).index("forbidden")
        robots = f"User-agent: *\nDisallow: /{number}\n".encode()
        site.answers["/robots.txt"] = answer(200, robots, Content_Type="text/plain")
        urls |= {"no host": "http://nowhere.invalid/", "nobody": "http://127.0.0.1:1/"}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", CRAWLS, json.dumps(settings), *urls.values()],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
    assert done.returncode == 0, done.stderr
    ends = json.loads(done.stdout)
    return done.stderr, {name: ends[url] for name, url in urls.items()}


@pytest.mark.parametrize("home", HOME_PAGES)
def test_a_home_page_that_gives_nothing(homeless, home):
    _, ends = homeless
    cause, advice, reason = ends[home]
    assert reason == "home_page"
    assert cause.startswith("The home page http://")
    assert HOME_PAGES[home][1] in cause
    assert "\n" not in cause
    if home == "another host":
        assert advice == "if the site moved there: scrapy crawl xfiles -a 'url=http://localhost:1/?a=1&b=2'"
    elif home == "another host, by meta refresh":
        assert advice == "if the site moved there: scrapy crawl xfiles -a url=http://localhost:1/"
    elif home == "a transcript":
        url = cause.split()[3]
        assert advice == f"scrapy crawl xfiles -a url={url} -a bypass=1, for it is a transcript"
    else:
        assert "scrapy sample" in advice
        assert advice.endswith("-a url=https://web.archive.org/web/2024id_/http://www.insidethex.co.uk/")


def test_no_home_page_ends_in_a_traceback(homeless):
    log, _ = homeless
    assert "Traceback" not in log


def test_a_home_page_that_is_not_sent(crawl, site):
    site.answers["/"] = stall
    run = crawl(site.url, DOWNLOAD_TIMEOUT=1, ROBOTSTXT_OBEY=0)
    assert run.status == 1
    assert f"The home page {site.url} can't be read: " in run.log.splitlines()[-1]
    assert "took longer than 1" in run.log.splitlines()[-1]


def test_the_last_words_of_a_crawl_without_a_home_page(crawl):
    run = crawl("http://127.0.0.1:1/")
    assert run.status == 1
    last = run.log.splitlines()[-1]
    assert "The home page http://127.0.0.1:1/ can't be read: Connection was refused" in last
    assert "scrapy sample" in last
    assert "Traceback" not in run.log


def test_robots_txt_is_obeyed(crawl, site):
    site.answers["/robots.txt"] = answer(200, f"User-agent: *\nDisallow: {BAD}\n".encode(), Content_Type="text/plain")
    run = crawl(site.url)
    assert run.status == 1
    assert "Forbidden by robots.txt" in run.log.splitlines()[-1]
    assert site.status(BAD) == []


@pytest.mark.parametrize(
    "speech",
    ["'; DROP TABLE XFILES; --", "\"quoted\" and 'quoted'", "👽 emoji", "\u202eright to left\u202c", "N\0UL"],
)
def test_text_is_stored_as_it_is(crawl, site, speech):
    body = page(f"<p><b>ANN:</b> {speech}").encode()
    site.answers["/any.htm"] = answer(200, body)
    run = crawl(site.url + "any.htm", bypass="1")
    assert run.status == 0, run.log
    assert run.rows("SELECT TEXT FROM XFILES") == [(speech.replace("\0", ""),)]


@pytest.mark.parametrize("robots", [answer(404), answer(200, b"\xff\0nonsense")], ids=["404", "odd"])
def test_robots_txt_that_says_nothing_forbids_nothing(crawl, site, robots):
    site.answers["/robots.txt"] = robots
    run = crawl(site.url)
    assert run.status == 0
    assert "Of 12 pages found, 0 failed" in run.log
    assert "Traceback" not in run.log
    assert "can't be read" not in run.log


@pytest.mark.parametrize(
    ("robots", "cause"),
    [(answer(503, Retry_After="86400"), "the server answered 503, and says to"), (hang_up, "Connection was closed")],
    ids=["503", "hang-up"],
)
def test_robots_txt_that_fails_forbids_all(crawl, site, robots, cause):
    site.answers["/robots.txt"] = robots
    run = crawl(site.url)
    assert run.status == 1
    assert run.log.count(f"WARNING: {site.url}robots.txt can't be read: {cause}") == 1
    assert f"The home page {site.url} can't be read: {cause}" in run.log.splitlines()[-1]
    assert "Traceback" not in run.log
    assert set(site.asked) == {"/robots.txt"}


def test_the_log_is_not_forged(crawl, site):
    title = "A&#10;2026-01-01 [x] ERROR: forged&#27;[31m - 1X01"
    site.answers["/any.htm"] = answer(200, page("<p><b>ANN:</b> One.", title=title).encode())
    run = crawl(site.url + "any.htm", bypass="1")
    assert run.status == 0
    assert not any(line.startswith("2026-01-01") for line in run.log.splitlines())
    assert "\x1b" not in run.log


def corrupt(path):
    path.write_text("This is a letter, not a database. " * 40)


def directory(path):
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [(corrupt, "file is not a database"), (directory, "unable to open database file")],
)
def test_database_that_cannot_be_opened(crawl, site, tmp_path, spoil, cause):
    path = tmp_path / "bad.sqlite"
    spoil(path)
    run = crawl(site.url, XFILES_DATABASE=path)
    assert run.status == 1
    assert f"The crawl stops: the database {path} can't be opened: {cause}" in run.log
    assert "Traceback" not in run.log
    assert site.requests == []


def test_database_locked_beyond_the_timeout(crawl, site):
    run = crawl(site.url + "transcrp/tlg105.htm", bypass="1")
    with closing(sqlite3.connect(run.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        run = crawl(site.url, XFILES_DATABASE_TIMEOUT=0.5)
    assert run.status == 1
    assert run.log.count("The crawl stops: ") == 1
    assert "database is locked" in run.log
    assert "Traceback" not in run.log
    assert run.rows("SELECT count(*) FROM EPISODES") == [(1,)]
