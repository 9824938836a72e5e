"""What a prompt asks for, of the things the offline provider can draw."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest

BACKDROP = re.compile(r"background is one perfectly plain[^#]{0,80}?(\w+) \((#[0-9a-f]{6})\)")
WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")

TIMES = {
    "dawn": "dawn sunrise morning morgen morgenrot aube matin amanecer",
    "gold": "golden gold hour amber honey autumnal",
    "dusk": "dusk sunset evening twilight sundown abend sonnenuntergang crépuscule soir atardecer",
    "night": "night midnight moonlit moonlight nocturnal nacht nuit noche dark",
    "day": "day noon daylight midday sunny tag jour día",
}
WEATHERS = {
    "storm": "storm stormy thunder thunderstorm lightning tempest hurricane gewitter orage tormenta",
    "rain": "rain rainy raining drizzle downpour wet regen pluie lluvia",
    "snow": "snow snowy snowing winter blizzard frost icy ice schnee neige nieve",
    "fog": "fog foggy mist misty haze hazy nebel brume niebla",
    "clouds": "cloud clouds cloudy overcast wolken nuages nubes",
    "clear": "clear cloudless",
}
PLACES = {
    "sea": "sea ocean coast beach shore harbor harbour bay island waves lighthouse boat sailing ship "
    "sailboat meer strand mer plage mar playa leuchtturm phare faro",
    "lake": "lake pond reflection reflections see lac lago fjord river",
    "mountains": "mountain mountains peak peaks alps summit ridge ridges cliff canyon berge berg "
    "montagne montagnes montaña montañas valley",
    "forest": "forest woods wood pine pines trees tree jungle wald forêt bosque",
    "desert": "desert dune dunes sahara sand wüste désert desierto",
    "city": "city skyline street town skyscraper skyscrapers tower towers metropolis downtown "
    "buildings urban stadt ville ciudad cyberpunk",
    "hills": "hill hills meadow meadows field fields countryside farm pasture village landscape "
    "hügel wiese colline colinas prairie grass garden",
    "space": "space planet planets saturn galaxy cosmos nebula orbit universe weltraum espace "
    "espacio mars jupiter",
    "abstract": "abstract geometric geometry pattern bauhaus shapes swirl swirls currents flow "
    "fluid gradient kandinsky mosaic tiles",
}
DETAILS = {
    "sun": "sun sonne soleil sol",
    "moon": "moon mond lune luna moonlit moonlight",
    "stars": "star stars starry sterne étoiles estrellas",
    "birds": "bird birds gull gulls seagull seagulls flock vögel oiseaux aves",
    "boat": "boat boats ship sailboat sailing yacht schiff boot bateau barco",
    "lighthouse": "lighthouse leuchtturm phare faro beam",
    "house": "house cabin cottage hut home barn haus maison casa",
    "balloon": "balloon balloons ballon globo",
    "trees": "tree trees pine pines",
}
FIGURES = {
    "fox": "fox foxes fuchs renard zorro",
    "cat": "cat cats kitten kitty katze chat gato",
    "dog": "dog dogs puppy corgi hund chien perro",
    "bear": "bear bears teddy bär ours oso",
    "panda": "panda pandas",
    "rabbit": "rabbit rabbits bunny hare hase lapin conejo",
    "owl": "owl owls eule hibou búho",
    "frog": "frog frogs toad frosch grenouille rana",
    "pig": "pig piglet schwein cochon cerdo",
    "tiger": "tiger tigers tigre",
    "wolf": "wolf wolves loup lobo",
    "dragon": "dragon dragons drache",
    "robot": "robot robots android roboter",
    "rocket": "rocket rockets rakete fusée cohete",
    "heart": "heart hearts herz cœur corazón",
    "person": "person people girl boy man woman child kid hero heroine knight astronaut pilot detective "
    "teacher student wizard witch princess prince queen king mother father friend friends she he her "
    "him somebody someone keeper sailor chef mädchen junge fille garçon niña niño",
}
STYLES = {
    "watercolor": "watercolor watercolour aquarelle aquarell acuarela gouache",
    "woodcut": "woodcut linocut engraving etching print holzschnitt",
    "pixel": "pixel pixels pixelated 8-bit 16-bit retro",
    "sketch": "sketch pencil drawing charcoal skizze bleistift",
    "oil": "oil painting painted impressionist impressionism brush ölgemälde",
    "comic": "comic cartoon poster flat vector illustration",
    "noir": "noir",
}
COLORS = {
    "red": "red scarlet crimson rot rouge rojo",
    "orange": "orange tangerine",
    "yellow": "yellow gelb jaune amarillo",
    "green": "green emerald grün vert verde",
    "teal": "teal turquoise cyan aqua türkis",
    "blue": "blue azure navy blau bleu azul",
    "purple": "purple violet lavender lila pourpre morado",
    "pink": "pink rose magenta rosa",
    "gray": "monochrome grayscale grey gray black-and-white schwarzweiß",
    "sepia": "sepia vintage old",
    "warm": "warm warmer cozy autumn fall herbst",
    "cool": "cool cooler cold",
    "pastel": "pastel pale soft",
    "neon": "neon vivid vibrant cyberpunk synthwave",
}
CHANGES = {
    "brighter": "brighter lighter bright heller",
    "darker": "darker dark dunkler",
    "contrast": "contrast dramatic",
    "blur": "blur blurred blurry dreamy",
}
NATURAL = {("hills", "green"), ("forest", "green"), ("sea", "blue"), ("lake", "blue"), ("sea", "teal"),
           ("desert", "yellow"), ("desert", "orange"), ("hills", "warm")}  # fmt: skip
"""Colors that a place has anyway: the word describes it and does not bend it."""
STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "close",
        "come",
        "for",
        "from",
        "give",
        "has",
        "have",
        "high",
        "his",
        "her",
        "i",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "like",
        "make",
        "makes",
        "made",
        "more",
        "of",
        "off",
        "on",
        "or",
        "our",
        "out",
        "over",
        "some",
        "that",
        "the",
        "their",
        "them",
        "there",
        "this",
        "to",
        "turn",
        "under",
        "up",
        "very",
        "view",
        "wide",
        "with",
        "without",
        "you",
        "your",
        "add",
        "draw",
        "picture",
        "image",
        "scene",
        "photo",
        "show",
        "please",
        "change",
        "put",
        "everything",
        "der",
        "die",
        "das",
        "ein",
        "eine",
        "und",
        "mit",
        "im",
        "am",
        "le",
        "la",
        "les",
        "un",
        "une",
        "des",
        "et",
        "avec",
        "el",
        "los",
        "las",
        "una",
        "y",
        "con",
        "en",
        "de",
        "du",
    ]
)


def table(groups: dict[str, str]) -> dict[str, str]:
    """Turn "name: its words" around."""
    return {word: name for name, words in groups.items() for word in words.split()}


TABLES = {
    "time": table(TIMES),
    "weather": table(WEATHERS),
    "place": table(PLACES),
    "details": table(DETAILS),
    "figures": table(FIGURES),
    "style": table(STYLES),
    "color": table(COLORS),
    "change": table(CHANGES),
}


@dataclass(frozen=True)
class Wish:
    """What was understood of a prompt, and what was not."""

    time: str | None = None
    weather: str | None = None
    place: str | None = None
    style: str | None = None
    details: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """All of them, in order."""
    backdrop: str | None = None
    """The one color of a plain background, as #rrggbb, where one was asked for."""
    colors: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing in it says what to draw."""
        return not self.understood


def read(prompt: str, negative_prompt: str = "", style: str | None = None) -> Wish:
    """Read a prompt word by word; the first word of each kind decides, colors and details add up."""
    text = f"{prompt} {style or ''}"[:32_000].lower().replace("black and white", "monochrome")
    plain = BACKDROP.search(text)
    # The color of the ground is no color of what stands on it.
    words = WORD.findall(text if plain is None else text.replace(plain[1], " "))
    unwanted = {word.lower() for word in WORD.findall(negative_prompt)}
    found: dict[str, list[str]] = {kind: [] for kind in TABLES}
    understood: list[str] = []
    ignored: list[str] = []
    for word, after in zip_longest(words, words[1:]):
        kinds = [
            (kind, names[match])
            for kind, names in TABLES.items()
            # Red hair makes no red picture.
            if (match := singular(word, names)) and (kind, after) != ("color", "hair")
        ]
        for kind, name in kinds:
            if name not in found[kind] and word not in unwanted and name not in unwanted:
                found[kind].append(name)
        if kinds:
            understood.append(word)
        elif word not in STOP and len(word) > 2:
            ignored.append(word)
    wish = Wish(
        time=first(found["time"]),
        weather=first(found["weather"]),
        place=wettest(found["place"]),
        style=first(found["style"]),
        details=tuple(found["details"]),
        figures=tuple(found["figures"]),
        words=tuple(words[:200]),
        backdrop=plain[2] if plain else None,
        colors=tuple(
            name for name in found["color"] if (first(found["place"]), name) not in NATURAL
        ),
        changes=tuple(found["change"]),
        understood=tuple(dict.fromkeys(understood)),
        ignored=tuple(dict.fromkeys(ignored)),
    )
    return without(wish, unwanted)


def singular(word: str, names: dict[str, str]) -> str | None:
    """The word as the table has it, or without a plural's s."""
    if word in names:
        return word
    return word[:-1] if word.endswith("s") and word[:-1] in names else None


def first(names: list[str]) -> str | None:
    return names[0] if names else None


def wettest(places: list[str]) -> str | None:
    """The place that was named first; water beside mountains or hills is drawn with them."""
    if "lake" in places and set(places) <= {"lake", "mountains", "hills", "forest", "sea"}:
        return "lake"
    return first(places)


def without(wish: Wish, unwanted: Iterable[str]) -> Wish:
    """Leave out what the negative prompt names, also where another word had asked for it."""
    names = {TABLES["details"].get(word, word) for word in unwanted}
    names |= {TABLES["weather"].get(word, word) for word in unwanted}
    weather = "clear" if wish.weather in names or "clouds" in names else wish.weather
    return replace(
        wish,
        weather=weather,
        details=tuple(name for name in wish.details if name not in names),
    )


def sentence(wish: Wish) -> str:
    """Say honestly what was drawn and what was not."""
    said = "Drawn by the offline provider"
    if wish.understood:
        said += f": it understood {listed(wish.understood)}"
    else:
        said += ", which found nothing it can draw and chose shapes instead"
    if wish.ignored:
        said += f"; it ignored {listed(wish.ignored)}"
    return said + "."


def listed(words: tuple[str, ...], most: int = 6) -> str:
    shown = [word[:20] for word in words[:most]]
    rest = len(words) - most
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
