"""What can go wrong with a page, the home page or the database during a crawl, on real sockets and files."""

import gzip
import sqlite3
import time
from contextlib import closing

import pytest
from conftest import page

BAD = "/transcrp/scrp213.htm"


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


def stall(handler):
    time.sleep(8)


def huge(handler):
    handler.send(page("<p><b>ANN:</b> " + "word " * 8_000_000).encode())


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        time.sleep(0.2)


def answer(status, body=b"", **headers):
    return lambda handler: handler.send(body, status, **headers)


FAULTS = {
    "404": (answer(404), "the server answered 404", 1),
    "500": (answer(500), "the server answered 500", 2),
    "403": (answer(403), "the server answered 403", 1),
    "body cut short": (cut_short, "ResponseDataLossError", 2),
    "hang-up": (hang_up, "DownloadFailedError: Connection was closed", 2),
    "stall": (stall, "took longer than 2", 2),
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
        "it leads to http://localhost:1/",
        1,
    ),
    "gzip that is none": (
        answer(200, b"<p><b>ANN:</b> One.", Content_Encoding="gzip"),
        "ResponseDataLossError: the compressed body is damaged",
        1,
    ),
    "gzip cut short": (
        answer(200, gzip.compress(b"<p><b>ANN:</b> One." * 99)[:-9], Content_Encoding="gzip"),
        "ResponseDataLossError: the compressed body ends too soon",
        1,
    ),
    "gzip bomb": (
        answer(200, gzip.compress(bytes(200_000_000)), Content_Encoding="gzip"),
        "exceeded DOWNLOAD_MAXSIZE",
        1,
    ),
    "304 without a cache": (answer(304), "the server answered 304", 1),
    "headers of 1 MB": (answer(200, b"<p><b>ANN:</b> One.", X_Long="x" * 1_000_000), "DownloadFailedError", 2),
    "slow drip": (drip, "took longer than 2", 2),
    "redirect in a circle": (answer(302, Location=BAD), "it leads to /transcrp/scrp213.htm, which is not followed", 1),
    "another scheme": (answer(302, Location="file:///etc/passwd"), "the server answered 302", 1),
}


@pytest.mark.parametrize(("fault", "cause", "tries"), FAULTS.values(), ids=FAULTS)
def test_one_bad_page(crawl, site, fault, cause, tries):
    """It is named with its cause, after a retry where that helps; the others are stored, and its former rows stay."""
    before = crawl(site.url + BAD[1:], bypass="1").rows("SELECT * FROM XFILES")
    site.requests.clear()
    asked = []
    site.answers[BAD] = lambda handler: (asked.append(1), fault(handler))
    run = crawl(site.url, HTTPCACHE_ENABLED=0, DOWNLOAD_TIMEOUT=2)
    assert run.status == 1
    assert "Of 12 pages found, 1 failed. Episodes: 11 new" in run.log
    last = run.log.splitlines()[-1]
    assert f"Failed: {site.url}{BAD[1:]}: " in last
    assert cause in last
    assert "Traceback" not in run.log
    assert len(asked) >= tries
    assert run.rows("SELECT * FROM XFILES WHERE URL = ?", site.url + BAD[1:]) == before


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
    assert "The page http://127.0.0.1:1/transcrp/scrp101.htm is lost: " in run.log
    assert "refused" in run.log.splitlines()[-1].lower()


@pytest.mark.parametrize(
    ("home", "line"),
    [
        (answer(200, b"<p>Moved."), "has no link to 'transcrp/scrp' on its host: is it the right url?"),
        (answer(200, b'<a href="http://localhost:1/transcrp/scrp1.htm">x</a>'), "has no link to 'transcrp/scrp'"),
        (answer(200, b"\0\xff", Content_Type="image/png"), "has no link to 'transcrp/scrp'"),
        (answer(500), "can't be read: the server answered 500"),
        (hang_up, "can't be read: DownloadFailedError: Connection was closed"),
    ],
    ids=["no link", "links elsewhere", "no HTML", "500", "hang-up"],
)
def test_bad_home_page(crawl, site, home, line):
    site.answers["/"] = home
    run = crawl(site.url)
    assert run.status == 1
    assert f"The home page {site.url} " in run.log
    assert line in run.log
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


@pytest.mark.parametrize(
    "robots", [answer(500), hang_up, answer(200, b"\xff\0nonsense")], ids=["500", "hang-up", "odd"]
)
def test_robots_txt_that_fails_forbids_nothing(crawl, site, robots):
    site.answers["/robots.txt"] = robots
    run = crawl(site.url)
    assert "Of 12 pages found, 0 failed" in run.log


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
