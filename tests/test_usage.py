"""How often words are said, and the curves of it."""

import pytest

from xfiles.browsing.usage import points, scale, usage
from xfiles.browsing.words import Words

SAID = {
    ("SCULLY", "a"): {"teapot": 2, "the": 8},
    ("MULDER", "a"): {"teapots": 1, "the": 9},
    ("SCULLY", "b"): {"teapot's": 3, "his": 1, "hi": 1, "the": 5},
    ("MULDER", "c"): {"the": 20},
    ("BYERS", "unlisted"): {"teapot": 7},
}
PAGES = [("a", 1), ("b", 2), ("c", None)]


@pytest.mark.parametrize(
    ("who", "times", "rate", "by_season", "by_episode"),
    [
        (None, 6, 1200, {1: (3, 1500), 2: (3, 3000), None: (0, 0)}, {"a": (3, 1500), "b": (3, 3000), "c": (0, 0)}),
        ("SCULLY", 5, 2500, {1: (2, 2000), 2: (3, 3000), None: (0, 0)}, {"a": (2, 2000), "b": (3, 3000)}),
        ("MULDER", 1, 10_000 / 30, {1: (1, 1000), 2: (0, 0), None: (0, 0)}, {"a": (1, 1000), "c": (0, 0)}),
        ("NOBODY", 0, 0, {1: (0, 0), 2: (0, 0), None: (0, 0)}, {}),
    ],
)
def test_usage(who, times, rate, by_season, by_episode):
    (found,) = usage(Words(SAID), PAGES, ["teapot"], who)
    assert (found.times, found.rate) == (times, rate)
    assert (found.by_season, found.by_episode) == (by_season, by_episode)
    assert found.forms == ["teapot", "teapots", "teapot's"]


def test_which_words():
    found = usage(Words(SAID), PAGES, ["hi", "the", "hi", "zeppelin", "a", "b", "c"], None)
    assert [(word.word, word.times) for word in found] == [("hi", 1), ("the", 42), ("zeppelin", 0), ("a", 0), ("b", 0)]


def test_curve():
    said = {
        ("SCULLY", page): {"teapot": times, "the": 100 - times} for page, times in zip("abcdef", range(6), strict=True)
    }
    (found,) = usage(Words(said), [(page, 1) for page in "abcdef"], ["teapot"], None)
    assert found.curve() == [100, 150, 200, 300, 350, 400]


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (0, [0, 0.01, 0.02]),
        (0.07, [0, 0.02, 0.04, 0.06, 0.08]),
        (1, [0, 0.5, 1]),
        (7, [0, 2, 4, 6, 8]),
        (41, [0, 20, 40, 60]),
        (10_000, [0, 5000, 10_000]),
    ],
)
def test_scale(most, marks):
    assert scale(most) == marks


def test_points():
    assert points([0, 5], 10) == "250.0,100.0 750.0,50.0"
    assert points([10], 10) == "0.0,0.0 1000.0,0.0"
