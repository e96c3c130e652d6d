"""Which exchanges are closest to what a visitor says."""

import random
import sys

import pytest
from conftest import PROJECT

from xfiles.browsing.exchanges import IN_ORDER, SAME, SHARED, Exchanges
from xfiles.browsing.questions import plain

sys.path.insert(0, str(PROJECT / "benchmarks"))
import show

ROWS = [
    (1, "The kettle's lovely.", "A spoon."),
    (2, "I love you", "Lovely?"),
    (3, "I love you, and the teapot.", "Of course."),
    (4, "Love. You. I.", "Nobody does."),
    (5, "Is it foggy?", "The harbor is."),
    (6, "Nothing.", "I like the harbor, foggy or not."),
    (7, "“Don’t wait.”", "No."),
    (8, "Whose ladder is it?", "Mine."),
]


@pytest.fixture(scope="module")
def exchanges():
    rows = [(said_id, said, "SCULLY", reply) for said_id, said, reply in ROWS]
    return Exchanges([*rows, (9, "I love you.", "MULDER", "I know.")])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("i love YOU!", [(2, SAME), (3, IN_ORDER)]),  # another's answer is not hers; 1 and 4 share nothing else
        ("don't wait", [(7, SAME)]),
        ("A foggy harbor", [(5, SHARED), (6, SHARED)]),  # it was said; it was answered
        ("the harbors", [(5, SHARED), (6, SHARED)]),
        ("Is it mine?", [(8, SHARED)]),
        ("you", [(2, IN_ORDER), (4, IN_ORDER), (3, IN_ORDER)]),
        ("Whose zeppelin", [(8, SHARED)]),
        ("What is a zeppelin?", [(1, SHARED), (5, SHARED)]),  # the frequent words, where no other is found
        ("zeppelin", []),
        ("🛸", []),
        ("", []),
    ],
)
def test_the_closest(exchanges, line, found):
    first = [(said_id, likeness) for said_id, likeness, _ in exchanges.closest(line, "SCULLY")]
    assert first[: len(found)] == found
    assert found or not first


def test_examples():
    good = ["Where is the old ladder?", "You know, I've seen it.", "Is it that I said so?"]
    poor = ["Where is Byers, my friend?", "No.", "HELP ME WITH THAT!", "Is it", "a word is a word?", "Was it 9 in all?"]
    rows = [(n, said, "SCULLY", "Nobody knows it.") for n, said in enumerate([*good, *poor])]
    rows += [(90, "Who is not asked here?", "MULDER", "Nobody knows it."), (91, "Is it one word?", "SCULLY", "No.")]
    assert sorted(Exchanges(rows).examples) == sorted(good)
    assert Exchanges([]).examples == []


def test_nobody_answers(exchanges):
    assert exchanges.closest("I love you", "NOBODY") == []


@pytest.mark.parametrize(
    ("line", "said_id", "alike"),
    [
        ("Whose zeppelin", 8, True),
        ("What is a zeppelin?", 5, False),
        ("Is it?", 5, True),
        ("Is it you?", 5, False),
        ("What is it?", 1, False),
        ("the wide harbor", 5, True),
    ],
)
def test_alike(exchanges, line, said_id, alike):
    assert exchanges.alike(line, said_id) == alike


def test_a_common_word_makes_nothing_alike():
    rows = [(n, f"The kettle {n}.", "SCULLY", "Well.") for n in range(3000)]
    exchanges = Exchanges([*rows, (3000, "A red orchard.", "SCULLY", "Well.")])
    assert not exchanges.alike("Have a kettle and a zeppelin", 7)
    assert exchanges.alike("Have a kettle", 7)
    assert exchanges.alike("Have an orchard and a zeppelin", 3000)


def test_what_was_said_is_found_first():
    """Whatever it is, and however often the like of it was said."""
    rows = []
    for item, _ in zip(show.episodes(), range(4), strict=False):
        for before, line in zip(item.lines, item.lines[1:], strict=False):
            rows.append((before.id, before.spoken, line.character, line.spoken))
    exchanges = Exchanges(rows)
    said = dict((said_id, text) for said_id, text, *_ in rows)
    hers = [text for _, text, who, _ in rows if who == "SCULLY"]
    for line in random.Random(240).sample(hers, 240):
        first, likeness, _ = exchanges.closest(line, "SCULLY")[0]
        assert (plain(said[first]), likeness) == (plain(line), SAME)
