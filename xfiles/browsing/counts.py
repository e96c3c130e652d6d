"""What the pages count: once for each state of the database, in memory."""

import asyncio
import os
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from xfiles.browsing.addresses import Addresses
from xfiles.browsing.characters import own_words
from xfiles.browsing.exchanges import Exchanges
from xfiles.browsing.lines import Lines
from xfiles.browsing.questions import words_of
from xfiles.browsing.words import Words

#: How many times as long as it was counted nothing is counted again.
REST = 4


class Counts:
    """Who says how much, and which words, counted once for each state of the database.

    In memory, as the tables PARTS (CHARACTER, NAMED, PAGE, SEASON, NUMBER, TITLE, MYTHARC, LINES, WORDS), TALKS
    (CHARACTER, SAID_BY, TIMES), OWN (CHARACTER, WORD, TIMES, PLACE) and LONGEST (CHARACTER, ID); lines in which nothing
    is said do not count. PEOPLE adds up PARTS (CHARACTER, NAMED, LINES, WORDS, EPISODES, and the first and last page:
    FIRST, FIRST_TITLE, LAST, LAST_TITLE). STAGE is the full-text index of the stage directions between the speeches.
    """

    def __init__(self, version: int) -> None:
        self.version = version  # of the schema: another has other tables
        self.lock = asyncio.Lock()
        self.state: tuple | None = None  # of the file that was counted
        self.tables: Any = None  # Datasette's database of what was counted
        self.spare: Any = None  # and the one before it, in which the next will be
        self.resting = 0.0  # until then, by time.monotonic()
        self.addresses = Addresses()
        self.exchanges = Exchanges(())
        self.words = Words()
        self.lines = Lines(())

    async def refresh(self, datasette) -> None:
        """Count what changed since the last time. Meanwhile, others are shown what was counted before.

        So is everyone for some time after it: while a crawl stores page after page, most of the time is the visitors'.
        """
        if self.tables is not None and (self.lock.locked() or time.monotonic() < self.resting):
            return
        database = datasette.get_database()
        async with self.lock:
            if (state := state_of(database.path)) in (self.state, ()):  # nothing changed, or nothing is there just now
                return
            start = time.monotonic()
            name = "counts" if self.tables is None else "more_counts"
            tables = self.spare or datasette.databases.get(name) or datasette.add_memory_database(name)
            if (await database.execute("PRAGMA user_version")).first()[0] == self.version:
                # One that is served as it is may stand where SQLite can't write beside it.
                opened = f"file:{database.path}?{'mode=ro' if database.is_mutable else 'immutable=1'}"
                counted = await tables.execute_write_fn(lambda connection: count(opened, connection))
                self.lines, self.words, self.exchanges = counted
                pages = await database.execute("SELECT PAGE, CODE, LEADS_TO FROM EPISODES ORDER BY PAGE")
                self.addresses = Addresses(map(tuple, pages.rows))
            self.tables, self.spare = tables, self.tables
            self.state = state
            self.resting = time.monotonic() + REST * (time.monotonic() - start)

    async def ask(self, sql: str, values: dict | None = None) -> list[sqlite3.Row]:
        """The rows of ``sql`` about what was counted."""
        return (await self.tables.execute(sql, values)).rows


def state_of(path: str) -> tuple:
    """What is different whenever the SQLite database at ``path`` is: which file it is, and when that and its log were
    written. A log that only readers made is empty."""
    files = (os.stat(name) for name in (path, f"{path}-wal") if os.path.exists(name))
    return tuple((file.st_dev, file.st_ino, file.st_mtime_ns, file.st_size) for file in files if file.st_size)


def count(address: str, counts: sqlite3.Connection) -> tuple[Lines, Words, Exchanges]:
    """Count the database at ``address``, as SQLite writes it, into the tables of ``counts``.

    Gives its lines, their words, and the exchanges.
    """
    parts: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    said: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    longest: dict[str, tuple[int, int]] = {}
    with closing(sqlite3.connect(address, uri=True)) as show:
        about = {
            page: episode
            for page, *episode in show.execute(
                "SELECT PAGE, SEASON, NUMBER, coalesce(TITLE, EPISODE, PAGE), MYTHARC FROM EPISODES"
            )
        }

        def speeches() -> Iterator[tuple[int, str, str, int | None, str, str]]:
            for line, who, page, spoken, text in show.execute("SELECT ID, CHARACTER, PAGE, SPOKEN, TEXT FROM XFILES"):
                if page in about:
                    yield line, who, page, about[page][0], spoken, text if text != spoken else ""
                if spoken:
                    words = words_of(spoken)
                    part = parts[who, page]
                    part[0] += 1
                    part[1] += len(words)
                    said[who, page].update(words)
                    if who not in longest or len(spoken) > longest[who][0]:
                        longest[who] = len(spoken), line

        lines = Lines(speeches())
        named = dict(show.execute("SELECT CHARACTER, NAMED FROM CHARACTERS WHERE ALIAS = CHARACTER"))
        talks: Counter[tuple[str, str]] = Counter()

        def exchanges() -> Iterator[tuple[int, str, str, str]]:
            for said_id, said_by, said, who, reply in show.execute(
                "SELECT SAID_ID, SAID_BY, SAID, CHARACTER, REPLY FROM REPLIES"
            ):
                talks[who, said_by] += 1
                yield said_id, said, who, reply

        answered = Exchanges(exchanges())
        stage = show.execute(
            "SELECT D.TEXT, D.PAGE, D.LINE, D.PART, E.SEASON, coalesce(E.TITLE, E.EPISODE, E.PAGE) "
            "FROM DIRECTIONS AS D JOIN EPISODES AS E ON E.PAGE = D.PAGE WHERE D.KIND = 'direction'"
        ).fetchall()
    by_character: dict[str, Counter[str]] = defaultdict(Counter)
    for (who, _), of_page in said.items():
        by_character[who].update(of_page)
    everyone = Words(said, (who for who in by_character if named.get(who)))
    with counts:
        for table in ("PARTS", "PEOPLE", "TALKS", "OWN", "LONGEST", "STAGE"):
            counts.execute(f"DROP TABLE IF EXISTS {table}")
        counts.execute(
            "CREATE TABLE PARTS (CHARACTER, NAMED, PAGE, SEASON, NUMBER, TITLE, MYTHARC, LINES, WORDS, "
            "PRIMARY KEY (CHARACTER, PAGE)) WITHOUT ROWID"
        )
        counts.executemany(
            "INSERT INTO PARTS VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (who, named.get(who), page, *about[page], *numbers)
                for (who, page), numbers in parts.items()
                if page in about
            ),
        )
        counts.execute(_PEOPLE)
        counts.execute("CREATE TABLE TALKS (CHARACTER, SAID_BY, TIMES, PRIMARY KEY (CHARACTER, SAID_BY)) WITHOUT ROWID")
        counts.executemany("INSERT INTO TALKS VALUES (?, ?, ?)", ((*pair, times) for pair, times in talks.items()))
        total = everyone.times.total()
        counts.execute("CREATE TABLE OWN (CHARACTER, WORD, TIMES, PLACE, PRIMARY KEY (CHARACTER, PLACE)) WITHOUT ROWID")
        counts.executemany(
            "INSERT INTO OWN VALUES (?, ?, ?, ?)",
            (
                (who, word, own[word], place)
                for who, own in by_character.items()
                for place, word in enumerate(own_words(own, everyone.times, total))
            ),
        )
        counts.execute("CREATE TABLE LONGEST (CHARACTER PRIMARY KEY, ID) WITHOUT ROWID")
        counts.executemany("INSERT INTO LONGEST VALUES (?, ?)", ((who, line) for who, (_, line) in longest.items()))
        counts.execute(
            "CREATE VIRTUAL TABLE STAGE USING fts5(TEXT, PAGE UNINDEXED, LINE UNINDEXED, PART UNINDEXED, "
            "SEASON UNINDEXED, TITLE UNINDEXED, tokenize = 'porter unicode61')"
        )
        counts.executemany("INSERT INTO STAGE VALUES (?, ?, ?, ?, ?, ?)", stage)
    return lines, everyone, answered


_PEOPLE = """
    CREATE TABLE PEOPLE AS WITH PLACED AS (
        SELECT *, row_number() OVER (ORDER BY NUMBER IS NULL, NUMBER, PAGE) AS PLACE FROM PARTS
    ), ADDED AS (
        SELECT CHARACTER, NAMED, sum(LINES) AS LINES, sum(WORDS) AS WORDS, count(*) AS EPISODES,
            min(PLACE) AS FIRST, max(PLACE) AS LAST FROM PLACED GROUP BY CHARACTER
    )
    SELECT A.CHARACTER, A.NAMED, A.LINES, A.WORDS, EPISODES,
        F.PAGE AS FIRST, F.TITLE AS FIRST_TITLE, L.PAGE AS LAST, L.TITLE AS LAST_TITLE
    FROM ADDED AS A JOIN PLACED AS F ON F.PLACE = A.FIRST JOIN PLACED AS L ON L.PLACE = A.LAST
    ORDER BY A.LINES DESC, A.CHARACTER
"""
