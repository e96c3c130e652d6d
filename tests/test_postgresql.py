"""What is PostgreSQL's alone, on a real server."""

import socket
import sys
import threading
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest
from conftest import ask
from databases import connect, opened, rows, save
from documents import blocks, section
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database.connection import DatabaseError
from xfiles.database.store import open_database


def test_postgresql_is_asked_as_sqlite_is(postgresql):
    save(postgresql, EPISODE)
    assert ask(postgresql, "SELECT EPISODE, CHARACTER, TEXT FROM XFILES WHERE TEXT LIKE '%TABLE%'") == [
        ("Deep Throat - 1X01", "ANN", "'; DROP TABLE XFILES; --")
    ]


def test_postgresql_connection_killed(postgresql):
    database = open_database(postgresql)
    assert database.save(EPISODE) == "new"
    (pid,) = database.connection.execute("SELECT pg_backend_pid()").fetchone()
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
    monkeypatch.delitem(sys.modules, "xfiles.database.postgresql", raising=False)
    with pytest.raises(DatabaseError, match=r"PostgreSQL needs psycopg: pip install -r requirements-cluster.txt"):
        open_database("postgresql://127.0.0.1/x")
