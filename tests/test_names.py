"""By which names a character is found."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from conftest import ask, wait_until
from databases import connect, names, opened, save
from episodes import EPISODE, vary

from xfiles.database.store import open_database
from xfiles.items import Line


def test_characters(address):
    save(address, EPISODE)
    assert names(address) == [("ANN", "ANN"), ("BEN", "BEN")]
    smoker = Line(1, 0, "CIGARETTE SMOKING MAN", "Smoker", "Ha.", "Ha.")
    save(address, vary(EPISODE, page="site.example/a", lines=[smoker, replace(EPISODE.lines[0], line=2)]))
    found = ask(address, "SELECT CHARACTER FROM CHARACTERS WHERE ALIAS IN ('CSM', 'CANCER MAN', 'SMOKER')")
    assert found == [("CIGARETTE SMOKING MAN",)] * 3
    # A name is forgotten with the last page that prints it.
    save(address, vary(EPISODE, lines=[]))
    assert [row for row in names(address) if row[1] != "CIGARETTE SMOKING MAN"] == [("ANN", "ANN")]
    save(address, vary(EPISODE, page="site.example/a", lines=[replace(EPISODE.lines[0], speaker="ANN")]))
    assert names(address) == [("ANN", "ANN")]


@pytest.mark.parametrize("speaker", ["ANN (GIVES HIM A LOOK, AND GOES)", "ANN [V.O.]", "Ann (low", "(ANN)"])
def test_what_stands_in_brackets_is_no_part_of_a_name(address, speaker):
    save(address, vary(EPISODE, lines=[replace(EPISODE.lines[0], speaker=speaker)]))
    assert names(address) == [("ANN", "ANN")]


def test_whose_name_is_one_persons(address):
    people = {"ANN": 1, "SCULLY": 1, "NURSE": 0, "COP 2": 0, "MULDER AND SCULLY": 0, "BILL": 0, "MALEENI/PINCHBECK": 1}
    lines = [Line(line, 1, who, f"{who} (low)", "Ha.", "Ha.") for line, who in enumerate(people, 1)]
    save(address, vary(EPISODE, lines=lines))
    assert dict(ask(address, "SELECT CHARACTER, NAMED FROM CHARACTERS WHERE ALIAS = CHARACTER")) == people
    assert set(ask(address, "SELECT NAMED FROM CHARACTERS WHERE CHARACTER = 'SCULLY'")) == {(1,)}


def test_names_that_another_version_gave_are_mended(address):
    """When the database is opened, though no page changed."""
    save(address, EPISODE)
    before = ask(address, "SELECT * FROM CHARACTERS ORDER BY ALIAS")
    with connect(address) as connection:
        connection.execute("INSERT INTO CHARACTERS VALUES ('ANN (LOW)', 'ANN', 1), ('CAT', 'CAT', 1)")
        connection.execute("UPDATE CHARACTERS SET NAMED = NULL WHERE ALIAS = 'ANN'")
        connection.execute("DELETE FROM CHARACTERS WHERE ALIAS = 'BEN'")
    opened(address)
    assert ask(address, "SELECT * FROM CHARACTERS ORDER BY ALIAS") == before


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
