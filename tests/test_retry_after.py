"""A host that has had enough: by table, and crawls of one on loopback."""

import asyncio
import signal
import time
from email.utils import formatdate
from types import SimpleNamespace

import pytest
from conftest import TIMEOUT, wait_until, write_site
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Request, Response
from scrapy.settings import Settings

from xfiles.middlewares.headers import read_retry_after
from xfiles.middlewares.retry_after import RetryAfterMiddleware
from xfiles.spiders.xfiles import XfilesSpider

URL = "http://site.example/transcrp/scrp101.htm"
COPY = f"https://archive.example/web/2024id_/{URL}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0", 0), (" 120 ", 120), (formatdate(0, usegmt=True), 0)]
    + [(value, None) for value in ("", "soon", "-1", "1.5", "Tue, 99 Foo 2026")],
)
def test_retry_after(value, expected):
    assert read_retry_after(Response(URL, headers={"Retry-After": value})) == expected


@pytest.fixture
def elsewhere(monkeypatch):
    """A local time that isn't UTC."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "date", ["Sun, 09 Sep 2001 02:03:20 GMT", "Sunday, 09-Sep-01 02:03:20 GMT", "Sun Sep  9 02:03:20 2001"]
)
def test_retry_after_a_date(monkeypatch, elsewhere, date):
    monkeypatch.setattr("xfiles.middlewares.headers.time", lambda: 1_000_000_000.5)
    assert read_retry_after(Response(URL, headers={"Retry-After": date})) == 999.5


def make_middleware(pause: float = 0.01, **settings) -> RetryAfterMiddleware:
    crawler = SimpleNamespace(
        settings=Settings({"XFILES_PATIENCE": pause, **settings}), engine=SimpleNamespace(running=True), spider=None
    )
    return RetryAfterMiddleware.from_crawler(crawler)


@pytest.mark.parametrize(
    ("url", "status", "headers", "waits"),
    [
        (URL, 429, {}, True),
        (URL, 429, {"Retry-After": "60"}, True),
        (URL, 503, {"Retry-After": "60"}, True),
        (URL, 503, {}, False),
        (COPY, 503, {}, True),
        (COPY, 502, {}, False),
        (COPY, 200, {}, False),
        (COPY, 429, {"Retry-After": "86400"}, False),
    ],
)
def test_what_is_waited_out(url, status, headers, waits):
    response = Response(url, status, headers)
    result = make_middleware().process_response(Request(url), response)
    assert isinstance(result, Request) if waits else result is response
    assert not waits or "dont_retry" not in result.meta


@pytest.mark.parametrize(("url", "waits"), [(COPY, True), (URL, False)])
def test_a_web_archives_robots_txt_is_waited_for(url, waits):
    middleware, robots = make_middleware(), Request("https://archive.example/robots.txt")
    middleware.crawler.spider = XfilesSpider(url=url, bypass="1")
    assert isinstance(middleware.process_response(robots, Response(robots.url, 503)), Request) is waits


def test_a_refused_connection_is_waited_out_only_after_a_warning():
    middleware, request = make_middleware(), Request(URL)
    assert middleware.process_exception(request, DownloadConnectionRefusedError()) is None
    middleware.process_response(request, Response(URL, 429))
    assert isinstance(middleware.process_exception(request, DownloadConnectionRefusedError()), Request)
    assert middleware.process_exception(request, DownloadTimeoutError()) is None


@pytest.fixture
def clock(monkeypatch):
    """The seconds of a clock that moves only while somebody sleeps, in a list."""
    seconds = [0.0]

    async def sleep(more: float) -> None:
        seconds[0] += more

    monkeypatch.setattr("xfiles.middlewares.retry_after.monotonic", lambda: seconds[0])
    monkeypatch.setattr("xfiles.middlewares.retry_after.asyncio.sleep", sleep)
    return seconds


OTHERS = [Request(f"http://site.example/transcrp/scrp{number}.htm") for number in range(102, 122)]


def ask(middleware: RetryAfterMiddleware, requests: list[Request], answers: dict[str, Response], clock) -> list[float]:
    """The waits of ``requests`` and their retries, one after the other, as the scheduler has them: the last first."""
    waits = []
    while requests:
        requests.sort(key=lambda request: -request.priority)
        request, start = requests.pop(0), clock[0]
        try:
            asyncio.run(middleware.process_request(request))
        except IgnoreRequest:
            requests.insert(0, request)
            break
        waits.append(clock[0] - start)
        result = middleware.process_response(request, answers.get(request.url, Response(request.url)))
        if isinstance(result, Request):
            requests.insert(0, result)
    return waits


def test_all_wait_each_time_longer_and_in_the_end_no_more(clock, caplog):
    middleware, left = make_middleware(pause=1), OTHERS.copy()
    answers = {request.url: Response(request.url, 429) for request in OTHERS}
    assert ask(middleware, left, answers, clock) == pytest.approx([0, 1, 2, 4, 8])
    assert len(left) == len(OTHERS) - 1  # the others are back in the queue
    with pytest.raises(IgnoreRequest, match="the next crawl asks for what is missing"):
        asyncio.run(middleware.process_request(left[0]))
    assert caplog.messages[-1] == "site.example answers 429, after 4 pauses: it is asked no more"


PUT_OFF = {"Retry-After": "3600"}


@pytest.mark.parametrize(
    ("headers", "bad", "waited"),
    [
        (PUT_OFF, OTHERS[5:9], 0),
        (PUT_OFF, OTHERS[::2], 0),
        ({}, OTHERS[5:6], 1 + 1 + 2 + 4),
        ({}, OTHERS[5:9], 2 * (1 + 2 + 4 + 8)),
    ],
)
def test_bad_pages_hold_up_no_other(clock, headers, bad, waited):
    """The others come first when one of them is asked for again."""
    middleware, left = make_middleware(pause=1), OTHERS.copy()
    answers = {request.url: Response(request.url, 429, headers) for request in bad}
    assert sum(ask(middleware, left, answers, clock)) == pytest.approx(waited)
    assert {request.url for request in left} <= answers.keys()


def test_one_address_does_not_speak_for_the_host(clock):
    """Such as robots.txt, before which nothing else is asked for."""
    middleware = make_middleware(pause=1)
    for number in range(3):
        bad = Request(f"{URL}?{number}")
        assert len(ask(middleware, [bad], {bad.url: Response(bad.url, 429)}, clock)) == 5
        assert len(ask(middleware, [OTHERS[number]], {}, clock)) == 1


def test_what_was_under_way_when_the_host_was_given_up(clock, caplog):
    middleware = make_middleware(pause=1)
    answers = {request.url: Response(request.url, 429) for request in OTHERS}
    ask(middleware, OTHERS.copy(), answers, clock)
    given_up = len(caplog.messages)
    for request in OTHERS[-3:]:
        assert isinstance(middleware.process_response(request.copy(), answers[request.url]), Response)
    assert len(caplog.messages) == given_up


def test_many_pages_that_are_put_off_speak_for_the_host(clock, caplog):
    middleware, left = make_middleware(pause=1), OTHERS.copy()
    answers = {request.url: Response(request.url, 503, {"Retry-After": "86400"}) for request in OTHERS}
    assert ask(middleware, left, answers, clock) == [0] * 5
    assert len(left) == len(OTHERS) - 5
    assert caplog.messages == [
        "site.example answers 503 for 5 pages in a row, for 86400 seconds: it is asked no more",
    ]


def test_what_is_lost_is_not_retried_at_once():
    request = Request(URL)
    make_middleware().process_response(request, Response(URL, 503, {"Retry-After": "3600"}))
    assert request.meta["dont_retry"]


def test_answers_to_requests_that_were_under_way_count_once():
    middleware = make_middleware(pause=60)
    answers = [middleware.process_response(Request(URL), Response(URL, 429)) for _ in range(9)]
    assert all(isinstance(answer, Request) for answer in answers)
    assert middleware.refusals == 1


def test_one_page_does_not_hold_up_the_others_for_ever():
    middleware, request = make_middleware(pause=0), Request(URL)
    pauses = 0
    while isinstance(again := middleware.process_response(request, Response(URL, 429)), Request):
        request, pauses = again, pauses + 1
        middleware.process_response(Request(COPY), Response(COPY))
        assert pauses < 9
    assert pauses == 4


def test_a_stopped_crawl_does_not_wait():
    middleware = make_middleware(pause=600)
    middleware.process_response(Request(URL), Response(URL, 429))
    middleware.crawler.engine.running = False
    with pytest.raises(IgnoreRequest, match="the crawl was stopped"):
        asyncio.run(middleware.process_request(Request(URL)))


@pytest.mark.parametrize(("slot", "kept"), [("site.example", True), ("other.example", None)])
def test_autothrottle_leaves_a_set_delay_alone(slot, kept):
    request = Request(URL)
    asyncio.run(make_middleware(DOWNLOAD_SLOTS={slot: {"delay": 4}}).process_request(request))
    assert request.meta.get("autothrottle_dont_adjust_delay") is kept


NAMES = [f"transcrp/scrp{number}.htm" for number in range(100, 110)]


def sending(*answers):
    """Answers that are given one after the other, each a status and a Retry-After; after them, the page."""
    left = list(answers)

    def answer(handler):
        if not left:
            del handler.site.answers[handler.path]
            handler.do_GET()
        else:
            status, after = left.pop(0)
            handler.send(b"", status, **({"Retry_After": after} if after else {}))

    return answer


def test_a_busy_host(crawl, serve, tmp_path):
    """The home page, robots.txt and a page are asked for again after the wait."""
    write_site(tmp_path / "site", NAMES)
    site = serve(tmp_path / "site")
    site.answers["/robots.txt"] = sending((429, "1"))
    site.answers["/"] = sending((503, "1"), (429, None))
    site.answers["/transcrp/scrp104.htm"] = sending((429, "0"), (429, None), (503, "0"))
    run = crawl(site.url, XFILES_PATIENCE=0.05)
    assert run.status == 0, run.log
    assert "answers 503: the crawl goes on in 1 seconds" in run.log
    assert run.rows("SELECT count(*) FROM EPISODES") == [(10,)]


def test_a_host_that_has_had_enough_for_good(crawl, serve, tmp_path):
    """What was not read is named, without being asked for."""
    write_site(tmp_path / "site", NAMES)
    site = serve(tmp_path / "site")
    for name in NAMES[3:]:
        site.answers[f"/{name}"] = lambda handler: handler.send(b"", 429)
    run = crawl(site.url, XFILES_PATIENCE=0.05, CONCURRENT_REQUESTS=1)
    assert run.status == 1
    assert run.rows("SELECT count(*) FROM EPISODES") == [(3,)]
    assert all(f"Failed: {site.url}{name}: " in run.log for name in NAMES[3:])
    assert sum(status == 429 for _, status in site.requests) <= 8
    site.answers.clear()
    assert crawl(site.url).status == 0


@pytest.mark.parametrize("path", ["/", "/transcrp/scrp104.htm"])
def test_a_waiting_crawl_can_be_stopped(start, serve, tmp_path, path):
    write_site(tmp_path / "site", NAMES)
    site = serve(tmp_path / "site")
    site.answers[path] = lambda handler: handler.send(b"", 429, Retry_After="600")
    process = start(site.url)
    wait_until(lambda: 429 in site.status(path))
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=TIMEOUT)
    assert "Traceback" not in log
    assert process.returncode == 1
