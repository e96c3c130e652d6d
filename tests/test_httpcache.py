"""The cache's storage, killed in the middle of a page."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT
from scrapy.http import HtmlResponse, Request
from scrapy.utils.test import get_crawler

from xfiles.httpcache import WholeResponseCacheStorage
from xfiles.spiders.xfiles import XfilesSpider

REQUEST = Request("http://site.example/transcrp/scrp101.htm")
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
    storage, spider = make_storage(tmp_path, HTTPCACHE_EXPIRATION_SECS=10)
    storage.store_response(spider, REQUEST, RESPONSE)
    assert storage.retrieve_response(spider, REQUEST) is not None
    storage.expiration = 1e-9
    assert storage.retrieve_response(spider, REQUEST) is None


@pytest.mark.parametrize("former", [True, False])
def test_a_page_cut_off(tmp_path, former):
    storage, spider = make_storage(tmp_path)
    if former:
        storage.store_response(spider, REQUEST, RESPONSE)
    paths = os.pathsep.join((str(PROJECT), str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], env=os.environ | {"PYTHONPATH": paths}, timeout=60
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
