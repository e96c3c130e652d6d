"""The home page's markup -> the transcripts it links to, with what its season tables say of each.

Pure, like :mod:`xfiles.reading.transcript`: nothing here knows Scrapy's crawling or SQL.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urldefrag, urlsplit

from lxml import etree
from w3lib.url import safe_url_string

from xfiles.reading.addresses import join, original_url, page_key
from xfiles.reading.text import one_line

#: What the href of a transcript contains. Other pages (films, spin-offs) are reached by their URL.
TRANSCRIPT_LINK = "transcrp/scrp"
_FOLDER = TRANSCRIPT_LINK.partition("/")[0]
_LINE_BREAK = re.compile(r"[\t\r\n]")

_CODE = re.compile(r"(?=\w*\d)[0-9A-Z]{3,8}")  # 1X79, 7ABX13, 1AYW04
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|[\da-f.]*:[\da-f:.]*")  # a name or an IPv6 address
_AIRED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")

# For each end tag that ends nothing, libxml2 looks through all the open ones.
_DEEPEST = 5000


@dataclass(slots=True)
class Entry:
    """A transcript as the home page lists it. None is what the page does not say."""

    page: str  # addresses.page_key of its URL; the href itself if that leads to no address
    url: str  # absolute, without a fragment
    title: str | None = None  # "DEEP THROAT"
    code: str | None = None  # "1X01"
    aired: str | None = None  # "1993-09-17"
    mytharc: int | None = None  # 1 if a * follows the title, else 0
    number: int | None = None  # its place among the rows of the season tables, from 1

    @property
    def leads_nowhere(self) -> bool:
        """Whether its link holds no address."""
        return self.page == self.url


def read_home_page(markup: str, base: str) -> list[Entry]:
    """The transcripts that ``markup``, the home page at the URL ``base``, links to: each page once, in order.

    A page can be linked more than once (a "latest transcript" link above the tables, a two-part episode with a
    fragment): the first link that stands in a row with a code describes it. Raises :exc:`ValueError` if the markup is
    nested so deep that to read it would take minutes.
    """
    tables = _Tables(base)
    parser = etree.HTMLParser(target=tables, encoding="utf-8")  # type: ignore[arg-type]  # the stubs ask for bytes, too
    for start in range(0, len(markup), 65536):
        parser.feed(markup[start : start + 65536].replace("\0", "").encode("utf-8", "replace"))
    with suppress(etree.XMLSyntaxError):  # of an empty page
        parser.close()
    entries: dict[str, Entry] = {}
    for link in tables.links:
        entry = _read_link(link, tables.base)
        known = entries.get(entry.page)
        if known is None or (known.code is None and entry.code is not None):
            entries[entry.page] = entry
    return list(entries.values())


@dataclass(slots=True)
class _Link:
    href: str
    title: list[str] = field(default_factory=list)  # the pieces of its text
    code: str | None = None
    aired: str | None = None
    number: int | None = None


@dataclass(slots=True)
class _Cell:
    text: list[str] = field(default_factory=list)  # the pieces of it
    links: list[_Link] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    cells: list[_Cell] = field(default_factory=list)
    leads_elsewhere: bool = False  # a link of it leads to no transcript


class _Tables:
    """The parser's target: gathers the links to transcripts with the cells that follow each in its row.

    No tree is built: that would take fifteen times the memory of its markup, and libxml2 would drop without a word what
    is nested deeper than 2,048 elements, as the links of a page that closes no tag are.
    """

    def __init__(self, base: str) -> None:
        self.links: list[_Link] = []
        self.base = base
        self.has_base = False  # as the page says
        self.rows: list[_Row] = []  # the open ones: a table in a cell has rows of its own
        self.link: _Link | None = None
        self.number = 0
        self.depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"its tags are nested more than {_DEEPEST} deep")
        match tag:
            case "tr" | "table":  # a cell may stand in a table without a row
                self.rows.append(_Row())
            case "td" if self.rows:
                self.rows[-1].cells.append(_Cell())
            case "a" | "area":
                self._start_link(attributes.get("href", ""))
            case "br" | "p" | "div":
                self.data(" ")
            case "base" if not self.has_base and "href" in attributes:
                self.has_base = True
                with suppress(ValueError):
                    self.base = join(self.base, attributes["href"])

    def data(self, text: str) -> None:
        if self.link is not None:
            self.link.title.append(text)
        if self.rows and self.rows[-1].cells:
            self.rows[-1].cells[-1].text.append(text)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag == "a" or tag == "area":
            self.link = None
        elif tag in ("tr", "table") and self.rows:
            self._end_row(self.rows.pop())

    def close(self) -> None:
        pass

    def _start_link(self, href: str) -> None:
        row = self.rows[-1] if self.rows else _Row()
        self.link = None
        # As browsers read it.
        href = _LINE_BREAK.sub("", href).replace("\\", "/")
        if self._leads_to_transcript(href):
            self.link = _Link(href)
            self.links.append(self.link)
            if row.cells:
                row.cells[-1].links.append(self.link)
        elif href:
            row.leads_elsewhere = True

    def _leads_to_transcript(self, href: str) -> bool:
        if TRANSCRIPT_LINK in href:
            return True
        if _FOLDER not in self.base:
            return False
        try:
            url = urldefrag(join(self.base, href)).url
        except ValueError:
            return False
        return TRANSCRIPT_LINK in url and url != urldefrag(self.base).url

    def _end_row(self, row: _Row) -> None:
        """Describe the links of ``row``, each by the cells after its own."""
        code = aired = None
        coded: list[_Link] = []
        for cell in reversed(row.cells):
            if code is not None:
                coded += cell.links
            for link in cell.links:
                link.code, link.aired = code, aired
            text = one_line("".join(cell.text))
            if _CODE.fullmatch(text):
                code = text
            elif date_ := _AIRED.fullmatch(text):
                aired = _iso_date(*map(int, date_.groups())) or aired
        # An episode that has a row and no transcript yet is counted, too.
        if coded or (code and aired and not row.leads_elsewhere):
            self.number += 1
        for link in coded:
            link.number = self.number


def _read_link(link: _Link, base: str) -> Entry:
    title = one_line("".join(link.title))
    try:
        url = safe_url_string(urldefrag(join(base, link.href)).url)
        page = page_key(url)
        if not _HOST.fullmatch(urlsplit(original_url(url)).hostname or ""):
            raise ValueError("no host")
    except ValueError:
        page = url = one_line(link.href)
    entry = Entry(page, url, title.rstrip("* ") or None, link.code, link.aired, number=link.number)
    if link.code is not None:
        entry.mytharc = int(title.endswith("*"))
    return entry


def _iso_date(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:  # the home page has its slips
        return None
