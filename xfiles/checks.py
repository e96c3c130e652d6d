"""What is wrong with a crawl's settings, before anything is fetched."""

import codecs
import dataclasses
import os
from collections.abc import Iterator
from logging import Handler
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings, default_settings
from w3lib.url import file_uri_to_path

from xfiles import settings as project
from xfiles.arguments import ArgumentError
from xfiles.exporters import COLUMNS
from xfiles.items import DialogueItem
from xfiles.pipelines import DAY

# What a setting may be is what its default is: a switch, a whole number, any number.
_DEFAULTS = {name: value for module in (default_settings, project) for name, value in vars(module).items()}
#: Seconds to wait, of which many more would be a crawl without end.
_WAITS = frozenset(
    """
    AUTOTHROTTLE_MAX_DELAY AUTOTHROTTLE_START_DELAY DNS_TIMEOUT DOWNLOAD_DELAY DOWNLOAD_TIMEOUT XFILES_DATABASE_TIMEOUT
    XFILES_PATIENCE
""".split()
)
#: The least of each number that may not be 0.
_LEAST = dict.fromkeys(
    """
    CONCURRENT_ITEMS CONCURRENT_REQUESTS CONCURRENT_REQUESTS_PER_DOMAIN REACTOR_THREADPOOL_MAXSIZE XFILES_CRAWLS
""".split(),
    1,
)


def check_settings(settings: BaseSettings) -> None:
    """Raise :exc:`~xfiles.arguments.ArgumentError` if ``settings`` make no sense, by themselves or together."""
    for name, default in _DEFAULTS.items():
        if name.isupper() and settings[name] != default:
            _check_setting(name, type(default), settings)
    for host, slot in settings.getdict("DOWNLOAD_SLOTS").items():
        try:
            good = all(0 <= float(value) <= DAY for value in slot.values()) and slot.get("concurrency", 1) >= 1
        except (AttributeError, TypeError, ValueError):
            good = False
        if not good:
            raise ArgumentError(f'DOWNLOAD_SLOTS has {slot!r} for {host}: give {{"concurrency": 1, "delay": 4}}')
    for name in ("DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES"):
        if missing := [path for path in _DEFAULTS[name] if path.startswith("xfiles.") and path not in settings[name]]:
            raise ArgumentError(f"{name} lacks {missing[0]}: give those of the project's settings.py, too")
    if settings.getbool("XFILES_OFFLINE") and not settings.getbool("HTTPCACHE_ENABLED"):
        raise ArgumentError(
            "XFILES_OFFLINE reads the HTTP cache, which HTTPCACHE_ENABLED=0 switches off: give one of them"
        )
    _check_files(settings)
    if (file := settings["LOG_FILE"]) and not Path(file).absolute().parent.is_dir():
        raise ArgumentError(f"the log can't be written to {file}: there is no such folder")


def _check_setting(name: str, kind: type, settings: BaseSettings) -> None:
    """Raise :exc:`~xfiles.arguments.ArgumentError` if the setting ``name`` is not of its ``kind``, or out of range."""
    value, least = settings[name], _LEAST.get(name, 0)
    advice = ""
    try:
        if kind is bool:
            advice = "1 or 0"
            settings.getbool(name)
        elif name.endswith("_CODES"):
            advice = "numbers, such as 500,503"
            list(map(int, settings.getlist(name)))
        elif name.endswith(("_PRIORITY", "_PRIORITY_ADJUST")):
            advice = "a whole number"
            int(value)
        elif name in _WAITS:
            advice = f"seconds from 0 to {DAY}, such as {_DEFAULTS[name]}"
            if not 0 <= float(value) <= DAY:
                raise ValueError(value)
        elif kind is int or kind is float:
            advice = f"a {'whole ' * (kind is int)}number, at least {least}"
            if not least <= kind(value) < inf:
                raise ValueError(value)
        elif name.endswith("_ENCODING") and value:
            advice = "an encoding, such as utf-8"
            codecs.lookup(value)
        elif name.endswith("LOG_LEVEL"):
            advice = "CRITICAL, ERROR, WARNING, INFO or DEBUG"
            Handler().setLevel(int(value) if str(value).isdigit() else value)
    except (LookupError, TypeError, ValueError):
        raise ArgumentError(f"{name} is {value!r}: give {advice}") from None


def _check_files(settings: BaseSettings) -> None:
    """Raise :exc:`~xfiles.arguments.ArgumentError` if two things are to be in one file, or a feed where it can't be."""
    files = [
        ("XFILES_DATABASE", "the database", settings["XFILES_DATABASE"]),
        ("XFILES_REPORT", "the report", settings["XFILES_REPORT"]),
        ("LOG_FILE", "the log", settings["LOG_FILE"]),
    ]
    files += [("the feed", "another feed", path) for path, _ in _feeds(settings)]
    taken: dict[tuple[int, int] | str, str] = {}
    for name, thing, file in files:
        if file and (identity := _identity(Path(file))):
            if identity in taken:
                raise ArgumentError(f"{name} is {file!r}, which is {taken[identity]}: give another file")
            taken[identity] = thing
    for path, options in _feeds(settings):
        _check_feed(path, options or {}, settings)


def _feeds(settings: BaseSettings) -> Iterator[tuple[str, dict[str, Any]]]:
    """The paths and the options of the feeds that are written to files whose names are known."""
    for feed, options in settings.getdict("FEEDS").items():
        address = str(feed)
        if urlsplit(address).scheme in ("", "file") and "%(" not in address:
            yield file_uri_to_path(address) if address.startswith("file:") else address, options


def _identity(path: Path) -> tuple[int, int] | str | None:
    """What two paths have in common if they lead to one file; None if they may, as to /dev/null."""
    if path.is_file():
        found = path.stat()
        return found.st_dev, found.st_ino
    return None if path.exists() else os.path.realpath(path)


def _check_feed(path: str, options: dict[str, Any], settings: BaseSettings) -> None:
    """Raise :exc:`~xfiles.arguments.ArgumentError` if the feed that is to be in the file at ``path`` can't be."""
    place = Path(path).absolute()
    while not place.exists():
        place = place.parent
    if place.is_dir() is (place == Path(path).absolute()) or not os.access(place, os.W_OK):
        raise ArgumentError(f"the feed can't be written to {path!r}: give another file")
    form = options.get("format")
    fields = COLUMNS if form == "csv" else [field.name for field in dataclasses.fields(DialogueItem)]
    chosen = options.get("fields") or settings.getdictorlist("FEED_EXPORT_FIELDS") or fields
    if unknown := [field for field in chosen if field not in fields]:
        raise ArgumentError(f"the feed {path!r} has no field {unknown[0]!r}: give some of {', '.join(fields)}")
    if options.get("overwrite") or not os.path.isfile(path) or not os.path.getsize(path):
        return
    advice = "give -O in place of -o, which writes it anew, or another file"
    if form in ("json", "xml"):
        raise ArgumentError(f"the feed {path!r} exists, and {form} can't be appended to: {advice}")
    if options.get("postprocessing"):
        return
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        if file.read() != b"\n" and form in ("csv", "jsonlines", "jsonl", "jl"):
            raise ArgumentError(f"the feed {path!r} ends in the midst of a line: {advice}")
    if form == "csv":
        header = ",".join(chosen.values() if isinstance(chosen, dict) else chosen)
        encoding = options.get("encoding") or settings["FEED_EXPORT_ENCODING"]
        with open(path, encoding=encoding, errors="replace") as lines:
            if lines.readline(1000).strip("\ufeff\r\n") != header:
                raise ArgumentError(f"the feed {path!r} has other columns: {advice}")
