"""The HTTP cache, made safe against being killed."""

from pathlib import Path

from scrapy import Spider
from scrapy.extensions.httpcache import FilesystemCacheStorage
from scrapy.http import Request, Response


class WholeResponseCacheStorage(FilesystemCacheStorage):
    """Gives back only what was stored to the end.

    Scrapy's storage writes a response's files one after another, the one that makes it count first: killed in between,
    it would give back a page without its end, and the host would confirm that page as unchanged.
    """

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        whole = self._whole(spider, request)
        whole.unlink(missing_ok=True)
        super().store_response(spider, request, response)
        whole.touch()

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        if not self._whole(spider, request).exists():
            return None
        return super().retrieve_response(spider, request)

    def _whole(self, spider: Spider, request: Request) -> Path:
        return Path(self._get_request_path(spider, request), "whole")
