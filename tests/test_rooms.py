"""The tree: what each room of the project may import, and how long a module may be."""

import ast
import sys

import pytest
from conftest import PROJECT

#: What a room may import of the project, beside itself, and which libraries it does without.
ROOMS = {
    "reading": ({"items"}, {"scrapy", "twisted", "sqlite3", "psycopg"}),
    "database": ({"items", "ledger", "reading"}, {"scrapy", "twisted"}),
    "browsing": ({"reading"}, {"scrapy", "twisted", "psycopg", "datasette"}),
}
MODULES = sorted(str(path.relative_to(PROJECT / "xfiles")) for path in (PROJECT / "xfiles").rglob("*.py"))


def imports(path) -> set[str]:
    """The modules of the project that the module at ``path`` imports, by their first name in xfiles."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module} if node.module != "xfiles" else {f"xfiles.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_back_up(room):
    others, libraries = ROOMS[room]
    for path in (PROJECT / "xfiles" / room).glob("*.py"):
        parts = [name.split(".") for name in imports(path)]
        assert {name[1] for name in parts if name[0] == "xfiles"} <= others | {room}, path
        assert not libraries & {name[0] for name in parts}, path


def test_the_pages_take_from_the_project_what_needs_no_library():
    """A server that shows the pages need not be able to crawl."""
    waiting, read, libraries = imports(PROJECT / "browse/plugins/pages.py"), set(), set()
    waiting = {name for name in waiting if name.startswith("xfiles.")}
    assert waiting
    while waiting:
        read.add(name := waiting.pop())
        path = PROJECT.joinpath(*name.split("."))
        found = imports(path / "__init__.py" if path.is_dir() else path.with_suffix(".py"))
        found |= {name.rpartition(".")[0]} - {""}  # a module's packages are imported, too
        waiting |= {other for other in found if other.partition(".")[0] == "xfiles"} - read
        libraries |= {other.partition(".")[0] for other in found} - {"xfiles"}
    assert libraries <= sys.stdlib_module_names


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_longer_than_300_lines(module):
    assert len((PROJECT / "xfiles" / module).read_text("utf-8").splitlines()) <= 300
