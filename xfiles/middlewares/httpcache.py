"""The HTTP cache: which responses are stored, how they are revalidated, and what a stored one is on disk."""

import json
import logging
import os
from collections import defaultdict
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time
from typing import Self
from urllib.parse import urljoin

from scrapy import Spider
from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.utils.project import data_path
from scrapy.utils.response import response_from_dict

from xfiles import signals
from xfiles.middlewares.headers import read_date
from xfiles.reading.addresses import is_dated, page_key

logger = logging.getLogger(__name__)

_REDIRECTS = (301, 302, 303, 307, 308)
_CACHEABLE = (200, 203, *_REDIRECTS)
# For each validator, a header of the stored response, the header that makes a request conditional on its value.
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
# The seconds after its last change from which on a page can't change again within the same second, whatever two clocks
# say: RFC 9110, 8.8.2.2.
_SETTLED = 60
_ABANDONED = 3600  # seconds after which nobody writes a file any more; other crawls may share the cache


class RevalidatingPolicy:
    """Stores each page and each redirect, and has the host revalidate it each time.

    Scrapy's RFC2616Policy takes a page last changed 20 years ago for fresh for two more, uses a stored page when the
    host fails, and stores no page without a validator, which an offline run then lacks.
    """

    def __init__(self, settings: BaseSettings) -> None:
        pass

    def should_cache_request(self, request: Request) -> bool:
        return not request.meta.get("dont_obey_robotstxt")  # robots.txt itself, which the spider doesn't see

    def should_cache_response(self, response: Response, request: Request) -> bool:
        return response.status in _CACHEABLE

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """Whether ``cachedresponse`` needs no revalidation. If it does, this makes ``request`` conditional, unless that
        was in vain before."""
        if is_memento(cachedresponse):
            return True
        if request.meta.get("unconditional"):
            return False
        for validator, condition in _VALIDATORS.items():
            if validator in cachedresponse.headers and (validator == "ETag" or _has_settled(cachedresponse)):
                request.headers[condition] = cachedresponse.headers[validator]
        return False

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:
        return is_confirmed(response, request)


def is_confirmed(response: Response, request: Request) -> bool:
    """Whether ``response`` confirms what the conditional ``request`` asked about: RFC 9111, 4.3.4."""
    if response.status != 304:
        return False
    for validator, condition in _VALIDATORS.items():
        if validator in response.headers and condition in request.headers:
            return _opaque(response.headers[validator]) == _opaque(request.headers[condition])
    # An ETag that the stored response lacks is another's, unless it is weak.
    another = not (response.headers.get("ETag") or b"W/").strip().startswith(b"W/")
    return not another and any(condition in request.headers for condition in _VALIDATORS.values())


def _opaque(validator: bytes | None) -> bytes:
    return (validator or b"").strip().removeprefix(b"W/")


def _has_settled(response: Response) -> bool:
    """Whether the page of ``response`` had last changed well before that was sent: else Last-Modified may be another
    version's, too."""
    modified, sent = read_date(response, "Last-Modified"), read_date(response, "Date")
    return modified is not None and sent is not None and sent - modified >= _SETTLED


def is_memento(response: Response) -> bool:
    """Whether ``response`` is a web archive's copy of a page on some day, which never changes, or a redirect to one.

    An archive's copies have the header Memento-Datetime (RFC 7089), its errors don't.
    """
    if not is_dated(response.url):
        return False
    if response.status in _REDIRECTS:
        return is_dated(urljoin(response.url, (response.headers.get("Location") or b"").decode("latin-1")))
    return "Memento-Datetime" in response.headers


class RevalidatingCacheMiddleware(HttpCacheMiddleware):
    """Scrapy's HttpCacheMiddleware, but it keeps only what the crawl could use, and no stored response stands for one.

    An answer, and the redirects that led to it, are stored when the spider takes it for what it asked for, by the
    signal answer_taken, or when the spider itself fails. So no maintenance page replaces a transcript. Nothing is
    deleted: if the host confirms a stored response of which the spider can make nothing, that only loses its
    validators, so that the next crawl asks for the page whole. A page that could not be revalidated fails. If the host
    confirms another response than it was asked about, it is asked again without a condition.
    """

    held: defaultdict[str, list[tuple[Request, Response]]]  # by PAGE, the answers that nobody has taken yet

    # The errors after which Scrapy would use a stored response, and say nothing.
    DOWNLOAD_EXCEPTIONS = ()  # type: ignore[assignment]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        middleware.held = defaultdict(list)
        crawler.signals.connect(middleware.answer_taken, signals.answer_taken)
        crawler.signals.connect(middleware.spider_error, scrapy_signals.spider_error)
        crawler.signals.connect(middleware.page_failed, signals.page_failed)
        crawler.signals.connect(middleware.crawl_failed, signals.crawl_failed)
        return middleware

    # The types differ: Scrapy's own take a spider, too, which they ask nobody to pass.
    def process_request(self, request: Request) -> Request | Response | None:  # type: ignore[override]
        # A redirected request inherits headers: the conditions on another page's validators.
        for condition in _VALIDATORS.values():
            request.headers.pop(condition, None)
        try:
            return super().process_request(request)
        except IgnoreRequest:
            raise IgnoreRequest("the HTTP cache has no copy of it: crawl once with the network first") from None

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        if response.status == 304 and "cached_response" in request.meta and not is_confirmed(response, request):
            if request.meta.get("unconditional"):
                return response
            again = request.replace(dont_filter=True)
            again.meta["unconditional"] = True
            return again
        return super().process_response(request, response)

    def _cache_response(self, response: Response, request: Request) -> None:
        if response.status in _CACHEABLE:
            self.held[_first_page(request)].append((request, response))

    def _freshen_cached_response(self, cachedresponse: Response, response: Response) -> None:
        # A 304 may say what its own, empty body is.
        for header in [header for header in response.headers if header.startswith(b"Content-")]:
            del response.headers[header]
        super()._freshen_cached_response(cachedresponse, response)

    def answer_taken(self, request: Request, unread: bool = False) -> None:
        for former, response in self.held.pop(_first_page(request), ()):
            if unread and former.url == request.url and self.storage.retrieve_response(self.crawler.spider, request):
                continue  # it takes no other's place
            super()._cache_response(response, former)

    def spider_error(self, response: Response) -> None:
        if response.request is not None:
            self.answer_taken(response.request)

    def page_failed(self, page: str) -> None:
        for request, response in self.held.pop(page, ()):
            if "cached" in response.flags:  # confirmed
                for validator in _VALIDATORS:
                    response.headers.pop(validator, None)
                super()._cache_response(response, request)

    def crawl_failed(self) -> None:
        for page in list(self.held):  # the home page's
            self.page_failed(page)


def _first_page(request: Request) -> str:
    """The page that was asked for when redirects led to ``request``."""
    return page_key(request.meta.get("redirect_urls", [request.url])[0])


class WholeResponseCacheStorage:
    """Stores each response in one file, which is there whole or not at all, and which only its owner can read.

    Scrapy's own storage writes seven files, and counts a response as stored once the first is there: after a kill in
    between, it returns a page without its end. Two of them are pickles: whoever can write one runs code in the crawl.

    The file is a line with the SHA-256 of what follows, a line of JSON, and the body; any other counts as missing. If
    the disk fails, the crawl goes on without a cache, and says so once.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self.setting = settings["HTTPCACHE_DIR"]
        self.expiration = settings.getint("HTTPCACHE_EXPIRATION_SECS")
        self.writable = True

    def open_spider(self, spider: Spider) -> None:
        self.fingerprinter = spider.crawler.request_fingerprinter
        self.folder = Path(self.setting, spider.name)
        try:
            self.folder = Path(data_path(self.setting), spider.name)
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self._clear()
        except (OSError, NotConfigured) as error:  # the latter of a relative folder where there is no project
            self._give_up(error)

    def close_spider(self, spider: Spider) -> None:
        pass

    def _clear(self) -> None:
        """Delete the files that crawls left half written when they were killed."""
        for part in self.folder.glob("*/*.*"):
            with suppress(FileNotFoundError):  # another crawl has just written it whole
                if time() - part.stat().st_mtime > _ABANDONED:
                    part.unlink()

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """The response stored for ``request``; None if there is none, or it has expired."""
        try:
            digest, _, rest = self._path(request).read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest != sha256(rest).hexdigest().encode():  # cut by a power cut, or written by an older version
            return None
        head, _, body = rest.partition(b"\n")
        stored = json.loads(head)
        if 0 < self.expiration < time() - stored["timestamp"]:
            return None
        request.meta["cache_timestamp"] = stored["timestamp"]
        headers = {
            name.encode("latin-1"): [value.encode("latin-1") for value in values]
            for name, values in stored["headers"].items()
        }
        facts = {name: stored[name] for name in ("url", "status", "flags") if name in stored}
        return response_from_dict({**facts, "headers": headers, "body": body})

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        if not self.writable:
            return
        head = {
            "url": response.url,
            "status": response.status,
            "flags": [flag for flag in response.flags if flag != "cached"],  # whether its length was unknown
            "headers": {
                name.decode("latin-1"): [value.decode("latin-1") for value in values]
                for name, values in response.headers.items()
            },
            "timestamp": time(),
        }
        rest = json.dumps(head).encode() + b"\n" + response.body
        path = self._path(request)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as part:
                try:
                    part.write(sha256(rest).hexdigest().encode() + b"\n" + rest)
                    part.flush()
                    os.replace(part.name, path)
                except OSError:
                    os.unlink(part.name)
                    raise
        except OSError as error:
            self._give_up(error)

    def _path(self, request: Request) -> Path:
        key = self.fingerprinter.fingerprint(request).hex()
        return self.folder / key[:2] / key

    def _give_up(self, error: Exception) -> None:
        if self.writable:
            logger.warning("The crawl goes on without an HTTP cache: %s can't be written: %s", self.folder, error)
        self.writable = False
