"""A host that has had enough is left alone for as long as it says."""

import asyncio
import logging
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import Request, Response

from xfiles.reading.addresses import host, original_url

logger = logging.getLogger(__name__)

# A minute, two, four, eight: a web archive that refuses connections does so for some five minutes.
_PAUSES = 4
_LONGEST = 1800  # seconds; whoever is told to come back later than that is told so


class PatienceMiddleware:
    """Waits when the host answers 429, or 503 with Retry-After, and then asks again.

    All requests wait, for as long as Retry-After says, else XFILES_PATIENCE seconds, doubled each time. A web archive's
    503 without Retry-After is waited out, too, and connections that the host refuses after the first of these answers.
    A host that still refuses is asked no more: raises :exc:`~scrapy.exceptions.IgnoreRequest` for what is left.
    A host with an entry in DOWNLOAD_SLOTS keeps the delay that this names.

    Between RetryMiddleware, which asks again at once, and RedirectMiddleware.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.pause = crawler.settings.getfloat("XFILES_PATIENCE")
        self.slots = crawler.settings.getdict("DOWNLOAD_SLOTS")
        self.refusals = 0  # in a row; answers to requests that were under way already don't count
        self.until = 0.0  # by the monotonic clock
        self.exhausted = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if urlsplit(request.url).hostname in self.slots:  # else AutoThrottle shortens the delay that is set there
            request.meta["autothrottle_dont_adjust_delay"] = True
        # Not in one go: a crawl that is stopped waits for the requests that are under way.
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
        is_copy = original_url(request.url) != request.url
        if response.status == 429 or (response.status == 503 and (is_copy or after is not None)):
            return self._ask_again(request, f"answers {response.status}", after) or response
        self.refusals = 0
        return response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if self.refusals and isinstance(exception, DownloadConnectionRefusedError):
            return self._ask_again(request, "refuses connections", None)
        return None

    def _ask_again(self, request: Request, what: str, after: float | None) -> Request | None:
        now = monotonic()
        if now >= self.until:  # else the answer to a request that was under way already
            wait = self.pause * 2**self.refusals if after is None else after
            self.refusals += 1
            self.exhausted = self.refusals > _PAUSES or wait > _LONGEST
            if not self.exhausted:
                logger.warning("%s %s: the crawl goes on in %.0f seconds", host(request.url), what, wait)
                self.until = now + wait
        pauses = request.meta.get("pauses", 0) + 1
        if self.exhausted or pauses > _PAUSES:
            return None
        again = request.replace(dont_filter=True)
        again.meta["pauses"] = pauses
        return again


def read_retry_after(response: Response) -> float | None:
    """How many seconds from now the header Retry-After names; None if there is none that can be read."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (ValueError, OverflowError):  # the latter of a year that has too many digits
        return None
