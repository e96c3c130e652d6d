"""What the pages need beyond SQL: readings of what a visitor writes, and counts that are made once.

Datasette loads this with ``--plugins-dir browse/plugins``, from a clone of the project: what it shares with the crawl
is in xfiles/.
"""

import asyncio
import difflib
import json
import math
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from contextlib import closing, suppress
from datetime import date
from pathlib import Path, PurePosixPath

from datasette import hookimpl
from datasette.utils import tilde_decode, tilde_encode

# Datasette's command has no clone on its path. What is imported needs neither Scrapy nor a driver.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from xfiles.database.schema import VERSION
from xfiles.reading.directions import spoken

#: Where the show is read: its episodes have short addresses, /episode/scrp511.
SITE = "insidethex.co.uk/transcrp/"
#: More words of a visitor's than that are not looked for, nor more letters of a name.
WORDS, LETTERS = 50, 100
#: The full-text query that finds nothing.
NOTHING = '""'
WORD = re.compile(r"\w+(?:['’]\w+)*")
#: In so many lines that they tell little of one: looked for only if nothing else was said. It keeps a search fast.
FREQUENT = set(
    """a about all am an and any are as at be been but by can could did do does don't for from get go got had has have
    he her here him his how i i'm if in is it it's just know like me my no not now of oh on one or our out right see she
    so some that that's the their them then there they think this to up us want was we well were what when where who
    why will with would yes you you're your""".split()
)


def all_of(text: str) -> str:
    """The full-text query for the words of ``text``, all of them, with what stands in double quotes as a phrase.

    Whatever the text is, the query is a valid one; :data:`NOTHING` if it has no word.
    """
    parts = re.findall(rf'"([^"]*)"|({WORD.pattern})', str(text or ""))
    phrases = [" ".join(WORD.findall(phrase)) or word for phrase, word in parts[:WORDS]]
    return " ".join(f'"{phrase}"' for phrase in phrases if phrase) or NOTHING


def any_of(text: str) -> str:
    """The full-text query for the lines that share a word with ``text``; :data:`NOTHING` if it has no word."""
    words = list(dict.fromkeys(word.lower().replace("’", "'") for word in WORD.findall(str(text or ""))))
    words = [word for word in words if word not in FREQUENT] or words
    return " OR ".join(f'"{word}"' for word in words[:WORDS]) or NOTHING


def said(marked: str) -> int:
    """Whether a mark of ``marked``, a speech with \\x02 and \\x03 around what was found, is outside its directions."""
    return int("\x02" in spoken(marked or "", brackets=True))


def nearest(name: str, names: str) -> str:
    """The names most like ``name``, as a JSON list, of the JSON list ``names``, both in upper case."""
    name = (name or "").strip()[:LETTERS]
    known = json.loads(names)
    holding = sorted((other for other in known if name in other), key=len) if len(name) > 2 else []
    return json.dumps(list(dict.fromkeys(difflib.get_close_matches(name, known, 6, 0.7) + holding))[:6])


def stem(page: str) -> str:
    """The last part of a page's name: scrp511 of insidethex.co.uk/transcrp/scrp511.htm."""
    return PurePosixPath(page.partition("?")[0]).stem


def episode_path(page: str) -> str:
    """The path of an episode's page: short on the show's own site, else its whole name, so that no two share one."""
    return f"/episode/{tilde_encode(stem(page) if page.startswith(SITE) else page)}"


def marked(text: str) -> str:
    """``text`` as HTML, with what stands between \\x02 and \\x03 marked."""
    from markupsafe import Markup, escape

    return escape(text).replace("\x02", Markup("<mark>")).replace("\x03", Markup("</mark>"))


def day(aired: str) -> str:
    """The ISO date ``aired`` as people write it: 19 November 1997."""
    try:
        return f"{int(aired[8:])} {date.fromisoformat(aired):%B %Y}"
    except ValueError:
        return aired


class Counts:
    """Who says how much, and which words, counted once for each state of the database.

    In memory, as the tables PARTS (CHARACTER, NAMED, PAGE, SEASON, NUMBER, TITLE, MYTHARC, LINES, WORDS), TALKS
    (CHARACTER, SAID_BY, TIMES), OWN (CHARACTER, WORD, TIMES, PLACE) and LONGEST (CHARACTER, ID); lines in which nothing
    is said do not count. STAGE is the full-text index of the stage directions between the speeches.
    """

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.state = None  # the pages that were counted
        self.tables = None

    async def ask(self, datasette, sql: str, values: dict | None = None) -> list[sqlite3.Row]:
        """The rows of ``sql``; what changed since the last question is counted first."""
        database = datasette.get_database()
        digests = "SELECT count(*), group_concat(DIGEST) FROM (SELECT DIGEST FROM EPISODES ORDER BY PAGE)"
        async with self.lock:
            state = tuple((await database.execute(digests, log_sql_errors=False)).first())
            if state != self.state:
                if self.tables is None:
                    self.tables = datasette.add_memory_database("counts")
                # One that is served as it is may stand where SQLite can't write beside it.
                opened = f"file:{database.path}?{'mode=ro' if database.is_mutable else 'immutable=1'}"
                await self.tables.execute_write_fn(lambda connection: count(opened, connection))
                self.state = state
        return (await self.tables.execute(sql, values)).rows


def count(address: str, counts: sqlite3.Connection) -> None:
    """Count the database at ``address``, as SQLite writes it, into the tables of ``counts``."""
    parts: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    words: dict[str, Counter] = defaultdict(Counter)
    longest: dict[str, tuple[int, int]] = {}
    with closing(sqlite3.connect(address, uri=True)) as show:
        for who, page, spoken, line in show.execute(
            "SELECT CHARACTER, PAGE, SPOKEN, ID FROM XFILES WHERE SPOKEN <> ''"
        ):
            said = WORD.findall(spoken.lower().replace("’", "'"))
            part = parts[who, page]
            part[0] += 1
            part[1] += len(said)
            words[who].update(said)
            if who not in longest or len(spoken) > longest[who][0]:
                longest[who] = len(spoken), line
        named = dict(show.execute("SELECT CHARACTER, NAMED FROM CHARACTERS WHERE ALIAS = CHARACTER"))
        talks = show.execute("SELECT CHARACTER, SAID_BY, count(*) FROM REPLIES GROUP BY CHARACTER, SAID_BY").fetchall()
        about = {
            page: episode
            for page, *episode in show.execute(
                "SELECT PAGE, SEASON, NUMBER, coalesce(TITLE, EPISODE, PAGE), MYTHARC FROM EPISODES"
            )
        }
        stage = show.execute(
            "SELECT D.TEXT, D.PAGE, D.LINE, D.PART, E.SEASON, coalesce(E.TITLE, E.EPISODE, E.PAGE) "
            "FROM DIRECTIONS AS D JOIN EPISODES AS E ON E.PAGE = D.PAGE WHERE D.KIND = 'direction'"
        ).fetchall()
    everyone = Counter()
    for own in words.values():
        everyone.update(own)
    with counts:
        for table in ("PARTS", "TALKS", "OWN", "LONGEST", "STAGE"):
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
        counts.execute("CREATE TABLE TALKS (CHARACTER, SAID_BY, TIMES, PRIMARY KEY (CHARACTER, SAID_BY)) WITHOUT ROWID")
        counts.executemany("INSERT INTO TALKS VALUES (?, ?, ?)", talks)
        counts.execute("CREATE TABLE OWN (CHARACTER, WORD, TIMES, PLACE, PRIMARY KEY (CHARACTER, PLACE)) WITHOUT ROWID")
        counts.executemany(
            "INSERT INTO OWN VALUES (?, ?, ?, ?)",
            (
                (who, word, own[word], place)
                for who, own in words.items()
                for place, word in enumerate(own_words(own, everyone))
            ),
        )
        counts.execute("CREATE TABLE LONGEST (CHARACTER PRIMARY KEY, ID) WITHOUT ROWID")
        counts.executemany("INSERT INTO LONGEST VALUES (?, ?)", ((who, line) for who, (_, line) in longest.items()))
        counts.execute(
            "CREATE VIRTUAL TABLE STAGE USING fts5(TEXT, PAGE UNINDEXED, LINE UNINDEXED, PART UNINDEXED, "
            "SEASON UNINDEXED, TITLE UNINDEXED, tokenize = 'porter unicode61')"
        )
        counts.executemany("INSERT INTO STAGE VALUES (?, ?, ?, ?, ?, ?)", stage)


def own_words(own: Counter, everyone: Counter, number: int = 20) -> list[str]:
    """The ``number`` words that one says most more often than everyone does, at least three times; the best first.

    Weighed by how often they are said and how far that is from what everyone's use makes expect (the term of a
    G-test).
    """
    share = own.total() / (everyone.total() or 1)
    weights = {
        word: times * math.log(times / (everyone[word] * share))
        for word, times in own.items()
        if times > 2 and word not in FREQUENT
    }
    return [word for word, weight in Counter(weights).most_common(number) if weight > 1]


_counts = Counts()


@hookimpl
def prepare_connection(conn):
    for function in (all_of, any_of, said, nearest, stem):
        conn.create_function(function.__name__, function.__code__.co_argcount, function, deterministic=True)


@hookimpl
def prepare_jinja2_environment(env, datasette):
    # Datasette gives it to a template, but not to the macros that it imports, nor to error.html.
    env.globals["base_url"] = datasette.setting("base_url")
    env.filters |= {
        "episode_path": lambda page: datasette.urls.path(episode_path(page)),
        "character_path": lambda name: datasette.urls.path(f"/character/{tilde_encode(name)}"),
        "marked": marked,
        "day": day,
        "tilde_encode": tilde_encode,
        "tilde_decode": tilde_decode,
        "from_json": json.loads,
    }


@hookimpl
def extra_template_vars(datasette):
    async def counts(sql, values=None):
        return await _counts.ask(datasette, sql, values)

    async def question(name):
        """The SQL of the question ``name`` of metadata.yml."""
        return (await datasette.get_canned_query("xfiles_db", name, None))["sql"]

    async def people(name):
        """The characters who have the names most like ``name``, each once."""
        sql = """SELECT CHARACTER FROM CHARACTERS
            JOIN json_each((SELECT nearest(:name, json_group_array(ALIAS)) FROM CHARACTERS)) ON ALIAS = value
            GROUP BY CHARACTER ORDER BY min(key) LIMIT 6"""
        rows = await datasette.get_database("xfiles_db").execute(sql, {"name": name.upper()})
        return [who for (who,) in rows]

    return {"counts": counts, "question": question, "people": people, "schema": VERSION}


@hookimpl
def startup(datasette):
    async def first_count():
        with suppress(sqlite3.OperationalError):  # no tables: the front page says what to do
            await _counts.ask(datasette, "SELECT 1")

    return first_count
