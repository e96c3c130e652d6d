"""The pages over a whole show, as a person meets them: in a real browser, of a desk's and of a phone's width."""

import html
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from email.message import Message
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

import browser
import pytest
from conftest import PROJECT, TIMEOUT, ask, wait_until
from documents import document
from episodes import vary

from xfiles.database.store import open_database
from xfiles.items import Line, Scene

sys.path.insert(0, str(PROJECT / "benchmarks"))
import show

pytest.importorskip("datasette")
pytest.importorskip("datasette_template_sql")
pytest.importorskip("selenium")
pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(browser.missing() is not None, reason=str(browser.missing())),
]

README = (PROJECT / "README.md").read_text("utf-8")
EVIL = """<script>window.harmed = 1</script><img src=x onerror="window.harmed = 1"> javascript:alert(1) '"&"""
LONG = ("<B>NAME'\"/&" * 20).upper()[:200]
HOSTILE = "evil.example/scripts/scrp511.htm"
PAGES = {
    "home": "/",
    "episode": "/episode/5X11",
    "line": "/episode/5X11?line=40#l40",
    "character": "/character/SCULLY",
    "nobody": "/character/mullder",
    "search": "/search?q=lighthouse&directions=1",
    "search narrowed": "/search?q=old+lighthouse&season=3&who=Scully",
    "search of what is misspelt": "/search?q=dont+belive+teapots",
    "nothing found": "/search?q=qqqq",
    "ask": "/ask?line=What+do+you+think+of+the+teapot%3F",
    "ask first": "/ask",
    "words": "/words?w=lighthouse&w=teapot",
    "words of one": "/words?w=doggett+brimstow&who=Scully",
    "words first": "/words",
    "charts": "/charts",
    "charts of a season": "/charts?season=9",
    "characters": "/characters",
    "characters of a letter": "/characters?letter=S&order=name",
    "compare": "/compare?a=SCULLY&b=SKINNER",
    "compare nobody": "/compare?a=SCULLY&b=mullder",
    "tables": "/xfiles_db",
    "a table": "/xfiles_db/XFILES?CHARACTER=SCULLY&_search=lighthouse",
    "a table with facets": "/xfiles_db/EPISODES",
    "a question": "/xfiles_db/ask_scully?line=Where+is+the+jukebox%3F",
    "nothing here": "/nowhere",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of an xfiles_db.sqlite with a show of the real one's size, and one page that means harm."""
    folder = tmp_path_factory.mktemp("browse")
    show.fill(folder / "xfiles_db.sqlite")
    harm = vary(
        next(show.episodes()),
        page=HOSTILE,
        url="javascript:alert(1)",
        episode=EVIL,
        title=EVIL,
        code=EVIL,
        season=None,
        number=None,
        aired=None,
        transcriber=EVIL,
        scenes=[Scene(1, EVIL, EVIL)],
        directions=[],
        lines=[
            Line(1, 1, "SKINNER", "SKINNER", "zanzibar " + EVIL, "zanzibar " + EVIL),
            Line(2, 1, LONG, LONG, "mombasa " + EVIL, "mombasa " + EVIL),
            Line(3, 1, "SCULLY", "SCULLY", "(hums kilimanjaro) A spoon.", "A spoon."),
        ],
    )
    database = open_database(str(folder / "xfiles_db.sqlite"))
    database.save(harm)
    database.close()
    return folder


@pytest.fixture(scope="module")
def url(folder):
    """The address of the pages."""
    with browser.served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def windows():
    with browser.Chromium(1280) as wide, browser.Chromium(390) as narrow:
        yield {1280: wide, 390: narrow}


@pytest.fixture(params=[1280, 390])
def window(request, windows, url):
    """A browser's window; it must ask nobody but the server, and have nothing to complain of."""
    window = windows[request.param]
    window.requests(), window.messages()
    yield window
    assert [asked for asked in window.requests() if asked.startswith("http") and not asked.startswith(url)] == []
    assert [message for message in window.messages() if "404" not in message] == []


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """The source of axe-core, which npm installs."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: axe-core cannot be")
    place = tmp_path_factory.mktemp("axe")
    line = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), "axe-core@4"]
    if (done := subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT)).returncode:
        pytest.skip(f"npm could not install axe-core: {done.stderr[-200:]}")
    return (place / "node_modules/axe-core/axe.min.js").read_text("utf-8")


def fetch(address: str) -> tuple[int, str]:
    """The status and the body of what ``address`` answers."""
    try:
        with urlopen(address, timeout=TIMEOUT) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def fetch_raw(url: str, method: str, path: str) -> tuple[int, Message, str]:
    """Status, headers and body of the answer to ``method`` and ``path`` as they are; a redirect is not followed."""
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=TIMEOUT)) as connection:
        connection.request(method, path)
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read().decode()


def says(address: str, text: str) -> bool:
    """Whether ``text`` is in what ``address`` answers."""
    return text in fetch(address)[1]


def fits(window) -> bool:
    """Whether nothing is cut off at the right."""
    return window.driver.execute_script("return document.documentElement.scrollWidth") <= window.width


def click(window, selector: str, number: int = 0) -> None:
    window.follow(window.driver.find_elements("css selector", selector)[number].click)


def fill_in(window, **fields: str) -> None:
    """Write into the fields of these ids, and send the form of the last."""
    for name, text in fields.items():
        field = window.driver.find_element("id", name)
        field.clear()
        field.send_keys(text)
    window.follow(field.submit)


@pytest.mark.parametrize("page", PAGES)
def test_looks(window, url, axe, page):
    """Readable by everyone, as WCAG AA asks, on a desk in the light and on a phone in the dark."""
    window.scheme("light" if window.width == 1280 else "dark")
    window.driver.get(url + PAGES[page])
    assert fits(window)
    assert len(window.texts("h1")) == 1
    assert "SELECT" not in window.driver.title
    window.driver.execute_script(axe)
    found = window.driver.execute_async_script(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(arguments[0])"
    )
    window.scheme("light")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_stand_out(windows, url, scheme):
    """Bars from the page by 3:1, as WCAG asks of graphics."""
    window = windows[1280]
    window.scheme(scheme)
    window.driver.get(f"{url}/charts")
    colours = window.driver.execute_script(
        "const style = getComputedStyle(document.documentElement);"
        "return ['paper', 'bar', 'bar-2', ...[0, 1, 2, 3, 4, 5].map(n => 'lead-' + n)]"
        ".map(name => style.getPropertyValue('--' + name).trim())"
    )
    window.scheme("light")

    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    paper, *bars = map(light, colours)
    assert min(max(paper, bar) / min(paper, bar) for bar in bars) >= 3


def test_what_a_shared_link_shows(url):
    """A title and a description of its own for each page."""
    heads = []
    for path in [*PAGES.values(), "/search?q=lighthouse&directions=1&page=2", "/search?q=lighthouse&who=Scully"]:
        body = fetch(url + path)[1]
        title, about = re.search(r"<title>(.*)</title>\n<meta name=.description. content=.(.*).>", body).groups()
        assert title.endswith("The X-Files, line by line")
        assert 20 < len(about) < 300
        heads.append(title)
        shown = dict(re.findall('<meta property="og:(.*?)" content="(.*)">', body))
        assert shown["title"] == (title.removesuffix(" · The X-Files, line by line"))
        assert shown["description"] == about
        assert 'href="/static/icon.svg"' in body
    assert len(heads) == len(set(heads))
    assert heads[0] == "The X-Files, line by line"


@pytest.mark.parametrize(
    ("line", "question"),
    [("40", "SELECT CHARACTER || ' in ' || TITLE || ', line 40', TEXT FROM SPEECHES WHERE CODE = '5X11' AND LINE = 40"),
     ("0-1", "SELECT TITLE || ', line 0-1', TEXT FROM DIRECTIONS JOIN EPISODES USING (PAGE) "
             "WHERE CODE = '5X11' AND LINE = 0 AND PART = 1")],
)  # fmt: skip
def test_a_shared_line_shows_what_is_said(url, folder, line, question):
    """Who makes the preview of a link sees no fragment."""
    ((title, text),) = ask(folder / "xfiles_db.sqlite", question)
    shown = dict(re.findall('<meta property="og:(.*?)" content="(.*)">', fetch(f"{url}/episode/5X11?line={line}")[1]))
    assert html.unescape(shown["title"]) == title
    assert html.unescape(shown["description"]) == f"“{text}”"
    for nothing in ("99999", "x", "0", "-1", "40-1-1"):
        assert (
            "line by line"
            in fetch(f"{url}/episode/5X11?line={nothing}")[1].split("og:site_name")[0].split("og:title")[1]
        )


def test_front_page(window, url):
    window.driver.get(url)
    links = {link.get_attribute("href") for link in window.driver.find_elements("css selector", "main a")}
    episodes = [link for link in links if "/episode/" in link and "#" not in link]
    assert len(episodes) == sum(show.SEASONS) + 1
    assert {status for status, _ in map(fetch, [*(links - set(episodes)), *episodes[:5]])} == {200}
    assert window.texts(".seasons h3")[:2] == ["Season 1", "Season 2"]
    assert len(window.driver.find_elements("css selector", ".seasons .myth")) > 50
    assert window.texts("#day-title") == ["Line of the day"]
    most = window.texts(".bars .label")
    assert most[0] == "SCULLY"
    assert not {"MAN", "WOMAN", "DOCTOR"} & set(most)
    assert len({number.size["height"] for number in window.driver.find_elements("css selector", ".number")}) == 1


@pytest.mark.parametrize("small", [False, True])
def test_examples_are_answered(url, tmp_path, small):
    """In whatever database: the lines have been said to her, and the words are found."""

    def try_them(url):
        for page, number in (("/", 3), ("/ask", 3), ("/search", 3), ("/words", 1)):
            main = fetch(url + page)[1].partition("<main")[2]
            tried = re.findall(r'href="(/(?:ask\?line|search\?q|words\?w)=.*?)"', main)
            assert len(tried) == number
            for link in tried:
                body = fetch(url + html.unescape(link))[1]
                assert "<blockquote" in body if page in ("/", "/ask") else "<ol" in body
                assert "Nothing like that" not in body

    if not small:
        return try_them(url)
    with closing(open_database(str(tmp_path / "xfiles_db.sqlite"))) as database:
        database.save(next(show.episodes()))
    with browser.served(tmp_path) as served:
        try_them(served)


def test_from_an_answer_to_its_line_and_on(window, url):
    window.driver.get(url)
    fill_in(window, line="Do you believe in the lighthouse?")
    (answer,) = window.texts(".answer")
    click(window, ".button")
    target = window.driver.find_element("css selector", ":target")
    assert answer in target.text
    assert "SCULLY" in target.text
    assert window.driver.execute_script(
        "const place = arguments[0].getBoundingClientRect(); return place.top >= 0 && place.bottom <= innerHeight",
        target,
    )
    title, line = window.driver.title, window.driver.current_url
    following = window.texts(".neighbours a[rel=next]")[0]
    click(window, ".neighbours a[rel=next]")
    assert window.texts("h1") == [following]
    window.follow(window.driver.back)
    assert (window.driver.title, window.driver.current_url) == (title, line)
    window.follow(window.driver.forward)
    assert window.texts("h1") == [following]


def test_another_answer(window, url):
    window.driver.get(f"{url}/ask?{urlencode({'line': 'Where is the jukebox?', 'who': 'cancer man'})}")
    assert window.texts("h1") == ["Ask Cigarette Smoking Man"]
    answers = window.texts(".answer") + window.texts(".found li > p:first-child")
    assert len(answers) == len({answer.lower() for answer in answers}) > 3
    click(window, ".button", 1)
    assert window.texts(".answer") == [answers[1]]
    assert window.driver.title.startswith("Where is the jukebox? · Ask Cigarette Smoking Man")
    sent = window.driver.current_url
    window.driver.get("about:blank")
    window.driver.get(sent)
    assert window.texts(".answer") == [answers[1]]


@pytest.mark.parametrize(
    ("who", "character"),
    [("", "SCULLY"), ("CSM", "CIGARETTE SMOKING MAN"), ("Fox Mulder", "MULDER"), ("mullder", "MULDER"),
     ("cancer man", "CIGARETTE SMOKING MAN"), (" skinner ", "SKINNER")],
)  # fmt: skip
def test_who_answers(url, who, character):
    question = urlencode({"line": "What do you think of the teapot?", "who": who, "_shape": "array"})
    answers = json.loads(fetch(f"{url}/xfiles_db/ask_scully.json?{question}")[1])
    assert {answer["CHARACTER"] for answer in answers} == {character}
    replies = [answer["REPLY"] for answer in answers]
    assert " " in replies[0]
    assert len(replies[0]) < 300


def test_what_was_said_is_answered_first(url, folder):
    """By an answer that was given to it, even of one word, and each answer is given once."""
    rows = ask(
        folder / "xfiles_db.sqlite",
        "SELECT SAID FROM REPLIES WHERE CHARACTER = 'SCULLY' ORDER BY SAID_ID % 7919, SAID_ID LIMIT 20",
    )
    for said in [said for (said,) in rows] + ["no"]:
        question = urlencode({"line": said.upper().replace("'", "’"), "_shape": "array"})
        answers = json.loads(fetch(f"{url}/xfiles_db/ask_scully.json?{question}")[1])
        assert re.findall(r"[\w']+", answers[0]["SAID"].lower()) == re.findall(r"[\w']+", said.lower())
        replies = [" ".join(re.findall(r"[\w']+", answer["REPLY"].lower())) for answer in answers]
        assert len(replies) == len(set(replies))
    assert "Nothing like that was ever said to her; the nearest:" in fetch(f"{url}/ask?line=Is+the+zeppelin+here")[1]
    assert "Nothing like that" not in fetch(f"{url}/ask?line=Who+are+you")[1]
    assert "Only the first fifty words were compared." in fetch(f"{url}/ask?line={'lighthouse+' * 3000}")[1]


def test_misspelt_words_are_read(url):
    asked = urlencode({"line": "I want the lighthose, skully", "_shape": "array"})
    assert "lighthouse" in json.loads(fetch(f"{url}/xfiles_db/ask_scully.json?{asked}")[1])[0]["SAID"]
    body = fetch(f"{url}/ask?{asked}")[1]
    assert "Read “lighthose” as “lighthouse” and “skully” as “scully”." in body
    assert "Read “" not in fetch(f"{url}/ask?line=lighthouses")[1]


def test_who_says_little_answers_frequent_words(url, folder):
    few = ask(
        folder / "xfiles_db.sqlite",
        "SELECT CHARACTER FROM REPLIES WHERE SAID LIKE '%What do you think of the%' GROUP BY CHARACTER "
        "HAVING count(*) BETWEEN 1 AND 3 ORDER BY CHARACTER LIMIT 10",
    )
    assert len(few) == 10
    for (who,) in few:
        question = urlencode({"line": "What do you think of the?", "who": who, "_shape": "array"})
        assert json.loads(fetch(f"{url}/xfiles_db/ask_scully.json?{question}")[1]) != []


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"line": "qqqq wwww"}, "Nothing that she answered fits"), ({"line": "🛸"}, "Nothing that she answered fits"),
     ({"line": "qqqq", "who": "mullder"}, "Nothing that MULDER answered fits"),
     ({"line": "teapot", "who": "xxyyzz"}, "Nobody is called “xxyyzz” here")],
)  # fmt: skip
def test_nothing_fits(url, asked, says):
    status, body = fetch(f"{url}/ask?{urlencode(asked)}")
    assert status == 200
    assert says in body
    assert "<blockquote" not in body


def test_search_to_line(window, url):
    window.driver.get(url)
    fill_in(window, q="lighthouses believed")
    assert {mark.lower() for mark in window.texts("mark")} >= {"lighthouse", "believe"}
    assert len(window.driver.find_elements("css selector", ".found li")) == 20
    first = window.texts(".found li")
    click(window, "a[rel=next]")
    assert window.texts(".found li") != first
    click(window, "a[rel=prev]")
    assert window.texts(".found li") == first
    fill_in(window, **{"search-who": "Fox Mulder"})
    assert set(window.texts(".found .name")) == {"MULDER"}
    words = window.texts(".found li > p:first-child")[0]
    click(window, ".found .where a:not(.name)")
    assert words in window.driver.find_element("css selector", ":target").text


def test_search_narrows(window, url):
    window.driver.get(f"{url}/search?q=old+lighthouse")
    (total,) = window.texts("main .lead")
    lines, people, episodes = (int(number.replace(",", "")) for number in re.findall(r"[\d,]+", total))
    assert total == f"{lines:,} lines by {people:,} people in {episodes:,} episodes."
    seasons = [int(re.match("[0-9,]+", number)[0]) for number in window.texts("#season-title ~ .bars .number")]
    assert sum(seasons) == lines
    click(window, "#season-title ~ .bars a", 2)
    assert window.texts("main .lead")[0].startswith(f"{seasons[2]:,} lines by ")
    assert window.driver.find_element("id", "season").get_attribute("value") == "3"
    click(window, "#who-title ~ .bars a")
    assert set(window.texts(".found .name")) == {window.driver.find_element("id", "search-who").get_attribute("value")}
    click(window, "#who-title ~ p a")
    assert window.texts("main .lead")[0].startswith(f"{seasons[2]:,} lines by ")


def test_search_reads_what_is_meant(url):
    def main(**asked):
        body = fetch(f"{url}/search?{urlencode(asked)}")[1].partition("</form>")[2]
        return " ".join(re.sub("<.*?>", "", body.replace("&#39;", "'")).split())

    assert "Read “dont” as “don't”. " in main(q="I dont think so")
    said = main(q="the lighthose, skully")
    assert "Nobody says “lighthose” or “skully”. Did you mean the lighthouse, scully? Nobody says that." in said
    assert "with some of the words: none has them all." in main(q="lighthouse qqqq")
    assert "Only the first fifty words are looked for." in main(q='"' + "lighthouse " * 2000 + '"')
    assert "Nobody says that in that season" in main(q="zanzibar", season="3")


def test_search_finds_what_is_said(url):
    assert "kilimanjaro" not in fetch(f"{url}/search?q=kilimanjaro")[1].partition("</form>")[2].partition("<ol")[2]
    assert "<mark>kilimanjaro</mark>" in fetch(f"{url}/search?q=kilimanjaro&directions=1")[1]
    assert "<mark>of course</mark>" in fetch(f"{url}/search?q=%22of+course%22")[1]
    assert "<ol" not in fetch(f"{url}/search?q=%22course+of%22")[1]


def test_search_cuts_a_long_speech(url, folder):
    ((text,),) = ask(folder / "xfiles_db.sqlite", "SELECT TEXT FROM XFILES ORDER BY length(TEXT) DESC LIMIT 1")
    words = " ".join(text.split()[100:116])
    query = urlencode({"q": '"' + words + '"'})
    found = re.findall("<li><p>(.*?)</p>", fetch(f"{url}/search?{query}")[1])
    assert len(found) == 1
    assert "<mark>" in found[0]
    assert found[0].startswith("…")
    assert found[0].endswith("…")


def test_frequent_words_of_somebody_who_says_little(url, folder):
    few = ask(
        folder / "xfiles_db.sqlite",
        "SELECT CHARACTER, count(*) FROM XFILES WHERE SPOKEN LIKE 'The %' AND TEXT = SPOKEN GROUP BY CHARACTER "
        "HAVING count(*) BETWEEN 2 AND 20 ORDER BY CHARACTER LIMIT 10",
    )
    assert len(few) == 10
    for who, lines in few:
        body = fetch(f"{url}/search?{urlencode({'q': 'the', 'who': who})}")[1]
        assert body.count("<li><p>") >= lines


def test_search_finds_stage_directions(window, url):
    """As it finds speeches: the words by their stems, marked, twenty a page, each leading to its line."""
    window.driver.get(f"{url}/search?q=lighthouses&directions=1")
    section = "#directions-title ~ .found "
    first = window.texts(section + "li")
    assert len(first) == 20
    assert {mark.lower() for mark in window.texts(section + "mark")} == {"lighthouse"}
    click(window, "a[rel=next]")
    assert not set(window.texts(section + "li")) & set(first)
    words = window.texts(section + ".direction")[0]
    click(window, section + "a")
    assert window.texts(":target") == [words]
    window.driver.get(f"{url}/search?q=lighthouse&directions=1&who=Scully")
    assert window.texts("#directions-title") == []
    assert len(window.texts(".found li")) == 20


def test_character(window, url):
    window.driver.get(f"{url}/character/dana scully")
    assert window.driver.current_url == f"{url}/character/SCULLY"
    assert window.texts("h1") == ["SCULLY"]
    assert len(window.texts(".chart tbody tr")) == len(show.SEASONS) + 1
    assert window.texts(".words a")
    for heading in ("most-title", "talks-title"):
        numbers = [int(number.split()[0].replace(",", "")) for number in window.texts(f"#{heading} ~ .bars .number")]
        assert len(numbers) == 8
        assert numbers == sorted(numbers, reverse=True)
    assert len(window.texts("#longest-title ~ blockquote")) == 1
    click(window, "#talks-title ~ .bars a")
    assert window.texts("h1") == ["MULDER"]
    window.driver.get(f"{url}/character/mullder")
    assert window.texts("main .name") == ["MULDER"]
    click(window, "main .name")
    assert window.texts("h1") == ["MULDER"]


def test_characters(window, url, folder):
    """Everyone, by lines or by name, of a letter or a part of a name."""
    ((many, episodes, lines),) = ask(
        folder / "xfiles_db.sqlite",
        "SELECT (SELECT count(DISTINCT CHARACTER) FROM XFILES WHERE SPOKEN <> ''), count(DISTINCT PAGE), count(*) "
        "FROM XFILES WHERE CHARACTER = 'DOGGETT' AND SPOKEN <> ''",
    )
    window.driver.get(f"{url}/characters")
    assert f"{many:,} characters" in window.texts("main")[0]
    first = window.texts(".people th .name")
    assert len(first) == 100
    rows = [text.replace("lines", "").replace("episodes", "").split() for text in window.texts(".people tbody tr")]
    ours = next(row for row in rows if row[0] == "DOGGETT")
    assert (ours[1:3]) == [f"{lines:,}", f"{episodes}"]
    leads = window.driver.find_elements("css selector", ".people tr:has([href$=DOGGETT]) td a")
    assert [lead.get_attribute("href") for lead in leads] == [f"{url}/episode/8X01", f"{url}/episode/9X15"]
    click(window, "a[rel=next]")
    assert not set(window.texts(".people th .name")) & set(first)
    fill_in(window, part="fox")
    assert window.texts(".people th .name") == ["MULDER"]
    click(window, ".letters a[href$='=S']")
    names = window.texts(".people th .name")
    assert names[0] == "SCULLY"
    click(window, "a[href*='order=name']")
    assert window.texts(".people th .name")[:50] == sorted(window.texts(".people th .name"))[:50]
    assert {name[0] for name in window.texts(".people th .name")} == {"S"}
    first = window.texts(".people th a")[0]
    click(window, ".people th a")
    assert window.texts("h1") == [first]


def test_compare(window, url, folder):
    window.driver.get(f"{url}/compare")
    assert window.texts("h1") == ["SCULLY and MULDER"]
    fill_in(window, b="fox mulder", a="walter skinner")
    assert window.texts("h1") == ["SKINNER and MULDER"]
    facts = dict(zip(window.texts(".facts th[scope=row]"), window.texts(".facts td:nth-child(2)"), strict=True))
    ((lines, episodes),) = ask(
        folder / "xfiles_db.sqlite",
        "SELECT count(*), count(DISTINCT PAGE) FROM XFILES WHERE CHARACTER = 'SKINNER' AND SPOKEN <> ''",
    )
    ((answers,),) = ask(
        folder / "xfiles_db.sqlite", "SELECT count(*) FROM REPLIES WHERE CHARACTER = 'SKINNER' AND SAID_BY = 'MULDER'"
    )
    assert (facts["Lines"], facts["Episodes"], facts["Answers to the other"]) == (
        f"{lines:,}",
        f"{episodes}",
        f"{answers:,}",
    )
    assert len(window.texts("#seasons ~ table tbody tr")) == len(show.SEASONS) + 1  # and the page without a season
    assert len(window.texts("#own-1 ~ .words a")) > 2
    window.driver.get(f"{url}/compare?a=SCULLY&b=mullder")
    click(window, "main p a")
    assert window.texts("h1") == ["SCULLY and MULDER"]
    window.driver.get(f"{url}/character/SCULLY")
    click(window, "a[href*='/compare?a=']")
    assert window.texts("h1") == ["SCULLY and MULDER"]


def test_random(url, folder):
    """A line of somebody who has a name; seldom the same."""
    found = set()
    for _ in range(10):
        with urlopen(f"{url}/random", timeout=TIMEOUT) as answer:
            page, line = re.fullmatch(rf"{url}/episode/([^?]+)\?line=(\d+)(?:#l\2)?", answer.url).groups()
        if not page.startswith("evil"):
            query = "SELECT NAMED FROM SPEECHES JOIN CHARACTERS USING (CHARACTER) WHERE ALIAS = CHARACTER"
            assert ask(folder / "xfiles_db.sqlite", f"{query} AND CODE = ? AND LINE = ?", page, line) == [(1,)]
        found.add((page, line))
    assert len(found) > 5
    assert fetch_raw(url, "GET", "/random")[1]["Cache-Control"] == "no-store"


def test_counts(url, folder):
    """What the pages count is what SQL counts."""
    database = folder / "xfiles_db.sqlite"
    ((lines, episodes),) = ask(
        database, "SELECT count(*), count(DISTINCT PAGE) FROM XFILES WHERE CHARACTER = 'SCULLY' AND SPOKEN <> ''"
    )
    ((answers,),) = ask(database, "SELECT count(*) FROM REPLIES WHERE CHARACTER = 'SCULLY' AND SAID_BY = 'MULDER'")
    body = fetch(f"{url}/character/SCULLY")[1]
    assert f"{lines:,} lines" in body
    assert f"in {episodes} episodes" in body
    assert f"{answers:,}<span" in body


def test_words(window, url, folder):
    """A curve for each, by season and by episode, and the same numbers in a table."""
    window.driver.get(f"{url}/search?q=lighthouse")
    click(window, "aside a[href*='/words']")
    fill_in(window, w="lighthouses teapott")
    assert "Read “teapott” as “teapot”." in window.texts("main > .quiet")
    fill_in(window, w="teapot", **{"words-who": "cancer man"})
    rows = ask(
        folder / "xfiles_db.sqlite",
        "SELECT SEASON, SPOKEN FROM SPEECHES WHERE CHARACTER = 'CIGARETTE SMOKING MAN' AND SEASON IS NOT NULL",
    )
    spoken = " ".join(text for season, text in rows if season == 3).lower()
    times, words = len(re.findall(r"\bteapot\b", spoken)), len(re.findall(r"\w+(?:'\w+)*", spoken))
    assert window.texts("#seasons-title ~ .scrolls td")[2] == f"{10_000 * times / words:.1f} {times}×"
    assert len(window.driver.find_elements("css selector", ".curves polyline")) == 2
    click(window, "ul a")
    assert set(window.texts(".found .name")) == {"CIGARETTE SMOKING MAN"}


def test_charts(window, url):
    window.driver.get(f"{url}/charts")
    columns = window.driver.find_elements("css selector", ".columns a")
    assert len(columns) == sum(show.SEASONS)
    assert min(column.size["width"] for column in columns) >= (12 if window.width < 600 else 4)
    assert [season.split()[-1] for season in window.texts(".run > li > a")] == [*map(str, range(1, 11))]
    click(window, ".bars a", 8)
    assert window.driver.current_url == f"{url}/charts?season=9"
    assert len(window.driver.find_elements("css selector", "#leads ~ .bars li")) == show.SEASONS[8]
    click(window, "#leads ~ .bars a")
    assert "/episode/9X01" in window.driver.current_url
    window.driver.get(f"{url}/charts?season=9")
    assert window.texts("h1") == ["Season 9 in charts"]
    window.driver.find_element("css selector", "option[value='']").click()
    click(window, "form button")
    assert window.texts("#run")
    window.driver.get(f"{url}/charts?season=9+and+more")
    assert window.texts("h1") == ["The series in charts"]


HARM = ["", " ", '"', '""', "'; DROP TABLE XFILES; --", "AND OR NOT (", "NEAR(jukebox", "jukebox*", "TEXT:jukebox",
        "\\", "\0", "\udcff", "🛸", "jukebox 🛸", "a\nb\tc", "^x -y +z {q}", '"unclosed phrase', "spoon " * 5000,
        "x" * 20000, "_", "%", EVIL, "../../etc/passwd", "~7E", "-1", "99999999999999999999"]  # fmt: skip


@pytest.mark.parametrize("text", HARM, ids=lambda text: ascii(text[:12]))
def test_any_input_works(url, folder, text):
    before = os.stat(folder / "xfiles_db.sqlite")
    value = quote(text.encode("utf-8", "surrogateescape"), safe="")
    paths = [
        f"/search?q={value}&directions=1",
        f"/search?q=teapot&who={value}&season={value}&page={value}",
        f"/ask?line={value}",
        f"/ask?line=teapot&who={value}&skip={value}",
        f"/charts?season={value}",
        f"/words?w={value}&w=teapot",
        f"/words?w=teapot&who={value}",
        f"/episode/{value}",
        f"/episode/5X11?line={value}",
        f"/character/{value}",
        f"/characters?q={value}&page={value}",
        f"/characters?letter={value}&order={value}",
        f"/compare?a={value}&b={value}",
        f"/xfiles_db/ask_scully.json?line={value}&who={value}",
    ]
    for path in paths:
        status, body = fetch(url + path)
        assert status in ((200, 404) if path.startswith(("/episode/", "/character/")) else (200,)), path[:80]
        assert EVIL[:20] not in body or ".json" in path
    after = os.stat(folder / "xfiles_db.sqlite")
    assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)


@pytest.mark.parametrize(
    "path", ["/", "/search?q=zanzibar", "/search?q=mombasa", "/episode/evil~2Eexample~2Fscripts~2Fscrp511~2Ehtm"]
)
def test_hostile_text_shows_as_text(window, url, path):
    window.driver.get(url + path)
    assert EVIL.split(">")[0] in window.driver.find_element("css selector", "main").text
    assert window.driver.execute_script("return window.harmed") is None
    assert (
        window.driver.find_elements(
            "css selector", "a[href^='javascript'], main script:not([src$='/static/copy.js']), main img"
        )
        == []
    )
    assert fits(window)
    if path != "/":
        click(window, "main .found .name, .speech .name", -1)
        assert len(window.texts("h1")) == 1
        assert window.driver.execute_script("return window.harmed") is None
        assert fits(window)


def test_what_is_known_of_an_episode(window, url):
    window.driver.get(f"{url}/episode/5X11")
    assert window.texts(".about")[0] == "Season 5 · 5X11 · number 108 of the series · first aired 19 November 1997"
    window.driver.get(f"{url}/episode/evil~2Eexample~2Fscripts~2Fscrp511~2Ehtm")
    assert window.texts("h1") == [EVIL]
    assert window.texts(".about")[0].startswith("<script>")
    assert window.texts(".neighbours") == []


def test_a_line_gives_its_address(window, url):
    """It is seen without a mouse, too; a browser that lets a page copy it does, and any other follows it."""
    window.driver.get(f"{url}/episode/5X11")
    anchor = window.driver.find_element("css selector", "#l40 .anchor")
    assert anchor.text == "#40"
    assert window.driver.execute_script("return getComputedStyle(arguments[0]).opacity", anchor) == "1"
    assert anchor.get_attribute("href") == f"{url}/episode/5X11?line=40#l40"
    window.driver.execute_script("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    anchor.click()
    wait_until(lambda: window.driver.execute_script("return arguments[0].dataset.done", anchor) == "copied")
    assert window.driver.execute_script("return window.copied") == f"{url}/episode/5X11?line=40#l40"
    window.driver.execute_script("navigator.clipboard.writeText = async () => { throw new Error(); }")
    window.follow(anchor.click)
    assert window.driver.current_url == f"{url}/episode/5X11?line=40#l40"
    assert "#40" in window.texts(":target")[0]


def test_cast_and_scenes(window, url, folder):
    """Beside the script where there is room, after it on a phone."""
    cast = ask(
        folder / "xfiles_db.sqlite",
        "SELECT CHARACTER, sum(SPOKEN_WORDS) FROM SPEECHES WHERE CODE = '5X11' GROUP BY CHARACTER",
    )
    places = ask(folder / "xfiles_db.sqlite", "SELECT PLACE FROM SCENES JOIN EPISODES USING (PAGE) WHERE CODE = '5X11'")
    window.driver.get(f"{url}/episode/5X11")
    window.driver.find_element("css selector", "summary").click()
    numbers = [int(number.split()[0].replace(",", "")) for number in window.texts("aside .number")]
    assert numbers == sorted(numbers, reverse=True)
    assert set(zip(window.texts("aside .label"), numbers, strict=True)) == set(cast)
    assert window.texts(".scenes a") == [place for (place,) in places]
    script, aside = (window.driver.find_element("css selector", name).rect for name in (".script", "aside"))
    assert (aside["x"] > script["x"]) == (window.width > 1000)
    assert (aside["y"] < 500) == (window.width > 1000)
    window.driver.find_elements("css selector", ".scenes a")[1].click()
    assert window.texts(":target")[0].startswith("SCENE 2 ")


@pytest.mark.parametrize(
    "asked",
    [
        "5x11",
        "scrp511",
        "SCRP511",
        "insidethex~2Eco~2Euk~2Ftranscrp~2Fscrp511~2Ehtm",
        "insidethex.co.uk%2Ftranscrp%2Fscrp511.htm",
    ],
)
def test_many_addresses_lead_to_an_episode(url, asked):
    with urlopen(f"{url}/episode/{asked}?line=3", timeout=TIMEOUT) as answer:
        assert answer.url == f"{url}/episode/5X11?line=3"
        assert "insidethex.co.uk/transcrp/scrp511.htm" in answer.read().decode()


def test_pages_that_share_a_name(tmp_path):
    first = next(show.episodes())
    pages = [first.page, first.page + "?v=2", first.page + "l"]
    with closing(open_database(str(tmp_path / "xfiles_db.sqlite"))) as database:
        for number, page in enumerate(pages):
            database.save(vary(first, page=page, title=f"Spoon {number}"))
    with browser.served(tmp_path) as url:
        for asked in ("scrp101", "1X01"):
            status, body = fetch(f"{url}/episode/{asked}")
            assert status == 200
            links = re.findall('href="(/episode/[^"]+)', body)
            assert len(links) == 3
        assert [re.findall("<h1>(.*)</h1>", fetch(url + link)[1]) for link in links] == [
            ["Spoon 0"],
            ["Spoon 1"],
            ["Spoon 2"],
        ]


@pytest.mark.parametrize(
    "path",
    ["/xfiles_db?sql=SELECT+1", "/xfiles_db.json?sql=DELETE+FROM+XFILES", "/counts",
     "/xfiles_db/REPLIES.csv?_stream=on", "/-/threads", "/-/patterns", "/-/messages", "/-/allow-debug",
     "/-/databases.json", "/-/settings"],
)  # fmt: skip
def test_closed(url, path):
    """No SQL of a visitor's, nothing that goes on when the visitor has gone, and only visitors' business."""
    assert fetch(url + path)[0] in (400, 403, 404)


@pytest.mark.parametrize(
    ("path", "leads_to"), [("/episode/{page}", "/episode/~7Bpage~7D"), ("//x.example/{", "/x.example/~7B")]
)
def test_a_path_with_braces_names_no_template(url, path, leads_to):
    status, headers, _ = fetch_raw(url, "GET", path)
    assert (status, headers["Location"]) == (302, leads_to)
    assert "There is no episode called {page} here." in fetch(f"{url}/episode/~7Bpage~7D")[1]


@pytest.mark.parametrize("path", ["/", "/search", "/xfiles_db/ask_scully", "/xfiles_db/XFILES"])
def test_only_questions_are_answered(url, path):
    status, headers, body = fetch_raw(url, "POST", path)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert "These pages only answer questions" in body
    assert fetch_raw(url, "HEAD", path)[0] == 200


@pytest.mark.parametrize("table", ["XFILES", "SPEECHES"])
def test_tables_are_searched(url, folder, table):
    """By the full-text index, which knows word stems."""
    _, answer = fetch(f"{url}/xfiles_db/{table}.json?_search=kilimanjaros&_shape=array")
    assert [row["TEXT"] for row in json.loads(answer)] == ["(hums kilimanjaro) A spoon."]


@pytest.mark.parametrize(
    "table", ["XFILES", "EPISODES", "SCENES", "DIRECTIONS", "CHARACTERS", "SPEECHES", "REPLIES", "TURNS"]
)
def test_tables(url, table):
    assert f"/xfiles_db/{table}" in fetch(f"{url}/xfiles_db")[1]
    assert json.loads(fetch(f"{url}/xfiles_db/{table}.json?_shape=array&_size=1&_nocount=1")[1])


@pytest.mark.parametrize(
    "table", ["XFILES", "EPISODES", "SCENES", "DIRECTIONS", "CHARACTERS", "SPEECHES", "SCRIPT", "REPLIES", "TURNS"]
)
def test_each_column_is_described(url, folder, table):
    """In the data dictionary's words, if it is a table's."""
    body = fetch(f"{url}/xfiles_db/{table}?_size=1&_nocount=1")[1]
    described = {name: html.unescape(what) for name, what in re.findall("<dt>(.*?)</dt><dd>(.+?)</dd>", body)}
    columns = [row[1] for row in ask(folder / "xfiles_db.sqlite", f"PRAGMA table_info({table})")]
    assert set(described) == set(columns)
    (rows,) = re.findall(rf"^`{table}`, one row per .*?\n\n(.*?)\n\n", document("docs/data.md"), re.S | re.M) or [""]
    for name, what in re.findall(r"^\| ([A-Z_]+) \| [A-Z]+ \| (.*) \|$", rows, re.M):
        assert described[name] == what.replace("`", "") or what == "as above"


def test_a_table_is_filtered_without_scripts(window, url):
    window.driver.get(f"{url}/xfiles_db/XFILES")
    for name, value in (("_filter_column", "CHARACTER"), ("_filter_op", "startswith")):
        window.driver.find_element("css selector", f"[name={name}] [value={value}]").click()
    window.driver.find_element("name", "_filter_value").send_keys("SCU")
    fill_in(window, _search="lighthouses")
    assert 'CHARACTER starts with "SCU"' in window.texts("h2")[0]
    assert set(window.texts(".rows-and-columns td:nth-child(3)")) == {"SCULLY"}
    assert window.driver.find_elements("css selector", "script[src*='/-/']") == []
    click(window, ".rows-and-columns th a", 2)
    assert "_sort=CHARACTER" in window.driver.current_url
    click(window, "a[rel=next]")
    assert window.texts(".rows-and-columns td")


@pytest.mark.parametrize(
    ("path", "says"),
    [("/nowhere", []), ("/xfiles_db/NOTHING", []), ("/episode/scrp0", ["There is no episode called scrp0 here."])],
)
def test_errors_speak_plainly(window, url, path, says):
    window.driver.get(url + path)
    assert window.texts(".message-error") == says
    window.messages()  # the browser's own, of the status
    fill_in(window, q="lighthouse")
    assert window.texts("mark")


def test_from_the_tables_back(window, url):
    for path in ("/xfiles_db", "/xfiles_db/EPISODES", "/xfiles_db/ask_scully"):
        window.driver.get(url + path)
        assert fits(window)
        click(window, "header a[href='/ask']")
        assert window.texts("h1") == ["Ask Scully"]
        assert window.texts("header [aria-current]") == ["Ask Scully"]


@pytest.mark.parametrize("version", ["this", "another"])
def test_an_empty_database_says_what_to_do(tmp_path, version):
    path = tmp_path / "xfiles_db.sqlite"
    database = open_database(str(path))
    database.save(next(show.episodes()))
    database.close()
    with browser.served(tmp_path) as url:
        fetch(url)  # the server has counted
        with closing(sqlite3.connect(path)) as connection, connection:
            if version == "this":
                connection.execute("DELETE FROM EPISODES")
                connection.execute("DELETE FROM XFILES")
            else:
                connection.execute("PRAGMA user_version = 1")
                connection.execute("ALTER TABLE EPISODES RENAME TO OTHERS")
        status, body = fetch(url)
        assert status == 200
        assert ".venv/bin/scrapy crawl xfiles" in body
        for path in (*PAGES.values(), "/random", "/compare"):
            if path.startswith("/xfiles_db"):  # they show what is there
                continue
            status, body = fetch(url + path)
            assert status in (200, 404)
            assert 'href="/"' in body
            assert version == "this" or path in ("/", "/nowhere") or "the front page says what to do" in body
    assert "ERROR" not in (tmp_path / "browse.log").read_text()


def test_what_a_new_crawl_stores_is_counted(tmp_path):
    episodes = show.episodes()
    database = open_database(str(tmp_path / "xfiles_db.sqlite"))
    database.save(next(episodes))
    with browser.served(tmp_path) as url:
        assert "in 1 episode." in fetch(f"{url}/character/SCULLY")[1]
        charts = fetch(f"{url}/charts")[1]
        assert "/character/MULDER" in charts
        assert "/character/DOGGETT" not in charts  # who comes later
        for number in (2, 3, 4):  # there are two places for what was counted
            database.save(next(episodes))
            wait_until(partial(says, f"{url}/character/SCULLY", f"in {number} episodes."))
    database.close()


@pytest.mark.parametrize("change", ["UPDATE EPISODES SET DIGEST = NULL", "DELETE FROM XFILES WHERE LINE > 1"])
def test_what_somebody_changes_is_counted(tmp_path, change):
    path = tmp_path / "xfiles_db.sqlite"
    with closing(open_database(str(path))) as database:
        database.save(next(show.episodes()))
    with browser.served(tmp_path) as url:
        ((before,),) = ask(path, "SELECT max(LINE) FROM XFILES")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(change)
            connection.execute("UPDATE XFILES SET CHARACTER = 'SPOON' WHERE LINE = 1")
        ((after,),) = ask(path, "SELECT max(LINE) FROM XFILES")
        wait_until(partial(says, f"{url}/character/SPOON", "1 line and"))
        assert (after < before) == (fetch(f"{url}/character/MULDER")[0] == 404)


def test_another_file_in_its_place_is_read(tmp_path):
    episodes = show.episodes()
    (tmp_path / "new").mkdir()
    for folder in (tmp_path, tmp_path / "new"):
        with closing(open_database(str(folder / "xfiles_db.sqlite"))) as database:
            database.save(next(episodes))
    with browser.served(tmp_path) as url:
        pages = [json.loads(fetch(f"{url}/xfiles_db/EPISODES.json?_shape=array")[1])[0]["PAGE"]]
        assert fetch(f"{url}/character/SCULLY")[0] == 200
        (tmp_path / "new/xfiles_db.sqlite").replace(tmp_path / "xfiles_db.sqlite")
        pages += [json.loads(fetch(f"{url}/xfiles_db/EPISODES.json?_shape=array")[1])[0]["PAGE"]]
        assert pages == ["insidethex.co.uk/transcrp/scrp101.htm", "insidethex.co.uk/transcrp/scrp102.htm"]
        ((title,),) = ask(tmp_path / "xfiles_db.sqlite", "SELECT TITLE FROM EPISODES")
        wait_until(partial(says, f"{url}/character/SCULLY", html.escape(title)))


def test_a_character_of_pages_without_a_number(tmp_path):
    listed, film = next(show.episodes()), vary(next(show.episodes()), page="films.example/fight.htm", title="A Film")
    database = open_database(str(tmp_path / "xfiles_db.sqlite"))
    database.save(replace(film, season=None, number=None))
    database.save(listed)
    database.close()
    with browser.served(tmp_path) as url:
        status, body = fetch(f"{url}/character/SCULLY")
    assert status == 200
    assert re.findall('class="label">(.*?)<', body.partition("Most lines in")[2])[:2] == ["Pilot", "A Film"]


def test_behind_a_proxy(folder):
    """At a path of its own, whether the proxy takes that off what it passes on or not, every link stays there."""
    with browser.served(folder, "--base-url", "/show") as server:
        for path in PAGES.values():
            _, body = fetch(f"{server}/show{path}")
            assert body == fetch(server + path)[1]
            links = re.findall(r"""(?:href|action|src)=["']([^"']*)""", body)
            assert "/show/static/pages.css" in links
            assert [link for link in links if not re.match(r"/show/|https?://|#|\?|data:", link)] == []
            assert path not in ("/search", "/ask", "/charts") or 'aria-current="page"' in body
        with urlopen(f"{server}/show/character/dana~20scully", timeout=TIMEOUT) as answer:
            assert answer.url == f"{server}/show/character/SCULLY"


def test_prints(windows, url):
    window = windows[1280]
    window.driver.get(f"{url}/episode/5X11")
    window.media("print")
    shown = window.driver.execute_script(
        "return [...document.querySelectorAll('header, footer, aside, .neighbours, .speech')]"
        ".filter(part => part.checkVisibility()).map(part => part.className)"
    )
    assert set(shown) == {"speech"}
    window.driver.get(f"{url}/charts")
    adjust = (
        "return [...document.querySelectorAll('.bar, .shares i')].map(bar => getComputedStyle(bar).printColorAdjust)"
    )
    assert set(window.driver.execute_script(adjust)) == {"exact"}  # else a browser leaves backgrounds out
    window.media("")


def test_pictures(windows, url, tmp_path, request):
    """What the README shows: python -m pytest tests/test_browse.py -k pictures --screenshots browse"""
    place = Path(request.config.getoption("--screenshots") or tmp_path)
    for name in ("home", "ask", "character"):
        windows[1280].driver.get(url + PAGES[name])
        windows[1280].screenshot(place / f"{name}.png", 1400)
        assert (place / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (place / f"{name}.png").stat().st_size < 300_000
        assert (PROJECT / "browse" / f"{name}.png").is_file()
        assert f"](browse/{name}.png)" in README
