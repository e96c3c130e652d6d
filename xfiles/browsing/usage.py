"""How often words are said, in 10,000: season by season and episode by episode, by everyone or by one character."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from xfiles.browsing.words import Words

#: In as many words a rate says how often one is said.
IN_WORDS = 10_000
#: So many words are compared at most, each with a curve of its own.
COMPARED = 5
#: The curve of the episodes is the mean of as many neighbours.
NEIGHBOURS = 5


@dataclass
class Usage:
    """How often a word is said."""

    word: str
    forms: list[str]  # the word and its forms that are said, each counted
    times: int
    rate: float
    by_season: dict[int | None, tuple[int, float]]  # times and rate of each season
    by_episode: dict[str, tuple[int, float]]  # the same of each page

    def curve(self) -> list[float]:
        """The rates of the episodes in their order, each the mean of its neighbours."""
        rates = [rate for _, rate in self.by_episode.values()]
        half = NEIGHBOURS // 2
        near = [rates[max(0, n - half) : n + half + 1] for n in range(len(rates))]
        return [sum(few) / len(few) for few in near]


def usage(words: Words, pages: Iterable[tuple[str, int | None]], wanted: Iterable[str], who: str | None) -> list[Usage]:
    """How often each of ``wanted`` is said by ``who``, or by everyone, on ``pages``: each with its season, in order."""
    seasons = dict(pages)
    total = Counter({page: 0 for page in seasons})
    for (speaker, page), spoken in zip(words.parts, words.totals, strict=True):
        if who in (None, speaker) and page in seasons:
            total[page] += spoken
    of_seasons: Counter[int | None] = Counter()
    for page, spoken in total.items():
        of_seasons[seasons[page]] += spoken
    found = []
    for word in list(dict.fromkeys(wanted))[:COMPARED]:
        forms, times = words.forms(word), Counter({page: 0 for page in seasons})
        for form in forms:
            uses = words.uses[form]
            for part, number in zip(uses[::2], uses[1::2], strict=True):
                speaker, page = words.parts[part]
                if who in (None, speaker) and page in seasons:
                    times[page] += number
        of_season = Counter({season: 0 for season in of_seasons})
        for page, number in times.items():
            of_season[seasons[page]] += number
        found.append(
            Usage(
                word,
                forms,
                times.total(),
                _rate(times.total(), total.total()),
                {season: (number, _rate(number, of_seasons[season])) for season, number in of_season.items()},
                {page: (number, _rate(number, total[page])) for page, number in times.items() if total[page]},
            )
        )
    return found


def _rate(times: int, spoken: int) -> float:
    return IN_WORDS * times / spoken if spoken else 0.0


def scale(most: float) -> list[float]:
    """Where a scale from 0 to at least ``most`` has its marks: two to four round numbers after 0."""
    steps = (digit * 10.0**power for power in range(-2, 5) for digit in (1, 2, 5))
    step = next(step for step in steps if 4 * step >= most)
    return [round(number * step, 2) for number in range(max(2, math.ceil(most / step - 1e-9)) + 1)]


def points(values: list[float], most: float) -> str:
    """The points of an SVG polyline through ``values``, each in the middle of its share of 1000 by 100 units."""
    places = [(1000 * (n + 0.5) / len(values), 100 - 100 * value / most) for n, value in enumerate(values)]
    if len(places) == 1:  # a single value is a level
        places = [(0.0, places[0][1]), (1000.0, places[0][1])]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
