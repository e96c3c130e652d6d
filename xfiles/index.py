"""The home page's markup -> the transcripts it links to, with what its season tables say of each.

Pure, like :mod:`xfiles.transcript`: nothing here knows Scrapy's crawling or SQL.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from urllib.parse import urldefrag, urljoin

from lxml import etree
from parsel import Selector

from xfiles.text import one_line

#: What the href of a transcript contains. Other pages (films, spin-offs) are reached by their URL.
TRANSCRIPT_LINK = "transcrp/scrp"

_CODE = re.compile(r"(?=\w*\d)[0-9A-Z]{3,8}")  # 1X79, 7ABX13, 1AYW04
_AIRED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")


@dataclass(slots=True)
class IndexEntry:
    """A transcript as the home page lists it. None is what the page does not say."""

    url: str  # absolute, without a fragment
    title: str | None = None  # "DEEP THROAT"
    code: str | None = None  # "1X01"
    aired: str | None = None  # "1993-09-17"
    mytharc: bool | None = None  # True if a * follows the title


def read_index(markup: str, base: str) -> list[IndexEntry]:
    """The transcripts that ``markup``, the home page at the URL ``base``, links to: each page once, in order.

    A page can be linked more than once (a "latest transcript" link above the tables, a two-part episode with a
    fragment): the first link that stands in a row with a code describes it.
    """
    entries: dict[str, IndexEntry] = {}
    for link in _links(markup):
        url = urldefrag(urljoin(base, link.attrib["href"].strip())).url
        known = entries.get(url)
        if known is None or known.code is None:
            entry = _read_row(url, link)
            if known is None or entry.code is not None:
                entries[url] = entry
    return list(entries.values())


def _links(markup: str) -> Iterator[Selector]:
    """The links to transcripts, a row at a time: the whole tree takes fifteen times the memory of its markup."""
    parser = etree.HTMLPullParser(("end",), tag=("a", "tr"), encoding="utf-8")
    for start in range(0, len(markup), 65536):
        parser.feed(markup[start : start + 65536].replace("\0", "").encode("utf-8", "replace"))
        yield from _links_of(parser)
    with suppress(etree.XMLSyntaxError):  # of an empty page
        parser.close()
    yield from _links_of(parser)


def _links_of(parser: etree.HTMLPullParser) -> Iterator[Selector]:
    """The links in the rows that have ended, and those in no row."""
    for _, element in parser.read_events():
        if element.tag == "tr":
            yield from Selector(root=element).xpath(".//a[contains(@href, $part)]", part=TRANSCRIPT_LINK)
            element.clear(keep_tail=True)
            # The row before it; libxml2 may still need this one.
            if (before := element.getprevious()) is not None and before.tag == "tr":
                element.getparent().remove(before)
        elif TRANSCRIPT_LINK in element.get("href", "") and next(element.iterancestors("tr"), None) is None:
            yield Selector(root=element)


def _read_row(url: str, link: Selector) -> IndexEntry:
    title = one_line(" ".join(link.xpath(".//text()").getall()))
    entry = IndexEntry(url, title.rstrip("* ") or None)
    for cell in link.xpath("(ancestor::td)[last()]/following-sibling::td"):
        text = one_line(" ".join(cell.xpath(".//text()").getall()))
        if entry.code is None and _CODE.fullmatch(text):
            entry.code = text
        elif entry.aired is None and (aired := _AIRED.fullmatch(text)):
            entry.aired = _iso_date(*map(int, aired.groups()))
    if entry.code is not None:
        entry.mytharc = title.endswith("*")
    return entry


def _iso_date(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:  # the index has its slips
        return None
