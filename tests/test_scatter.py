"""scrapy scatter on a real Dask scheduler with worker processes on loopback."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading

import pytest
from conftest import PROJECT, everything, unused_port, wait_for, wait_until
from documents import document
from scrapy.settings import Settings

from xfiles.commands.scatter import share_politeness

pytest.importorskip("distributed")

pytestmark = pytest.mark.process


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, its process, and those of its two workers."""
    address = f"tcp://127.0.0.1:{unused_port()}"
    worker = ["worker", address, "--nthreads=1", "--no-nanny", "--no-dashboard", f"--local-directory={tmp_path}"]
    commands = [["scheduler", f"--host={address}", "--no-dashboard"], worker, worker]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    with open(tmp_path / "dask.log", "w") as log:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{name}", *options],
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=log,
            )
            for name, *options in commands
        ]
        yield address, *processes
        for process in processes:
            process.kill()
            process.wait(10)


@pytest.fixture
def scatter(spawn, tmp_path):
    """A function that starts scrapy scatter, by ``run`` if that is another program than scrapy."""

    def start(url, *options, delay=0.01, run=("-m", "scrapy"), **settings):
        settings = {
            "HTTPCACHE_DIR": tmp_path / "httpcache",
            "DOWNLOAD_DELAY": delay,
            "AUTOTHROTTLE_ENABLED": 0,
        } | settings
        # Not command(): Dask's own warnings are no errors.
        line = [sys.executable, *run, "scatter", "xfiles", "-a", f"url={url}", *options]
        for name, value in settings.items():
            line += ["-s", f"{name}={value}"]
        return spawn(line)

    return start


#: scrapy, which gives a cluster without workers up sooner.
HASTY = (
    "from scrapy.cmdline import execute\n"
    "from xfiles.commands import scatter\n"
    "scatter.LOOK_SECONDS, scatter.WORKERLESS_SECONDS = 0.2, {}\n"
    "execute()"
)


#: scrapy, the leader of a group of processes of its own.
LEADER = "import os\nfrom scrapy.cmdline import execute\nos.setpgid(0, 0)\nexecute()"


def under_way(url):
    """The processes that crawl a part of the site at ``url``."""
    return subprocess.run(["pgrep", "-f", f"scrapy crawl xfiles.*{url}"], capture_output=True, text=True).stdout.split()


@pytest.fixture
def held(site):
    """A page that the site answers with only when the test ends."""
    over = threading.Event()
    site.answers["/transcrp/scrp101.htm"] = lambda handler: over.wait(60)
    yield
    over.set()


def test_every_page_once(scatter, cluster, site, postgresql, alone):
    """The document's command, but for the scheduler, the database and the number of parts."""
    line = re.search(r"scrapy scatter xfiles (.*)", document("docs/deployment.md"))[1]
    line = line.replace("tcp://host:8786", cluster[0]).replace("postgresql://user@host/database", postgresql)
    line = line.replace("--parts 64", "--parts 5")
    process = scatter(site.url, *shlex.split(line))
    log = process.communicate(timeout=240)[1]
    assert process.returncode == 0, log
    assert "All parts: 12 pages found, 0 pages failed, 12 episodes new, " in log.splitlines()[-2]
    assert log.splitlines()[-1].startswith("The database: postgresql://")
    assert "application_name" not in log
    assert everything(postgresql) == alone
    asked = [path for path, _ in site.requests if "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12


def test_worker_killed(scatter, cluster, site, postgresql, alone):
    address, _, worker, _ = cluster
    process = scatter(site.url, "--parts=4", "--scheduler", address, delay=0.3, XFILES_DATABASE=postgresql)
    wait_for(site, 2)
    worker.send_signal(signal.SIGKILL)
    log = process.communicate(timeout=180)[1]
    assert process.returncode == 0, log
    assert everything(postgresql) == alone


@pytest.mark.parametrize("patience", [1, 3600], ids=["until it gives up", "until a signal"])
def test_all_workers_lost(scatter, cluster, site, tmp_path, held, patience):
    address, _, *workers = cluster
    program = ["-c", HASTY.format(patience)]
    process = scatter(
        site.url, "--parts=3", f"--scheduler={address}", run=program, XFILES_DATABASE=tmp_path / "x.sqlite"
    )
    wait_until(lambda: "/transcrp/scrp101.htm" in site.asked)
    for worker in workers:
        worker.kill()
    if patience > 1:
        process.send_signal(signal.SIGTERM)
    log = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert "The cluster has no workers any more" in log
    assert re.search(r"^Not run to the end: \d/3", log, re.MULTILINE)
    assert "Traceback" not in log


def test_scheduler_lost(scatter, cluster, site, tmp_path):
    address, scheduler, *_ = cluster
    process = scatter(site.url, "--parts=3", f"--scheduler={address}", delay=0.5, XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_for(site, 1)
    scheduler.kill()
    log = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    lines = log.splitlines()
    at = lines.index("The Dask scheduler is gone")
    assert lines[at + 1].startswith("Not run to the end: ")
    assert len(lines) <= at + 4
    assert "Traceback" not in log
    wait_until(lambda: not under_way(site.url))


def test_its_own_cluster_can_be_reached_from_here_only(scatter, site, tmp_path, held):
    process = scatter(site.url, "--parts=1", XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_until(lambda: "/transcrp/scrp101.htm" in site.asked)
    if shutil.which("ss") is None:
        pytest.skip("ss is not installed")
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True).stdout.splitlines()
    ours = [line for line in listening if any(f"pid={pid}," in line for pid in [process.pid, *children])]
    assert ours
    assert {line.split()[3].rpartition(":")[0] for line in ours} == {"127.0.0.1"}
    assert not any(":8787 " in line for line in ours)


def test_the_web_archive_is_spared_too():
    settings = Settings()
    settings.setmodule("xfiles.settings")
    shared = share_politeness(settings, 4)
    assert json.loads(shared["DOWNLOAD_SLOTS"])["web.archive.org"]["delay"] == 16
    assert (shared["DOWNLOAD_DELAY"], shared["CONCURRENT_REQUESTS"]) == (1, 1)


@pytest.mark.parametrize("level", ["INFO", "CRITICAL"])
def test_a_failed_part_is_named_and_counted(scatter, site, tmp_path, level):
    """Whatever the parts' logs show."""
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    report = tmp_path / "report.json"
    settings = {"XFILES_DATABASE": tmp_path / "xfiles.sqlite", "XFILES_REPORT": report, "LOG_LEVEL": level}
    process = scatter(site.url, "--parts=2", **settings)
    log = process.communicate(timeout=120)[1]
    assert process.returncode == 1
    assert re.search(
        r"^[12] of 2 parts done, [12]/2 failed: .*scrp101.htm: the server answered 404$", log, re.MULTILINE
    )
    assert re.search(r"^[12] of 2 parts done, [12]/2: \d+ pages$", log, re.MULTILINE)
    assert "Traceback" not in log
    assert "All parts: 12 pages found, 1 pages failed, " in log.splitlines()[-2]
    assert log.splitlines()[-1] == f"The database: {tmp_path}/xfiles.sqlite"
    counts = json.loads(report.read_text())
    # A part that lost something was run a second time.
    stored = sum(counts[f"xfiles/episodes/{change}"] for change in ("new", "changed", "unchanged"))
    assert (counts["xfiles/pages/found"], stored) == (12, 11)
    assert counts["failed"] == {f"{site.url}transcrp/scrp101.htm": "the server answered 404"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_parts(scatter, site, tmp_path, number):
    process = scatter(site.url, "--parts=4", delay=0.5, CONCURRENT_REQUESTS=2, XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_for(site, 1)
    process.send_signal(number)
    log = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert re.search(r"^Stopped: the parts under way are ended, and \d are not begun$", log, re.MULTILINE)
    found, stored = re.search(r"All parts: (\d+) pages found, .* (\d+) episodes new", log).groups()
    assert int(found) >= int(stored) > 0
    assert "Traceback" not in log
    assert not under_way(site.url)


def test_a_second_signal_ends_it_at_once(scatter, cluster, site, tmp_path, held):
    process = scatter(site.url, "--parts=1", f"--scheduler={cluster[0]}", XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_until(lambda: "/transcrp/scrp101.htm" in site.asked)
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline().startswith("Stopped: ")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=15)[1] == "Stopped at once\n"
    assert process.returncode == 1


def test_a_signal_while_the_cluster_starts(scatter, site, tmp_path):
    """As a terminal sends it: to the cluster's processes, too."""
    process = scatter(site.url, "--parts=2", delay=1, XFILES_DATABASE=tmp_path / "x.sqlite", run=["-c", LEADER])
    wait_until(lambda: subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True).stdout)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[1] == "Stopped at once\n"
    assert process.returncode == 1
    assert site.asked == []


def test_a_signal_while_the_cluster_closes(scatter, site, tmp_path):
    process = scatter(site.url, "--parts=1", XFILES_DATABASE=tmp_path / "x.sqlite")
    assert process.stderr.readline().startswith("1 of 1 parts done, ")
    process.send_signal(signal.SIGINT)
    log = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert log.startswith("All parts: 12 pages found, ")
    assert "Traceback" not in log


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
            "CONCURRENT_REQUESTS is '0': give a number, at least 1",
        ),
        (["--parts=2", "xfiles", "-s", "DOWNLOAD_DELAY=abc"], "DOWNLOAD_DELAY is 'abc': give a number, at least 0"),
        (["--parts=2", "nobody"], "Spider not found: nobody"),
        (["--parts=2", "xfiles", "--scheduler=nowhere"], "no Dask scheduler answers at nowhere: "),
    ],
)
def test_bad_arguments(options, line):
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "scatter", *options], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_no_workers(tmp_path):
    address = f"tcp://127.0.0.1:{unused_port()}"
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", f"--host={address}", "--no-dashboard"]
    with open(tmp_path / "dask.log", "w") as log, subprocess.Popen(scheduler, stderr=log) as process:
        line = [sys.executable, "-m", "scrapy", "scatter", "xfiles", "--parts=2", f"--scheduler={address}"]
        done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=60)
        process.kill()
    assert done.returncode == 2
    assert f"the Dask scheduler at {address} has no workers" in done.stderr


def test_without_dask(tmp_path):
    (tmp_path / "distributed.py").write_text("raise ImportError")
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "scatter", "xfiles", "--parts=2"],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "scatter needs Dask: pip install -r requirements-cluster.txt" in done.stderr
