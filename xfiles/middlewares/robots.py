"""What robots.txt says beyond its rules: how slowly to crawl; and a robots.txt that can't be read."""

import logging
from typing import Self
from urllib.parse import urlsplit

from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser

from xfiles.failures import describe, refusal

logger = logging.getLogger(__name__)

_LONGEST = 600  # seconds that a Crawl-delay may ask for
_MOST = 512_000  # bytes that are read, as RFC 9309, 2.5, asks for: of 4 MB, the parser takes twenty seconds


class RobotsMiddleware:
    """Honours a Crawl-delay, up to ten minutes, and takes a robots.txt that can't be read for one that forbids all.

    So says RFC 9309, 2.3.1.4, of one that the server or the network fails to give; Scrapy takes it for one that forbids
    nothing, as it is when the server says that there is none. Of crawls that share the work, each waits so much longer.

    Between RobotsTxtMiddleware and RetryMiddleware.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.slow: set[str] = set()  # the downloader's slots whose delay is robots.txt's
        self.unread: dict[str, str] = {}  # the hosts whose robots.txt can't be read, and why not

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.robots_parsed, scrapy_signals.robots_parsed)
        return middleware

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        settings, downloader = self.crawler.settings, self.crawler.engine.downloader
        asked = robotparser.crawl_delay(settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]) or 0.0
        delay = min(asked, _LONGEST) * settings.getint("XFILES_CRAWLS")
        key = downloader.get_slot_key(request)
        own = downloader.per_slot_settings.get(key, {})
        if delay > own.get("delay", settings.getfloat("DOWNLOAD_DELAY")):
            logger.info("robots.txt asks for %g seconds between requests: it gets %g", asked, delay)
            # For the slot that there is, and for the next: the downloader forgets one that isn't used for a minute.
            downloader.per_slot_settings[key] = own | {"delay": delay, "jitter": 0.0}
            if slot := downloader.slots.get(key):
                slot.delay, slot.jitter = delay, 0.0
            self.slow.add(key)

    def process_request(self, request: Request) -> None:
        if (cause := self.unread.get(urlsplit(request.url).netloc)) and not _is_robots_txt(request):
            raise IgnoreRequest(f"{cause}: it is robots.txt that can't be read, and without it nothing may be fetched")
        if self.crawler.engine.downloader.get_slot_key(request) in self.slow:
            request.meta["autothrottle_dont_adjust_delay"] = True

    def process_response(self, request: Request, response: Response) -> Response:
        if not _is_robots_txt(request):
            return response
        if response.status >= 500:
            self._forbid(request, refusal(response))
        if len(response.body) > _MOST:
            # At a line's end, else "Disallow: /a" might become "Disallow: /".
            return Response(response.url, response.status, body=response.body[:_MOST].rpartition(b"\n")[0])
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if not _is_robots_txt(request):
            return
        if not isinstance(exception, IgnoreRequest):  # of which one says that the crawl is over, or nobody's robots.txt
            self._forbid(request, describe(exception))
        # Scrapy would log another error with a traceback.
        raise IgnoreRequest("robots.txt can't be read") from exception

    def _forbid(self, request: Request, cause: str) -> None:
        logger.warning("%s can't be read: %s. To crawl without it, add -s ROBOTSTXT_OBEY=0", request.url, cause)
        first = request.meta.get("redirect_urls", [request.url])[0]
        self.unread[urlsplit(first).netloc] = cause


def _is_robots_txt(request: Request) -> bool:
    return request.callback is NO_CALLBACK and bool(request.meta.get("dont_obey_robotstxt"))
