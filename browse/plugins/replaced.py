"""A file that took the place of the database, as by ``mv``, is opened: Datasette would keep the one that was there."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from datasette import hookimpl
from datasette.database import Database


@hookimpl
def asgi_wrapper(datasette):
    opened = {}

    def look() -> None:
        for name, database in datasette.databases.items():
            with suppress(OSError):  # between two files
                if database.path is not None:
                    there = os.stat(database.path)
                    if not os.path.samestat(opened.setdefault(name, there), there):
                        opened[name] = there
                        reopen(datasette, name)

    look()

    def wrap(app):
        async def answer(scope, receive, send):
            look()
            await app(scope, receive, send)

        return answer

    return wrap


def reopen(datasette, name: str) -> None:
    """Let new threads open the file of the database ``name``: each thread keeps its connection as long as it lives."""
    old = datasette.databases[name]
    new = Database(datasette, path=old.path, is_mutable=old.is_mutable)
    new.name, new.route = old.name, old.route
    datasette.databases = datasette.databases | {name: new}  # in its place: the first is the pages' own
    if (threads := datasette.executor) is not None:
        datasette.executor = ThreadPoolExecutor(max_workers=datasette.setting("num_sql_threads"))
        threads.shutdown(wait=False)
