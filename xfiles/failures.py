"""Why a request failed, in words for whoever runs the crawl."""

from scrapy import exceptions
from scrapy.spidermiddlewares.httperror import HttpError

from xfiles.reading.text import one_line

# These exceptions' messages say all that a reader wants to know; the others are shown with their class name.
_PLAIN = (
    exceptions.CannotResolveHostError,
    exceptions.DownloadCancelledError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
    exceptions.IgnoreRequest,
    exceptions.ResponseDataLossError,
)


def describe(error: BaseException) -> str:
    """Why a request ended with ``error``, in one line without a class name where the message says it all."""
    if isinstance(error, HttpError):
        return f"the server answered {error.response.status}"
    # Twisted wraps what broke a connection in a list of reasons, and Scrapy wraps that.
    reasons = getattr(error.__cause__, "reasons", None)
    reason = one_line(str(reasons[0].value if reasons else error)).rstrip(": .")
    if isinstance(error, exceptions.ResponseDataLossError) and (reasons or not reason):
        return "the page was cut short"
    return reason if reason and isinstance(error, _PLAIN) else f"{type(error).__name__}: {reason}".rstrip(": ")
