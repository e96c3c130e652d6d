"""The pages, as Datasette's hooks: which functions SQL and the templates have beyond Datasette's.

``scrapy browse`` loads this from a clone of the project: what needs no Datasette is in xfiles/browsing/.
"""

import asyncio
import json
import sys
from datetime import date
from pathlib import Path

from datasette import hookimpl
from datasette.utils import tilde_decode, tilde_encode

# Datasette's command has no clone on its path. What is imported needs neither Scrapy nor a driver.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from xfiles.browsing.characters import other_names
from xfiles.browsing.counts import Counts
from xfiles.browsing.questions import nearest, plain, words_of
from xfiles.browsing.search import search
from xfiles.browsing.usage import points, scale, usage
from xfiles.database.schema import VERSION


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


_counts = Counts(VERSION)


@hookimpl
def prepare_connection(conn):
    def closest(line, who):
        """The exchanges that are closest to a line, as a JSON list of ID, likeness and rank."""
        line = str(line or "")
        return json.dumps(_counts.exchanges.closest(line, who, _counts.words.as_read(line)))

    def alike(line, said_id):
        """Whether an exchange shares more with a line than a common word."""
        return _counts.exchanges.alike(_counts.words.as_read(line), said_id)

    for function in (nearest, plain, closest, alike):
        conn.create_function(function.__name__, function.__code__.co_argcount, function, deterministic=True)


@hookimpl
def prepare_jinja2_environment(env, datasette):
    # Datasette gives it to a template, but not to the macros that it imports, nor to error.html.
    env.globals["base_url"] = datasette.setting("base_url")
    env.filters |= {
        "episode_path": lambda page: datasette.urls.path(f"/episode/{tilde_encode(_counts.addresses.of(page))}"),
        "pages_called": lambda address: _counts.addresses.find(address),
        "character_path": lambda name: datasette.urls.path(f"/character/{tilde_encode(name)}"),
        "other_names": other_names,
        "marked": marked,
        "day": day,
        "tilde_encode": tilde_encode,
        "tilde_decode": tilde_decode,
        "from_json": json.loads,
        "words_of": words_of,
        "scale": scale,
        "points": points,
    }


@hookimpl
def extra_template_vars(datasette):
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

    async def read(text):
        """The misspelt words of a text, and what each is read as."""
        return await asyncio.to_thread(_counts.words.read, text)

    async def find(*asked):
        """What :func:`search` finds for what is asked."""
        return await asyncio.to_thread(search, _counts.lines, _counts.words, *asked)

    async def use(wanted, who):
        """How often words are said, by a character or by everyone, in each season and episode."""
        rows = await _counts.ask(
            "SELECT PAGE, SEASON FROM PARTS GROUP BY PAGE ORDER BY SEASON IS NULL, SEASON, NUMBER, PAGE"
        )
        return await asyncio.to_thread(usage, _counts.words, map(tuple, rows), wanted, who)

    async def variables():
        await _counts.refresh(datasette)
        return {
            "counts": _counts.ask,
            "question": question,
            "people": people,
            "read": read,
            "find": find,
            "use": use,
            "example_lines": _counts.exchanges.examples,
            "example_words": _counts.words.examples,
            "schema": VERSION,
        }

    return variables


@hookimpl
def canned_queries(datasette, database):
    async def none():
        """None more than metadata.yml's; but what they ask is counted first, as it is for a page."""
        await _counts.refresh(datasette)

    return none


@hookimpl
def startup(datasette):
    return lambda: _counts.refresh(datasette)
