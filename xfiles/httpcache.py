"""The HTTP cache's storage, safe against being killed."""

import os
import pickle
from pathlib import Path
from time import time
from typing import Any

from scrapy import Spider
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.utils.project import data_path
from scrapy.utils.response import response_from_dict


class WholeResponseCacheStorage:
    """Keeps each response in one file, which is there whole or not at all.

    Scrapy's own storage writes seven, the one that makes a response count first: killed in between, it would give back
    a page without its end, and the host would confirm that page as unchanged.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self.folder = Path(data_path(settings["HTTPCACHE_DIR"]))
        self.expiration = settings.getint("HTTPCACHE_EXPIRATION_SECS")

    def open_spider(self, spider: Spider) -> None:
        self.fingerprinter = spider.crawler.request_fingerprinter

    def close_spider(self, spider: Spider) -> None:
        pass

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """The response stored for ``request``; None if there is none, or it has expired."""
        try:
            stored: dict[str, Any] = pickle.loads(self._path(spider, request).read_bytes())
        except (FileNotFoundError, EOFError, pickle.UnpicklingError):  # a power cut can leave an empty file
            return None
        stored_at = stored.pop("timestamp")
        if 0 < self.expiration < time() - stored_at:
            return None
        request.meta["cache_timestamp"] = stored_at
        return response_from_dict(stored)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        # Not response.to_dict(): of a text it holds a guess at the encoding, which takes longer than to parse the page.
        stored = {
            "url": response.url,
            "status": response.status,
            "headers": dict(response.headers),
            "body": response.body,
            "timestamp": time(),
        }
        path = self._path(spider, request)
        part = path.with_suffix(f".{os.getpid()}")
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            pickle.dump(stored, file)
        part.replace(path)

    def _path(self, spider: Spider, request: Request) -> Path:
        key = self.fingerprinter.fingerprint(request).hex()
        return self.folder / spider.name / key[:2] / key
