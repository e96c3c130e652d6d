"""A person before the pages: a real server and a real headless Chromium."""

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import PROJECT, TIMEOUT, wait_until


def missing() -> str | None:
    """What the tests with a browser lack on this machine; None if nothing."""
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    return None


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """Serve ``folder``/xfiles_db.sqlite with ``options``, and give the address."""
    line = [sys.executable, "-m", "scrapy", "browse", str(folder / "xfiles_db.sqlite"), "--port=0", *options]
    # A busy machine may take longer than a second to answer a question.
    line += ["--setting", "sql_time_limit_ms", str(TIMEOUT * 1000)]
    path = folder / "browse.log"
    with open(path, "w") as log, subprocess.Popen(line, cwd=PROJECT, stderr=log) as process:
        try:
            yield wait_until(lambda: re.findall(r"shown at (http://[\w.]+:\d+)/", path.read_text()))[0]
        finally:
            process.terminate()


class Chromium:
    """A window ``width`` pixels wide."""

    def __init__(self, width: int) -> None:
        from selenium import webdriver

        self.width = width
        self.profile = tempfile.TemporaryDirectory()
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        # The flags after the first two keep the browser itself from calling home.
        for flag in (
            "headless",
            "no-sandbox",
            "disable-gpu",
            "disable-quic",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "hide-scrollbars",
            f"user-data-dir={self.profile.name}",
        ):
            options.add_argument(f"--{flag}")
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
        self._resize(800)

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *error) -> None:
        self.driver.quit()
        self.profile.cleanup()

    def texts(self, selector: str) -> list[str]:
        """The text of each element that the CSS ``selector`` finds."""
        # In one question: WebDriver's own take one for each element.
        script = "return Array.from(document.querySelectorAll(arguments[0]), element => element.innerText.trim())"
        return self.driver.execute_script(script, selector)

    def wait_for(self, selector: str, number: int = 1) -> list:
        """The elements that ``selector`` finds, as soon as there are ``number`` of them."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            elements = self.driver.find_elements("css selector", selector)
            if len(elements) >= number:
                return elements
            assert time.monotonic() < deadline, f"{len(elements)} of {number} {selector}: {self.messages()}"
            time.sleep(0.1)

    def follow(self, action: Callable[[], None]) -> None:
        """Do ``action``, a click or a submission, and wait for the page that it leads to."""
        from selenium.webdriver.support.expected_conditions import staleness_of

        page = self.driver.find_element("css selector", "html")
        action()
        wait_until(lambda: staleness_of(page)(self.driver))
        wait_until(lambda: self.driver.execute_script("return document.readyState") == "complete")

    def messages(self) -> list[str]:
        """What the pages wrote to the console since the last call: errors, mostly."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The URL of each request since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]

    def scheme(self, name: str) -> None:
        """Prefer the colour scheme ``name``, light or dark, as the system's."""
        self.media("", name)

    def media(self, name: str, scheme: str = "light") -> None:
        """Show pages as on ``name``: print, or "" for the screen."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": name, "features": features})

    def screenshot(self, path: Path, height: int) -> None:
        """Write a picture of the page as PNG, ``height`` pixels of it at most."""
        self._resize(400)
        self._resize(min(height, self.driver.execute_script("return document.documentElement.scrollHeight")))
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": False})
        self._resize(800)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _resize(self, height: int) -> None:
        metrics = {"width": self.width, "height": height, "deviceScaleFactor": 1, "mobile": self.width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
