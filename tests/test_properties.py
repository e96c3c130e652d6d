"""Pages generated from a list of speeches, in each family, parse back to that list."""

import re
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xfiles.reading.transcript import parse_transcript

# No clock: the machine may be busy.
settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")

WORDS = st.lists(
    st.sampled_from("a wind turns teapots slowly, and’s Señor café the – … “so” 7 it's; why? No! ok.".split()),
    min_size=1,
    max_size=12,
)
NAMES = st.sampled_from(["ANN", "BEN", "CAT #2", "DET. DOG", "ÆON", "X", "MAN'S AUNT"])
DIRECTION = WORDS.map(lambda words: f"({' '.join(words)})")
SPEECH = st.tuples(
    NAMES,
    st.lists(st.one_of(WORDS.map(lambda words: "Well " + " ".join(words)), DIRECTION), min_size=1, max_size=4),
)
SCENES = st.lists(st.lists(SPEECH, min_size=1, max_size=6), min_size=1, max_size=4)
SPACE = st.sampled_from([" ", "\n", "  ", "\r\n", "\t"])


STRAIGHT = str.maketrans("’“”", '\'""')


def expected(scenes):
    return [
        (
            number,
            name,
            " ".join(parts),
            " ".join(part for part in parts if not part.startswith("(")).translate(STRAIGHT),
        )
        for number, speeches in enumerate(scenes, 1)
        for name, parts in speeches
    ]


def bold(name, text):
    return f"<p><b>{name}:</b> {text}\n\n"


def misnested(name, text):
    return f"<b><p>{name}:</b>  {text}\n\n"


def span(name, text):
    return f'<p><span class="char">{name}:</span> {text}</p>\n'


def write(scenes, speech, wrap):
    page = "<HTML><TITLE>A - 1X01</TITLE><BODY><FONT>"
    for number, speeches in enumerate(scenes, 1):
        if speech is span:
            page += f'<div class="sceneheader"><p>SCENE {number}</p></div>\n<div class="scenetext">\n'
        else:
            page += f"<hr>SCENE {number}<br>\nA HALL\n<p>(Somebody waits.)\n\n"
        page += "".join(speech(name, wrap(" ".join(parts))) for name, parts in speeches)
        page += "</div>\n" if speech is span else ""
    return page + "</FONT></BODY></HTML>"


@settings(max_examples=300)
@given(scenes=SCENES, speech=st.sampled_from([bold, misnested, span]), space=SPACE)
def test_speeches_come_back(scenes, speech, space):
    page = write(scenes, speech, lambda text: text.replace(" ", space)).encode("cp1252").decode("cp1252")
    transcript = parse_transcript(page)
    lines = [(line.scene, line.character, line.text, line.spoken) for line in transcript.lines]
    assert lines == expected(scenes)
    assert [line.line for line in transcript.lines] == list(range(1, len(lines) + 1))


@settings(max_examples=300)
@given(
    scenes=SCENES,
    speech=st.sampled_from([bold, misnested, span]),
    notes=st.lists(WORDS.map(" ".join), max_size=3),
    wrap=st.sampled_from([str, lambda text: text.replace(" (", "\n\n<p>(").replace(") Well", ")\n\n<p>Well")]),
)
def test_every_word_stands_in_one_row(scenes, speech, notes, wrap):
    """Whatever becomes of them, the words of the page are those of its rows and its speakers' names."""
    page = write(scenes, speech, wrap)
    page = page.replace("<FONT>", "<FONT><h1>THE TITLE</h1>" + "".join(f"<p>{note}" for note in notes), 1)
    page = page.replace("</FONT>", "<p>[THE END]<p>Told by a fan.<p><a href='x'>Back to the scripts</a></FONT>")
    transcript = parse_transcript(page)
    rows = [row.text for row in (*transcript.lines, *transcript.directions)]
    rows += [scene.heading for scene in transcript.scenes] + [line.speaker for line in transcript.lines]
    visible = re.sub(r"<[^>]*>", " ", page.partition("<BODY>")[2])
    words = re.findall(r"[^\s:;]+", visible)
    assert Counter(re.findall(r"[^\s:;]+", " ".join(rows))) == Counter(words)
    assert transcript.words == len(words)
    assert transcript.unread == 0


@settings(max_examples=200)
@given(scenes=SCENES, speech=st.sampled_from([bold, misnested]))
def test_speeches_go_on_through_directions(scenes, speech):
    """Each part in a paragraph of its own: a direction between two parts belongs to the speech, one at its end not."""

    def part_by_part(name, text):
        return speech(name, text.replace(" (", "\n\n<p>(").replace(") Well", ")\n\n<p>Well"))

    transcript = parse_transcript(write(scenes, part_by_part, str))
    said = [line.spoken for line in transcript.lines]
    assert said == [words for _, _, text, words in expected(scenes) if text]


@settings(max_examples=500)
@given(markup=st.text(st.sampled_from(list("<>/&;:()[]=\"'# \n\0abpAB\x1b\x85é")) | st.characters(), max_size=400))
def test_any_text_parses(markup):
    transcript = parse_transcript("<p><b>ANN:</b> x" + markup)
    assert all(line.character and line.text for line in transcript.lines)
