"""Databases of older versions, of newer ones, and of other programs."""

import shutil
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from conftest import TIMEOUT, ask
from databases import connect, found, names, opened, rows, save
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database import schema, upgrade
from xfiles.database.connection import DatabaseError
from xfiles.database.schema import VERSION
from xfiles.database.store import open_database
from xfiles.reading.addresses import speech_id

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


#: The tables and views of version 2.0.0, in which an index or a version is written in each database's own way.
VERSION_2 = """
CREATE TABLE EPISODES (
    PAGE TEXT NOT NULL, EPISODE TEXT, TITLE TEXT, CODE TEXT, SEASON INTEGER, NUMBER INTEGER, AIRED TEXT,
    MYTHARC INTEGER, TRANSCRIBER TEXT, WORDS INTEGER, UNREAD INTEGER, URL TEXT, DIGEST TEXT, PRIMARY KEY (PAGE)
);
CREATE TABLE SCENES (
    PAGE TEXT NOT NULL, SCENE INTEGER NOT NULL, HEADING TEXT NOT NULL, PLACE TEXT, PRIMARY KEY (PAGE, SCENE)
);
CREATE TABLE DIRECTIONS (
    PAGE TEXT NOT NULL, SCENE INTEGER NOT NULL, LINE INTEGER NOT NULL, PART INTEGER NOT NULL, KIND TEXT NOT NULL,
    TEXT TEXT NOT NULL, PRIMARY KEY (PAGE, LINE, PART)
);
CREATE TABLE XFILES (
    EPISODE TEXT, CHARACTER TEXT NOT NULL, TEXT TEXT NOT NULL, SPEAKER TEXT NOT NULL, SPOKEN TEXT NOT NULL,
    SCENE INTEGER NOT NULL, LINE INTEGER NOT NULL, PAGE TEXT NOT NULL, ID BIGINT PRIMARY KEY, UNIQUE (PAGE, LINE)
);
CREATE TABLE CHARACTERS (ALIAS TEXT NOT NULL, CHARACTER TEXT NOT NULL, PRIMARY KEY (ALIAS, CHARACTER));
CREATE INDEX XFILES_CHARACTER ON XFILES (CHARACTER);
CREATE VIEW SPEECHES AS
SELECT XFILES.EPISODE, XFILES.CHARACTER, XFILES.TEXT, EPISODES.TITLE, EPISODES.CODE, EPISODES.SEASON, EPISODES.NUMBER,
    EPISODES.AIRED, EPISODES.MYTHARC, XFILES.SCENE, SCENES.HEADING, SCENES.PLACE, XFILES.LINE, XFILES.SPEAKER,
    XFILES.SPOKEN, XFILES.PAGE, EPISODES.URL, XFILES.ID
FROM XFILES
JOIN EPISODES ON EPISODES.PAGE = XFILES.PAGE
LEFT JOIN SCENES ON SCENES.PAGE = XFILES.PAGE AND SCENES.SCENE = XFILES.SCENE;
CREATE VIEW REPLIES AS
SELECT R.EPISODE, L.CHARACTER AS SAID_BY, L.SPOKEN AS SAID, R.CHARACTER, R.SPOKEN AS REPLY,
    E.SEASON, E.NUMBER, R.SCENE, R.LINE, R.PAGE, E.FOLD, L.ID AS SAID_ID
FROM XFILES AS L
JOIN XFILES AS R ON R.ID = L.ID + 1 AND L.ID = R.ID - 1 AND R.PAGE = L.PAGE AND R.SCENE = L.SCENE
JOIN (
    SELECT PAGE, SEASON, NUMBER, row_number() OVER (ORDER BY PAGE) % 10 AS FOLD FROM EPISODES
) AS E ON E.PAGE = L.PAGE
WHERE L.SPOKEN <> '' AND R.SPOKEN <> '' AND L.CHARACTER <> R.CHARACTER;
CREATE VIEW SCRIPT AS
SELECT PAGE, EPISODE, SCENE, LINE, 0 AS PART, 'speech' AS KIND, CHARACTER, TEXT FROM XFILES
"""


KEPT, DROPPED, VANISHED = (
    "https://www.site.example/transcrp/scrp101.htm",
    "http://site.example:80/transcrp/scrp101.htm",
    "http://www.site.example/transcrp/scrp199.htm",
)


def make(connection, sqlite: bool, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";")):
        connection.execute(statement.replace("BIGINT", "INTEGER") if sqlite else statement)


def make_search(connection) -> None:
    connection.execute(SEARCH_1)
    connection.execute("INSERT INTO SEARCH (SEARCH) VALUES ('rebuild')")
    connection.execute("PRAGMA journal_mode = WAL")


@pytest.fixture
def old(address):
    """A database that version 1.0.0 made, with a page that has vanished since, and one under two URLs."""
    sqlite = not address.startswith("postgresql")
    with connect(address) as connection:
        make(connection, sqlite, VERSION_1)
        for place, (url, speeches) in enumerate(((KEPT, 3), (DROPPED, 2), (VANISHED, 2))):
            connection.execute(f"INSERT INTO EPISODES VALUES ('{url}', 'Ep', 'Ep', '1X01', 1, '1993-09-17', 1)")
            connection.execute(f"INSERT INTO SCENES VALUES ('{url}', 1, 'SCENE 1')")
            for line in range(1, speeches + 1):
                values = f"'Ep', 'MULDER', 'A kettle ({place}).', 'Mulder', 'A kettle.', 1, {line}, '{url}'"
                connection.execute(f"INSERT INTO XFILES VALUES ({values}, {1000 * place + line})")
        if sqlite:
            make_search(connection)
    return address


@pytest.fixture
def of_version_2(address):
    """A database that version 2.0.0 made, with EPISODE in it."""
    sqlite = not address.startswith("postgresql")
    with connect(address) as connection:
        make(connection, sqlite, VERSION_2)
        page = f"'{EPISODE.page}'"
        connection.execute(
            f"INSERT INTO EPISODES VALUES ({page}, 'Deep Throat - 1X01', 'Deep Throat', '1X01', 1, 2, '1993-09-17', 1,"
            f" 'A. Typist', 9, 1, '{EPISODE.url}', '0a1b')"
        )
        connection.execute(f"INSERT INTO SCENES VALUES ({page}, 1, 'SCENE 1 HALL', 'THE HALL, NIGHT')")
        for direction in EPISODE.directions:
            values = f"{direction.scene}, {direction.line}, {direction.part}, '{direction.kind}', '{direction.text}'"
            connection.execute(f"INSERT INTO DIRECTIONS VALUES ({page}, {values})")
        for line in EPISODE.lines:
            text, spoken = (value.replace("'", "''") for value in (line.text, line.spoken))
            connection.execute(
                f"INSERT INTO XFILES VALUES ('Deep Throat - 1X01', '{line.character}', '{text}', '{line.speaker}',"
                f" '{spoken}', {line.scene}, {line.line}, {page}, {line.id})"
            )
        connection.execute("INSERT INTO CHARACTERS VALUES ('ANN', 'ANN'), ('ANN (LOW)', 'ANN'), ('BEN', 'BEN')")
        if sqlite:
            make_search(connection)
            connection.execute("PRAGMA user_version = 2")
        else:
            connection.execute("CREATE INDEX XFILES_SEARCH ON XFILES USING gin (to_tsvector('english', TEXT))")
            connection.execute("CREATE TABLE XFILES_VERSION (VERSION INTEGER NOT NULL)")
            connection.execute("INSERT INTO XFILES_VERSION VALUES (2)")
    return address


def test_upgrade_from_version_2(of_version_2, caplog):
    """No row is lost; what can be counted is, at once, and the rest is NULL until the next crawl."""
    assert opened(of_version_2) == {EPISODE.page: "0a1b"}
    upgraded = {table: rows(of_version_2, table) for table in schema.TABLES}
    assert save(of_version_2, EPISODE) == "changed"
    differences = {
        "EPISODES": {"EPISODE_OF_SEASON": None, "EXTENT": None},
        "SCENES": {"PLACE": "THE HALL, NIGHT", "LOCATION": None, "TIME": None},
    }
    for table in schema.TABLES:
        known = rows(of_version_2, table)
        assert upgraded[table] == [row | differences.get(table, {}) for row in known] != []
    assert save(of_version_2, EPISODE) == "unchanged"
    assert len(ask(of_version_2, "SELECT * FROM TURNS")) == 1
    assert ask(of_version_2, "SELECT TIME FROM SPEECHES WHERE LINE = 2") == [("NIGHT",)]
    if not of_version_2.startswith("postgresql"):
        assert found(of_version_2, "table") == [EPISODE.lines[0].text]
        assert 'content="XFILES"' in ask(of_version_2, "SELECT sql FROM sqlite_master WHERE name = 'SEARCH'")[0][0]
    assert not caplog.records


def test_upgrade(old, caplog):
    page, vanished = "site.example/transcrp/scrp101.htm", "site.example/transcrp/scrp199.htm"
    assert opened(old) == {page: None, vanished: None}
    known = {"EPISODE": "Ep", "TITLE": "Ep", "CODE": "1X01", "SEASON": 1, "AIRED": "1993-09-17", "MYTHARC": 1}
    unknown = dict.fromkeys(
        ("NUMBER", "EPISODE_OF_SEASON", "TRANSCRIBER", "WORDS", "UNREAD", "LEADS_TO", "DIGEST", "EXTENT")
    )
    assert rows(old, "EPISODES") == [
        known | unknown | {"PAGE": page, "URL": KEPT},
        known | unknown | {"PAGE": vanished, "URL": VANISHED},
    ]
    assert rows(old, "SCENES") == [
        {"PAGE": page, "SCENE": 1, "HEADING": "SCENE 1", "PLACE": None, "LOCATION": None, "TIME": None}
        for page in (page, vanished)
    ]
    assert {row["SPOKEN_WORDS"] for row in rows(old, "XFILES")} == {2}
    assert [(row["PAGE"], row["LINE"], row["TEXT"], row["ID"]) for row in rows(old, "XFILES")] == [
        *((page, line, "A kettle (0).", speech_id(page, line)) for line in (1, 2, 3)),
        *((vanished, line, "A kettle (2).", speech_id(vanished, line)) for line in (1, 2)),
    ]
    assert ("FOX MULDER", "MULDER") in names(old)
    assert ask(old, "SELECT DISTINCT NAMED FROM CHARACTERS") == [(1,)]
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


@pytest.mark.process
@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the command sqlite3 is not installed")
def test_a_copy_by_dump(path, tmp_path, caplog):
    """Which leaves out the version of the schema: a crawl says it again, and the pages then know the copy."""
    save(path, CONVERSATION)
    copy = str(tmp_path / "copy.sqlite")
    dump = subprocess.run(["sqlite3", path, ".dump"], check=True, capture_output=True, timeout=TIMEOUT).stdout
    subprocess.run(["sqlite3", copy], input=dump, check=True, timeout=TIMEOUT)
    assert ask(copy, "PRAGMA user_version") == [(0,)]
    assert save(copy, CONVERSATION) == "unchanged"
    assert ask(copy, "PRAGMA user_version") == [(VERSION,)]
    assert len(ask(copy, "SELECT * FROM SPEECHES")) == 6
    assert not caplog.records
    assert save(copy, vary(EPISODE, lines=[*EPISODE.lines, CONVERSATION.lines[2]])) == "changed"
    assert found(copy, "table") == [EPISODE.lines[0].text]


def test_a_column_that_a_later_version_adds(address, monkeypatch, caplog):
    """Its value is unknown until the next crawl; the views are made anew, and no row is lost."""
    save(address, CONVERSATION)
    before = rows(address, "XFILES")
    monkeypatch.setattr(upgrade, "VERSION", VERSION + 1)
    monkeypatch.setitem(schema.TABLES["SCENES"], "WEATHER", "TEXT")
    monkeypatch.setitem(schema.TABLES, "SPOONS", {"PAGE": "TEXT NOT NULL", "SPOON": "INTEGER NOT NULL"})
    monkeypatch.setitem(schema.KEYS, "SPOONS", ("PAGE", "SPOON"))
    monkeypatch.setitem(schema.VIEWS, "SPEECHES", "SELECT PAGE, SCENE, WEATHER FROM SCENES")
    caplog.set_level("INFO")
    for _ in range(2):
        assert opened(address) == {CONVERSATION.page: CONVERSATION.digest}
    assert [record.getMessage().partition(" was ")[2] for record in caplog.records if "upgraded" in record.message] == [
        "upgraded: 1 episode; the next crawl fills its new columns"
    ]
    assert rows(address, "XFILES") == before
    assert ask(address, "SELECT SCENE, WEATHER FROM SPEECHES ORDER BY SCENE") == [(1, None), (2, None)]
    assert ask(address, "SELECT * FROM SPOONS") == []
    monkeypatch.undo()
    with pytest.raises(DatabaseError, match=rf"made by a newer version of xfiles \(schema {VERSION + 1}"):
        open_database(address)


def test_another_programs_database_is_left_alone(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION}")
    with pytest.raises(DatabaseError, match=rf"is another program's \(its user_version is {VERSION}\)"):
        open_database(path)
    assert ask(path, "SELECT * FROM sqlite_master") == []


def test_a_table_of_the_workflow_tutorial_is_left_alone(path):
    row = ("Pilot - 1X79", "SCULLY", "A teapot.")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE XFILES (EPISODE TEXT, CHARACTER TEXT, TEXT TEXT)")
        connection.execute("INSERT INTO XFILES VALUES (?, ?, ?)", row)
    with pytest.raises(DatabaseError, match=r"another program's table XFILES, such as the workflow tutorial's: give"):
        open_database(path)
    assert ask(path, "SELECT * FROM XFILES") == [row]
