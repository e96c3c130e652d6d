"""Where a redirect may lead: to the same site, and not back; and where a password may go."""

import re
from typing import Self
from urllib.parse import urldefrag, urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from xfiles.reading.addresses import host, original_url

_LOGIN = re.compile(rb"^(https?://)[^/?#]*@", re.IGNORECASE)


class OtherSiteError(IgnoreRequest):
    """A redirect leads to ``url``, on another host. Raised by :class:`SameSiteMiddleware`."""

    def __init__(self, url: str) -> None:
        super().__init__(f"it leads to {url}, which is not followed")
        self.url = url


class SameSiteMiddleware:
    """Refuses requests to other hosts than the spider's ``hosts``, and redirects in a circle.

    A password that was given for https doesn't go by http, neither by a redirect nor by a link.

    Raises :exc:`OtherSiteError` and :exc:`~scrapy.exceptions.IgnoreRequest`, so that the request's errback is called.
    Scrapy's OffsiteMiddleware and its filter of duplicates would drop such a redirect, and tell nobody; so the first is
    off, and the spider's requests have ``dont_filter``. Between RedirectMiddleware and the HTTP cache.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        # Both the archive's and the original's: the site's copy in another archive isn't the site, nor is another
        # site's copy in the same archive.
        hosts = {host(request.url), host(original_url(request.url))}
        # Scrapy's own spider, that of scrapy fetch and scrapy shell, goes anywhere.
        if not hosts <= getattr(self.crawler.spider, "hosts", hosts):
            raise OtherSiteError(request.url)
        # HttpAuthMiddleware adds it to each request to its host.
        if request.url.startswith("http:") and getattr(self.crawler.spider, "url", "").startswith("https:"):
            request.headers.pop("Authorization", None)
        url = urldefrag(request.url).url
        if url in (urldefrag(former).url for former in request.meta.get("redirect_urls", ())):
            raise IgnoreRequest(f"it leads to {request.url}, in a circle, which is not followed")

    def process_response(self, request: Request, response: Response) -> Response:
        if (location := response.headers.get("Location")) is not None:
            # A log needs no password.
            location = _LOGIN.sub(rb"\1", location)
            # RedirectMiddleware's urljoin would make one slash of the two in a web archive's path.
            if location.startswith(b"/") and not location.startswith(b"//"):
                parts = urlsplit(request.url)
                location = f"{parts.scheme}://{parts.netloc}".encode() + location
            response.headers["Location"] = location
        return response
