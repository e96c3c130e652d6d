"""What is SQLite's alone: the file, its locks, the table SEARCH."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from tempfile import TemporaryDirectory

import pytest
from conftest import PROJECT, ask
from databases import found, opened, rows, save
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database.connection import DatabaseError
from xfiles.database.store import open_database


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
        "INSERT INTO SEARCH (SEARCH, rowid, TEXT) SELECT 'delete', ID, TEXT FROM XFILES WHERE LINE = 1",
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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE XFILES SET TEXT = 'A fork.' WHERE LINE = 1", ("fork", "whose")),
        ("DELETE FROM XFILES WHERE LINE = 1", ("teapot NOT keeper", "whose")),
    ],
)
def test_search_finds_what_somebody_changed(path, change, words):
    """When the database is opened again; and not what is there no more."""
    save(path, CONVERSATION)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    opened(path)
    assert [len(found(path, word)) for word in words] == [change.startswith("UPDATE"), 0]


def test_others_know_whose_index_it_is(path):
    """As Datasette and sqlite-utils look for it."""
    save(path, CONVERSATION)
    declared = """SELECT name FROM sqlite_master WHERE sql LIKE '%VIRTUAL TABLE%USING FTS%content="XFILES"%'"""
    assert ask(path, declared) == [("SEARCH",)]


@pytest.mark.parametrize(
    "table",
    [
        "TABLE SEARCH (A)",
        "TABLE SEARCH (A, CONTENT DEFAULT 'XFILES')",
        "VIRTUAL TABLE SEARCH USING fts5(A)",
        "VIRTUAL TABLE SEARCH USING fts5(A, content='SPOONS')",
    ],
)
def test_a_table_of_somebody_elses_is_left_alone(path, table):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE {table}")
    before = ask(path, "SELECT name FROM sqlite_master")
    with pytest.raises(DatabaseError, match="has a table SEARCH of its own"):
        open_database(path)
    assert ask(path, "SELECT name FROM sqlite_master") == before


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


def test_another_opener_of_a_new_file_is_waited_for(path):
    """SQLite itself waits for nobody when it changes a file's journal."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as first:
        first.execute("CREATE TABLE OTHER (A)")
        first.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, first.execute, ["COMMIT"])
        release.start()
        assert save(path, EPISODE) == "new"
        release.join()


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


def test_read_only_folder(path, monkeypatch):
    """Though the file can be written to, as far as its own rights go."""
    save(path, EPISODE)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(DatabaseError, match=rf"{path} can't be opened: the folder .* can't be written to"):
        open_database(path)


def test_a_link_to_a_file(path, tmp_path):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links/xfiles.sqlite"
    link.symlink_to(path)
    save(str(link), EPISODE)
    assert len(rows(path, "XFILES")) == 2


#: Opens the database whose path it is given, as nobody if it is run by root, who may write anything.
OPEN_AS_NOBODY = """
import os, sys, encodings.idna
from xfiles.database.store import open_database
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    open_database(sys.argv[1])
except Exception as error:
    print(error)
"""


@pytest.mark.process
@pytest.mark.skipif(os.name != "posix", reason="it needs the rights of files that POSIX has")
@pytest.mark.parametrize(
    ("rights", "folders", "said"),
    [(0o666, 0o555, "the folder {} can't be written to"), (0o444, 0o777, "attempt to write a readonly database")],
)
def test_read_only(rights, folders, said):
    with TemporaryDirectory() as folder:  # one that everybody may enter, as those of the tests are not
        path = f"{folder}/xfiles.sqlite"
        save(path, EPISODE)
        os.chmod(path, rights)
        os.chmod(folder, folders)
        line = [sys.executable, "-c", OPEN_AS_NOBODY, path]
        done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=60)
        os.chmod(folder, 0o700)
    assert done.stdout == f"the database {path} can't be opened: {said.format(folder)}\n", done.stderr
