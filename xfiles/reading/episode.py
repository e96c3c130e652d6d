"""A transcript, and what the home page says of it -> the episode's item."""

from xfiles.items import DialogueItem
from xfiles.reading.addresses import speech_id
from xfiles.reading.entry import Entry
from xfiles.reading.titles import written
from xfiles.reading.transcript import Transcript


def make_item(
    transcript: Transcript, entry: Entry, digest: str | None = None, leads_to: str | None = None
) -> DialogueItem:
    """The item of a page: what it says of itself goes before what the home page says.

    Gives the lines of ``transcript`` their IDs and the numbers of their words.
    """
    first = speech_id(entry.page, 0)
    for line in transcript.lines:
        line.id = first + line.line
        line.spoken_words = line.spoken.count(" ") + 1 if line.spoken else 0
    title, dash, code = transcript.episode.rpartition(" - ")
    return DialogueItem(
        page=entry.page,
        url=entry.url,
        leads_to=leads_to,
        episode=transcript.episode or " - ".join(filter(None, (entry.title, entry.code))) or None,
        title=written((title if dash else transcript.episode) or entry.title or "") or None,
        code=code if dash else entry.code,
        season=entry.season,
        number=entry.number,
        episode_of_season=entry.episode_of_season,
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
