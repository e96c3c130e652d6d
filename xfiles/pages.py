"""A response -> the episode's item, or why there is none."""

import inspect
import logging
import re
import sys
from functools import cache
from hashlib import sha256
from urllib.parse import urlsplit

from scrapy import exceptions
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from xfiles import addresses, characters, cues, directions, index, items, markup, scenes, text
from xfiles import transcript as transcript_module
from xfiles.addresses import original_url
from xfiles.index import IndexEntry
from xfiles.items import DialogueItem
from xfiles.middlewares import encoding
from xfiles.text import one_line
from xfiles.transcript import Transcript, TranscriptError, parse_transcript

logger = logging.getLogger(__name__)

# scrp179.htm is of season 1, scrp1001.html of season 10; the pilot's name holds its production code, 1X79.
_SEASON_IN_URL = re.compile(r"/scrp(\d{1,2})\d\d\.html?$")
_HTML_TYPES = ("text/html", "text/plain", "application/xhtml+xml")
_END = re.compile(r"</html|\bTHE\s+END\b|\bTO\s+BE\s+CONTINUED\b", re.IGNORECASE)

# What the Wayback Machine puts into the pages that it replays.
_TOOLBAR_BEGINS, _TOOLBAR_ENDS = (f"<!-- {word} WAYBACK TOOLBAR INSERT -->" for word in ("BEGIN", "END"))
_DIV = re.compile(r"<(/?)div\b([^<>]*)>", re.IGNORECASE)
_TOOLBAR_DIV = re.compile(r"\bid\s*=\s*[\"']?wm-ipp", re.IGNORECASE)

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


def read_markup(response: Response) -> str:
    """The markup of the page ``response``, without what a web archive adds.

    Raises :exc:`~xfiles.transcript.TranscriptError` if it is no HTML.
    """
    content_type = one_line((response.headers.get("Content-Type") or b"text/html").decode("latin-1"))
    if not isinstance(response, TextResponse) or not content_type.lower().startswith(_HTML_TYPES):
        raise TranscriptError(f"it is no HTML but {content_type}")
    markup = response.text
    return markup if original_url(response.url) == response.url else _without_toolbar(markup)


def _without_toolbar(markup: str) -> str:
    before, _, rest = markup.partition(_TOOLBAR_BEGINS)
    _, ends, after = rest.partition(_TOOLBAR_ENDS)
    if ends:
        return before + after
    # Older captures' bar stands between no such comments.
    kept, start, end, depth = [], 0, 0, 0
    for div in _DIV.finditer(markup):
        if depth:
            depth += -1 if div[1] else 1
            end = div.end()
        elif not div[1] and _TOOLBAR_DIV.search(div[2]):
            kept.append(markup[end : div.start()])
            start, depth = div.start(), 1
    kept.append(markup[start if depth else end :])
    return "".join(kept)


def read_transcript(response: Response) -> Transcript:
    """The transcript on the page ``response``.

    Warns of a page that may be without its end. Raises :exc:`~xfiles.transcript.TranscriptError` if it is no HTML or
    holds no dialogue.
    """
    markup = read_markup(response)
    transcript = parse_transcript(markup)
    if not transcript.lines:
        raise TranscriptError("it has no dialogue")
    if may_be_cut(response, markup):
        logger.warning("The page %s %s", response.url, MAY_BE_CUT)
    return transcript


#: What to say of a page that :func:`may_be_cut`.
MAY_BE_CUT = "may have been cut short: the server did not say how long it is, and it has no end"


def may_be_cut(response: Response, markup: str) -> bool:
    """Whether ``markup``, that of ``response``, may lack its end without anybody's noticing."""
    # Scrapy's mark on a body whose length the server did not say.
    return "partial" in response.flags and not _END.search(markup)


@cache
def _code() -> bytes:
    """A fingerprint of the code that reads a page."""
    readers = (addresses, characters, cues, directions, encoding, index, items, markup, scenes, text, transcript_module)
    return sha256("".join(map(inspect.getsource, (*readers, sys.modules[__name__]))).encode()).digest()


def digest(response: Response, entry: IndexEntry) -> str | None:
    """A hash of the page ``response``, of what the index says of it, and of the code that reads both.

    None if nobody can tell whether that is the whole page, which is then to be read each time.
    """
    if "partial" in response.flags:
        return None
    content_type = response.headers.get("Content-Type", b"")
    known = repr((content_type, entry)).encode("utf-8", "replace")
    return sha256(_code() + known + response.body).hexdigest()[:32]


def make_item(transcript: Transcript, entry: IndexEntry, digest: str | None = None) -> DialogueItem:
    """The item of a page: what it says of itself goes before what the index says."""
    title, dash, code = transcript.title.rpartition(" - ")
    season = _SEASON_IN_URL.search(urlsplit(entry.url).path)
    return DialogueItem(
        page=entry.page,
        url=entry.url,
        episode=transcript.title or " - ".join(filter(None, (entry.title, entry.code))) or None,
        title=(title if dash else transcript.title) or entry.title,
        code=code if dash else entry.code,
        season=int(season[1]) if season else None,
        number=entry.number,
        aired=entry.aired,
        mytharc=entry.mytharc,
        transcriber=transcript.transcriber,
        words=transcript.words,
        unread=transcript.unread,
        digest=digest,
        lines=transcript.lines,
        scenes=transcript.scenes,
        directions=transcript.directions,
    )


def describe(error: BaseException) -> str:
    """Why a request failed, in one line."""
    if isinstance(error, HttpError):
        return f"the server answered {error.response.status}"
    # Twisted wraps what broke a connection in a list of reasons, and Scrapy wraps that.
    reasons = getattr(error.__cause__, "reasons", None)
    reason = one_line(str(reasons[0].value if reasons else error)).rstrip(": .")
    if isinstance(error, exceptions.ResponseDataLossError) and (reasons or not reason):
        return "the page was cut short"
    return reason if reason and isinstance(error, _PLAIN) else f"{type(error).__name__}: {reason}".rstrip(": ")
