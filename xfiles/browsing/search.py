"""A search as a visitor makes it: which lines are meant by some words, however they are written."""

from dataclasses import dataclass, field

from xfiles.browsing.lines import Found, Lines
from xfiles.browsing.questions import NOTHING, WORDS, all_of, any_of, phrase_of, words_of
from xfiles.browsing.words import Words


@dataclass
class Search:
    """What was looked for, and what was found."""

    query: str = NOTHING  # the full-text query that found it
    words: str = NOTHING  # that for any of the words
    found: Found = field(default_factory=Found)
    cut: bool = False  # more words were given than are looked for
    read: dict[str, str] = field(default_factory=dict)  # words that were given without their apostrophe
    meant: str | None = None  # what may be meant instead
    nowhere: list[str] = field(default_factory=list)  # words that nobody says
    any: bool = False  # no line has all the words: those found have some


def search(
    lines: Lines,
    words: Words,
    text: str,
    who: str | None = None,
    season: int | None = None,
    staged: bool = False,
    skip: int = 0,
) -> Search:
    """The lines of ``who`` in ``season`` that have the words of ``text``, 20 and one more after the first ``skip``.

    What stands in double quotes is looked for as a phrase; else the lines that have the words side by side come first.
    """
    typed = list(dict.fromkeys(words_of(text)))
    if not typed:
        return Search()
    near = words.read(text)
    read = {word: other for word, other in near.items() if other.replace("'", "") == word}
    query = all_of(text, read)
    as_read = words.as_read(text, read)
    first = NOTHING if '"' in text or len(typed) < 2 else phrase_of(as_read)
    found = lines.find(query, first, who, season, staged, skip)
    result = Search(query, any_of(as_read, frequent=True), found, len(words_of(text)) > WORDS, read)
    if near != read:
        result.meant = words.as_read(text)
    if not result.found.lines and not lines.any(query, staged):
        result.nowhere = [word for word in typed[:WORDS] if word not in read and not lines.any(f'"{word}"', staged)]
        if len(typed) > 1 and '"' not in text:
            result.any, result.query = True, any_of(as_read)
            result.found = lines.find(result.query, NOTHING, who, season, staged, skip)
    return result
