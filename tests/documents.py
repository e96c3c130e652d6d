"""The project's documents, cut into sections and blocks, so that tests can run what they print."""

import re

from conftest import PROJECT


def document(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    """What stands under ``heading`` in the document ``name``, up to the next heading of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n", text := document(name), re.MULTILINE)
    assert found, f"{name} has no section {heading!r}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks of ``text`` in one of ``languages``, or in any."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages or not languages]
