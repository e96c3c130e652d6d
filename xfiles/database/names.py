"""The table CHARACTERS: every name by which a character who speaks may be looked for."""

from collections.abc import Iterable

from xfiles.database.connection import Connection, insert_into
from xfiles.database.schema import TABLES
from xfiles.reading.characters import ALIASES


def aliases(speakers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The rows (ALIAS, CHARACTER) that name the characters of ``speakers``, pairs of SPEAKER and CHARACTER.

    The names as printed, the characters' own, and those in :data:`~xfiles.reading.characters.ALIASES`, all in upper
    case.
    """
    names = {(speaker.upper(), character) for speaker, character in speakers}
    characters = {character for _, character in names}
    names.update((character, character) for character in characters)
    names.update((alias, character) for alias, character in ALIASES.items() if character in characters)
    return names


def update_names(
    connection: Connection, speakers: Iterable[tuple[str, str]], before: Iterable[tuple[str, str]] = ()
) -> None:
    """Keep CHARACTERS true when the rows of a page have changed, within their transaction.

    :param speakers: the SPEAKER and the CHARACTER of each of the page's speeches
    :param before: the same of the speeches that it had before
    """
    # Nobody else's page can lose or gain the same name meanwhile.
    connection.lock("CHARACTERS")
    names = aliases(speakers)
    connection.execute_many(insert_into("CHARACTERS", TABLES["CHARACTERS"]) + " ON CONFLICT DO NOTHING", names)
    gone = aliases(before) - names
    for character in {character for _, character in gone}:
        elsewhere = connection.execute("SELECT DISTINCT SPEAKER FROM XFILES WHERE CHARACTER = ?", character).fetchall()
        gone -= aliases((speaker, character) for (speaker,) in elsewhere)
    connection.execute_many("DELETE FROM CHARACTERS WHERE ALIAS = ? AND CHARACTER = ?", gone)
