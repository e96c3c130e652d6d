"""In which encoding a page is written."""

from scrapy.http import Request, Response, TextResponse

from xfiles.reading.encoding import plausible_encoding, read_mixed


class EncodingMiddleware:
    """Decodes each page by :func:`~xfiles.reading.encoding.plausible_encoding`, before Scrapy guesses its encoding.

    The site serves windows-1252 without saying so, and Scrapy's guess turns some letters into others.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        # Not response.encoding and not response.replace(): they guess, which takes longer than to parse the page.
        if not isinstance(response, TextResponse):
            return response
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        encoding = plausible_encoding(response.body, content_type)
        attributes = {name: getattr(response, name) for name in Response.attributes}
        if encoding is None:
            encoding, attributes["body"] = "utf-8", read_mixed(response.body).encode()
        return type(response)(**attributes, encoding=encoding)
