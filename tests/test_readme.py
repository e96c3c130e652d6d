"""What the README prints is true."""

import csv
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from conftest import PROJECT, unused_port

from xfiles.database import open_database

README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def crawled(crawl, site):
    with closing(sqlite3.connect(crawl(site.url).database)) as connection:
        yield connection


def test_data_dictionary(tmp_path):
    open_database(str(tmp_path / "x.sqlite")).close()
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection:
        tables = {
            table: [(name, kind) for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})")]
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'SEARCH%'"
            )
        }
        views = {
            view: ", ".join(name for _, name, *_ in connection.execute(f"PRAGMA table_info({view})"))
            for (view,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
        }
    dictionary = README.partition("## Data dictionary")[2].partition("\n## ")[0]
    described = {
        table: re.findall(r"^\| (\w+) \| ([A-Z]+) \|", text, re.MULTILINE)
        for table, text in re.findall(r"^`(\w+)`, a row(.*?)(?=^`\w+`, a row|\Z)", dictionary, re.MULTILINE | re.DOTALL)
    }
    assert described == tables
    for view, columns in views.items():
        assert columns in dictionary.partition(f"`{view}`")[2]


def test_first_row(crawled):
    row = re.search(r"^\| (Pilot - 1X79 .*) \|$", README, re.MULTILINE)[1].split(" | ")
    columns = "EPISODE, CHARACTER, TEXT, SPEAKER, SPOKEN, SCENE, LINE"
    rows = crawled.execute(f"SELECT {columns} FROM XFILES").fetchall()
    assert row in [list(map(str, found)) for found in rows]


def test_questions(crawled):
    questions = "".join(code for language, code in BLOCKS if language == "sql")
    for question in filter(str.strip, re.sub(r"^--.*", "", questions, flags=re.MULTILINE).split(";")):
        assert crawled.execute(question).fetchall(), question


def test_try_it_without_the_network(tmp_path):
    """The block as printed, but for the virtual environment, the port and the place of the database."""
    section = README.partition("## Try it without the network")[2].partition("\n## ")[0]
    (_, block), (_, output) = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    install, *rest = block.splitlines(keepends=True)
    assert install.startswith("python3 -m venv .venv && .venv/bin/pip install")
    script = "".join(rest).replace("8000", str(unused_port())).replace("try.sqlite", str(tmp_path / "try.sqlite"))
    script = script.replace(".venv/bin/scrapy", f"{sys.executable} -m scrapy").replace("python3", sys.executable)
    done = subprocess.run(["bash", "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.stdout == output, done.stderr


def test_training_set(crawl, site, tmp_path):
    """The blocks as printed, but for the virtual environment; then the test set."""
    pytest.importorskip("sqlite_utils")
    run = crawl(site.url)
    section = README.partition("## Training a language model")[2].partition("\n## ")[0]
    blocks = "".join(code for _, code in re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
    script = blocks.replace(".venv/bin/sqlite-utils", f"{sys.executable} -m sqlite_utils")
    script += script.replace("FOLD > 0", "FOLD = 0").replace("train.", "test.")
    subprocess.run(["bash", "-ec", script], cwd=tmp_path, check=True, timeout=60)

    pairs = {}
    for name in ("train", "test"):
        dialogues = [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
        assert [[message["role"] for message in dialogue["messages"]] for dialogue in dialogues] == [
            ["user", "assistant"]
        ] * len(dialogues)
        pairs[name] = [tuple(message["content"] for message in dialogue["messages"]) for dialogue in dialogues]
        with open(tmp_path / f"{name}.csv", newline="") as file:
            assert [tuple(row.values()) for row in csv.DictReader(file)] == pairs[name]
    answers = run.rows("SELECT SAID, REPLY, URL FROM REPLIES WHERE CHARACTER = 'SCULLY'")
    assert sorted(pairs["train"] + pairs["test"]) == sorted((said, reply) for said, reply, _ in answers)
    episodes = {name: {url for said, reply, url in answers if (said, reply) in pairs[name]} for name in pairs}
    assert episodes["train"]
    assert not episodes["train"] & episodes["test"]
    assert "(" not in "".join(reply for _, reply in pairs["train"])


def test_commands_name_files_that_exist():
    assert "pip install -q -r requirements.txt && .venv/bin/scrapy crawl xfiles\n" in README
    assert "pip install -q -r tests/requirements.txt && .venv/bin/python -m pytest\n" in README
    assert "\n.ci/run" in README or "`.ci/run`" in README
    for path in re.findall(r"[\w./]*(?:requirements[\w-]*\.txt|benchmarks/\w+\.py|browse/\w+\.\w+|\.ci/run)", README):
        assert (PROJECT / path).is_file(), path


def test_speed():
    """The tables that the README quotes are those that benchmarks/run.py wrote."""
    results = (PROJECT / "benchmarks" / "results.md").read_text("utf-8").splitlines()
    quoted = README.partition("## Speed")[2].partition("\n## ")[0].splitlines()
    rows = [line for line in quoted if line.startswith("| ")]
    assert rows
    assert [row for row in rows if row not in results] == []
    assert results[0] in quoted
