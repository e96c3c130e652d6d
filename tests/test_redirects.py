"""Where a request may lead, by table."""

from types import SimpleNamespace

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from xfiles.middlewares.redirects import SameSiteMiddleware
from xfiles.spiders.xfiles import XfilesSpider

SITE = "http://www.site.example/"
COPY = f"https://archive.example/web/2024id_/{SITE}"


def middleware(url: str) -> SameSiteMiddleware:
    return SameSiteMiddleware.from_crawler(SimpleNamespace(spider=XfilesSpider(url=url)))


@pytest.mark.parametrize(
    ("start", "url"),
    [
        (SITE, "https://site.example:443/a.htm"),
        (SITE, "http://www.site.example/robots.txt"),
        (COPY, "https://archive.example/robots.txt"),
        (COPY, "http://archive.example/web/20240105123456id_/https://site.example/a.htm"),
    ],
)
def test_the_same_site(start, url):
    assert middleware(start).process_request(Request(url)) is None


@pytest.mark.parametrize(
    ("start", "url"),
    [
        (SITE, "http://other.example/"),
        (SITE, "http://sub.site.example/"),
        (SITE, "http://www.site.example:8080/"),
        (SITE, "http://www.site.example.other.example/"),
        (SITE, COPY),
        (SITE, "http://other.example/web/2024id_/http://www.site.example/"),
        (COPY, "https://archive.example/web/2024id_/http://other.example/"),
        (COPY, "https://other.example/web/2024id_/http://www.site.example/"),
    ],
)
def test_another_site(start, url):
    with pytest.raises(IgnoreRequest, match="which is not followed"):
        middleware(start).process_request(Request(url))


@pytest.mark.parametrize(
    ("start", "url", "kept"),
    [
        ("https://site.example/", "https://www.site.example/a.htm", True),
        ("https://site.example/", "http://site.example/a.htm", False),
        ("http://site.example/", "http://site.example/a.htm", True),
        ("http://site.example/", "https://site.example/a.htm", True),
    ],
)
def test_a_password_given_for_https_stays_there(start, url, kept):
    request = Request(url, headers={"Authorization": "Basic YW5uOngK"})
    middleware(start).process_request(request)
    assert ("Authorization" in request.headers) is kept


@pytest.mark.parametrize("url", [f"{SITE}a", f"{SITE}a#part2"])
def test_a_circle(url):
    request = Request(url, meta={"redirect_urls": [f"{SITE}a#part1", f"{SITE}b"]})
    with pytest.raises(IgnoreRequest, match="in a circle"):
        middleware(SITE).process_request(request)


@pytest.mark.parametrize(
    ("location", "absolute"),
    [
        (f"/web/20240105123456id_/{SITE}", f"https://archive.example/web/20240105123456id_/{SITE}"),
        (f"https://archive.example/web/2023/{SITE}", f"https://archive.example/web/2023/{SITE}"),
        ("//other.example/", "//other.example/"),
        ("b.htm", "b.htm"),
    ],
)
def test_an_address_within_an_address_keeps_its_slashes(location, absolute):
    response = Response(COPY, 302, {"Location": location})
    response = middleware(COPY).process_response(Request(COPY), response)
    assert response.headers["Location"].decode() == absolute
