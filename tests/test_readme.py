"""What the README prints is true."""

import csv
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
import yaml
from conftest import PROJECT, TIMEOUT, ask
from databases import save
from documents import blocks, document, section
from episodes import EPISODE

from xfiles.database.schema import TABLES, VIEWS
from xfiles.database.store import open_database

README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def crawled(crawl, site):
    with closing(sqlite3.connect(crawl(site.url).database)) as connection:
        yield connection


def described(text: str) -> dict[str, list[tuple[str, str]]]:
    """The tables that ``text`` describes: their columns with their types."""
    tables = re.findall(r"^`(\w+)`, one row(.*?)(?=^`\w+`, one row|\Z)", text, re.MULTILINE | re.DOTALL)
    return {table: re.findall(r"^\| (\w+) \| ([A-Z]+) \|", body, re.MULTILINE) for table, body in tables}


@pytest.fixture
def schema(tmp_path):
    """The columns of each table and view of a database."""
    path = tmp_path / "x.sqlite"
    with closing(open_database(str(path))) as database:
        database.save(EPISODE)
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'SEARCH%'"
        ).fetchall()
        return {
            name: [column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")] for (name,) in names
        }


def test_data_dictionary(schema):
    dictionary = section("README.md", "Data dictionary")
    declared = {
        table: [(column, kind.split()[0]) for column, kind in columns.items()] for table, columns in TABLES.items()
    }
    assert described(dictionary) == declared
    assert schema.keys() == TABLES.keys() | VIEWS.keys()
    for view in VIEWS:
        assert ", ".join(schema[view]) in dictionary.partition(f"`{view}`")[2]


def test_pages_describe_columns_that_exist(schema):
    metadata = yaml.safe_load((PROJECT / "browse" / "metadata.yml").read_text("utf-8"))
    tables = metadata["databases"]["xfiles_db"]["tables"]
    assert {table for table in tables if not table.startswith("SEARCH")} <= schema.keys()
    for table in schema.keys() & tables.keys():
        assert list(tables[table].get("columns", {}).keys() - set(schema[table])) == []


def test_first_row(crawled):
    row = re.search(r"^\| (Pilot - 1X79 .*) \|$", README, re.MULTILINE)[1].split(" | ")
    columns = "EPISODE, CHARACTER, TEXT, SPEAKER, SPOKEN, SCENE, LINE"
    rows = crawled.execute(f"SELECT {columns} FROM XFILES").fetchall()
    assert row in [list(map(str, found)) for found in rows]


def test_questions(crawled):
    questions = "".join(code for language, code in BLOCKS if language == "sql")
    for question in filter(str.strip, re.sub(r"^--.*", "", questions, flags=re.MULTILINE).split(";")):
        assert crawled.execute(question).fetchall(), question


def test_questions_to_postgresql(postgresql):
    """All but that for SQLite's full-text index."""
    save(postgresql, EPISODE)
    questions = "".join(code for language, code in BLOCKS if language == "sql")
    for question in filter(str.strip, re.sub(r"^--.*", "", questions, flags=re.MULTILINE).split(";")):
        if "SEARCH" not in question:
            ask(postgresql, question)


def test_feed_for_a_spreadsheet(crawl, site, tmp_path):
    (setting,) = re.findall(r"`-s (FEED_EXPORT_ENCODING=\S+)`", README)
    assert crawl(site.url, "-O", f"{tmp_path}/lines.csv", "-s", setting).status == 0
    feed = (tmp_path / "lines.csv").read_bytes()
    assert feed.startswith(b"\xef\xbb\xbfepisode,")
    assert feed.count(b"\xef\xbb\xbf") == 1


def test_questions_keep_a_page_together():
    """The pages without a number, too."""
    ordered = re.findall(r"ORDER BY NUMBER\b.*", README)
    assert len(ordered) >= 3
    assert all(order.startswith("ORDER BY NUMBER, PAGE, ") for order in ordered)


@pytest.mark.process
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_every_night(site, tmp_path):
    """The crontab's line, as printed but for the folders and the site: it prints what was lost, and else nothing."""
    (line,) = blocks(section("docs/deployment.md", "Every night"), "text")
    line = line.removeprefix("10 4 * * * ")
    for printed, here in {
        "/opt/xfiles": str(PROJECT),
        ".venv/bin/scrapy": f"{sys.executable} -m scrapy",
        "crawl xfiles": f"crawl xfiles -a url={site.url} -s AUTOTHROTTLE_ENABLED=0 -s DOWNLOAD_DELAY=0.001",
        "/var/lib/xfiles/": f"{tmp_path}/",
        "/var/log/": f"{tmp_path}/",
        "--logfile": f"-s HTTPCACHE_DIR={tmp_path}/httpcache --logfile",
    }.items():
        assert printed in line
        line = line.replace(printed, here)

    def night() -> str:
        done = subprocess.run(["bash", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT)
        return done.stdout.decode()

    assert night() == ""
    site.answers["/transcrp/scrp101.htm"] = lambda handler: handler.send(b"", 404)
    assert "scrp101.htm: the server answered 404" in night().splitlines()[-1]


def test_training_set(crawl, site, tmp_path):
    """The blocks as printed, but for the virtual environment; then the test set."""
    pytest.importorskip("sqlite_utils")
    run = crawl(site.url)
    script = "".join(blocks(section("docs/training.md", "A training set")))
    script = script.replace(".venv/bin/sqlite-utils", f"{sys.executable} -m sqlite_utils")
    script += script.replace("FOLD > 0", "FOLD = 0").replace("train.", "test.")
    subprocess.run(["bash", "-ec", script], cwd=tmp_path, check=True, timeout=TIMEOUT)

    pairs = {}
    for name in ("train", "test"):
        dialogues = [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
        assert [[message["role"] for message in dialogue["messages"]] for dialogue in dialogues] == [
            ["user", "assistant"]
        ] * len(dialogues)
        pairs[name] = [tuple(message["content"] for message in dialogue["messages"]) for dialogue in dialogues]
        with open(tmp_path / f"{name}.csv", newline="") as file:
            assert [tuple(row.values()) for row in csv.DictReader(file)] == pairs[name]
    answers = run.rows("SELECT SAID, REPLY, PAGE FROM REPLIES WHERE CHARACTER = 'SCULLY'")
    assert sorted(pairs["train"] + pairs["test"]) == sorted((said, reply) for said, reply, _ in answers)
    episodes = {name: {page for said, reply, page in answers if (said, reply) in pairs[name]} for name in pairs}
    assert episodes["train"]
    assert not episodes["train"] & episodes["test"]
    assert "(" not in "".join(reply for _, reply in pairs["train"])


def test_commands_name_files_that_exist():
    assert "pip install -q -r requirements.txt && .venv/bin/scrapy sample\n" in README
    assert "pip install -q -r tests/requirements.txt && .venv/bin/python -m pytest\n" in README
    for name in ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (PROJECT / "docs").iterdir())):
        paths = r"[\w./]*(?:requirements[\w-]*\.txt|benchmarks/\w+\.py|browse/[\w/]+\.\w+|\.ci/run)"
        found = {PROJECT / path for path in re.findall(paths, document(name))}
        links = re.findall(r"\]\((?!http)([^)#]+)", document(name))
        found |= {(PROJECT / name).parent / link for link in links}
        assert [path for path in found if not path.is_file()] == []


def test_modules_that_the_documents_name_exist():
    tree = {path.name for folder in ("xfiles", "tests") for path in (PROJECT / folder).rglob("*.py")}
    for name in ("CONTRIBUTING.md", "docs/how-a-page-becomes-rows.md"):
        assert set(re.findall(r"`(?:\w+/)*(\w+\.py)`", document(name))) <= tree


def test_length():
    assert len(README.splitlines()) <= 220
