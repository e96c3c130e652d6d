"""A crawl that is stopped, disturbed or run again ends in the rows of an undisturbed one."""

import gzip
import os
import shutil
import signal
import time

import pytest
from conftest import HELD, SITE, TIMEOUT, ask, disk, everything, page, said, wait_until

from xfiles.database.schema import PAGED, TABLES


@pytest.mark.parametrize("asked", ["/robots.txt", "/", HELD])
def test_killed(crawl, halfway, start, site, held, tmp_path, asked):
    """While it starts, at the home page, and in the middle of the pages."""
    process = halfway() if asked == HELD else start(site.url)
    wait_until(lambda: asked in site.asked)
    process.kill()
    process.wait()
    held.set()
    database = tmp_path / "xfiles_db.sqlite"
    undisturbed = everything(crawl(site.url, XFILES_DATABASE=tmp_path / "other.sqlite", HTTPCACHE_ENABLED=0).database)
    if asked == HELD:
        left = everything(database)
        stored = {page for page, *_ in left["EPISODES"]}
        assert stored
        for table in PAGED:
            at = list(TABLES[table]).index("PAGE")
            assert left[table] == [row for row in undisturbed[table] if row[at] in stored]
    fetched = {path for path, _ in site.requests}
    site.requests.clear()
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert everything(database) == undisturbed
    assert fetched
    assert ask(database, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_with_a_report(crawl, halfway, site, held, number):
    process = halfway()
    process.send_signal(number)
    log = said(process, "Received SIG")
    held.set()
    log += process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 1
    assert "Of 12 pages found, " in log
    assert "it was not stored when the crawl ended: it was stopped" in log
    assert "Traceback" not in log
    assert crawl(site.url).status == 0


def test_changed_added_removed(crawl, serve, tmp_path):
    folder = tmp_path / "site"
    shutil.copytree(SITE, folder)
    site = serve(folder)
    before = everything(crawl(site.url).database)
    later = time.time() + 10
    changed = folder / "transcrp/scrp101.htm"
    changed.write_bytes(changed.read_bytes().replace(b"umbrella", b"raincoat"))
    added = folder / "transcrp/scrp102.htm"
    added.write_text(page("<p><b>ANN:</b> One.", title="Squeeze - 1X02"))
    home = folder / "index.html"
    markup = home.read_bytes().replace(b"<td>SQUEEZE", b'<td><a href="transcrp/scrp102.htm">SQUEEZE</a>')
    home.write_bytes(markup.replace(b'<a href="transcrp/scrp616.htm">ALPHA</a>', b"ALPHA"))
    for path in (changed, added, home):
        os.utime(path, (later, later))
    site.requests.clear()
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert "Episodes: 1 new, 1 changed, 10 unchanged" in run.log
    assert f"Vanished from the site, its rows are kept: {site.url[7:]}transcrp/scrp616.htm" in run.log
    whole = {path for path, status in site.requests if status == 200}
    assert whole == {"/", "/transcrp/scrp101.htm", "/transcrp/scrp102.htm"}
    after = everything(run.database)
    assert len(after["EPISODES"]) == len(before["EPISODES"]) + 1
    numbers = dict(run.rows("SELECT PAGE, NUMBER FROM EPISODES"))
    assert [page for page, number in numbers.items() if number is None] == [
        f"{site.url[7:]}transcrp/{name}" for name in ("scrp616.htm", "scrpspringfield.htm")
    ]
    lost = [row for row in before["XFILES"] if row not in after["XFILES"]]
    assert lost
    assert all("umbrella" in row[2] for row in lost)


def test_offline(crawl, site, tmp_path):
    before = everything(crawl(site.url).database)
    site.requests.clear()
    run = crawl(site.url, XFILES_OFFLINE=1, XFILES_DATABASE=tmp_path / "again.sqlite")
    assert run.status == 0, run.log
    assert site.requests == []
    assert everything(run.database) == before


def test_offline_names_what_the_cache_lacks(crawl, site):
    run = crawl(site.url + "transcrp/scrp101.htm", bypass="1", XFILES_OFFLINE=1)
    assert run.status == 1
    assert "the HTTP cache has no copy of it: crawl once with the network first" in run.log.splitlines()[-1]
    assert site.requests == []


def test_two_crawls_at_once(crawl, start, site, tmp_path):
    one = start(site.url, DOWNLOAD_DELAY=0.01)
    two = start(site.url, DOWNLOAD_DELAY=0.01, HTTPCACHE_DIR=tmp_path / "other")
    logs = [process.communicate(timeout=TIMEOUT)[1] for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], logs
    alone = crawl(site.url, XFILES_DATABASE=tmp_path / "alone.sqlite")
    assert everything(tmp_path / "xfiles_db.sqlite") == everything(alone.database)


@pytest.fixture
def small_disk(tmp_path):
    with disk(tmp_path / "disk", "256k") as folder:
        yield folder


def test_full_disk(crawl, site, small_disk):
    site.answers["/any.htm"] = lambda handler: handler.send(page("<p><b>ANN:</b> " + "word " * 400_000).encode())
    run = crawl(site.url + "any.htm", bypass="1", XFILES_DATABASE=small_disk / "xfiles.sqlite")
    assert run.status == 1
    assert run.log.count("The crawl stops: ") == 1
    assert "Traceback" not in run.log
    assert run.rows("SELECT count(*) FROM EPISODES") == [(0,)]


def test_full_disk_under_the_cache(crawl, site, small_disk):
    site.answers["/any.htm"] = lambda handler: handler.send(page("<p><b>ANN:</b> " + "word " * 100_000).encode())
    run = crawl(site.url + "any.htm", bypass="1", HTTPCACHE_DIR=small_disk / "cache")
    assert run.status == 0, run.log
    assert run.log.count("The crawl goes on without an HTTP cache: ") == 1
    assert run.rows("SELECT count(*) FROM EPISODES") == [(1,)]
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []


def test_a_cache_folder_that_cannot_be_written(crawl, site, tmp_path):
    (tmp_path / "file").touch()
    run = crawl(site.url, HTTPCACHE_DIR=tmp_path / "file" / "cache")
    assert run.status == 0, run.log
    assert run.log.count("The crawl goes on without an HTTP cache: ") == 1
    assert "Traceback" not in run.log
    assert run.rows("SELECT count(*) FROM EPISODES") == [(12,)]


BAD = "/transcrp/scrp213.htm"


def hang_up(handler):
    handler.close_connection = True
    handler.connection.close()


def moved(status, location):
    return lambda handler: handler.send(b"", status, Location=location)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (lambda handler: handler.send(b"", 503, Cache_Control="max-age=9"), "the server answered 503"),
        (lambda handler: handler.send(b"", 404), "the server answered 404"),
        (hang_up, "Connection was closed"),
    ],
    ids=["503", "404", "hang-up"],
)
def test_a_page_that_could_not_be_asked_about(crawl, site, fault, cause):
    """The cache's copy doesn't stand for it: the rows stay, the page is named; the copy serves the next run."""
    before = everything(crawl(site.url).database)
    site.answers[BAD] = fault
    run = crawl(site.url)
    assert run.status == 1
    assert "0 new, 0 changed, 11 unchanged" in run.log
    assert cause in run.log.splitlines()[-1]
    assert everything(run.database) == before
    del site.answers[BAD]
    site.requests.clear()
    assert crawl(site.url).status == 0
    assert site.status(BAD) == [304]


def test_a_page_that_is_not_sent(crawl, site):
    """Likewise."""
    before = everything(crawl(site.url + BAD[1:], bypass="1").database)
    site.answers[BAD] = lambda handler: handler.rfile.read(1)
    run = crawl(site.url + BAD[1:], bypass="1", DOWNLOAD_TIMEOUT=1, ROBOTSTXT_OBEY=0)
    assert run.status == 1
    assert "took longer than 1" in run.log.splitlines()[-1]
    assert everything(run.database) == before
    del site.answers[BAD]
    site.requests.clear()
    assert crawl(site.url + BAD[1:], bypass="1").status == 0
    assert site.status(BAD) == [304]


@pytest.mark.parametrize("status", [302, 308])
def test_a_page_that_moved(crawl, serve, tmp_path, status):
    """The conditions of the old address, whose answer is in the cache, don't follow to the new one."""
    folder = tmp_path / "site"
    shutil.copytree(SITE, folder)
    site = serve(folder)
    before = everything(crawl(site.url).database)
    (folder / "new").mkdir()
    shutil.copy2(folder / BAD[1:], folder / "new/scrp213.htm")
    site.answers[BAD] = moved(status, "/new/scrp213.htm")
    for answered in (200, 304):
        site.requests.clear()
        run = crawl(site.url)
        assert run.status == 0, run.log
        assert "12 unchanged" in run.log
        assert site.status("/new/scrp213.htm") == [answered]
        after = everything(run.database)
        assert [table for table in before if before[table] != after[table]] == ["EPISODES"]
        (moved_page,) = [row for row in after["EPISODES"] if row not in before["EPISODES"]]
        assert f"{site.url[7:]}new/scrp213.htm" in moved_page
    site.requests.clear()
    assert crawl(site.url, XFILES_OFFLINE=1).status == 0
    assert site.requests == []


def test_offline_reads_pages_without_validators(crawl, site, tmp_path):
    body = page("<p><b>ANN:</b> One.").encode()
    site.answers["/any.htm"] = lambda handler: handler.send(body, Cache_Control="no-store")
    for settings in ({}, {}, {"XFILES_OFFLINE": 1, "XFILES_DATABASE": tmp_path / "again.sqlite"}):
        assert crawl(site.url + "any.htm", bypass="1", **settings).status == 0
    assert site.status("/any.htm") == [200, 200]


def cut(body, encoding):
    return lambda handler: handler.send(body[:-9], Content_Encoding=encoding, ETag='"1"')


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_cut_body_is_not_kept(crawl, site, encoding):
    """However often: it is asked for again, and the host is never asked whether it is still the same."""
    whole = page(*(f"<p><b>ANN:</b> Speech {number}." for number in range(400))).encode()
    asked = []

    def once_whole(handler):
        asked.append(handler.headers["If-None-Match"])
        if len(asked) < 4:
            cut(gzip.compress(whole), encoding)(handler)
        elif asked[-1]:
            handler.send(b"", 304, ETag='"1"')
        else:
            handler.send(whole, ETag='"1"')

    site.answers["/any.htm"] = once_whole
    run = crawl(site.url + "any.htm", bypass="1")
    assert run.status == 1
    assert "Failed: " in run.log.splitlines()[-1]
    assert asked == [None, None]
    run = crawl(site.url + "any.htm", bypass="1")
    assert run.status == 0, run.log
    assert run.rows("SELECT count(*) FROM XFILES") == [(400,)]
    assert crawl(site.url + "any.htm", bypass="1").status == 0
    assert asked == [None, None, None, None, '"1"']


@pytest.mark.parametrize(
    ("status", "facts"), [(200, {}), (302, {"Location": "/down.htm"})], ids=["a page", "a redirect"]
)
def test_what_could_not_be_read_is_not_confirmed(crawl, site, status, facts):
    """A maintenance page is newer than the transcript, which so counts as not modified since."""

    def answer(handler):
        if site.down:
            body = page("<p>Nobody speaks.").encode()
            handler.send(body, status, Last_Modified="Sat, 01 Aug 2026 00:00:00 GMT", **facts)
        elif handler.headers["If-Modified-Since"]:
            handler.send(b"", 304)
        else:
            handler.send(page("<p><b>ANN:</b> One.").encode(), Last_Modified="Mon, 01 Jan 2001 00:00:00 GMT")

    site.answers["/any.htm"] = answer
    site.answers["/down.htm"] = lambda handler: handler.send(b"", 503)
    site.down = True
    assert crawl(site.url + "any.htm", bypass="1").status == 1
    site.down = False
    assert [crawl(site.url + "any.htm", bypass="1").status for _ in range(2)] == [0, 0]
    assert site.status("/any.htm") == [status, 200, 304]


def test_a_copy_in_an_archive_is_asked_for_once(crawl, site):
    day, moment = (f"/web/{stamp}id_/{site.url}any.htm" for stamp in ("2024", "20240102030405"))
    site.answers[day] = moved(302, moment)
    site.answers[moment] = lambda handler: handler.send(
        page("<p><b>ANN:</b> One.").encode(), Memento_Datetime="Tue, 02 Jan 2024 03:04:05 GMT"
    )
    for _ in range(2):
        run = crawl(site.url + day[1:], bypass="1")
        assert run.status == 0, run.log
    assert site.status(day) == [302]
    assert site.status(moment) == [200]
