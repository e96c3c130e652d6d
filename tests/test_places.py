"""Where and when scenes are set, by tables of headings and of directions that open a scene."""

import pytest

from xfiles.reading.locations import SETS, find_location
from xfiles.reading.places import find_setting
from xfiles.reading.times import is_time

KNOWN = frozenset(["ANN", "BEN", "NEECH BELL"])


@pytest.mark.parametrize(
    ("lines", "place", "time"),
    [
        (["SCENE 1 A HALL"], "A HALL", None),
        (["SCENE 1", "A HALL"], "A HALL", None),
        (["SCENE 4", "TWO DAYS LATER"], None, "TWO DAYS LATER"),
        (["SCENE 4", "A HALL", "TWO DAYS LATER"], "A HALL", "TWO DAYS LATER"),
        (["SCENE 4", "A HALL", "9:12 P.M."], "A HALL", "9:12 P.M."),
        (["SCENE 4", "MILL, 8:10 AM"], "MILL", "8:10 AM"),
        (["SCENE 4", "MILL; SPOONVILLE, MAINE; 8:10 AM"], "MILL; SPOONVILLE, MAINE", "8:10 AM"),
        (["SCENE 4", "8:10 AM - MILL"], "MILL", "8:10 AM"),
        (["SCENE 4", "8:10 A.M. EASTERN TIME; MILL"], "MILL", "8:10 A.M. EASTERN TIME"),
        (["SCENE 4", "MILL 8:10AM"], "MILL", "8:10AM"),
        (["SCENE 4", "INT. BARN - NIGHT"], "INT. BARN", "NIGHT"),
        (["SCENE 4", "NIGHT - BARN"], "BARN", "NIGHT"),
        (["SCENE 4", "BARN - NEXT DAY"], "BARN", "NEXT DAY"),
        (["SCENE 4", "BARN; PRESENT DAY"], "BARN", "PRESENT DAY"),
        (["SCENE 4", "SPOONVILLE; MAY 7, 1994"], "SPOONVILLE", "MAY 7, 1994"),
        (["SCENE 4", "SUNDAY, MAY 8, 1994; 9:00 AM"], None, "SUNDAY, MAY 8, 1994, 9:00 AM"),
        (["SCENE 4", "DAY 3"], None, "DAY 3"),
        (["SCENE 4", "DAY EIGHT"], None, "DAY EIGHT"),
        (["SCENE 4", "LATER"], None, "LATER"),
        (["SCENE 4", "INSIDE"], None, None),
        (["SCENE 4", "EXT."], None, None),
        (["SCENE 4", "EPILOGUE"], None, None),
        (["ACT TWO"], None, None),
        (["ACT TWO - NIGHT"], None, "NIGHT"),
        (["SCENE 4", "EPILOGUE THEATRE"], "EPILOGUE THEATRE", None),
        (["SCENE 4", "DISSOLVE TO CHURCH"], "CHURCH", None),
        (["SCENE 4", "WASHINGTON, D.C."], "WASHINGTON, D.C.", None),
        (["SCENE 4", "DAYTON"], "DAYTON", None),
        (["SCENE 4"], None, None),
    ],
)
def test_headings(lines, place, time):
    assert find_setting(lines) == (place, time)


def test_a_heading_without_a_place_leaves_it_to_the_direction():
    assert find_setting(["SCENE 4", "TWO DAYS LATER"], "(In the mill, ANN sits.)", KNOWN) == (
        "In the mill",
        "TWO DAYS LATER",
    )
    assert find_setting(["SCENE 4", "8:10 AM"], "(Night. The mill. ANN sits.)", KNOWN) == ("The mill", "8:10 AM, Night")


@pytest.mark.parametrize(
    ("opening", "place"),
    [
        ("(KEEPER'S OFFICE. Wanda sits down.)", "KEEPER'S OFFICE"),
        ("(Night. Ann's house.)", "Ann's house"),
        ("(9:30 PM. Ann's house.)", "Ann's house"),
        ("(Cut to: Ann's house.)", "Ann's house"),
        ("(ST. OLAF'S BARN. Rain.)", "ST. OLAF'S BARN"),
        ("(Back in the barn, ANN sits.)", "Back in the barn"),
        ("(Later that night.)", None),
        ("(ANN walks.)", None),
        ("(ANN house. Rain.)", "ANN house"),
        ("(ANN sleeps. Rain.)", None),
        ("(CAST OF CHARACTERS: a cow)", None),
        ("(INT. BARN)", "INT. BARN"),
        ("(Ann is in the hall.)", "the hall"),
        ("(Ann and Ben are at the hospital, asleep.)", "the hospital"),
        ("(ANN in BEN's shed)", "BEN's shed"),
        ("(ANN, still in the waiting room, counts her spoons.)", "the waiting room"),
        ("(BEN enters a bar and orders two lemonades for his sister.)", "a bar"),
        ("(ANN is standing outside a small post office with a ladder.)", "outside a small post office"),
        ("(At BEN's barn ANN counts her spoons and all the others.)", None),
        ("(Outside in the rain stands a cow.)", None),
        ("(ANN is looking at a spoon.)", None),
        ("(A man whom nobody has ever seen before runs down a street.)", None),
        ("", None),
        # where people are
        ("(ANN and BEN are on the roof of the mill. They look down.)", "the roof of the mill"),
        ("(ANN comes home to her apartment and sighs.)", "her apartment"),
        ("(ANN and BEN are outside the mill.)", "outside the mill"),
        ("(Two guards are in the mill, asleep.)", "the mill"),
        ("(ANN is asleep in BEN'S hotel room.)", "BEN'S hotel room"),
        ("(ANN walks toward the mill.)", None),
        ("(ANN pulls up at the mill.)", None),
        ("(ANN is dressed in black.)", None),
        # what is no place
        ("(Neech walks on.)", None),
        ("(Deputy walks down the street.)", None),
        ("(What a barn!)", None),
        ("(Overhead shot of the barn.)", None),
        ("(Footage of a barn.)", None),
        ("(from 1X01: a barn)", None),
        ("(9:30 PM.)", None),
        ("(ANN in the hall)", "the hall"),
        ("(ANN.)", None),
        ("(The docks at Spoonville. Rain.)", "The docks at Spoonville"),
        ("(In a dark, dusty barn, ANN sits.)", "In a dark, dusty barn"),
        ("(Hall with ANN.)", "Hall"),
    ],
)
def test_openings(opening, place):
    assert find_setting(["SCENE 1"], opening, KNOWN).place == place


@pytest.mark.parametrize(
    ("place", "location"),
    [
        ("The barn", "BARN"),
        ("INT. BARN", "BARN"),
        ("Back in the barn", "BARN"),
        ("Ann’s house", "ANN'S HOUSE"),
        ("OUTSIDE BARN", "OUTSIDE BARN"),
        ("MILL; SPOONVILLE, MAINE", "MILL; SPOONVILLE, MAINE"),
        ("SPOONVILLE, MAINE - MILL", "MILL; SPOONVILLE, MAINE"),
        ("HALL; MILL", "HALL; MILL"),
        ("MILL - HALL", "HALL; MILL"),
        ("FBI HEADQUARTERS; WASHINGTON, D.C.", "FBI HEADQUARTERS"),
        ("FBI HEADQUARTERS, WASHINGTON, DC", "FBI HEADQUARTERS"),
        ("WASHINGTON D.C.; F.B.I. HEADQUARTERS", "FBI HEADQUARTERS"),
        ("FBI HQ", "FBI HEADQUARTERS"),
        ("ASSISTANT DIRECTOR WALTER SKINNER'S OFFICE; FBI HEADQUARTERS; WASHINGTON, D.C.", "SKINNER'S OFFICE"),
        ("FBI HEADQUARTERS; MORGUE", "MORGUE; FBI HEADQUARTERS"),
        ("Mulder's office", "X-FILES OFFICE"),
        ("The Lone Gunmen's", "LONE GUNMEN'S OFFICE"),
        ("SCULLY'S APT.", "SCULLY'S APARTMENT"),
        ("WASHINGTON, D.C.", "WASHINGTON, D.C."),
    ],
)
def test_locations(place, location):
    assert find_location(place) == location


def test_a_standing_set_is_itself():
    assert {name: find_location(name) for name in SETS} == SETS


@pytest.mark.parametrize("text", ["JANITOR 1", "MAYOR 3", "DAWN", "NIGHT", "A DAY", "OCTAVIA", "SPOONS", "1996"])
def test_no_time(text):
    assert not is_time(text)
