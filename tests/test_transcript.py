"""The parser, by tables of shapes that real pages have, with invented words.

A badly parsed line becomes a row: the markup, and the (character, text) pairs it should give.
"""

import subprocess
import sys
from io import BytesIO, TextIOWrapper

import pytest
from conftest import PROJECT, TIMEOUT, page

from xfiles.reading.__main__ import main
from xfiles.reading.habits import Habits
from xfiles.reading.text import LONGEST
from xfiles.reading.transcript import TranscriptError, parse_transcript
from xfiles.reading.verdicts import Situation, Verdict, judge

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
    "name in bold after a cut": ("<p><b>CUT TO:</b> The hall. <b>CAT:</b> One.", [("CAT", "One.")]),
    "inline tag never closed": (
        "<p><em>(She sits.\n\n<p><b>CAT:</b> One.\n\n<p>(Pause.)\n\n<p><b>DOG:</b> Two.",
        [("CAT", "One."), ("DOG", "Two.")],
    ),
    "bold never closed": ("<p><b>CAT: One.\n\n<p>(Pause.)\n\n<p><b>DOG:</b> Two.", [("CAT", "One."), ("DOG", "Two.")]),
    "others named in its midst": (
        "<p><b>CAT:</b> I saw it. ANN: Where? BEN: There.",
        [("CAT", "I saw it."), ("ANN", "Where?"), ("BEN", "There.")],
    ),
    "another named after a stray colon": (
        "<p><b>CAT:</b> Look. (in the shed.) : ANN: Is it him?",
        [("CAT", "Look. (in the shed.)"), ("ANN", "Is it him?")],
    ),
    "a stranger named in its midst": ("<p><b>CAT:</b> Sure. NOTE: Be good.", [("CAT", "Sure. NOTE: Be good.")]),
    "known name in quotes": ('<p>"ANN": One.', [("ANN", "One.")]),
    "mixed case with a direction": ("<p>Ann (laughs, rolling up a rug): One.", [("ANN", "One.")]),
    "known word that is no name": ("<p><b>CAT:</b> He told me: go.", [("CAT", "He told me: go.")]),
    "name in brackets with the speech": ("<p>[BEN: Two moons.]", [("BEN", "Two moons.")]),
    "place before a name": ("<p><b>OUTSIDE:</b> ANN: (low) One.", [("ANN", "(low) One.")]),
    "name that starts as a cut": ('<p><span class="char">CUTLER:</span> One.', [("CUTLER", "One.")]),
    "others named in its second paragraph": (
        "<p><b>CAT:</b> I saw it.<p>Or so I hope… ANN: Where?",
        [("CAT", "I saw it. Or so I hope…"), ("ANN", "Where?")],
    ),
    "another named in mixed case with a direction": (
        "<p><b>CAT:</b> Come in. A Tall Maid (bows): Tea?",
        [("CAT", "Come in."), ("TALL MAID", "Tea?")],
    ),
    "another with a number": (
        "<p><b>DOG #2:</b> Oh.<p><b>CAT:</b> Sit. DOG #2: No.",
        [("DOG #2", "Oh."), ("CAT", "Sit."), ("DOG #2", "No.")],
    ),
    "colon lost": ("<p><b>CAT:</b> One.<p>Ann (sad) Two.", [("CAT", "One."), ("ANN", "(sad) Two.")]),
    "place before a stranger": ("<p><b>OUTSIDE:</b> DOG: One.", [("DOG", "One.")]),
    "mis-nested place before a stranger": ("<b><p>THEN:</b>  DOG:  One.", [("DOG", "One.")]),
    "speech in the heading": ("<hr>SCENE 2 DOG: (ALL): One.", [("DOG", "(ALL): One.")]),
    "sung in capitals after a direction": ("<p><b>CAT:</b> (sings)\n<p>OH, ONE", [("CAT", "(sings) OH, ONE")]),
    "goes on after a form": (
        "<p><b>CAT:</b> One.<p>NAME BELL TOM CASE NO. 4\n<p>It is bent.",
        [("CAT", "One. It is bent.")],
    ),
    "goes on after a note": ("<p><b>CAT:</b> One.<p>[TD: Ha.] Two.", [("CAT", "One. [TD: Ha.] Two.")]),
    "angle brackets": ("<p><b>CAT:</b> &lt;One two.&gt;", [("CAT", "One two.")]),
    "angle brackets that look like a tag": ("<p><b>CAT:</b> <A bell rings.> <Run!>", [("CAT", "A bell rings. Run!")]),
    "guest": ("<p><b>GUEST #1:</b> One.", [("GUEST #1", "One.")]),
    # what is no speech
    "date": ("<p>May 3, 1996", []),
    "cut in mixed case": ("<p>Cut to a field of bells", []),
    "close-up": ("<p><b>MCU:</b> Ben is at the desk.", []),
    "clips that a bracket lists": ("<p>[Clips shown while BEN is talking:<p>* from One (1X01): ANN dancing", []),
    "direction goes on": ("<p>(Ann ignores him. She looks up.<p>She looks back.", []),
    "direction that nobody opened, then another": ("<p>Ben shuts it: 12] [Ben sees a cow.", []),
    "a name that nods": ("<p>Ann (nods her head)", []),
    "translation of a prayer": ("<p>(A translation of the song, by a fan)<p>Bell, oh bell", []),
    "time": ("<p>9:13 p.m.", []),
    "shot": ("<p><b>MLS:</b> Ben is at the desk.", []),
    "article": ("<p><b>ARTICLE 6:</b> No dogs.", []),
    "direction that nobody opened": ("<p>Looks into the well. Sees a bell.)", []),
    "what a direction says is shown": ("<p>(The fax reads:)\n<p>Sell your bells", []),
    "note of the captions": ("<p>[In closed captioning: One.]", []),
    "note of the transcriber": ("<p>[Transcriber's note: the bell is mine.]", []),
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
        ("<hr>SCENE 2 THE BARN. Cows stand in it and chew all of the hay.\n<p>(Rain.)", ["SCENE 2 THE BARN."]),
        (
            "<hr>SCENE 2<br>\nTHE BARN. Cows stand in it and chew all of the hay and<br>moo\n<p>(Rain.)",
            ["SCENE 2 THE BARN."],
        ),
        ("<hr>SCENE 2 A BARN (Rain.)", ["SCENE 2 A BARN"]),
        ("<hr>SCENE 2<br>\nA BARN\n(Rain.)", ["SCENE 2 A BARN"]),
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
        ("it is&#133;", "it is…"),
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
    assert parse_transcript(page("<p><b>ANN:</b> One.", title=title)).episode == expected


@pytest.mark.parametrize(
    ("markup", "heading", "direction"),
    [
        (f"<hr>SCENE 2<br>{'SPOONS ' * 60}", f"SCENE 2 {'SPOONS ' * 27}", "SPOONS " * 33),
        (f"<hr>SCENE 2<br>{'MILL<br>' * 60}", f"SCENE 2 {'MILL ' * 38}", "MILL " * 22),
        (f"<div class=sceneheader>SCENE 2 {'SPOONS ' * 60}</div>", f"SCENE 2 {'SPOONS ' * 27}", "SPOONS " * 33),
        (f"<hr>SCENE 2 {'S' * 300}", "SCENE 2", "S" * 300),
        (f"<hr>{'S' * 300}", "", "S" * 300),
    ],
)
def test_a_long_heading(markup, heading, direction):
    """It is cut between words, and nothing is lost."""
    transcript = parse_transcript(page("<p><b>ANN:</b> One.", markup, "<p><b>BEN:</b> Two."))
    assert [scene.heading for scene in transcript.scenes] == [heading.strip()] * bool(heading)
    assert [row.text for row in transcript.directions] == [direction.strip()]
    assert (transcript.cut, transcript.unread) == (["heading"] * bool(heading), 0)


@pytest.mark.parametrize("opening", [f"{'x' * 300} barn.", "Monday. " * 60])
def test_a_long_setting(opening):
    (scene,) = parse_transcript(page("<hr>SCENE 2", f"<p>({opening})", "<p><b>BEN:</b> Two.")).scenes
    assert len(scene.place or "") <= LONGEST
    assert len(scene.time or "") <= LONGEST


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("N" * 200, ("N" * 200, "N" * 200, "Two.", "Two.")),
        (f"BEN ({'low' * 80})", ("BEN", "BEN", f"({'low' * 80}) Two.", "Two.")),
        (f"({'low' * 80}) BEN", ("BEN", "BEN", f"({'low' * 80}) Two.", "Two.")),
        ("N" * 201, ("ANN", "ANN", "One.", "One.")),
    ],
    ids=["as long as it may be", "a direction after it", "a direction before it", "too long"],
)
def test_a_long_name(name, line):
    """What is too long is no name, and still is in a row; a long direction beside a name is a part of the speech."""
    transcript = parse_transcript(page(*HABITS, "<p><b>ANN:</b> One.", f"<p><b>{name}:</b> Two."))
    last = transcript.lines[-1]
    assert (last.character, last.speaker, last.text, last.spoken) == line
    assert transcript.unread == 0


@pytest.mark.parametrize(("title", "kept"), [("SPOONS " * 60, 28 * "SPOONS "), ("S" * 300, "S" * 200)])
def test_a_long_title(title, kept):
    transcript = parse_transcript(page("<p><b>ANN:</b> One.", title=title))
    assert (transcript.episode, transcript.cut) == (kept.strip(), ["title"])


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


def script(markup: str) -> list[tuple]:
    return [(row.scene, row.line, row.part, row.kind, row.text) for row in parse_transcript(markup).directions]


def test_directions():
    markup = page(
        "<h2>A TITLE</h2>",
        "<p>Written down by a fan.",
        *HABITS,
        "<p>(A bell.)",
        "<p>(Another.)",
        "<p><b>CUT TO:</b> The hall.",
        "<hr>SCENE 2",
        "<p>(HALL. Empty.)",
        "<p><b>ANN:</b> One.",
        "<p>(She sings.)",
        "<p>Two.",
        "<p>[THE END]",
        '<p><a href="x">Back</a>',
    )
    assert script(markup) == [
        (0, 0, 1, "note", "A TITLE"),
        (0, 0, 2, "note", "Written down by a fan."),
        (1, 0, 3, "direction", "(Two people sit.)"),
        (1, 1, 1, "direction", "(They wait.)"),
        (1, 2, 1, "direction", "(A bell.)"),
        (1, 2, 2, "direction", "(Another.)"),
        (1, 2, 3, "direction", "CUT TO: The hall."),
        (2, 2, 4, "direction", "(HALL. Empty.)"),
        (2, 3, 1, "note", "[THE END]"),
        (2, 3, 2, "note", "Back"),
    ]
    assert said(markup)[-1] == ("ANN", "One. (She sings.) Two.")


@pytest.mark.parametrize(
    ("text", "situation", "verdict"),
    [
        ("[THE END]", {}, Verdict.END),
        ("[Closed captioning said: bell]", {}, Verdict.NOTE),
        ("(A bell.)", {}, Verdict.DIRECTION),
        ("Looks at the bell.)", {}, Verdict.DIRECTION),
        ("(A bell", {}, Verdict.OPENS),
        ("(A bell", {"may_open": False}, Verdict.WORDLESS),
        ("A bell", {"unclosed": True}, Verdict.INSIDE),
        ("rings.)", {"unclosed": True}, Verdict.CLOSES),
        ("* * *", {}, Verdict.WORDLESS),
        ("One.", {"speaking": False}, Verdict.NOBODY),
        ("ANN and BEN walk.", {}, Verdict.ACTION),
        ("LOGIN", {}, Verdict.SHOWN),
        ("LOGIN", {"capitals": True}, Verdict.SPEECH),
        ("9:27 PM", {}, Verdict.SHOWN),
        ("One.", {"announced": True}, Verdict.SHOWN),
        ("One.", {}, Verdict.SPEECH),
    ],
)
def test_verdict(text, situation, verdict):
    assert judge(text, Habits("bold", frozenset(["ANN"]), False, False), Situation(**situation)) is verdict


def test_on_a_page_of_prose_nobody_goes_on():
    assert judge("One.", Habits("bold", frozenset(), True, False)) is Verdict.PROSE


@pytest.mark.parametrize(
    ("text", "transcriber"),
    [("Transcribed by A. Fan", "A. Fan"), ("Transcript by: somebody", "somebody"), ("Bells", None)],
)
def test_transcriber(text, transcriber):
    assert parse_transcript(page(f"<p>{text}", *HABITS)).transcriber == transcriber


@pytest.mark.parametrize("heading", ["SCENES FROM 7X22", "SCENE 7:05 AM"])
def test_no_new_scene(heading):
    assert len(parse_transcript(page(*HABITS, f"<hr>{heading}<br>", "<p><b>ANN:</b> One.")).scenes) == 1


@pytest.mark.parametrize(
    ("names", "characters"),
    [
        (["MR. MULDER", "BILL MULDER"], ["BILL MULDER", "BILL MULDER"]),
        (["MR. MULDER"], ["MR. MULDER"]),
        (["MEL'S AUNT", "MEL’S AUNT"], ["MEL'S AUNT", "MEL'S AUNT"]),
        (["DR.BELL", "DR. BELL"], ["DR. BELL", "DR. BELL"]),
        (["DR BELL", "DR. BELL"], ["DR. BELL", "DR. BELL"]),
        (["#1", "1", "1ST"], ["#1", "#1", "#1"]),
        (["DOG#1", "DOG #1", "DOG #2"], ["DOG #1", "DOG #1", "DOG #2"]),
    ],
)
def test_names_of_one_page(names, characters):
    transcript = parse_transcript(page(*(f"<p><b>{name}:</b> One." for name in names)))
    assert [line.character for line in transcript.lines] == characters
    assert [said_by for _, said_by, _ in transcript.paragraphs] == characters


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        (b"<p><b>ANN:</b> One \x96 two.", "named       ANN                      One – two.\n"),
        ("<p><b>ANN:</b> Café".encode("utf-16"), "named       ANN                      Café\n"),
        (b"<p><b>ANN:</b> \xe2\x80\x9cOne\x94", "named       ANN                      “One”\n"),
    ],
)
def test_verdicts_are_printed(tmp_path, capsys, body, printed):
    (tmp_path / "page.htm").write_bytes(body)
    main([str(tmp_path / "page.htm")])
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: PAGE.htm"),
        (["page.htm", "page.htm"], "unrecognized arguments"),
        (["missing.htm"], "missing.htm can't be read: No such file or directory"),
        (["."], ". can't be read: Is a directory"),
        (["empty.htm"], "empty.htm can't be read: the page is empty"),
    ],
)
def test_what_can_not_be_printed(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.htm").touch()
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_letters_that_a_terminal_does_not_have(tmp_path, monkeypatch):
    path = tmp_path / "page.htm"
    path.write_text("<p><b>ANN:</b> It’s so.")
    shown = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(shown, "ascii"))
    main([str(path)])
    assert shown.getvalue().endswith(b" It\\u2019s so.\n")


@pytest.mark.process
def test_a_closed_pipe_ends_it_quietly(tmp_path):
    (tmp_path / "page.htm").write_bytes(b"<p><b>ANN:</b> One.\n" * 20_000)
    command = [sys.executable, "-m", "xfiles.reading", str(tmp_path / "page.htm")]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(TIMEOUT) == 0


def test_speeches_in_square_brackets_where_the_page_says_so():
    transcript = parse_transcript(page("<p>[ = another language", *HABITS, "<p><b>CAT:</b> One.", "<p>[ Two! ]"))
    assert transcript.lines[-1].text == "One. [ Two! ]"


def test_what_nobody_says_under_a_bold_name_is_kept():
    assert (1, 2, 1, "direction", "DREAM TO:") in script(page(*HABITS, "<p><b>DREAM TO:</b>"))
