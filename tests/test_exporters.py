"""Feeds, as a spreadsheet and a program read them."""

import csv
import json
from dataclasses import asdict
from io import BytesIO
from xml.etree import ElementTree

import pytest
from episodes import EPISODE, vary
from scrapy.exporters import JsonItemExporter, JsonLinesItemExporter

from xfiles.database.schema import SPEECHES
from xfiles.exporters import EpisodeXmlItemExporter, SpeechCsvItemExporter, harmless
from xfiles.items import Line, Scene
from xfiles.reading.addresses import speech_id
from xfiles.reading.transcript import parse_transcript

#: Much of it unknown.
FILM = vary(
    EPISODE,
    page="films.example/fight.htm",
    **dict.fromkeys(("leads_to", "code", "season", "number", "episode_of_season", "aired", "mytharc", "transcriber")),
    scenes=[Scene(1, "SCENE 1")],
    directions=[],
)


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
        **{"scene": "1", "heading": "SCENE 1 HALL", "place": "THE HALL", "line": "2", "speaker": "BEN"},
        **{"spoken": "", "page": EPISODE.page, "url": EPISODE.url, "id": str(speech_id(EPISODE.page, 2))},
        **{"episode_of_season": "2", "time": "NIGHT", "location": "HALL", "spoken_words": "0"},
    }
    assert (first["scene"], first["heading"], first["place"]) == ("0", "", "")


def test_csv_that_is_appended_to_has_one_header(tmp_path):
    for _ in range(2):
        with open(tmp_path / "lines.csv", "ab") as file:
            exporter = SpeechCsvItemExporter(file)
            exporter.export_item(EPISODE)
            exporter.finish_exporting()
    rows = list(csv.DictReader((tmp_path / "lines.csv").read_text("utf-8").splitlines()))
    assert [row["character"] for row in rows] == ["ANN", "BEN"] * 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-- What?", "@sum(a1)", "\tx", "\rx"])
def test_csv_runs_no_formula(text):
    item = vary(EPISODE, lines=[Line(1, 0, "ANN", text, text, text)])
    (row,) = csv.reader(export(SpeechCsvItemExporter, item).split("\n", 1)[1].splitlines(keepends=True))
    assert [value[1:] for value in row if value.startswith("'")] == [text] * 3
    (episode,) = map(json.loads, export(JsonLinesItemExporter, item).splitlines())
    assert episode["lines"][0]["text"] == text


@pytest.mark.parametrize("value", ["plain", "a=b", "", None, -1])
def test_harmless_already(value):
    assert harmless(value) == value


def test_csv_leaves_empty_what_is_unknown():
    *_, row = csv.DictReader(export(SpeechCsvItemExporter, FILM).splitlines())
    assert (row["heading"], row["place"], row["code"], row["mytharc"]) == ("SCENE 1", "", "", "")


@pytest.mark.parametrize(
    ("exporter", "read"),
    [
        (JsonLinesItemExporter, lambda feed: [json.loads(line) for line in feed.splitlines()]),
        (JsonItemExporter, json.loads),
    ],
    ids=["jsonl", "json"],
)
def test_json_has_one_object_per_episode(exporter, read):
    episode, film = read(export(exporter, EPISODE, FILM))
    assert (episode["page"], episode["number"], episode["mytharc"]) == (EPISODE.page, 2, 1)
    assert episode["lines"][1] == {
        **{"line": 2, "scene": 1, "character": "BEN", "speaker": "BEN", "text": "(nods)", "spoken": ""},
        "spoken_words": 0,
        "id": speech_id(EPISODE.page, 2),
    }
    scene = {"scene": 1, "heading": "SCENE 1 HALL", "place": "THE HALL", "location": "HALL", "time": "NIGHT"}
    assert episode["scenes"] == [scene]
    assert episode["directions"][1] == {
        "scene": 0,
        "line": 1,
        "part": 1,
        "kind": "direction",
        "text": "(A kettle sings.)",
    }
    assert film == asdict(FILM)


def test_xml_has_one_element_per_episode():
    def read(element):
        if element.tag in ("lines", "scenes", "directions"):
            return [read(part) for part in element]
        return {part.tag: read(part) for part in element} or element.text or ""

    def as_text(value):
        if isinstance(value, list):
            return [as_text(part) for part in value]
        if isinstance(value, dict):
            return {name: as_text(part) for name, part in value.items() if part is not None}
        return str(value)

    items = list(ElementTree.fromstring(export(EpisodeXmlItemExporter, EPISODE, FILM)))
    assert [read(item) for item in items] == [as_text(asdict(EPISODE)), as_text(asdict(FILM))]
    assert [item.find("number") is None for item in items] == [False, True]


@pytest.mark.parametrize("letter", ["\ufffe", "\uffff"])
def test_xml_can_be_read_whatever_a_page_holds(letter):
    (line,) = parse_transcript(f"<title>A - 1X01</title><p><b>ANN:</b> A{letter} & <i>B</i>]]>").lines
    assert letter in line.text
    (item,) = ElementTree.fromstring(export(EpisodeXmlItemExporter, vary(EPISODE, lines=[line])))
    assert item.findtext("lines/value/text") == line.text.replace(letter, "\ufffd")
