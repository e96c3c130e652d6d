"""Why a request failed, in words for whoever runs the crawl."""

from scrapy import exceptions
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.web._newclient import ParseError

from xfiles.middlewares.headers import read_retry_after
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


# What Twisted's parser raises.
_NO_HTTP = (LookupError, ParseError, ValueError)


def describe(error: BaseException) -> str:
    """Why a request ended with ``error``, in one line without a class name where the message says it all."""
    if isinstance(error, HttpError):
        return refusal(error.response)
    # Twisted wraps what broke a connection in a list of reasons, and Scrapy wraps that.
    reasons = getattr(error.__cause__, "reasons", None)
    inner = reasons[0].value if reasons else error
    reason = one_line(str(inner)).rstrip(": .")
    if reasons and isinstance(inner, _NO_HTTP):
        return f"the answer is no proper HTTP: {reason}"
    if isinstance(error, exceptions.ResponseDataLossError) and (reasons or not reason):
        return "the page was cut short"
    return reason if reason and isinstance(error, _PLAIN) else f"{type(error).__name__}: {reason}".rstrip(": ")


def refusal(response: Response) -> str:
    """What the server said in ``response`` in place of the page."""
    after = read_retry_after(response)
    when = "" if after is None else f", and says to ask again in {after:.0f} seconds"
    return f"the server answered {response.status}{when}"
