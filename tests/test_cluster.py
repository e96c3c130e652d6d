"""Several crawls that share the work, into one real PostgreSQL."""

import re

from conftest import TIMEOUT, ask, everything, wait_until
from documents import blocks, document, section


def test_postgresql_gets_the_rows_that_sqlite_gets(crawl, site, postgresql, alone):
    run = crawl(site.url, XFILES_DATABASE=postgresql)
    assert run.status == 0, run.log
    assert everything(postgresql) == alone
    assert "12 unchanged" in crawl(site.url, XFILES_DATABASE=postgresql).log
    assert run.rows("SELECT EPISODE, CHARACTER, TEXT FROM XFILES WHERE TEXT LIKE '%programming%' ORDER BY LINE") == [
        ("Kill Switch - 5X11", "LANGLY", "Somebody has been programming the jukebox at night."),
        ("Kill Switch - 5X11", "SCULLY", "A jukebox has no programming. It has records, and a coin slot."),
    ]


def test_the_questions_work_unchanged(crawl, site, postgresql):
    run = crawl(site.url, XFILES_DATABASE=postgresql)
    search = section("docs/deployment.md", "PostgreSQL")
    questions = "".join(blocks(document("README.md"), "sql") + blocks(search, "postgresql"))
    questions = re.sub(r"^--.*", "", questions, flags=re.MULTILINE).split(";")
    questions = [question for question in filter(str.strip, questions) if "FROM SEARCH" not in question]
    assert len(questions) >= 6
    for question in questions:
        assert run.rows(question), question


def test_parts_at_once(start, site, postgresql, alone, tmp_path):
    settings = {"XFILES_DATABASE": postgresql, "DOWNLOAD_DELAY": 0.01}
    parts = [
        start(site.url, "-a", f"part={part}/3", **settings, HTTPCACHE_DIR=tmp_path / f"cache{part}")
        for part in (1, 2, 3)
    ]
    logs = [part.communicate(timeout=TIMEOUT)[1] for part in parts]
    assert [part.returncode for part in parts] == [0, 0, 0], logs
    assert everything(postgresql) == alone
    asked = [path for path, _ in site.requests if "transcrp" in path]
    assert len(asked) == len(set(asked)) == 12


def test_the_same_pages_at_once(start, site, postgresql, alone, tmp_path):
    settings = {"XFILES_DATABASE": postgresql, "DOWNLOAD_DELAY": 0.01}
    crawls = [start(site.url, **settings, HTTPCACHE_DIR=tmp_path / f"cache{number}") for number in range(3)]
    logs = [crawl.communicate(timeout=TIMEOUT)[1] for crawl in crawls]
    assert [crawl.returncode for crawl in crawls] == [0, 0, 0], logs
    assert everything(postgresql) == alone


def test_killed(crawl, site, postgresql, alone, halfway, held):
    process = halfway(XFILES_DATABASE=postgresql)
    process.kill()
    process.wait()
    held.set()
    run = crawl(site.url, XFILES_DATABASE=postgresql)
    assert run.status == 0, run.log
    assert everything(postgresql) == alone


def test_postgresql_lost_in_the_middle(crawl, site, postgresql, alone, halfway, held):
    process = halfway(XFILES_DATABASE=postgresql)
    others = (
        "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = current_setting('application_name')"
    )
    ask(postgresql, f"SELECT pg_terminate_backend(pid) {others}")
    wait_until(lambda: not ask(postgresql, f"SELECT pid {others}"))
    held.set()
    log = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 1
    assert log.count("The crawl stops: the database postgresql://") == 1
    assert "Traceback" not in log
    assert crawl(site.url, XFILES_DATABASE=postgresql).status == 0
    assert everything(postgresql) == alone


def test_postgresql_down_at_the_start(crawl, site):
    run = crawl(site.url, XFILES_DATABASE="postgresql://me:secret@127.0.0.1:1/x")
    assert run.status == 1
    assert run.log.count("The crawl stops: the database postgresql://127.0.0.1:1/x can't be opened: ") == 1
    assert site.requests == []
    assert "secret" not in run.log
