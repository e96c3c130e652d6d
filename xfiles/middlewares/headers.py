"""What the headers of an answer say: dates, and how long to wait."""

from email.utils import mktime_tz, parsedate_tz
from time import time

from scrapy.http import Response


def read_date(response: Response, header: str) -> float | None:
    """The date in ``header``, in seconds since the epoch; None if there is none, or none that can be read.

    In each of HTTP's three formats the date is in UTC.
    """
    date = parsedate_tz((response.headers.get(header) or b"").decode("latin-1"))
    try:
        return None if date is None else mktime_tz(date)
    except (ValueError, OverflowError):  # of a year that has too many digits
        return None


def read_retry_after(response: Response) -> float | None:
    """The seconds from now that Retry-After asks for; None if there is none, or none that can be read."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdecimal():
        return float(value)
    date = read_date(response, "Retry-After")
    return None if date is None else max(0.0, date - time())
