"""A page's address, by tables of spellings, and an episode's among the pages that are shown."""

import pytest

from xfiles.browsing.addresses import Addresses
from xfiles.reading.addresses import host, join, original_url, page_key, unaltered

PAGE = "insidethex.co.uk/transcrp/scrp511.htm"


@pytest.mark.parametrize(
    "url",
    [
        "http://www.insidethex.co.uk/transcrp/scrp511.htm",
        "https://www.insidethex.co.uk/transcrp/scrp511.htm",
        "HTTP://InsideTheX.co.uk:80/transcrp/scrp511.htm",
        "https://insidethex.co.uk:443/transcrp/scrp511.htm#truth_part2",
        "http://www.insidethex.co.uk./transcrp/%73crp511.htm",
        "http://www.insidethex.co.uk/TRANSCRP/SCRP511.HTM",
        "http://www.insidethex.co.uk/transcrp//Scrp511.htm",
        "http://user:word@insidethex.co.uk/transcrp/scrp511.htm?",
        "https://web.archive.org/web/20230105id_/http://www.insidethex.co.uk/transcrp/scrp511.htm",
        "https://web.archive.org/web/20230105123456/http://www.insidethex.co.uk:80/transcrp/scrp511.htm",
        "https://web.archive.org/web/2024id_/http:/www.insidethex.co.uk/transcrp/scrp511.htm",
        "http://127.0.0.1:8080/web/2026id_/http://insidethex.co.uk/transcrp/scrp511.htm",
        "http://127.0.0.1:8080/coll/mp_/http://insidethex.co.uk/transcrp/scrp511.htm",
        "http://127.0.0.1/mp_/http:/www.insidethex.co.uk/transcrp/scrp511.htm",
        "http://127.0.0.1/2024/https://web.archive.org/web/2024id_/http://insidethex.co.uk/transcrp/scrp511.htm",
    ],
)
def test_one_page_in_many_spellings(url):
    assert page_key(url) == PAGE


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("http://site.example", "site.example/"),
        ("http://site.example:8080/a", "site.example:8080/a"),
        ("http://site.example/A", "site.example/A"),
        ("http://site.example//a///", "site.example/a/"),
        ("http://site.example/TRANSCRP/NEWS.HTM", "site.example/TRANSCRP/NEWS.HTM"),
        ("http://site.example/a?b=2&a=1", "site.example/a?a=1&b=2"),
        ("http://site.example/caf\xe9", "site.example/caf%C3%A9"),
        ("http://site.example/caf%c3%a9", "site.example/caf%C3%A9"),
        ("http://[::1]:8000/a", "::1:8000/a"),
        ("http://site.example/go?to=http://insidethex.co.uk/", "site.example/go?to=http%3A%2F%2Finsidethex.co.uk%2F"),
        ("http://site.example/1999/01/a.htm", "site.example/1999/01/a.htm"),
        ("http://site.example/coll/http://a.example/", "site.example/coll/http://a.example/"),
        ("http://site.example/coll//http://a.example/", "site.example/coll/http://a.example/"),
    ],
)
def test_other_pages(url, page):
    assert page_key(url) == page


@pytest.mark.parametrize(
    "url",
    [
        "http://www.Bücher.example/a",
        "http://xn--bcher-kva.example/a",
        "http://b%C3%BCcher.example/a",
        "https://web.archive.org/web/2024id_/http://bücher.example/a",
        "https://web.archive.org/web/2024id_/http://b%c3%bccher.example/a",
    ],
)
def test_one_host_in_two_alphabets(url):
    assert page_key(url) == "xn--bcher-kva.example/a"
    assert host(original_url(url)) == "xn--bcher-kva.example"


def test_host():
    assert host("HTTPS://WWW.Site.Example:443/x") == "site.example"
    assert host("https://site.example:80/") == "site.example:80"
    assert host("mailto:me") == ""
    assert host(f"http://{'ü' * 70}.example/") == f"{'ü' * 70}.example"  # nobody's


def test_original_url():
    assert original_url("https://web.archive.org/web/2024id_/http://a.example/b?c=d") == "http://a.example/b?c=d"
    assert original_url("http://a.example/b") == "http://a.example/b"


@pytest.mark.parametrize("url", ["http://site.example:99999/", "http://[bad/"])
def test_no_address(url):
    with pytest.raises(ValueError, match=r"[Pp]ort|Invalid"):
        page_key(url)


@pytest.mark.parametrize(
    ("base", "href", "url"),
    [
        ("http://site.example/a/", " b.htm ", "http://site.example/a/b.htm"),
        ("http://site.example/", "mailto:ann@site.example", "mailto:ann@site.example"),
        (
            "https://archive.example/web/2024id_/http://site.example/a/",
            "b",
            "https://archive.example/web/2024id_/http://site.example/a/b",
        ),
        (
            "https://archive.example/web/2024/http:/site.example/",
            "/b",
            "https://archive.example/web/2024/http://site.example/b",
        ),
        ("https://archive.example/web/2024/http://site.example/", "mailto:a@b", "mailto:a@b"),
        (
            "https://archive.example/web/2024/http://site.example/",
            "/web/2023/https://www.site.example/b?c=d",
            "https://archive.example/web/2024/https://www.site.example/b?c=d",
        ),
    ],
)
def test_join(base, href, url):
    assert join(base, href) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://site.example/2024/", "http://site.example/2024/"),
        ("https://a.example/web/2024/http://site.example/", "https://a.example/web/2024id_/http://site.example/"),
        ("https://a.example/web/mp_/http://site.example/", "https://a.example/web/mp_/http://site.example/"),
        ("https://a.example/web/2024mp_/http://site.example/", "https://a.example/web/2024mp_/http://site.example/"),
    ],
)
def test_unaltered(url, expected):
    assert unaltered(url) == expected


OTHER = "evil.example/scripts/scrp511.htm"
FILM = "films.example/fight.htm"


@pytest.mark.parametrize(
    ("asked", "pages"),
    [("5X11", [PAGE]), ("5x11", [PAGE]), ("scrp511", [PAGE]), ("SCRP511", [PAGE]), (PAGE, [PAGE]),
     (PAGE.upper(), [PAGE]), (OTHER, [OTHER]), ("fight", [FILM]), ("old", [FILM]), ("films.example/old.htm", [FILM]),
     ("6X01", ["a/b", "c/d"]), ("b", ["a/b"]), ("", []), ("nothing", [])],
)  # fmt: skip
def test_an_address_is_meant_for(asked, pages):
    episodes = [(PAGE, "5X11", None), (OTHER, None, None), (FILM, "", "films.example/old.htm"), ("a/b", "6X01", None)]
    assert Addresses([*episodes, ("c/d", "6X01", None)]).find(asked) == pages


@pytest.mark.parametrize(
    ("others", "address"),
    [([], "5X11"), ([("a/scrp511", "5x11")], "5X11"), ([("insidethex.co.uk/transcrp/x.htm", "5X11")], "scrp511"),
     ([(f"{PAGE}l", "5X11")], PAGE), ([("5X11", None)], "scrp511")],
)  # fmt: skip
def test_the_shortest_address_of_its_own(others, address):
    addresses = Addresses([(PAGE, "5X11", None), *((page, code, None) for page, code in others)])
    assert addresses.of(PAGE) == address
    assert all(addresses.find(addresses.of(page)) == [page] for page, _ in others)
