"""By which names a character is found."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

from conftest import ask, wait_until
from databases import connect, names, save
from episodes import EPISODE, vary

from xfiles.database.store import open_database
from xfiles.items import Line


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
