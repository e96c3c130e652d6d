"""A page's bytes -> the letters that they stand for."""

import re
from itertools import pairwise

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

# The codecs of Python that a page may name: one byte a letter, ASCII among them. The others are implausible here, and
# some are dangerous: punycode takes a minute for a megabyte, utf-7 and unicode_escape make markup of plain text.
_SINGLE_BYTE = re.compile(r"cp(125[0-8]|437|85[0-8]|86[0-6]|869|874)|iso8859-\d+|koi8-[rut]|mac-\w+|tis-620")
_UTF_16 = ("utf-16", "utf-16-be", "utf-16-le")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")  # as surrogateescape writes a byte that is not UTF-8
_ASCII = bytes(range(0x80))
# What is UTF-8 by no coincidence: in windows-1252 it would be â€ and a sign, as in â€™, or Ã and a sign, as in Ã©.
_NO_COINCIDENCE = re.compile(rb"\xe2\x80[\x80-\xbf]|\xc3[\xa1-\xbf]")


def plausible_encoding(body: bytes, content_type: str = "") -> str | None:
    """The name of the encoding that ``body``, a page's, is in; None if it is UTF-8, windows-1252 or a mix of both.

    :param content_type: the HTTP header

    In the order in which browsers ask: a byte order mark, the header, the page's own ``<meta>``.
    """
    mark, _ = read_bom(body)
    if mark in _UTF_16:
        return mark
    if mark is None:
        named = http_content_type_encoding(content_type)
        if named in _UTF_16:
            return named
        # A <meta> that can be read is not in UTF-16, whatever it says.
        named = named or html_body_declared_encoding(body)
        if named is not None and _SINGLE_BYTE.fullmatch(named):
            return named
    return None


def read_mixed(body: bytes) -> str:
    """The text of ``body``, which is UTF-8 or windows-1252.

    Some pages are both, where a tool pasted the one into the other: each byte that can't be UTF-8 is then read as
    windows-1252. With more of these bytes than letters beyond ASCII in UTF-8, the latter are a coincidence, but for
    those that are none in any text.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "surrogateescape")
    strays = len(_STRAY_BYTE.findall(text))
    beyond_ascii = len(text) - len(body) + len(body.translate(None, _ASCII))
    if strays > beyond_ascii - strays:
        places = [0, *(place for found in _NO_COINCIDENCE.finditer(body) for place in found.span()), len(body)]
        pieces = [body[start:end] for start, end in pairwise(places)]
        return "".join(
            piece.decode("utf-8" if number % 2 else "cp1252", "replace") for number, piece in enumerate(pieces)
        )
    return _STRAY_BYTE.sub(lambda stray: stray[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text)


def decode(body: bytes, content_type: str = "") -> str:
    """The text of ``body``, a page's; arguments as :func:`plausible_encoding` has them."""
    encoding = plausible_encoding(body, content_type)
    return read_mixed(body) if encoding is None else body.decode(encoding, "replace")
