"""A response and what becomes of it, by table."""

import pytest
from conftest import page
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import HtmlResponse, Response
from scrapy.spidermiddlewares.httperror import HttpError

from xfiles.failures import describe
from xfiles.pages import digest, read_markup, read_transcript
from xfiles.reading.entry import Entry
from xfiles.reading.episode import make_item
from xfiles.reading.transcript import Transcript, TranscriptError

URL = "http://site.example/transcrp/scrp101.htm"
COPY = f"https://archive.example/web/20240105123456/{URL}"
SPEECH = "<p><b>ANN:</b> One."


def response(body: str, url: str = URL, **attributes) -> HtmlResponse:
    return HtmlResponse(url, body=body.encode(), encoding="utf-8", **attributes)


@pytest.mark.parametrize(
    ("refused", "cause"),
    [
        (Response(URL, body=b"\0", headers={"Content-Type": "image/png"}), "it is no HTML but image/png"),
        (response(SPEECH, headers={"Content-Type": "application/\n json"}), "it is no HTML but application/ json"),
        (response("<p>Nobody speaks."), "it has no dialogue"),
        (response(SPEECH, status=404), "the server answered 404"),
        (response(""), "the page is empty"),
    ],
)
def test_a_page_that_is_refused(refused, cause):
    with pytest.raises(TranscriptError, match=cause):
        read_transcript(refused)


@pytest.mark.parametrize(
    "insert",
    [
        "<!-- BEGIN WAYBACK TOOLBAR INSERT -->{}<p><b>BAR:</b> 7 captures</div><!-- END WAYBACK TOOLBAR INSERT -->",
        '<div id="wm-ipp-base" lang="en"><div><p><b>BAR:</b> 7</div><DIV> captures</DIV ></div>',
        "<DIV CLASS=x ID=wm-ipp><p><b>BAR:</b> 7 captures</DIV><div id='wm-ipp-print'>The archive</div>",
    ],
)
def test_a_web_archives_toolbar(insert):
    body = page(SPEECH)
    replayed = body.replace("<FONT>", insert + "<FONT>")
    assert read_markup(response(replayed, COPY)) == body
    assert read_markup(response(replayed, URL)) == replayed  # the site's own is the site's


@pytest.mark.parametrize("insert", ['<div id="wm-ipp">' * 20_000, "<!-- BEGIN WAYBACK TOOLBAR INSERT -->" * 20_000])
def test_a_toolbar_that_never_ends(insert):
    body = page(SPEECH)
    assert read_markup(response(insert + body, COPY)) == insert + body


@pytest.mark.parametrize(
    ("body", "flags", "warns"),
    [
        (SPEECH, ["partial"], True),
        (SPEECH, [], False),
        (page(SPEECH), ["partial"], False),
        (SPEECH + "<p>[The\nEnd]", ["partial"], False),
        (SPEECH + "<p>TO BE CONTINUED ...", ["partial"], False),
        (SPEECH + "<p>[THE END]<p>Transcribed by a fan", ["partial"], False),
        (page(SPEECH) + "<!-- a counter -->", ["partial"], False),
        # What isn't the page's end.
        (SPEECH + " This is the end. <p>He leaves.", ["partial"], True),
        ("<p>THE END" + SPEECH, ["partial"], True),
        (SPEECH + "<p>END OF PART ONE" + SPEECH, ["partial"], True),
        (SPEECH + "<p>END OF PART ONE", ["partial"], True),
        (page(SPEECH) + "<p>He goes on. " * 200, ["partial"], True),
    ],
)
def test_a_page_without_an_end(caplog, body, flags, warns):
    read_transcript(response(body, flags=flags))
    assert [URL in message and "cut short" in message for message in caplog.messages] == [True] * warns


ENTRY = Entry("site.example/transcrp/scrp101.htm", URL, "DEEP THROAT", "1X01", "1993-09-17", True, 2)


@pytest.mark.parametrize(
    ("body", "flags", "known"), [(SPEECH, [], True), (SPEECH, ["partial"], False), (page(SPEECH), ["partial"], True)]
)
def test_what_may_have_been_cut_is_to_be_read_again(body, flags, known):
    assert (digest(response(body, flags=flags), ENTRY) is not None) == known


def test_what_is_too_long_is_told(caplog):
    read_transcript(response(page("<hr>SCENE 1 " + "SPOONS " * 60, SPEECH, title="SPOONS " * 60)))
    assert [record.getMessage() for record in caplog.records] == [
        f"The page {URL} has a {part} of more than 200 letters: it is cut there" for part in ("title", "heading")
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Deep Throat - 1X99", ("Deep Throat - 1X99", "Deep Throat", "1X99")),
        ("Deep Throat", ("Deep Throat", "Deep Throat", "1X01")),
        ("", ("DEEP THROAT - 1X01", "Deep Throat", "1X01")),
    ],
)
def test_what_the_page_says_of_itself_goes_first(title, expected):
    item = make_item(Transcript(title, "bold", [], []), ENTRY)
    assert (item.episode, item.title, item.code) == expected
    assert (item.page, item.url, item.season, item.number, item.aired, item.mytharc) == (
        "site.example/transcrp/scrp101.htm",
        URL,
        1,
        2,
        "1993-09-17",
        True,
    )


@pytest.mark.parametrize(
    ("path", "season"),
    [
        ("scrp179.htm", 1),
        ("scrp1004.html", 10),
        ("scrpspringfield.htm", None),
        ("tlg105.htm", None),
        ("scrp919.htm", 9),
    ],
)
@pytest.mark.parametrize(
    "base", ["http://site.example/transcrp/", "https://a.example/web/2024id_/http://site.example/"]
)
def test_season(base, path, season):
    item = make_item(Transcript("", "bold", [], []), Entry(path, base + path))
    assert item.season == season


def chained(error: Exception, reason: str) -> Exception:
    error.__cause__ = Exception()
    error.__cause__.reasons = [type("Failure", (), {"value": reason})]
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (HttpError(Response(URL, 503)), "the server answered 503"),
        (
            HttpError(Response(URL, 503, {"Retry-After": "3600"})),
            "the server answered 503, and says to ask again in 3600 seconds",
        ),
        (IgnoreRequest("Forbidden by robots.txt"), "Forbidden by robots.txt"),
        (DownloadTimeoutError("it took\nlong. "), "it took long"),
        (CannotResolveHostError(), "CannotResolveHostError"),
        (ResponseDataLossError(), "the page was cut short"),
        (ValueError("odd"), "ValueError: odd"),
        (
            chained(DownloadFailedError("[...]"), "Connection was closed."),
            "Connection was closed",
        ),
    ],
)
def test_why_a_request_failed(error, cause):
    assert describe(error) == cause
