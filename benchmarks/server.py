"""A generated site on loopback: a home page that links to as many transcripts as asked for."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from pages import page


def index(pages: int) -> bytes:
    rows = "".join(
        f'<tr><td><a href="transcrp/scrp{number}.htm">PAGE {number}</a></td><td>1X01</td><td>1993/09/10</td></tr>\n'
        for number in range(pages)
    )
    return f"<html><body><table>{rows}</table></body></html>".encode()


async def main(port: int, pages: int, speeches: int, latency: float) -> None:
    """Serve until killed; ``latency`` is in seconds. A page has an ETag, and is confirmed by a 304.

    /sent tells how many bytes of transcripts were sent since it was asked last.
    """
    sent = 0
    home = index(pages)
    bodies = [page(number, speeches) for number in range(min(pages, 100))]  # told apart by their URLs

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                status, body = "200 OK", home
                if path.startswith("/transcrp/scrp"):
                    body = bodies[int(path[14:-4]) % len(bodies)]
                    await asyncio.sleep(latency)
                elif path == "/sent":
                    body, sent = str(sent).encode(), 0
                elif path != "/":
                    status, body = "404 Not Found", b""
                if b"if-none-match" in head.lower() and status == "200 OK":
                    status, body = "304 Not Modified", b""
                if path.startswith("/transcrp/scrp"):
                    sent += len(body)
                writer.write(
                    f'HTTP/1.1 {status}\r\nContent-Type: text/html\r\nETag: W/"1"\r\n'
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


@contextmanager
def serving(pages: int, speeches: int, latency: float = 0) -> Iterator[str]:
    """The URL of such a site, served by a process of its own: ``speeches`` a page, ``latency`` in seconds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sys.executable, __file__, str(port), str(pages), str(speeches), str(latency)]) as process:
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_until_up(url)
            yield url
        finally:
            process.kill()


def wait_until_up(url: str) -> None:
    for _ in range(200):
        try:
            return urlopen(f"{url}sent").close()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server does not answer at {url}")


if __name__ == "__main__":
    port, pages, speeches, latency = sys.argv[1:]
    asyncio.run(main(int(port), int(pages), int(speeches), float(latency)))
