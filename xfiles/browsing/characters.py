"""What a page says of a character besides numbers: other names, and words of their own."""

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable

from xfiles.browsing.questions import FREQUENT

#: Words that say how a sentence is built, not what it is about, and sounds: nobody's own.
FUNCTION_WORDS = set(
    """i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its itself we
    us our ours ourselves they them their theirs themselves this that these those who whom whose which what whatever
    a an the some any every each either neither no none another other others both all half such same many much more
    most few less least enough own one ones something anything nothing everything someone anyone somebody anybody
    am is are was were be been being do does did doing done have has had having can could may might must shall should
    will would ought get gets got getting let lets go goes going went gone come comes came say says said
    about above across after against along among around as at before behind below beneath beside besides between beyond
    but by despite down during except for from in inside into like near of off on onto out outside over past per since
    than through throughout till to toward towards under underneath until up upon via with within without
    and or nor so yet if then else because although though while whereas whether unless once when whenever where
    wherever why how however therefore not never ever always often again also too very just only even still already
    almost quite rather really perhaps maybe here there now well
    yes yeah yep nope okay ok hey hi hello please wow whoa huh er eh""".split()
)
_SOUND = re.compile(r"a+h+|o+h+|u+h+|u+m+|h*m+|e+r+m?")
_CONTRACTED = re.compile(r"(?:n't|'(?:s|ll|ve|re|d|m|em))$")
_NEGATED = {"ca", "wo", "sha", "ai"}  # what can't, won't, shan't and ain't are without n't
_NOBODYS = FUNCTION_WORDS | FREQUENT | _NEGATED
# MULDER ON MACHINE, MULDER'S VOICE, MULDER CONTINUES: how one is heard.
_HEARD = re.compile(r"\b(?:VOICE|ON|OVER|TO|AS|READS|READING|CONT\w*)\b")


def own_words(own: Counter, everyone: Counter, total: int, number: int = 20) -> list[str]:
    """The ``number`` words that one says most more often than everyone does, at least three times; the best first.

    ``total`` is how many words everyone says. Weighed by how often they are said and how far that is from what
    everyone's use makes expect (the term of a G-test).
    """
    share = own.total() / (total or 1)
    weights = {
        word: times * math.log(times / (everyone[word] * share))
        for word, times in own.items()
        if times > 2 and not _says_little(word)
    }
    return [word for word, weight in Counter(weights).most_common(number) if weight > 1]


def _says_little(word: str) -> bool:
    bare = _CONTRACTED.sub("", word)
    return bare in _NOBODYS or _SOUND.fullmatch(bare) is not None


def other_names(aliases: Iterable[str], character: str) -> list[str]:
    """Those of ``aliases`` that are names of ``character``: no marks of how the voice is heard, no slips of the pen."""
    names = [character]
    for alias in sorted(aliases):
        if not _HEARD.search(alias) and not any(_same(alias, name) for name in names):
            names.append(alias)
    return names[1:]


def _same(alias: str, name: str) -> bool:
    """Whether ``alias`` is ``name`` in another spelling; a part of it, and more than it, is another name."""
    one, other = (re.findall(r"\w+", text.replace(".", "").removeprefix("THE ")) for text in (alias, name))
    if one == other:
        return True
    if set(one) < set(other) or set(one) > set(other):
        return False
    return difflib.SequenceMatcher(None, "".join(one), "".join(other), autojunk=False).ratio() >= 0.8
