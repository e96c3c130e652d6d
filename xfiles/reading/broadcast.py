"""The dates on the home page -> the order of broadcast.

Pure: nothing here knows Scrapy's crawling or SQL.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from xfiles.reading.addresses import stem
from xfiles.reading.entry import Entry

#: The home page's slips: the stem of a page and the date that it gives -> the date of broadcast.
SLIPS = {
    # Orison, between Rush and The Amazing Maleeni: the year before.
    ("scrp707", "1999-01-09"): "2000-01-09",
}

#: How far the date of an episode can be from those of the two that were made beside it.
FAR = timedelta(days=60)


def mend(entry: Entry) -> None:
    """Give ``entry`` the right date if the home page's is a known slip."""
    if entry.aired is not None:
        entry.aired = SLIPS.get((stem(entry.page), entry.aired), entry.aired)


def number(rows: Iterable[list[Entry]]) -> None:
    """Number the episodes of ``rows`` by the date of broadcast, in the series and in their season.

    Those of one date are in the order given. Without a code or a date there is no number, nor for another series, which
    a page whose name tells no season is of.

    :param rows: the home page's, each as the entries of its links. An episode without a page, which is counted, too, is
        one entry without one; its season is that of the codes that begin as its own does, as 7ABX13 and 7ABX07 do.
    """
    dated = ([page for page in row if _is_dated(page)] for row in rows)
    episodes = sorted(filter(None, dated), key=lambda pages: pages[0].aired or "")
    seasons = {_codes(pages[0]): pages[0].season for pages in episodes if pages[0].page}
    counts: Counter[int] = Counter()
    for rank, pages in enumerate(episodes, 1):
        season = pages[0].season if pages[0].page else seasons.get(_codes(pages[0]))
        if season is not None:
            counts[season] += 1
        for entry in pages:
            entry.number = rank
            entry.episode_of_season = None if season is None else counts[season]


def _is_dated(page: Entry) -> bool:
    return page.code is not None and page.aired is not None and (page.season is not None or not page.page)


def _codes(entry: Entry) -> str:
    """What the codes of its season begin with."""
    return (entry.code or "")[:-2]


def odd_dates(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Those of ``entries`` whose date may be a slip: it is :data:`FAR` before or after both its neighbours'.

    :param entries: in the order of the season tables, which is that of production: episodes are broadcast weeks before
        or after those made beside them, but not months. Without two neighbours of its season none can be judged.
    """
    seasons: dict[int, list[tuple[date, Entry]]] = defaultdict(list)
    for entry in entries:
        if entry.season is not None and entry.aired is not None:
            seasons[entry.season].append((date.fromisoformat(entry.aired), entry))
    for season in seasons.values():
        for at, (aired, entry) in enumerate(season):
            first = max(0, min(at - 1, len(season) - 3))
            around = [other for other, _ in (*season[first:at], *season[at + 1 : first + 3])]
            if len(around) == 2 and not min(around) - FAR <= aired <= max(around) + FAR:
                yield entry
