"""What XFILES_DATABASE may say, and what of it is printed."""

import os

import pytest
from databases import save
from episodes import EPISODE

from xfiles.database.address import safe_address
from xfiles.database.connection import DatabaseError
from xfiles.database.store import open_database


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
