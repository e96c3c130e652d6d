"""The same episodes from web archives: one that does as the Wayback Machine does, and pywb's replay server."""

import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from conftest import SITE, Site, unused_port, wait_until

# Not its URL, which says where it was read last.
EPISODES = "SELECT EPISODE, TITLE, CODE, SEASON, AIRED, MYTHARC FROM EPISODES ORDER BY EPISODE"
SPEECHES = "SELECT EPISODE, CHARACTER, TEXT, SPEAKER, SPOKEN, SCENE, LINE FROM XFILES ORDER BY EPISODE, LINE"

TOOLBAR = b"""<!-- BEGIN WAYBACK TOOLBAR INSERT -->
<script>__wm.rw(0);</script>
<div id="wm-ipp-base" lang="en"><div id="wm-ipp"><b>MULDER:</b> 7 captures
<a href="/web/20200101000000*/http://www.site.example/transcrp/scrp777.htm">Nov</a>
<div>DEC <p><b>JAN:</b> 2024</div></div></div><div id="wm-ipp-print">The Wayback Machine - https://archive.example/</div>
<!-- END WAYBACK TOOLBAR INSERT -->"""
BAR = b"""<div class=bar id='wm-ipp'><p><b>BAR:</b> <div>7 captures</div></div>"""


def rows(run) -> tuple[list[tuple], list[tuple]]:
    return run.rows(EPISODES), run.rows(SPEECHES)


class Archive:
    """Answers of ``site`` as the Wayback Machine gives them, of captures made at ``times`` of ``original``."""

    def __init__(
        self, site: Site, original: str, times: tuple[str, ...] = ("20240105123456", "20230601000000")
    ) -> None:
        self.site, self.original, self.times = site, original, times
        self.insert = TOOLBAR
        site.answers["/"] = lambda handler: handler.send(b"", 404)
        site.fallback = self.answer

    def answer(self, handler) -> None:
        wanted = re.fullmatch(r"/web/(\d+)(id_|)/" + re.escape(self.original) + "(.*)", handler.path)
        if wanted is None:
            return handler.send(b"", 404)
        time, mode, path = wanted.groups()
        # The home page was captured first; the transcripts, on another day.
        nearest = self.times[0] if path == "" else self.times[1]
        if time != nearest:
            # Without the host, as some archives answer.
            location = f"/web/{nearest}{mode}/{self.original}{path}"
            return handler.send(b"", 302, Location=location if mode else self.site.url.rstrip("/") + location)
        body = (SITE / (path or "index.html")).read_bytes()
        if not mode:
            prefix = f'href="/web/{time}/{self.original}'.encode()
            body = re.sub(rb'href="(?!http)', prefix, body)
            body = body.replace(b'href="http', prefix.partition(b"http")[0] + b"http")
            body = re.sub(rb"(?i)<body[^>]*>", lambda tag: tag[0] + self.insert, body, count=1)
            body += b"<!-- FILE ARCHIVED ON 12:34:56 Jan 05, 2024 -->"
        handler.send(body, Memento_Datetime="Fri, 05 Jan 2024 12:34:56 GMT")


@pytest.mark.parametrize("insert", [TOOLBAR, BAR], ids=["toolbar", "bar"])
def test_copies_give_the_rows_of_the_site(crawl, site, serve, tmp_path, insert):
    """Links rewritten or not, from another day, by redirects to the nearest capture."""
    before = rows(crawl(site.url))
    archive = Archive(serve(tmp_path), site.url)
    archive.insert = insert
    for number, mode in enumerate(("id_", "")):
        run = crawl(f"{archive.site.url}web/2024{mode}/{site.url}", XFILES_DATABASE=tmp_path / f"{number}.sqlite")
        assert run.status == 0, run.log
        assert rows(run) == before
        assert "Of 12 pages found, 0 failed" in run.log


def test_another_days_copy_is_the_same_episode(crawl, site, serve, tmp_path):
    archive = Archive(serve(tmp_path), site.url)
    before = rows(crawl(site.url))
    for times in (("20240105123456", "20230601000000"), ("20220101000000", "20210101000000")):
        archive.times = times
        run = crawl(f"{archive.site.url}web/{times[0][:4]}id_/{site.url}")
        assert run.status == 0, run.log
        assert rows(run) == before
        assert "Episodes: 0 new, 0 changed, 12 unchanged" in run.log


def test_a_copy_of_one_page(crawl, site, serve, tmp_path):
    archive = Archive(serve(tmp_path), site.url)
    run = crawl(f"{archive.site.url}web/2024/{site.url}transcrp/scrp101.htm", bypass="1")
    assert run.status == 0, run.log
    assert run.rows("SELECT EPISODE FROM EPISODES") == [("Deep Throat - 1X01",)]
    assert run.rows("SELECT count(*) FROM XFILES WHERE TEXT LIKE '%captures%'") == [(0,)]


def test_an_archive_without_the_page(crawl, site, serve, tmp_path):
    archive = Archive(serve(tmp_path), "http://other.example/")
    run = crawl(f"{archive.site.url}web/2024id_/{site.url}")
    assert run.status == 1
    assert "can't be read: the server answered 404. What to try: the same later, another year's copy" in run.log
    assert "2024id_" in run.log.splitlines()[-1]


def test_what_a_busy_archive_refused_is_all_that_the_next_crawl_asks_for(crawl, site, serve, tmp_path):
    archive = Archive(serve(tmp_path), site.url)
    url = f"{archive.site.url}web/2024id_/{site.url}"

    def enough(handler):
        if sum("/transcrp/" in path and status == 200 for path, status in archive.site.requests) >= 4:
            handler.send(b"", 429)
        else:
            archive.answer(handler)

    archive.site.fallback = enough
    run = crawl(url, XFILES_PATIENCE=0.02, CONCURRENT_REQUESTS=1)
    assert run.status == 1
    assert "Of 12 pages found, 8 failed. Episodes: 4 new" in run.log
    archive.site.fallback = archive.answer
    archive.site.requests.clear()
    run = crawl(url)
    assert run.status == 0, run.log
    assert len([path for path, status in archive.site.requests if "/transcrp/" in path and status == 200]) == 8


@pytest.fixture
def pywb(pytestconfig) -> Path:
    """The commands of pywb and warcio, in an environment of their own, kept for the next time: they need other versions
    of what we need, too."""
    environment = pytestconfig.cache.mkdir("pywb")
    commands = environment / "bin"
    with suppress(OSError):
        if subprocess.run([commands / "wb-manager", "--help"], capture_output=True).returncode == 0:
            return commands
    for line in (
        [sys.executable, "-m", "venv", "--clear", environment],
        [commands / "pip", "install", "-q", "--retries", "1", "pywb", "warcio", "requests"],
    ):
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"pywb can't be installed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    return commands


RECORD = """
import sys
from warcio.capture_http import capture_http
import requests
with capture_http("site.warc.gz"):
    for url in sys.argv[1:]:
        requests.get(url)
"""


def test_pywb(crawl, site, spawn, pywb, tmp_path):
    """The site, then its replay as it was recorded, in a frame, and rewritten, into one database: no row changes."""
    before = rows(crawl(site.url))
    pages = [site.url, *(f"{site.url}transcrp/{path.name}" for path in (SITE / "transcrp").iterdir())]
    for line in (
        [pywb / "python", "-c", RECORD, *pages],
        [pywb / "wb-manager", "init", "web"],
        [pywb / "wb-manager", "add", "web", "site.warc.gz"],
    ):
        subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)
    port = unused_port()
    spawn([pywb / "wayback", "-b", "127.0.0.1", "-p", str(port), "-d", str(tmp_path)])
    replay = f"http://127.0.0.1:{port}/web/"
    wait_until(lambda: urlopen(f"{replay}2026id_/{site.url}").status == 200)
    site.requests.clear()
    for mode in ("id_", "", "mp_"):
        run = crawl(f"{replay}2026{mode}/{site.url}")
        assert run.status == 0, run.log
        assert "Episodes: 0 new, 0 changed, 12 unchanged" in run.log
        assert rows(run) == before
    assert site.requests == []
