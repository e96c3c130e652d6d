"""scrapy sample, as a newcomer runs it, with no network at all."""

import os
import shutil
import subprocess

import pytest
from conftest import PROJECT, TIMEOUT, ask, command

pytestmark = pytest.mark.process


@pytest.fixture
def project(tmp_path):
    """A copy of the project."""
    ignored = shutil.ignore_patterns(".*", "sample", "*.sqlite*", "__pycache__")
    return shutil.copytree(PROJECT, tmp_path / "project", ignore=ignored)


def run(project, *before, folder=".", options=(), **environment):
    line = [*before, *command("sample", *options)]
    environment = os.environ | environment
    return subprocess.run(line, cwd=project / folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT)


def stored(project):
    ((episodes,),) = ask(project / "sample/xfiles_db.sqlite", "SELECT count(*) FROM EPISODES")
    return episodes


def test_it_fills_a_database(project):
    shown = []
    for _ in range(2):  # a second time, too
        done = run(project)
        assert done.returncode == 0, done.stderr
        shown.append(done.stdout.splitlines())
        assert "The database: sample/xfiles_db.sqlite" in done.stderr
        assert done.stderr.splitlines()[-1].endswith("See it: scrapy browse sample/xfiles_db.sqlite")
        assert stored(project) == 12
        (project / "sample/xfiles_db.sqlite-notes").touch()
    assert shown[0] == shown[1]
    assert shown[0][0] == "For example:"
    assert len(shown[0]) == 4
    assert (project / "sample/xfiles_db.sqlite-notes").exists()
    assert not (project / ".scrapy").exists()


def test_in_a_subfolder(project):
    done = run(project, folder="xfiles/commands")
    assert done.returncode == 0, done.stderr
    assert "The database: ../../sample/xfiles_db.sqlite" in done.stderr
    assert stored(project) == 12


def test_behind_a_proxy(project):
    done = run(project, http_proxy="http://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_nobody_reads_its_rows(project):
    done = run(project, "bash", "-o", "pipefail", "-c", '"$@" | true', "bash")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipeError" not in done.stderr


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda project: (project / "sample").touch(), "sample can't be used: File exists"),
        (lambda project: (project / "sample/xfiles_db.sqlite").mkdir(parents=True), "sample/xfiles_db.sqlite can't be"),
    ],
    ids=["a file called sample", "a folder called as the database"],
)
def test_no_place_for_it(project, make, line):
    make(project)
    done = run(project)
    assert done.returncode == 2
    assert line in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_it_needs_no_network(project):
    offline = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if shutil.which("ip") is None or subprocess.run([*offline, "true"], capture_output=True).returncode:
        pytest.skip("no network namespace can be made here, or ip is not installed")
    done = run(project, *offline)
    assert done.returncode == 0, done.stderr


def test_without_the_site(project):
    shutil.rmtree(project / "tests/site")
    done = run(project)
    assert done.returncode == 2
    assert f"there is no site in {project}/tests/site: run this in a clone of the project" in done.stderr
    assert not (project / "sample").exists()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["xfiles"], "sample takes no spider and no arguments"),
        (["-O", "sample/xfiles_db.sqlite:csv"], "the feed is 'sample/xfiles_db.sqlite', which is the database"),
        (["-s", "XFILES_DATABASE=other.sqlite"], "sample has a database of its own: leave out -s XFILES_DATABASE"),
    ],
)
def test_arguments(project, options, line):
    done = run(project, options=options)
    assert done.returncode == 2
    assert line in done.stderr
    assert not (project / "sample").exists()
