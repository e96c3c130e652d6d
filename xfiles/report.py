"""What became of each page of a crawl, and the words that say it.

Pure: nothing here knows Scrapy.
"""

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from xfiles.items import Summary

#: Words in no row that a page may have before the report names it.
HANDFUL = 20
#: Pages lost for one cause that are each named where little room is.
FEW = 5


@dataclass(slots=True)
class Ledger:
    """The pages of one crawl by their keys, until each is stored, failed or moved."""

    found: dict[str, str] = field(default_factory=dict)  # the URL of each page
    stored: dict[str, str] = field(default_factory=dict)  # what storing it changed: "new", "changed" or "unchanged"
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)  # its URL and the cause
    unread: dict[str, int] = field(default_factory=dict)  # words in no row, by URL
    vanished: list[str] = field(default_factory=list)  # pages stored before that the site has no more
    characters: Counter[str] = field(default_factory=Counter)  # how many speeches each has
    speeches: int = 0
    sceneless: int = 0  # speeches before the first heading of their page
    words: int = 0
    last_words: str = ""  # why the home page gave nothing, and what to try

    def find(self, page: str, url: str) -> None:
        self.found[page] = url

    def move(self, page: str) -> None:
        """Forget ``page``, which is another one that was found."""
        self.found.pop(page, None)

    def fail(self, page: str, url: str, cause: str) -> None:
        self.failed[page] = (url, cause)

    def store(self, episode: Summary, change: str) -> None:
        self.stored[episode.page] = change
        self.speeches += episode.characters.total()
        self.sceneless += episode.sceneless
        self.characters.update(episode.characters)
        self.words += episode.words
        if episode.unread:
            self.unread[episode.url] = episode.unread

    def give_up(self, cause: str, advice: str) -> None:
        self.last_words = f"{cause}. What to try: {advice}"

    def waiting(self) -> list[tuple[str, str]]:
        """The pages of which nothing was heard since they were found, with their URLs."""
        return [(page, url) for page, url in self.found.items() if page not in self.stored and page not in self.failed]

    def counts(self) -> dict[str, int]:
        """What is to be counted, by name."""
        changes = Counter(self.stored.values())
        return {
            "pages/found": len(self.found),
            "pages/failed": len(self.failed),
            "pages/vanished": len(self.vanished),
            "episodes/new": changes["new"],
            "episodes/changed": changes["changed"],
            "episodes/unchanged": changes["unchanged"],
            "speeches": self.speeches,
            "speeches/sceneless": self.sceneless,
            "characters": len(self.characters),
            "characters/once": list(self.characters.values()).count(1),
            "words": self.words,
            "words/unread": sum(self.unread.values()),
        }

    def closing_words(self, fetched: int, confirmed: int, seconds: float, database: str) -> list[str]:
        """What was stored, in a few lines, and where; empty if no page was found."""
        count = self.counts()
        if not self.found:
            return []
        lines = [
            f"Of {count['pages/found']} pages found, {count['pages/failed']} failed. Episodes: "
            f"{count['episodes/new']} new, {count['episodes/changed']} changed, "
            f"{count['episodes/unchanged']} unchanged."
        ]
        if self.stored:
            unread = count["words/unread"]
            lines += [
                f"{self.speeches} speeches by {count['characters']} characters in {seconds:.0f} s; "
                f"{fetched} pages fetched, {confirmed} confirmed unchanged.",
                f"{self.words} words read, " + (f"{unread} of them in no row." if unread else "each in a row."),
                f"The database: {database}",
            ]
        else:
            lines.append(f"Nothing was stored in {seconds:.0f} s.")
        if self.failed:
            lines.append("What is missing: run the same command again, which asks for that.")
        elif self.stored and "://" not in database:
            lines.append(f'Ask it: sqlite3 {shlex.quote(database)} "SELECT CHARACTER, TEXT FROM SCRIPT LIMIT 20"')
        return lines

    def warnings(self) -> list[str]:
        """What an operator should look at, one line each."""
        many = sorted((url, unread) for url, unread in self.unread.items() if unread > HANDFUL)
        return [
            *(f"Vanished from the site, its rows are kept: {page}" for page in sorted(self.vanished)),
            *(f"{unread} words of {url} stand in no row: was its markup read right?" for url, unread in many),
        ]

    def losses(self, brief: bool = False) -> Iterator[str]:
        """What was lost, one line each; why the home page gave nothing comes last.

        With ``brief``, pages that were lost for one cause are only counted if there are more than :data:`FEW`.
        """
        causes = Counter(cause for _, cause in self.failed.values())
        many = {cause: number for cause, number in causes.items() if brief and number > FEW}
        yield from (f"Failed: {url}: {cause}" for url, cause in sorted(self.failed.values()) if cause not in many)
        yield from (f"Failed: {number} pages: {cause}" for cause, number in many.items())
        if self.last_words:
            yield self.last_words
