"""The words that are said: how often, by whom and where; and which of them a misspelt one is meant for."""

import difflib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from xfiles.browsing.questions import FREQUENT, WORD, words_of

#: A word that is said no more often may be misspelt in a transcript; what it is read as is that many times as frequent.
SELDOM, TIMES = 2, 100
#: How like a word its nearest must be, by difflib's ratio, and a name; by how much less like it a name is preferred.
LIKE, LIKE_NAME, LESS = 0.8, 0.75, 0.08
#: So many words of a line are looked up at most: each takes some 20 ms.
MISSPELT = 2
#: Among so many of the show's words, the most frequent: of a larger show, the others are names of passers-by.
KNOWN = 20_000
#: What the full-text index's stems do without: a word that is said with another of these is no other word.
ENDINGS = ("d", "ed", "er", "ers", "es", "ing", "ings", "ly", "s")


class Words:
    """The words of a show. ``said`` has those of each character on each page, ``names`` what people are called."""

    def __init__(
        self, said: Mapping[tuple[str, str], Mapping[str, int]] | None = None, names: Iterable[str] = ()
    ) -> None:
        self.parts = list(said or {})  # who, and on which page
        self.times: Counter[str] = Counter()
        self.uses: dict[str, array] = defaultdict(lambda: array("I"))  # of each word: a part's number, times, …
        self.totals: list[int] = []  # how many words each part has
        for number, part in enumerate(self.parts):
            self.totals.append(sum((said or {})[part].values()))
            for word, times in (said or {})[part].items():
                self.times[word] += times
                self.uses[word].extend((number, times))
        self.names = {word for name in names for word in words_of(name) if len(word) > 2} - FREQUENT
        self.whole = {word.replace("'", ""): word for word, _ in reversed(self.times.most_common()) if "'" in word}
        self.known = [word for word, times in self.times.most_common(KNOWN) if times >= SELDOM]
        self.read = lru_cache(1000)(self._read)
        telling = (
            (word, times)
            for word, times in self.times.items()
            if len(word) > 4 and word.isalpha() and word not in FREQUENT
        )
        self.examples = [word for word, _ in Counter(dict(telling)).most_common(2)]

    def _read(self, text: str) -> dict[str, str]:
        """The words of ``text`` that are none of the show's, and the word of the show that each is read as."""
        read, left = {}, MISSPELT
        for word in dict.fromkeys(words_of(text)):
            whole = self.whole.get(word, word)  # "dont" is "don't", but "well" is not "we'll"
            if self.times[whole] > TIMES / 2 * self.times[word]:
                read[word] = whole
            elif left and self._seldom(word):
                left -= 1
                if nearest := self._nearest(word):
                    read[word] = nearest
        return read

    def _seldom(self, word: str) -> bool:
        """Whether ``word`` may be misspelt: it is hardly ever said, nor another form of what is said."""
        if len(word) < 4 or not word.isalpha() or word in FREQUENT or self.times[word] > SELDOM:
            return False
        forms = {word, *(word.removesuffix(ending) for ending in ENDINGS)}
        return not self.names & forms and not any(self.times[form] for form in forms - {word})

    def _nearest(self, word: str) -> str | None:
        """The name, or else the word, that is most like ``word``; None if none is like it."""
        seldom = max(SELDOM, TIMES * self.times[word])
        words = [other for other in self.known if self.times[other] >= seldom and abs(len(other) - len(word)) < 3]
        names = difflib.get_close_matches(word, self.names, 1, LIKE_NAME)
        near = [
            (difflib.SequenceMatcher(None, other, word).ratio() + allowed, self.times[other], other)
            for others, allowed in ((names, LESS), (difflib.get_close_matches(word, words, 10, LIKE), 0))
            for other in others
        ]
        return max(near)[2] if near else None

    def forms(self, word: str) -> list[str]:
        """``word``, its plural and its possessive, as far as they are said; a short word with an s is another."""
        forms = (word, f"{word}s", f"{word}'s") if len(word) > 3 else (word, f"{word}'s")
        return [form for form in forms if form in self.times]

    def as_read(self, text: str, read: Mapping[str, str] | None = None) -> str:
        """``text`` with its words as they are read, all of them or those of ``read``."""
        read = self.read(text) if read is None else read
        return WORD.sub(lambda word: read.get(word[0].lower().replace("’", "'"), word[0]), text) if read else text
