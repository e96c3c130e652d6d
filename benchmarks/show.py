"""A whole show in invented words, always the same: python benchmarks/show.py DATABASE [TIMES]

As large as the real site: 202 pages of ten seasons, 61,500 speeches; TIMES as many pages if asked for. The names of the
main characters are the series', all else is made up here, in sentences as long and words as frequent as people's.
"""

import random
import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from xfiles.database.store import open_database
from xfiles.items import DialogueItem, Direction, Line, Scene
from xfiles.reading.addresses import speech_id

SEASONS = [24, 25, 24, 24, 20, 22, 22, 20, 15, 6]  # episodes
SPEECHES = 61_500

#: Who speaks, with the weight of each and the seasons.
CAST = [
    ("MULDER", 27, range(1, 8)),
    ("SCULLY", 24, range(1, 11)),
    ("MULDER", 8, range(8, 11)),
    ("DOGGETT", 22, range(8, 10)),
    ("REYES", 10, range(8, 10)),
    ("SKINNER", 4, range(1, 11)),
    ("CIGARETTE SMOKING MAN", 0.6, range(1, 11)),
    ("KRYCEK", 0.6, range(2, 9)),
    ("LANGLY", 0.3, range(1, 10)),
    ("BYERS", 0.3, range(1, 10)),
    ("FROHIKE", 0.4, range(1, 10)),
    ("MAN", 2, range(1, 11)),
    ("WOMAN", 1, range(1, 11)),
    ("DOCTOR", 1, range(1, 11)),
]
NOUNS = """teapot lighthouse jukebox spoon fish wind lantern ladder orchard piano postcard kettle umbrella harbor moth
barn violin window bridge compass garden mirror pocket ticket river bicycle blanket letter clock ferry sandwich
accordion hat meadow bell drawer cellar photograph signal map tower button road candle train island notebook radio
engine cloud owl fence snow wheel story door""".split()
KINDS = """old quiet foggy brown crooked patient narrow cheap friendly broken borrowed green cold painted hollow
slow ordinary enormous careful forgotten musical wooden careless damp empty polite""".split()
VERBS = """sings waits leaks whistles turns listens floats hums blinks sleeps counts points knocks travels answers
wanders shrinks burns apologizes returns""".split()
DEEDS = """paint borrow bury weigh follow count repair believe remember answer polish carry find hide photograph sell
forget measure warm feed lose explain open trade inherit""".split()
PLACES = """KITCHEN;HARBOR OFFICE;LIGHTHOUSE STAIRS;MUSEUM OF SPOONS;ORCHARD ROAD;FERRY DECK;TEAPOT FACTORY;BUS DEPOT;
PIANO SHOP;RIVER BRIDGE;ATTIC;GREENHOUSE;POST OFFICE;BAKERY;CAR PARK""".replace("\n", "").split(";")
PEOPLE = "nobody somebody everybody the~captain my~sister the~postman your~father the~cook a~neighbor she he".split()
SHAPES = """I {deed} the {noun}.|You {deed} the {kind} {noun} and I {deed} the {noun}.|What do you think of the {noun}?|
I don't think so.|The {noun} {verb}.|It is a {kind} {noun}, and {who} {verb} in it.|Where is the {noun}?|No.|
Yes, of course.|{who} says that the {noun} {verb} when you {deed} it.|Do you believe in the {kind} {noun}?|
Why would {who} {deed} a {noun}?|I want to {deed} {rare}'s {noun}.|That is what I was told in {rare}.|
Did you {deed} the {noun} of {rare}?|We have to {deed} {rare} before the {noun} {verb}.|
There is no {noun} here, only a {kind} {noun}.|How do you know?|
It was {who} who {verb} at the {noun}, not {rare}.|I never saw a {kind} {noun} that {verb}.|Are you all right?|
If you {deed} it, the {kind} {noun} of {rare} {verb} for a week.|
This is the {noun}. {who} {verb} with it every night.|You know that I {deed} nothing but the {noun}.|
Who are you?|They told me to {deed} the {noun} and to be {kind}.""".replace("\n", "").split("|")
STARTS = "b br c cl d f gr h l m n p r s st t tr w".split()
MIDDLES = "a e i o u al ar el en er il in ol om or um".split()
ENDS = "bury by dale den field ford gate ham ley low mer more stone ton well wick".split()


def name(chance: random.Random) -> str:
    middle = chance.choice(("", "", chance.choice("bdlmnrst") + chance.choice(MIDDLES)))
    return (chance.choice(STARTS) + chance.choice(MIDDLES) + middle + chance.choice(ENDS)).capitalize()


def rare(chance: random.Random) -> str:
    """A name of some place or person: a few come often, most hardly ever."""
    if chance.random() < 0.3:
        return ("Brimstow", "Tarnby", "Quillford", "Mossendale")[int(4 * chance.random() ** 2)]
    return name(chance)


def sentence(chance: random.Random) -> str:
    shape = chance.choice(SHAPES)
    for slot, words in (("kind", KINDS), ("deed", DEEDS), ("verb", VERBS), ("who", PEOPLE), ("noun", NOUNS)):
        while f"{{{slot}}}" in shape:
            # Squared, so that the first words are the most frequent.
            choice = words[int(len(words) * chance.random() ** 2)].replace("~", " ")
            shape = shape.replace(f"{{{slot}}}", choice, 1)
    if "{rare}" in shape:
        shape = shape.replace("{rare}", rare(chance))
    shape = re.sub(r"\ba (?=[aeiou])", "an ", shape)
    return re.sub(r"(?:^|(?<=\. ))[a-z]", lambda letter: letter[0].upper(), shape)


def speech(chance: random.Random) -> str:
    """One to five sentences, seldom a monologue."""
    many = 25 if chance.random() < 0.003 else chance.choice((1, 1, 1, 1, 2, 2, 3, 5))
    return " ".join(sentence(chance) for _ in range(many))


def direction(chance: random.Random) -> str:
    return f"The {chance.choice(NOUNS)} {chance.choice(VERBS)}. Somebody {chance.choice(VERBS)} behind the door."


def episodes(times: int = 1) -> Iterator[DialogueItem]:
    """The episodes in the order of broadcast, ``times`` as many as the real show has."""
    number, aired = 0, date(1993, 9, 10)
    for season, count in enumerate(SEASONS, 1):
        aired = max(aired, date(1992 + season, 9, 10))
        for place in range(1, count * times + 1):
            number += 1
            yield episode(number, season, place, aired)
            if place % times == 0:
                aired += timedelta(7)


def title_of(number: int) -> str:
    """An episode's title: short, and hardly ever that of another."""
    chance = random.Random(f"title {number}")
    one, other = NOUNS[number % len(NOUNS)].capitalize(), chance.choice(NOUNS).capitalize()
    kind, deed = chance.choice(KINDS).capitalize(), chance.choice(DEEDS).capitalize()
    shapes = [one, f"The {one}", f"{kind} {one}", f"The {kind} {one}", f"{one} and {other}", f"{deed} the {one}"]
    return "Pilot" if number == 1 else chance.choice([*shapes, name(chance), f"{name(chance)}'s {one}"])


def episode(number: int, season: int, place: int, aired: date) -> DialogueItem:
    chance = random.Random(number)
    page = f"insidethex.co.uk/transcrp/scrp{season}{place:02}.htm"
    title = title_of(number)
    code = f"{season}X{place:02}"
    cast = [(who, weight) for who, weight, seasons in CAST if season in seasons]
    cast += [(name(chance).upper(), 14 / rank) for rank in range(1, 10)]
    names, weights = zip(*cast, strict=True)
    lines, scenes, directions = [], [], [Direction(0, 0, 1, "note", "Every word of this was made up by a machine.")]
    speeches = SPEECHES // sum(SEASONS) + chance.randint(-90, 90)
    before = None
    for line in range(1, speeches + 1):
        if line == 1 or chance.random() < 0.06:
            where = chance.choice(PLACES)
            scenes.append(Scene(len(scenes) + 1, f"SCENE {len(scenes) + 1} {where}", where, where))
            directions.append(Direction(len(scenes), line - 1, 2, "direction", direction(chance)))
        speaker = before
        while speaker == before:
            (speaker,) = chance.choices(names, weights)
        before = speaker
        spoken = speech(chance)
        text = f"(to the {chance.choice(NOUNS)}) {spoken}" if chance.random() < 0.1 else spoken
        words = len(spoken.split())
        lines.append(Line(line, len(scenes), speaker, speaker, text, spoken, words, speech_id(page, line)))
        if chance.random() < 0.33:
            directions.append(Direction(len(scenes), line, 1, "direction", direction(chance)))
    directions.append(Direction(len(scenes), len(lines), 3, "note", "[THE END]"))
    return DialogueItem(
        page=page,
        url=f"http://www.{page}",
        leads_to=None,
        episode=f"{title} - {code}",
        title=title,
        code=code,
        season=season,
        number=number,
        episode_of_season=place,
        aired=aired.isoformat(),
        mytharc=int(number % 8 in (0, 1, 5)),
        transcriber=f"{rare(chance)} and {rare(chance)}",
        words=sum(len(line.text.split()) for line in lines),
        unread=0,
        digest=str(number),
        lines=lines,
        scenes=scenes,
        directions=directions,
    )


def fill(path: Path, times: int = 1) -> None:
    """Store the show in the SQLite database at ``path``."""
    database = open_database(str(path))
    for item in episodes(times):
        database.save(item)
    database.close()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), *map(int, sys.argv[2:]))
