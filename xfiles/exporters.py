"""How feeds are written where Scrapy's own way doesn't fit an episode."""

from typing import Any

from itemadapter import ItemAdapter
from scrapy.exporters import CsvItemExporter


class SpeechCsvItemExporter(CsvItemExporter):
    """CSV with a row a speech, its episode's fields beside it."""

    def export_item(self, item: Any) -> None:
        episode = ItemAdapter(item).asdict()
        lines = episode.pop("lines")
        del episode["scenes"]
        for line in lines:
            super().export_item(episode | line)
