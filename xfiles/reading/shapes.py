"""Patterns as tables of shapes, each with an example, so that one can be added, changed or taken out without fear."""

import re
from typing import NamedTuple


class Shape(NamedTuple):
    """One of the forms that a text may have."""

    pattern: str
    example: str  # has this form, and no other of its table
    miss: str = ""  # looks like it, and has no form of the table; "" if there is none worth a test


def words(text: str) -> tuple[Shape, ...]:
    """The shapes that are nothing but the words of ``text``, which commas part."""
    return tuple(Shape(re.escape(word), word) for word in map(str.strip, text.split(",")))


def any_of(shapes: tuple[Shape, ...]) -> str:
    """The pattern of a text that has one of ``shapes``."""
    return f"(?:{'|'.join(shape.pattern for shape in shapes)})"
