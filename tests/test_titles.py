"""Titles as people write them, by table."""

import pytest

from xfiles.reading.titles import written


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("BABYLON", "Babylon"),
        ("Redux Ii", "Redux II"),
        ("Sr 819", "SR 819"),
        ("E.B.E.", "E.B.E."),
        ("D.P.O.", "D.P.O."),
        ("3", "3"),
        ("731", "731"),
        ("4-D", "4-D"),
        ("2SHY", "2SHY"),
        ("DÆMONICUS", "Dæmonicus"),
        ("JOSE CHUNG'S 'FROM OUTER SPACE'", "Jose Chung's 'From Outer Space'"),
        ("WAR OF THE COPROPHAGES", "War of the Coprophages"),
        ("THE SIXTH EXTINCTION II: AMOR FATI", "The Sixth Extinction II: Amor Fati"),
        ("Kill Switch", "Kill Switch"),
        ("Dr. No", "Dr. No"),
        ("", ""),
    ],
)
def test_written(printed, expected):
    assert written(printed) == expected
