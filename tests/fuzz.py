"""Mutates the pages of the test site and parses them: python tests/fuzz.py [PAGES] [SEED]

Fails on a page that takes a second, a parser that raises anything but TranscriptError, a line without a character or
text, a line number out of order, or a control character. Prints the seed of a failing page, which makes it again.
"""

import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from xfiles.reading.text import LONGEST
from xfiles.reading.transcript import TranscriptError, parse_transcript

PAGES = [path.read_bytes() for path in sorted((Path(__file__).parent / "site/transcrp").iterdir())]
PIECES = [
    *(
        b"<p>",
        b"</p>",
        b"<b>",
        b"</b>",
        b"<b><p>",
        b"<hr>",
        b"<br>",
        b"<hr>SCENE 3<br>",
        b"<div>",
        b"</div>",
        b"</font>",
    ),
    *(
        b"<span class=char>",
        b"</span>",
        b'<p class="desc">',
        b'<div class="sceneheader">',
        b"<a href=x>",
        b"<!--",
        b"-->",
    ),
    *(
        b"(",
        b")",
        b"[",
        b"]",
        b":",
        b";",
        b" ",
        b"\n",
        b"\0",
        b"\x1b[2J",
        b"\x85",
        b"\x92",
        b"&#27;",
        b"&#x9b;",
        b"&",
        b"<",
    ),
    *(
        b"ANN:",
        b"CUT TO:",
        b"[THE END]",
        b"\xff\xfe",
        "\u202e👽".encode(),
        b"<script>",
        b"<table><tr><td>",
        b"<!DOCTYPE",
    ),
]
#: Tags of 100,000 attributes, each with what a search for its end might take for that.
TAGS_OF_ATTRIBUTES = {
    name: first + before.join(f"a{number}{after}" for number in range(100_000)) + ">"
    for name, first, before, after in [
        ("attributes", "<p ", " ", "=1"),
        ("names", "<p/", "/", ""),
        ("values", "<p ", "", '="1"'),
        ("after a quoted end", '<p a=">" ', " ", "=1"),
        ("with quoted ends", "<p ", " ", "='>'"),
        ("tags in values", "<p ", " ", "=<b"),
        ("tags in names", "<p ", " ", "<b"),
        ("after a lone quote", "<p '> <p ", " ", ""),
        ("of an end tag", "</p ", "\n", "=1"),
    ]
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def mutate(seed: int) -> str:
    chance = random.Random(seed)
    body = chance.choice(PAGES)
    for _ in range(chance.randint(1, 30)):
        start = chance.randrange(len(body) + 1)
        end = min(len(body), start + chance.choice([0, 0, 1, 5, 50, 500]))
        piece = chance.choice([*PIECES, body[end : end + 200], b"", bytes([chance.randrange(256)])])
        body = body[:start] + piece * chance.choice([1, 1, 1, 1, 2, 300]) + body[end:]
    return body.decode(chance.choice(["cp1252", "utf-8", "latin-1"]), "replace")


def check(markup: str) -> None:
    start = time.process_time()  # not the wall clock: the machine may be busy
    try:
        transcript = parse_transcript(markup)
    except TranscriptError:
        return
    assert time.process_time() - start < 1, "took a second"
    assert [line.line for line in transcript.lines] == list(range(1, len(transcript.lines) + 1))
    assert all(0 <= line.scene <= len(transcript.scenes) for line in transcript.lines)
    assert all(line.character and line.text and line.speaker for line in transcript.lines)
    texts = [transcript.episode, *(scene.heading for scene in transcript.scenes)]
    texts += [text for line in transcript.lines for text in (line.character, line.speaker, line.text, line.spoken)]
    assert not any(map(CONTROL.search, texts)), "a control character"
    short = [transcript.episode, *(text for line in transcript.lines for text in (line.character, line.speaker))]
    short += [text or "" for scene in transcript.scenes for text in (scene.heading, scene.place, scene.time)]
    assert all(len(text) <= LONGEST for text in short), "a long name"


def main(pages: int = 10_000, first: int = 0) -> None:
    for seed in range(first, first + pages):
        try:
            check(mutate(seed))
        except Exception as error:
            raise SystemExit(f"seed {seed}: {type(error).__name__}: {error}") from error
    print(f"{pages} mutated pages parsed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
