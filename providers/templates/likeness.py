"""A character from what somebody likes to talk about.

Only the interests listed here are ever recognized, so nothing about health, faith, origin,
politics, love or bodies can come out, whatever goes in; and no word of theirs is repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from providers.templates.reading import pick, words_of

SHOWN = 3
"""How many interests make a character; more would clutter it."""
MOST_WORDS = 5000


@dataclass(frozen=True)
class Interest:
    """What speaks of it, and what it looks like on a character."""

    words: str
    object: str
    colors: str
    mood: str


INTERESTS = (
    Interest("code coding program programming python rust javascript typescript software bug debug "
             "compiler git deploy server linux terminal api database commit programmieren código",
             "a small laptop covered in stickers", "deep blue and mint", "quietly curious"),
    Interest("game games gaming gamer steam console nintendo minecraft zelda chess level quest boss "
             "spiel spiele jeu jeux juego juegos ゲーム 게임 游戏 игра игры",
             "a well-used game controller", "violet and bright teal", "playful"),
    Interest("music song album guitar piano drums band concert synth vinyl melody bass musik musique "
             "música musica 音楽 음악 音乐 музыка",
             "large headphones around the neck", "magenta and midnight blue", "lively"),
    Interest("draw drawing paint painting sketch art artist illustration brush pencil palette kunst "
             "zeichnen dessin dibujo arte 絵 그림 рисовать",
             "a paint-flecked brush behind one ear", "warm coral and turquoise", "imaginative"),
    Interest("book books read reading novel library author poem poetry writing buch bücher livre "
             "libro libros livro 本 책 书 книга книги",
             "an old book held under one arm", "burgundy and cream", "thoughtful"),
    Interest("cat cats kitten katze katzen chat gato gatto кот 猫 고양이",
             "a small cat on one shoulder", "ginger and soft gray", "gentle"),
    Interest("dog dogs puppy hund hunde chien perro cane собака 犬 강아지",
             "a small dog at their side", "caramel and leaf green", "warm-hearted"),
    Interest("coffee espresso latte kaffee café caffè кофе コーヒー 커피 咖啡",
             "a steaming coffee cup", "coffee brown and cream", "bright and awake"),
    Interest("tea matcha tee thé té chá tè чай お茶 차 茶", "a round teapot", "jade and warm white",
             "calm"),
    Interest("cook cooking recipe bake baking bread kitchen pizza kochen backen cuisine cocina cucina",
             "a wooden spoon and a bright apron", "tomato red and butter yellow", "generous"),
    Interest("garden plant plants flower flowers tomato seeds tree garten pflanzen jardin jardín "
             "giardino сад 植物", "a potted seedling in both hands", "leaf green and sunlit yellow",
             "patient"),
    Interest("hike hiking mountain mountains camping trail forest nature climb climbing wandern berge "
             "randonnée montaña montagna горы", "a small backpack and a walking stick",
             "pine green and sky blue", "adventurous"),
    Interest("bike bicycle cycling fahrrad vélo bicicleta велосипед", "a bright bicycle helmet",
             "signal yellow and charcoal", "energetic"),
    Interest("space rocket stars planet moon astronomy telescope galaxy weltraum espace espacio космос "
             "宇宙 우주", "a small brass telescope", "indigo and silver", "full of wonder"),
    Interest("photo photos camera photography lens foto fotos fotografie photographie fotografía",
             "a vintage camera on a strap", "charcoal and amber", "observant"),
    Interest("movie movies film films cinema series anime manga kino cine película 映画 영화 电影",
             "a striped box of popcorn", "crimson and gold", "dramatic in a friendly way"),
    Interest("train trains railway travel trip flight airport zug bahn reise voyage viaje viaggio 旅行",
             "a little suitcase with travel stickers", "teal and sand", "open-minded"),
    Interest("math maths science physics chemistry biology research experiment lab wissenschaft "
             "ciencia scienza наука", "a notebook full of small diagrams", "cobalt and lime",
             "inquisitive"),
    Interest("robot robots electronics arduino solder 3d printer maker keyboard keyboards hardware",
             "a tiny homemade robot", "copper and aqua", "inventive"),
    Interest("football soccer basketball tennis running gym swim swimming skate skateboard fußball "
             "fútbol calcio", "a bright sports scarf", "orange and navy", "spirited"),
    Interest("sea ocean beach boat sailing fish fishing surf meer mer mar mare море 海",
             "a rope bracelet and a little shell", "sea green and coral", "easygoing"),
    Interest("knit knitting sew sewing crochet wool yarn craft stricken tricot", "a hand-knitted scarf",
             "dusty rose and moss green", "cozy"),
    Interest("rain snow sun weather clouds wetter météo clima", "a folded bright umbrella",
             "slate blue and sunny yellow", "cheerful"),
)  # fmt: skip
FALLBACK = (
    ("a bright paper kite", "sky blue and warm yellow", "cheerful"),
    ("a small lantern", "amber and deep teal", "friendly"),
    ("a colorful scarf", "raspberry and mint", "good-humored"),
)


def likeness(data: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a kind character by mood, colors and things, from words or their counts."""
    found = interests(counted(data.get("words")))
    if found:
        mood, colors = found[0].mood, found[0].colors
        things = [each.object for each in found]
    else:
        choice = FALLBACK[int(pick("012", data.get("name") or ""))]
        things, colors, mood = [choice[0]], choice[1], choice[2]
    also = f" and {found[1].mood}" if len(found) > 1 and found[1].mood != mood else ""
    return {
        "description": (
            f"A friendly character with a warm smile, {mood}{also}, with {listed(things)}. "
            f"Clothes and background in {colors}, soft light, a simple uncluttered background."
        )
    }


def counted(words: object) -> Counter[str]:
    """How often each word was used; a list of words, of (word, number) pairs, or a mapping."""
    counts: Counter[str] = Counter()
    items = cast(Mapping[Any, Any], words).items() if isinstance(words, Mapping) else words
    if isinstance(items, str) or not isinstance(items, Iterable):
        items = [items]
    for item in islice(cast(Iterable[Any], items), MOST_WORDS):
        match item:
            case (str() as word, int() as number):
                add(counts, word, min(max(number, 0), 1000))
            case {"word": str() as word, "count": int() as number}:
                add(counts, word, min(max(number, 0), 1000))
            case str():
                add(counts, item, 1)
            case _:
                continue
    return counts


def add(counts: Counter[str], text: str, number: int) -> None:
    for word in words_of(text[:200]):
        counts[word] += number


def interests(counts: Counter[str]) -> list[Interest]:
    """The interests spoken of most, the strongest first."""
    scores = [(sum(counts[word] for word in each.words.split()), each) for each in INTERESTS]
    spoken = [(score, each) for score, each in scores if score > 0]
    spoken.sort(key=lambda pair: -pair[0])
    return [each for _, each in spoken[:SHOWN]]


def listed(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"
