"""The HTTP cache: what is kept of the host's answers, when the host is asked again, and how it is kept on disk."""

import json
import logging
import os
from collections import defaultdict
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time
from typing import Self
from urllib.parse import urljoin

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.utils.project import data_path
from scrapy.utils.response import response_from_dict

from xfiles import signals
from xfiles.ledger import Summary
from xfiles.reading.addresses import original_url, page_key

logger = logging.getLogger(__name__)

_REDIRECTS = (301, 302, 303, 307, 308)
_KEPT = (200, 203, *_REDIRECTS)
# The header that makes a request conditional, by the one of the former answer whose value it takes.
_CONDITIONS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


class AskingPolicy:
    """Keeps each page and each redirect, and asks the host each time whether it changed.

    Scrapy's RFC2616Policy believes that a page last changed 20 years ago stays as it is for two, takes the kept page
    for an answer when the host fails, and keeps no page without a validator, which an offline run then lacks.
    """

    def __init__(self, settings: BaseSettings) -> None:
        pass

    def should_cache_request(self, request: Request) -> bool:
        return True

    def should_cache_response(self, response: Response, request: Request) -> bool:
        return response.status in _KEPT

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        """Whether the host needn't be asked; else ``request`` is made to ask for a change only."""
        if is_capture(cachedresponse):
            return True
        for validator, condition in _CONDITIONS.items():
            if validator in cachedresponse.headers:
                request.headers[condition] = cachedresponse.headers[validator]
        return False

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:
        return response.status == 304


def is_capture(response: Response) -> bool:
    """Whether ``response`` is a web archive's copy of a page, which never changes, or leads to one.

    An archive marks a copy with Memento-Datetime (RFC 7089), but not its own errors.
    """
    if original_url(response.url) == response.url:
        return False
    if response.status in _REDIRECTS:
        url = urljoin(response.url, (response.headers.get("Location") or b"").decode("latin-1"))
        return original_url(url) != url
    return "Memento-Datetime" in response.headers


class AskingCacheMiddleware(HttpCacheMiddleware):
    """Scrapy's HttpCacheMiddleware, but a kept page never stands for one that the host could not be asked about.

    What a page was lost with is deleted, and so are the redirects that led there: otherwise the host might go on
    confirming, say, a maintenance page newer than the transcript.
    """

    answered: defaultdict[str, list[Request]]  # by PAGE, until it is done

    DOWNLOAD_EXCEPTIONS = ()  # type: ignore[assignment]  # those after which Scrapy reads a page from the cache without a word

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        middleware.answered = defaultdict(list)
        crawler.signals.connect(middleware.episode_stored, signals.episode_stored)
        crawler.signals.connect(middleware.page_done, signals.page_moved)
        crawler.signals.connect(middleware.page_failed, signals.page_failed)
        crawler.signals.connect(middleware.crawl_failed, signals.crawl_failed)
        return middleware

    # The types differ: Scrapy's own take a spider, too, which they ask nobody to pass.
    def process_request(self, request: Request) -> Request | Response | None:  # type: ignore[override]
        # A redirect takes over the headers of the request that led to it: conditions about another page.
        for condition in _CONDITIONS.values():
            request.headers.pop(condition, None)
        try:
            return super().process_request(request)
        except IgnoreRequest:
            raise IgnoreRequest("the HTTP cache has no copy of it: crawl once with the network first") from None

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        result = super().process_response(request, response)
        if isinstance(result, Response) and result.status in _KEPT:
            first = request.meta.get("redirect_urls", [request.url])[0]
            self.answered[page_key(first)].append(request)
        return result

    def episode_stored(self, episode: Summary) -> None:
        self.page_done(episode.page)

    def page_done(self, page: str) -> None:
        self.answered.pop(page, None)

    def page_failed(self, page: str) -> None:
        for request in self.answered.pop(page, ()):
            self.storage.forget(self.crawler.spider, request)

    def crawl_failed(self) -> None:
        for page in list(self.answered):  # the home page, and robots.txt
            self.page_failed(page)


class WholeResponseCacheStorage:
    """Keeps each response in one file, which is there whole or not at all, and which only its owner can read.

    Scrapy's own storage writes seven, the one that makes a response count first: killed in between, it would give back
    a page without its end. Two of them hold pickles: whoever can write one runs code in the crawl.

    A file is a line with the SHA-256 of what follows, a line of JSON, and the body. What is not such a file is not
    there. If the disk fails, the crawl goes on without a cache, and says so once.
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
        except (OSError, NotConfigured) as error:  # outside a project, where a relative folder is nowhere
            self._give_up(error)

    def close_spider(self, spider: Spider) -> None:
        pass

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
        return response_from_dict({"url": stored["url"], "status": stored["status"], "headers": headers, "body": body})

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        if not self.writable:
            return
        head = {
            "url": response.url,
            "status": response.status,
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

    def forget(self, spider: Spider, request: Request) -> None:
        """Delete what is stored for ``request``, if there is something."""
        try:
            self._path(request).unlink(missing_ok=True)
        except OSError as error:
            self._give_up(error)

    def _path(self, request: Request) -> Path:
        key = self.fingerprinter.fingerprint(request).hex()
        return self.folder / key[:2] / key

    def _give_up(self, error: Exception) -> None:
        if self.writable:
            logger.warning("The crawl goes on without an HTTP cache: %s can't be written: %s", self.folder, error)
        self.writable = False
