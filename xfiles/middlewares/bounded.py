"""The HTTP client: Scrapy's, but it reads no headers without end, and no page that is longer than the server says."""

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _LenientHTTP11ClientProtocol
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from twisted.python.failure import Failure
from twisted.web._newclient import BODY
from twisted.web.client import _HTTP11ClientFactory
from twisted.web.http import _DataLoss, _IdentityTransferDecoder

#: How many bytes the headers of an answer may have. Browsers read as many.
MOST = 256 * 1024


class BoundedHeadersDownloadHandler(HTTP11DownloadHandler):
    """Gives up an answer whose headers have more than :data:`MOST` bytes, or that goes on after its Content-Length.

    Its request then ends with an error. DOWNLOAD_MAXSIZE bounds only bodies: of headers, Twisted reads a gigabyte in
    ten seconds. And it ignores what follows a body, which is the rest of the page if the server counts letters, not
    bytes.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    received = 0  # bytes of the answer under way, before its body

    def request(self, request: Any) -> Any:
        self.received = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        if self._parser is not None and self._parser.state != BODY:
            self.received += len(data)  # of a body that begins here, some 64 kB at most
            if self.received > MOST:
                error = DownloadCancelledError(f"the headers of the answer have more than {MOST} bytes")
                self._giveUp(Failure(error))
                assert self.transport is not None
                self.transport.abortConnection()
                return
        super().dataReceived(data)

    def _finishResponse(self, rest: bytes) -> None:
        # Without a parser, the connection's end was the body's. Of other answers than 200, nobody reads the body.
        if rest.strip() and self._parser is not None and self._parser.response.code == 200:
            body = self._parser.bodyDecoder
            if isinstance(body, _IdentityTransferDecoder):
                body.contentLength = len(rest)  # is missing, as it says when the connection is given up
                return self._giveUp(Failure(_DataLoss()))
        super()._finishResponse(rest)


class _BoundedFactory(_HTTP11ClientFactory):
    noisy = False

    def buildProtocol(self, addr: Any) -> _BoundedProtocol:
        return _BoundedProtocol(self._quiescentCallback)
