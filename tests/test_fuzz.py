"""Hostile pages: a small share of what python tests/fuzz.py tries, and pages made to be slow."""

import time
import tracemalloc

import pytest
from fuzz import TAGS_OF_ATTRIBUTES, check, mutate

from xfiles.reading.transcript import TranscriptError, parse_transcript

START = "<TITLE>A - 1X01</TITLE><p><b>ANN:</b> One."


@pytest.mark.parametrize("seeds", [range(first, first + 100) for first in range(0, 1000, 100)], ids=str)
def test_mutated_pages(seeds):
    for seed in seeds:
        check(mutate(seed))


GROWING = {
    "words": lambda n: "word " * n,
    "parentheses": lambda n: "(" * n,
    "unclosed directions": lambda n: "<p>(Two\n" * (n // 10),
    "a name's parentheses": lambda n: "<p><b>" + "A(" * n,
    "capitals after a direction": lambda n: "<p>(x) " + "ABC " * n,
    "line breaks": lambda n: "<br>" * n,
    "speeches": lambda n: "<p><b>BEN:</b> Two.\n" * (n // 10),
    "tiny speeches": lambda n: "<p><b>A:</b>x" * (n // 10),
    "paragraphs in capitals": lambda n: "<p>A" * (n // 4),
    "combining marks": lambda n: "a" + "\u0301" * n,
    "a bold of spaces": lambda n: "<p>x<b>" + " " * n,
    "colons": lambda n: "<p>" + "A: " * n,
    "names in a paragraph": lambda n: "<p>(x) " + "ANN: a. " * (n // 8),
    "names in bold in a paragraph": lambda n: "<p>(x) " + "<b>A:</b>x" * (n // 10),
    "sentences in a direction": lambda n: "<hr>SCENE 1<br><p>(" + "a. " * n + ")",
    "people in a direction": lambda n: "<hr>SCENE 1<br><p>(" + "Sadly " * n + ")",
    "titles in a direction": lambda n: "<hr>SCENE 1<br><p>(" + "Dr." * n + ")",
    "notes": lambda n: "<p>[in closed caption " * (n // 20),
    "long names": lambda n: "".join(f"<p><b>{'N' * 150}{at}:</b>x" for at in range(n // 150)),
    "inline tags": lambda n: "<p>" + "<i>a</i>" * (n // 8),
}


def seconds(markup: str) -> float:
    start = time.process_time()
    parse_transcript(START + markup)
    return time.process_time() - start


@pytest.mark.parametrize("shape", GROWING)
def test_time_grows_as_the_page_does(shape):
    """Eight times the page takes far less than 64 times as long."""
    small, large = (min(seconds(GROWING[shape](n)) for _ in range(2)) for n in (12_500, 100_000))
    assert large < 30 * small + 0.2


@pytest.mark.parametrize(
    "markup",
    [
        f'<img src="data:image/png;base64,{"A" * 50_000}"> Two.',
        f"<img src=data:image/png;base64,{'A' * 50_000}> Two.",
        f'<i style="{"color: red; " * 5_000}"> Two.</i>',
        f'<i title="a > b" {"lang=en " * 1_000}> Two.</i>',
        f"<!-- {'one ' * 10_000} --> Two.",
        "<i lang=en class=a style='color: red'>" * 100 + " Two.",
    ],
    ids=["an image", "an image without quotes", "a style", "attributes", "a comment", "tags"],
)
def test_a_long_tag_is_read(markup):
    assert parse_transcript(START + markup).lines[-1].text == "One. Two."


@pytest.mark.parametrize(
    "markup",
    ["word " * 1_000_000, "<br>" * 500_000, *TAGS_OF_ATTRIBUTES.values()],
    ids=["letters", "tags", *TAGS_OF_ATTRIBUTES],
)
def test_too_much_markup_is_refused(markup):
    with pytest.raises(TranscriptError, match="too much markup for a transcript"):
        parse_transcript(START + markup)


def test_tags_nested_too_deep_are_refused():
    with pytest.raises(TranscriptError, match="nested too deep"):
        parse_transcript(START + "<div>" * 50_000)


def test_a_long_bold_is_not_remembered():
    parse_transcript(START)
    tracemalloc.start()
    parse_transcript(START + "<p><b>" + "ONE TWO " * 100_000 + ": x</b> Three.")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000
