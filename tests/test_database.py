"""The pipeline's database, on real files and a real PostgreSQL."""

import multiprocessing
import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace

import pytest
from conftest import ask

from xfiles.database import DatabaseError, open_database
from xfiles.items import DialogueItem, Line, Scene

EPISODE = DialogueItem(
    url="http://site.example/transcrp/scrp101.htm",
    episode="Deep Throat - 1X01",
    title="Deep Throat",
    code="1X01",
    season=1,
    aired="1993-09-17",
    mytharc=True,
    lines=[
        Line(1, 0, "ANN", "ANN (low)", "'; DROP TABLE XFILES; --", "'; DROP TABLE XFILES; --"),
        Line(2, 1, "BEN", "BEN", "(nods)", ""),
    ],
    scenes=[Scene(1, "SCENE 1 HALL")],
)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "xfiles.sqlite")


@pytest.fixture(params=["path", "postgresql"])
def address(request):
    return request.getfixturevalue(request.param)


# All but ID.
LINE = "EPISODE, CHARACTER, TEXT, SPEAKER, SPOKEN, SCENE, LINE, URL"
ORDER = {"EPISODES": "URL", "SCENES": "URL, SCENE", "XFILES": "URL, LINE"}


def rows(address, table):
    columns = LINE if table == "XFILES" else "*"
    return ask(address, f"SELECT {columns} FROM {table} ORDER BY {ORDER[table]}")


def save(path, item, timeout=30):
    database = open_database(path, timeout)
    try:
        return database.save(item)
    finally:
        database.close()


def test_rows(address):
    assert save(address, EPISODE) == "new"
    assert rows(address, "EPISODES") == [
        (EPISODE.url, "Deep Throat - 1X01", "Deep Throat", "1X01", 1, "1993-09-17", 1),
    ]
    assert rows(address, "SCENES") == [(EPISODE.url, 1, "SCENE 1 HALL")]
    assert rows(address, "XFILES") == [
        (
            "Deep Throat - 1X01",
            "ANN",
            "'; DROP TABLE XFILES; --",
            "ANN (low)",
            "'; DROP TABLE XFILES; --",
            0,
            1,
            EPISODE.url,
        ),
        ("Deep Throat - 1X01", "BEN", "(nods)", "BEN", "", 1, 2, EPISODE.url),
    ]


def test_unknown_values_are_null(address):
    save(address, replace(EPISODE, code=None, season=None, aired=None, mytharc=None))
    assert rows(address, "EPISODES")[0][3:] == (None, None, None, None)


def test_saving_again_changes_nothing(address):
    save(address, EPISODE)
    assert save(address, EPISODE) == "unchanged"
    assert len(rows(address, "XFILES")) == 2


@pytest.mark.parametrize(
    "changes",
    [{"lines": EPISODE.lines[:1]}, {"scenes": []}, {"aired": "1993-09-18"}, {"episode": "Deep Throat"}],
    ids=lambda changes: next(iter(changes)),
)
def test_an_episode_is_replaced_whole(address, changes):
    save(address, EPISODE)
    changed = replace(EPISODE, **changes)
    assert save(address, changed) == "changed"
    assert len(rows(address, "EPISODES")) == 1
    assert len(rows(address, "XFILES")) == len(changed.lines)
    assert len(rows(address, "SCENES")) == len(changed.scenes)
    assert save(address, changed) == "unchanged"


def test_a_failed_save_leaves_the_former_rows(address):
    save(address, EPISODE)
    before = rows(address, "XFILES")
    broken = replace(EPISODE, lines=[*EPISODE.lines, replace(EPISODE.lines[0], line=2)])
    with pytest.raises(DatabaseError, match=r"can't be written: .*(UNIQUE|unique) constraint"):
        save(address, broken)
    assert rows(address, "XFILES") == before


def test_an_id_is_the_same_in_every_database(address, tmp_path):
    other = str(tmp_path / "other.sqlite")
    save(other, replace(EPISODE, url=EPISODE.url + "l"))
    save(other, EPISODE)
    save(address, EPISODE)
    ids = ask(address, "SELECT ID FROM XFILES ORDER BY LINE")
    assert ids == ask(other, "SELECT ID FROM XFILES WHERE URL = ? ORDER BY LINE", EPISODE.url)
    assert ids[1][0] == ids[0][0] + 1 < 2**53


CONVERSATION = replace(
    EPISODE,
    lines=[
        Line(1, 1, "ANN", "ANN", "Whose teapot sings?", "Whose teapot sings?"),
        Line(2, 1, "BEN", "BEN", "(low) The keeper's teapots.", "The keeper's teapots."),
        Line(3, 1, "BEN", "BEN", "They whistle.", "They whistle."),
        Line(4, 1, "ANN", "ANN", "(nods)", ""),
        Line(5, 1, "BEN", "BEN", "Good.", "Good."),
        Line(6, 2, "ANN", "ANN", "Next morning.", "Next morning."),
    ],
    scenes=[Scene(1, "SCENE 1 HALL"), Scene(2, "SCENE 2")],
)


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


def test_speeches_before_the_first_heading(address):
    save(address, EPISODE)
    assert ask(address, "SELECT LINE, HEADING FROM SPEECHES ORDER BY LINE") == [(1, None), (2, "SCENE 1 HALL")]


def found(path, words):
    query = "SELECT TEXT FROM XFILES WHERE ID IN (SELECT rowid FROM SEARCH WHERE SEARCH MATCH ?) ORDER BY LINE"
    return [text for (text,) in ask(path, query, words)]


def test_search_follows_every_change(path):
    save(path, EPISODE)
    save(path, replace(CONVERSATION, url=EPISODE.url + "l"))
    assert found(path, "teapot") == ["Whose teapot sings?", "(low) The keeper's teapots."]
    save(path, replace(CONVERSATION, url=EPISODE.url + "l", lines=CONVERSATION.lines[2:]))
    assert found(path, "teapot") == []
    assert found(path, "whistling OR nod") == ["(nods)", "They whistle.", "(nods)"]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("INSERT INTO SEARCH (SEARCH, RANK) VALUES ('integrity-check', 1)")


def test_search_after_a_failed_save(path):
    save(path, CONVERSATION)
    with pytest.raises(DatabaseError):
        save(path, replace(EPISODE, lines=[EPISODE.lines[0], EPISODE.lines[0]]))
    assert found(path, "keeper") == ["(low) The keeper's teapots."]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO SEARCH (SEARCH, RANK) VALUES ('integrity-check', 1)")


def test_journal(path):
    save(path, EPISODE)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_another_writer_is_waited_for_until_the_timeout(path):
    save(path, EPISODE)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="database is locked"):
            save(path, replace(EPISODE, lines=[]), timeout=0.2)


def _save_many(address, first):
    for number in range(first, 40, 2):
        save(address, replace(EPISODE, url=f"http://site.example/{number}"))


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


def test_not_a_database(path):
    with open(path, "w") as file:
        file.write("This is a letter, and a long one, not a database. " * 20)
    with pytest.raises(DatabaseError, match="can't be opened: file is not a database"):
        open_database(path)


def test_directory(tmp_path):
    with pytest.raises(DatabaseError, match="can't be opened: unable to open database file"):
        open_database(str(tmp_path))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anything")
def test_read_only(path):
    save(path, EPISODE)
    os.chmod(path, 0o400)
    with pytest.raises(DatabaseError, match="readonly"):
        save(path, replace(EPISODE, lines=[]))


def test_postgresql_is_asked_as_sqlite_is(postgresql):
    save(postgresql, EPISODE)
    assert ask(postgresql, "SELECT EPISODE, CHARACTER, TEXT FROM XFILES WHERE TEXT LIKE '%TABLE%'") == [
        ("Deep Throat - 1X01", "ANN", "'; DROP TABLE XFILES; --")
    ]


def test_postgresql_that_is_down():
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseError, match=r"postgresql://127.0.0.1:1/x can't be opened: .*refused") as failure:
        open_database("postgresql://me:secret@127.0.0.1:1/x", 2)
    assert "secret" not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_postgresql_connection_killed(postgresql):
    database = open_database(postgresql)
    assert database.save(EPISODE) == "new"
    (pid,) = database._connection.execute("SELECT pg_backend_pid()").fetchone()
    ask(postgresql, f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(DatabaseError, match="can't be written: "):
        database.save(replace(EPISODE, lines=[]))
    assert len(rows(postgresql, "XFILES")) == 2


def test_postgresql_without_psycopg(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r"PostgreSQL needs psycopg: pip install -r requirements-cluster.txt"):
        open_database("postgresql://127.0.0.1/x")
