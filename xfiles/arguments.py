"""The spider's arguments, words on a command line -> what they mean."""

import re
from urllib.parse import unquote, urldefrag, urlsplit

from w3lib.url import safe_url_string

_YES, _NO = frozenset(("1", "true", "yes")), frozenset(("0", "false", "no"))
# All up to the last @ before the path: who pastes a password seldom escapes it.
_LOGIN = re.compile(r"(https?://)(?:([^/?#:]*)(?::([^/?#]*))?@)?(.*)", re.IGNORECASE | re.DOTALL)


class ArgumentError(ValueError):
    """An argument that makes no sense; the message says what to give, and holds no password."""


def read_url(url: str) -> tuple[str, str, str]:
    """The address that ``url`` names, escaped and without a fragment, and the user and password for it, "" if it has
    none.

    Raises :exc:`ArgumentError` if it is no address on the web.
    """
    login = _LOGIN.fullmatch(url.strip())
    scheme, user, password, rest = login.groups("") if login else ("", "", "", "")
    try:
        parts = urlsplit(scheme + rest)
        usable = parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        shown = url.strip().rpartition("@")[2]  # without what may be a password
        raise ArgumentError(f"url is {shown!r}: give one that starts with http:// or https://")
    return safe_url_string(urldefrag(parts.geturl()).url), unquote(user), unquote(password)


def read_bypass(bypass: str) -> bool:
    """Whether ``bypass`` means yes. Raises :exc:`ArgumentError` if it means neither yes nor no."""
    if bypass.lower() not in _YES | _NO:
        raise ArgumentError(f"bypass is {bypass!r}: give 1 or 0, true or false, yes or no")
    return bypass.lower() in _YES


def read_season(season: str) -> int:
    """The season that ``season`` means. Raises :exc:`ArgumentError` if it is no number from 1 to 99."""
    if not re.fullmatch(r"[1-9]\d?", season):
        raise ArgumentError(f"season is {season!r}: give a number from 1, such as 5")
    return int(season)


def read_links(links: str) -> str:
    """``links``, what the address of a transcript contains. Raises :exc:`ArgumentError` if it is no part of a path."""
    if not re.fullmatch(r"((?!\.\.?/)[\w.~-]+/)+[\w.~-]*", links, re.ASCII):
        raise ArgumentError(f"links is {links!r}: give a folder and what names in it begin with, such as transcrp/tlg")
    return links


def read_part(part: str) -> tuple[int, int]:
    """K and N of ``part``, "K/N". Raises :exc:`ArgumentError` if it is not that, or K is not from 1 to N."""
    numbers = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", part)
    if numbers is None or int(numbers[1]) > int(numbers[2]):
        raise ArgumentError(f"part is {part!r}: give K/N with K from 1 to N, such as 2/4")
    return int(numbers[1]), int(numbers[2])
