"""From the home page to the transcript pages to their dialogue."""

import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self
from urllib.parse import urldefrag, urlsplit

from scrapy import Request, Spider
from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from xfiles import signals
from xfiles.index import TRANSCRIPT_LINK, IndexEntry, read_index
from xfiles.items import DialogueItem
from xfiles.text import one_line, stable_hash
from xfiles.transcript import Transcript, TranscriptError, parse_transcript

HOME_PAGE = "http://www.insidethex.co.uk/"

_YES, _NO = frozenset(("1", "true", "yes")), frozenset(("0", "false", "no"))
# scrp179.htm is of season 1, scrp1001.html of season 10; the pilot's name holds its production code, 1X79.
_SEASON_IN_URL = re.compile(r"/scrp(\d{1,2})\d\d\.html?$")
# So many requests wait at most, however long the home page is: each takes more memory than an index entry.
_WAITING = 100
_HTML_TYPES = ("text/html", "text/plain", "application/xhtml+xml")


class ArgumentError(ValueError):
    """A spider argument that makes no sense. Raised by :class:`XfilesSpider`; the message says what to give."""


class XfilesSpider(Spider):
    """Follows the transcript links of a home page, or reads one page, and yields a DialogueItem a page.

    :param url: another home page than :data:`HOME_PAGE`; with ``bypass``, the transcript page itself
    :param bypass: 1/0, true/false or yes/no: whether ``url`` is a transcript page
    :param part: K/N: only the Kth of N shares of the home page's transcripts, for crawls that share the work
    :param _job: the job's id, which scrapyd passes
    """

    name = "xfiles"

    def __init__(
        self,
        url: str | None = None,
        bypass: str = "0",
        part: str = "1/1",
        _job: str | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise ArgumentError(f"unknown argument {', '.join(unknown)}: give url, bypass or part")
        self.part, self.parts = _read_part(part)
        if bypass.lower() not in _YES | _NO:
            raise ArgumentError(f"bypass is {bypass!r}: give 1 or 0, true or false, yes or no")
        self.bypass = bypass.lower() in _YES
        if self.bypass and url is None:
            raise ArgumentError("bypass needs the url of a transcript page: give -a url=URL -a bypass=1")
        super().__init__()
        self.url = _read_url(HOME_PAGE if url is None else url)
        self.allowed_domains = [_host(self.url)]  # redirects to other hosts are not followed either
        self.entries: deque[IndexEntry] = deque()  # the transcripts not asked for yet

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, scrapy_signals.spider_idle)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """What the project's own settings mean for Scrapy's."""
        super().update_settings(settings)
        if contact := settings.get("XFILES_CONTACT"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")
        if settings.getbool("XFILES_OFFLINE"):
            # A policy that never asks, and robots.txt, which is about asking, is not asked for either.
            settings.set("HTTPCACHE_POLICY", "scrapy.extensions.httpcache.DummyPolicy", priority="spider")
            settings.set("HTTPCACHE_IGNORE_MISSING", True, priority="spider")
            settings.set("ROBOTSTXT_OBEY", False, priority="spider")

    async def start(self) -> AsyncIterator[Request]:
        if self.bypass:
            for request in self.follow([IndexEntry(self.url)]):
                yield request
        else:
            yield Request(self.url, self.parse, errback=self._home_page_failed)

    def parse(self, response: Response) -> Iterator[Request]:
        """The home page: a request for each transcript it links to on its own host."""
        entries = []
        if isinstance(response, TextResponse):
            entries = read_index(response.text, response.url)
        entries = [entry for entry in entries if _host(entry.url) in self.allowed_domains]
        if not entries:
            self.logger.error(
                "The home page %s has no link to %r on its host: is it the right url?", response.url, TRANSCRIPT_LINK
            )
            raise CloseSpider("no_transcripts")
        return self.follow([entry for entry in entries if self.takes(entry.url)])

    def follow(self, entries: list[IndexEntry]) -> Iterator[Request]:
        """The requests of the first of ``entries``; each page that is done brings another's."""
        for entry in entries:
            self.crawler.signals.send_catch_log(signals.page_found, url=entry.url)
        self.entries.extend(entries)
        return self._next_requests(_WAITING)

    def idle(self) -> None:
        """Go on if entries are left: a page that a redirect lost brings no other's request."""
        if self.entries:
            self._ask(_WAITING)
            raise DontCloseSpider

    def _ask(self, number: int) -> None:
        for request in self._next_requests(number):
            self.crawler.engine.crawl(request)

    def _next_requests(self, number: int) -> Iterator[Request]:
        for _ in range(number):
            if not self.entries:  # looked at each time: pages that are done take entries too
                return
            entry = self.entries.popleft()
            yield Request(entry.url, self.parse_transcript, errback=self._transcript_failed, cb_kwargs={"entry": entry})

    def takes(self, url: str) -> bool:
        """Whether the page at ``url`` is of this crawl's part: the same in every run, on every machine."""
        return stable_hash(url) % self.parts == self.part - 1

    def parse_transcript(self, response: Response, entry: IndexEntry) -> Iterator[DialogueItem]:
        """A transcript page: its dialogue as one item."""
        self._ask(1)
        try:
            transcript = read_transcript(response)
        except TranscriptError as error:
            self._page_failed(entry.url, str(error))
        else:
            self.crawler.stats.inc_value(f"xfiles/pages/{transcript.family}")
            yield make_item(transcript, entry)

    def _transcript_failed(self, failure: Failure) -> None:
        self._ask(1)
        self._page_failed(failure.request.cb_kwargs["entry"].url, describe(failure))

    def _page_failed(self, url: str, cause: str) -> None:
        self.logger.error("The page %s is lost: %s", url, cause)
        self.crawler.signals.send_catch_log(signals.page_failed, url=url, cause=cause)

    def _home_page_failed(self, failure: Failure) -> None:
        self.logger.error("The home page %s can't be read: %s", self.url, describe(failure))


def read_transcript(response: Response) -> Transcript:
    """The transcript on the page ``response``.

    Raises :exc:`TranscriptError` if the page is no HTML or holds no dialogue.
    """
    content_type = one_line(response.headers.get("Content-Type", b"text/html").decode("latin-1"))
    if not isinstance(response, TextResponse) or not content_type.lower().startswith(_HTML_TYPES):
        raise TranscriptError(f"it is no HTML but {content_type}")
    transcript = parse_transcript(response.text)
    if not transcript.lines:
        raise TranscriptError("it has no dialogue")
    return transcript


def make_item(transcript: Transcript, entry: IndexEntry) -> DialogueItem:
    """The item of a page: what it says of itself goes before what the index says."""
    title, dash, code = transcript.title.rpartition(" - ")
    season = _SEASON_IN_URL.search(urlsplit(entry.url).path)
    return DialogueItem(
        url=entry.url,
        episode=transcript.title or " - ".join(filter(None, (entry.title, entry.code))) or None,
        title=(title if dash else transcript.title) or entry.title,
        code=code if dash else entry.code,
        season=int(season[1]) if season else None,
        aired=entry.aired,
        mytharc=entry.mytharc,
        lines=transcript.lines,
        scenes=transcript.scenes,
    )


def describe(failure: Failure) -> str:
    """The cause of a failed request, in one line."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"the server answered {error.response.status}"
    # Twisted wraps what broke a connection in a list of reasons, and Scrapy wraps that.
    reasons = getattr(error.__cause__, "reasons", None)
    reason = reasons[0].value if reasons else error
    return one_line(f"{type(error).__name__}: {reason}").rstrip(": ")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _read_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ArgumentError(f"url is {url!r}: give one that starts with http:// or https://")
    return urldefrag(parts.geturl()).url


def _read_part(part: str) -> tuple[int, int]:
    numbers = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", part)
    if numbers is None or int(numbers[1]) > int(numbers[2]):
        raise ArgumentError(f"part is {part!r}: give K/N with K from 1 to N, such as 2/4")
    return int(numbers[1]), int(numbers[2])
