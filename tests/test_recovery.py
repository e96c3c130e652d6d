"""A crawl that is stopped, disturbed or run again ends in the rows of an undisturbed one."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from conftest import SITE, everything, page, wait_for


@pytest.mark.parametrize("pages", [0, 1, 3, 6, 11])
def test_killed(crawl, start, site, tmp_path, pages):
    process = start(site.url)
    wait_for(site, pages)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    database = tmp_path / "xfiles_db.sqlite"
    undisturbed = everything(crawl(site.url, XFILES_DATABASE=tmp_path / "other.sqlite", HTTPCACHE_ENABLED=0).database)
    if pages > 1:
        held = everything(database)
        assert held["EPISODES"]
        for table, rows in held.items():
            urls = {row[0] if table != "XFILES" else row[-1] for row in rows}
            whole = [row for row in undisturbed[table] if (row[0] if table != "XFILES" else row[-1]) in urls]
            assert rows == whole
    fetched = {path for path, _ in site.requests}
    site.requests.clear()
    run = crawl(site.url)
    assert run.status == 0, run.log
    assert everything(database) == undisturbed
    assert fetched
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_with_a_report(crawl, start, site, number):
    process = start(site.url)
    wait_for(site, 3)
    process.send_signal(number)
    log = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert "Of 12 pages found, " in log
    assert "it was not stored when the crawl ended: shutdown" in log
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
    assert f"Vanished from the home page, its rows are kept: {site.url}transcrp/scrp616.htm" in run.log
    whole = {path for path, status in site.requests if status == 200}
    assert whole == {"/", "/transcrp/scrp101.htm", "/transcrp/scrp102.htm"}
    after = everything(run.database)
    assert len(after["EPISODES"]) == len(before["EPISODES"]) + 1
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
    assert "IgnoreRequest" in run.log.splitlines()[-1]
    assert site.requests == []


def test_two_crawls_at_once(crawl, start, site, tmp_path):
    one = start(site.url, DOWNLOAD_DELAY=0.01)
    two = start(site.url, DOWNLOAD_DELAY=0.01, HTTPCACHE_DIR=tmp_path / "other")
    logs = [process.communicate(timeout=60)[1] for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], logs
    alone = crawl(site.url, XFILES_DATABASE=tmp_path / "alone.sqlite")
    assert everything(tmp_path / "xfiles_db.sqlite") == everything(alone.database)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small tmpfs can't be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk(crawl, site, small_disk):
    site.answers["/any.htm"] = lambda handler: handler.send(page("<p><b>ANN:</b> " + "word " * 400_000).encode())
    run = crawl(site.url + "any.htm", bypass="1", XFILES_DATABASE=small_disk / "xfiles.sqlite")
    assert run.status == 1
    assert run.log.count("The crawl stops: ") == 1
    assert "Traceback" not in run.log
    assert run.rows("SELECT count(*) FROM EPISODES") == [(0,)]
