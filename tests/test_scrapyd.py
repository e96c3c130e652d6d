"""A real scrapyd with a password: the egg is deployed and jobs are run, as docs/deployment.md says."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from conftest import PROJECT, TIMEOUT, ask, unused_port, wait_until
from documents import blocks, section

pytest.importorskip("scrapyd")

pytestmark = pytest.mark.process

#: What the document prints: scrapyd.conf, and ~/.config/scrapy.cfg.
CONFIGURATION, LOGIN = blocks(section("docs/deployment.md", "scrapyd"), "ini")


class Scrapyd:
    def __init__(self, port, folder):
        self.url = f"http://127.0.0.1:{port}/"
        self.folder = folder

    def call(self, path, *fields):
        login = base64.b64encode(b"operator:secret").decode()
        data = urlencode(fields).encode() if fields else None
        with urlopen(Request(self.url + path, data, {"Authorization": f"Basic {login}"}), timeout=TIMEOUT) as answer:
            return json.load(answer)

    def run(self, *fields):
        """Schedule a job, wait for its end, and return its log."""
        return self.log(self.schedule(*fields))

    def schedule(self, *fields):
        settings = [
            ("setting", f"XFILES_DATABASE={self.folder}/xfiles_db.sqlite"),
            ("setting", f"HTTPCACHE_DIR={self.folder}/httpcache"),
            ("setting", "DOWNLOAD_DELAY=0.001"),
            ("setting", "AUTOTHROTTLE_ENABLED=0"),
        ]
        return self.call("schedule.json", ("project", "xfiles"), ("spider", "xfiles"), *settings, *fields)

    def log(self, job):
        """The log of a scheduled job, when it has ended."""
        assert job["status"] == "ok", job
        wait_until(lambda: self.call(f"status.json?job={job['jobid']}")["currstate"] == "finished")
        return (self.folder / f"logs/xfiles/xfiles/{job['jobid']}.log").read_text()

    def rows(self, query):
        return ask(self.folder / "xfiles_db.sqlite", query)


@contextmanager
def deployed(folder):
    """A scrapyd with the project deployed to it, its files in ``folder``."""
    port = unused_port()
    (folder / "scrapyd.conf").write_text(f"{CONFIGURATION}http_port = {port}\npoll_interval = 0.2\n")
    project = folder / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info", "setup.py"))
    (project / "scrapy.cfg").write_text((PROJECT / "scrapy.cfg").read_text().replace(":6800/", f":{port}/"))
    (folder / ".config").mkdir()
    (folder / ".config/scrapy.cfg").write_text(LOGIN)
    home = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"} | {"HOME": str(folder)}
    with open(folder / "scrapyd.log", "w") as log:
        process = subprocess.Popen([sys.executable, "-m", "scrapyd"], cwd=folder, stdout=log, stderr=log)
        try:
            server = Scrapyd(port, folder)
            wait_until(lambda: server.call("daemonstatus.json"))
            done = subprocess.run(
                [sys.executable, "-m", "scrapyd_client.deploy"],
                cwd=project,
                env=home,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
            )
            assert '"status": "ok"' in done.stdout, done
            yield server
        finally:
            process.terminate()
            process.wait(TIMEOUT)


@pytest.fixture(scope="module")
def scrapyd(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("scrapyd")) as server:
        yield server


@pytest.fixture
def second(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("second")) as server:
        yield server


def test_password(scrapyd):
    with pytest.raises(URLError, match="401"):
        urlopen(scrapyd.url + "listprojects.json", timeout=TIMEOUT)
    assert scrapyd.call("listspiders.json?project=xfiles")["spiders"] == ["xfiles"]


def test_jobs(scrapyd, site):
    log = scrapyd.run(("url", site.url + "transcrp/tlg105.htm"), ("bypass", "1"))
    assert "Of 1 page found, 0 failed. Episodes: 1 new" in log
    log = scrapyd.run(("url", site.url))
    assert "Of 12 pages found, 0 failed. Episodes: 12 new" in log
    assert "See it: scrapy browse " in log.splitlines()[-1]
    assert scrapyd.rows(f"SELECT count(*) FROM EPISODES WHERE URL LIKE '{site.url}%'") == [(13,)]
    site.requests.clear()
    log = scrapyd.run(("url", site.url))
    assert "12 unchanged" in log
    assert {status for path, status in site.requests if "transcrp" in path} == {304}


def test_a_job_that_lost_a_page(scrapyd, site):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    log = scrapyd.run(("url", site.url), ("setting", "HTTPCACHE_ENABLED=0"))
    assert "scrp101.htm: the server answered 404" in log.splitlines()[-1]
    assert "Process died: exitstatus=1" in (scrapyd.folder / "scrapyd.log").read_text()


def test_a_job_whose_arguments_make_no_sense(scrapyd):
    job = scrapyd.schedule(("part", "3/2"))
    with pytest.raises(FileNotFoundError):
        scrapyd.log(job)
    log = (scrapyd.folder / "scrapyd.log").read_text()
    assert "exitstatus=2" in log
    assert "part is '3/2': give K/N with K from 1 to N" in log


def test_two_nodes_share_the_pages(scrapyd, second, site, postgresql):
    database = ("setting", f"XFILES_DATABASE={postgresql}")
    jobs = [
        (node, node.schedule(("url", site.url), ("part", part), database))
        for node, part in [(scrapyd, "1/2"), (second, "2/2")]
    ]
    found = [re.search(r"Of (\d+) pages found, 0 failed", node.log(job)) for node, job in jobs]
    assert sum(int(pages[1]) for pages in found) == 12
    assert ask(postgresql, "SELECT count(*) FROM EPISODES") == [(12,)]
    asked = [path for path, _ in site.requests if "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_document(scrapyd, site):
    """The document's calls, as printed but for the port, the folder and the site."""
    (calls,) = blocks(section("docs/deployment.md", "scrapyd"), "sh")
    calls = calls.replace("http://127.0.0.1:6800/", scrapyd.url).replace("/var/lib/xfiles", str(scrapyd.folder))
    calls = calls.replace("http://www.insidethex.co.uk/", site.url)
    done = subprocess.run(["bash", "-c", calls], capture_output=True, text=True, timeout=TIMEOUT)
    jobs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(jobs) == 2
    assert "Of 1 page found, 0 failed" in scrapyd.log(jobs[1])
    assert "Of 12 pages found, 0 failed" in scrapyd.log(jobs[0])
