"""A page as a web archive replays it -> the page without the archive's bar."""

import re

# The comments around what the Wayback Machine adds.
_TOOLBAR_BEGINS, _TOOLBAR_ENDS = (f"<!-- {word} WAYBACK TOOLBAR INSERT -->" for word in ("BEGIN", "END"))
_DIV = re.compile(r"<(/?)div\b([^<>]*)>", re.IGNORECASE)
_TOOLBAR_DIV = re.compile(r"\bid\s*=\s*[\"']?wm-ipp", re.IGNORECASE)


def without_toolbar(markup: str) -> str:
    """``markup`` without the bar that a web archive put into it; as it is if there is none."""
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
