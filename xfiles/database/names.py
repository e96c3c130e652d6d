"""The table CHARACTERS: the names that lead to each character who speaks."""

from collections.abc import Iterable

from xfiles.database.connection import Connection, insert_into
from xfiles.database.schema import TABLES
from xfiles.reading.characters import ALIASES


def aliases(speakers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The rows (ALIAS, CHARACTER) for ``speakers``, pairs of SPEAKER and CHARACTER.

    An alias is a name as printed, the character's own, or one in :data:`~xfiles.reading.characters.ALIASES`; each in
    upper case.
    """
    names = {(speaker.upper(), character) for speaker, character in speakers}
    characters = {character for _, character in names}
    names.update((character, character) for character in characters)
    names.update((alias, character) for alias, character in ALIASES.items() if character in characters)
    return names


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
    connection.execute_many(insert_into("CHARACTERS", TABLES["CHARACTERS"]) + " ON CONFLICT DO NOTHING", names)
    gone = aliases(before) - names
    for character in {character for _, character in gone}:
        elsewhere = connection.execute("SELECT DISTINCT SPEAKER FROM XFILES WHERE CHARACTER = ?", character).fetchall()
        gone -= aliases((speaker, character) for (speaker,) in elsewhere)
    connection.execute_many("DELETE FROM CHARACTERS WHERE ALIAS = ? AND CHARACTER = ?", gone)
