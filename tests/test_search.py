"""Which lines are meant by what a visitor looks for, and what is counted of them."""

import pytest

from xfiles.browsing.lines import Lines
from xfiles.browsing.search import search
from xfiles.browsing.words import Words

ROWS = [
    (1, "SCULLY", "a", 1, "The old harbor, and a lighthouse beside.", ""),
    (2, "MULDER", "a", 1, "That harbor lighthouse again.", ""),
    (3, "MULDER", "b", 2, "I don't see lighthouses.", "(at the harbor) I don't see lighthouses."),
    (4, "SCULLY", "b", 2, "Harbors.", ""),
    (5, "BYERS", "film", None, "A harbor.", ""),
    (6, "BYERS", "film", None, "", "(kilimanjaro)"),
    (7, "BYERS", "film", None, "What a teapot!", ""),
    (8, "BYERS", "film", None, "The waltz, piano and all, that nobody danced.", ""),
    (9, "BYERS", "film", None, "A piano, a waltz.", ""),
]


@pytest.fixture(scope="module")
def show():
    said = {"harbor": 90, "lighthouse": 40, "don't": 30, "see": 20, "teapot": 5, "what": 9, "a": 9}
    return Lines(ROWS), Words({("SCULLY", "a"): said}, ["SCULLY", "MULDER"])


@pytest.mark.parametrize(
    ("text", "how", "ids"),
    [
        ("lighthouse harbor", {}, [2, 1]),
        ("waltz piano", {}, [8, 9]),  # as typed, first
        ("piano waltz", {}, [9, 8]),
        ('"harbor lighthouse"', {}, [2]),
        ("lighthouse harbor", {"staged": True}, [2, 3, 1]),
        ("harbor", {"who": "SCULLY"}, [4, 1]),
        ("harbor", {"season": 2}, [4]),
        ("harbor", {"who": "MULDER", "season": 1}, [2]),
        ("harbor", {"season": -1}, []),
        ("harbor", {"who": "NOBODY"}, []),
        ("harbor", {"skip": 3}, [1]),
        ("kilimanjaro", {}, []),
        ("kilimanjaro", {"staged": True}, [6]),
        ("Dont see", {}, [3]),
        ('"I dont see"', {}, [3]),
        ("teapot zeppelin", {}, [7]),  # some of the words
        ('"teapot zeppelin"', {}, []),  # but a phrase is meant as it is
        ("what lighthouse", {"who": "BYERS"}, []),  # not what is frequent alone
        ("__ harbors", {"who": "SCULLY"}, [4, 1]),
        ("🛸", {}, []),
    ],
)
def test_found(show, text, how, ids):
    assert search(*show, text, **how).found.ids == ids


def test_counted(show):
    found = search(*show, "harbor", season=1).found
    assert (found.lines, found.people, found.episodes) == (2, 2, 1)
    assert found.of_seasons == [(1, 2), (2, 1)]
    assert found.of_people == [("MULDER", 1), ("SCULLY", 1)]
    found = search(*show, "harbor", who="SCULLY").found
    assert (found.lines, found.people, found.episodes) == (2, 1, 2)
    assert found.of_seasons == [(1, 1), (2, 1)]
    assert found.of_people == [("SCULLY", 2), ("BYERS", 1), ("MULDER", 1)]


def test_what_is_meant(show):
    result = search(*show, "dont zeppelin skully")
    assert (result.read, result.any, result.nowhere) == ({"dont": "don't"}, True, ["zeppelin", "skully"])
    assert result.meant == "don't zeppelin scully"
    result = search(*show, "teapot harbor")
    assert (result.any, result.nowhere, result.meant) == (True, [], None)
    assert not search(*show, "teapot", who="SCULLY").any
    assert not search(*show, "lighthouse").any


def test_more_words_than_are_looked_for(show):
    for text in ("harbor " * 50 + "zeppelin", '"' + "harbor " * 3000 + '"'):
        assert search(*show, text).cut
    assert search(*show, "harbor " * 50 + "zeppelin").found.lines == 4
    assert not search(*show, "harbor " * 50).cut
