"""The cache: what it keeps, when it asks, and its storage, killed in the middle of a page or tampered with."""

import os
import pickle
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import PROJECT, TIMEOUT
from scrapy.http import Headers, HtmlResponse, Request, Response
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from xfiles import signals
from xfiles.ledger import Summary
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


def test_forgotten(tmp_path):
    storage, spider = make_storage(tmp_path)
    storage.store_response(spider, REQUEST, RESPONSE)
    for _ in range(2):
        storage.delete_response(spider, REQUEST)
        assert storage.retrieve_response(spider, REQUEST) is None
    assert files(tmp_path) == []


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


@pytest.mark.parametrize(
    ("headers", "conditions"),
    [
        ({"ETag": '"1"', "Last-Modified": "then"}, {"If-None-Match": '"1"', "If-Modified-Since": "then"}),
        ({"Cache-Control": "max-age=1000000", "Expires": "Fri, 01 Jan 2100 00:00:00 GMT"}, {}),
    ],
)
def test_the_host_is_asked_each_time(headers, conditions):
    request = REQUEST.copy()
    assert not RevalidatingPolicy(Settings()).is_cached_response_fresh(Response(REQUEST.url, headers=headers), request)
    assert request.headers == Headers(conditions)


@pytest.mark.parametrize(
    ("signal", "facts", "kept"),
    [
        (signals.page_failed, {"page": "site.example/transcrp/scrp101.htm", "url": REQUEST.url, "cause": "x"}, False),
        (signals.page_failed, {"page": "site.example/transcrp/scrp102.htm", "url": REQUEST.url, "cause": "x"}, True),
        (signals.crawl_failed, {"cause": "it has no transcripts", "advice": "x"}, False),
    ],
)
@pytest.mark.parametrize("redirected", [False, True])
def test_what_a_page_was_lost_with_is_forgotten(tmp_path, signal, facts, kept, redirected):
    crawler = get_crawler(XfilesSpider, {"HTTPCACHE_DIR": str(tmp_path), "HTTPCACHE_ENABLED": True} | POLICY)
    crawler.spider = XfilesSpider.from_crawler(crawler)
    cache = RevalidatingCacheMiddleware.from_crawler(crawler)
    cache.spider_opened(crawler.spider)
    requests = [REQUEST]
    if redirected:
        cache.process_response(REQUEST, Response(REQUEST.url, status=302, headers={"Location": "/new.htm"}))
        requests.append(Request("http://site.example/new.htm", meta={"redirect_urls": [REQUEST.url]}))
    cache.process_response(requests[-1], HtmlResponse(requests[-1].url, body=b"<p>Nobody speaks."))
    crawler.signals.send_catch_log(signal, **facts)
    for request in requests:
        assert (cache.storage.retrieve_response(crawler.spider, request) is not None) is kept


def test_what_is_stored_stays(tmp_path):
    """Nor is the request kept in memory, of which there are as many as pages."""
    crawler = get_crawler(XfilesSpider, {"HTTPCACHE_DIR": str(tmp_path), "HTTPCACHE_ENABLED": True} | POLICY)
    crawler.spider = XfilesSpider.from_crawler(crawler)
    cache = RevalidatingCacheMiddleware.from_crawler(crawler)
    cache.spider_opened(crawler.spider)
    cache.process_response(REQUEST, RESPONSE)
    page = page_key(REQUEST.url)
    crawler.signals.send_catch_log(
        signals.episode_stored, episode=Summary(page, REQUEST.url, Counter(), 0, 0, 0), change="new"
    )
    assert not cache.used
    crawler.signals.send_catch_log(signals.page_failed, page=page, url=REQUEST.url, cause="x")
    assert cache.storage.retrieve_response(crawler.spider, REQUEST)


def test_a_relative_folder_outside_a_project(tmp_path, monkeypatch, caplog):
    """As under scrapyd: the crawl goes on without a cache, and says so."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "xfiles.settings")
    storage = WholeResponseCacheStorage(Settings({"HTTPCACHE_DIR": "httpcache"}))
    storage.open_spider(SimpleNamespace(name="xfiles", crawler=SimpleNamespace(request_fingerprinter=None)))
    storage.store_response(None, REQUEST, RESPONSE)
    assert "The crawl goes on without an HTTP cache: httpcache" in caplog.text
    assert files(tmp_path) == []


def test_a_failure_of_the_host_keeps_the_former_page(tmp_path):
    crawler = get_crawler(XfilesSpider, {"HTTPCACHE_DIR": str(tmp_path), "HTTPCACHE_ENABLED": True} | POLICY)
    crawler.spider = XfilesSpider.from_crawler(crawler)
    cache = RevalidatingCacheMiddleware.from_crawler(crawler)
    cache.spider_opened(crawler.spider)
    cache.storage.store_response(crawler.spider, REQUEST, RESPONSE)
    request = REQUEST.copy()
    assert cache.process_request(request) is None
    assert request.headers["If-None-Match"] == b'"1"'
    assert cache.process_response(request, Response(request.url, status=503)).status == 503
    crawler.signals.send_catch_log(signals.page_failed, page=page_key(request.url), url=request.url, cause="503")
    assert cache.storage.retrieve_response(crawler.spider, request).body == RESPONSE.body
