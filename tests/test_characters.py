"""Who speaks, by a table of names as pages print them."""

import pytest

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
