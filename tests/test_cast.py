"""Who is who on one page."""

import inspect
import re

from conftest import page

from xfiles.reading import cast
from xfiles.reading.characters import REGULARS, character
from xfiles.reading.transcript import parse_transcript


def test_each_line_says_something_new():
    keys = re.findall(r'^    (\("\w+", "[^"]+"\)):', inspect.getsource(cast), re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(cast.CAST)
    for (_, name), who in cast.CAST.items():
        assert character(name) == name, "a name that no page can give"
        assert REGULARS.get(name) != who, "what REGULARS says already"
        assert character(who) == who


def test_a_name_is_another_on_its_page_only():
    markup = page("<p><b>PUSHER:</b> One.")
    assert [line.character for line in parse_transcript(markup, "scrp317").lines] == ["ROBERT MODELL"]
    assert [line.character for line in parse_transcript(markup, "scrp318").lines] == ["PUSHER"]
    assert parse_transcript(markup, "scrp317").paragraphs[0][1] == "ROBERT MODELL"
