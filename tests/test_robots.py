"""What robots.txt says beyond its rules, by table."""

from types import SimpleNamespace

import pytest
from scrapy.exceptions import DownloadFailedError, IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.settings import Settings

from xfiles.middlewares.robots import RobotsMiddleware

URL = "http://site.example/transcrp/scrp101.htm"
ROBOTS = Request("http://site.example/robots.txt", meta={"dont_obey_robotstxt": True}, callback=NO_CALLBACK)


def make_middleware(**settings) -> RobotsMiddleware:
    settings = {"USER_AGENT": "xfiles/1", "DOWNLOAD_DELAY": 0.25, "XFILES_CRAWLS": 1} | settings
    downloader = SimpleNamespace(
        slots={"site.example": SimpleNamespace(delay=0.25, jitter=0.5)},
        per_slot_settings={},
        get_slot_key=lambda request: request.url.split("/")[2],
    )
    return RobotsMiddleware(SimpleNamespace(settings=Settings(settings), engine=SimpleNamespace(downloader=downloader)))


def parse(middleware: RobotsMiddleware, robots: str) -> float:
    """The seconds between requests once ``robots`` is read."""
    middleware.robots_parsed(ProtegoRobotParser(robots.encode(), None), Request(URL))
    downloader = middleware.crawler.engine.downloader
    slot, later = downloader.slots["site.example"], downloader.per_slot_settings.get("site.example", {})
    request = Request(URL)
    middleware.process_request(request)
    slow = "delay" in later
    assert (slot.delay, slot.jitter) == ((later["delay"], later["jitter"]) if slow else (0.25, 0.5))
    assert bool(request.meta.get("autothrottle_dont_adjust_delay")) is slow
    other = Request("http://other.example/")
    middleware.process_request(other)
    assert not other.meta
    return slot.delay


@pytest.mark.parametrize(
    ("delay", "expected"),
    [("2", 2), ("0.5", 0.5), ("0.1", 0.25), ("86400", 600), ("nan", 0.25), ("-5", 0.25), ("soon", 0.25)],
)
def test_crawl_delay(delay, expected):
    assert parse(make_middleware(), f"User-agent: *\nCrawl-delay: {delay}\n") == expected


def test_the_delay_of_this_crawler():
    robots = "User-agent: other\nCrawl-delay: 9\n\nUser-agent: xfiles\nCrawl-delay: 3\n"
    assert parse(make_middleware(), robots) == 3


def test_crawls_that_share_the_work_wait_for_each_other():
    assert parse(make_middleware(XFILES_CRAWLS=4), "User-agent: *\nCrawl-delay: 2\n") == 8


def fail_to_answer(middleware: RobotsMiddleware, request: Request) -> None:
    assert middleware.process_response(request, Response(request.url, 503)).status == 503


def fail_to_connect(middleware: RobotsMiddleware, request: Request) -> None:
    with pytest.raises(IgnoreRequest, match=r"robots.txt can't be read"):
        middleware.process_exception(request, DownloadFailedError("it hung up"))


@pytest.mark.parametrize(
    ("fail", "cause"), [(fail_to_answer, "the server answered 503"), (fail_to_connect, "it hung up")]
)
@pytest.mark.parametrize("redirected", [False, True])
def test_a_robots_txt_that_fails_forbids_all(caplog, fail, cause, redirected):
    middleware, robots = make_middleware(), ROBOTS
    if redirected:
        robots = ROBOTS.replace(url="http://www.site.example/r.txt", meta=ROBOTS.meta | {"redirect_urls": [ROBOTS.url]})
    fail(middleware, robots)
    assert caplog.messages == [f"{robots.url} can't be read: {cause}. To crawl without it, add -s ROBOTSTXT_OBEY=0"]
    with pytest.raises(IgnoreRequest, match=f"{cause}: it is robots.txt that can't be read"):
        middleware.process_request(Request(URL))
    middleware.process_request(Request("http://other.example/"))
    middleware.process_request(robots)


@pytest.mark.parametrize("status", [200, 404, 429])
def test_other_answers_forbid_nothing(status):
    middleware = make_middleware()
    middleware.process_response(ROBOTS, Response(ROBOTS.url, status))
    middleware.process_request(Request(URL))


def test_half_a_megabyte_is_read():
    middleware = make_middleware()
    short, long = (Response(ROBOTS.url, body=b"Disallow: /a\n" * number) for number in (39_384, 400_000))
    assert middleware.process_response(ROBOTS, short) is short
    assert middleware.process_response(ROBOTS, long).body + b"\n" == short.body


def test_only_a_robots_txt_forbids():
    middleware = make_middleware()
    middleware.process_response(Request(URL), Response(URL, 503))
    middleware.process_exception(Request(URL), DownloadFailedError())
    with pytest.raises(IgnoreRequest):
        middleware.process_exception(ROBOTS, IgnoreRequest("it leads elsewhere, which is not followed"))
    middleware.process_request(Request(URL))
