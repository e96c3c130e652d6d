"""The progress bar, on a real pseudo-terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from conftest import PROJECT, command
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from xfiles import extensions

pytest.importorskip("tqdm")


@pytest.fixture
def on_terminal(site, tmp_path):
    """A function that crawls on a terminal of 120 columns and returns all that it showed."""

    def run(**settings):
        settings = {
            "XFILES_DATABASE": tmp_path / "xfiles.sqlite",
            "HTTPCACHE_DIR": tmp_path / "httpcache",
            "DOWNLOAD_DELAY": 0.05,
            "AUTOTHROTTLE_ENABLED": 0,
        } | settings
        master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        line = command("crawl", "xfiles", f"-aurl={site.url}", **settings)
        process = subprocess.Popen(line, cwd=PROJECT, stderr=terminal)
        os.close(terminal)
        shown = b""
        try:
            while piece := os.read(master, 65536):
                shown += piece
        except OSError:  # Linux says so when the terminal has no writer any more
            pass
        os.close(master)
        assert process.wait(60) == (1 if site.answers else 0)
        return shown.decode()

    return run


def test_a_bar_on_a_terminal(on_terminal, site):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    shown = on_terminal()
    bars = re.findall(r"(\d+)/(\d+) \[.*?, (\d+) episodes, (\d+) speeches, (\d+) failed\]", shown)
    assert bars[-1] == ("12", "12", "11", "63", "1")


def test_log_lines_do_not_tear_the_bar(on_terminal):
    shown = on_terminal()
    lines = re.split(r"[\r\n]+", shown)
    assert sum("/12 [" in line for line in lines) > 12
    # A carriage return and spaces wipe the bar; what is left of a line must be a bar or a log line, not both.
    assert not [line for line in lines if "/12 [" in line and re.search(r"INFO|WARNING|ERROR", line)]
    assert sum(line.endswith(" speeches, new") for line in lines) == 12


def test_no_bar_among_debug_lines(on_terminal):
    assert " episodes, " not in on_terminal(LOG_LEVEL="DEBUG")


def test_no_bar_in_a_file(crawl, site):
    log = crawl(site.url).log
    assert " episodes, " not in log
    assert "\r" not in log
    assert "WARNING" not in log


def test_without_tqdm(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    crawler = get_crawler(settings_dict={"LOG_LEVEL": "INFO"})
    assert extensions.Progress.from_crawler(crawler)
    monkeypatch.setattr(extensions, "tqdm", None)
    with pytest.raises(NotConfigured):
        extensions.Progress.from_crawler(crawler)
