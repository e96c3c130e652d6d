"""What Scrapy itself gets wrong for this site."""

from scrapy.http import Request, Response, TextResponse
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom


class WindowsEncodingMiddleware:
    """Reads pages that are not UTF-8 and declare nothing else as windows-1252, as browsers do.

    The site serves such pages without a charset, and Scrapy's guess turns some of their letters into others. Some
    tools declare UTF-8 and write windows-1252 all the same.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if not isinstance(response, TextResponse):
            return response
        # Not response.encoding: the HTTP cache freezes a guess in it.
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
        except UnicodeDecodeError:
            return response.replace(encoding="cp1252")
        return response.replace(encoding="utf-8")
