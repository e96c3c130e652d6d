"""A host that asks for a pause gets it: 429, 503, and Retry-After."""

import asyncio
import logging
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import Request, Response

from xfiles.middlewares.headers import read_retry_after
from xfiles.reading.addresses import host, original_url

logger = logging.getLogger(__name__)

# A minute, two, four, eight: a web archive that refuses connections does so for some five minutes.
_PAUSES = 4
_LONGEST = 1800  # seconds that Retry-After may ask for
# Addresses in a row, without an answer between them, that speak for the host as a whole: after all pauses, and if each
# asks for a pause that is too long.
_SEVERAL, _MANY = 2, 5


class RetryAfterMiddleware:
    """Pauses after 429, and after 503 with Retry-After, then retries the request, when the others had their turn.

    All requests wait: as long as Retry-After says; if there is none, XFILES_PATIENCE seconds, and twice as long each
    time. A web archive's 503 needs no Retry-After, and once there was a pause, a refused connection leads to another.
    A page is lost after four pauses of its own, and at once if it asks for more than half an hour. If others fare like
    it, and none was answered meanwhile, the host is asked no more, which is logged: raises
    :exc:`~scrapy.exceptions.IgnoreRequest` for each request that is left.

    AutoThrottle changes no delay that DOWNLOAD_SLOTS sets for a host.

    Between RetryMiddleware, which retries at once, and RedirectMiddleware.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.pause = crawler.settings.getfloat("XFILES_PATIENCE")
        self.slots = crawler.settings.getdict("DOWNLOAD_SLOTS")
        self.refusals = 0  # in a row; those of requests sent before a pause began count once
        self.refused: set[str] = set()  # the addresses that were, since one was answered
        self.put_off: set[str] = set()  # those of them that asked for too long a pause
        self.until = 0.0  # the pause's end, by the monotonic clock
        self.exhausted = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if urlsplit(request.url).hostname in self.slots:
            request.meta["autothrottle_dont_adjust_delay"] = True
        # Piece by piece: a crawl that is stopped ends only when no request waits here.
        while self.crawler.engine.running and (left := self.until - monotonic()) > 0:
            await asyncio.sleep(min(left, 0.5))
        if not self.crawler.engine.running:
            raise IgnoreRequest("the crawl was stopped")
        if self.exhausted:
            raise IgnoreRequest("the host refuses to answer more; the next crawl asks for what is missing")

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if "cached" in response.flags:
            return response
        after = read_retry_after(response)
        # The spider's, since an archive's robots.txt is no copy.
        urls = (request.url, getattr(self.crawler.spider, "url", ""))
        is_archive = any(original_url(url) != url for url in urls)
        if response.status == 429 or (response.status == 503 and (is_archive or after is not None)):
            return self._retry(request, f"answers {response.status}", after) or response
        self.refusals = 0
        self.refused.clear()
        self.put_off.clear()
        return response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if self.refusals and isinstance(exception, DownloadConnectionRefusedError):
            return self._retry(request, "refuses connections", None)
        return None

    def _retry(self, request: Request, what: str, after: float | None) -> Request | None:
        # RetryMiddleware would ask again at once.
        request.meta["dont_retry"] = True
        self.refused.add(request.url)
        if after is not None and after > _LONGEST:
            self.put_off.add(request.url)
            if len(self.put_off) >= _MANY:
                self._give_up(request, f"{what} for {_MANY} pages in a row, for {after:.0f} seconds")
            return None
        now = monotonic()
        if now >= self.until:  # else the request was sent before the pause began
            if self.refusals >= _PAUSES and len(self.refused) >= _SEVERAL:
                self._give_up(request, f"{what}, after {self.refusals} pauses")
                return None
            wait = self.pause * 2**self.refusals if after is None else after
            self.refusals += 1
        pauses = request.meta.get("pauses", 0) + 1
        if pauses > _PAUSES:
            return None
        if now >= self.until:
            logger.warning("%s %s: the crawl goes on in %.0f seconds", host(request.url), what, wait)
            self.until = now + wait
        again = request.replace(dont_filter=True, priority=request.priority - 1)
        again.meta["pauses"] = pauses
        del again.meta["dont_retry"]
        return again

    def _give_up(self, request: Request, what: str) -> None:
        if not self.exhausted:
            logger.warning("%s %s: it is asked no more", host(request.url), what)
        self.exhausted = True
