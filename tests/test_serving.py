"""scrapy browse: which database it serves, how, and what it says where it can't."""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import browser
import pytest
from conftest import PROJECT, TIMEOUT, command, disk, unused_port, wait_until
from databases import save
from documents import blocks, document, section
from episodes import EPISODE, vary
from scrapy.cmdline import execute

from xfiles.commands.browse import pages
from xfiles.database.schema import VERSION
from xfiles.items import Line

BROWSE = PROJECT / "browse"


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """An empty clone of the project, which the test stands in."""
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = xfiles.settings\n")
    (tmp_path / "browse").symlink_to(BROWSE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def browse(project, monkeypatch, capsys):
    """A function that runs the command up to the moment when it would listen, and gives its status and its lines."""
    monkeypatch.setattr("xfiles.commands.browse.asyncio.run", lambda serving: serving.close())

    def run(*arguments: str) -> tuple[int, list[str]]:
        monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "xfiles.settings")
        with pytest.raises(SystemExit) as ended:
            execute(["scrapy", "browse", "--port=0", *arguments])
        return ended.value.code, capsys.readouterr().err.splitlines()

    return run


@pytest.fixture
def datasette():
    pytest.importorskip("datasette_template_sql", reason="browse/requirements.txt is not installed")


def older(path: Path, version: int) -> None:
    save(str(path), EPISODE)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


@pytest.mark.usefixtures("datasette")
@pytest.mark.parametrize(
    ("there", "arguments", "shown"),
    [
        (["xfiles_db.sqlite", "sample/xfiles_db.sqlite"], [], "xfiles_db.sqlite"),
        (["sample/xfiles_db.sqlite"], [], "sample/xfiles_db.sqlite"),
        (["xfiles_db.sqlite", "my show.db"], ["my show.db"], "my show.db"),
        (["xfiles_db.sqlite", "my show.db"], ["-s", "XFILES_DATABASE=my show.db"], "my show.db"),
    ],
    ids=["a crawl's", "the sample's", "an argument", "a setting"],
)
def test_which_database(project, browse, there, arguments, shown):
    (project / "sample").mkdir()
    for path in there:
        save(path, EPISODE)
    status, lines = browse(*arguments)
    assert status == 0
    assert len(lines) == 1
    assert lines[0].startswith(f"{shown} is shown at http://127.0.0.1:")
    assert lines[0].endswith("/ (Ctrl-C ends it)")


@pytest.mark.usefixtures("datasette")
def test_as_the_readme_has_it(browse, monkeypatch):
    (line,) = re.findall(r"^\.venv/bin/scrapy browse(.*)$", document("README.md"), re.MULTILINE)
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    save("xfiles_db.sqlite", EPISODE)
    status, (said,) = browse(*shlex.split(line))
    assert status == 0
    assert f"shown at {wait_until(lambda: opened)[0]} (" in said


@pytest.mark.usefixtures("datasette")
def test_a_port_that_is_taken(browse):
    save("xfiles_db.sqlite", EPISODE)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, (said,) = browse(f"--port={port}")
    assert status == 2
    assert re.fullmatch(rf"scrapy: nothing .* port {port} \(Address already in use\): give another .*", said)


@pytest.mark.usefixtures("datasette")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "there is no database yet: scrapy sample makes a small one, scrapy crawl xfiles the whole"),
        (["a.sqlite", "b.sqlite"], "give one database"),
        (["none.sqlite"], "none.sqlite is no file: scrapy sample and scrapy crawl xfiles make a database"),
        (["-s", "XFILES_DATABASE=none.sqlite"], "none.sqlite is no file: "),
        (["."], ". is a folder: "),
        (["scrapy.cfg"], "scrapy.cfg is no database: file is not a database"),
        (["postgresql://ann:secret@host/x"], "the pages show an SQLite file, not PostgreSQL: "),
        (["mysql://host/x"], "XFILES_DATABASE is neither a path nor an address of PostgreSQL: "),
        (["other.sqlite"], "other.sqlite is another program's database: "),
        (["it's old.sqlite"], "it's old.sqlite was made by an older version of xfiles, and a crawl upgrades it: "),
        (["new.sqlite"], "new.sqlite was made by a newer version of xfiles: update xfiles"),
        (["100%.sqlite"], "Datasette can't open 100%.sqlite: give a path without ?, # and %"),
        (["good.sqlite", "--host=999.1.1.1"], "nothing can be served at 999.1.1.1, port 0 ("),
        (["good.sqlite", "--port=70000"], "--port is 70000: give a number up to 65535"),
        (["good.sqlite", "--base-url=https://a/b/"], "--base-url is 'https://a/b/': give a path, such as /xfiles/"),
        (["good.sqlite", "--setting", "page", "1"], "--setting: page is not a valid option"),
        (["good.sqlite", "--setting", "max_returned_rows", "x"], '--setting: "max_returned_rows" should be an integer'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals(project, browse, arguments, says):
    with closing(sqlite3.connect("other.sqlite")) as connection:
        connection.execute("CREATE TABLE EPISODES (X)")
    older(project / "it's old.sqlite", VERSION - 1)
    older(project / "new.sqlite", VERSION + 1)
    save("good.sqlite", EPISODE)
    save("100%.sqlite", EPISODE)
    status, lines = browse(*arguments)
    assert status == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"scrapy: {says}")
    assert "secret" not in lines[0]


@pytest.mark.usefixtures("datasette")
def test_how_to_upgrade_is_for_the_shell(project, browse):
    older(project / "it's old.sqlite", VERSION - 1)
    _, (line,) = browse("it's old.sqlite")
    crawl = shlex.split(line.partition("upgrades it: ")[2])
    assert crawl == ["scrapy", "crawl", "xfiles", "-s", "XFILES_DATABASE=it's old.sqlite"]


def test_without_datasette(project, browse, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasette_template_sql", None)
    save("xfiles_db.sqlite", EPISODE)
    status, (line,) = browse()
    assert status == 2
    assert line.startswith("scrapy: the pages need Datasette (")
    install = shlex.split(line.partition("): ")[2])
    assert install == [sys.executable, "-m", "pip", "install", "-r", str(project / "browse/requirements.txt")]


def test_outside_a_clone(project, browse):
    (project / "browse").unlink()
    save("xfiles_db.sqlite", EPISODE)
    status, (line,) = browse()
    assert status == 2
    assert line == f"scrapy: there are no pages in {project}/browse: run this in a clone of the project"


@pytest.mark.usefixtures("datasette")
@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["--host=::1"], r"http://\[::1\]:\d+/ "),
        (["--host=0.0.0.0", "--base-url=/the/show"], r"http://127.0.0.1:\d+/the/show/ "),
        (["--base-url=/show/"], r"http://127.0.0.1:\d+/show/ "),
    ],
    ids=["IPv6", "everybody's", "a proxy's"],
)
def test_address(browse, arguments, address):
    save("xfiles_db.sqlite", EPISODE)
    status, (line,) = browse(*arguments)
    assert status == 0
    assert re.search(address, line)


def ask(server, path: str) -> str:
    """What ``server`` answers, which must be well."""

    async def answer():
        await server.invoke_startup()
        return await server.client.get(path)

    response = asyncio.run(answer())
    assert response.status_code == 200
    return response.text


@pytest.mark.usefixtures("datasette")
def test_a_database_of_any_name(tmp_path):
    path = tmp_path / "Meine Lieblingsserie (2).db"
    save(str(path), EPISODE)
    server = pages(path, BROWSE)
    assert EPISODE.title in ask(server, "/")
    assert "/xfiles_db/XFILES" in ask(server, "/xfiles_db")
    assert [name for name in server.databases if not name.startswith("_")][:1] == ["xfiles_db"]


@pytest.mark.usefixtures("datasette")
@pytest.mark.parametrize("path", ["/episode/{x}", "/episode/scrp101", "/character/dana%20scully", "/random"])
def test_redirects_stay_behind_a_proxy(tmp_path, path):
    """Whether it takes its own path off what it passes on or not."""
    save(str(tmp_path / "x.sqlite"), vary(EPISODE, lines=[Line(1, 1, "SCULLY", "SCULLY", *["A long teapot."] * 2)]))
    server = pages(tmp_path / "x.sqlite", BROWSE, [("base_url", "/show/")])
    from datasette.utils import PrefixedUrlString

    async def places():
        await server.invoke_startup()
        asked = [PrefixedUrlString(base + path) for base in ("", "/show")]
        return [(await server.client.get(address)).headers.get("location") for address in asked]

    first, second = asyncio.run(places())
    assert first == second
    assert first.startswith("/show/")
    assert not first.startswith("/show/show/")


@pytest.mark.process
@pytest.mark.usefixtures("datasette")
def test_a_copy_in_a_folder_that_cannot_be_written_to(tmp_path):
    """It is read as it is, unless something of it is still beside it."""
    with disk(tmp_path / "copy", "4m") as folder:
        path = folder / "show.sqlite"
        save(str(path), EPISODE)
        (folder / "torn.sqlite").write_bytes(path.read_bytes())
        (folder / "torn.sqlite-wal").write_bytes(b"What a crawl wrote last.")
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        assert EPISODE.title in ask(pages(path, BROWSE), "/")
        with pytest.raises(Exception, match=r"torn.sqlite can't be read: "):
            pages(folder / "torn.sqlite", BROWSE)


@pytest.mark.process
@pytest.mark.usefixtures("datasette")
def test_in_the_browser(tmp_path):
    """The command as it is typed, up to Ctrl-C, with a browser that keeps what it was given."""
    path, got = tmp_path / "my show.sqlite", tmp_path / "got.html"
    save(str(path), EPISODE)
    fetch = f"import sys, urllib.request as r; r.urlretrieve(sys.argv[1], {str(got)!r})"
    line = command("browse", str(path), "--open", "--port=0", "--base-url=/show/")
    line.remove("error"), line.remove("-W")  # Datasette's own
    browser = os.environ | {"BROWSER": f"{shlex.quote(sys.executable)} -c {shlex.quote(fetch)} %s"}
    with subprocess.Popen(line, cwd=PROJECT, env=browser, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: got.exists() and "</html>" in got.read_text())
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=TIMEOUT)[1]
    assert process.returncode == 0
    assert len(said.splitlines()) == 1
    assert '"/show/episode/' in got.read_text()


@pytest.fixture
def chat(tmp_path):
    """A function that says lines to a model that echoes, as docs/training.md has it, and gives what it answers."""
    pytest.importorskip("llm_echo", reason="llm-echo is not installed")
    (script,) = blocks(section("docs/training.md", "Talk with her"), "sh")
    line = shlex.split(script.splitlines()[1])[1:]

    def say(pages: str, *lines: str) -> tuple[int, str]:
        environment = os.environ | {"LLM_USER_PATH": str(tmp_path), "XFILES_PAGES": pages}
        done = subprocess.run(
            [sys.executable, "-m", "llm", *line, "-m", "echo"],
            input="\n".join([*lines, "quit"]),
            cwd=PROJECT,
            env=environment,
            timeout=TIMEOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    return say


@pytest.mark.process
@pytest.mark.usefixtures("datasette")
def test_talk_with_her(tmp_path, chat):
    """The model gets what she answered, at each turn, and what was said before."""
    said = ["Who sings?", "The kettle sings.", "Who wanders?", "The teapot wanders."]
    lines = [
        Line(number, 1, *([("MULDER", "SCULLY")[number % 2 == 0]] * 2), words, words)
        for number, words in enumerate(said, 1)
    ]
    save(str(tmp_path / "xfiles_db.sqlite"), vary(EPISODE, lines=lines))
    turns = [
        json.dumps(
            {"prompt": f"Turn {word}", "tool_calls": [{"name": "exchanges", "arguments": {"line": f"Who {word}?"}}]}
        )
        for word in ("sings", "wanders")
    ]
    with browser.served(tmp_path) as url:
        status, answers = chat(f"{url}/", *turns)
    assert status == 0
    assert "You are Dana Scully" in answers
    first, second = re.findall(r'"output": "(.*)"', answers)
    assert "The kettle sings." in first.partition("}")[0]
    assert "The teapot wanders." in second.partition("}")[0]
    assert "Turn sings" in answers.partition("Turn wanders")[2]  # among what was said before


@pytest.mark.process
def test_talk_without_the_pages(chat):
    status, said = chat("http://127.0.0.1:1/", "Hello?")
    assert status == 1
    assert said.splitlines()[-1].startswith("Nothing answers at http://127.0.0.1:1/ (")
    assert said.splitlines()[-1].endswith("): run .venv/bin/scrapy browse in another window")


@pytest.mark.usefixtures("datasette")
def test_as_a_service(project, browse):
    (unit,) = blocks(section("docs/deployment.md", "The pages"), "ini")
    (line,) = re.findall("^ExecStart=/opt/xfiles/.venv/bin/scrapy browse (.*)", unit, re.MULTILINE)
    save("xfiles_db.sqlite", EPISODE)
    status, (said,) = browse(*shlex.split(line.replace("/var/lib/xfiles/pages/", f"{project}/")))
    assert status == 0
    assert "/xfiles/ (Ctrl-C ends it)" in said


@pytest.mark.process
@pytest.mark.usefixtures("datasette")
def test_behind_nginx(tmp_path):
    """As printed, but for the folders, the ports and TLS."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    save(str(tmp_path / "xfiles_db.sqlite"), EPISODE)
    (server,) = blocks(section("docs/deployment.md", "The pages"), "nginx")
    port = unused_port()
    with browser.served(tmp_path, "--base-url=/xfiles/") as url:
        server = re.sub(r"ssl_\w+ .*;", "", server.replace("443 ssl", f"127.0.0.1:{port}"))
        server = server.replace("http://127.0.0.1:8001", url).replace("/var/cache/nginx", str(tmp_path))
        paths = [f"{name}_temp_path {tmp_path}/{name};" for name in "client_body proxy fastcgi uwsgi scgi".split()]
        root = "user root;" if os.geteuid() == 0 else ""  # else it gives up its rights to the test's folder
        own = [
            f"{root} pid {tmp_path}/pid; error_log stderr; daemon off; events {{}}",
            "http {",
            "access_log off;",
            *paths,
        ]
        (tmp_path / "nginx.conf").write_text("\n".join([*own, server, "}"]))
        with subprocess.Popen(["nginx", "-p", tmp_path, "-c", tmp_path / "nginx.conf"]) as nginx:
            try:
                front = wait_until(lambda: urlopen(f"http://127.0.0.1:{port}/xfiles/", timeout=TIMEOUT).read()).decode()
                (path,) = re.findall('href="(/xfiles/episode/[^"]*)', front)
                assert EPISODE.title in urlopen(f"http://127.0.0.1:{port}{path}", timeout=TIMEOUT).read().decode()
            finally:
                nginx.terminate()
