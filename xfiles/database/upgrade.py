"""What becomes of a database's schema when it is opened: it is made, brought up to date, or mended."""

import logging

from xfiles.database.connection import Connection, DatabaseError, insert_into
from xfiles.database.names import mend_names
from xfiles.database.schema import INDEXES, KEYS, TABLES, VERSION, VIEWS
from xfiles.ledger import counted
from xfiles.reading.addresses import page_key, speech_id

logger = logging.getLogger(__name__)

# What a database that 1.0.0 made has, with URL for a key.
_TABLES_OF_1_0 = ("EPISODES", "SCENES", "XFILES")
_VIEWS_OF_1_0 = ("SPEECHES", "REPLIES")


def prepare(connection: Connection) -> None:
    """Make what the database behind ``connection`` lacks, and upgrade one that an older version made.

    Raises :exc:`DatabaseError` if a newer version made it.
    """
    # With the version as it should be nothing is created: that would wait for analysts, and need their rights.
    if _version(connection) < VERSION:
        with connection.patience(), connection.transaction("schema"):
            if _version(connection) < VERSION:  # still: another crawl may have come first
                _upgrade(connection)
    if not connection.search_works():
        with connection.patience(), connection.transaction("schema"):
            if not connection.search_works():
                logger.warning("The database %s: its full-text index is missing or broken, made anew", connection.name)
                connection.create_search()
    mend_names(connection)


def _version(connection: Connection) -> int:
    version = connection.version()
    if version > VERSION:
        raise DatabaseError(
            f"the database {connection.name} was made by a newer version of xfiles (schema {version}; "
            f"this one knows {VERSION}): update xfiles, or give another database"
        )
    return version


def _upgrade(connection: Connection) -> None:
    """Bring the schema to :data:`VERSION`. The columns tell what there is: a copy may have lost its version."""
    columns = connection.columns("XFILES")
    if not columns:
        _create(connection)
    elif not {"PAGE", "URL"} & columns:
        raise DatabaseError(
            f"the database {connection.name} has another program's table XFILES, such as the workflow tutorial's: "
            "give another file, or move this one away"
        )
    elif "PAGE" not in columns:
        _set_aside(connection)
        _create(connection)
        _bring_back(connection)
    else:
        _complete(connection)
    connection.create_search()
    _count_words(connection)
    connection.set_version(VERSION)


def _create(connection: Connection) -> None:
    for table in TABLES:
        _create_table(connection, table)
    _create_indexes(connection)
    _create_views(connection)


def _create_table(connection: Connection, table: str) -> None:
    declared = _declared(connection, table)
    unique = "UNIQUE" if "ID" in declared else "PRIMARY KEY"
    connection.execute(f"CREATE TABLE {table} ({', '.join(declared.values())}, {unique} ({', '.join(KEYS[table])}))")


def _declared(connection: Connection, table: str) -> dict[str, str]:
    """The columns of ``table``, and how each is declared."""
    return {column: f"{column} {connection.types.get(kind, kind)}" for column, kind in TABLES[table].items()}


def _create_indexes(connection: Connection) -> None:
    for index, columns in INDEXES.items():
        connection.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {columns}")


def _create_views(connection: Connection) -> None:
    for view, query in VIEWS.items():
        for function, called in connection.functions.items():
            query = query.replace(f"{function}(", f"{called}(")
        connection.execute(f"CREATE VIEW {view} AS {query}")


def _count_words(connection: Connection) -> None:
    """Fill SPOKEN_WORDS in the rows of a version that had none, as the reading counts."""
    connection.execute(
        "UPDATE XFILES SET SPOKEN_WORDS ="
        " CASE SPOKEN WHEN '' THEN 0 ELSE length(SPOKEN) - length(replace(SPOKEN, ' ', '')) + 1 END"
        " WHERE SPOKEN_WORDS IS NULL"
    )


def _tell(connection: Connection) -> None:
    (episodes,) = connection.execute("SELECT count(*) FROM EPISODES").fetchone()
    message = "The database %s was upgraded: %s; the next crawl fills its new columns"
    logger.info(message, connection.name, counted(episodes, "episode"))


# --- from version 2 on ---


def _complete(connection: Connection) -> None:
    """Add the tables, columns and indexes that are missing, and make the views anew. A new column is NULL at first."""
    for view in reversed(VIEWS):
        connection.execute(f"DROP VIEW IF EXISTS {view}")
    added = 0
    for table in TABLES:
        columns = connection.columns(table)
        if not columns:
            _create_table(connection, table)
        for column, declaration in _declared(connection, table).items():
            if columns and column not in columns:
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {declaration}")
                added += 1
    _create_indexes(connection)
    _create_views(connection)
    if added:
        _tell(connection)


# --- from version 1 ---


def _set_aside(connection: Connection) -> None:
    """Move the tables of 1.0.0 out of the way."""
    for view in _VIEWS_OF_1_0:
        connection.execute(f"DROP VIEW IF EXISTS {view}")
    for table in _TABLES_OF_1_0:
        connection.execute(f"CREATE TEMP TABLE OLD_{table} AS SELECT * FROM {table}")
        connection.execute(f"DROP TABLE {table}")


def _bring_back(connection: Connection) -> None:
    """Fill the tables with the rows set aside. What 1.0.0 did not know is NULL until the next crawl."""
    urls = _one_of_each_page(connection)
    connection.execute("CREATE TEMP TABLE OLD_PAGES (URL TEXT, PAGE TEXT, ID BIGINT)")
    connection.execute_many(
        insert_into("OLD_PAGES", ("URL", "PAGE", "ID")), [(url, page, speech_id(page, 0)) for page, url in urls.items()]
    )
    for table in _TABLES_OF_1_0:
        values = {column: f"O.{column}" for column in TABLES[table].keys() & connection.columns(f"OLD_{table}")}
        values["PAGE"] = "P.PAGE"
        if "ID" in values:
            values["ID"] = "P.ID + O.LINE"
        connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM OLD_{table} AS O JOIN OLD_PAGES AS P ON P.URL = O.URL"
        )
        connection.execute(f"DROP TABLE OLD_{table}")
    connection.execute("DROP TABLE OLD_PAGES")
    _tell(connection)


def _one_of_each_page(connection: Connection) -> dict[str, str]:
    """Each page of the tables set aside, and the URL under which its rows are kept.

    Where one page is there under two spellings of its address, nothing says which was read later. The one with more
    speeches is kept, and of two with as many the https one.
    """
    urls = connection.execute(
        "SELECT URL FROM OLD_EPISODES UNION SELECT URL FROM OLD_SCENES UNION SELECT URL FROM OLD_XFILES"
    ).fetchall()
    speeches = dict(connection.execute("SELECT URL, count(*) FROM OLD_XFILES GROUP BY URL").fetchall())
    kept: dict[str, str] = {}
    for url in sorted((url for (url,) in urls), key=lambda url: (speeches.get(url, 0), url), reverse=True):
        page = page_key(url)
        if kept.setdefault(page, url) != url:
            logger.warning(
                "The database %s held the page %s twice: kept that of %s (%d speeches), left out %s (%d speeches)",
                *(connection.name, page, kept[page], speeches.get(kept[page], 0), url, speeches.get(url, 0)),
            )
    return kept
