"""The table CHARACTERS: the names that lead to each character who speaks."""

from collections.abc import Iterable

from xfiles.database.connection import Connection, insert_into
from xfiles.database.schema import TABLES
from xfiles.reading.characters import ALIASES, is_named, without_brackets

Name = tuple[str, str, int]  # a row: ALIAS, CHARACTER, NAMED


def aliases(speakers: Iterable[tuple[str, str]]) -> set[Name]:
    """The rows for ``speakers``, pairs of SPEAKER and CHARACTER.

    An alias is a name as printed, less what stands in brackets, the character's own, or one in
    :data:`~xfiles.reading.characters.ALIASES`; each in upper case.
    """
    names = {(without_brackets(speaker).upper(), character) for speaker, character in set(speakers)}
    characters = {character for _, character in names}
    names.update((character, character) for character in characters)
    names.update((alias, character) for alias, character in ALIASES.items() if character in characters)
    named = {character: int(is_named(character)) for character in characters}
    return {(alias, character, named[character]) for alias, character in names if alias}


def update_names(
    connection: Connection, speakers: Iterable[tuple[str, str]], before: Iterable[tuple[str, str]] = ()
) -> None:
    """Add the names of a page's speakers, and delete those that no page has any more.

    Called in the transaction that has changed the page's rows in XFILES.

    :param speakers: the SPEAKER and the CHARACTER of each speech that the page has now
    :param before: the same of each speech that it had before
    """
    # Nobody else's page can lose or gain the same name meanwhile.
    connection.lock("CHARACTERS")
    names = aliases(speakers)
    gone = aliases(before) - names
    for character in {character for _, character, _ in gone}:
        elsewhere = connection.execute("SELECT DISTINCT SPEAKER FROM XFILES WHERE CHARACTER = ?", character).fetchall()
        gone -= aliases((speaker, character) for (speaker,) in elsewhere)
    _replace(connection, gone, names)


def mend_names(connection: Connection) -> None:
    """Make CHARACTERS say what the stored speeches do, if it doesn't: another version filled it, or somebody's hand."""
    if any(_differences(connection)):
        with connection.transaction("CHARACTERS"):
            _replace(connection, *_differences(connection))


def _differences(connection: Connection) -> tuple[set[Name], set[Name]]:
    """The rows that are wrong, and those that are missing."""
    stored = set(connection.execute("SELECT ALIAS, CHARACTER, NAMED FROM CHARACTERS").fetchall())
    right = aliases(connection.execute("SELECT DISTINCT SPEAKER, CHARACTER FROM XFILES").fetchall())
    return stored - right, right - stored


def _replace(connection: Connection, gone: set[Name], names: set[Name]) -> None:
    keys = [(alias, character) for alias, character, _ in gone]
    connection.execute_many("DELETE FROM CHARACTERS WHERE ALIAS = ? AND CHARACTER = ?", keys)
    connection.execute_many(insert_into("CHARACTERS", TABLES["CHARACTERS"]) + " ON CONFLICT DO NOTHING", names)
