"""From the home page to the transcript pages to their dialogue."""

import shlex
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from functools import partial
from operator import itemgetter
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from xfiles import signals
from xfiles.arguments import ArgumentError, read_bypass, read_links, read_part, read_season, read_url
from xfiles.failures import describe, refusal
from xfiles.items import DialogueItem, UnchangedItem
from xfiles.middlewares.redirects import OtherSiteError
from xfiles.pages import MAY_BE_CUT, digest, may_be_cut, read_markup, read_transcript
from xfiles.reading.addresses import host, original_url, page_key, unaltered
from xfiles.reading.broadcast import FAR, odd_dates
from xfiles.reading.entry import Entry, season_of
from xfiles.reading.episode import make_item
from xfiles.reading.home_page import TRANSCRIPT_LINK, read_home_page
from xfiles.reading.markup import TranscriptError
from xfiles.reading.text import stable_hash
from xfiles.reading.transcript import Transcript, parse_transcript

HOME_PAGE = "http://www.insidethex.co.uk/"
#: What to try when the home page gives nothing, and when a web archive's copy of it does.
ADVICE = (
    "scrapy sample, which needs no network, or the site's copy in a web archive: "
    f"scrapy crawl xfiles -a url=https://web.archive.org/web/2024id_/{HOME_PAGE}"
)
ADVICE_ON_COPIES = "the same later, another year's copy, or scrapy sample, which needs no network"


def _command(url: str) -> str:
    """What to type for a crawl from ``url``."""
    return f"scrapy crawl xfiles -a {shlex.quote(f'url={url}')}"


def _has_dialogue(markup: str) -> bool:
    try:
        return bool(parse_transcript(markup).lines)
    except TranscriptError:
        return False


class XfilesSpider(Spider):
    """Follows the transcript links of a home page, or reads one page, and yields one DialogueItem per page.

    :param url: another home page than :data:`HOME_PAGE`, such as a web archive's copy of it; with ``bypass``, the
        transcript page itself
    :param bypass: 1/0, true/false or yes/no: whether ``url`` is a transcript page
    :param part: K/N: only the Kth of N shares of the home page's transcripts, for crawls that share the work
    :param season: K: only the transcripts of that season
    :param links: what the address of a transcript contains, by default :data:`TRANSCRIPT_LINK`
    :param _job: the job's id, which scrapyd passes

    Raises :exc:`~xfiles.arguments.ArgumentError`.
    """

    name = "xfiles"

    def __init__(
        self,
        url: str | None = None,
        bypass: str = "0",
        part: str = "1/1",
        season: str | None = None,
        links: str | None = None,
        _job: str | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise ArgumentError(f"unknown argument {', '.join(unknown)}: give url, bypass, part, season or links")
        self.part, self.parts = read_part(part)
        self.bypass = read_bypass(bypass)
        if self.bypass and url is None:
            raise ArgumentError("bypass needs the url of a transcript page: give -a url=URL -a bypass=1")
        if self.bypass and (season is not None or links is not None):
            raise ArgumentError("bypass reads the page at url alone: give it without season and links")
        self.season = None if season is None else read_season(season)
        self.links = TRANSCRIPT_LINK if links is None else read_links(links)
        super().__init__()
        self.url, user, password = read_url(HOME_PAGE if url is None else url)
        if not self.bypass and season_of(page_key(self.url)) is not None:
            raise ArgumentError("url is a transcript's, not the home page's: to read that page alone, add -a bypass=1")
        # Not in the settings, which Scrapy logs.
        self.login = {"http_user": user, "http_pass": password, "http_auth_domain": urlsplit(self.url).netloc}
        #: The only hosts that are asked: the site's, and the web archive's that holds the copy.
        self.hosts = {host(self.url), host(original_url(self.url))}
        self.digests: dict[str, str | None] = {}  # that of each page in the database
        self.home: set[str] = set()  # the home page itself, under each of its names
        self.listed: set[str] = set()  # the pages that the home page links, of all parts and seasons
        self.led_to: dict[str, tuple[str, str]] = {}  # where pages in the database led, and the page and URL of each

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.database_opened, signals.database_opened)
        return spider

    def database_opened(self, pages: dict[str, str | None], led_to: dict[str, tuple[str, str]]) -> None:
        self.digests, self.led_to = pages, led_to

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Set those of Scrapy's settings that follow from the project's own."""
        super().update_settings(settings)
        if contact := settings.get("XFILES_CONTACT"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")
        if settings.getbool("XFILES_OFFLINE"):
            # Nothing is revalidated, and robots.txt, which is about requests, is not read.
            settings.set("HTTPCACHE_POLICY", "scrapy.extensions.httpcache.DummyPolicy", priority="spider")
            settings.set("HTTPCACHE_IGNORE_MISSING", True, priority="spider")
            settings.set("ROBOTSTXT_OBEY", False, priority="spider")

    async def start(self) -> AsyncIterator[Request]:
        if self.bypass:
            entries = deque([Entry(page_key(self.url), self.url)])
        else:
            listed = [entry for entry in await self.fetch_home_page(self.url) if self.takes(entry.page)]
            entries = deque(sorted(listed, key=lambda entry: (entry.number is None, entry.number)))  # as a feed is read
        for entry in entries:
            self._send(signals.page_found, entry)
        # The home page may be long: a request, which takes more memory than its entry, is made late, and then the entry
        # is let go.
        while entries:
            entry = entries.popleft()
            if entry.leads_nowhere:
                self._send(signals.page_failed, entry, cause="the link to it holds no address")
                continue
            # Not all at once, for a request takes more memory than an entry, and a home page may list many.
            if self.crawler.engine.needs_backout():
                await self.crawler.signals.wait_for(scrapy_signals.scheduler_empty)
            yield self._request(
                entry.url, callback=self.parse_transcript, errback=self._transcript_failed, cb_kwargs={"entry": entry}
            )

    async def fetch_home_page(self, url: str) -> list[Entry]:
        """The transcripts that the home page at ``url`` links on the hosts that may be asked.

        If there are none, sends the cause by the signal crawl_failed, and raises :exc:`~scrapy.exceptions.CloseSpider`.
        """
        try:
            response = await self.crawler.engine.download_async(self._request(url))
            if response.status not in (200, 203):
                raise TranscriptError(refusal(response))
            markup = read_markup(response)
            links = read_home_page(markup, response.url, self.links)
        except (TranscriptError, ValueError) as error:
            self._give_up(f"can't be read: {error}")
        except OtherSiteError as error:
            self._give_up(f"can't be read: {error}", f"if the site moved there: {_command(error.url)}")
        except Exception as error:  # whatever the downloader or a middleware raises
            self._give_up(f"can't be read: {describe(error)}")
        entries = [entry for entry in links if self._is_followed(entry)]
        if not entries and (copy := unaltered(url)) != url:
            # Some archives answer with a frame around the page.
            return await self.fetch_home_page(copy)
        if not entries:
            advice = f"{_command(self.url)} -a bypass=1, for it is a transcript" if _has_dialogue(markup) else None
            self._give_up(f"has no link to {self.links!r} on its host", advice)
        self._take(response)
        seasons = {entry.season for entry in entries if entry.season is not None}
        if self.season is not None and self.season not in seasons:
            advice = f"a season that it has: {', '.join(map(str, sorted(seasons))) or 'none'}"
            self._give_up(f"has no link to a transcript of season {self.season}", advice)
        if may_be_cut(response, markup):
            self.logger.error("The home page %s %s", url, MAY_BE_CUT)
        self.home = {page_key(url), page_key(response.url)}
        self.listed = {entry.page for entry in entries}
        self.crawler.signals.send_catch_log(signals.home_page_read, entries=entries)
        for entry in odd_dates(entries):
            if self.takes(entry.page):
                self.logger.warning(
                    "The home page dates %s %s, which is more than %d days from the dates of the episodes beside it: "
                    "a slip of its author's would make NUMBER wrong",
                    *(entry.page, entry.aired, FAR.days),
                )
        self._name_vanished()
        return entries

    def _name_vanished(self) -> None:
        """Name the stored pages that the home page links no more, of those folders of which it links others."""
        links = self.links.lower()
        folders = {page.lower().partition(links)[0] for page in self.listed}
        beside = tuple(folder + links for folder in folders)
        for page in sorted(self.digests.keys() - self.listed):
            if page.lower().startswith(beside) and self.takes(page):
                self.crawler.signals.send_catch_log(signals.page_vanished, page=page)

    def takes(self, page: str) -> bool:
        """Whether ``page``, a key, is one of this crawl's. The answer is the same in every run, on every machine."""
        return stable_hash(page) % self.parts == self.part - 1 and self.season in (None, season_of(page))

    def parse_transcript(self, response: Response, entry: Entry) -> Iterator[DialogueItem | UnchangedItem]:
        """Yield the page's script as one item, or an UnchangedItem if the database has it so and no feed wants it."""
        page = page_key(response.url)
        if self.bypass:
            entry = self._stored_as(page, entry, response)
        elif page != entry.page and not self._is_episode(page, entry, response):
            return
        now = digest(response, entry)
        read = partial(self._read, response, entry, now, page if page != entry.page else None)
        stored = self.digests.get(entry.page)
        if stored is not None and stored == now and not self.settings.getdict("FEEDS"):
            self._take(response)
            yield UnchangedItem(entry.page, entry.url, read)
        elif item := read():
            yield item

    def _read(self, response: Response, entry: Entry, now: str | None, leads_to: str | None) -> DialogueItem | None:
        try:
            transcript = read_transcript(response)
        except TranscriptError as error:
            self._send(signals.page_failed, entry, cause=str(error))
            return None
        self._take(response)
        self._count(transcript)
        return make_item(transcript, entry, now, leads_to)

    def _stored_as(self, page: str, entry: Entry, response: Response) -> Entry:
        """``entry``, read by itself at ``page``, as the page under which its episode is in the database already."""
        known, url = self.led_to.get(page, (page, response.url))
        if known == entry.page or known not in self.digests:
            return entry
        self._send(signals.page_moved, entry, to=known)
        entry = Entry(known, url)
        self._send(signals.page_found, entry)
        return entry

    def _is_episode(self, page: str, entry: Entry, response: Response) -> bool:
        """Whether ``page``, which the page of ``entry`` redirects to, may hold its episode."""
        if page in self.listed:
            self._take(response, unread=True)
            self._send(signals.page_moved, entry, to=page)
            if entry.page in self.digests:
                self.crawler.signals.send_catch_log(signals.page_vanished, page=entry.page)
            return False
        if page in self.home:
            self._send(signals.page_failed, entry, cause="it leads to the home page")
            return False
        return True

    def _count(self, transcript: Transcript) -> None:
        count = self.crawler.stats.inc_value
        count(f"xfiles/pages/{transcript.family}")
        for verdict, times in Counter(map(itemgetter(0), transcript.paragraphs)).items():
            count(f"xfiles/paragraphs/{verdict}", times)

    def _transcript_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        self._send(signals.page_failed, request.cb_kwargs["entry"], cause=describe(failure.value))

    def _request(self, url: str, **arguments: Any) -> Request:
        # A request that the filter of duplicates drops gets no errback. The entries name no page twice.
        return Request(url, dont_filter=True, meta=self.login.copy(), **arguments)

    def _is_followed(self, entry: Entry) -> bool:
        if entry.leads_nowhere or {host(entry.url), host(original_url(entry.url))} <= self.hosts:
            return True
        self.logger.info("On another host, not followed: %s", entry.url)
        return False

    def _take(self, response: Response, unread: bool = False) -> None:
        self.crawler.signals.send_catch_log(signals.answer_taken, request=response.request, unread=unread)

    def _send(self, signal: object, entry: Entry, **more: str) -> None:
        self.crawler.signals.send_catch_log(signal, page=entry.page, url=entry.url, **more)

    def _give_up(self, cause: str, advice: str | None = None) -> NoReturn:
        cause = f"The home page {self.url} {cause}"
        advice = advice or (ADVICE if original_url(self.url) == self.url else ADVICE_ON_COPIES)
        self.crawler.signals.send_catch_log(signals.crawl_failed, cause=cause, advice=advice)
        raise CloseSpider("home_page")
