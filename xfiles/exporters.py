"""How feeds are written where Scrapy's own way doesn't fit an episode.

Their fields are the data dictionary's columns in lower case.
"""

from collections.abc import Iterator
from typing import Any

from itemadapter import ItemAdapter
from scrapy.exporters import CsvItemExporter, JsonLinesItemExporter

from xfiles.database import SPEECHES, speech_id
from xfiles.items import DialogueItem

# What a spreadsheet takes for the beginning of a formula, and runs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SpeechCsvItemExporter(CsvItemExporter):
    """CSV with one row per speech: the columns of the view SPEECHES.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """

    def export_item(self, item: DialogueItem) -> None:
        for row in speeches(item):
            super().export_item({name: harmless(value) for name, value in row.items()})


class EpisodeJsonLinesItemExporter(JsonLinesItemExporter):
    """JSON Lines with one object per episode, its lines, scenes and directions nested, each line with its ID."""

    def export_item(self, item: DialogueItem) -> None:
        episode = ItemAdapter(item).asdict()
        for line in episode["lines"]:
            line["id"] = speech_id(item.page, line["line"])
        super().export_item(episode)


def speeches(item: DialogueItem) -> Iterator[dict[str, Any]]:
    """The speeches of ``item`` in their order, as the view SPEECHES has them."""
    episode = ItemAdapter(item).asdict()
    scenes = {scene["scene"]: scene for scene in episode["scenes"]}
    names = [column.lower() for column in SPEECHES]
    for line in episode["lines"]:
        scene = scenes.get(line["scene"], {"heading": None, "place": None})
        row = episode | scene | line | {"id": speech_id(item.page, line["line"])}
        yield {name: row[name] for name in names}


def harmless(value: Any) -> Any:
    """``value``, with an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
