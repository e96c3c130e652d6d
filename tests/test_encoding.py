"""What encodings pages are read in."""

import pytest
from scrapy.http import HtmlResponse, Request, Response

from xfiles.middlewares.encoding import EncodingMiddleware

URL = "http://site.example/"
UTF_8 = "text/html; charset=utf-8"


def read(response):
    return EncodingMiddleware().process_response(Request(URL), response)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Señor – it’s…".encode("cp1252"), "text/html", "Señor – it’s…"),
        ("Señor – it’s…".encode(), "text/html", "Señor – it’s…"),
        ("Señor".encode("latin-1"), "text/html; charset=iso-8859-1", "Señor"),
        ("Señor".encode("cp1252"), UTF_8, "Señor"),
        (b"<meta charset=utf-8>Se\xf1or", "text/html", "<meta charset=utf-8>Señor"),
        (b"<meta charset=koi8-r>\xc1", "text/html", "<meta charset=koi8-r>а"),
        ("\ufeffSeñor".encode("utf-16"), "text/html", "Señor"),
        (b"", "text/html", ""),
        # One stray byte, or a few, in UTF-8.
        ("Señor – it’s ".encode() + b"\x93so\x94", UTF_8, "Señor – it’s “so”"),
        ("Señor – it’s ".encode() + b"\x93so", "text/html", "Señor – it’s “so"),
        ("\ufeffSeñor – ".encode() + b"\x85", "text/html", "Señor – …"),
        ("ñé".encode() + b"\x81", UTF_8, "ñé\ufffd"),
        # What happens to be UTF-8 in windows-1252: É and ’ together.
        ("CAFÉ’S “Señor” – naïve".encode("cp1252"), UTF_8, "CAFÉ’S “Señor” – naïve"),
        # A line of UTF-8 in windows-1252: no text has these bytes by coincidence.
        ("“CAFÉ’S” ".encode("cp1252") * 9 + "It’s naïve – yes…".encode(), UTF_8, "“CAFÉ’S” " * 9 + "It’s naïve – yes…"),
        # A mark goes before the header, as in browsers.
        ("\ufeffSeñor".encode(), "text/html; charset=windows-1251", "Señor"),
        # A <meta> that can be read is not in UTF-16.
        ("<meta charset=utf-16>Señor".encode("cp1252"), "text/html", "<meta charset=utf-16>Señor"),
    ],
)
def test_encoding(body, content_type, text):
    response = read(HtmlResponse(URL, body=body, headers={"Content-Type": content_type}))
    assert response.text.removeprefix("\ufeff") == text


@pytest.mark.parametrize(
    "name", "punycode idna utf-7 unicode_escape raw_unicode_escape hz rot13 base64 hex cp037 gbk utf-32 no-such".split()
)
@pytest.mark.parametrize("place", ["header", "meta"])
def test_an_implausible_charset_counts_as_none(name, place):
    """The body would be another text, or take a minute to read, in each of these."""
    content_type = f"text/html; charset={name}" if place == "header" else "text/html"
    body = f"<meta charset={name}>" if place == "meta" else ""
    body += "+ADw-b+AD4- \\u0041 ~{<:Ky2;~} Señor-" + "a" * 1_000_000
    response = read(HtmlResponse(URL, body=body.encode("cp1252"), headers={"Content-Type": content_type}))
    assert response.text == body


def test_other_media_pass():
    response = Response(URL, body=b"\xff")
    assert read(response) is response


def test_a_guess_that_was_frozen_is_not_believed():
    assert read(HtmlResponse(URL, body="Señor".encode("cp1252"), encoding="cp1250")).text == "Señor"
