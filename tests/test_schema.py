"""The views, over what is stored."""

import pytest
from conftest import ask
from databases import rows, save
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database.feed import speeches
from xfiles.database.schema import SPEECHES


def test_views(address):
    save(address, CONVERSATION)
    columns = "TITLE, SEASON, MYTHARC, HEADING, CHARACTER, TEXT"
    assert ask(address, f"SELECT {columns} FROM SPEECHES ORDER BY LINE")[1::4] == [
        ("Deep Throat", 1, 1, "SCENE 1 HALL", "BEN", "(low) The keeper's teapots."),
        ("Deep Throat", 1, 1, "SCENE 2", "ANN", "Next morning."),
    ]
    assert len(ask(address, "SELECT * FROM SPEECHES")) == 6
    assert ask(address, "SELECT SAID_BY, SAID, CHARACTER, REPLY, SCENE, LINE, FOLD FROM REPLIES") == [
        ("ANN", "Whose teapot sings?", "BEN", "The keeper's teapots.", 1, 2, 1)
    ]


def test_script_is_the_page_in_its_order(address):
    save(address, vary(EPISODE, page="site.example/a"))
    save(address, EPISODE)
    columns = "SCENE, LINE, PART, KIND, CHARACTER, TEXT"
    assert ask(address, f"SELECT {columns} FROM SCRIPT WHERE PAGE = ?", EPISODE.page) == [
        (0, 0, 1, "note", None, "Written by nobody."),
        (0, 1, 0, "speech", "ANN", "'; DROP TABLE XFILES; --"),
        (0, 1, 1, "direction", None, "(A kettle sings.)"),
        (1, 0, 0, "scene", None, "SCENE 1 HALL"),
        (1, 1, 2, "direction", None, "(Morning.)"),
        (1, 2, 0, "speech", "BEN", "(nods)"),
        (1, 2, 1, "note", None, "THE END"),
    ]
    pages = ask(address, "SELECT PAGE, EPISODE FROM SCRIPT")
    assert pages == [("site.example/a", EPISODE.episode)] * 7 + [(EPISODE.page, EPISODE.episode)] * 7


def test_speeches_have_their_columns(address):
    save(address, EPISODE)
    row = dict(zip(SPEECHES, ask(address, f"SELECT {', '.join(SPEECHES)} FROM SPEECHES ORDER BY LINE")[1], strict=True))
    assert row == rows(address, "XFILES")[1] | {
        **{"TITLE": "Deep Throat", "CODE": "1X01", "SEASON": 1, "NUMBER": 2, "AIRED": "1993-09-17", "MYTHARC": 1},
        **{"HEADING": "SCENE 1 HALL", "PLACE": "THE HALL", "LOCATION": "HALL", "TIME": "NIGHT"},
        **{"EPISODE_OF_SEASON": 2, "URL": EPISODE.url},
    }


@pytest.mark.parametrize("episode", [EPISODE, CONVERSATION], ids=["episode", "conversation"])
def test_speeches_of_an_episode_by_itself(path, episode):
    save(path, episode)
    assert speeches(episode) == ask(path, f"SELECT {', '.join(SPEECHES)} FROM SPEECHES ORDER BY LINE")


def test_speeches_before_the_first_heading(address):
    save(address, EPISODE)
    assert ask(address, "SELECT LINE, HEADING FROM SPEECHES ORDER BY LINE") == [(1, None), (2, "SCENE 1 HALL")]
