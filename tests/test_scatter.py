"""scrapy scatter on this machine, and on a real Dask scheduler with workers on loopback."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys

import pytest
from conftest import HELD, PROJECT, TIMEOUT, everything, said, unused_port, wait_for, wait_until
from documents import document
from scrapy.settings import Settings

from xfiles.parts import share_politeness

pytestmark = pytest.mark.process


@pytest.fixture
def scheduler(tmp_path):
    """The address of a Dask scheduler, its process, and its log."""
    pytest.importorskip("distributed")
    address = f"tcp://127.0.0.1:{unused_port()}"
    line = [sys.executable, "-m", "dask", "scheduler", f"--host={address}", "--no-dashboard"]
    log = tmp_path / "scheduler.log"
    with open(log, "w") as file, subprocess.Popen(line, stdout=file, stderr=file) as process:
        wait_until(lambda: "Scheduler at:" in log.read_text())
        yield address, process, log
        process.kill()


@pytest.fixture
def cluster(scheduler, tmp_path):
    """The address of a scheduler, its process, and those of two workers, started by the document's command."""
    address, process, log = scheduler
    worker = re.search(r"python (-m dask worker) tcp://host:8786\n", document("docs/deployment.md"))[1].split()
    line = [sys.executable, *worker, address, "--nthreads=1", "--no-dashboard", f"--local-directory={tmp_path}"]
    with open(tmp_path / "workers.log", "w") as file:
        workers = [subprocess.Popen(line, cwd=PROJECT, stdout=file, stderr=file) for _ in range(2)]
    wait_until(lambda: log.read_text().count("Register worker") == 2)
    yield address, process, *workers
    for worker in workers:
        worker.kill()
        worker.wait()


@pytest.fixture
def scatter(spawn, tmp_path):
    """A function that starts scrapy scatter, by ``run`` if that is another program than scrapy."""

    def start(url, *options, delay=0.01, run=("-m", "scrapy"), **settings):
        settings = {
            "HTTPCACHE_DIR": tmp_path / "httpcache",
            "DOWNLOAD_DELAY": delay,
            "AUTOTHROTTLE_ENABLED": 0,
            "DOWNLOAD_TIMEOUT": TIMEOUT,
        } | settings
        # Not command(): Dask's own warnings are no errors.
        line = [sys.executable, *run, "scatter", "xfiles", "-a", f"url={url}", *options]
        for name, value in settings.items():
            line += ["-s", f"{name}={value}"]
        return spawn(line)

    return start


#: scrapy, which gives a cluster without workers up sooner or later.
PATIENT = (
    "from scrapy.cmdline import execute\n"
    "from xfiles.commands import scatter\n"
    "scatter.WORKERLESS_SECONDS = {}\n"
    "execute()"
)

#: scrapy, the leader of a group of processes of its own, as a shell starts it.
LEADER = "import os\nfrom scrapy.cmdline import execute\nos.setpgid(0, 0)\nexecute()"


def under_way(url):
    """The processes that crawl a part of the site at ``url``."""
    return subprocess.run(["pgrep", "-f", f"scrapy crawl xfiles.*{url}"], capture_output=True, text=True).stdout.split()


def test_every_page_once(scatter, cluster, site, postgresql, alone):
    """The document's command, but for the scheduler, the database and the number of parts."""
    line = re.search(r"/scrapy scatter xfiles (.*)", document("docs/deployment.md"))[1]
    line = line.replace("tcp://host:8786", cluster[0]).replace("postgresql://user@host/database", postgresql)
    line = line.replace("--parts 64", "--parts 5")
    process = scatter(site.url, *shlex.split(line))
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 0, log
    assert "All parts: 12 pages found, 0 failed. Episodes: 12 new, " in log.splitlines()[-3]
    assert log.splitlines()[-1].startswith("The database: postgresql://")
    assert "application_name" not in log
    assert everything(postgresql) == alone
    asked = [path for path, _ in site.requests if "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12


def test_worker_killed(scatter, cluster, site, postgresql, alone, held):
    address, _, worker, _ = cluster
    process = scatter(site.url, "--parts=4", "--scheduler", address, XFILES_DATABASE=postgresql)
    wait_until(lambda: HELD in site.asked)
    worker.kill()
    held.set()
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 0, log
    assert everything(postgresql) == alone


@pytest.mark.parametrize("patience", [1, 3600], ids=["until it gives up", "until a signal"])
def test_all_workers_lost(scatter, cluster, site, tmp_path, held, patience):
    address, _, *workers = cluster
    program = ["-c", PATIENT.format(patience)]
    process = scatter(
        site.url, "--parts=3", f"--scheduler={address}", run=program, XFILES_DATABASE=tmp_path / "x.sqlite"
    )
    wait_until(lambda: HELD in site.asked)
    for worker in workers:
        worker.kill()
    if patience > 1:
        process.send_signal(signal.SIGTERM)
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 1
    assert "The cluster has no workers any more" in log
    assert re.search(r"^Not run to the end: \d/3", log, re.MULTILINE)
    assert "Traceback" not in log


def test_scheduler_lost(scatter, cluster, site, tmp_path, held):
    address, scheduler, *_ = cluster
    process = scatter(site.url, "--parts=3", f"--scheduler={address}", XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_until(lambda: HELD in site.asked)
    scheduler.kill()
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 1
    lines = log.splitlines()
    at = lines.index("The Dask scheduler is gone")
    assert lines[at + 1].startswith("Not run to the end: ")
    assert len(lines) <= at + 6
    assert "Traceback" not in log
    held.set()
    wait_until(lambda: not under_way(site.url))


def test_nothing_listens_meanwhile(scatter, site, tmp_path, held):
    psutil = pytest.importorskip("psutil")

    def listening(process):
        return [door.laddr for door in process.net_connections("all") if door.status == psutil.CONN_LISTEN]

    process = scatter(site.url, "--parts=2", XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_until(lambda: HELD in site.asked)
    scattering = psutil.Process(process.pid)
    assert {door.port for door in listening(psutil.Process())} >= {site.server.server_port}
    assert scattering.children(recursive=True)
    assert [listening(each) for each in (scattering, *scattering.children(recursive=True)) if listening(each)] == []


def test_the_web_archive_is_spared_too():
    settings = Settings()
    settings.setmodule("xfiles.settings")
    shared = share_politeness(settings, 4)
    assert json.loads(shared["DOWNLOAD_SLOTS"])["web.archive.org"]["delay"] == 16
    assert (shared["DOWNLOAD_DELAY"], shared["CONCURRENT_REQUESTS"], shared["XFILES_CRAWLS"]) == (1, 1, 4)


@pytest.mark.parametrize("level", ["INFO", "CRITICAL"])
def test_a_failed_part_is_named_and_counted(scatter, site, tmp_path, level):
    """Whatever the parts' logs show."""
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    report = tmp_path / "report.json"
    settings = {"XFILES_DATABASE": tmp_path / "xfiles.sqlite", "XFILES_REPORT": report, "LOG_LEVEL": level}
    process = scatter(site.url, "--parts=2", **settings)
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 1
    assert re.search(
        r"^[12] of 2 parts done, [12]/2 failed: .*scrp101.htm: the server answered 404$", log, re.MULTILINE
    )
    assert re.search(r"^[12] of 2 parts done, [12]/2: \d+ pages$", log, re.MULTILINE)
    assert "Traceback" not in log
    assert "All parts: 12 pages found, 1 failed. Episodes: " in log.splitlines()[-4]
    assert log.splitlines()[-2:] == [
        f"The database: {tmp_path}/xfiles.sqlite",
        f"See it: scrapy browse {tmp_path}/xfiles.sqlite",
    ]
    counts = json.loads(report.read_text())
    # A part that lost something was run a second time.
    assert site.status("/transcrp/scrp101.htm") == [404, 404]
    stored = sum(counts[f"xfiles/episodes/{change}"] for change in ("new", "changed", "unchanged"))
    assert (counts["xfiles/pages/found"], stored) == (12, 11)
    assert counts["failed"] == {f"{site.url}transcrp/scrp101.htm": "the server answered 404"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_parts(scatter, site, tmp_path, held, number):
    """With their reports, even if each process of the command line gets it, as by Ctrl-C in a terminal."""
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("the tests were started by nohup, or in the background of a script")
    log = tmp_path / "crawl.log"
    process = scatter(
        site.url, "--parts=2", f"--logfile={log}", run=["-c", LEADER], XFILES_DATABASE=tmp_path / "x.sqlite"
    )
    wait_for(site, 11)
    wait_until(lambda: HELD in site.asked)
    os.killpg(process.pid, number)
    wait_until(lambda: any("Received SIGTERM" in part.read_text() for part in tmp_path.glob("crawl.*-of-2.log")))
    held.set()
    assert process.communicate(timeout=TIMEOUT)[1] == ""
    assert process.returncode == 1
    assert "INFO: Stopped: the parts under way are ended, and 0 are not begun\n" in log.read_text()
    assert "INFO: All parts: 12 pages found, 0 failed. Episodes: 12 new, " in log.read_text()


def test_parts_that_are_not_begun(scatter, site, tmp_path, held):
    process = scatter(site.url, "--parts=4", CONCURRENT_REQUESTS=1, XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_until(lambda: HELD in site.asked)
    process.send_signal(signal.SIGTERM)
    log = said(process, "^Stopped: ")
    done = log.count(" parts done, ")
    assert log.endswith(f"Stopped: the parts under way are ended, and {3 - done} are not begun\n")
    held.set()
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 1
    assert "Not run to the end" not in log
    assert "Traceback" not in log


@pytest.mark.parametrize("here", [True, False], ids=["here", "on a cluster"])
def test_a_second_signal_ends_it_at_once(scatter, site, tmp_path, held, here, request):
    """Nobody waits for a page any more; on a cluster, the parts are left to end by themselves."""
    options = [] if here else [f"--scheduler={request.getfixturevalue('cluster')[0]}"]
    process = scatter(site.url, "--parts=1", *options, XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_until(lambda: HELD in site.asked)
    process.send_signal(signal.SIGINT)
    said(process, "^Stopped: ")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=TIMEOUT)[1] == "Stopped at once\n"
    assert process.returncode == 1
    if here:
        assert not under_way(site.url)
    held.set()
    wait_until(lambda: not under_way(site.url))


def test_a_signal_while_nobody_answers(scatter, tmp_path):
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT)
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        process = scatter(
            "http://127.0.0.1:1/", "--parts=1", f"--scheduler={address}", XFILES_DATABASE=tmp_path / "x.sqlite"
        )
        with server.accept()[0]:
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=TIMEOUT)[1] == "Stopped at once\n"
    assert process.returncode == 1


@pytest.mark.parametrize("here", [True, False], ids=["here", "on a cluster"])
def test_each_part_has_a_log(scatter, site, tmp_path, here, request):
    """Beside the crawl's own, which has what a terminal would show."""
    options = [] if here else [f"--scheduler={request.getfixturevalue('cluster')[0]}"]
    site.answers[HELD] = lambda handler: handler.send(b"", 404)
    options += ["--logfile", str(tmp_path / "crawl.log"), "-L", "DEBUG"]
    process = scatter(site.url, "--parts=2", *options, XFILES_DATABASE=tmp_path / "x.sqlite")
    assert process.communicate(timeout=TIMEOUT)[1] == ""
    assert process.returncode == 1
    names = ["crawl.1-of-2.log", "crawl.2-of-2.log", "crawl.log"]
    assert sorted(path.name for path in tmp_path.glob("crawl*")) == names
    *parts, log = [(tmp_path / name).read_text() for name in names]
    assert all("DEBUG: Crawled (200)" in part for part in parts)
    assert sum(f"{HELD}: the server answered 404" in part for part in parts) == 1
    assert re.search(r" ERROR: [12] of 2 parts done, [12]/2 failed: .*: the server answered 404$", log, re.MULTILINE)
    assert " INFO: All parts: 12 pages found, 1 failed. " in log


ON_A_CLUSTER = ["--parts=2", "xfiles", "--scheduler=nowhere", "-s", "XFILES_DATABASE=/nowhere/x.sqlite"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--parts=0", "xfiles"], "give one spider and --parts N, with N from 1 to 999999"),
        (["--parts=1000000", "xfiles"], "give one spider and --parts N, with N from 1 to 999999"),
        (["--parts=2"], "give one spider and --parts N, with N from 1 to 999999"),
        (["--parts=2", "xfiles", "-a", "part=1/2"], "-a part is scatter's own: give --parts N"),
        (["--parts=2", "xfiles", "-a", "bypass=perhaps"], "bypass is 'perhaps': give 1 or 0"),
        (["--parts=2", "xfiles", "-a", "url=http://127.0.0.1:1/", "-a", "bypass=1"], "-a bypass reads one page"),
        (["--parts=2", "xfiles", "-a", "url"], "Invalid -a value"),
        (
            ["--parts=2", "xfiles", "-s", "CONCURRENT_REQUESTS=0"],
            "CONCURRENT_REQUESTS is '0': give a whole number, at least 1",
        ),
        (["--parts=2", "xfiles", "-s", "DOWNLOAD_DELAY=abc"], "DOWNLOAD_DELAY is 'abc': give seconds from 0"),
        (["--parts=2", "nobody"], "Spider not found: nobody"),
        (
            ["--parts=2", "xfiles", "-s", 'FEEDS={"x.csv": {"format": "csv"}}'],
            "each part would write the feed 'x.csv': give a name with %(part)s in it",
        ),
        (
            ["--parts=2", "xfiles", "-s", 'FEEDS={"%(part)s.csv": {"format": "csv"}}'],
            "a part that is run again would double the feed '%(part)s.csv': add \"overwrite\": true",
        ),
        # Each worker would have files of its own by these names.
        (["--parts=2", "xfiles", "--scheduler=nowhere"], "XFILES_DATABASE is 'xfiles_db.sqlite', a file in each"),
        ([*ON_A_CLUSTER, "--logfile=crawl.log"], "LOG_FILE is 'crawl.log', a file in each worker's folder"),
        (ON_A_CLUSTER, "no Dask scheduler answers at nowhere: "),
    ],
)
def test_bad_arguments(spawn, options, line):
    process = spawn([sys.executable, "-m", "scrapy", "scatter", *options])
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 2
    assert log.startswith(f"scrapy: {line}")
    assert len(log.splitlines()) == 1


def test_no_workers(scatter, scheduler, tmp_path):
    process = scatter("http://127.0.0.1:1/", "--parts=2", f"--scheduler={scheduler[0]}", XFILES_DATABASE=tmp_path / "x")
    assert process.communicate(timeout=TIMEOUT)[1] == f"scrapy: the Dask scheduler at {scheduler[0]} has no workers\n"
    assert process.returncode == 2


def test_a_worker_that_is_not_in_a_clone(scatter, cluster, scheduler, tmp_path):
    """It is told so, and goes on working for others."""
    address, _, log = scheduler
    line = [sys.executable, "-m", "dask", "worker", address, "--no-dashboard", f"--local-directory={tmp_path}"]
    with subprocess.Popen(line, cwd=tmp_path, stderr=subprocess.DEVNULL) as worker:
        wait_until(lambda: log.read_text().count("Register worker") == 3)
        process = scatter("http://127.0.0.1:1/", "--parts=2", f"--scheduler={address}", XFILES_DATABASE=tmp_path / "x")
        (line,) = process.communicate(timeout=TIMEOUT)[1].splitlines()
        assert process.returncode == 2
        assert line.startswith(
            "scrapy: a Dask worker can't run parts: No module named 'xfiles': start it in a clone of"
        )
        assert log.read_text().count("Remove worker") == 0
        worker.kill()


def test_dask_is_for_a_cluster_only(spawn, site, tmp_path, monkeypatch):
    (tmp_path / "distributed.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    settings = ["-sXFILES_DATABASE=" + str(tmp_path / "x.sqlite"), "-sHTTPCACHE_ENABLED=0", "-sDOWNLOAD_DELAY=0.01"]
    line = [sys.executable, "-m", "scrapy", "scatter", "xfiles", "-a", f"url={site.url}", "--parts=2", *settings]
    process = spawn(line)
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 0, log
    process = spawn([*line, "--scheduler=tcp://127.0.0.1:1"])
    log = process.communicate(timeout=TIMEOUT)[1]
    assert log == "scrapy: --scheduler needs Dask: pip install -r requirements-cluster.txt\n"
    assert process.returncode == 2
