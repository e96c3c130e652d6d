"""scrapy sample, as a newcomer runs it, with no network at all."""

import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest
from conftest import PROJECT, command

pytestmark = pytest.mark.process


@pytest.fixture
def project(tmp_path):
    """A copy of the project."""
    ignored = shutil.ignore_patterns(".*", "sample", "*.sqlite*", "__pycache__")
    return shutil.copytree(PROJECT, tmp_path / "project", ignore=ignored)


def run(project, *before):
    line = [*before, *command("sample")]
    return subprocess.run(line, cwd=project, capture_output=True, text=True, timeout=60)


def test_it_fills_a_database(project):
    for _ in range(2):  # a second time, too
        done = run(project)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == 3
        assert "The database: sample/xfiles_db.sqlite" in done.stderr
        with closing(sqlite3.connect(project / "sample/xfiles_db.sqlite")) as connection:
            assert connection.execute("SELECT count(*) FROM EPISODES").fetchone() == (12,)
    assert not (project / ".scrapy").exists()


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


def test_arguments(project):
    done = subprocess.run(command("sample", "xfiles"), cwd=project, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "sample takes no spider and no arguments" in done.stderr
