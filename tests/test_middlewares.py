"""What encodings pages are read in."""

import pytest
from scrapy.http import HtmlResponse, Request, Response

from xfiles.middlewares import WindowsEncodingMiddleware

URL = "http://site.example/"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Señor – it’s…".encode("cp1252"), "text/html", "Señor – it’s…"),
        ("Señor – it’s…".encode(), "text/html", "Señor – it’s…"),
        ("Señor".encode("latin-1"), "text/html; charset=iso-8859-1", "Señor"),
        ("Señor".encode("cp1252"), "text/html; charset=utf-8", "Señor"),
        (b"<meta charset=utf-8>Se\xf1or", "text/html", "<meta charset=utf-8>Señor"),
        (b"<meta charset=koi8-r>\xc1", "text/html", "<meta charset=koi8-r>а"),
        ("\ufeffSeñor".encode("utf-16"), "text/html", "Señor"),
        (b"", "text/html", ""),
    ],
)
def test_encoding(body, content_type, text):
    response = HtmlResponse(URL, body=body, headers={"Content-Type": content_type})
    read = WindowsEncodingMiddleware().process_response(Request(URL), response)
    assert read.text.removeprefix("\ufeff") == text


def test_other_media_pass():
    response = Response(URL, body=b"\xff")
    assert WindowsEncodingMiddleware().process_response(Request(URL), response) is response


def test_a_guess_that_the_cache_froze_is_not_believed():
    response = HtmlResponse(URL, body="Señor".encode("cp1252"), encoding="cp1250")
    assert WindowsEncodingMiddleware().process_response(Request(URL), response).text == "Señor"
