"""What a visitor writes, as questions: full-text queries, and the names that are meant."""

import difflib
import json
import re
from collections.abc import Mapping

#: More words of a visitor's than that are not looked for, nor more letters of a name.
WORDS, LETTERS = 50, 100
#: The full-text query that finds nothing.
NOTHING = '""'
WORD = re.compile(r"\w+(?:['’]\w+)*")
#: In so many lines that they tell little of one: looked for only if nothing else was said. It keeps a search fast.
FREQUENT = set(
    """a about all am an and any are as at be been but by can could did do does don't for from get go got had has have
    he her here him his how i i'm if in is it it's just know like me my no not now of oh on one or our out right see she
    so some that that's the their them then there they think this to up us want was we well were what when where who
    why will with would yes you you're your""".split()
)


def words_of(text: str) -> list[str]:
    """The words of ``text`` in lower case, with straight apostrophes."""
    return WORD.findall(str(text or "").lower().replace("’", "'"))


def plain(text: str) -> str:
    """``text`` without what does not tell it apart from the same words: case, punctuation, the kind of apostrophe."""
    return " ".join(words_of(text))


def all_of(text: str, read: Mapping[str, str] | None = None) -> str:
    """The full-text query for the words of ``text``, all of them, with what stands in double quotes as a phrase.

    A word that ``read`` has may be the other there, too. Whatever the text is, the query is a valid one, of the first
    :data:`WORDS` words; :data:`NOTHING` if it has none.
    """
    query, left = [], WORDS
    for phrase, word in re.findall(rf'"([^"]*)"|({WORD.pattern})', str(text or "")):
        words = words_of(phrase or word)[:left]
        left -= len(words)
        typed, other = " ".join(words), " ".join((read or {}).get(word, word) for word in words)
        if typed.strip("_ "):  # what the index takes for no word would find nothing
            query.append(f'"{typed}"' if typed == other else f'("{typed}" OR "{other}")')
        if left <= 0:
            break
    return " AND ".join(dict.fromkeys(query)) or NOTHING


def phrase_of(text: str) -> str:
    """The full-text query for the words of ``text`` side by side; :data:`NOTHING` if it has no word."""
    return f'"{" ".join(words_of(text)[:WORDS])}"'


def any_of(text: str, frequent: bool = False) -> str:
    """The full-text query for the lines that share a word with ``text``; :data:`NOTHING` if it has no word.

    Its frequent words count only if it has no other, or if ``frequent``.
    """
    words = list(dict.fromkeys(words_of(text)))
    if not frequent:
        words = [word for word in words if word not in FREQUENT] or words
    return " OR ".join(f'"{word}"' for word in words[:WORDS]) or NOTHING


def nearest(name: str, names: str) -> str:
    """The names most like ``name``, as a JSON list, of the JSON list ``names``, both in upper case."""
    name = (name or "").strip()[:LETTERS]
    known = json.loads(names)
    holding = sorted((other for other in known if name in other), key=len) if len(name) > 2 else []
    return json.dumps(list(dict.fromkeys(difflib.get_close_matches(name, known, 6, 0.7) + holding))[:6])
