"""Feeds, as a spreadsheet and a program read them."""

import csv
import json
from dataclasses import replace
from io import BytesIO

import pytest
from test_database import EPISODE

from xfiles.database import SPEECHES, speech_id
from xfiles.exporters import EpisodeJsonLinesItemExporter, SpeechCsvItemExporter, harmless
from xfiles.items import Line


def export(exporter_class, *items):
    file = BytesIO()
    exporter = exporter_class(file, encoding="utf-8")
    exporter.start_exporting()
    for item in items:
        exporter.export_item(item)
    exporter.finish_exporting()
    return file.getvalue().decode()


def test_csv_has_one_row_per_speech():
    first, second = csv.DictReader(export(SpeechCsvItemExporter, EPISODE).splitlines())
    assert list(first) == [column.lower() for column in SPEECHES]
    assert second == {
        **{"episode": "Deep Throat - 1X01", "character": "BEN", "text": "(nods)", "title": "Deep Throat"},
        **{"code": "1X01", "season": "1", "number": "2", "aired": "1993-09-17", "mytharc": "1"},
        **{"scene": "1", "heading": "SCENE 1 HALL", "place": "HALL", "line": "2", "speaker": "BEN", "spoken": ""},
        **{"page": EPISODE.page, "url": EPISODE.url, "id": str(speech_id(EPISODE.page, 2))},
    }
    assert (first["scene"], first["heading"], first["place"]) == ("0", "", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-- What?", "@sum(a1)", "\tx", "\rx"])
def test_csv_runs_no_formula(text):
    item = replace(EPISODE, lines=[Line(1, 0, "ANN", text, text, text)])
    (row,) = csv.reader(export(SpeechCsvItemExporter, item).split("\n", 1)[1].splitlines(keepends=True))
    assert [value[1:] for value in row if value.startswith("'")] == [text] * 3
    (episode,) = map(json.loads, export(EpisodeJsonLinesItemExporter, item).splitlines())
    assert episode["lines"][0]["text"] == text


@pytest.mark.parametrize("value", ["plain", "a=b", "", None, -1])
def test_harmless_already(value):
    assert harmless(value) == value


def test_json_lines_has_one_object_per_episode():
    (episode,) = map(json.loads, export(EpisodeJsonLinesItemExporter, EPISODE).splitlines())
    assert (episode["page"], episode["number"], episode["mytharc"]) == (EPISODE.page, 2, 1)
    assert episode["lines"][1] == {
        **{"line": 2, "scene": 1, "character": "BEN", "speaker": "BEN", "text": "(nods)", "spoken": ""},
        "id": speech_id(EPISODE.page, 2),
    }
    assert episode["scenes"] == [{"scene": 1, "heading": "SCENE 1 HALL", "place": "HALL"}]
    assert episode["directions"][1] == {
        "scene": 0,
        "line": 1,
        "part": 1,
        "kind": "direction",
        "text": "(A kettle sings.)",
    }
