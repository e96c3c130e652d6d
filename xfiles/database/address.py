"""What the setting XFILES_DATABASE may say: the path of an SQLite file, or an address of PostgreSQL's."""

import re

from xfiles.database.connection import DatabaseError

# An address that libpq reads as its writer meant it: one @ at most, before the first slash; libpq judges the rest.
_HOST = r"(?:\[[^]@/?#]*\]|[^][@/?#:,]*)(?::\d*)?"
_POSTGRESQL = re.compile(rf"postgres(?:ql)?://(?:[^@/?#]*@)?(?P<place>{_HOST}(?:,{_HOST})*(?:/[^@/?#]*)?)(?:\?[^@#]*)?")
# Other addresses and libpq's words, which may hold a password. C:\ is a path.
_NO_PATH = re.compile(
    r"\s*(?:(?![a-z]:[\\/](?!/))[\w.+%-]+:|//)|.*\b(?:host|hostaddr|port|user|dbname|password|service)\s*=",
    re.IGNORECASE | re.DOTALL,
)
#: How to write a password that is part of an address.
ESCAPES = "with / @ ? # & % and spaces in it written %2F %40 %3F %23 %26 %25 and %20"


def is_postgresql(address: str) -> bool:
    """Whether ``address`` is PostgreSQL's; if not, it is a path. Raises :exc:`DatabaseError` if it is neither."""
    if not address or not address.strip():
        raise DatabaseError(
            "XFILES_DATABASE is empty: give the path of an SQLite file, or postgresql://user@host/database"
        )
    if _POSTGRESQL.fullmatch(address):
        return True
    if _NO_PATH.match(address):
        raise DatabaseError(
            "XFILES_DATABASE is neither a path nor an address of PostgreSQL: give postgresql://user@host/database, "
            f"with the password in ~/.pgpass or {ESCAPES}; "
            "start a path that looks like an address with ./"
        )
    return False


def safe_address(address: str) -> str:
    """``address`` as it may be printed: a path as it is, of PostgreSQL's only the host and the database, "…" if it is
    neither."""
    if found := _POSTGRESQL.fullmatch(address):
        return f"postgresql://{found['place']}"
    return "…" if _NO_PATH.match(address) else address
