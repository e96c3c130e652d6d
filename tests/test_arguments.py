"""The spider's arguments."""

import pytest

from xfiles.arguments import ArgumentError, read_bypass, read_links, read_part, read_season, read_url

SITE = "http://site.example/"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (SITE, (SITE, "", "")),
        (f" {SITE}#top\n", (SITE, "", "")),
        ("HTTPS://Site.example:8443/a?b=c", ("https://site.example:8443/a?b=c", "", "")),
        ("http://[::1]:8000/", ("http://[::1]:8000/", "", "")),
        ("http://ann:secret@site.example/", (SITE, "ann", "secret")),
        ("http://ann@site.example/", (SITE, "ann", "")),
        ("http://ann:@site.example/", (SITE, "ann", "")),
        ("http://ann:se%2Fc%40ret@site.example/", (SITE, "ann", "se/c@ret")),
        ("http://ann:se@cr:et@site.example/", (SITE, "ann", "se@cr:et")),
        ("http://site.example/a@b", ("http://site.example/a@b", "", "")),
        ("http://ann@bücher.example/a b", ("http://xn--bcher-kva.example/a%20b", "ann", "")),
        (
            "https://web.archive.org/web/2024id_/http://site.example/",
            ("https://web.archive.org/web/2024id_/http://site.example/", "", ""),
        ),
    ],
)
def test_url(url, expected):
    assert read_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "site.example",
        "ftp://site.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///transcrp/",
        "http://[bad/",
        "http://a:0/",
        "http://a:99999/",
    ],
)
def test_no_url(url):
    with pytest.raises(ArgumentError, match="give one that starts with http:// or https://"):
        read_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://ann:secret@site.example/",
        "http:/ann:secret@site.example/",
        "http://ann:secret@/",
        "http://ann:secret@[bad/",
        "http://ann:secret@site.example:99999/",
        "http://ann:a/secret@site.example/",
        "ann:secret@site.example",
    ],
)
def test_a_password_is_not_said(url):
    with pytest.raises(ArgumentError) as caught:
        read_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("bypass", "expected"), [("1", True), ("TRUE", True), ("yes", True), ("0", False), ("false", False), ("No", False)]
)
def test_bypass(bypass, expected):
    assert read_bypass(bypass) is expected


@pytest.mark.parametrize("bypass", ["", "perhaps", "2"])
def test_neither_yes_nor_no(bypass):
    with pytest.raises(ArgumentError, match="give 1 or 0, true or false, yes or no"):
        read_bypass(bypass)


def test_part():
    assert read_part("2/4") == (2, 4)


@pytest.mark.parametrize("part", ["", "0/2", "3/2", "1", "1/0", "1/2/3", "-1/2", "1/1234567"])
def test_no_part(part):
    with pytest.raises(ArgumentError, match="give K/N with K from 1 to N"):
        read_part(part)


def test_season():
    assert read_season("10") == 10


@pytest.mark.parametrize("season", ["", "0", "05", "-1", "1.0", "one", "100", "٣", "1 "])
def test_no_season(season):
    with pytest.raises(ArgumentError, match="give a number from 1"):
        read_season(season)


@pytest.mark.parametrize("links", ["transcrp/tlg", "transcrp/", "old/transcrp/scrp5", "~ann/spoons-1.0/x_"])
def test_links(links):
    assert read_links(links) == links


@pytest.mark.parametrize(
    "links",
    [
        "",
        "tlg",
        "/",
        "../transcrp/tlg",
        "./x",
        "/transcrp/tlg",
        "transcrp//tlg",
        "http://site.example/",
        "a b/c",
        "a/b?c",
        "a/b\n",
        "é/é",
    ],
)
def test_no_links(links):
    with pytest.raises(ArgumentError, match="give a folder and what names in it begin with"):
        read_links(links)
