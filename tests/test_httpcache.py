"""The cache: what it keeps, when it asks, and its storage, killed in the middle of a page or tampered with."""

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import PROJECT, TIMEOUT
from scrapy import signals as scrapy_signals
from scrapy.http import Headers, HtmlResponse, Request, Response
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from xfiles import signals
from xfiles.middlewares.httpcache import (
    RevalidatingCacheMiddleware,
    RevalidatingPolicy,
    WholeResponseCacheStorage,
    is_memento,
)
from xfiles.reading.addresses import page_key
from xfiles.spiders.xfiles import XfilesSpider

REQUEST = Request("http://site.example/transcrp/scrp101.htm")
POLICY = {
    "HTTPCACHE_POLICY": "xfiles.middlewares.httpcache.RevalidatingPolicy",
    "HTTPCACHE_STORAGE": "xfiles.middlewares.httpcache.WholeResponseCacheStorage",
}
RESPONSE = HtmlResponse(REQUEST.url, headers={"ETag": '"1"'}, body=b"<p><b>ANN:</b> One.")
# A process that is killed when the first 4 kB of its response are written.
KILLED = """
import resource, signal, sys
from pathlib import Path
from scrapy.http import HtmlResponse
from test_httpcache import REQUEST, make_storage
storage, spider = make_storage(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
storage.store_response(spider, REQUEST, HtmlResponse(REQUEST.url, body=b"<p>" * 10000))
"""


def make_storage(folder, **settings):
    spider = XfilesSpider.from_crawler(get_crawler(XfilesSpider, {"HTTPCACHE_DIR": str(folder)} | settings))
    storage = WholeResponseCacheStorage(spider.settings)
    storage.open_spider(spider)
    return storage, spider


def test_a_page_stored_to_its_end(tmp_path):
    storage, spider = make_storage(tmp_path)
    assert storage.retrieve_response(spider, REQUEST) is None
    storage.store_response(spider, REQUEST, RESPONSE)
    stored = storage.retrieve_response(spider, REQUEST)
    assert type(stored) is HtmlResponse
    assert (stored.url, stored.status, stored.headers, stored.body) == (
        RESPONSE.url,
        RESPONSE.status,
        RESPONSE.headers,
        RESPONSE.body,
    )


def test_a_page_whose_length_was_unknown(tmp_path):
    """It is named as such, whenever it is read again."""
    storage, spider = make_storage(tmp_path)
    storage.store_response(spider, REQUEST, RESPONSE.replace(flags=["partial", "cached"]))
    assert storage.retrieve_response(spider, REQUEST).flags == ["partial"]


def test_a_page_that_expired(tmp_path):
    storage, spider = make_storage(tmp_path, HTTPCACHE_EXPIRATION_SECS=3600)
    storage.store_response(spider, REQUEST, RESPONSE)
    assert storage.retrieve_response(spider, REQUEST) is not None
    storage.expiration = 1e-9
    assert storage.retrieve_response(spider, REQUEST) is None


@pytest.mark.parametrize("former", [True, False])
@pytest.mark.process
def test_a_page_cut_off(tmp_path, former):
    storage, spider = make_storage(tmp_path)
    if former:
        storage.store_response(spider, REQUEST, RESPONSE)
    paths = os.pathsep.join((str(PROJECT), str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], env=os.environ | {"PYTHONPATH": paths}, timeout=TIMEOUT
    )
    assert done.returncode < 0
    stored = storage.retrieve_response(spider, REQUEST)
    assert stored.body == RESPONSE.body if former else stored is None


def test_a_file_without_its_end(tmp_path):
    storage, spider = make_storage(tmp_path)
    storage.store_response(spider, REQUEST, RESPONSE)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    for end in (0, 50):
        path.write_bytes(path.read_bytes()[:end])
        assert storage.retrieve_response(spider, REQUEST) is None


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_a_killed_crawl_left_is_cleared_away(tmp_path):
    """Not what another crawl is writing at the moment."""
    storage, spider = make_storage(tmp_path)
    storage.store_response(spider, REQUEST, RESPONSE)
    (path,) = files(tmp_path)
    left, new = (path.with_name(f"{path.name}.{end}") for end in ("left", "new"))
    for part, age in ((left, 7200), (new, 60), (path, 7200)):
        part.touch()
        os.utime(part, (time.time() - age,) * 2)
    storage.open_spider(spider)
    assert set(files(tmp_path)) == {path, new}


def test_only_its_owner_can_read_it(tmp_path):
    (tmp_path / "xfiles").mkdir(mode=0o755)  # as an older version left it
    storage, spider = make_storage(tmp_path)
    storage.store_response(spider, REQUEST, RESPONSE)
    (path,) = files(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)} == {0o700}


class Evil:
    def __reduce__(self):
        return pytest.fail, ("a file of the cache ran code",)


def test_a_pickle_is_not_read(tmp_path):
    storage, spider = make_storage(tmp_path)
    storage.store_response(spider, REQUEST, RESPONSE)
    (path,) = files(tmp_path)
    path.write_bytes(pickle.dumps({"url": Evil()}))
    assert storage.retrieve_response(spider, REQUEST) is None
    storage.store_response(spider, REQUEST, RESPONSE)
    assert storage.retrieve_response(spider, REQUEST).body == RESPONSE.body


def test_a_file_with_a_damaged_byte(tmp_path):
    storage, spider = make_storage(tmp_path)
    storage.store_response(spider, REQUEST, RESPONSE)
    (path,) = files(tmp_path)
    stored = path.read_bytes()
    for place in range(0, len(stored), 7):
        path.write_bytes(stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :])
        assert storage.retrieve_response(spider, REQUEST) is None


def test_any_bytes_in_body_and_headers(tmp_path):
    storage, spider = make_storage(tmp_path)
    headers = {b"X-\xff": [b"\x00\xfe", b"two"], b"ETag": [b'"\xe9"']}
    storage.store_response(spider, REQUEST, HtmlResponse(REQUEST.url, headers=headers, body=b"\n\n\xff\0"))
    stored = storage.retrieve_response(spider, REQUEST)
    assert stored.headers == Headers(headers)
    assert stored.body == b"\n\n\xff\0"


MEMENTO = {"Memento-Datetime": "Tue, 02 Jan 2024 03:04:05 GMT"}


@pytest.mark.parametrize(
    ("url", "status", "headers", "expected"),
    [
        ("https://archive.example/web/20240102030405id_/http://site.example/a.htm", 200, MEMENTO, True),
        ("https://archive.example/web/20240102030405/http://site.example/a.htm", 200, MEMENTO, True),
        (
            "https://archive.example/web/2024id_/http://site.example/a.htm",
            302,
            {"Location": "/web/20240102030405id_/http://site.example/a.htm"},
            True,
        ),
        ("https://archive.example/web/2024id_/http://site.example/a.htm", 302, {"Location": "/sorry.htm"}, False),
        ("https://archive.example/web/2024id_/http://site.example/a.htm", 302, {}, True),
        ("https://archive.example/web/20240102030405id_/http://site.example/a.htm", 200, {}, False),  # its own error
        ("https://archive.example/web/mp_/http://site.example/a.htm", 200, MEMENTO, False),  # its latest copy
        ("http://site.example/a.htm", 200, MEMENTO, False),
        ("http://site.example/a.htm", 301, {}, False),
    ],
)
def test_mementos(url, status, headers, expected):
    assert is_memento(Response(url, status=status, headers=headers)) is expected


@pytest.mark.parametrize(
    ("status", "kept"),
    [(200, True), (203, True), (301, True), (308, True), (206, False), (304, False), (404, False), (503, False)],
)
def test_what_is_kept(status, kept):
    """Whatever the answer says of itself: a run offline needs the pages, and an error must not replace one."""
    policy = RevalidatingPolicy(Settings())
    for headers in ({}, {"Cache-Control": "no-store"}, {"Cache-Control": "max-age=100"}):
        assert policy.should_cache_response(Response(REQUEST.url, status=status, headers=headers), REQUEST) is kept


DATE = "Sat, 01 Aug 2026 12:00:00 GMT"
OLD, NEW = "Sat, 01 Aug 2026 11:59:00 GMT", "Sat, 01 Aug 2026 11:59:01 GMT"


@pytest.mark.parametrize(
    ("headers", "conditions"),
    [
        ({"ETag": '"1"', "Last-Modified": OLD, "Date": DATE}, {"If-None-Match": '"1"', "If-Modified-Since": OLD}),
        ({"Cache-Control": "max-age=1000000", "Expires": "Fri, 01 Jan 2100 00:00:00 GMT"}, {}),
        # Last-Modified may be of an older version of the page, too, if that changed within the second.
        ({"ETag": '"1"', "Last-Modified": NEW, "Date": DATE}, {"If-None-Match": '"1"'}),
        ({"Last-Modified": NEW, "Date": DATE}, {}),
        ({"Last-Modified": OLD}, {}),
        ({"Last-Modified": "then", "Date": DATE}, {}),
        ({"Last-Modified": OLD, "Date": "Saturday, 01-Aug-26 12:00:00 GMT"}, {"If-Modified-Since": OLD}),
        ({"Last-Modified": OLD, "Date": "Sat Aug  1 12:00:00 2026"}, {"If-Modified-Since": OLD}),
    ],
)
def test_the_host_is_asked_each_time(headers, conditions):
    request = REQUEST.copy()
    assert not RevalidatingPolicy(Settings()).is_cached_response_fresh(Response(REQUEST.url, headers=headers), request)
    assert request.headers == Headers(conditions)


PAGE = page_key(REQUEST.url)
LOST = {"page": PAGE, "url": REQUEST.url, "cause": "x"}
NOT_MODIFIED = Response(REQUEST.url, status=304)
FORMER = HtmlResponse(REQUEST.url, headers={"ETag": '"0"'}, body=b"<p><b>ANN:</b> Zero.")


@pytest.fixture
def cache(tmp_path):
    """A middleware, in whose cache there is FORMER for REQUEST."""
    crawler = get_crawler(XfilesSpider, {"HTTPCACHE_DIR": str(tmp_path), "HTTPCACHE_ENABLED": True} | POLICY)
    crawler.spider = XfilesSpider.from_crawler(crawler)
    cache = RevalidatingCacheMiddleware.from_crawler(crawler)
    cache.spider_opened(crawler.spider)
    cache.storage.store_response(crawler.spider, REQUEST, FORMER)
    return cache


def stored(cache, request=REQUEST):
    return cache.storage.retrieve_response(cache.crawler.spider, request)


def exchange(cache, answer, request=REQUEST):
    """What the crawl gets for ``request`` if the host gives it ``answer``."""
    request = request.copy()
    assert cache.process_request(request) is None
    return cache.process_response(request, answer)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ((signals.answer_taken, {"request": REQUEST}), True),
        ((scrapy_signals.spider_error, {"response": SimpleNamespace(request=REQUEST)}), True),
        ((signals.page_failed, LOST), False),
        ((signals.crawl_failed, {"cause": "it has no transcripts", "advice": "x"}), False),
        (None, False),
    ],
)
def test_what_could_be_used_is_kept(cache, sent, kept):
    """It alone, and what is taken stays, whatever becomes of it in the database."""
    answer = HtmlResponse(REQUEST.url, headers={"ETag": '"1"'}, body=b"<p>Perhaps somebody speaks.")
    assert exchange(cache, answer) is answer
    assert stored(cache).body == FORMER.body
    if sent:
        cache.crawler.signals.send_catch_log(sent[0], **sent[1])
        assert not cache.held
    cache.crawler.signals.send_catch_log(signals.page_failed, **LOST)
    assert (stored(cache).headers["ETag"], stored(cache).body) == (
        (b'"1"', answer.body) if kept else (b'"0"', FORMER.body)
    )


@pytest.mark.parametrize("taken", [True, False])
def test_redirects_are_kept_with_the_page(cache, taken):
    exchange(cache, Response(REQUEST.url, status=302, headers={"Location": "/new.htm"}))
    request = Request("http://site.example/new.htm", meta={"redirect_urls": [REQUEST.url]})
    exchange(cache, HtmlResponse(request.url, body=b"<p>Perhaps somebody speaks."), request)
    if taken:
        cache.crawler.signals.send_catch_log(signals.answer_taken, request=request)
    else:
        cache.crawler.signals.send_catch_log(signals.page_failed, **LOST)
    assert stored(cache).status == (302 if taken else 200)
    assert (stored(cache, request) is not None) is taken


@pytest.mark.parametrize("known", [True, False])
def test_where_a_redirect_leads_is_kept_if_nothing_else_is(cache, known):
    """Nobody has read it: it may be, say, a maintenance page."""
    old = Request("http://site.example/old.htm")
    request = REQUEST.replace(meta={"redirect_urls": [old.url]})
    answer = HtmlResponse(REQUEST.url, body=b"<p>Perhaps somebody speaks.")
    if not known:
        request = request.replace(url="http://site.example/new.htm")
    exchange(cache, Response(old.url, status=302, headers={"Location": request.url}), old)
    request = request.copy()
    cache.process_request(request)
    cache.process_response(request, answer)
    cache.crawler.signals.send_catch_log(signals.answer_taken, request=request, unread=True)
    assert stored(cache, old).status == 302
    assert stored(cache, request).body == (FORMER if known else answer).body


def test_a_304_says_nothing_of_the_body(cache):
    headers = {"Content-Type": "image/png", "Content-Encoding": "gzip", "Date": DATE}
    confirmed = exchange(cache, Response(REQUEST.url, status=304, headers=headers))
    assert confirmed.headers == Headers({"ETag": '"0"', "Date": DATE})


def test_what_is_confirmed_and_can_not_be_used_is_asked_for_whole(cache):
    for taken in (True, False):
        assert exchange(cache, NOT_MODIFIED).body == FORMER.body
        if taken:
            cache.crawler.signals.send_catch_log(signals.answer_taken, request=REQUEST)
        else:
            cache.crawler.signals.send_catch_log(signals.page_failed, **LOST)
        assert ("ETag" in stored(cache).headers) is taken
    assert stored(cache).body == FORMER.body


BOTH = {"ETag": '"0"', "Last-Modified": OLD, "Date": DATE}


@pytest.mark.parametrize(
    ("former", "headers", "confirmed"),
    [
        (BOTH, {}, True),
        (BOTH, {"ETag": '"0"'}, True),
        (BOTH, {"ETag": 'W/"0"'}, True),
        (BOTH, {"ETag": '"1"'}, False),
        (BOTH, {"ETag": '"0"', "Last-Modified": NEW}, True),
        (BOTH, {"Last-Modified": OLD}, True),
        (BOTH, {"Last-Modified": NEW}, False),
        ({"Last-Modified": OLD, "Date": DATE}, {"ETag": '"1"'}, False),
        ({"Last-Modified": OLD, "Date": DATE}, {"ETag": 'W/"1"'}, True),
        ({"Last-Modified": OLD, "Date": DATE}, {"ETag": '"1"', "Last-Modified": OLD}, True),
    ],
)
def test_a_304_about_something_else(cache, former, headers, confirmed):
    """It is asked for again without a condition, once."""
    cache.storage.store_response(cache.crawler.spider, REQUEST, FORMER.replace(headers=former))
    answer = Response(REQUEST.url, status=304, headers=headers)
    result = exchange(cache, answer)
    if confirmed:
        assert result.body == FORMER.body
    else:
        assert result.url == REQUEST.url
        assert cache.process_request(result) is None
        assert not {"If-None-Match", "If-Modified-Since"} & {name.decode() for name in result.headers}
        assert cache.process_response(result, answer) is answer
        assert cache.process_response(result, RESPONSE) is RESPONSE


def test_offline_nothing_changes(cache, tmp_path):
    settings = {"HTTPCACHE_DIR": str(tmp_path), "XFILES_OFFLINE": True, "HTTPCACHE_ENABLED": True} | POLICY
    offline = get_crawler(XfilesSpider, settings)
    offline.spider = XfilesSpider.from_crawler(offline)
    middleware = RevalidatingCacheMiddleware.from_crawler(offline)
    middleware.spider_opened(offline.spider)
    before = {path: path.read_bytes() for path in files(tmp_path)}
    request = REQUEST.copy()
    response = middleware.process_request(request)
    assert middleware.process_response(request, response) is response
    offline.signals.send_catch_log(signals.page_failed, **LOST)
    offline.signals.send_catch_log(signals.crawl_failed, cause="it has no transcripts", advice="x")
    assert {path: path.read_bytes() for path in files(tmp_path)} == before


def test_robots_txt_is_not_kept(cache):
    """The spider doesn't see it, and nobody would notice that it is, say, a maintenance page."""
    request = Request("http://site.example/robots.txt", meta={"dont_obey_robotstxt": True})
    exchange(cache, Response(request.url, body=b"User-agent: *"), request)
    assert not cache.held


def test_a_relative_folder_outside_a_project(tmp_path, monkeypatch, caplog):
    """As under scrapyd: the crawl goes on without a cache, and says so."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "xfiles.settings")
    storage = WholeResponseCacheStorage(Settings({"HTTPCACHE_DIR": "httpcache"}))
    storage.open_spider(SimpleNamespace(name="xfiles", crawler=SimpleNamespace(request_fingerprinter=None)))
    storage.store_response(None, REQUEST, RESPONSE)
    assert "The crawl goes on without an HTTP cache: httpcache" in caplog.text
    assert files(tmp_path) == []


def test_a_failure_of_the_host_keeps_the_former_page(cache):
    assert exchange(cache, Response(REQUEST.url, status=503)).status == 503
    cache.crawler.signals.send_catch_log(signals.page_failed, **LOST)
    assert (stored(cache).headers, stored(cache).body) == (FORMER.headers, FORMER.body)
