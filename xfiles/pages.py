"""A response -> the transcript on it, or why there is none."""

import logging
import re
from functools import cache
from hashlib import sha256
from importlib.resources import files

from scrapy.http import Response, TextResponse

from xfiles import reading
from xfiles.reading.addresses import original_url, stem
from xfiles.reading.entry import Entry
from xfiles.reading.markup import TranscriptError
from xfiles.reading.text import LONGEST, one_line
from xfiles.reading.toolbar import without_toolbar
from xfiles.reading.transcript import Transcript, parse_transcript
from xfiles.reading.verdicts import Verdict

logger = logging.getLogger(__name__)

_HTML_TYPES = ("text/html", "text/plain", "application/xhtml+xml")
_CLOSED = re.compile(r"</html", re.IGNORECASE)
_FOOT = 2000  # letters at a page's end: after its </html>, a host may add a counter
_END = re.compile(r"\W*(?:THE END|TO BE CONTINUED)\b", re.IGNORECASE)


def read_markup(response: Response) -> str:
    """The markup of the page ``response``, without what a web archive adds.

    Raises :exc:`~xfiles.reading.markup.TranscriptError` if it is no HTML.
    """
    content_type = one_line((response.headers.get("Content-Type") or b"text/html").decode("latin-1"))
    if not isinstance(response, TextResponse) or not content_type.lower().startswith(_HTML_TYPES):
        raise TranscriptError(f"it is no HTML but {content_type}")
    markup = response.text
    return markup if original_url(response.url) == response.url else without_toolbar(markup)


def read_transcript(response: Response) -> Transcript:
    """The transcript on the page ``response``.

    Warns of a page that may be without its end, and of a title or heading that is too long. Raises
    :exc:`~xfiles.reading.markup.TranscriptError` if it is no HTML or holds no dialogue.
    """
    if response.status not in (200, 203):  # HTTPERROR_ALLOW_ALL lets others through
        raise TranscriptError(f"the server answered {response.status}")
    markup = read_markup(response)
    transcript = parse_transcript(markup, stem(response.url))
    if not transcript.lines:
        raise TranscriptError("it has no dialogue")
    if may_be_cut(response, markup) and not _has_ended(transcript):
        logger.warning("The page %s %s", response.url, MAY_BE_CUT)
    for part in transcript.cut:
        logger.warning("The page %s has a %s of more than %d letters: it is cut there", response.url, part, LONGEST)
    return transcript


#: What to say of a page that :func:`may_be_cut`.
MAY_BE_CUT = "may have been cut short: the server did not say how long it is, and it has no end"


def may_be_cut(response: Response, markup: str) -> bool:
    """Whether ``markup``, that of ``response``, may lack its end without anybody's noticing."""
    # Scrapy's mark on a body whose length the server did not say.
    return "partial" in response.flags and not _CLOSED.search(markup[-_FOOT:])


def _has_ended(transcript: Transcript) -> bool:
    """Whether ``transcript`` says that it is over, after its last speech."""
    for verdict, _, text in reversed(transcript.paragraphs):
        if verdict in (Verdict.NAMED, Verdict.HEADING):
            return False
        if verdict is Verdict.END and _END.match(text):
            return True
    return False


@cache
def _code() -> bytes:
    """A fingerprint of the code that reads a page."""
    sources = [source for source in files(reading).iterdir() if source.name.endswith(".py")]
    sources = [files("xfiles") / "items.py", *sorted(sources, key=lambda source: source.name)]
    return sha256(b"".join(source.read_bytes() for source in sources)).digest()


def digest(response: Response, entry: Entry) -> str | None:
    """A hash of the page ``response`` and its address, of the code that reads it, and of what its item takes from
    ``entry`` where the page itself says nothing.

    None if nobody can tell whether that is the whole page, which is then to be read each time.
    """
    if not isinstance(response, TextResponse) or may_be_cut(response, response.text):
        return None
    content_type = response.headers.get("Content-Type", b"")
    known = repr((content_type, response.url, entry.page, entry.url, entry.title, entry.code))
    return sha256(_code() + known.encode("utf-8", "replace") + response.body).hexdigest()[:32]
