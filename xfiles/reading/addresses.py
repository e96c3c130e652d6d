"""Addresses: the many spellings of a page's URL -> the one name of the page, and the numbers of its speeches."""

import re
from contextlib import suppress
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from w3lib.url import canonicalize_url

from xfiles.reading.text import stable_hash

# A copy in a web archive: …/web/20230105id_/http://host/path. The day may be cut short, or missing: the latest copy.
# What follows it, such as id_, says how the archive alters the page. Some software makes one slash of the two.
_COPY = re.compile(r"https?://[^/]+/(?:[^?#]*/)?(?=[^/])(\d{4,14})?([a-z]{2}_)?/(https?):/{1,2}(?=[^/])", re.IGNORECASE)
_SLASHES = re.compile("(?<!:)//+")
# A page of the site, whose names are in lower case: another case is another spelling.
_TRANSCRIPT = re.compile(r"/transcrp/[a-z]+\d+\.html?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def original_url(url: str) -> str:
    """The address that ``url`` is a copy of, if it is one in a web archive; else ``url``."""
    while copy := _COPY.match(url):
        url = f"{copy[3]}://{url[copy.end() :]}"
    return url


def is_dated(url: str) -> bool:
    """Whether ``url`` is that of a copy in a web archive, made on a day that it names."""
    copy = _COPY.match(url)
    return copy is not None and copy[1] is not None


def host(url: str) -> str:
    """The host of ``url`` in lower case and ASCII, without ``www.`` and a default port; "" if it has none."""
    parts = urlsplit(url)
    name = unquote(parts.hostname or "")  # within the address of a copy, a letter may be escaped
    if not name.isascii():
        with suppress(UnicodeError):  # it is none then
            name = name.encode("idna").decode()  # as Scrapy asks for it
    name = name.removeprefix("www.").rstrip(".")
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return name + port if name else ""


def page_key(url: str) -> str:
    """The name of the page at ``url``, such as ``insidethex.co.uk/transcrp/scrp511.htm``: the key of its episode.

    The same for every spelling of the address and for every copy in a web archive: no scheme, ``www.``, default port,
    fragment or second slash; escapes and query in one spelling, and so the name of a page of the site. Raises
    :exc:`ValueError` if ``url`` is no address.
    """
    url = original_url(url.strip())
    parts = urlsplit(canonicalize_url(url))
    query = f"?{parts.query}" if parts.query else ""
    path = _SLASHES.sub("/", parts.path) or "/"
    return f"{host(url)}{path.lower() if _TRANSCRIPT.fullmatch(path) else path}{query}"


def stem(page: str) -> str:
    """The last part of the address or the name of a page, without its ending: ``scrp511``."""
    return PurePosixPath(page.partition("#")[0].partition("?")[0]).stem


def speech_id(page: str, line: int) -> int:
    """The ID of the speech at ``line`` of the page named ``page``, the same in every database, below 2^53.

    One more than that of the speech before it, and far from those of other pages: of 28,000 archives with 20,000 pages
    of 400 speeches, one has an ID twice. JavaScript can hold no larger number.
    """
    return stable_hash(page) % 2**52 + line


def join(base: str, href: str) -> str:
    """The address that ``href``, a link on the page at ``base``, leads to; from a web archive's copy, to another copy.

    An archive leaves links as they were or rewrites them, and ``urljoin`` would make one slash of the two in an
    address within an address. Raises :exc:`ValueError` if that is no address.
    """
    url = urljoin(original_url(base), href.strip())
    copy = _COPY.match(base)
    if copy is None or urlsplit(url).scheme not in _DEFAULT_PORTS:
        return url
    return base[: copy.start(3)] + original_url(url)


def unaltered(url: str) -> str:
    """The address of the same copy without the archive's additions if ``url`` is one in a web archive; else ``url``."""
    copy = _COPY.match(url)
    if copy is None or copy[2]:
        return url
    return f"{url[: copy.end(1)]}id_{url[copy.end(1) :]}"
