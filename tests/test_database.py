"""The pipeline's database on real files."""

import multiprocessing
import os
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from xfiles.database import Database, DatabaseError
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


def rows(path, table):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def save(path, item, timeout=30):
    database = Database(path, timeout)
    try:
        return database.save(item)
    finally:
        database.close()


def test_rows(path):
    assert save(path, EPISODE) == "new"
    assert rows(path, "EPISODES") == [
        (EPISODE.url, "Deep Throat - 1X01", "Deep Throat", "1X01", 1, "1993-09-17", 1),
    ]
    assert rows(path, "SCENES") == [(EPISODE.url, 1, "SCENE 1 HALL")]
    assert rows(path, "XFILES") == [
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


def test_unknown_values_are_null(path):
    save(path, replace(EPISODE, code=None, season=None, aired=None, mytharc=None))
    assert rows(path, "EPISODES")[0][3:] == (None, None, None, None)


def test_saving_again_changes_nothing(path):
    save(path, EPISODE)
    assert save(path, EPISODE) == "unchanged"
    assert len(rows(path, "XFILES")) == 2


@pytest.mark.parametrize(
    "changes",
    [{"lines": EPISODE.lines[:1]}, {"scenes": []}, {"aired": "1993-09-18"}, {"episode": "Deep Throat"}],
    ids=lambda changes: next(iter(changes)),
)
def test_an_episode_is_replaced_whole(path, changes):
    save(path, EPISODE)
    changed = replace(EPISODE, **changes)
    assert save(path, changed) == "changed"
    assert len(rows(path, "EPISODES")) == 1
    assert len(rows(path, "XFILES")) == len(changed.lines)
    assert len(rows(path, "SCENES")) == len(changed.scenes)
    assert save(path, changed) == "unchanged"


def test_a_failed_save_leaves_the_former_rows(path):
    save(path, EPISODE)
    before = rows(path, "XFILES")
    broken = replace(EPISODE, lines=[*EPISODE.lines, replace(EPISODE.lines[0], line=2)])
    with pytest.raises(DatabaseError, match="UNIQUE constraint failed"):
        save(path, broken)
    assert rows(path, "XFILES") == before


def test_journal(path):
    save(path, EPISODE)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_another_writer_is_waited_for_until_the_timeout(path):
    save(path, EPISODE)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="can't be written: database is locked"):
            save(path, replace(EPISODE, lines=[]), timeout=0.2)


def _save_many(path, first):
    for number in range(first, 40, 2):
        save(path, replace(EPISODE, url=f"http://site.example/{number}"))


def test_two_writers(path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_save_many, args=(path, first)) for first in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(rows(path, "EPISODES")) == 40
    assert len(rows(path, "XFILES")) == 80


def test_not_a_database(path):
    with open(path, "w") as file:
        file.write("This is a letter, and a long one, not a database. " * 20)
    with pytest.raises(DatabaseError, match="can't be opened: file is not a database"):
        Database(path)


def test_directory(tmp_path):
    with pytest.raises(DatabaseError, match="can't be opened: unable to open database file"):
        Database(str(tmp_path))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anything")
def test_read_only(path):
    save(path, EPISODE)
    os.chmod(path, 0o400)
    with pytest.raises(DatabaseError, match="readonly"):
        save(path, replace(EPISODE, lines=[]))
