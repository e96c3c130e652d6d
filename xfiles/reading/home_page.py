"""The home page's markup -> the transcripts it links to, with what its season tables say of each.

Pure, like :mod:`xfiles.reading.transcript`: nothing here knows Scrapy's crawling or SQL.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import chain
from typing import Any
from urllib.parse import urldefrag, urlsplit

from lxml import etree
from parsel import Selector
from w3lib.url import safe_url_string

from xfiles.reading.addresses import join, original_url, page_key
from xfiles.reading.broadcast import mend, number
from xfiles.reading.entry import Entry
from xfiles.reading.markup import is_too_much
from xfiles.reading.text import LONGEST, one_line

#: What the address of a transcript contains. Other pages (films, spin-offs) are reached by their URL.
TRANSCRIPT_LINK = "transcrp/scrp"
_LINE_BREAK = re.compile(r"[\t\r\n]")

_CODE = re.compile(r"(?=\w*\d)[0-9A-Z]{3,8}")  # 1X79, 7ABX13, 1AYW04
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|[\da-f.]*:[\da-f:.]*")  # a name or an IPv6 address
_AIRED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")

# Letters of an address. Each link's begins with the page's: without a bound, all together could take gigabytes.
_LONGEST = 500

_PIECE = 16384  # letters that are parsed at once


def read_home_page(markup: str, base: str, links: str = TRANSCRIPT_LINK) -> list[Entry]:
    """The transcripts that ``markup``, the home page at the URL ``base``, links to, each page once: those in rows of
    tables first.

    A page can be linked more than once (a "latest transcript" link above the tables, a two-part episode with a
    fragment): the first link that stands in a row with a code describes it. Raises :exc:`ValueError` if the markup is
    nested deeper than libxml2 reads, or far from any home page's, or ``base`` is too long.

    :param links: what the address of a transcript contains, in any case; the numbers are those of all episodes
    """
    if len(base) > _LONGEST:
        raise ValueError(f"its address has more than {_LONGEST} letters")
    if is_too_much(markup):
        raise ValueError("it has too much markup for a home page")
    rows: list[list[Entry]] = []
    for part in _parts(markup):
        if part.root.tag == "base":
            base = _read_base(part.attrib["href"], base)
        elif row := _read_row(part):
            rows.append(row)
    here, _ = _resolve(base, base)
    for row in rows:
        for link in row:
            link.page, link.url = _resolve(link.url, base)
            mend(link)
    number(rows)
    entries: dict[str, Entry] = {}
    for link in chain.from_iterable(rows):
        if links.lower() not in link.page.lower() or link.page == here:
            continue
        known = entries.get(link.page)
        if known is None:
            entries[link.page] = link
        elif known.code is None and link.code is not None:
            del entries[link.page]  # for its place is that of the row
            entries[link.page] = link
    return list(entries.values())


def _parts(markup: str) -> Iterator[Selector]:
    """The rows of the page, an inner one before that around it, and its first base; last the page without its rows.

    Each row is read when it ends, and emptied then: a whole tree would take fifteen times the memory of its markup, and
    a link in a table within a table would be found in both.
    """
    has_base = False
    for element in _ended(markup):
        match element.tag:
            case "base":
                if not has_base and "href" in element.attrib:
                    has_base = True
                    yield Selector(root=element, type="html")
            case "br" | "p" | "div":  # what parts words
                element.text = f" {element.text or ''}"
            case _:
                yield Selector(root=element, type="html")
                element.clear(keep_tail=True)
                if (before := element.getprevious()) is not None and before.tag == "tr":
                    element.getparent().remove(before)


def _ended(markup: str) -> Iterator[Any]:
    """The elements that tell something, each when it ends."""
    # A cell may stand in a table without a row.
    tags = ("tr", "table", "html", "base", "br", "p", "div")
    parser = etree.HTMLPullParser(("end",), tag=tags, encoding="utf-8", huge_tree=True)
    for start in range(0, len(markup), _PIECE):
        parser.feed(markup[start : start + _PIECE].replace("\0", "").encode("utf-8", "replace"))
        yield from (element for _, element in parser.read_events())
    with suppress(etree.XMLSyntaxError):  # of an empty page
        parser.close()
    yield from (element for _, element in parser.read_events())
    # There libxml2 stops without a word.
    if parser.feed_error_log.filter_from_fatals():
        raise ValueError("its tags are nested deeper than libxml2 reads")


def _read_row(row: Selector) -> list[Entry]:
    """The links of a row, each with what the cells after it say; its URL is its href. An episode that has a row and no
    page yet is an entry without one."""
    links: list[Entry] = []
    code: str | None = None
    aired: str | None = None
    in_table = row.root.tag != "html"
    # The last one first, and emptied then: of links or cells in one that is never closed, each is read by itself.
    for part in reversed(row.css(":is(td, a[href], area[href])")):
        text = one_line(part.xpath("string()").get(""))
        attributes = part.attrib
        part.root.clear(keep_tail=True)
        if part.root.tag != "td":
            part.root.text = text[:10]  # for it may be a code or a date
            # As browsers read it.
            if href := _LINE_BREAK.sub("", attributes["href"]).replace("\\", "/"):
                mytharc = None if code is None else int(text.endswith("*"))
                title = text.rstrip("* ") if len(text) <= LONGEST else None  # a longer one is none
                links.append(Entry("", href, title or None, code, aired, mytharc))
        elif in_table and _CODE.fullmatch(text):
            code = text
        elif in_table and (date_ := _AIRED.fullmatch(text)):
            aired = _iso_date(*map(int, date_.groups())) or aired
    if code and aired and not links:
        return [Entry("", "", None, code, aired)]
    return links[::-1]


def _read_base(href: str, base: str) -> str:
    """What ``href``, that of a ``<base>``, makes of ``base``."""
    if len(href) <= _LONGEST:
        with suppress(ValueError):
            return join(base, href)
    return base


def _resolve(href: str, base: str) -> tuple[str, str]:
    """The page that ``href`` leads to, and its URL; ``href`` itself for both if that is no address."""
    try:
        if not 0 < len(href) <= _LONGEST:
            raise ValueError("no address")
        url = safe_url_string(urldefrag(join(base, href)).url)
        page = page_key(url)
        if not _HOST.fullmatch(urlsplit(original_url(url)).hostname or ""):
            raise ValueError("no host")
    except ValueError:
        page = url = one_line(href[:_LONGEST])
    return page, url


def _iso_date(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:  # the home page has its slips
        return None
