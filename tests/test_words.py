"""Which word of the show a misspelt one is read as."""

import pytest

from xfiles.browsing.words import Words

SAID = {"believe": 900, "don't": 800, "dont": 2, "we'll": 900, "well": 700, "the": 5000, "skull": 40, "ladder": 300,
        "lader": 1, "bladder": 5, "lighthouse": 9, "mooth": 1, "mouth": 90, "spoon": 1, "federal": 200}  # fmt: skip


@pytest.fixture(scope="module")
def words():
    return Words({("SCULLY", "a page"): SAID}, ["SCULLY", "FELDER", "BYERS"])


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Skully, I belive", {"skully": "scully", "belive": "believe"}),  # a name, though "skull" is more like it
        ("federel", {"federel": "federal"}),  # no name that is much less like it
        ("dont, wont, well", {"dont": "don't"}),
        ("DON’T", {}),
        ("lader", {"lader": "ladder"}),  # a slip of a transcript
        ("mooth", {}),  # said as well, and "mouth" not so much more often
        ("lighthouses believed Byers", {}),  # other forms, which the index finds
        ("spon", {}),  # "spoon" is said no more often than slips are
        ("belive skully lighthose", {"belive": "believe", "skully": "scully"}),  # two at most
        ("teh 🛸 zzzzzzz", {}),
        ("", {}),
    ],
)
def test_read(words, line, read):
    assert words.read(line) == read


def test_as_read(words):
    assert words.as_read("I dont  BELIVE you!") == "I don't  believe you!"
    assert words.as_read("Byers") == "Byers"


def test_examples(words):
    assert words.examples == ["believe", "ladder"]
    assert Words().examples == []
