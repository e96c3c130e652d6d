"""The tree: what each room of the project may import."""

import ast

import pytest
from conftest import PROJECT

#: What a room may import of the project, beside itself.
ROOMS = {
    "reading": {"items"},
}


def imports(path) -> set[str]:
    """The modules of the project that the module at ``path`` imports, by their first name in xfiles."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module} if node.module != "xfiles" else {f"xfiles.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize(("room", "others"), ROOMS.items(), ids=ROOMS)
def test_a_room_imports_nothing_back_up(room, others):
    for path in (PROJECT / "xfiles" / room).glob("*.py"):
        parts = [name.split(".") for name in imports(path)]
        assert {name[1] for name in parts if name[0] == "xfiles"} <= others | {room}, path
        assert not any(name[0] in ("scrapy", "twisted", "sqlite3", "psycopg") for name in parts), path
