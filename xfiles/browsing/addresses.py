"""By which addresses a visitor reaches an episode's page, and which of them the links have."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

#: Where the show is read: of pages that share a name, its own has it.
SITE = "insidethex.co.uk/transcrp/"


class Addresses:
    """The addresses of ``episodes``, given as (page, code or None, the page that it leads to or None).

    An episode has those of its code (5X11), of its page's name, and of the last part of that (scrp511), in letters of
    either case.
    """

    def __init__(self, episodes: Iterable[tuple[str, str | None, str | None]] = ()) -> None:
        self._pages: dict[str, list[str]] = {}  # and their addresses
        self._named: dict[str, list[str]] = defaultdict(list)  # the pages that an address may be meant for
        for page, code, leads_to in episodes:
            names = [name for name in (page, leads_to) if name]
            self._pages[page] = [address for address in (code, *map(stem, names), *names) if address]
            for address in dict.fromkeys(address.casefold() for address in self._pages[page]):
                self._named[address].append(page)
        self._shortest = {page: self._of(page) for page in self._pages}

    def find(self, asked: str) -> list[str]:
        """The pages for which ``asked`` may be meant: one, if it is some page's alone."""
        if asked in self._pages:
            return [asked]
        found = self._named.get(asked.casefold(), [])
        own = [page for page in found if page.startswith(SITE)]
        return own if len(own) == 1 else found

    def of(self, page: str) -> str:
        """The shortest address that is ``page``'s alone."""
        return self._shortest.get(page, page)

    def _of(self, page: str) -> str:
        return min((address for address in self._pages[page] if self.find(address) == [page]), key=len)


def stem(page: str) -> str:
    """The last part of a page's name: scrp511 of insidethex.co.uk/transcrp/scrp511.htm."""
    return PurePosixPath(page.partition("?")[0]).stem
