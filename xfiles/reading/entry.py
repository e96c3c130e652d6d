"""A transcript as the home page lists it."""

import re
from dataclasses import dataclass

# scrp179.htm is of season 1, scrp1001.html of season 10; the pilot's name holds its production code, 1X79.
_SEASON = re.compile(r"(?:^|/)scrp(\d{1,2})\d\d\.html?$")


def season_of(page: str) -> int | None:
    """The season that the name of ``page``, its key, tells; None for another series."""
    season = _SEASON.search(page.partition("?")[0])
    return int(season[1]) if season else None


@dataclass(slots=True)
class Entry:
    """A transcript as the home page lists it. None is what that does not say."""

    page: str  # addresses.page_key of its URL; the href itself if that leads to no address
    url: str  # absolute, without a fragment
    title: str | None = None  # "DEEP THROAT"
    code: str | None = None  # "1X01"
    aired: str | None = None  # "1993-09-17"
    mytharc: int | None = None  # 1 if a * follows the title, else 0
    number: int | None = None  # its rank by aired among the rows of the season tables, from 1
    episode_of_season: int | None = None  # the same within its season

    @property
    def season(self) -> int | None:
        """The season that the page's name tells; None for another series."""
        return season_of(self.page)

    @property
    def leads_nowhere(self) -> bool:
        """Whether its link holds no address."""
        return self.page == self.url
