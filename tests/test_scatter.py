"""scrapy scatter on a real Dask scheduler with worker processes on loopback."""

import os
import signal
import subprocess
import sys

import pytest
from conftest import PROJECT, unused_port
from test_cluster import alone, everything  # noqa: F401 - alone is a fixture
from test_recovery import wait_for

pytest.importorskip("distributed")


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
def scatter(tmp_path):
    """A function that starts scrapy scatter."""
    processes = []

    def start(url, parts, *options, delay=0.01, **settings):
        settings = {
            "HTTPCACHE_DIR": tmp_path / "httpcache",
            "DOWNLOAD_DELAY": delay,
            "AUTOTHROTTLE_ENABLED": 0,
        } | settings
        line = [sys.executable, "-m", "scrapy", "scatter", "xfiles", f"--parts={parts}", "-a", f"url={url}", *options]
        for name, value in settings.items():
            line += ["-s", f"{name}={value}"]
        processes.append(subprocess.Popen(line, cwd=PROJECT, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_every_page_once(scatter, cluster, site, postgresql, alone):  # noqa: F811
    process = scatter(site.url, 5, "--scheduler", cluster[0], XFILES_DATABASE=postgresql)
    log = process.communicate(timeout=120)[1]
    assert process.returncode == 0, log
    assert "All parts: 12 pages found, 0 pages failed, 12 episodes new, " in log.splitlines()[-1]
    assert everything(postgresql) == alone
    asked = [path for path, _ in site.requests if "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12


def test_worker_killed(scatter, cluster, site, postgresql, alone):  # noqa: F811
    address, workers = cluster
    process = scatter(site.url, 4, "--scheduler", address, delay=0.3, XFILES_DATABASE=postgresql)
    wait_for(site, 2)
    workers[0].send_signal(signal.SIGKILL)
    log = process.communicate(timeout=180)[1]
    assert process.returncode == 0, log
    assert everything(postgresql) == alone


def test_local_cluster_names_a_failed_part(scatter, site, tmp_path):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    process = scatter(site.url, 2, XFILES_DATABASE=tmp_path / "xfiles.sqlite")
    log = process.communicate(timeout=120)[1]
    assert process.returncode == 1
    assert "scrp101.htm: the server answered 404" in log
    assert "All parts: 12 pages found, 1 pages failed, " in log.splitlines()[-1]


@pytest.mark.parametrize("options", [["--parts=0", "xfiles"], ["--parts=2"]])
def test_bad_arguments(options):
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "scatter", *options], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "give one spider and --parts N, with N at least 1" in done.stderr
