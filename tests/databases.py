"""Databases, as a crawl fills them and as others see them."""

import sqlite3
from contextlib import closing, contextmanager

import pytest
from conftest import TIMEOUT, ask

from xfiles.database.schema import KEYS, TABLES
from xfiles.database.store import open_database


def save(address, item, timeout=TIMEOUT):
    with closing(open_database(address, timeout)) as database:
        return database.save(item)


def opened(address):
    """The pages that the database holds, once it is opened."""
    with closing(open_database(address)) as database:
        return database.pages()


def rows(address, table):
    """The rows of ``table`` in the order of its key, each as a dictionary."""
    columns = TABLES[table]
    order = ", ".join(KEYS[table])
    found = ask(address, f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")
    return [dict(zip(columns, row, strict=True)) for row in found]


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


def found(path, words):
    query = "SELECT TEXT FROM XFILES WHERE ID IN (SELECT rowid FROM SEARCH WHERE SEARCH MATCH ?) ORDER BY LINE"
    return [text for (text,) in ask(path, query, words)]


def names(address):
    return ask(address, "SELECT ALIAS, CHARACTER FROM CHARACTERS ORDER BY ALIAS, CHARACTER")
