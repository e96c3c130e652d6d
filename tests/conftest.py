"""A site served on loopback, and crawls of it in a process of their own."""

import datetime
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PROJECT = Path(__file__).parents[1]
SITE = Path(__file__).parent / "site"
TABLES = ("EPISODES", "SCENES", "DIRECTIONS", "XFILES", "CHARACTERS")
#: Seconds after which a test gives up what must come, on a machine however busy.
TIMEOUT = 300
#: The page of the site that the fixture ``held`` holds back.
HELD = "/transcrp/scrp511.htm"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", help="where test_browse.py leaves the README's pictures")


def pytest_xdist_auto_num_workers() -> int:
    """Twice the cores: most tests wait for a process, a server or a delay."""
    return 2 * (os.cpu_count() or 1)


# Fixtures that start a process, or need one that somebody else started.
_PROCESSES = {"crawl", "spawn", "postgresql", "faulty", "homeless"}


# The files that take longest, the longest first: no worker is to be left with one of them at the end.
_LONG = [f"test_{name}.py" for name in "scatter recovery crawl browse faults cluster archive scrapyd".split()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else len(_LONG))
    for item in items:
        if not _PROCESSES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("process")


@pytest.fixture(autouse=True)
def _no_process_without_the_mark(request, monkeypatch) -> None:
    """Fail a test that starts a process and isn't marked so: the quick tests would be slow."""
    if request.node.get_closest_marker("process") is None:

        def refuse(*args, **kwargs) -> None:
            pytest.fail("this test starts a process: mark it with pytest.mark.process")

        monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
        monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)


@dataclass
class Site:
    """A site on loopback: the files of a folder, with an answer of its own for the paths in ``answers``."""

    url: str = ""
    answers: dict[str, Callable[["Handler"], None]] = field(default_factory=dict)
    fallback: Callable[["Handler"], None] | None = None  # for the other paths, in place of the files
    requests: list[tuple[str, int]] = field(default_factory=list)  # (path, status) of what was answered
    server: ThreadingHTTPServer | None = None
    asked: list[str] = field(default_factory=list)  # the path of each request, answered or not

    def status(self, path: str) -> list[int]:
        return [status for asked, status in self.requests if asked == path]


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *args, **kwargs) -> None:
        self.site = site
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        self.site.asked.append(self.path)
        answer = self.site.answers.get(self.path, self.site.fallback)
        if answer is None:
            super().do_GET()
        else:
            answer(self)

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        headers = {"Content-Type": "text/html", "Content-Length": str(len(body))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """In Date, an hour from now: the files were last changed well before, however new they are."""
        return super().date_time_string(time.time() + 3600 if timestamp is None else timestamp)

    def log_request(self, code="-", size="-") -> None:
        self.site.requests.append((self.path, int(code)))

    def log_message(self, *args) -> None:
        pass


class Server(ThreadingHTTPServer):
    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def handle_error(self, request, client_address) -> None:
        pass  # a client that hangs up is part of the tests


@contextmanager
def serving(
    folder: Path, address: tuple[str, int] = ("127.0.0.1", 0), certificate: Path | None = None
) -> Iterator[Site]:
    """Serve ``folder`` at ``address``, by https if there is a ``certificate``, which holds its key, too."""
    site = Site()
    server = site.server = Server(address, partial(Handler, site, directory=str(folder)))
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    site.url = f"{scheme}://{host}:{server.server_port}/"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def certificate(host: str) -> bytes:
    """A new key for the IP address ``host`` and a certificate that this key signed, in the form of a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(key, SHA256())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Site]]:
    """A function that serves a folder until the test ends."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serving(folder))


@pytest.fixture
def site(serve) -> Site:
    """The site in tests/site."""
    return serve(SITE)


def unused_port() -> int:
    """A port for a server that must be told its number. A connection to it has just ended, on this side first, so for a
    minute the kernel gives it to nobody but who asks for it by number and with SO_REUSEADDR, as servers do."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            server.accept()[0].close()
            client.recv(1)
        return server.getsockname()[1]


@dataclass
class Crawl:
    status: int
    log: str
    database: Path | str

    def rows(self, query: str, *values) -> list[tuple]:
        return ask(self.database, query, *values)


def ask(database: Path | str, query: str, *values) -> list[tuple]:
    """What ``database``, a path or a URL of PostgreSQL's, answers to ``query``, without xfiles' own code."""
    if str(database).startswith("postgresql://"):
        import psycopg

        with closing(psycopg.connect(database)) as connection, connection:
            return connection.execute(query.replace("?", "%s") if values else query, values or None).fetchall()
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, values).fetchall()


def command(*arguments: str, **settings: object) -> list[str]:
    """``scrapy`` with ``arguments`` and ``settings``; warnings are errors."""
    line = [sys.executable, "-W", "error", "-m", "scrapy", *arguments]
    for name, value in settings.items():
        line += ["-s", f"{name}={value}"]
    return line


def run_crawl(
    folder: Path, url: str | None = None, *options: str, bypass: str | None = None, **settings: object
) -> Crawl:
    """Run ``scrapy crawl xfiles`` with spider arguments and settings, into ``folder``, as fast as loopback bears."""
    database = settings.setdefault("XFILES_DATABASE", folder / "xfiles_db.sqlite")
    settings = {
        "HTTPCACHE_DIR": folder / "httpcache",
        "DOWNLOAD_DELAY": 0.001,
        "AUTOTHROTTLE_ENABLED": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "RETRY_TIMES": 1,
    } | settings
    arguments = [f"-aurl={url}"] if url is not None else []
    if bypass is not None:
        arguments.append(f"-abypass={bypass}")
    done = subprocess.run(
        command("crawl", "xfiles", *arguments, *options, **settings),
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    return Crawl(done.returncode, done.stderr, database)


@pytest.fixture
def crawl(tmp_path) -> Callable[..., Crawl]:
    """:func:`run_crawl` into tmp_path."""
    return partial(run_crawl, tmp_path)


@pytest.fixture
def spawn() -> Iterator[Callable[[list[str]], subprocess.Popen]]:
    """A function that starts a command line in the project's folder, and ends it when the test does."""
    processes = []

    def start(line: list[str]) -> subprocess.Popen:
        processes.append(subprocess.Popen(line, cwd=PROJECT, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def start(spawn, tmp_path) -> Callable[..., subprocess.Popen]:
    """A function that starts a crawl and returns its process."""

    def run(url: str, *options: str, **settings: object) -> subprocess.Popen:
        settings = {
            "XFILES_DATABASE": tmp_path / "xfiles_db.sqlite",
            "HTTPCACHE_DIR": tmp_path / "httpcache",
            "AUTOTHROTTLE_ENABLED": 0,
            "DOWNLOAD_DELAY": 0.001,
            "DOWNLOAD_TIMEOUT": TIMEOUT,
        } | settings
        return spawn(command("crawl", "xfiles", f"-aurl={url}", *options, **settings))

    return run


@pytest.fixture
def held(site) -> Iterator[threading.Event]:
    """The site answers with the page HELD only when this event is set: until then, no crawl of it can end."""
    over = threading.Event()

    def answer(handler: Handler) -> None:
        over.wait()
        del site.answers[HELD]
        handler.do_GET()

    site.answers[HELD] = answer
    yield over
    over.set()


@pytest.fixture
def halfway(start, site, held) -> Callable[..., subprocess.Popen]:
    """A function that starts a crawl, one page after the other, and returns its process when it waits for HELD."""

    def run(**settings: object) -> subprocess.Popen:
        process = start(site.url, **{"CONCURRENT_REQUESTS": 1, **settings})
        wait_until(lambda: HELD in site.asked)
        return process

    return run


def wait_until(probe: Callable[[], Any]) -> Any:
    """What ``probe`` returns, as soon as that is true; a server that does not answer yet is waited for."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            if value := probe():
                return value
        except URLError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """``folder`` as a disk of its own of that ``size``; the test is skipped where none can be mounted."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"a tmpfs can't be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def said(process: subprocess.Popen, pattern: str) -> str:
    """What ``process`` writes to standard error until a line matches ``pattern``."""
    lines = []
    for line in process.stderr:
        lines.append(line)
        if re.search(pattern, line):
            return "".join(lines)
    raise AssertionError(f"no {pattern!r} in " + "".join(lines))


def wait_for(site: Site, pages: int) -> None:
    """Wait until the site has answered with ``pages`` transcripts."""
    wait_until(lambda: sum("transcrp" in path for path, _ in site.requests) >= pages)


def everything(database: Path | str) -> dict[str, list[tuple]]:
    """The rows of ``database`` by table, in an order that depends on nothing but them."""
    return {table: sorted(ask(database, f"SELECT * FROM {table}"), key=repr) for table in TABLES}


@pytest.fixture
def alone(crawl, site, tmp_path) -> dict[str, list[tuple]]:
    """The rows of an undisturbed crawl into SQLite."""
    rows = everything(crawl(site.url, XFILES_DATABASE=tmp_path / "alone.sqlite", HTTPCACHE_ENABLED=0).database)
    site.requests.clear()
    site.asked.clear()
    return rows


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The URL of an empty schema in the PostgreSQL that XFILES_TEST_POSTGRESQL names, or the one on this machine."""
    psycopg = pytest.importorskip("psycopg")
    server = os.environ.get("XFILES_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
    schema = f"xfiles_test_{uuid.uuid4().hex}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=60)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {server}: {str(error).splitlines()[0]}")
    with connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"{server}?options=-csearch_path%3D{schema}&application_name={schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def path(tmp_path) -> str:
    """Where an SQLite file may be made."""
    return str(tmp_path / "xfiles.sqlite")


@pytest.fixture(params=["path", "postgresql"])
def address(request) -> str:
    """The address of an empty database: SQLite's, then PostgreSQL's."""
    return request.getfixturevalue(request.param)


def write_site(folder: Path, names: list[str]) -> None:
    """A home page in ``folder`` that links to ``names``, and these pages, each with a speech of its own."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(f"<p><b>ANN:</b> I am {path.stem}.", title=f"{path.stem} - 1X01"))
    (folder / "index.html").write_text("".join(f'<a href="{name}">One</a>\n' for name in names))


def page(*blocks: str, title: str = "A Title - 1X01") -> str:
    """A page of the old family with ``blocks`` in its body."""
    body = "\n\n".join(blocks)
    return f"<HTML>\n<HEAD>\n<TITLE>{title}</TITLE>\n</HEAD>\n<BODY>\n<FONT>\n{body}\n</FONT></BODY></HTML>\n"
