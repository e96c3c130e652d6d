"""The tables and views, as they are declared: a column is named here once, and described in docs/data.md.

Without any import, so that the pages know the version where neither Scrapy nor a driver is installed.
"""

#: The version of the schema: what is in TABLES, KEYS and the views. That of 1.0.0, which had none, counts as 1.
VERSION = 3

#: The tables and their columns; docs/data.md describes them.
TABLES: dict[str, dict[str, str]] = {
    "EPISODES": {
        "PAGE": "TEXT NOT NULL",
        "EPISODE": "TEXT",
        "TITLE": "TEXT",
        "CODE": "TEXT",
        "SEASON": "INTEGER",
        "NUMBER": "INTEGER",
        "EPISODE_OF_SEASON": "INTEGER",
        "AIRED": "TEXT",
        "MYTHARC": "INTEGER",
        "TRANSCRIBER": "TEXT",
        "WORDS": "INTEGER",
        "UNREAD": "INTEGER",
        "URL": "TEXT",
        "LEADS_TO": "TEXT",
        "DIGEST": "TEXT",
        "EXTENT": "TEXT",
    },
    "SCENES": {
        "PAGE": "TEXT NOT NULL",
        "SCENE": "INTEGER NOT NULL",
        "HEADING": "TEXT NOT NULL",
        "PLACE": "TEXT",
        "LOCATION": "TEXT",
        "TIME": "TEXT",
    },
    "DIRECTIONS": {
        "PAGE": "TEXT NOT NULL",
        "SCENE": "INTEGER NOT NULL",
        "LINE": "INTEGER NOT NULL",
        "PART": "INTEGER NOT NULL",
        "KIND": "TEXT NOT NULL",
        "TEXT": "TEXT NOT NULL",
    },
    "XFILES": {
        "EPISODE": "TEXT",
        "CHARACTER": "TEXT NOT NULL",
        "TEXT": "TEXT NOT NULL",
        "SPEAKER": "TEXT NOT NULL",
        "SPOKEN": "TEXT NOT NULL",
        "SPOKEN_WORDS": "INTEGER",
        "SCENE": "INTEGER NOT NULL",
        "LINE": "INTEGER NOT NULL",
        "PAGE": "TEXT NOT NULL",
        "ID": "INTEGER PRIMARY KEY",
    },
    "CHARACTERS": {
        "ALIAS": "TEXT NOT NULL",
        "CHARACTER": "TEXT NOT NULL",
        "NAMED": "INTEGER",
    },
}

#: The columns that tell a table's rows apart, in the order in which a page's rows are read.
KEYS = {
    "EPISODES": ("PAGE",),
    "SCENES": ("PAGE", "SCENE"),
    "DIRECTIONS": ("PAGE", "LINE", "PART"),
    "XFILES": ("PAGE", "LINE"),
    "CHARACTERS": ("ALIAS", "CHARACTER"),
}

#: The indexes beside those of the keys, and what each is of.
INDEXES = {
    "XFILES_CHARACTER": "XFILES (CHARACTER)",
    "EPISODES_IN_ORDER": "EPISODES ((NUMBER IS NULL), NUMBER, PAGE)",
    "EPISODES_LEADS_TO": "EPISODES (LEADS_TO) WHERE LEADS_TO IS NOT NULL",
}

#: The tables whose rows are a page's, and replaced with it.
PAGED = tuple(table for table in TABLES if "PAGE" in TABLES[table])

#: The columns of the view SPEECHES, and of a row of a CSV feed: a speech with what is known of its episode and scene.
SPEECHES = (
    *("EPISODE", "CHARACTER", "TEXT", "TITLE", "CODE", "SEASON", "NUMBER", "AIRED", "MYTHARC"),
    *("SCENE", "HEADING", "PLACE", "LINE", "SPEAKER", "SPOKEN", "PAGE", "URL", "ID"),
    *("EPISODE_OF_SEASON", "TIME", "LOCATION", "SPOKEN_WORDS"),
)


def _from(*tables: str) -> str:
    """The columns of SPEECHES for a SELECT, each taken from the first of ``tables`` that has it."""
    return ", ".join(next(f"{table}.{column}" for table in tables if column in TABLES[table]) for column in SPEECHES)


# The same for a whole episode: for test sets.
_FOLDS = "SELECT PAGE, SEASON, NUMBER, row_number() OVER (ORDER BY PAGE) % 10 AS FOLD FROM EPISODES"

#: How many turns before a reply CONVERSATIONS gives at most.
EARLIER = 6
# What begins a message until its text is in JSON: letters that JSON has no escapes for, and that no text has.
_BEGINS = {"user": "\x81", "assistant": "\x8d"}


def _others(turn: int) -> str:
    """Whether the turn that many before the reply is there, and somebody else's than the reply."""
    return f"CHARACTER_{turn} <> CHARACTER" if 0 < turn <= EARLIER else "FALSE"


def _piece(turn: int) -> str:
    """What CONVERSATIONS' messages hold of the turn that many before the reply."""
    before = f"CHARACTER_{turn + 1} IS NOT NULL" if turn < EARLIER else "FALSE"
    return f"""
            CASE WHEN {_others(turn)} THEN
                CASE WHEN {_others(turn + 1)} THEN '\n' ELSE '{_BEGINS["user"]}' END
                || CASE WHEN {_others(turn + 1)} OR {_others(turn - 1)} THEN CHARACTER_{turn} || ': ' ELSE '' END
                || SPOKEN_{turn}
            WHEN {before} THEN '{_BEGINS["assistant"]}' || SPOKEN_{turn}
            ELSE '' END"""


def _messages() -> str:
    """The messages of a row of CONVERSATIONS, a JSON list."""
    turns = " ||".join(map(_piece, range(EARLIER, 0, -1)))
    messages = f"CAST(json_quote({turns} || '{_BEGINS['assistant']}' || SPOKEN) AS TEXT)"
    for role, letter in _BEGINS.items():
        messages = f"""replace({messages}, '{letter}', '"}}, {{"role": "{role}", "content": "')"""
    return f"""'[' || substr({messages}, {len('""}, {')}) || '}}]'"""


_EARLIER_TURNS = ", ".join(
    f"lag({column}, {turn}) OVER W AS {column}_{turn}"
    for turn in range(1, EARLIER + 1)
    for column in ("CHARACTER", "SPOKEN")
)

#: The views and their queries, in SQLite's words; each asks none but those before it.
VIEWS = {
    "SPEECHES": f"""
        SELECT {_from("XFILES", "SCENES", "EPISODES")}
        FROM XFILES
        JOIN EPISODES ON EPISODES.PAGE = XFILES.PAGE
        LEFT JOIN SCENES ON SCENES.PAGE = XFILES.PAGE AND SCENES.SCENE = XFILES.SCENE
    """,
    # A speech's ID is one more than that of the speech before it on its page. The join says so in both directions, so
    # that the database can start from either side.
    "REPLIES": f"""
        SELECT R.EPISODE, L.CHARACTER AS SAID_BY, L.SPOKEN AS SAID, R.CHARACTER, R.SPOKEN AS REPLY,
            E.SEASON, E.NUMBER, R.SCENE, R.LINE, R.PAGE, E.FOLD, L.ID AS SAID_ID
        FROM XFILES AS L
        JOIN XFILES AS R ON R.ID = L.ID + 1 AND L.ID = R.ID - 1 AND R.PAGE = L.PAGE AND R.SCENE = L.SCENE
        JOIN ({_FOLDS}) AS E ON E.PAGE = L.PAGE
        WHERE L.SPOKEN <> '' AND R.SPOKEN <> '' AND L.CHARACTER <> R.CHARACTER
    """,
    # A scene's heading goes before all else of the scene; a direction follows the speech whose LINE it has. Each SELECT
    # begins with the pages in their order, by EPISODES_IN_ORDER, so that the first rows are there at once.
    "SCRIPT": """
        SELECT PAGE, EPISODE, SCENE, LINE, PART, KIND, CHARACTER, TEXT FROM (
            SELECT E.NUMBER IS NULL AS UNNUMBERED, E.NUMBER AS NUMBER, E.PAGE AS PAGE, E.EPISODE AS EPISODE,
                X.SCENE AS SCENE, X.LINE AS LINE, 0 AS PART, 'speech' AS KIND, X.CHARACTER AS CHARACTER, X.TEXT AS TEXT
            FROM EPISODES AS E CROSS JOIN XFILES AS X WHERE X.PAGE = E.PAGE
            UNION ALL
            SELECT E.NUMBER IS NULL, E.NUMBER, E.PAGE, E.EPISODE, S.SCENE, 0, 0, 'scene', NULL, S.HEADING
            FROM EPISODES AS E CROSS JOIN SCENES AS S WHERE S.PAGE = E.PAGE
            UNION ALL
            SELECT E.NUMBER IS NULL, E.NUMBER, E.PAGE, E.EPISODE, D.SCENE, D.LINE, D.PART, D.KIND, NULL, D.TEXT
            FROM EPISODES AS E CROSS JOIN DIRECTIONS AS D WHERE D.PAGE = E.PAGE
            ORDER BY UNNUMBERED, NUMBER, PAGE, SCENE, LINE, PART
        ) AS ORDERED
    """,
    # FIRST is the line with which a line's turn begins. The texts are joined by a window, which alone has an order, and
    # each window is of one page, so that a question about one page doesn't read the others.
    "TURNS": """
        SELECT EPISODE, CHARACTER, JOINED AS SPOKEN, SUM_OF_WORDS AS SPOKEN_WORDS, SCENE, LINE, SPEECHES, PAGE, ID
        FROM (
            SELECT EPISODE, CHARACTER, SCENE, LINE, FIRST, PAGE, ID, group_concat(SPOKEN, ' ') OVER TURN AS JOINED,
                sum(SPOKEN_WORDS) OVER TURN AS SUM_OF_WORDS, count(*) OVER TURN AS SPEECHES
            FROM (
                SELECT EPISODE, CHARACTER, SPOKEN, SPOKEN_WORDS, SCENE, LINE, PAGE, ID,
                    max(CASE WHEN CHARACTER <> BEFORE THEN LINE END) OVER (PARTITION BY PAGE, SCENE ORDER BY LINE)
                    AS FIRST
                FROM (
                    SELECT EPISODE, CHARACTER, SPOKEN, SPOKEN_WORDS, SCENE, LINE, PAGE, ID,
                        lag(CHARACTER, 1, '') OVER (PARTITION BY PAGE, SCENE ORDER BY LINE) AS BEFORE
                    FROM XFILES WHERE SPOKEN <> ''
                ) AS SAID
            ) AS FOUND
            WINDOW TURN AS (
                PARTITION BY PAGE, SCENE, FIRST ORDER BY LINE ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
        ) AS WHOLE WHERE LINE = FIRST
    """,
    # By lag(): to look up the turns before each reply would take a minute.
    "CONVERSATIONS": f"""
        SELECT T.EPISODE, CHARACTER, {_messages()} AS MESSAGES, SPOKEN_WORDS,
            E.SEASON, E.NUMBER, SCENE, LINE, T.PAGE, E.FOLD, ID
        FROM (
            SELECT EPISODE, CHARACTER, SPOKEN, SPOKEN_WORDS, SCENE, LINE, PAGE, ID,
                {_EARLIER_TURNS}
            FROM TURNS WINDOW W AS (PARTITION BY PAGE, SCENE ORDER BY LINE)
        ) AS T
        JOIN ({_FOLDS}) AS E ON E.PAGE = T.PAGE
        WHERE CHARACTER_1 IS NOT NULL
    """,
}
