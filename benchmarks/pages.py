"""Pages of a generated site, always the same, and like the real site's: in their markup, and how much there is of what.

A page of that has 300 speeches by 19 characters, 114 directions, 19 scenes, 6,700 words, of which 1,400 are different,
and 1,100 tags, in 43 kB. One speech in ten begins with a direction, one in twelve has a letter beyond ASCII. An eighth
of the pages are mis-nested, as season 9 is, and 3 of 100 are of the new family.
"""

import random
from itertools import product
from textwrap import fill

SPEECHES = 300

# The first are frequent, the last are rare.
WORDS = "the a wind turns slowly teapot and nobody asks why lighthouse sings to fish or weighs its spoons twice".split()
WORDS += map(
    "".join,
    product("br c dr f gl k m n pl s th w".split(), "aeiou", "b ck d ll m nd p rt sh st t y".split(), ("", "ing")),
)
NAMES = """MULDER SCULLY SKINNER DOGGETT REYES ANN BEN COOK DRIVER KEEPER CAPTAIN BAKER SINGER CLERK PIANIST MILLER
SAILOR GARDENER FERRYMAN""".split()
ODD = ["it’s {}", "{}’s", "{} …", "{} – {}", "café {}"]


def text(chance: random.Random, mean: int) -> str:
    """A sentence of some ``mean`` words: most have fewer, some many more."""
    number = 2 + int(chance.expovariate(1 / (mean - 1.5)))
    return " ".join(WORDS[int(len(WORDS) * chance.random() ** 5)] for _ in range(number)).capitalize() + "."


def speech(chance: random.Random) -> str:
    said, where = text(chance, 12), chance.random()
    if where < 0.15:
        direction = f"({text(chance, 4)[:-1].lower()})"
        said = f"{direction} {said}" if where < 0.1 else f"{said} {direction} {text(chance, 6)}"
    if chance.random() < 1 / 12:
        said += " " + chance.choice(ODD).format(chance.choice(WORDS), chance.choice(WORDS))
    return said


def page(number: int, speeches: int = SPEECHES) -> bytes:
    """The page ``number`` as the server sends it: in windows-1252, hard-wrapped, without end tags in the old family."""
    chance = random.Random(number)
    new, misnested = number % 33 == 9, number % 33 in (7, 15, 23, 31)
    title = f"Page {number} - {number % 9 + 1}X{number % 25:02}"
    parts = [
        f"<HTML>\n<HEAD>\n<TITLE>{title}</TITLE>\n</HEAD>\n<BODY BGCOLOR='#FFFFFF'>\n<FONT FACE='Arial' SIZE='2'>\n"
    ]
    for at in range(speeches):
        if at % 15 == 0:
            scene = at // 15 + 1
            parts.append(
                f'<div class="sceneheader"><p>SCENE {scene}</p></div>\n'
                if new
                else f"<hr>SCENE {scene}<br>\nA LIGHTHOUSE, SOMEWHERE\n"
            )
        if at % 8 in (0, 3, 6):
            direction = text(chance, 19)
            parts.append(f'<p class="desc">{fill(direction)}</p>\n' if new else f"<p>{fill(f'({direction})')}\n\n")
        name, said = chance.choice(NAMES), fill(speech(chance))
        if new:
            parts.append(f'<p><span class="char">{name}:</span> {said}</p>\n')
        elif misnested:
            parts.append(f"<b><p>{name}:</b>  {said}\n\n")
        else:
            parts.append(f"<p><b>{name}:</b> {said}\n\n")
    parts.append('<p>[THE END]\n<p><a href="../index.html">Return to the Scripts Page</a>\n</FONT></BODY></HTML>\n')
    return "".join(parts).encode("cp1252")
