"""Whole bodies or none; Scrapy alone would read half a body as a page."""

import zlib
from gzip import GzipFile
from io import BytesIO
from typing import Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import DownloadCancelledError, ResponseDataLossError
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes


class WholeBodyMiddleware:
    """Accepts gzip and no other content coding, and passes on the whole, decoded body of each page.

    Replaces Scrapy's HttpCompressionMiddleware, which keeps what it can read of a body that was cut. Nearer to the
    network than the HTTP cache, which so stores only whole bodies.

    Retries, as often as RETRY_TIMES says, when a body was cut or damaged, has a content coding that wasn't accepted, is
    a part of a page (206), or a web archive's copy of a part. Then raises
    :exc:`scrapy.exceptions.ResponseDataLossError`; for a body larger than DOWNLOAD_MAXSIZE, at once,
    :exc:`scrapy.exceptions.DownloadCancelledError`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        request.headers["Accept-Encoding"] = "gzip"

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if "cached" in response.flags:
            return response
        try:
            return read_whole(response, self.maxsize)
        except ResponseDataLossError as error:
            retry = get_retry_request(request, spider=self.crawler.spider, reason=error)  # type: ignore[arg-type]  # it is there
            if retry is None:
                raise
            return retry


_PAGES = (200, 203)  # the latter is a 200 that a proxy has changed
# What some servers take for codings: the body is as it is.
_NO_CODINGS = ("", "identity", "none", "utf-8", "utf8", "iso-8859-1", "windows-1252", "8bit", "binary")
_GZIP = b"\x1f\x8b\x08"


def read_whole(response: Response, maxsize: int = 0) -> Response:
    """``response`` with its body decoded, and without Content-Encoding; as it is if it is no page.

    :param maxsize: how many bytes the body may have; 0 for any number

    Raises :exc:`scrapy.exceptions.ResponseDataLossError` if that isn't all there, and
    :exc:`scrapy.exceptions.DownloadCancelledError` if it is too large.
    """
    if response.status not in _PAGES:
        # Scrapy takes any 2xx for a page, even 206, a part that nobody asked for.
        if 200 < response.status < 300:
            raise ResponseDataLossError(f"the server answered {response.status}, which is no whole page")
        return response
    headers = response.headers.copy()
    encodings = b",".join(headers.getlist("Content-Encoding")).decode("latin-1").lower()
    headers.pop("Content-Encoding", None)
    body, checked = response.body, False
    for encoding in reversed([name.strip() for name in encodings.split(",")]):  # the last was applied last
        if encoding in ("gzip", "x-gzip"):
            body, checked = _gunzip(body, maxsize), True
        elif encoding not in _NO_CODINGS:
            raise ResponseDataLossError(f"the body is encoded as {encodings!r}, which wasn't asked for")
    if body.startswith(_GZIP):  # compressed once more than the server says
        body, checked = _gunzip(body, maxsize), True
    _compare_with_original(headers, body)
    if "partial" in response.flags and not checked:
        # Its length was not announced, so it may be cut. Without a validator no host can confirm it.
        for validator in ("ETag", "Last-Modified"):
            headers.pop(validator, None)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    # Not response.replace(), which reads each attribute first, and so guesses a text's encoding.
    attributes = {name: getattr(response, name) for name in Response.attributes}
    flags = [flag for flag in response.flags if flag != "partial" or not checked]
    return kind(**attributes | {"headers": headers, "body": body, "flags": flags})


def _compare_with_original(headers: Headers, body: bytes) -> None:
    """Raise ResponseDataLossError if ``body``, a web archive's copy, is shorter than the page was, as the site said."""
    length = headers.get("X-Archive-Orig-Content-Length") or b""
    # That of an encoded body is another length.
    if length.isdigit() and len(body) < int(length) and "X-Archive-Orig-Content-Encoding" not in headers:
        raise ResponseDataLossError(f"the archive's copy was cut short: it has {len(body)} of {int(length)} bytes")


def _gunzip(body: bytes, maxsize: int) -> bytes:
    # A stray newline may follow. The last byte of the body itself is 0, unless it holds 150 MB and more.
    compressed = BytesIO(body.rstrip(b"\t\n\r "))
    try:
        whole = GzipFile(fileobj=compressed).read(maxsize + 1 if maxsize else -1)
    except EOFError as error:
        raise ResponseDataLossError("the compressed body ends too soon") from error
    except (OSError, zlib.error) as error:
        raise ResponseDataLossError(f"the compressed body is damaged: {error}") from error
    if 0 < maxsize < len(whole):
        raise DownloadCancelledError(f"the compressed body holds more than DOWNLOAD_MAXSIZE, {maxsize} bytes")
    return whole
