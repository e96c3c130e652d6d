"""``python -m xfiles.reading PAGE.htm``: what becomes of each paragraph of a page."""

import argparse
import os
import sys
from io import TextIOWrapper
from pathlib import Path

from xfiles.reading.encoding import decode
from xfiles.reading.markup import TranscriptError
from xfiles.reading.transcript import parse_transcript


def main(arguments: list[str] | None = None) -> None:
    """Print what becomes of each paragraph of the page in a file: verdict, character, text.

    :param arguments: the file's path; the command line's by default
    """
    parser = argparse.ArgumentParser(
        "python -m xfiles.reading", description="Print what becomes of each paragraph of a page."
    )
    parser.add_argument("path", type=Path, metavar="PAGE.htm")
    path = parser.parse_args(arguments).path
    try:
        transcript = parse_transcript(decode(path.read_bytes()), path.stem)
    except (OSError, TranscriptError) as error:
        parser.error(f"{path} can't be read: {getattr(error, 'strerror', None) or error}")
    assert isinstance(sys.stdout, TextIOWrapper)
    sys.stdout.reconfigure(errors="backslashreplace")  # for where the terminal or pipe takes ASCII only
    try:
        for verdict, said_by, text in transcript.paragraphs:
            print(f"{verdict:<12}{said_by:<24} {text}")
        sys.stdout.flush()
    except BrokenPipeError:  # a reader such as head has enough; Python would complain when it flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
