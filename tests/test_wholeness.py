"""Bodies that were cut, damaged or encoded in odd ways."""

import zlib
from functools import partial
from gzip import compress

import pytest
from scrapy.exceptions import DownloadCancelledError, ResponseDataLossError
from scrapy.http import HtmlResponse, Response

from xfiles.middlewares.wholeness import read_whole

TEXT = "".join(f"<p><b>ANN:</b> Señor number {number}.\n" for number in range(400)).encode()
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
RAW_DEFLATE = RAW.compress(TEXT) + RAW.flush()
HALF = len(TEXT) // 2
# Not with the time: it would be a part of a test's name, which two workers must agree on.
compressed = partial(compress, mtime=0)


def answer(body, *encodings, status=200, flags=()):
    headers = {"Content-Type": "text/html", "Content-Encoding": list(encodings), "ETag": '"1"'}
    return Response("http://site.example/", status=status, headers=headers, body=body, flags=list(flags))


@pytest.mark.parametrize(
    ("body", "encodings"),
    [
        (TEXT, []),
        (TEXT, ["identity"]),
        (TEXT, [""]),
        (compressed(TEXT), ["gzip"]),
        (compressed(TEXT), ["X-GZIP "]),
        (compressed(TEXT[:HALF]) + compressed(TEXT[HALF:]), ["gzip"]),
        (compressed(TEXT) + bytes(8), ["gzip"]),
        (compressed(TEXT) + b"\r\n", ["gzip"]),
        (compressed(compressed(TEXT)), ["gzip"]),
        (compressed(TEXT), []),
        (TEXT, ["none"]),
        (TEXT, ["UTF-8"]),
        (compressed(compressed(TEXT)), ["gzip, gzip"]),
        (compressed(compressed(TEXT)), ["gzip", "gzip"]),
    ],
)
def test_whole(body, encodings):
    whole = read_whole(answer(body, *encodings))
    assert type(whole) is HtmlResponse
    assert whole.body == TEXT
    assert "Content-Encoding" not in whole.headers
    assert whole.headers["ETag"] == b'"1"'


TWO = compressed(TEXT[:HALF]) + compressed(TEXT[HALF:])


@pytest.mark.parametrize(
    ("body", "encoding", "cause"),
    [
        (compressed(TEXT)[:-9], "gzip", "ends too soon"),
        (compressed(TEXT)[:-1], "gzip", "ends too soon"),
        (compressed(TEXT)[:5], "gzip", "ends too soon"),
        (compressed(TEXT)[:-8] + bytes(8), "gzip", "damaged"),
        (TEXT, "gzip", "damaged"),
        (TWO[:-9], "gzip", "ends too soon"),
        (TWO[: len(compressed(TEXT[:HALF])) + 1], "gzip", "damaged"),
        (compressed(compressed(TEXT)[:-9]), "gzip, gzip", "ends too soon"),
        (compressed(compressed(TEXT)[:-9]), "gzip", "ends too soon"),
        (compressed(TEXT)[:-9], "", "ends too soon"),
        (compressed(TEXT) + b"\n<!-- a counter -->", "gzip", "damaged"),
        (compressed(zlib.compress(TEXT)[:-200]), "deflate, gzip", "wasn't asked for"),
        (zlib.compress(TEXT)[:-200], "deflate", "wasn't asked for"),
        (RAW_DEFLATE[:-200], "deflate", "wasn't asked for"),
        (b"\x0b\x02\x80", "br", "wasn't asked for"),
        (b"\x28\xb5\x2f\xfd", "zstd", "wasn't asked for"),
        (TEXT, "chunked", "wasn't asked for"),
        (TEXT, "\xff\0", "wasn't asked for"),
    ],
)
def test_not_whole(body, encoding, cause):
    with pytest.raises(ResponseDataLossError, match=cause):
        read_whole(answer(body, encoding))


def test_bombs_are_not_read():
    bomb = compressed(bytes(50_000_000))
    for body, encodings in ((bomb, ["gzip"]), (compressed(bomb), ["gzip, gzip"]), (compressed(bomb), ["gzip"])):
        with pytest.raises(DownloadCancelledError, match="more than DOWNLOAD_MAXSIZE, 1000000 bytes"):
            read_whole(answer(body, *encodings), 1_000_000)
    assert len(read_whole(answer(compressed(bytes(1_000_000)), "gzip"), 1_000_000).body) == 1_000_000


@pytest.mark.parametrize("status", [201, 202, 204, 205, 206, 226])
def test_a_part_is_no_page(status):
    with pytest.raises(ResponseDataLossError, match=f"the server answered {status}, which is no whole page"):
        read_whole(answer(TEXT[:HALF], status=status))


@pytest.mark.parametrize("status", [301, 304, 404, 429, 503])
def test_what_is_no_page_passes(status):
    """Whatever its body is: nobody reads it."""
    no_page = answer(b"\x0b\x02\x80", "br", status=status)
    assert read_whole(no_page) is no_page


def test_a_page_may_have_been_changed_by_a_proxy():
    assert read_whole(answer(compressed(TEXT), "gzip", status=203)).body == TEXT


@pytest.mark.parametrize(
    ("original", "cut"),
    [
        ({"Content-Length": len(TEXT)}, False),
        ({"Content-Length": 5}, False),  # the archive adds to it
        ({"Content-Length": len(TEXT) + 1}, True),
        ({"Content-Length": 9**9, "Content-Encoding": "x"}, False),
        ({"Content-Length": "?"}, False),
    ],
)
def test_an_archives_copy_of_a_part(original, cut):
    copy = answer(TEXT)
    copy.headers.update({f"X-Archive-Orig-{name}": str(value) for name, value in original.items()})
    if cut:
        with pytest.raises(ResponseDataLossError, match=f"it has {len(TEXT)} of {len(TEXT) + 1} bytes"):
            read_whole(copy)
    else:
        assert read_whole(copy).body == TEXT


def test_what_may_have_been_cut_is_not_confirmed():
    assert "ETag" not in read_whole(answer(TEXT, flags=["partial"])).headers
    assert "ETag" in read_whole(answer(compressed(TEXT), "gzip", flags=["partial"])).headers
