"""Pages of a generated site, in every markup family, always the same."""

import random

WORDS = "wind turns slowly the teapot and nobody asks why a lighthouse sings to fish or weighs its spoons twice".split()
NAMES = "MULDER SCULLY SKINNER DOGGETT REYES ANN BEN COOK DRIVER KEEPER".split()
SPEECHES = 400  # a page of the real site has 160 to 400


def sentence(chance: random.Random, words: int) -> str:
    """``words`` words, one in twelve with a letter of windows-1252, hard-wrapped as the real pages are."""
    text = " ".join(
        chance.choice(WORDS) + ("\n" if n % 12 == 11 else "") + ("’s" if chance.random() < 0.08 else "")
        for n in range(words)
    )
    return text.capitalize() + "."


def page(number: int, speeches: int = SPEECHES) -> bytes:
    """The page ``number`` as the server sends it: three of ten are mis-nested or of the new family."""
    chance = random.Random(number)
    new, misnested = number % 10 == 9, number % 10 in (7, 8)
    title = f"Page {number} - {number % 9 + 1}X{number % 25:02}"
    parts = [
        f"<HTML>\n<HEAD>\n<TITLE>{title}</TITLE>\n</HEAD>\n<BODY BGCOLOR='#FFFFFF'>\n<FONT FACE='Arial' SIZE='2'>\n"
    ]
    for speech in range(speeches):
        name, text = chance.choice(NAMES), sentence(chance, chance.randint(2, 24))
        direction = sentence(chance, 8)
        if speech % 20 == 0:
            scene = speech // 20 + 1
            parts.append(
                f'<div class="sceneheader"><p>SCENE {scene}</p></div>\n'
                if new
                else f"<hr>SCENE {scene}<br>\nA LIGHTHOUSE, SOMEWHERE\n"
            )
        if speech % 3 == 0:
            parts.append(f'<p class="desc">{direction}</p>\n' if new else f"<p>({direction})\n\n")
        if new:
            parts.append(f'<p><span class="char">{name}:</span> {text}</p>\n')
        elif misnested:
            parts.append(f"<b><p>{name}:</b>  {text}\n\n")
        else:
            parts.append(f"<p><b>{name}:</b> {text}\n\n")
    parts.append("<p>[THE END]\n</FONT></BODY></HTML>\n")
    return "".join(parts).encode("cp1252")
