"""The parser, by tables of shapes that real pages have, with invented words.

A badly parsed line becomes a row: the markup, and the (character, text) pairs it should give.
"""

import pytest
from conftest import page

from xfiles.transcript import TranscriptError, parse_transcript, spoken

# Enough of a page around a shape to show its habits: its directions stand in parentheses.
HABITS = (
    "<hr>SCENE 1<br>\nA ROOM",
    "<p>(Two people sit.)",
    "<p><b>ANN:</b> First.",
    "<p>(They wait.)",
    "<p><b>BEN:</b> Second.",
)
PROSE = (
    "<hr>SCENE 1<br>\nA ROOM",
    "<p>Two people sit at a table, as they do.",
    "<p><b>ANN:</b> First.",
    "<hr>SCENE 2<br>\nA ROOM",
    "<p>They wait for a bus that never comes.",
    "<p><b>BEN:</b> Second.",
)
ALWAYS = [("ANN", "First."), ("BEN", "Second.")]


def said(markup: str) -> list[tuple[str, str]]:
    return [(line.character, line.text) for line in parse_transcript(markup).lines]


SPEECHES = {
    # the families
    "old": ("<p><b>CAT:</b> One\ntwo.", [("CAT", "One two.")]),
    "mis-nested": ("<b><p>CAT:</b>  One\ntwo.", [("CAT", "One two.")]),
    "mis-nested with a direction": ("<b><p>CAT (V.O.):</b>  One.", [("CAT", "One.")]),
    "new": (
        '<div class="scenetext"><p><span class="char">CAT:</span> One.</p><p class="desc">Pause.</p></div>',
        [("CAT", "One.")],
    ),
    "a stray bold on a new page": (
        '<p class="desc"><b>x</b></p><p><span class="char">CAT:</span> One.</p>',
        [("CAT", "One.")],
    ),
    # names
    "semicolon": ("<p><b>CAT;</b> One.", [("CAT", "One.")]),
    "space before the colon": ("<p><b>CAT :</b> One.", [("CAT", "One.")]),
    "no space after the colon": ("<p><b>CAT:</b>One.", [("CAT", "One.")]),
    "colon after the bold": ("<p><b>CAT</b>: One.", [("CAT", "One.")]),
    "speech inside the bold": ("<p><b>CAT: One.</b> Two.", [("CAT", "One. Two.")]),
    "name not at the start": ("<p>\n  <i></i><b> CAT:</b> One.", [("CAT", "One.")]),
    "name in another container": ("<blockquote><b>CAT:</b> One.</blockquote>", [("CAT", "One.")]),
    "name wrapped": ("<p><b>CAT THE\nELDER:</b> One.", [("CAT THE ELDER", "One.")]),
    "number for a name": ("<p><b>#2:</b> One.", [("#2", "One.")]),
    "one letter": ("<p><b>X:</b> One.", [("X", "One.")]),
    "two names": (
        "<p><b>CAT/DOG:</b> One. <p><b>CAT AND DOG:</b> Two.",
        [("CAT/DOG", "One."), ("CAT AND DOG", "Two.")],
    ),
    "colon in the name's parenthesis": ("<p><b>CAT (at 3:15):</b> One.", [("CAT", "One.")]),
    "long parenthesis after the name": ("<p><b>CAT (very low, to the dogs):</b> One.", [("CAT", "One.")]),
    "known name without a bold": ("<p>ANN (sits down): One.", [("ANN", "One.")]),
    "known name in mixed case without a bold": ("<p>Ann: One.", [("ANN", "One.")]),
    "somebody in parentheses after the name": ("<p><b>CAT:</b> (SOMEONE): One.", [("CAT", "(SOMEONE): One.")]),
    "empty bold in mid-sentence": ("<p><b>CAT:</b> One <b></b>two <b>: </b>three.", [("CAT", "One two : three.")]),
    "bold in mid-sentence": ("<p><b>CAT:</b> One <b>two</b> three.", [("CAT", "One two three.")]),
    # what a speech is
    "goes on after a direction": (
        "<p><b>CAT:</b> One.\n\n<p>(He stands.)\n\n<p>Two.",
        [("CAT", "One. (He stands.) Two.")],
    ),
    "goes on in a paragraph of its own": ("<p><b>CAT:</b> One.\n\n<p>Two.", [("CAT", "One. Two.")]),
    "goes on in the tail of a direction": (
        "<p><b>CAT:</b> One.\n\n<p>(He stands.) Two.",
        [("CAT", "One. (He stands.) Two.")],
    ),
    "does not go on in the next scene": ("<p><b>CAT:</b> One.<hr>SCENE 2<br>\nHALL\n<p>Two.", [("CAT", "One.")]),
    "goes on after directions never closed": (
        "<p><b>CAT:</b> One.\n\n<p>(He stands\n\n<p>Two.\n\n<p>(He sits\n\n<p>Three.",
        [("CAT", "One. Two. Three.")],
    ),
    "begins in its second paragraph": ("<p><b>CAT:</b>\n<p>One.", [("CAT", "One.")]),
    "sung in capitals": ("<p><b>CAT:</b>\n<p>ONE, OH ONE", [("CAT", "ONE, OH ONE")]),
    "directions inside": ("<p><b>CAT:</b> (low) One (he coughs) two.", [("CAT", "(low) One (he coughs) two.")]),
    "only a direction": ("<p><b>CAT:</b> (nods)", [("CAT", "(nods)")]),
    "several in a paragraph": ("<p><b>CAT:</b> One.<br><b>DOG:</b> Two.", [("CAT", "One."), ("DOG", "Two.")]),
    "no paragraph after a heading": (
        "<hr>SCENE 2<br>\nHALL<br>\n<b>CAT:</b> One.<p><b>DOG:</b> Two.",
        [("CAT", "One."), ("DOG", "Two.")],
    ),
    "line breaks inside": ("<p><b>CAT:</b> One<br>two<br>three.", [("CAT", "One two three.")]),
    "inline tags inside": ("<p><b>CAT:</b> One <i>two</i><em>three</em>.", [("CAT", "One twothree.")]),
    "comment inside": ("<p><b>CAT:</b> One <!-- no -->two.", [("CAT", "One two.")]),
    "speeches after a clip's source": (
        "<p>(From an old one.) CAT: One. ANN: Two. (She nods.)",
        [("CAT", "One."), ("ANN", "Two. (She nods.)")],
    ),
    "speech after a cut": ("<p><b>CUT TO:</b> ANN: One.", [("ANN", "One.")]),
    "inline tag never closed": (
        "<p><em>(She sits.\n\n<p><b>CAT:</b> One.\n\n<p>(Pause.)\n\n<p><b>DOG:</b> Two.",
        [("CAT", "One."), ("DOG", "Two.")],
    ),
    "bold never closed": ("<p><b>CAT: One.\n\n<p>(Pause.)\n\n<p><b>DOG:</b> Two.", [("CAT", "One."), ("DOG", "Two.")]),
    # what is no speech
    "cut": ("<p><b>CUT TO:</b> The hall.", []),
    "mis-nested cut": ("<b><p>CUT TO:</b>  \n<p>The hall.", []),
    "fade": ("<p><b>FADE TO BLACK:</b>", []),
    "cut in capitals": ("<p>CUT TO CAT IN THE HALL", []),
    "point of view": ("<p><b>CAT'S POV:</b> A bird.", []),
    "cast": ('<p><span class="char">CAST OF CHARACTERS:</span> All of them</p>', []),
    "place in a span": ('<p><span class="char">(AT THE SHOP:</span> A bell rings.)</p>', []),
    "screen in capitals": ("<p>LOGIN INCORRECT - TRY AGAIN", []),
    "memo": ("<p>FROM: A friend", []),
    "end": ("<p>[THE END]\n<p>Written down by a fan.", []),
    "to be continued": ("<p>[TO BE CONTINUED ...]", []),
    "footer": ('<p><a href="../index.html">Return to the Scripts Page</a>', []),
    "direction that begins with a name": ("<p>ANN and BEN walk to the car.", []),
    "direction that begins with a bold name": ("<p><b>ANN and BEN walk.</b>", []),
    "direction never closed": ("<p>(Ann stands up and", []),
    "direction over two paragraphs": ("<p>(Ann stands up and\n\n<p>sits down again.)", []),
    "directions never closed": ("<p>(Ann stands up and\n\n<p>(sits down and", []),
    "direction in square brackets": ("<p>[Ann stands up.]", []),
}


@pytest.mark.parametrize(("shape", "expected"), SPEECHES.values(), ids=SPEECHES)
def test_speeches(shape, expected):
    expected = ALWAYS + expected
    assert said(page(*HABITS, "<p>(Pause.)", shape)) == expected


PROSE_SPEECHES = {
    "prose after a speech is a direction": ("<p><b>CAT:</b> One.\n\n<p>He stands.", [("CAT", "One.")]),
    "known name without a bold": ("<p>ANN (sits down): One.", [("ANN", "One.")]),
    "tail of a direction": ("<p><b>CAT:</b> One.\n\n<p>(Pause.) He stands.", [("CAT", "One.")]),
}


@pytest.mark.parametrize(("shape", "expected"), PROSE_SPEECHES.values(), ids=PROSE_SPEECHES)
def test_speeches_where_directions_are_prose(shape, expected):
    assert said(page(*PROSE, shape)) == ALWAYS + expected


@pytest.mark.parametrize(
    ("text", "brackets", "expected"),
    [
        ("One.", False, "One."),
        ("(low) One (he coughs) two.", False, "One two."),
        ("One (two (three) four) five.", False, "One five."),
        ("(nods)", False, ""),
        ("One (he turns and", False, "One"),
        ("One) two.", False, "One) two."),
        ("One [in another language].", False, "One [in another language]."),
        ("One [coughs] two.", True, "One two."),
    ],
)
def test_spoken(text, brackets, expected):
    assert spoken(text, brackets) == expected


def test_square_brackets_are_directions_where_the_page_uses_them_so():
    transcript = parse_transcript(
        page("<hr>SCENE 1<br>\nHALL", "<p>[A bell.]", "<p><b>ANN:</b> One [coughs] two.", "<p>[A bell.]", "<p>Three.")
    )
    assert [(line.text, line.spoken) for line in transcript.lines] == [
        ("One [coughs] two. [A bell.] Three.", "One two. Three.")
    ]


@pytest.mark.parametrize(
    ("markup", "headings"),
    [
        ("<hr>SCENE 2<br>\nHALL; ELSEWHERE\n<p>(Rain.)", ["SCENE 2 HALL; ELSEWHERE"]),
        ("<hr>SCENE 2<br>\nHALL<br>\n9:27 PM\n<p>(Rain.)", ["SCENE 2 HALL 9:27 PM"]),
        ("<hr>SCENE 21B<br>\nHALL\n<p>(Rain.)", ["SCENE 21B HALL"]),
        ("<hr>SCENE 2\n<p>(Rain.)", ["SCENE 2"]),
        ("<hr>SCENE<br>\nHALL\n<p>(Rain.)", ["SCENE HALL"]),
        ('<hr>SCENE #3: "A song"\n<p>(Rain.)', ['SCENE #3: "A song"']),
        ('<hr>#3: "A song"\n<p>(Rain.)', ['#3: "A song"']),
        ("<hr>\n<hr>SCENE 2<br>\nHALL\n<p>(Rain.)", ["SCENE 2 HALL"]),
        ("<hr>SCENE 2<br>\nHALL<br>\n(It rains on the chairs.)\n<p>(Rain.)", ["SCENE 2 HALL"]),
        ("<hr>SCENE 2<br>\nHALL<br>\nIt rains on all of the chairs.\n<p>(Rain.)", ["SCENE 2 HALL"]),
        ("<p>SCENE 2<br>\nHALL\n<p>(Rain.)", ["SCENE 2 HALL"]),
        ('<hr><p>"IT IS ALL MADE UP"\n<hr>SCENE 1<br>\nHALL', ["SCENE 1 HALL"]),
        ('<hr><a href="x">Return</a>', []),
        (
            '<div class="separator"><hr></div>\n<div class="sceneheader"><p>SCENE 1<br>HALL</p></div>',
            ["SCENE 1 HALL"],
        ),
    ],
)
def test_scenes(markup, headings):
    transcript = parse_transcript(page("<p><b>ANN:</b> One.", markup, "<p><b>BEN:</b> Two."))
    assert [scene.heading for scene in transcript.scenes] == headings
    assert [scene.scene for scene in transcript.scenes] == list(range(1, len(headings) + 1))
    assert [(line.line, line.scene) for line in transcript.lines] == [(1, 0), (2, len(headings))]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("caf&eacute; cafe\u0301", "café café"),
        ("it&#146;s&#133;", "it’s…"),
        ("it’s “so”", "it’s “so”"),
        ("one&nbsp;two\xa0three", "one two three"),
        ("one\0two\x1b[31m\x7f", "onetwo[31m"),
        ("<i>'; DROP TABLE XFILES; --</i>", "'; DROP TABLE XFILES; --"),
        ("👽 \u202eright to left", "👽 \u202eright to left"),
    ],
)
def test_text_is_clean(markup, text):
    assert said(page(f"<p><b>ANN:</b> {markup}")) == [("ANN", text)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Name -\n1X01", "Name - 1X01"), ("", ""), ("It&#146;s &lt;b&gt;", "It’s <b>")],
)
def test_title(title, expected):
    assert parse_transcript(page("<p><b>ANN:</b> One.", title=title)).title == expected


@pytest.mark.parametrize(
    ("markup", "family"),
    [
        ("<p><b>ANN:</b> One.", "bold"),
        ("<b><p>ANN:</b> One.", "misnested"),
        ('<p><span class="char">ANN:</span> One.</p>', "span"),
        ("<p>Nobody speaks.", "none"),
    ],
)
def test_family(markup, family):
    assert parse_transcript(page(markup)).family == family


def test_empty_page():
    with pytest.raises(TranscriptError, match="empty"):
        parse_transcript("")
