"""Who was answered what: the exchanges that are closest to a line."""

import hashlib
import heapq
import re
from collections.abc import Iterable, Iterator

from xfiles.browsing.index import Index
from xfiles.browsing.questions import FREQUENT, WORDS, any_of, phrase_of, plain, words_of

#: How an exchange is like a line: the same was said; it holds the same words in order; it shares words.
SAME, IN_ORDER, SHARED = range(3)
#: As many exchanges are weighed, the first if more share a word, and so many are found at most.
WEIGHED, FOUND = 5000, 60
#: Who answers if nobody else is asked for; to such lines, without a name, and in such words as to make good examples.
ANSWERS = "SCULLY"
EXAMPLE = re.compile(r"[A-Z][a-z']*(?:,? (?:[a-z']+|I|I'[a-z]+)){3,8}[.?]")
ANSWER = re.compile(r"\S+(?: \S+){2,24}")


class Exchanges:
    """An index of what was said (SAID) and answered (REPLY), in memory; any thread may ask it.

    ``rows`` gives, of each exchange, the ID of what was said, what that was, who answers, and the answer.
    """

    def __init__(self, rows: Iterable[tuple[int, str, str, str]]) -> None:
        self.numbers: dict[str, int] = {}  # of the names
        self.size = 0
        self.examples: list[str] = []  # lines that ANSWERS answers
        # WHO and TEXT are one word each, for a name and for the whole of what was said: the same text is found at once.
        self.index = Index("EXCHANGES", ("SAID", "REPLY", "WHO", "TEXT"), self._indexed(rows))

    def _indexed(self, rows: Iterable[tuple[int, str, str, str]]) -> Iterator[tuple[int, str, str, int, str]]:
        """The rows of the index; those that may be examples are noticed."""
        fit: dict[str, tuple[bool, int]] = {}  # lines by how they fit: questions first, the rest as it comes
        for said_id, said, who, reply in rows:
            digest = _digest(said)
            self.size += 1
            if who == ANSWERS and EXAMPLE.fullmatch(said) and ANSWER.fullmatch(reply):
                fit[said] = not said.endswith("?"), int(digest)
            yield said_id, said, reply, self.numbers.setdefault(who, len(self.numbers)), digest
        self.examples = heapq.nsmallest(3, fit, key=lambda said: fit[said])

    def closest(self, line: str, who: str, as_read: str | None = None) -> list[tuple[int, int, float]]:
        """The exchanges with an answer of ``who``'s that are closest to ``line``: ID, likeness and rank of each.

        Of likeness :data:`SAME`, :data:`IN_ORDER` or :data:`SHARED`, the best first; a rank is the lower the better.
        That of what was said and that of the answer are summed, for an answer takes up what was said. ``as_read`` is
        the line with the words that it may be meant to have.
        """
        lines = list(dict.fromkeys((line, as_read or line)))
        if who not in self.numbers or not words_of(line):
            return []
        found: dict[int, tuple[int, int, float]] = {}
        same, in_order = " OR ".join(map(_digest, lines)), " OR ".join(map(phrase_of, lines))
        shares, shares_frequent = any_of(" ".join(lines)), any_of(" ".join(lines), frequent=True)
        for likeness, query in (
            (SAME, f"TEXT : ({same}) AND {{SAID REPLY}} : ({shares})"),
            (IN_ORDER, f"SAID : ({in_order})"),
            (SHARED, f"{{SAID REPLY}} : ({shares})"),
            (SHARED, f"{{SAID REPLY}} : ({shares_frequent})"),
        ):
            if len(found) >= FOUND or (likeness == SHARED and any(like == SHARED for _, like, _ in found.values())):
                break
            for said_id, rank in self._best(f"WHO : {self.numbers[who]} AND {query}"):
                found.setdefault(said_id, (said_id, likeness, rank))
        return list(found.values())[:FOUND]

    def _best(self, query: str) -> list[tuple[int, float]]:
        """The exchanges that ``query`` finds, and their ranks, the best first."""
        return self.index.ask(
            "SELECT ID, RANK FROM (SELECT rowid AS ID, rank AS RANK FROM EXCHANGES WHERE EXCHANGES MATCH ? LIMIT ?) "
            "ORDER BY RANK, ID LIMIT ?",
            (query, WEIGHED, FOUND),
        )

    def alike(self, line: str, said_id: int) -> bool:
        """Whether the exchange shares more with ``line`` than frequent words, or one that is common.

        That is one in a hundredth of all exchanges. Of a line of frequent words alone it shares all.
        """
        words = list(dict.fromkeys(words_of(line)))[:WORDS]
        telling = [word for word in words if word not in FREQUENT] or words
        query = "SELECT 1 FROM EXCHANGES WHERE EXCHANGES MATCH ? AND rowid = ?"
        shared = [word for word in telling if self.index.ask(query, (_in_either(word), said_id))]
        if len(shared) == len(telling):
            return True
        return telling[0] not in FREQUENT and (len(shared) > 1 or any(not self._common(word) for word in shared))

    def _common(self, word: str) -> bool:
        query = "SELECT count(*) FROM (SELECT 1 FROM EXCHANGES WHERE EXCHANGES MATCH ? LIMIT ?)"
        most = max(self.size // 100, 10)
        return self.index.ask(query, (_in_either(word), most + 1))[0][0] > most


def _in_either(word: str) -> str:
    """The query for the exchanges in which ``word`` was said or answered."""
    return f'{{SAID REPLY}} : "{word}"'


def _digest(text: str) -> str:
    """A word of digits, which no stemmer changes, for the whole of ``text``."""
    digest = hashlib.blake2b(plain(text).encode("utf-8", "replace"), digest_size=7).digest()
    return str(int.from_bytes(digest))
