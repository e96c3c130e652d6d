"""What the README and the documents print is true."""

import ast
import csv
import importlib.util
import json
import os
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
from episodes import EPISODE, vary

from xfiles.database.schema import TABLES, VIEWS
from xfiles.database.store import open_database
from xfiles.items import Line

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
    dictionary = section("docs/data.md", "Data dictionary")
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
    (setting,) = re.findall(r"`-s (FEED_EXPORT_ENCODING=\S+)`", section("docs/data.md", "Feeds"))
    assert crawl(site.url, "-O", f"{tmp_path}/lines.csv", "-s", setting).status == 0
    feed = (tmp_path / "lines.csv").read_bytes()
    assert feed.startswith(b"\xef\xbb\xbfepisode,")
    assert feed.count(b"\xef\xbb\xbf") == 1


def test_questions_keep_a_page_together():
    """The pages without a number, too."""
    ordered = re.findall(r"ORDER BY NUMBER\b.*", README + document("docs/data.md"))
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


@pytest.fixture
def training(tmp_path):
    """The files that the blocks of docs/training.md write, as printed, by their names.

    They are of a show in which one answer is given in every episode, one is short, and one is to several people.
    """
    for program in ("bash", "sqlite3"):
        if shutil.which(program) is None:
            pytest.skip(f"the command {program} is not installed")
    with closing(open_database(str(tmp_path / "xfiles_db.sqlite"))) as database:
        for number in range(20):
            turns = [
                *[("MULDER", "Who sings?"), ("SKINNER", "The kettle?"), ("SCULLY", f"Kettle {number} sings.")],
                *[("MULDER", "Why?"), ("SCULLY", "Because."), ("MULDER", "Say it again."), ("SCULLY", "It sings.")],
            ]
            lines = [Line(line, 1, who, who, words, words) for line, (who, words) in enumerate(turns, 1)]
            database.save(vary(EPISODE, page=f"site.example/{number}", lines=lines))
    for script in blocks(section("docs/training.md", "A training set"), "sh"):
        subprocess.run(["bash", "-ec", script], cwd=tmp_path, check=True, timeout=60)
    return {path.name: path.read_text("utf-8") for path in tmp_path.iterdir() if path.suffix in (".jsonl", ".csv")}


@pytest.mark.process
def test_training_set(training):
    chats = {
        split: [json.loads(line)["messages"] for line in training[f"{split}.jsonl"].splitlines()]
        for split in ("train", "validation", "test")
    }
    short = {split: [chat for chat in chats[split] if len(chat) == 3] for split in chats}
    assert [len(short[split]) for split in chats] == [16, 2, 2]
    assert sorted(repr(chat) for split in short for chat in short[split]) == sorted(
        repr(
            [
                {"role": "system", "content": "You are Dana Scully, a medical doctor and special agent."},
                {"role": "user", "content": "MULDER: Who sings?\nSKINNER: The kettle?"},
                {"role": "assistant", "content": f"Kettle {number} sings."},
            ]
        )
        for number in range(20)
    )
    (often,) = [chat for split in chats for chat in chats[split] if len(chat) > 3]
    assert [message["role"] for message in often] == ["system", *["user", "assistant"] * 3]
    assert [message["content"] for message in often[3:]] == ["Why?", "Because.", "Say it again.", "It sings."]
    pairs = list(csv.DictReader(training["train.csv"].splitlines()))
    assert {tuple(pair) for pair in pairs} == {("SAID", "REPLY")}
    assert [pair["SAID"] for pair in pairs] == ["The kettle?", "Why?", "Say it again."] * 16


@pytest.mark.process
def test_training_set_as_datasets_reads_it(training, tmp_path):
    if importlib.util.find_spec("datasets") is None:
        pytest.skip("datasets is not installed")
    (script,) = blocks(section("docs/training.md", "A training set"), "python")
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120
    )
    assert ast.literal_eval(done.stdout.decode()) == json.loads(training["train.jsonl"].splitlines()[0])["messages"]


def test_commands_name_files_that_exist():
    assert "pip install -q -r requirements.txt -r browse/requirements.txt && .venv/bin/scrapy sample\n" in README
    assert "pip install -q -r tests/requirements.txt && .venv/bin/python -m pytest\n" in README
    for name in ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (PROJECT / "docs").iterdir())):
        paths = r"[\w./]*(?:requirements[\w-]*\.txt|benchmarks/\w+\.py|browse/[\w/]+\.\w+|\.ci/run)"
        found = {PROJECT / path for path in re.findall(paths, document(name))}
        links = re.findall(r"\]\((?!http)([^)#]+)", document(name))
        found |= {(PROJECT / name).parent / link for link in links}
        assert [path for path in found if not path.is_file()] == []


def test_modules_that_the_documents_name_exist():
    tree = {path.name for folder in ("xfiles", "browse", "tests") for path in (PROJECT / folder).rglob("*.py")}
    for name in ("CONTRIBUTING.md", "docs/how-a-page-becomes-rows.md", "docs/from-the-tutorial.md"):
        assert set(re.findall(r"`(?:\w+/)*(\w+\.py)`", document(name))) <= tree


def test_length():
    assert len(README.splitlines()) <= 130
