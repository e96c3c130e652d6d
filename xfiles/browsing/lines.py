"""Who says some words, where, and how often: the lines that a search finds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from xfiles.browsing.index import Index
from xfiles.browsing.questions import NOTHING

#: So many lines are counted, and the best of so many are shown, if more are found.
COUNTED, WEIGHED = 50_000, 10_000


@dataclass
class Found:
    """What was found: how many lines, of how many people, in how many episodes; and of those to be shown, the IDs."""

    lines: int = 0
    people: int = 0
    episodes: int = 0
    more: bool = False  # there are more than those counted
    of_seasons: list[tuple[int, int]] = field(default_factory=list)  # the lines of each season, whichever is asked for
    of_people: list[tuple[str, int]] = field(default_factory=list)  # the same of whoever says them; the most first
    ids: list[int] = field(default_factory=list)


class Lines:
    """An index of the speeches, in memory; any thread may ask it.

    ``rows`` gives, of each, its ID, who speaks, its page and season, what is spoken, and the text with its stage
    directions; "" if it has none.
    """

    def __init__(self, rows: Iterable[tuple[int, str, str, int | None, str, str]]) -> None:
        self.parts: dict[tuple[str, str, int | None], int] = {}  # who, on which page, in which season
        self.numbers: dict[str, int] = {}  # a name is one word of the index
        part_of: list[tuple[int, int]] = []
        self.index = Index("LINES", ("SPOKEN", "STAGED", "WHO", "SEASON"), self._indexed(rows, part_of))
        self.index.ask("CREATE TABLE PARTS (ID INTEGER PRIMARY KEY, PART)")
        self.index.add("PARTS", ("ID", "PART"), part_of)
        self.said = list(self.parts)
        self.seasons = {season for *_, season in self.parts}

    def _indexed(self, rows: Iterable[tuple], part_of: list[tuple[int, int]]) -> Iterator[tuple]:
        """The rows of the index; the part of each is added to ``part_of``."""
        for line, who, page, season, spoken, staged in rows:
            part_of.append((line, self.parts.setdefault((who, page, season), len(self.parts))))
            yield line, spoken, staged, self.numbers.setdefault(who, len(self.numbers)), season

    def find(
        self,
        query: str,
        first: str = NOTHING,
        who: str | None = None,
        season: int | None = None,
        staged: bool = False,
        skip: int = 0,
        number: int = 20,
    ) -> Found:
        """What the full-text ``query`` finds of ``who`` in ``season``; those that ``first`` finds come before the rest.

        ``staged`` looks into stage directions, too. Of those found, ``number`` and one more are given after ``skip``.
        """
        if not (who is None or who in self.numbers) or not (season is None or season in self.seasons):
            return Found()
        columns = "{SPOKEN STAGED}" if staged else "SPOKEN"
        scope = f"WHO : {self.numbers[who]} AND " if who is not None else ""
        scope += f"SEASON : {season} AND " if season is not None else ""
        found = self._count(f"{columns} : ({query})", who, season)
        if found.more and scope:
            of_scope = self._count(f"{scope}{columns} : ({query})", who, season)
            found.lines, found.people, found.episodes = of_scope.lines, of_scope.people, of_scope.episodes
        if found.lines:
            found.ids = [
                line
                for (line,) in self.index.ask(
                    "WITH FOUND AS ("
                    "SELECT * FROM (SELECT rowid AS ID, rank AS RANK, 1 AS FIRST FROM LINES WHERE LINES MATCH :first "
                    "LIMIT :weighed) UNION ALL "
                    "SELECT * FROM (SELECT rowid, rank, 0 FROM LINES WHERE LINES MATCH :rest LIMIT :weighed)) "
                    "SELECT ID FROM FOUND ORDER BY FIRST DESC, RANK, ID LIMIT :number OFFSET :skip",
                    {
                        "first": f"{scope}{columns} : ({first})",
                        "rest": f"{scope}{columns} : (({query}) NOT ({first}))",
                        "weighed": WEIGHED,
                        "number": number + 1,
                        "skip": skip,
                    },
                )
            ]
        return found

    def any(self, query: str, staged: bool = False) -> bool:
        """Whether the full-text ``query`` finds a line."""
        columns = "{SPOKEN STAGED}" if staged else "SPOKEN"
        return bool(self.index.ask("SELECT 1 FROM LINES WHERE LINES MATCH ? LIMIT 1", (f"{columns} : ({query})",)))

    def _count(self, query: str, who: str | None, season: int | None) -> Found:
        """How much ``query`` finds."""
        counted = self.index.ask(
            "SELECT PART, count(*) FROM (SELECT rowid AS ID FROM LINES WHERE LINES MATCH ? LIMIT ?) AS F "
            "CROSS JOIN PARTS ON PARTS.ID = F.ID GROUP BY PART",
            (query, COUNTED),
        )
        lines, people, pages = 0, set(), set()
        of_seasons: Counter[int] = Counter()
        of_people: Counter[str] = Counter()
        for part, times in counted:
            speaker, page, its_season = self.said[part]
            his, its = who in (None, speaker), season in (None, its_season)
            if his and its:
                lines += times
                people.add(speaker)
                pages.add(page)
            if his and its_season is not None:
                of_seasons[its_season] += times
            if its:
                of_people[speaker] += times
        more = sum(times for _, times in counted) >= COUNTED
        most = sorted(of_people.items(), key=lambda item: (-item[1], item[0]))
        return Found(lines, len(people), len(pages), more, sorted(of_seasons.items()), most)
