"""scrapy scatter on a real Dask scheduler with worker processes on loopback."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys

import pytest
from conftest import PROJECT, everything, unused_port, wait_for
from documents import document

pytest.importorskip("distributed")

pytestmark = pytest.mark.process


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, and its two workers' processes."""
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
        yield address, processes[1:]
        for process in processes:
            process.kill()
            process.wait(10)


@pytest.fixture
def scatter(spawn, tmp_path):
    """A function that starts scrapy scatter."""

    def start(url, *options, delay=0.01, **settings):
        settings = {
            "HTTPCACHE_DIR": tmp_path / "httpcache",
            "DOWNLOAD_DELAY": delay,
            "AUTOTHROTTLE_ENABLED": 0,
        } | settings
        # Not command(): Dask's own warnings are no errors.
        line = [sys.executable, "-m", "scrapy", "scatter", "xfiles", "-a", f"url={url}", *options]
        for name, value in settings.items():
            line += ["-s", f"{name}={value}"]
        return spawn(line)

    return start


def test_every_page_once(scatter, cluster, site, postgresql, alone):
    """The document's command, but for the scheduler, the database and the number of parts."""
    line = re.search(r"scrapy scatter xfiles (.*)", document("docs/deployment.md"))[1]
    line = line.replace("tcp://host:8786", cluster[0]).replace("postgresql://user@host/database", postgresql)
    line = line.replace("--parts 64", "--parts 5")
    process = scatter(site.url, *shlex.split(line))
    log = process.communicate(timeout=240)[1]
    assert process.returncode == 0, log
    assert "All parts: 12 pages found, 0 pages failed, 12 episodes new, " in log.splitlines()[-1]
    assert everything(postgresql) == alone
    asked = [path for path, _ in site.requests if "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12


def test_worker_killed(scatter, cluster, site, postgresql, alone):
    address, workers = cluster
    process = scatter(site.url, "--parts=4", "--scheduler", address, delay=0.3, XFILES_DATABASE=postgresql)
    wait_for(site, 2)
    workers[0].send_signal(signal.SIGKILL)
    log = process.communicate(timeout=180)[1]
    assert process.returncode == 0, log
    assert everything(postgresql) == alone


def test_local_cluster_names_a_failed_part(scatter, site, tmp_path):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    process = scatter(site.url, "--parts=2", XFILES_DATABASE=tmp_path / "xfiles.sqlite")
    log = process.communicate(timeout=120)[1]
    assert process.returncode == 1
    assert re.search(
        r"^[12] of 2 parts done, [12]/2 failed: .*scrp101.htm: the server answered 404$", log, re.MULTILINE
    )
    assert re.search(r"^[12] of 2 parts done, [12]/2: \d+ pages$", log, re.MULTILINE)
    assert "Traceback" not in log
    assert "All parts: 12 pages found, 1 pages failed, " in log.splitlines()[-1]


def test_the_report_of_all_parts(scatter, site, tmp_path):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    report = tmp_path / "report.json"
    process = scatter(site.url, "--parts=2", XFILES_DATABASE=tmp_path / "x.sqlite", XFILES_REPORT=report)
    process.communicate(timeout=120)
    assert process.returncode == 1
    counts = json.loads(report.read_text())
    # A part that lost something was run a second time.
    stored = sum(counts[f"xfiles/episodes/{change}"] for change in ("new", "changed", "unchanged"))
    assert (counts["xfiles/pages/found"], stored) == (12, 11)
    assert counts["failed"] == {f"{site.url}transcrp/scrp101.htm": "the server answered 404"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_parts(scatter, site, tmp_path, number):
    process = scatter(site.url, "--parts=4", delay=1, XFILES_DATABASE=tmp_path / "x.sqlite")
    wait_for(site, 1)
    process.send_signal(number)
    log = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "Stopped: the parts under way are ended" in log
    assert "All parts: " in log.splitlines()[-1]
    assert "Traceback" not in log
    running = subprocess.run(["pgrep", "-f", f"scrapy crawl xfiles.*{site.url}"], capture_output=True)
    assert running.returncode == 1, "a part's crawl goes on"


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
