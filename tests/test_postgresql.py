"""What is PostgreSQL's alone, on a real server."""

import re
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest
from conftest import ask, wait_until
from databases import connect, opened, rows, save
from documents import blocks, section
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database.connection import DatabaseError
from xfiles.database.postgresql import PostgreSQL
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


@pytest.fixture(params=["repeatable%5C%20read", "serializable"])
def isolated(request, postgresql):
    """The address of a database whose transactions are isolated, by its default, more than a crawl needs."""
    return postgresql.replace("options=", f"options=-cdefault_transaction_isolation%3D{request.param}%20")


def test_postgresql_of_another_isolation(isolated):
    """A crawl that has waited for another one sees what that did: two begin at once, on one page."""
    with connect(isolated) as connection:
        assert connection.execute("SHOW default_transaction_isolation").fetchone() != ("read committed",)
    save(isolated, EPISODE)
    start = threading.Barrier(8)

    def crawl(number):
        with closing(open_database(isolated)) as database:
            start.wait(30)
            return [database.save(vary(EPISODE, lines=EPISODE.lines[: 1 + (number + turn) % 2])) for turn in range(5)]

    with ThreadPoolExecutor(8) as pool:
        assert {change for changes in pool.map(crawl, range(8)) for change in changes} <= {"changed", "unchanged"}


def test_postgresql_deadlock(postgresql):
    """What was rolled back for another transaction's sake is done again."""
    save(postgresql, EPISODE)
    waiting = (
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND application_name = ?"
    )
    (name,) = re.findall("application_name=(\\w+)", postgresql)

    def wait_for_locks(number):
        wait_until(lambda: ask(postgresql, waiting, name) == [(number,)])

    with closing(open_database(postgresql)) as database, ThreadPoolExecutor(2) as pool, ExitStack() as stack:
        holder, analyst = (stack.enter_context(connect(postgresql)) for _ in range(2))
        # The crawl has locked its page when it waits for this table.
        holder.execute("BEGIN; LOCK TABLE SCENES IN SHARE MODE")
        saved = pool.submit(database.save, CONVERSATION)
        wait_for_locks(1)
        # Somebody has what it needs next, and waits for the page without looking for deadlocks: the crawl does.
        analyst.execute("SET deadlock_timeout = '1h'; BEGIN; SELECT pg_advisory_xact_lock(hashtext('CHARACTERS'))")
        ends = pool.submit(analyst.execute, f"SELECT pg_advisory_xact_lock(hashtext('{EPISODE.page}'))")
        wait_for_locks(2)
        holder.execute("COMMIT")
        ends.result(60)
        analyst.execute("COMMIT")
        assert saved.result(60) == "changed"
    assert len(rows(postgresql, "XFILES")) == len(CONVERSATION.lines)


def test_postgresql_index_that_takes_long(postgresql, monkeypatch):
    """Longer than any answer may take otherwise: with a timeout of 0, that is 7 s."""
    save(postgresql, CONVERSATION)
    with connect(postgresql) as connection:
        connection.execute("DROP INDEX XFILES_SEARCH")
    create_search = PostgreSQL.create_search

    def create_slowly(connection):
        connection.execute("SELECT pg_sleep(8)")
        create_search(connection)

    monkeypatch.setattr(PostgreSQL, "create_search", create_slowly)
    assert save(postgresql, CONVERSATION, timeout=0) == "unchanged"
    assert ask(postgresql, "SELECT to_regclass('xfiles_search') IS NOT NULL") == [(True,)]


def test_postgresql_index_that_another_crawl_makes(postgresql, caplog):
    """It is waited for beyond the timeout."""
    caplog.set_level("INFO")
    save(postgresql, CONVERSATION)
    with connect(postgresql) as other, ThreadPoolExecutor(1) as pool:
        other.execute("DROP INDEX XFILES_SEARCH")
        other.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('schema'))")
        saved = pool.submit(save, postgresql, CONVERSATION, timeout=0.1)
        wait_until(lambda: "waiting for another crawl that upgrades or mends it" in caplog.text)
        time.sleep(1)  # ten times the timeout
        other.execute("CREATE INDEX XFILES_SEARCH ON XFILES USING gin (to_tsvector('english', TEXT)); COMMIT")
        assert saved.result(60) == "unchanged"
    assert "made anew" not in caplog.text


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
