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
from conftest import PROJECT, TIMEOUT, command
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from xfiles.extensions import progress

pytest.importorskip("tqdm")

pytestmark = pytest.mark.process

COLUMNS = 80


@pytest.fixture
def on_terminal(site, tmp_path):
    """A function that crawls on a terminal of 80 columns and returns all that it showed."""

    def run(**settings):
        settings = {
            "XFILES_DATABASE": tmp_path / "xfiles.sqlite",
            "HTTPCACHE_DIR": tmp_path / "httpcache",
            "DOWNLOAD_DELAY": 0.05,
            "AUTOTHROTTLE_ENABLED": 0,
        } | settings
        master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
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
        assert process.wait(TIMEOUT) == (1 if site.answers else 0)
        return shown.decode()

    return run


def lines(shown):
    """The lines that stay on the screen: what a carriage return wipes is gone, and so are the cursor's moves."""
    whole = re.sub(r"\x1b\[[A-Z0-9;]*[A-Za-z]", "", shown).replace("\r\n", "\n")
    return [line for line in (line.rpartition("\r")[2].rstrip() for line in whole.split("\n")) if line]


def test_a_bar_on_a_terminal(on_terminal, site):
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    shown = on_terminal()
    bars = re.findall(r"(\d+)/(\d+) pages \|(.+?)\| [^,]*, (\d+) speeches, (\d+) failed", shown)
    assert (*bars[-1][:2], *bars[-1][3:]) == ("12", "12", "63", "1")
    assert len(bars[-1][2]) > COLUMNS // 3
    assert all(len(line) <= COLUMNS for line in re.split(r"[\r\n]+", shown) if "pages |" in line)
    last = lines(shown)[-7:]
    assert last[0] == "Of 12 pages found, 1 failed. Episodes: 11 new, 0 changed, 0 unchanged."
    assert last[-1] == f"Failed: {site.url}transcrp/scrp101.htm: the server answered 404"


def test_what_stays_on_a_terminal(on_terminal):
    """The closing words, and nothing else: no versions, no episodes, no dump, no bar."""
    shown = lines(on_terminal())
    assert len(shown) == 6, shown
    assert shown[0] == "Of 12 pages found, 0 failed. Episodes: 12 new, 0 changed, 0 unchanged."
    assert shown[3].startswith("The database: ")
    assert shown[5].startswith("See it: scrapy browse ")
    assert "0 new, 0 changed, 12 unchanged" in lines(on_terminal())[0]


def test_no_home_page_on_a_terminal(on_terminal, site, tmp_path):
    site.answers["/"] = lambda handler: handler.send(b"", 404)
    cause, advice = lines(on_terminal())
    assert cause == f"The home page {site.url} can't be read: the server answered 404."
    assert advice.startswith("What to try: scrapy sample, ")
    assert not (tmp_path / "xfiles.sqlite").exists()


def test_log_lines_do_not_tear_the_bar(on_terminal):
    shown = re.split(r"[\r\n]+", on_terminal(LOG_LEVEL="INFO"))
    assert sum("/12 pages |" in line for line in shown) >= 12
    # A carriage return and spaces wipe the bar; what is left of a line must be a bar or a log line, not both.
    assert not [line for line in shown if "/12 pages |" in line and re.search(r"INFO|WARNING|ERROR", line)]
    assert sum(re.search(r" speech(es)?, new$", line) is not None for line in shown) == 12


def test_no_bar_among_debug_lines(on_terminal):
    assert " pages |" not in on_terminal(LOG_LEVEL="DEBUG")


def test_no_bar_in_a_file(crawl, site):
    log = crawl(site.url).log
    assert " pages |" not in log
    assert "\r" not in log
    assert "WARNING" not in log


def test_standard_error_closed(crawl, site, tmp_path):
    line = command(
        "crawl",
        "xfiles",
        f"-aurl={site.url}",
        XFILES_DATABASE=tmp_path / "x.sqlite",
        DOWNLOAD_DELAY=0.001,
        HTTPCACHE_ENABLED=0,
    )
    for status in (0, 1):
        if status:
            site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
        closed = ["sh", "-c", 'exec "$@" 2>&-', "sh", *line]
        done = subprocess.run(closed, cwd=PROJECT, capture_output=True, timeout=TIMEOUT)
        assert done.returncode == status
        assert b"AttributeError" not in done.stdout


def test_without_tqdm(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    crawler = get_crawler(settings_dict={"LOG_LEVEL": "INFO"})
    assert progress.Progress.from_crawler(crawler)
    monkeypatch.setattr(progress, "tqdm", None)
    with pytest.raises(NotConfigured):
        progress.Progress.from_crawler(crawler)
