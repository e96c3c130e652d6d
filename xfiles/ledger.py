"""What became of each page of a crawl, and the words that say it.

Pure: nothing here knows Scrapy.
"""

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from xfiles.items import DialogueItem

#: Words in no row that a page may have before the report names it.
HANDFUL = 20
#: Pages lost for one cause that are each named where little room is.
FEW = 5


#: A question that every database has an answer to: who speaks most.
QUESTION = "SELECT CHARACTER, count(*) FROM XFILES GROUP BY 1 ORDER BY 2 DESC LIMIT 9"


def counted(number: int, noun: str) -> str:
    """``number`` with its ``noun``: 1 page, 61,578 speeches."""
    return f"{number:,} {noun}{'' if number == 1 else 'es' if noun.endswith('ch') else 's'}"


@dataclass(slots=True)
class Summary:
    """What a report counts of an episode."""

    page: str
    url: str
    characters: Counter[str]  # how many speeches each has
    sceneless: int  # speeches before the first heading
    words: int
    unread: int

    @classmethod
    def of(cls, item: DialogueItem) -> Self:
        characters = Counter(line.character for line in item.lines)
        sceneless = sum(line.scene == 0 for line in item.lines)
        return cls(item.page, item.url, characters, sceneless, item.words, item.unread)


@dataclass(slots=True)
class Ledger:
    """The pages of one crawl by their keys, until each is stored, failed or moved."""

    found: dict[str, str] = field(default_factory=dict)  # the URL of each page
    stored: set[str] = field(default_factory=set)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)  # its URL and the cause
    unread: dict[str, int] = field(default_factory=dict)  # words in no row, by URL, where they are many
    vanished: list[str] = field(default_factory=list)  # pages stored before that the site has no more
    changes: Counter[str] = field(default_factory=Counter)  # what storing changed: "new", "changed" or "unchanged"
    characters: Counter[str] = field(default_factory=Counter)  # how many speeches each has
    once: int = 0  # characters with one speech
    speeches: int = 0
    sceneless: int = 0  # speeches before the first heading of their page
    words: int = 0
    words_unread: int = 0
    last_words: tuple[str, ...] = ()  # why the home page gave nothing, and what to try

    def find(self, page: str, url: str) -> None:
        self.found[page] = url

    def move(self, page: str) -> None:
        """Forget ``page``, which is another one that was found."""
        self.found.pop(page, None)

    def fail(self, page: str, url: str, cause: str) -> None:
        self.failed[page] = (url, cause)

    def store(self, episode: Summary, change: str) -> None:
        # Summed up as they come: counts() is asked after each page, however many there are.
        self.stored.add(episode.page)
        self.changes[change] += 1
        self.speeches += episode.characters.total()
        self.sceneless += episode.sceneless
        for character, number in episode.characters.items():
            before = self.characters[character]
            self.characters[character] = before + number
            self.once += (before + number == 1) - (before == 1)
        self.words += episode.words
        self.words_unread += episode.unread
        if episode.unread > HANDFUL:
            self.unread[episode.url] = episode.unread

    def give_up(self, cause: str, advice: str) -> None:
        self.last_words = (f"{cause}.", f"What to try: {advice}")

    def waiting(self) -> list[tuple[str, str]]:
        """The pages of which nothing was heard since they were found, with their URLs."""
        return [(page, url) for page, url in self.found.items() if page not in self.stored and page not in self.failed]

    def counts(self) -> dict[str, int]:
        """What is to be counted, by name."""
        return {
            "pages/found": len(self.found),
            "pages/failed": len(self.failed),
            "pages/vanished": len(self.vanished),
            "episodes/new": self.changes["new"],
            "episodes/changed": self.changes["changed"],
            "episodes/unchanged": self.changes["unchanged"],
            "speeches": self.speeches,
            "speeches/sceneless": self.sceneless,
            "characters": len(self.characters),
            "characters/once": self.once,
            "words": self.words,
            "words/unread": self.words_unread,
        }

    def closing_words(self, fetched: int, confirmed: int, seconds: float, database: str) -> list[str]:
        """What was stored, in a few lines, and where; empty if no page was found."""
        count = self.counts()
        if not self.found:
            return []
        lines = [
            f"Of {counted(count['pages/found'], 'page')} found, {count['pages/failed']:,} failed. Episodes: "
            f"{count['episodes/new']:,} new, {count['episodes/changed']:,} changed, "
            f"{count['episodes/unchanged']:,} unchanged."
        ]
        if self.stored:
            unread, characters = count["words/unread"], counted(count["characters"], "character")
            lines += [
                f"{counted(self.speeches, 'speech')} by {characters} in {seconds:.0f} s; "
                f"{counted(fetched, 'page')} fetched, {confirmed:,} confirmed unchanged.",
                f"{counted(self.words, 'word')} read, {f'{unread:,} of them in no' if unread else 'each in a'} row.",
                f"The database: {database}",
            ]
        else:
            lines.append(f"Nothing was stored in {seconds:.0f} s.")
        if self.failed:
            lines.append("What is missing: run the same command again, which asks for that.")
        elif self.stored and "://" not in database:
            lines.append(f'Ask it: sqlite3 {shlex.quote(database)} "{QUESTION}"')
        return lines

    def warnings(self) -> list[str]:
        """What an operator should look at, one line each."""
        many = sorted(self.unread.items())
        return [
            *(f"Vanished from the site, its rows are kept: {page}" for page in sorted(self.vanished)),
            *(f"{unread:,} words of {url} stand in no row: was its markup read right?" for url, unread in many),
        ]

    def losses(self, brief: bool = False) -> Iterator[str]:
        """What was lost, one line each.

        With ``brief``, pages that were lost for one cause are only counted if there are more than :data:`FEW`.
        """
        causes = Counter(cause for _, cause in self.failed.values())
        many = {cause: number for cause, number in causes.items() if brief and number > FEW}
        yield from (f"Failed: {url}: {cause}" for url, cause in sorted(self.failed.values()) if cause not in many)
        yield from (f"Failed: {number:,} pages: {cause}" for cause, number in many.items())
