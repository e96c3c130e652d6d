"""How feeds are written where Scrapy's own way doesn't fit an episode.

Their fields are the data dictionary's columns in lower case.
"""

from contextlib import suppress
from dataclasses import asdict
from io import BytesIO
from typing import Any

from scrapy.exporters import CsvItemExporter, XmlItemExporter

from xfiles.database.feed import speeches
from xfiles.database.schema import SPEECHES
from xfiles.items import DialogueItem

#: Those of a CSV feed.
COLUMNS = [column.lower() for column in SPEECHES]
# What a spreadsheet takes for the beginning of a formula, and runs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SpeechCsvItemExporter(CsvItemExporter):
    """CSV with one row per speech: the columns of the view SPEECHES.

    A text that a spreadsheet would take for a formula has an apostrophe before it. A file with rows keeps its header.
    """

    def __init__(self, file: BytesIO, **options: Any) -> None:
        super().__init__(file, **options)
        with suppress(OSError):  # a pipe has no position
            self.include_headers_line = self.include_headers_line and not file.tell()

    def export_item(self, item: DialogueItem) -> None:
        for row in speeches(item):
            super().export_item(dict(zip(COLUMNS, map(harmless, row), strict=True)))


class EpisodeXmlItemExporter(XmlItemExporter):
    """XML with one element per episode, its lines, scenes and directions nested; what is unknown has no element."""

    def export_item(self, item: DialogueItem) -> None:
        super().export_item(asdict(item, dict_factory=_known))


# What a page may hold, and XML may not: one such letter, and no program reads the feed.
_NOT_IN_XML = {0xFFFE: "\N{REPLACEMENT CHARACTER}", 0xFFFF: "\N{REPLACEMENT CHARACTER}"}


def _known(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {
        name: value.translate(_NOT_IN_XML) if isinstance(value, str) else value
        for name, value in fields
        if value is not None
    }


def harmless(value: Any) -> Any:
    """``value``, with an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
