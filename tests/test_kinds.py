"""Pages as people typed them: who says what in each of the shapes of :mod:`kinds`."""

import pytest
from kinds import ALWAYS, CASES, joined, whole

from xfiles.reading.transcript import parse_transcript


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_speeches(case):
    markup, expected = case
    if "<body" not in markup:
        expected = ALWAYS + expected
    rows = [(line.character, line.spoken) for line in parse_transcript(whole(markup)).lines]
    assert joined(rows) == joined(expected)
