"""Who speaks, by a table of names as pages print them, and what is shown of them."""

from collections import Counter

import pytest

from xfiles.browsing.characters import other_names, own_words
from xfiles.reading.characters import character, is_named


@pytest.mark.parametrize(
    ("speaker", "expected"),
    [
        ("MULDER", "MULDER"),
        ("Mulder", "MULDER"),
        ("MULDER (VOICE OVER)", "MULDER"),
        ("MULDER (as MORRIS)", "MULDER"),
        ("MULDER VOICE OVER", "MULDER"),
        ("MRS. MULDER", "TEENA MULDER"),
        ("COVARRUBIAS", "MARITA"),
        ("MULDER VOICEOVER", "MULDER"),
        ("MULDER'S VOICE", "MULDER"),
        ("MULDER’S VOICE", "MULDER"),
        ("MULDER'S VOICE OVER", "MULDER"),
        ("MULDER V.O.", "MULDER"),
        ("SCULLY ON MACHINE", "SCULLY"),
        ("SCULLY ON ANSWERING MACHINE", "SCULLY"),
        ("SCULLY ON THE PHONE", "SCULLY"),
        ("SCULLY'S VOICE ON PHONE", "SCULLY"),
        ("FLASHBACK SCULLY", "SCULLY"),
        ("KEEPER TO MAID", "KEEPER"),
        ("WOMAN READS", "WOMAN"),
        ("KEEPER WITH MAID'S VOICE", "KEEPER"),
        ("A MAID", "MAID"),
        ("DANA SCULLY", "SCULLY"),
        ("CIGARETTE-SMOKING MAN", "CIGARETTE SMOKING MAN"),
        ("CSM", "CIGARETTE SMOKING MAN"),
        ("WELL-MANICURED MAN", "WELL MANICURED MAN"),
        ("FEMALE VOICE", "FEMALE VOICE"),
        ("MAN ON ROOF", "MAN ON ROOF"),
        ("MAN ON PHONE", "MAN ON PHONE"),
        ("ANOTHER MAN'S VOICE", "ANOTHER MAN'S VOICE"),
        ("COOK ON TV", "COOK ON TV"),
        ("1939 SCULLY", "1939 SCULLY"),
        ("DET. MILES", "DET. MILES"),
        ("MULDER/SCULLY", "MULDER/SCULLY"),
        ("TEENA AND CINDY", "TEENA AND CINDY"),
        ("(all)", ""),
    ],
)
def test_character(speaker, expected):
    assert character(speaker) == expected


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("MULDER", True),
        ("CIGARETTE SMOKING MAN", True),
        ("FIRST ELDER", True),
        ("X", True),
        ("DETECTIVE BELL", True),
        ("DR. BELL", True),
        ("MR. COOK", True),
        ("NORMAN", True),
        ("MALEENI/PINCHBECK", True),
        ("BELL, JR.", True),
        ("MAN", False),
        ("NURSE", False),
        ("COP 2", False),
        ("GUARD #1", False),
        ("OLD MAN'S VOICE", False),
        ("WOMAN IN THE ELEVATOR", False),
        ("#2", False),
        ("BOTH", False),
        ("MULDER AND SCULLY", False),
        ("MULDER, SCULLY", False),
        ("MICHELLE", False),
        ("BILL", False),
    ],
)
def test_named(name, named):
    assert is_named(name) is named


@pytest.mark.parametrize(
    ("aliases", "names"),
    [
        (["MULDR", "FOX MULDER", "AGENT MULDER", "MULDER ON MACHINE", "MULDER'S VOICE OVER", "MULDER CONTINUES"],
         ["AGENT MULDER", "FOX MULDER"]),
        (["VOICE OF MULDER", "MULDER TO KEEPER", "MULDER READS", "MULDER CONT'D"], []),
        (["THE MULDER", "FOX", "FOXX"], ["FOX"]),
        ([], []),
    ],
)  # fmt: skip
def test_other_names(aliases, names):
    assert other_names(aliases, "MULDER") == names


def test_other_names_in_other_spellings():
    aliases = ["C.S.M.", "CSM", "CANCER MAN", "CANCERMAN", "CIGARETTE-SMOKING MAN", "SMOKING MAN"]
    assert other_names(aliases, "CIGARETTE SMOKING MAN") == ["C.S.M.", "CANCER MAN", "SMOKING MAN"]


@pytest.mark.parametrize(
    "word", ["which", "may", "uh", "uhhh", "hmm", "don't", "won't", "they've", "it's", "ain't", "think"]
)
def test_words_that_say_little_are_nobodys_own(word):
    own = Counter({word: 50, "teapot": 5, "moth's": 4, "seldom": 2})
    everyone = own + Counter(spoon=1000, teapot=5, lamp=1000)
    assert sorted(own_words(own, everyone, everyone.total())) == ["moth's", "teapot"]
