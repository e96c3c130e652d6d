"""The grammar of brackets, by table."""

import pytest

from xfiles.reading.directions import depth, is_note, is_unopened, is_whole, spoken


@pytest.mark.parametrize(
    ("text", "brackets", "expected"),
    [
        ("One.", False, "One."),
        ("(low) One (he coughs) two.", False, "One two."),
        ("One (two (three) four) five.", False, "One five."),
        ("(nods)", False, ""),
        ("One (he turns and", False, "One"),
        ("One) two.", False, "One) two."),
        ("One. [In another language.]", False, "One."),
        ("One [coughs] two.", True, "One two."),
    ],
)
def test_spoken(text, brackets, expected):
    assert spoken(text, brackets) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It’s “so”.", 'It\'s "so".'),
        ("One [In closed captioning: two] three.", "One three."),
        ("One {In CLOSED CAPTIONING only: two} three.", "One three."),
        ("One. [answers in Russian]", "One."),
        ("[The lamps.]", "The lamps."),
        ("Los platos. [The plates.]", "Los platos."),
        ("Los platos. [The plates.", "Los platos."),
        ("One. [gives ANN an order]", "One."),
        ("One. [CLOSED-CAPTION: two]", "One."),
        ("One.]", "One."),
    ],
)
def test_spoken_on_any_page(text, expected):
    assert spoken(text) == expected


def test_directions():
    assert is_whole("(He sits.)")
    assert is_whole("[He sits.]")
    assert not is_whole("(He sits.) One.")
    assert is_unopened("He sits.)")
    assert not is_unopened("One (two)")
    assert is_note("[Transcriber's note: one]")
    assert not is_note("(He sits.)")
    assert depth("((One)") == 1
