"""Hostile pages: a small share of what python tests/fuzz.py tries, and pages made to be slow."""

import time
import tracemalloc

import pytest
from fuzz import check, mutate

from xfiles.transcript import TranscriptError, parse_transcript

START = "<TITLE>A - 1X01</TITLE><p><b>ANN:</b> One."


@pytest.mark.parametrize("seeds", [range(first, first + 100) for first in range(0, 1000, 100)], ids=str)
def test_mutated_pages(seeds):
    for seed in seeds:
        check(mutate(seed))


@pytest.mark.parametrize(
    "markup",
    [
        "word " * 1_000_000,
        "(" * 1_000_000,
        "<p>(Two\n" * 100_000,
        "<p><b>" + "A(" * 1_000_000,
        "<p>(x) " + "ABC " * 1_000_000,
        "<br>" * 500_000,
        "<p><b>BEN:</b> Two.\n" * 100_000,
    ],
    ids=lambda markup: markup[:12].strip(),
)
def test_large_pages_take_linear_time(markup):
    start = time.perf_counter()
    assert parse_transcript(START + markup).lines
    assert time.perf_counter() - start < 30  # a quadratic parser takes minutes


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
