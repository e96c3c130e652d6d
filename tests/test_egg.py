"""The egg that scrapyd-deploy builds and scrapyd runs: in a clean copy of the project, without its tests."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import PROJECT, TIMEOUT

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def egg(tmp_path_factory):
    folder = tmp_path_factory.mktemp("egg")
    project = folder / "project"
    shutil.copytree(
        PROJECT, project, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info", "setup.py", "*.sqlite*")
    )
    path = folder / "xfiles.egg"
    subprocess.run(
        [sys.executable, "-m", "scrapyd_client.deploy", "--build-egg", path],
        cwd=project,
        check=True,
        capture_output=True,
        timeout=TIMEOUT,
    )
    return path


def test_contents(egg):
    with zipfile.ZipFile(egg) as archive:
        packages = {name.split("/")[0] for name in archive.namelist()}
        modules = {name.removeprefix("xfiles/") for name in archive.namelist() if name.startswith("xfiles/")}
    assert packages == {"xfiles", "EGG-INFO"}
    sources = {str(path.relative_to(PROJECT / "xfiles")) for path in (PROJECT / "xfiles").rglob("*.py")}
    assert sources <= modules


def test_spider_lists_from_it(egg, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(egg), "SCRAPY_SETTINGS_MODULE": "xfiles.settings"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.stdout == "xfiles\n", done.stderr
