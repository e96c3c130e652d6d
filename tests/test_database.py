"""The pipeline's database, on real files and a real PostgreSQL."""

import multiprocessing
import os
import socket
import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from conftest import ask, wait_until
from documents import blocks, section
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database import (
    KEYS,
    SPEECHES,
    TABLES,
    VERSION,
    DatabaseError,
    EpisodeError,
    open_database,
    safe_address,
)
from xfiles.items import Line, Scene
from xfiles.ledger import Summary
from xfiles.reading.addresses import speech_id


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "xfiles.sqlite")


@pytest.fixture(params=["path", "postgresql"])
def address(request):
    return request.getfixturevalue(request.param)


def rows(address, table):
    """The rows of ``table`` in the order of its key, each as a dictionary."""
    columns = TABLES[table]
    order = ", ".join(KEYS[table])
    found = ask(address, f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")
    return [dict(zip(columns, row, strict=True)) for row in found]


def save(address, item, timeout=30):
    with closing(open_database(address, timeout)) as database:
        return database.save(item)


def test_rows(address):
    assert save(address, EPISODE) == "new"
    page = {"PAGE": EPISODE.page}
    assert rows(address, "EPISODES") == [
        page
        | {"EPISODE": "Deep Throat - 1X01", "TITLE": "Deep Throat", "CODE": "1X01", "SEASON": 1, "NUMBER": 2}
        | {"AIRED": "1993-09-17", "MYTHARC": 1, "TRANSCRIBER": "A. Typist", "WORDS": 9, "UNREAD": 1}
        | {"URL": EPISODE.url, "DIGEST": "0a1b"}
    ]
    assert rows(address, "SCENES") == [page | {"SCENE": 1, "HEADING": "SCENE 1 HALL", "PLACE": "HALL"}]
    assert rows(address, "DIRECTIONS")[1:3] == [
        page | {"SCENE": 0, "LINE": 1, "PART": 1, "KIND": "direction", "TEXT": "(A kettle sings.)"},
        page | {"SCENE": 1, "LINE": 1, "PART": 2, "KIND": "direction", "TEXT": "(Morning.)"},
    ]
    speech = page | {"EPISODE": "Deep Throat - 1X01"}
    attack = "'; DROP TABLE XFILES; --"
    assert rows(address, "XFILES") == [
        speech
        | {"CHARACTER": "ANN", "TEXT": attack, "SPEAKER": "Ann (low)", "SPOKEN": attack, "SCENE": 0, "LINE": 1}
        | {"ID": speech_id(EPISODE.page, 1)},
        speech
        | {"CHARACTER": "BEN", "TEXT": "(nods)", "SPEAKER": "BEN", "SPOKEN": "", "SCENE": 1, "LINE": 2}
        | {"ID": speech_id(EPISODE.page, 2)},
    ]


def test_unknown_values_are_null(address):
    unknown = ("code", "season", "number", "aired", "mytharc", "transcriber", "digest")
    save(address, vary(EPISODE, **dict.fromkeys(unknown), scenes=[Scene(1, "SCENE 1")]))
    (row,) = rows(address, "EPISODES")
    assert {column for column, value in row.items() if value is None} == {name.upper() for name in unknown}
    assert rows(address, "SCENES")[0]["PLACE"] is None


def test_saving_again_changes_nothing(address):
    save(address, EPISODE)
    assert save(address, EPISODE) == "unchanged"
    assert len(rows(address, "XFILES")) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": EPISODE.lines[:1]},
        {"scenes": []},
        {"directions": EPISODE.directions[1:]},
        {"aired": "1993-09-18"},
        {"episode": "Deep Throat"},
        {"number": 3},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_episode_is_replaced_whole(address, changes):
    save(address, EPISODE)
    changed = vary(EPISODE, **changes)
    assert save(address, changed) == "changed"
    assert len(rows(address, "EPISODES")) == 1
    for table, parts in (("XFILES", changed.lines), ("SCENES", changed.scenes), ("DIRECTIONS", changed.directions)):
        assert len(rows(address, table)) == len(parts)
    assert save(address, changed) == "unchanged"


@pytest.mark.parametrize("changes", [{"digest": "2c3d"}, {"url": "https://www.site.example/transcrp/scrp101.htm"}])
def test_how_a_page_was_read_is_stored_but_no_change(address, changes):
    save(address, EPISODE)
    assert save(address, vary(EPISODE, **changes)) == "unchanged"
    ((column, value),) = changes.items()
    assert rows(address, "EPISODES")[0][column.upper()] == value
    with closing(open_database(address)) as database:
        assert database.pages() == {EPISODE.page: changes.get("digest", EPISODE.digest)}


def test_a_page_read_without_the_index_keeps_what_the_index_said(address):
    save(address, EPISODE)
    bypass = vary(EPISODE, number=None, aired=None, mytharc=None)
    assert save(address, bypass) == "unchanged"
    assert save(address, vary(bypass, lines=EPISODE.lines[:1], title=None, episode=None)) == "changed"
    (row,) = rows(address, "EPISODES")
    assert (row["NUMBER"], row["AIRED"], row["MYTHARC"], row["TITLE"]) == (2, "1993-09-17", 1, "Deep Throat")
    assert rows(address, "XFILES")[0]["EPISODE"] == "Deep Throat - 1X01"


def test_a_failed_save_leaves_the_former_rows(address):
    save(address, EPISODE)
    before = rows(address, "XFILES")
    broken = vary(EPISODE, lines=[*EPISODE.lines, replace(EPISODE.lines[0], line=2)])
    with pytest.raises(EpisodeError, match=r"its episode can't be stored: .*(UNIQUE|unique) constraint"):
        save(address, broken)
    assert rows(address, "XFILES") == before


def test_a_page_without_its_rows_has_no_digest(address):
    """So that it is read again."""
    save(address, EPISODE)
    with closing(open_database(address)) as database:
        assert database.pages() == {EPISODE.page: EPISODE.digest}
        with connect(address) as connection:
            connection.execute("DELETE FROM XFILES")
        assert database.pages() == {EPISODE.page: None}


def test_a_page_that_the_index_lists_no_more_has_no_number(address):
    save(address, EPISODE)
    with closing(open_database(address)) as database:
        database.leave_order(EPISODE.page)
        database.leave_order("another")
    assert ask(address, "SELECT PAGE, NUMBER, AIRED FROM EPISODES") == [(EPISODE.page, None, EPISODE.aired)]


def test_an_id_is_the_same_in_every_database(address, tmp_path):
    other = str(tmp_path / "other.sqlite")
    save(other, vary(EPISODE, page=EPISODE.page + "l"))
    save(other, EPISODE)
    save(address, EPISODE)
    ids = ask(address, "SELECT ID FROM XFILES ORDER BY LINE")
    assert ids == ask(other, "SELECT ID FROM XFILES WHERE PAGE = ? ORDER BY LINE", EPISODE.page)
    assert ids[1][0] == ids[0][0] + 1 < 2**53


def test_views(address):
    save(address, CONVERSATION)
    columns = "TITLE, SEASON, MYTHARC, HEADING, CHARACTER, TEXT"
    assert ask(address, f"SELECT {columns} FROM SPEECHES ORDER BY LINE")[1::4] == [
        ("Deep Throat", 1, 1, "SCENE 1 HALL", "BEN", "(low) The keeper's teapots."),
        ("Deep Throat", 1, 1, "SCENE 2", "ANN", "Next morning."),
    ]
    assert len(ask(address, "SELECT * FROM SPEECHES")) == 6
    assert ask(address, "SELECT SAID_BY, SAID, CHARACTER, REPLY, SCENE, LINE, FOLD FROM REPLIES") == [
        ("ANN", "Whose teapot sings?", "BEN", "The keeper's teapots.", 1, 2, 1)
    ]


def test_script_is_the_page_in_its_order(address):
    save(address, vary(EPISODE, page="site.example/a"))
    save(address, EPISODE)
    columns = "SCENE, LINE, PART, KIND, CHARACTER, TEXT"
    assert ask(address, f"SELECT {columns} FROM SCRIPT WHERE PAGE = ?", EPISODE.page) == [
        (0, 0, 1, "note", None, "Written by nobody."),
        (0, 1, 0, "speech", "ANN", "'; DROP TABLE XFILES; --"),
        (0, 1, 1, "direction", None, "(A kettle sings.)"),
        (1, 0, 0, "scene", None, "SCENE 1 HALL"),
        (1, 1, 2, "direction", None, "(Morning.)"),
        (1, 2, 0, "speech", "BEN", "(nods)"),
        (1, 2, 1, "note", None, "THE END"),
    ]
    pages = ask(address, "SELECT PAGE, EPISODE FROM SCRIPT")
    assert pages == [("site.example/a", EPISODE.episode)] * 7 + [(EPISODE.page, EPISODE.episode)] * 7


def test_speeches_have_their_columns(address):
    save(address, EPISODE)
    row = dict(zip(SPEECHES, ask(address, f"SELECT {', '.join(SPEECHES)} FROM SPEECHES ORDER BY LINE")[1], strict=True))
    assert row == rows(address, "XFILES")[1] | {
        **{"TITLE": "Deep Throat", "CODE": "1X01", "SEASON": 1, "NUMBER": 2, "AIRED": "1993-09-17", "MYTHARC": 1},
        **{"HEADING": "SCENE 1 HALL", "PLACE": "HALL", "URL": EPISODE.url},
    }


def names(address):
    return ask(address, "SELECT ALIAS, CHARACTER FROM CHARACTERS ORDER BY ALIAS, CHARACTER")


def test_characters(address):
    save(address, EPISODE)
    assert names(address) == [("ANN", "ANN"), ("ANN (LOW)", "ANN"), ("BEN", "BEN")]
    smoker = Line(1, 0, "CIGARETTE SMOKING MAN", "Smoker", "Ha.", "Ha.")
    save(address, vary(EPISODE, page="site.example/a", lines=[smoker, replace(EPISODE.lines[0], line=2)]))
    found = ask(address, "SELECT CHARACTER FROM CHARACTERS WHERE ALIAS IN ('CSM', 'CANCER MAN', 'SMOKER')")
    assert found == [("CIGARETTE SMOKING MAN",)] * 3
    # A name is forgotten with the last page that prints it.
    save(address, vary(EPISODE, lines=[]))
    assert [row for row in names(address) if row[1] != "CIGARETTE SMOKING MAN"] == [
        ("ANN", "ANN"),
        ("ANN (LOW)", "ANN"),
    ]
    save(address, vary(EPISODE, page="site.example/a", lines=[replace(EPISODE.lines[0], speaker="ANN")]))
    assert names(address) == [("ANN", "ANN")]


def test_a_name_that_several_bear(address):
    save(address, vary(EPISODE, lines=[replace(EPISODE.lines[0], speaker="MAN", character="FIRST MAN")]))
    save(address, vary(EPISODE, page="a", lines=[replace(EPISODE.lines[0], speaker="Man", character="OLD MAN")]))
    assert [character for alias, character in names(address) if alias == "MAN"] == ["FIRST MAN", "OLD MAN"]


def test_two_writers_of_one_alias(postgresql):
    """One episode begins to use a name while another one stops."""
    old = vary(EPISODE, lines=[replace(EPISODE.lines[0], speaker="Smoky", character="KEEPER")])
    without = vary(old, lines=[replace(EPISODE.lines[0], speaker="Keeper", character="KEEPER")])
    save(postgresql, old)
    with closing(open_database(postgresql)) as one, ThreadPoolExecutor(1) as pool, connect(postgresql) as holder:
        # The first writer waits, when it has named its characters, for a table that somebody holds.
        holder.execute("BEGIN; LOCK TABLE CHARACTERS IN SHARE MODE")
        first = pool.submit(one.save, vary(old, page="another"))
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = to_regclass('CHARACTERS')"
        wait_until(lambda: ask(postgresql, waiting) == [(1,)])
        with ThreadPoolExecutor(1) as other:
            second = other.submit(save, postgresql, without)
            wait_until(lambda: ask(postgresql, "SELECT count(*) FROM pg_locks WHERE NOT granted") >= [(2,)])
            holder.execute("COMMIT")
            assert (first.result(), second.result()) == ("new", "changed")
    assert ("SMOKY", "KEEPER") in names(postgresql)


def test_speeches_before_the_first_heading(address):
    save(address, EPISODE)
    assert ask(address, "SELECT LINE, HEADING FROM SPEECHES ORDER BY LINE") == [(1, None), (2, "SCENE 1 HALL")]


def found(path, words):
    query = "SELECT TEXT FROM XFILES WHERE ID IN (SELECT rowid FROM SEARCH WHERE SEARCH MATCH ?) ORDER BY LINE"
    return [text for (text,) in ask(path, query, words)]


def test_search_follows_every_change(path):
    save(path, EPISODE)
    save(path, vary(CONVERSATION, page=EPISODE.page + "l"))
    assert found(path, "teapot") == ["Whose teapot sings?", "(low) The keeper's teapots."]
    save(path, vary(CONVERSATION, page=EPISODE.page + "l", lines=CONVERSATION.lines[2:]))
    assert found(path, "teapot") == []
    assert found(path, "whistling OR nod") == ["(nods)", "They whistle.", "(nods)"]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("INSERT INTO SEARCH (SEARCH, RANK) VALUES ('integrity-check', 1)")


def test_search_after_a_failed_save(path):
    save(path, CONVERSATION)
    with pytest.raises(DatabaseError):
        save(path, vary(EPISODE, lines=[EPISODE.lines[0], EPISODE.lines[0]]))
    assert found(path, "keeper") == ["(low) The keeper's teapots."]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO SEARCH (SEARCH, RANK) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize(
    "spoil",
    [
        "DROP TABLE SEARCH",
        "DROP TABLE SEARCH_data",
        "DROP TABLE SEARCH_idx",
        "DROP TABLE SEARCH_docsize",
        "DROP TABLE SEARCH_config",
        "DELETE FROM SEARCH_data",
        "INSERT INTO SEARCH (SEARCH) VALUES ('delete-all')",
        "UPDATE SEARCH_data SET block = x'00112233445566' WHERE id > 10",
    ],
)
def test_a_broken_search_is_made_anew(path, spoil, caplog):
    save(path, CONVERSATION)
    ask(path, "SELECT 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(spoil)
    save(path, vary(CONVERSATION, page=EPISODE.page + "l"))
    assert found(path, "teapot") == ["Whose teapot sings?"] * 2 + ["(low) The keeper's teapots."] * 2
    assert "full-text index is missing or broken, made anew" in caplog.text
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO SEARCH (SEARCH, RANK) VALUES ('integrity-check', 1)")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_table_of_somebody_elses_is_left_alone(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE SEARCH (A)")
    with pytest.raises(DatabaseError, match="has a table SEARCH of its own"):
        open_database(path)
    assert ask(path, "SELECT name FROM sqlite_master") == [("SEARCH",)]


def test_a_search_that_breaks_while_it_is_open(path):
    save(path, CONVERSATION)
    with closing(open_database(path)) as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("INSERT INTO SEARCH (SEARCH) VALUES ('delete-all')")
        database.save(vary(CONVERSATION, lines=CONVERSATION.lines[:1]))
    assert found(path, "teapots") == ["Whose teapot sings?"]


def test_journal(path):
    save(path, EPISODE)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_another_writer_is_waited_for_until_the_timeout(path):
    save(path, EPISODE)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="database is locked"):
            save(path, vary(EPISODE, lines=[]), timeout=0.2)


def _save_many(address, first):
    for number in range(first, 40, 2):
        save(address, vary(EPISODE, page=f"site.example/{number}"))


@pytest.mark.process
def test_two_writers(address):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_save_many, args=(address, first)) for first in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(rows(address, "EPISODES")) == 40
    assert len(rows(address, "XFILES")) == 80


def test_twenty_crawls_open_a_new_database_at_the_same_moment(address):
    start = threading.Barrier(20)

    def crawl(number):
        start.wait(30)
        return save(address, vary(EPISODE, page=f"site.example/{number}"))

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(crawl, range(20))) == ["new"] * 20
    assert len(rows(address, "EPISODES")) == 20


def test_another_opener_of_a_new_file_is_waited_for(path):
    """SQLite itself waits for nobody when it changes a file's journal."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as first:
        first.execute("CREATE TABLE OTHER (A)")
        first.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, first.execute, ["COMMIT"])
        release.start()
        assert save(path, EPISODE) == "new"
        release.join()


#: The tables and views of version 1.0.0.
VERSION_1 = """
CREATE TABLE EPISODES (
    URL TEXT PRIMARY KEY NOT NULL, EPISODE TEXT, TITLE TEXT, CODE TEXT, SEASON INTEGER, AIRED TEXT, MYTHARC INTEGER
);
CREATE TABLE SCENES (URL TEXT NOT NULL, SCENE INTEGER NOT NULL, HEADING TEXT NOT NULL, PRIMARY KEY (URL, SCENE));
CREATE TABLE XFILES (
    EPISODE TEXT,
    CHARACTER TEXT NOT NULL,
    TEXT TEXT NOT NULL,
    SPEAKER TEXT NOT NULL,
    SPOKEN TEXT NOT NULL,
    SCENE INTEGER NOT NULL,
    LINE INTEGER NOT NULL,
    URL TEXT NOT NULL,
    ID BIGINT PRIMARY KEY,
    UNIQUE (URL, LINE)
);
CREATE VIEW SPEECHES AS
SELECT X.EPISODE, X.CHARACTER, X.TEXT, E.TITLE, E.CODE, E.SEASON, E.AIRED, E.MYTHARC,
    X.SCENE, S.HEADING, X.LINE, X.SPEAKER, X.SPOKEN, X.URL, X.ID
FROM XFILES AS X
JOIN EPISODES AS E ON E.URL = X.URL
LEFT JOIN SCENES AS S ON S.URL = X.URL AND S.SCENE = X.SCENE;
CREATE VIEW REPLIES AS
SELECT R.EPISODE, L.CHARACTER AS SAID_BY, L.SPOKEN AS SAID, R.CHARACTER, R.SPOKEN AS REPLY,
    E.SEASON, R.SCENE, R.LINE, R.URL, E.FOLD, L.ID AS SAID_ID
FROM XFILES AS L
JOIN XFILES AS R ON R.URL = L.URL AND R.LINE = L.LINE + 1 AND R.SCENE = L.SCENE
JOIN (SELECT URL, SEASON, row_number() OVER (ORDER BY URL) % 10 AS FOLD FROM EPISODES) AS E ON E.URL = L.URL
WHERE L.SPOKEN <> '' AND R.SPOKEN <> '' AND L.CHARACTER <> R.CHARACTER;
"""
SEARCH_1 = """
CREATE VIRTUAL TABLE SEARCH
USING fts5(TEXT, content = 'XFILES', content_rowid = 'ID', tokenize = 'porter unicode61')
"""
KEPT, DROPPED, VANISHED = (
    "https://www.site.example/transcrp/scrp101.htm",
    "http://site.example:80/transcrp/scrp101.htm",
    "http://www.site.example/transcrp/scrp199.htm",
)


@contextmanager
def connect(address):
    """A connection of an analyst's or an operator's, without xfiles' own code."""
    if address.startswith("postgresql"):
        psycopg = pytest.importorskip("psycopg")
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            yield connection
    else:
        with closing(sqlite3.connect(address, isolation_level=None)) as connection:
            yield connection


@pytest.fixture
def old(address):
    """A database that version 1.0.0 made, with a page that has vanished since, and one under two URLs."""
    sqlite = not address.startswith("postgresql")
    with connect(address) as connection:
        for statement in filter(str.strip, VERSION_1.split(";")):
            connection.execute(statement.replace("BIGINT", "INTEGER") if sqlite else statement)
        for place, (url, speeches) in enumerate(((KEPT, 3), (DROPPED, 2), (VANISHED, 2))):
            connection.execute(f"INSERT INTO EPISODES VALUES ('{url}', 'Ep', 'Ep', '1X01', 1, '1993-09-17', 1)")
            connection.execute(f"INSERT INTO SCENES VALUES ('{url}', 1, 'SCENE 1')")
            for line in range(1, speeches + 1):
                values = f"'Ep', 'MULDER', 'A kettle ({place}).', 'Mulder', 'A kettle.', 1, {line}, '{url}'"
                connection.execute(f"INSERT INTO XFILES VALUES ({values}, {1000 * place + line})")
        if sqlite:
            connection.execute(SEARCH_1)
            connection.execute("INSERT INTO SEARCH (SEARCH) VALUES ('rebuild')")
            connection.execute("PRAGMA journal_mode = WAL")
    return address


def opened(address):
    """The pages that the database holds, once it is opened."""
    with closing(open_database(address)) as database:
        return database.pages()


def test_upgrade(old, caplog):
    page, vanished = "site.example/transcrp/scrp101.htm", "site.example/transcrp/scrp199.htm"
    assert opened(old) == {page: None, vanished: None}
    known = {"EPISODE": "Ep", "TITLE": "Ep", "CODE": "1X01", "SEASON": 1, "AIRED": "1993-09-17", "MYTHARC": 1}
    unknown = dict.fromkeys(("NUMBER", "TRANSCRIBER", "WORDS", "UNREAD", "DIGEST"))
    assert rows(old, "EPISODES") == [
        known | unknown | {"PAGE": page, "URL": KEPT},
        known | unknown | {"PAGE": vanished, "URL": VANISHED},
    ]
    assert rows(old, "SCENES") == [
        {"PAGE": page, "SCENE": 1, "HEADING": "SCENE 1", "PLACE": None} for page in (page, vanished)
    ]
    assert [(row["PAGE"], row["LINE"], row["TEXT"], row["ID"]) for row in rows(old, "XFILES")] == [
        *((page, line, "A kettle (0).", speech_id(page, line)) for line in (1, 2, 3)),
        *((vanished, line, "A kettle (2).", speech_id(vanished, line)) for line in (1, 2)),
    ]
    assert ("FOX MULDER", "MULDER") in names(old)
    assert len(ask(old, "SELECT * FROM SPEECHES")) == len(ask(old, "SELECT * FROM SCRIPT WHERE KIND = 'speech'")) == 5
    assert (
        f"held the page {page} twice: kept that of {KEPT} (3 speeches), left out {DROPPED} (2 speeches)" in caplog.text
    )
    if not old.startswith("postgresql"):
        assert len(found(old, "kettles")) == 5
        assert ask(old, "PRAGMA integrity_check") == [("ok",)]


def test_the_next_crawl_fills_what_the_upgrade_left_unknown(old):
    assert save(old, EPISODE) == "changed"
    assert save(old, EPISODE) == "unchanged"
    assert [row["NUMBER"] for row in rows(old, "EPISODES")] == [2, None]


def test_twenty_crawls_upgrade_at_the_same_moment(old):
    with ThreadPoolExecutor(20) as pool:
        assert [len(pages) for pages in pool.map(opened, [old] * 20)] == [2] * 20
    assert len(rows(old, "XFILES")) == 5


def test_an_upgrade_that_fails_changes_nothing(old):
    with connect(old) as connection:
        connection.execute("CREATE TABLE DIRECTIONS (ANOTHER TEXT)")
    before = ask(old, "SELECT * FROM XFILES ORDER BY URL, LINE")
    with pytest.raises(DatabaseError, match=r"can't be opened: .*already exists"):
        open_database(old)
    assert ask(old, "SELECT * FROM XFILES ORDER BY URL, LINE") == before
    assert len(ask(old, "SELECT * FROM SPEECHES")) == 7


def test_a_newer_version_is_left_alone(address):
    save(address, EPISODE)
    with connect(address) as connection:
        if address.startswith("postgresql"):
            connection.execute(f"UPDATE XFILES_VERSION SET VERSION = {VERSION + 1}")
        else:
            connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(DatabaseError, match=rf"made by a newer version of xfiles \(schema {VERSION + 1}; .*update"):
        open_database(address)
    assert len(rows(address, "XFILES")) == 2


def test_a_copy_by_dump(path):
    """Which leaves out the version of the schema."""
    save(path, CONVERSATION)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
    assert save(path, CONVERSATION) == "unchanged"
    assert save(path, EPISODE) == "changed"
    assert found(path, "table") == [EPISODE.lines[0].text]


def test_another_programs_database_is_left_alone(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION}")
    with pytest.raises(DatabaseError, match=rf"is another program's \(its user_version is {VERSION}\)"):
        open_database(path)
    assert ask(path, "SELECT * FROM sqlite_master") == []


def test_nothing_is_created_where_nothing_is_missing(address):
    """Not even while an analyst reads."""
    save(address, EPISODE)
    with connect(address) as analyst:
        analyst.execute("BEGIN")
        assert len(analyst.execute("SELECT * FROM SPEECHES").fetchall()) == 2
        assert save(address, EPISODE, timeout=0.5) == "unchanged"
        assert save(address, vary(EPISODE, page="site.example/a"), timeout=0.5) == "new"
        assert (
            len(analyst.execute("SELECT * FROM SPEECHES WHERE PAGE = 'site.example/transcrp/scrp101.htm'").fetchall())
            == 2
        )


def test_a_file_is_made_when_an_episode_is_stored(path):
    with closing(open_database(path)) as database:
        assert database.pages() == {}
        assert not os.path.exists(path)
        assert database.save(EPISODE) == "new"
    assert len(rows(path, "XFILES")) == 2


def replace_file(path):
    os.remove(path)
    save(path, EPISODE)


def move(path):
    os.rename(path, path + "2")


@pytest.mark.parametrize("spoil", [os.remove, move, replace_file])
def test_a_file_that_is_deleted_or_moved(path, spoil):
    database = open_database(path)
    database.save(EPISODE)
    spoil(path)
    lost = "was deleted or moved while it was open: run the crawl again"
    for item in (EPISODE, CONVERSATION):
        with pytest.raises(DatabaseError, match=lost):
            database.save(item)
    with pytest.raises(DatabaseError, match=lost):
        database.close()


@pytest.mark.parametrize("address", ["", " "])
def test_no_address(address):
    with pytest.raises(
        DatabaseError, match="XFILES_DATABASE is empty: give the path of an SQLite file, or postgresql:"
    ):
        open_database(address)


@pytest.mark.parametrize(
    "address",
    [
        "host=127.0.0.1 password=secret",
        "dbname=x password=secret",
        "postgres:/me:secret@h/x",
        "postgresql:me:secret@h/x",
        "postgressql://me:secret@h/x",
        "PostgreSQL://me:secret@h/x",
        "mysql://me:secret@h/x",
        "sqlite:///secret",
        "me:secret@h/x",
        "//me:secret@h/x",
        " postgresql://me:secret@h/x",
        "postgresql://me:secret/word@h/x",
        "postgresql://me:secret@word@h/x",
        "postgresql://me:word?secret@h/x",
        "postgresql://me:word#secret@h/x",
        "postgresql://h/x?password=word@secret",
        "postgresql://me:secret",
        "postgresql://h:secret/x",
        "postgresql://me:secret word@h/x",
        "postgresql://me:%secret@h/x",
        "postgresql://me:secret%@h/x",
        "postgresql://me:secret%00@h/x",
        "postgresql://h/x?password=%secret",
        "postgresql://h/x?password=word&secret",
        "postgresql://h/x?password=word&secret=1",
        "postgresql://h/x?pasword=secret",
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_its_password(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatabaseError) as failure:
        open_database(address, 2)
    assert "secret" not in str(failure.value)
    assert "\n" not in str(failure.value)
    assert "secret" not in safe_address(address)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:secret@127.0.0.1:1/x",
        "postgresql://me:secret%2F%40%20%25word@127.0.0.1:1/x",
        "postgres://me:secret:word@127.0.0.1:1/x?application_name=y",
        "postgresql://127.0.0.1:1/x?user=me&password=secret%40",
    ],
)
def test_a_password_is_never_printed(address):
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseError, match=r"postgresql://127.0.0.1:1/x can't be opened: .*refused") as failure:
        open_database(address, 2)
    assert "secret" not in str(failure.value)
    assert "\n" not in str(failure.value)
    assert safe_address(address) == "postgresql://127.0.0.1:1/x"


@pytest.mark.parametrize("name", ["./a:b.sqlite", "x=1.sqlite", "[a] b@c.sqlite"])
def test_a_path_may_look_odd(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert save(name, EPISODE) == "new"
    assert safe_address(name) == name


def test_not_a_database(path):
    with open(path, "w") as file:
        file.write("This is a letter, and a long one, not a database. " * 20)
    with pytest.raises(DatabaseError, match="can't be opened: file is not a database"):
        open_database(path)


def test_directory(tmp_path):
    with pytest.raises(DatabaseError, match="can't be opened: unable to open database file"):
        open_database(str(tmp_path))
    with pytest.raises(DatabaseError, match=r"can't be opened: the folder .*/no does not exist"):
        open_database(str(tmp_path / "no" / "x.sqlite"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anything")
def test_read_only(path):
    save(path, EPISODE)
    os.chmod(path, 0o400)
    with pytest.raises(DatabaseError, match="readonly"):
        save(path, vary(EPISODE, lines=[]))


def test_postgresql_is_asked_as_sqlite_is(postgresql):
    save(postgresql, EPISODE)
    assert ask(postgresql, "SELECT EPISODE, CHARACTER, TEXT FROM XFILES WHERE TEXT LIKE '%TABLE%'") == [
        ("Deep Throat - 1X01", "ANN", "'; DROP TABLE XFILES; --")
    ]


def test_postgresql_connection_killed(postgresql):
    database = open_database(postgresql)
    assert database.save(EPISODE) == "new"
    (pid,) = database._connection.execute("SELECT pg_backend_pid()").fetchone()
    ask(postgresql, f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(DatabaseError, match="can't be written: "):
        database.save(vary(EPISODE, lines=[]))
    assert len(rows(postgresql, "XFILES")) == 2


def test_postgresql_searches_by_an_index(postgresql):
    save(postgresql, CONVERSATION)
    condition = "to_tsvector('english', TEXT) @@ websearch_to_tsquery('english', 'kettle or teapots')"
    assert len(ask(postgresql, f"SELECT TEXT FROM XFILES WHERE {condition}")) == 2
    with connect(postgresql) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(f"EXPLAIN SELECT TEXT FROM XFILES WHERE {condition}").fetchall()
        assert "xfiles_search" in str(plan)
        connection.execute("DROP INDEX XFILES_SEARCH")
    opened(postgresql)
    assert ask(postgresql, "SELECT to_regclass('xfiles_search') IS NOT NULL") == [(True,)]


@pytest.fixture
def role(postgresql):
    """The address of the same schema for a role that may create nothing in it."""
    name = f"{urlsplit(postgresql).query.partition('application_name=')[2]}_role"
    with connect(postgresql) as connection:
        schema = connection.execute("SELECT current_schema()").fetchone()[0]
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
        connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        parts = urlsplit(postgresql)
        yield parts._replace(netloc=f"{name}:x@{parts.netloc.rpartition('@')[2]}").geturl()
        connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_postgresql_role_that_may_create_nothing(postgresql, role):
    with pytest.raises(DatabaseError, match="can't be opened: permission denied for schema"):
        open_database(role)
    save(postgresql, EPISODE)
    (grant,) = blocks(section("docs/deployment.md", "Several machines"), "postgresql")
    with connect(postgresql) as connection:
        schema = connection.execute("SELECT current_schema()").fetchone()[0]
        connection.execute(grant.replace("public", schema).replace("crawler", urlsplit(role).username))
    assert save(role, EPISODE) == "unchanged"
    assert save(role, CONVERSATION) == "changed"
    with connect(postgresql) as connection:
        connection.execute("DROP INDEX XFILES_SEARCH")
    assert save(role, EPISODE) == "changed"


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_postgresql_of_another_encoding(postgresql, encoding):
    name = f"{urlsplit(postgresql).query.partition('application_name=')[2]}_{encoding.lower()}"
    with connect(postgresql) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
        try:
            with pytest.raises(DatabaseError, match=f"its encoding is {encoding}, .*create one WITH ENCODING 'UTF8'"):
                open_database(urlsplit(postgresql)._replace(path=f"/{name}", query="").geturl())
        finally:
            connection.execute(f"DROP DATABASE {name}")


@pytest.fixture
def relay(postgresql):
    """The database's address through a relay, and the event that makes the relay swallow all that it gets."""
    server, silent = urlsplit(postgresql), threading.Event()

    def pump(source, target):
        with ExitStack() as stack:
            stack.callback(target.close)
            while data := source.recv(65536):
                if not silent.is_set():
                    target.sendall(data)

    def accept():
        client, _ = listener.accept()
        upstream = socket.create_connection((server.hostname, server.port or 5432))
        sockets.extend((client, upstream))
        for pair in ((client, upstream), (upstream, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()

    sockets = [listener := socket.create_server(("127.0.0.1", 0))]
    threading.Thread(target=accept, daemon=True).start()
    user = server.netloc.rpartition("@")[0]
    yield server._replace(netloc=f"{user}@127.0.0.1:{listener.getsockname()[1]}").geturl(), silent
    for each in sockets:
        each.close()


def test_postgresql_gone_silent(relay, postgresql):
    address, silent = relay
    with closing(open_database(address, 1)) as database:
        assert database.save(EPISODE) == "new"
        silent.set()
        with pytest.raises(DatabaseError, match="can't be written: no answer within"):
            database.save(CONVERSATION)
    assert len(rows(postgresql, "XFILES")) == 2


def test_postgresql_without_psycopg(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r"PostgreSQL needs psycopg: pip install -r requirements-cluster.txt"):
        open_database("postgresql://127.0.0.1/x")


def test_a_page_that_shrinks_is_named(address, caplog):
    save(address, CONVERSATION)
    save(address, vary(CONVERSATION, lines=CONVERSATION.lines[:3]))
    assert not caplog.records
    save(address, vary(CONVERSATION, lines=CONVERSATION.lines[:1]))
    assert f"The page {CONVERSATION.url} has shrunk: 1 speeches, after 3" in caplog.text


def test_summary(address):
    save(address, CONVERSATION)
    with closing(open_database(address)) as database:
        assert database.summary(CONVERSATION.page, "http://x") == replace(Summary.of(CONVERSATION), url="http://x")
