"""The cache's storage, killed in the middle of a page."""

import pytest
from scrapy.http import HtmlResponse, Request
from scrapy.utils.test import get_crawler

from xfiles.httpcache import WholeResponseCacheStorage
from xfiles.spiders.xfiles import XfilesSpider

REQUEST = Request("http://site.example/transcrp/scrp101.htm")
RESPONSE = HtmlResponse(REQUEST.url, body=b"<p><b>ANN:</b> One.")


class KilledResponse(HtmlResponse):
    def to_dict(self):
        raise KeyboardInterrupt


@pytest.fixture
def spider(tmp_path):
    crawler = get_crawler(XfilesSpider, {"HTTPCACHE_DIR": str(tmp_path)})
    return XfilesSpider.from_crawler(crawler)


@pytest.fixture
def storage(spider):
    storage = WholeResponseCacheStorage(spider.settings)
    storage.open_spider(spider)
    return storage


def test_a_page_stored_to_its_end(storage, spider):
    assert storage.retrieve_response(spider, REQUEST) is None
    storage.store_response(spider, REQUEST, RESPONSE)
    assert storage.retrieve_response(spider, REQUEST).body == RESPONSE.body


@pytest.mark.parametrize("former", [True, False])
def test_a_page_cut_off(storage, spider, former):
    if former:
        storage.store_response(spider, REQUEST, RESPONSE)
    with pytest.raises(KeyboardInterrupt):
        storage.store_response(spider, REQUEST, KilledResponse(REQUEST.url, body=b"<p>"))
    assert storage.retrieve_response(spider, REQUEST) is None
    storage.store_response(spider, REQUEST, RESPONSE)
    assert storage.retrieve_response(spider, REQUEST).body == RESPONSE.body
