"""What Scrapy itself gets wrong for this site."""

import zlib
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Request, Response, TextResponse
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom


class WholeGzipMiddleware:
    """Refuses a compressed body that ends too soon, of which Scrapy would keep the part that it can read.

    Raises :exc:`scrapy.exceptions.ResponseDataLossError`.
    """

    def __init__(self, maxsize: int) -> None:
        self.maxsize = maxsize

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        if response.headers.get("Content-Encoding", b"").strip().lower() in (b"gzip", b"x-gzip"):
            stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                stream.decompress(response.body, self.maxsize)
            except zlib.error as error:
                raise ResponseDataLossError(f"the compressed body is damaged: {error}") from error
            # What is left over is beyond the size that Scrapy refuses.
            if not stream.eof and not stream.unconsumed_tail:
                raise ResponseDataLossError("the compressed body ends too soon")
        return response


class WindowsEncodingMiddleware:
    """Reads pages that are not UTF-8 and declare nothing else as windows-1252, as browsers do.

    The site serves such pages without a charset, and Scrapy's guess turns some of their letters into others. Some
    tools declare UTF-8 and write windows-1252 all the same.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if not isinstance(response, TextResponse):
            return response
        # Not response.encoding: that may be a guess, and takes longer than to parse the page.
        content_type = response.headers.get("Content-Type", b"").decode("latin-1")
        declared = (
            http_content_type_encoding(content_type)
            or read_bom(response.body)[0]
            or html_body_declared_encoding(response.body)
        )
        if declared not in (None, "utf-8"):
            return response
        try:
            response.body.decode("utf-8")
            encoding = "utf-8"
        except UnicodeDecodeError:
            encoding = "cp1252"
        # Not response.replace(), which reads each attribute first, and so guesses.
        attributes = {name: getattr(response, name) for name in Response.attributes}
        return type(response)(**attributes, encoding=encoding)
