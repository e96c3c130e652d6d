"""The questions of docs/analysis.md have one answer each, whatever asks them."""

import ast
import csv
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from conftest import SITE, TIMEOUT, ask, run_crawl, serving
from documents import blocks, section

LOADING = section("docs/analysis.md", "How to load it")
QUESTIONS = blocks(section("docs/analysis.md", "Ten questions"), "sql")
ANSWERS = blocks(section("docs/analysis.md", "Ten questions"), "python")
ATTACHED, BY_CSV, PARQUET = blocks(LOADING, "duckdb")

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where a crawl of the site has left xfiles_db.sqlite and lines.csv."""
    folder = tmp_path_factory.mktemp("analysis")
    with serving(SITE) as site:
        run = run_crawl(folder, site.url, "-O", str(folder / "lines.csv"))
    assert run.status == 0, run.log
    return folder


@pytest.fixture
def there(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def expected(there) -> list[list[tuple]]:
    """What SQLite answers."""
    with closing(sqlite3.connect("xfiles_db.sqlite")) as connection:
        return [near(connection.execute(question).fetchall()) for question in QUESTIONS]


def near(rows) -> list:
    """``rows`` to compare with, whatever the last digits of their numbers."""
    return [pytest.approx(tuple(row)) if any(isinstance(value, float) for value in row) else tuple(row) for row in rows]


def plain(rows) -> list[tuple]:
    """``rows`` with numbers of Python's own."""
    return [tuple(float(value) if not isinstance(value, str) else value for value in row) for row in rows]


@pytest.fixture
def duckdb(there):
    return pytest.importorskip("duckdb").connect()


def test_there_are_ten(expected):
    assert len(QUESTIONS) == len(ANSWERS) == 10
    assert all(expected)


def test_pandas(expected):
    pytest.importorskip("pandas")
    names = {}
    exec(blocks(LOADING, "python")[0], names)
    for question, answer, rows in zip(QUESTIONS, ANSWERS, expected, strict=True):
        *before, last = ast.parse(answer).body
        exec(compile(ast.Module(before, []), "analysis.md", "exec"), names)
        found = eval(compile(ast.Expression(last.value), "analysis.md", "eval"), names)
        assert plain(found.itertuples(index=False)) == rows, question


def test_duckdb_by_csv(duckdb, expected):
    duckdb.execute(BY_CSV)
    for question, rows in zip(QUESTIONS, expected, strict=True):
        assert plain(duckdb.execute(question).fetchall()) == rows, question


def test_duckdb_attached(duckdb, expected):
    try:
        duckdb.execute("INSTALL sqlite; LOAD sqlite")
    except Exception as error:
        pytest.skip(f"DuckDB's extension for SQLite can't be had: {str(error).splitlines()[0]}")
    duckdb.execute(ATTACHED)
    for question, rows in zip(QUESTIONS, expected, strict=True):
        assert plain(duckdb.execute(question).fetchall()) == rows, question


def test_parquet(duckdb, there):
    duckdb.execute(BY_CSV)
    duckdb.execute(PARQUET)
    kept = duckdb.execute("SELECT page, line, text FROM 'speeches.parquet' ORDER BY page, line").fetchall()
    assert kept == ask(there / "xfiles_db.sqlite", "SELECT PAGE, LINE, TEXT FROM XFILES ORDER BY PAGE, LINE")


def test_datasets(duckdb, there, monkeypatch):
    pytest.importorskip("datasets")
    duckdb.execute(BY_CSV)
    duckdb.execute(PARQUET)
    script = blocks(LOADING, "python")[1] + "print(len(speeches), speeches[0]['character'])"
    monkeypatch.setenv("HF_HOME", str(there / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=TIMEOUT)
    number, character = done.stdout.split(maxsplit=1)
    assert int(number) == 70
    assert character.isupper()


def test_r(expected, there):
    libraries = "library(DBI); library(RSQLite)"
    if shutil.which("Rscript") is None or subprocess.run(["Rscript", "-e", libraries], capture_output=True).returncode:
        pytest.skip("R is not installed, or its packages DBI and RSQLite are not")
    (script,) = blocks(LOADING, "r")
    script += "stopifnot(nrow(speeches) == 70, length(unique(speeches$ID)) == 70)\n"
    for number, question in enumerate(QUESTIONS):
        script += f"""write.csv(DBI::dbGetQuery(connection, "{question}"), "{number}.csv", row.names = FALSE)\n"""
    (there / "questions.R").write_text(script)
    subprocess.run(["Rscript", "questions.R"], check=True, capture_output=True, timeout=TIMEOUT)
    for number, rows in enumerate(expected):
        with open(f"{number}.csv", newline="") as file:
            found = [tuple(map(as_number, row)) for row in list(csv.reader(file))[1:]]
        assert found == rows, QUESTIONS[number]


def as_number(text: str) -> float | str:
    return float(text) if text.replace(".", "").isdigit() else text


def test_postgresql(postgresql, there, expected):
    """The same SQL, where the rows are in PostgreSQL."""
    with serving(SITE) as site:
        assert run_crawl(there, site.url, XFILES_DATABASE=postgresql, HTTPCACHE_ENABLED=0).status == 0
    for question, rows in zip(QUESTIONS, expected, strict=True):
        assert plain(ask(postgresql, question)) == rows, question
