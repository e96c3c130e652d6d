"""What is wrong with a crawl's settings, before anything is fetched."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings
from w3lib.url import file_uri_to_path

from xfiles.arguments import ArgumentError
from xfiles.exporters import COLUMNS
from xfiles.pipelines import read_timeout

#: Settings in which a slip would end in a traceback, or in a crawl without end: the type and the least value of each.
_NUMBERS = {
    "AUTOTHROTTLE_MAX_DELAY": (float, 0),
    "AUTOTHROTTLE_START_DELAY": (float, 0),
    "AUTOTHROTTLE_TARGET_CONCURRENCY": (float, 0),
    "CONCURRENT_REQUESTS": (int, 1),
    "CONCURRENT_REQUESTS_PER_DOMAIN": (int, 1),
    "DOWNLOAD_DELAY": (float, 0),
    "DOWNLOAD_TIMEOUT": (float, 0),
    "XFILES_PATIENCE": (float, 0),
}
_SWITCHES = ("HTTPCACHE_ENABLED", "XFILES_OFFLINE")


def check_settings(settings: BaseSettings) -> None:
    """Raise :exc:`~xfiles.arguments.ArgumentError` if ``settings`` make no sense, by themselves or together."""
    for name, (kind, least) in _NUMBERS.items():
        try:
            good = kind(settings[name]) >= least
        except (TypeError, ValueError):
            good = False
        if not good:
            raise ArgumentError(f"{name} is {settings[name]!r}: give a number, at least {least}")
    try:
        read_timeout(settings["XFILES_DATABASE_TIMEOUT"])
    except ValueError as error:
        raise ArgumentError(str(error)) from None
    for name in _SWITCHES:
        try:
            settings.getbool(name)
        except ValueError:
            raise ArgumentError(f"{name} is {settings[name]!r}: give 1 or 0") from None
    if settings.getbool("XFILES_OFFLINE") and not settings.getbool("HTTPCACHE_ENABLED"):
        raise ArgumentError(
            "XFILES_OFFLINE reads the HTTP cache, which HTTPCACHE_ENABLED=0 switches off: give one of them"
        )
    _check_files(settings)
    if (file := settings["LOG_FILE"]) and not Path(file).absolute().parent.is_dir():
        raise ArgumentError(f"the log can't be written to {file}: there is no such folder")


def _check_files(settings: BaseSettings) -> None:
    """Raise :exc:`~xfiles.arguments.ArgumentError` if two things are to be in one file, or a feed in one that can't be
    appended to."""
    files = [
        ("XFILES_DATABASE", "the database", settings["XFILES_DATABASE"]),
        ("XFILES_REPORT", "the report", settings["XFILES_REPORT"]),
        ("LOG_FILE", "the log", settings["LOG_FILE"]),
    ]
    files += [("the feed", "another feed", path) for path, _ in _feeds(settings)]
    taken: dict[tuple[int, int] | Path, str] = {}
    for name, thing, file in files:
        if file and (identity := _identity(Path(file))):
            if identity in taken:
                raise ArgumentError(f"{name} is {file!r}, which is {taken[identity]}: give another file")
            taken[identity] = thing
    for path, options in _feeds(settings):
        if not options.get("overwrite") and os.path.isfile(path) and os.path.getsize(path):
            _check_appended(path, options, settings)


def _feeds(settings: BaseSettings) -> Iterator[tuple[str, dict[str, Any]]]:
    """The paths and the options of the feeds that are written to files whose names are known."""
    for feed, options in settings.getdict("FEEDS").items():
        address = str(feed)
        if urlsplit(address).scheme in ("", "file") and "%(" not in address:
            yield file_uri_to_path(address) if address.startswith("file:") else address, options


def _identity(path: Path) -> tuple[int, int] | Path | None:
    """What two paths have in common if they lead to one file; None if they may, as to /dev/null."""
    if path.is_file():
        found = path.stat()
        return found.st_dev, found.st_ino
    return None if path.exists() else path.resolve()


def _check_appended(path: str, options: dict[str, Any], settings: BaseSettings) -> None:
    """Raise :exc:`~xfiles.arguments.ArgumentError` if the feed in the file at ``path`` can't be appended to."""
    advice = "give -O in place of -o, which writes it anew, or another file"
    form = options.get("format")
    if form in ("json", "xml"):
        raise ArgumentError(f"the feed {path!r} exists, and {form} can't be appended to: {advice}")
    if form == "csv" and not (options.get("fields") or settings["FEED_EXPORT_FIELDS"] or options.get("postprocessing")):
        encoding = options.get("encoding") or settings["FEED_EXPORT_ENCODING"]
        with open(path, encoding=encoding, errors="replace") as file:
            if file.readline(1000).strip("\ufeff\r\n") != ",".join(COLUMNS):
                raise ArgumentError(f"the feed {path!r} has other columns: {advice}")
