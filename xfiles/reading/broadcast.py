"""The dates on the home page -> the order of broadcast.

Pure: nothing here knows Scrapy's crawling or SQL.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from xfiles.reading.entry import Entry

#: The home page's slips: a page and the date that it gives -> the date of broadcast.
SLIPS = {
    (
        "scrp707.htm",
        "1999-01-09",
    ): "2000-01-09",  # Orison, between Rush and The Amazing Maleeni: January, but last year's
}

#: How far the date of an episode can be from those of the two that were made beside it.
FAR = timedelta(days=60)


def mend(entry: Entry) -> None:
    """Give ``entry`` the right date if the home page's is a known slip."""
    if entry.aired is not None:
        entry.aired = SLIPS.get((entry.page.rpartition("/")[2], entry.aired), entry.aired)


def number(episodes: Iterable[list[Entry]]) -> None:
    """Give ``episodes`` their numbers by the date of broadcast, in the series and in their season.

    Those of one date are in the order given. Without a date there is no number, nor for another series, which a page
    whose name tells no season is of.

    :param episodes: the rows of the season tables, each as the entries of its pages; an episode without a page, which
        is counted, too, as an entry without one. Its season is that of the codes that begin as its own does, as 7ABX13
        and 7ABX07 do.
    """
    dated = [pages for pages in episodes if pages[0].aired and (pages[0].season is not None or not pages[0].page)]
    seasons = {_series(pages[0]): pages[0].season for pages in dated if pages[0].page}
    counts: Counter[int] = Counter()
    for rank, pages in enumerate(sorted(dated, key=lambda pages: pages[0].aired or ""), 1):
        season = pages[0].season if pages[0].page else seasons.get(_series(pages[0]))
        if season is not None:
            counts[season] += 1
        for entry in pages:
            entry.number = rank
            entry.episode_of_season = None if season is None else counts[season]


def _series(entry: Entry) -> str:
    """What the codes of a season's episodes begin with."""
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
