"""Episodes in a database: real files and a real PostgreSQL."""

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from conftest import TIMEOUT, ask
from databases import connect, names, rows, save
from episodes import CONVERSATION, EPISODE, vary

from xfiles.database.connection import EpisodeError
from xfiles.database.schema import PAGED
from xfiles.database.store import open_database
from xfiles.items import Line, Scene
from xfiles.ledger import Summary
from xfiles.reading.addresses import speech_id
from xfiles.reading.home_page import Entry

OTHER = vary(EPISODE, page="site.example/other")


def test_rows(address):
    assert save(address, EPISODE) == "new"
    page = {"PAGE": EPISODE.page}
    assert rows(address, "EPISODES") == [
        page
        | {"EPISODE": "Deep Throat - 1X01", "TITLE": "Deep Throat", "CODE": "1X01", "SEASON": 1, "NUMBER": 2}
        | {
            "EPISODE_OF_SEASON": 2,
            "AIRED": "1993-09-17",
            "MYTHARC": 1,
            "TRANSCRIBER": "A. Typist",
            "WORDS": 9,
            "UNREAD": 1,
        }
        | {"URL": EPISODE.url, "LEADS_TO": None, "DIGEST": "0a1b"}
        | {"EXTENT": "SCENES 1:29, DIRECTIONS 4:78, XFILES 2:72"}
    ]
    assert rows(address, "SCENES") == [
        page | {"SCENE": 1, "HEADING": "SCENE 1 HALL", "PLACE": "THE HALL", "LOCATION": "HALL", "TIME": "NIGHT"}
    ]
    assert rows(address, "DIRECTIONS")[1:3] == [
        page | {"SCENE": 0, "LINE": 1, "PART": 1, "KIND": "direction", "TEXT": "(A kettle sings.)"},
        page | {"SCENE": 1, "LINE": 1, "PART": 2, "KIND": "direction", "TEXT": "(Morning.)"},
    ]
    speech = page | {"EPISODE": "Deep Throat - 1X01"}
    attack = "'; DROP TABLE XFILES; --"
    assert rows(address, "XFILES") == [
        speech
        | {"CHARACTER": "ANN", "TEXT": attack, "SPEAKER": "Ann (low)", "SPOKEN": attack, "SCENE": 0, "LINE": 1}
        | {"SPOKEN_WORDS": 5, "ID": speech_id(EPISODE.page, 1)},
        speech
        | {"CHARACTER": "BEN", "TEXT": "(nods)", "SPEAKER": "BEN", "SPOKEN": "", "SCENE": 1, "LINE": 2}
        | {"SPOKEN_WORDS": 0, "ID": speech_id(EPISODE.page, 2)},
    ]


def test_unknown_values_are_null(address):
    unknown = ("leads_to", "code", "season", "number", "episode_of_season", "aired", "mytharc", "transcriber", "digest")
    save(address, vary(EPISODE, **dict.fromkeys(unknown), scenes=[Scene(1, "SCENE 1")]))
    (row,) = rows(address, "EPISODES")
    assert {column for column, value in row.items() if value is None} == {name.upper() for name in unknown}
    (scene,) = rows(address, "SCENES")
    assert [column for column, value in scene.items() if value is None] == ["PLACE", "LOCATION", "TIME"]


def test_saving_again_changes_nothing(address):
    save(address, EPISODE)
    assert save(address, EPISODE) == "unchanged"
    assert len(rows(address, "XFILES")) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": EPISODE.lines[:1]},
        {"scenes": []},
        {"directions": EPISODE.directions[1:]},
        {"aired": "1993-09-18"},
        {"episode": "Deep Throat"},
        {"number": 3},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_episode_is_replaced_whole(address, changes):
    save(address, EPISODE)
    changed = vary(EPISODE, **changes)
    assert save(address, changed) == "changed"
    assert len(rows(address, "EPISODES")) == 1
    for table, parts in (("XFILES", changed.lines), ("SCENES", changed.scenes), ("DIRECTIONS", changed.directions)):
        assert len(rows(address, table)) == len(parts)
    assert save(address, changed) == "unchanged"


@pytest.mark.parametrize(
    "changes",
    [{"digest": "2c3d"}, {"url": "https://www.site.example/transcrp/scrp101.htm"}, {"leads_to": "site.example/a"}],
)
def test_how_a_page_was_read_is_stored_but_no_change(address, changes):
    save(address, EPISODE)
    assert save(address, vary(EPISODE, **changes)) == "unchanged"
    ((column, value),) = changes.items()
    assert rows(address, "EPISODES")[0][column.upper()] == value
    with closing(open_database(address)) as database:
        assert database.pages() == {EPISODE.page: changes.get("digest", EPISODE.digest)}


def test_a_page_read_without_the_home_page_keeps_what_that_said(address):
    save(address, EPISODE)
    bypass = vary(EPISODE, number=None, aired=None, mytharc=None)
    assert save(address, bypass) == "unchanged"
    assert save(address, vary(bypass, lines=EPISODE.lines[:1], title=None, episode=None)) == "changed"
    (row,) = rows(address, "EPISODES")
    assert (row["NUMBER"], row["AIRED"], row["MYTHARC"], row["TITLE"]) == (2, "1993-09-17", 1, "Deep Throat")
    assert rows(address, "XFILES")[0]["EPISODE"] == "Deep Throat - 1X01"


def test_a_failed_save_leaves_the_former_rows(address):
    save(address, EPISODE)
    before = rows(address, "XFILES")
    broken = vary(EPISODE, lines=[*EPISODE.lines, replace(EPISODE.lines[0], line=2)])
    with pytest.raises(EpisodeError, match=r"its episode can't be stored: .*(UNIQUE|unique) constraint"):
        save(address, broken)
    assert rows(address, "XFILES") == before


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM DIRECTIONS",
        "DELETE FROM SCENES",
        "DELETE FROM XFILES",
        "DELETE FROM EPISODES",
        "UPDATE XFILES SET TEXT = 'Ha.'",
        "UPDATE XFILES SET SPEAKER = 'CAT' WHERE LINE = 1",
        "UPDATE SCENES SET PLACE = NULL",
        "UPDATE DIRECTIONS SET TEXT = 'Ha.' WHERE KIND = 'note'",
        "UPDATE EPISODES SET EXTENT = NULL",
    ],
)
def test_rows_that_somebody_changed_are_no_summary(address, change):
    """They are to be stored again, and are then as they were."""
    save(address, EPISODE)
    save(address, OTHER)
    before = {table: rows(address, table) for table in PAGED}
    with connect(address) as connection:
        connection.execute(f"{change} {'AND' if 'WHERE' in change else 'WHERE'} PAGE = '{EPISODE.page}'")
    with closing(open_database(address)) as database:
        assert database.summary(EPISODE.page, EPISODE.url) is None
        assert database.summary(OTHER.page, OTHER.url) is not None
        database.save(EPISODE)
        assert database.summary(EPISODE.page, EPISODE.url) is not None
    assert {table: rows(address, table) for table in PAGED} == before


def test_summary_of_letters_of_every_kind(address):
    """Whose number each database tells as Python does."""
    words = "é — … 𝄞 ”x” e\u0301 日本 ﷽"
    lines = [Line(1, 0, words, words, words, words), Line(2, 0, "ANN", "ANN", "", "")]
    scenes = [Scene(1, words, None, None, None), Scene(2, "", words, words, words)]
    save(address, vary(EPISODE, lines=lines, scenes=scenes, directions=[]))
    with closing(open_database(address)) as database:
        assert database.summary(EPISODE.page, EPISODE.url) is not None


def test_a_row_says_what_the_home_page_says_now(address):
    """Whether it says something else, less, or nothing; a page that it doesn't name keeps what is stored."""
    save(address, EPISODE)
    save(address, vary(EPISODE, page="site.example/another"))
    listing = "SELECT NUMBER, EPISODE_OF_SEASON, AIRED, MYTHARC FROM EPISODES ORDER BY PAGE DESC"
    with closing(open_database(address)) as database:
        for said in (
            {"number": 3, "episode_of_season": 2, "aired": "1993-09-24", "mytharc": 0},
            {"number": None, "episode_of_season": None, "aired": "1993-09-24", "mytharc": 0},
            {"number": None, "episode_of_season": None, "aired": None, "mytharc": None},
            {"number": 2, "episode_of_season": 1, "aired": "1993-09-17", "mytharc": 1},
        ):
            database.read_listing([Entry(EPISODE.page, EPISODE.url, **said), Entry("not stored", "", number=9)])
            assert ask(address, listing) == [tuple(said.values()), (2, 2, "1993-09-17", 1)]
    assert ask(address, "SELECT DISTINCT TITLE, DIGEST FROM EPISODES") == [("Deep Throat", "0a1b")]


def test_a_page_that_the_home_page_lists_no_more(address):
    save(address, EPISODE)
    save(address, OTHER)
    with closing(open_database(address)) as database:
        database.unlist(EPISODE.page)
        database.unlist("not stored")
    assert ask(address, "SELECT PAGE, NUMBER, EPISODE_OF_SEASON, AIRED, MYTHARC FROM EPISODES ORDER BY PAGE") == [
        (OTHER.page, 2, 2, "1993-09-17", 1),
        (EPISODE.page, None, None, None, None),
    ]


def test_a_list_of_pages_makes_no_database(path):
    with closing(open_database(path)) as database:
        database.read_listing([Entry(EPISODE.page, EPISODE.url, number=9)])
    assert not os.path.exists(path)


PLACE = "site.example/new/any.htm"


def listing(*pages):
    return [Entry(page, f"http://{page}") for page in pages]


def test_one_episode_that_two_listed_pages_lead_to(address):
    """Whoever comes second is refused, in another crawl, too, and keeps the rows that it had."""
    save(address, vary(OTHER, lines=CONVERSATION.lines[:3]))
    with closing(open_database(address)) as one, closing(open_database(address)) as two:
        for database in (one, two):
            database.read_listing(listing(EPISODE.page, OTHER.page))
        assert one.save(vary(EPISODE, leads_to=PLACE)) == "new"
        with pytest.raises(EpisodeError, match=f"it leads to {PLACE}, as {EPISODE.page} does"):
            two.save(vary(OTHER, leads_to=PLACE))
    with closing(open_database(address)) as database:
        assert database.led_to() == {PLACE: (EPISODE.page, EPISODE.url)}
    assert ask(address, "SELECT PAGE, count(*) FROM XFILES GROUP BY PAGE ORDER BY PAGE") == [
        (OTHER.page, 3),
        (EPISODE.page, 2),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # by itself at the place that a listed page leads to
        (vary(OTHER, page=PLACE), vary(EPISODE, leads_to=PLACE)),
        # under a page that the home page listed once
        (vary(OTHER, leads_to=PLACE), vary(EPISODE, leads_to=PLACE)),
        # under a page that leads to one that is listed now
        (vary(OTHER, leads_to=EPISODE.page), EPISODE),
    ],
)
def test_an_episode_goes_over_to_the_page_that_is_listed(address, before, after, caplog):
    save(address, vary(before, lines=[replace(CONVERSATION.lines[0], character="CAT", speaker="CAT")]))
    with closing(open_database(address)) as database:
        database.read_listing(listing(EPISODE.page))
        assert database.save(after) == "new"
    for table in ("EPISODES", "SCENES", "DIRECTIONS", "XFILES"):
        assert {row["PAGE"] for row in rows(address, table)} == {EPISODE.page}
    assert "CAT" not in dict(names(address))
    assert f"The page {before.page} is stored as {EPISODE.page} from now on" in caplog.text


def test_an_episode_that_no_page_leads_to_any_more(address):
    """Another page may lead there then."""
    with closing(open_database(address)) as database:
        database.read_listing(listing(EPISODE.page, OTHER.page))
        database.save(vary(EPISODE, leads_to=PLACE))
        assert database.save(EPISODE) == "unchanged"
        assert database.led_to() == {}
        assert database.save(vary(OTHER, leads_to=PLACE)) == "new"


def test_many_crawls_that_are_led_to_one_episode_at_the_same_moment(address):
    save(address, CONVERSATION)
    start = threading.Barrier(10)
    pages = [f"site.example/{number}" for number in range(10)]

    def crawl(page):
        with closing(open_database(address)) as database:
            database.read_listing(listing(*pages))
            start.wait(30)
            try:
                return database.save(vary(EPISODE, page=page, leads_to=PLACE))
            except EpisodeError as error:
                return str(error).partition(", ")[0]

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(crawl, pages)) == [f"it leads to {PLACE}"] * 9 + ["new"]
    assert ask(address, "SELECT count(*) FROM EPISODES WHERE LEADS_TO = ?", PLACE) == [(1,)]


def _of(speeches, **changes):
    """CONVERSATION with that many speeches."""
    lines = [replace(CONVERSATION.lines[0], line=number) for number in range(1, speeches + 1)]
    return vary(CONVERSATION, lines=lines, **changes)


@pytest.mark.parametrize(
    ("before", "left", "changes", "kept"),
    [
        (20, 10, {}, False),
        (20, 9, {}, True),
        (19, 1, {}, False),
        # Whether that is the whole page, nobody can tell.
        (6, 5, {"digest": None}, True),
        (6, 6, {"digest": None}, False),
    ],
)
def test_a_page_that_shrinks_keeps_its_rows(address, before, left, changes, kept):
    """An error of the host's may look like dialogue, too."""
    save(address, _of(before))
    if kept:
        with pytest.raises(EpisodeError, match=f"it has shrunk from {before} speeches to {left}, and keeps the rows"):
            save(address, _of(left, **changes))
    else:
        save(address, _of(left, **changes))
    assert ask(address, "SELECT count(*) FROM XFILES") == [(before if kept else left,)]


def test_a_shrunk_page_is_stored_where_its_rows_were_deleted(address):
    save(address, _of(20))
    with connect(address) as connection:
        connection.execute("DELETE FROM XFILES")
    save(address, _of(1))
    assert ask(address, "SELECT count(*) FROM XFILES") == [(1,)]


def test_summary(address):
    save(address, CONVERSATION)
    with closing(open_database(address)) as database:
        assert database.summary(CONVERSATION.page, "http://x") == replace(Summary.of(CONVERSATION), url="http://x")


def test_an_id_is_the_same_in_every_database(address, tmp_path):
    other = str(tmp_path / "other.sqlite")
    save(other, vary(EPISODE, page=EPISODE.page + "l"))
    save(other, EPISODE)
    save(address, EPISODE)
    ids = ask(address, "SELECT ID FROM XFILES ORDER BY LINE")
    assert ids == ask(other, "SELECT ID FROM XFILES WHERE PAGE = ? ORDER BY LINE", EPISODE.page)
    assert ids[1][0] == ids[0][0] + 1 < 2**53


def _save_many(address, first):
    for number in range(first, 40, 2):
        save(address, vary(EPISODE, page=f"site.example/{number}"))


@pytest.mark.process
def test_two_writers(address):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_save_many, args=(address, first)) for first in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(rows(address, "EPISODES")) == 40
    assert len(rows(address, "XFILES")) == 80


def test_twenty_crawls_open_a_new_database_at_the_same_moment(address):
    start = threading.Barrier(20)

    def crawl(number):
        start.wait(TIMEOUT)
        return save(address, vary(EPISODE, page=f"site.example/{number}"))

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(crawl, range(20))) == ["new"] * 20
    assert len(rows(address, "EPISODES")) == 20


def test_nothing_is_created_where_nothing_is_missing(address):
    """Not even while an analyst reads."""
    save(address, EPISODE)
    with connect(address) as analyst:
        analyst.execute("BEGIN")
        assert len(analyst.execute("SELECT * FROM SPEECHES").fetchall()) == 2
        assert save(address, EPISODE, timeout=10) == "unchanged"
        assert save(address, vary(EPISODE, page="site.example/a"), timeout=10) == "new"
        assert (
            len(analyst.execute("SELECT * FROM SPEECHES WHERE PAGE = 'site.example/transcrp/scrp101.htm'").fetchall())
            == 2
        )
