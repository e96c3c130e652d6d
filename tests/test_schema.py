"""The views, over what is stored."""

import json
import random
from itertools import groupby

import pytest
from conftest import ask
from databases import rows, save
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database.feed import speeches
from xfiles.database.schema import EARLIER, SPEECHES
from xfiles.items import Line


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
    save(address, vary(EPISODE, page="site.example/a", number=None))
    save(address, vary(EPISODE, page="site.example/b", number=10))
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
    assert pages == [
        (page, EPISODE.episode) for page in (EPISODE.page, "site.example/b", "site.example/a") for _ in range(7)
    ]
    if not address.startswith("postgresql:"):  # neither sorted before the first row, nor read whole for one page
        plans = [
            str(ask(address, f"EXPLAIN QUERY PLAN SELECT * FROM SCRIPT {where}")) for where in ("", "WHERE PAGE = 'a'")
        ]
        assert [
            plan.count(step) for plan in plans for step in ("SCAN E USING INDEX EPISODES_IN_ORDER", "SEARCH E ")
        ] == [
            *(3, 0),
            *(0, 3),
        ]


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


def test_turns(address):
    """Neighbours of one character are one turn, even with a nod between them, but not across scenes."""
    save(address, CONVERSATION)
    columns = "CHARACTER, SPOKEN, SPOKEN_WORDS, SCENE, LINE, SPEECHES, ID"
    first = CONVERSATION.lines[0].id
    assert ask(address, f"SELECT {columns} FROM TURNS ORDER BY PAGE, LINE") == [
        ("ANN", "Whose teapot sings?", 3, 1, 1, 1, first),
        ("BEN", "The keeper's teapots. They whistle. Good.", 6, 1, 2, 3, first + 1),
        ("ANN", "Next morning.", 2, 2, 6, 1, first + 5),
    ]


def scene(*turns: tuple[str, str], number: int = 1) -> list[Line]:
    """A scene of ``turns``, each a character and what is said."""
    return [Line(0, number, who, who, words, words) for who, words in turns]


def conversation(*scenes: list[Line]):
    """An episode of ``scenes``."""
    lines = [line for lines in scenes for line in lines]
    for number, line in enumerate(lines, 1):
        line.line = number
    return vary(EPISODE, lines=lines)


A, B, C = ("ANN", "One."), ("BEN", "Two."), ("CAT", "Three.")


@pytest.mark.parametrize(
    ("turns", "messages"),
    [
        ([B], None),
        ([A, B], [("user", "One."), ("assistant", "Two.")]),
        ([B, A, B], [("user", "One."), ("assistant", "Two.")]),
        ([A, B, A, B], [("user", "One."), ("assistant", "Two."), ("user", "One."), ("assistant", "Two.")]),
        ([A, C, B], [("user", "ANN: One.\nCAT: Three."), ("assistant", "Two.")]),
        (
            [C, A, B, C, B],
            [("user", "CAT: Three.\nANN: One."), ("assistant", "Two."), ("user", "Three."), ("assistant", "Two.")],
        ),
        ([A, A, B, B], [("user", "One. One."), ("assistant", "Two. Two.")]),
        ([C, A, C, A, C, A, C, B], [("user", "\n".join(["ANN: One.", "CAT: Three."] * 3)), ("assistant", "Two.")]),
        ([("ANN", '"A\\B" — é, they say'), B], [("user", '"A\\B" — é, they say'), ("assistant", "Two.")]),
        ([('"O" ANN', "One."), C, B], [("user", '"O" ANN: One.\nCAT: Three.'), ("assistant", "Two.")]),
    ],
)
def test_conversations(address, turns, messages):
    save(address, conversation(scene(*turns)))
    rows = ask(address, "SELECT MESSAGES FROM CONVERSATIONS WHERE CHARACTER = 'BEN' ORDER BY LINE DESC LIMIT 1")
    found = [[(message["role"], message["content"]) for message in json.loads(row)] for (row,) in rows]
    assert found == ([messages] if messages else [])


def test_conversations_have_what_chooses_them(address):
    save(address, conversation(scene(A, B), scene(C, A, ("BEN", "Two, or three."), number=2)))
    columns = "EPISODE, CHARACTER, SPOKEN_WORDS, SEASON, NUMBER, SCENE, LINE, PAGE, FOLD, ID"
    known = {"EPISODE": EPISODE.episode, "SEASON": 1, "NUMBER": 2, "PAGE": EPISODE.page, "FOLD": 1}
    found = ask(address, f"SELECT {columns} FROM CONVERSATIONS ORDER BY PAGE, LINE")
    assert [dict(zip(columns.split(", "), row, strict=True)) for row in found] == [
        known
        | {"CHARACTER": who, "SPOKEN_WORDS": words, "SCENE": number, "LINE": line, "ID": EPISODE.lines[0].id + line - 1}
        for who, words, number, line in (("BEN", 1, 1, 2), ("ANN", 1, 2, 4), ("BEN", 3, 2, 5))
    ]


def messages_before(turns: list[tuple[str, str]], reply: int) -> list[dict[str, str]]:
    """The messages that CONVERSATIONS gives for the turn at ``reply`` of a scene's ``turns``."""
    who, words = turns[reply]
    messages = []
    for assistant, group in groupby(turns[max(0, reply - EARLIER) : reply], lambda turn: turn[0] == who):
        said = list(group)
        if assistant and messages:
            messages.append({"role": "assistant", "content": said[0][1]})
        elif not assistant:
            content = said[0][1] if len(said) == 1 else "\n".join(map(": ".join, said))
            messages.append({"role": "user", "content": content})
    return [*messages, {"role": "assistant", "content": words}]


def test_conversations_of_every_shape(address):
    chance = random.Random(1)
    scenes, expected = [], []
    for number in range(1, 60):
        turns = [("ANN", "0")]
        while len(turns) < chance.randint(1, 12):
            turns.append(
                (chance.choice([who for who in ("ANN", "BEN", "CAT") if who != turns[-1][0]]), str(len(turns)))
            )
        scenes.append(scene(*turns, number=number))
        expected += [messages_before(turns, reply) for reply in range(1, len(turns))]
    save(address, conversation(*scenes))
    found = [row for (row,) in ask(address, "SELECT MESSAGES FROM CONVERSATIONS ORDER BY LINE")]
    assert found == [json.dumps(messages) for messages in expected]
