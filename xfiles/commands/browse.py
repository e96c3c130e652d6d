"""``scrapy browse``: the pages over a database, served by Datasette."""

import argparse
import asyncio
import json
import os
import re
import shlex
import socket
import sqlite3
import sys
import threading
import webbrowser
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.settings import SETTINGS_PRIORITIES, Settings
from scrapy.utils.conf import closest_scrapy_cfg

from xfiles.arguments import ArgumentError
from xfiles.database.address import is_postgresql
from xfiles.database.connection import DatabaseError
from xfiles.database.schema import VERSION

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

#: What the pages' links and questions call the database, whatever its file is called.
NAME = "xfiles_db"
_BASE_URL = re.compile(r"(?:/[\w.~-]+)+/?|/")


def pages(database: Path, folder: Path, settings: Iterable[Sequence[str]] = ()) -> "Datasette":
    """A server of the pages over ``database``, as ``folder``, the project's browse/, describes them.

    ``settings`` are names and values of Datasette's, in place of those of ``folder``. Raises :exc:`ImportError` if a
    package of browse/requirements.txt is missing, :exc:`~xfiles.arguments.ArgumentError` if ``database`` can't be
    shown, or a setting is none.
    """
    import datasette_template_sql  # type: ignore[import-untyped]  # noqa: F401  (a plugin that Datasette finds)
    from click import BadParameter
    from datasette.app import Datasette
    from datasette.cli import Setting  # type: ignore[import-untyped]

    try:
        given = dict(Setting().convert(setting, None, None) for setting in settings)
    except BadParameter as error:
        raise ArgumentError(f"--setting: {error.message}") from None
    path = str(database)
    file = {"files": [path]} if _can_change(path) else {"immutables": [path]}
    own = json.loads((folder / "settings.json").read_text("utf-8"))
    server = Datasette(**file, config_dir=folder, settings=own | given)
    shown = next(found for found in server.databases.values() if found.path == path)
    server.remove_database(shown.name)
    server.add_database(shown, NAME)
    return server


def _can_change(path: str) -> bool:
    """Whether the database at ``path`` can be read while a crawl writes it; if not, it can be read as it is.

    Raises :exc:`~xfiles.arguments.ArgumentError` if it can't be read at all, or isn't of this version.
    """
    if not os.path.isfile(path):
        what = "a folder" if os.path.isdir(path) else "no file"
        raise ArgumentError(f"{path} is {what}: scrapy sample and scrapy crawl xfiles make a database")
    if set("?#%") & set(path):
        raise ArgumentError(f"Datasette can't open {path}: give a path without ?, # and %")
    try:
        _check_version(path, "mode=ro")
    except sqlite3.OperationalError as error:
        # In a folder that can't be written to, SQLite reads only what nobody changes.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or _changes(path):
            raise ArgumentError(f"{path} can't be read: {error}") from None
        try:
            _check_version(path, "immutable=1")
        except sqlite3.OperationalError:
            raise ArgumentError(f"{path} can't be read: {error}") from None
        return False
    return True


def _changes(path: str) -> bool:
    """Whether some of what was written to the database at ``path`` is still in a file beside it."""
    return os.path.exists(beside := f"{path}-wal") and os.path.getsize(beside) > 0


def _check_version(path: str, mode: str) -> None:
    try:
        with closing(sqlite3.connect(f"file:{path}?{mode}", uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            tables = {name for (name,) in connection.execute("SELECT upper(name) FROM sqlite_master")}
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise ArgumentError(f"{path} is no database: {error}") from None
    if not {"XFILES", "EPISODES"} <= tables:
        raise ArgumentError(f"{path} is another program's database: scrapy sample and scrapy crawl xfiles make ours")
    if version > VERSION:
        raise ArgumentError(f"{path} was made by a newer version of xfiles: update xfiles")
    if version < VERSION:
        crawl = f"scrapy crawl xfiles -s {shlex.quote(f'XFILES_DATABASE={path}')}"
        raise ArgumentError(f"{path} was made by an older version of xfiles, and a crawl upgrades it: {crawl}")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    settings: Settings  # Scrapy sets them first

    def syntax(self) -> str:
        return "[options] [DATABASE]"

    def short_desc(self) -> str:
        return "Serve the pages over a database: episodes, characters, search, Ask Scully"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("--host", default="127.0.0.1", help="the address to listen at (default: 127.0.0.1, this machine's own)")
        add("--port", type=int, default=8001, help="the port, 0 for any that is free (default: 8001)")
        add("--open", action="store_true", help="open the pages in the browser")
        add("--base-url", metavar="PATH", default="/", help="where a proxy shows them, such as /xfiles/")
        name = ("NAME", "VALUE")
        add("--setting", nargs=2, metavar=name, action="append", default=[], help="another of Datasette's settings")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        self.project = Path(closest_scrapy_cfg() or ".").resolve().parent
        try:
            self._serve(self._database(args), opts)
        except (ArgumentError, DatabaseError) as error:
            print(f"scrapy: {error}", file=sys.stderr)
            self.exitcode = 2
        except KeyboardInterrupt:
            pass  # how a server ends

    def _database(self, args: list[str]) -> Path:
        """The database that is asked for, else the one that a crawl fills, else the sample's."""
        if len(args) > 1:
            raise ArgumentError("give one database")
        database = args[0] if args else self.settings["XFILES_DATABASE"]
        if is_postgresql(database):
            raise ArgumentError(
                "the pages show an SQLite file, not PostgreSQL: scrapy crawl xfiles fills one, "
                "with -s XFILES_OFFLINE=1 from the cache alone"
            )
        sample = Path(os.path.relpath(self.project), "sample", "xfiles_db.sqlite")
        asked = args or (self.settings.getpriority("XFILES_DATABASE") or 0) > SETTINGS_PRIORITIES["project"]
        if asked or os.path.isfile(database):
            return Path(database)
        if sample.is_file():
            return sample
        raise ArgumentError("there is no database yet: scrapy sample makes a small one, scrapy crawl xfiles the whole")

    def _serve(self, database: Path, opts: argparse.Namespace) -> None:
        if not _BASE_URL.fullmatch(opts.base_url):
            raise ArgumentError(f"--base-url is {opts.base_url!r}: give a path, such as /xfiles/")
        if not 0 <= opts.port <= 65535:
            raise ArgumentError(f"--port is {opts.port}: give a number up to 65535")
        folder = self.project / "browse"
        if not (folder / "metadata.yml").is_file():
            raise ArgumentError(f"there are no pages in {folder}: run this in a clone of the project")
        try:
            server = pages(database, folder, [("base_url", opts.base_url.rstrip("/") + "/"), *opts.setting])
        except ImportError as error:
            install = shlex.join([sys.executable, "-m", "pip", "install", "-r", str(folder / "requirements.txt")])
            raise ArgumentError(f"the pages need Datasette ({error}): {install}") from None
        family = socket.AF_INET6 if ":" in opts.host else socket.AF_INET
        try:
            listening = socket.create_server((opts.host, opts.port), family=family)
        except OSError as error:
            why = str(error.strerror).partition(" (")[0]
            where = f"{opts.host}, port {opts.port}"
            raise ArgumentError(f"nothing can be served at {where} ({why}): give another --host or --port") from None
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(opts.host, opts.host)
        port = listening.getsockname()[1]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}{server.setting('base_url')}"
        print(f"{database} is shown at {url} (Ctrl-C ends it)", file=sys.stderr, flush=True)
        if opts.open:
            # A browser of the terminal's returns when it is left.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        with listening:
            asyncio.run(_listen(server, listening))


async def _listen(server: "Datasette", listening: socket.socket) -> None:
    import uvicorn

    await server.invoke_startup()
    await uvicorn.Server(uvicorn.Config(server.app(), log_level="warning")).serve(sockets=[listening])
