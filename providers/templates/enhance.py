"""A better prompt: a person's own words, and what they left to the picture said well.

Only what they said nothing about is added: a composition, a light, materials and detail that suit
the subject. Their words stay as they are, at the front.
"""

# Other languages' punctuation and letters are meant as they stand.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.text import clean
from providers.templates.reading import language_of, lexicon, pick, words_of

ASPECTS = ("composition", "light", "detail")
NO_ADDITION = 7000
"""Characters from which a prompt is left alone: whoever wrote that much has said it all."""

SUBJECTS = {
    "graphic": "logo icon emblem badge sticker emoji pictogram symbol infographic diagram chart map "
    "typography lettering poster banner wallpaper pattern",
    "person": "portrait person man woman girl boy child kid people face knight wizard witch king "
    "queen pirate samurai warrior astronaut chef dancer musician doctor robot android hero "
    "character selfie couple grandmother grandfather baby soldier ninja detective",
    "animal": "animal cat kitten dog puppy fox wolf bear horse bird owl eagle rabbit bunny deer lion "
    "tiger elephant penguin duck frog fish whale shark dragon turtle hedgehog squirrel otter "
    "capybara panda koala raccoon butterfly bee cow sheep goat pig mouse hamster octopus dinosaur",
    "food": "food cake bread pizza burger sushi ramen soup coffee tea breakfast dinner fruit apple "
    "strawberry cookie chocolate pie salad cocktail dessert pancakes noodles cheese",
    "interior": "room kitchen bedroom library office interior cafe café restaurant workshop studio "
    "hall attic cellar bathroom classroom laboratory shop",
    "city": "city street town skyline skyscraper building house castle tower bridge temple church "
    "cathedral village market station alley harbor harbour ruins palace cottage",
    "vehicle": "car truck train locomotive bicycle bike motorcycle boat ship sailboat spaceship "
    "rocket airplane plane tractor bus tram submarine airship balloon",
    "space": "space planet galaxy nebula moon stars cosmos orbit comet astronomy universe",
    "landscape": "landscape mountain mountains forest lake sea ocean beach desert river valley "
    "meadow field waterfall island sky coast jungle garden canyon volcano hill hills lighthouse "
    "cliff glacier tree trees",
    "abstract": "abstract geometric shapes texture fractal swirl gradient mosaic",
    "object": "watch clock bottle shoe lamp chair book camera guitar vase cup mug teapot sword crown "
    "key ring bag phone computer keyboard toy statue sculpture flower flowers bouquet",
}
COMPOSITION = {
    "graphic": ("a single clear shape, centered with generous space around it",
                "a strong simple silhouette with even margins"),
    "person": ("the eyes on the upper third, the background kept quiet",
               "a clear silhouette, the figure set slightly off center"),
    "animal": ("seen at the animal's own eye level, with room ahead of it",
               "the animal large in the frame against a quiet background"),
    "food": ("seen from a low three-quarter angle, one dish the clear hero",
             "a tidy arrangement with a little empty table around it"),
    "interior": ("seen from a corner, lines leading the eye into the room",
                 "layered from a near object to the far wall"),
    "city": ("strong leading lines, with one clear focal point",
             "a tall foreground framing the view, depth behind it"),
    "vehicle": ("a low three-quarter view, with space in the direction it moves",
                "the whole vehicle in frame, the horizon kept low"),
    "space": ("a vast empty expanse, with one bright focal point",
              "a great curve sweeping through the frame, small against the dark"),
    "landscape": ("a layered view with foreground, middle distance and far horizon",
                  "a low horizon and one clear focal point on the third"),
    "abstract": ("a balanced asymmetry with one resting place for the eye",
                 "a clear rhythm of large, medium and small forms"),
    "object": ("a single hero object, three-quarter view on a quiet surface",
               "close enough to fill the frame, with clean edges"),
}  # fmt: skip
LIGHT = {
    "graphic": ("even, shadowless light",),
    "person": ("soft window light from one side", "gentle light wrapping around the face"),
    "animal": ("soft natural light with a fine rim along the back", "warm low light from the side"),
    "food": ("soft side light with gentle shadows", "warm light from behind, glinting on edges"),
    "interior": ("daylight falling in from one side", "warm lamplight with soft shadows"),
    "city": (
        "low raking light and long shadows",
        "clear light from the side with a few reflections",
    ),
    "vehicle": ("crisp light tracing the body's lines", "low light with long reflections"),
    "space": ("one hard light source and deep shadow", "a soft glow scattered through dust"),
    "landscape": ("low golden light raking over the land", "soft light breaking through haze"),
    "abstract": ("an inner glow that shades softly to the edges",),
    "object": ("soft light from one side and a gentle shadow", "a bright edge against soft shade"),
}
HOUR_LIGHT = {
    "night": "deep shade broken by a few clear points of light",
    "dusk": "the last warm light low in a cooling sky",
    "dawn": "the first pale light, long soft shadows",
    "overcast": "a soft, even light with hardly a shadow",
}
HOURS = {
    "night": "night midnight nocturnal moonlit moonlight dark darkness starry",
    "dusk": "dusk sunset evening twilight",
    "dawn": "dawn sunrise morning",
    "overcast": "rain rainy raining storm stormy fog foggy mist misty snow snowy snowing cloudy "
    "overcast underwater",
}
SAID = {
    "composition": "composition close-up closeup closeups wide-angle wide view shot angle centered "
    "symmetrical symmetry foreground panorama panoramic bird's-eye overhead macro framing framed "
    "crop cropped perspective isometric profile headshot fullbody full-body top-down",
    "light": "light lights lighting lit backlit sunlight sunlit sunny glow glowing neon candle "
    "candlelight shadow shadows golden-hour hour silhouette noir spotlight lamp bright sun",
    "detail": "detail details detailed texture textured minimalist minimal simple plain clean flat "
    "intricate sharp",
}
MEDIA = {
    "photo": ("photo photograph photographic photorealistic realistic dslr film cinematic",
              "fine natural texture, crisp where it matters and soft behind"),
    "watercolor": ("watercolor watercolour aquarelle gouache",
                   "soft washes bleeding into one another, white paper showing through"),
    "oil": ("oil painting painted impressionist impressionism acrylic",
            "confident brushwork, paint laid on thickly in the highlights"),
    "pixel": ("pixel 8-bit 16-bit voxel", "a small palette, every dot placed on purpose"),
    "ink": ("sketch pencil ink drawing charcoal line-art lineart woodcut engraving etching",
            "varied line weight, hatching that follows the form"),
    "cartoon": ("comic cartoon anime manga cel", "bold outlines and clean areas of color"),
    "render": ("3d render rendered clay blender plasticine",
               "rounded forms, believable materials and soft contact shadows"),
    "vector": ("vector flat", "few colors and clean curves"),
}  # fmt: skip
DETAIL = {
    "graphic": ("few colors, crisp edges, readable when small",),
    "person": ("skin, hair and fabric each with their own texture",
               "expressive hands and eyes, fabric with visible weave"),
    "animal": ("individual strands and a living glint in the eyes",
               "a lifelike texture and an alert look"),
    "food": ("appetizing textures, a little steam or gloss",
             "crumbs, gloss and grain that invite a bite"),
    "interior": ("worn wood, woven cloth and small signs of life",),
    "city": ("weathered stone, glass and metal, small signs of life",),
    "vehicle": ("painted metal, rubber and glass with honest wear",),
    "space": ("fine dust and subtle shifts of color",),
    "landscape": ("fine detail near, softening with distance",
                  "leaves, rock and water each with their own texture"),
    "abstract": ("a fine grain and smooth transitions between few colors",),
    "object": ("true materials: grain, gloss and small signs of use",),
}  # fmt: skip
PLAIN = ("one clear focal point", "light that shapes the forms", "carefully rendered materials")
ELSEWHERE = {
    "de": ("ein klarer Blickfang", "stimmungsvolles Licht", "feine Details"),
    "fr": ("un point focal net", "une lumière douce", "des détails soignés"),
    "es": ("un punto focal claro", "luz cuidada", "detalles finos"),
    "pt": ("um ponto focal claro", "luz cuidada", "detalhes finos"),
    "it": ("un punto focale chiaro", "luce curata", "dettagli fini"),
    "ru": ("ясная композиция", "мягкий свет", "тонкие детали"),
    "ja": ("明快な構図", "柔らかな光", "細部まで丁寧に"),
    "zh": ("构图清晰", "光线柔和", "细节精致"),
    "ko": ("분명한 구도", "부드러운 빛", "섬세한 디테일"),
    "ar": ("تكوين واضح", "ضوء ناعم", "تفاصيل دقيقة"),
    "he": ("קומפוזיציה ברורה", "אור רך", "פרטים עדינים"),
}
COMMAS = {"ja": "、", "zh": "，", "ar": "، "}
GIVEN = {"shot": "composition", "angle": "composition", "lighting": "light", "weather": "light"}
"""What a refinement has said already."""


def enhance(data: Mapping[str, Any]) -> dict[str, Any]:
    """Add what the prompt and its refinements leave open; see the module."""
    prompt = clean(str(data.get("prompt") or ""))
    style = str(data.get("style") or "")
    words = words_of(prompt)
    said = {GIVEN[name] for name in GIVEN if data.get(name)}
    said |= {name for name in ASPECTS if touches(words, SAID[name])}
    additions = [] if len(prompt) > NO_ADDITION else missing(prompt, words_of(style), said)
    return {"prompt": joined(prompt, additions)}


def missing(prompt: str, style: Sequence[str], said: set[str]) -> list[str]:
    """What to add for each aspect nobody has spoken of, in the prompt's own language."""
    words = words_of(prompt)
    kind = subject_of(words)
    language = language_of(prompt)
    if language == "other":
        return []
    if language not in (None, "en") and language in ELSEWHERE and not (kind and len(words) < 4):
        found = dict(zip(ASPECTS, ELSEWHERE[language], strict=True))
    elif kind is None:
        found = dict(zip(ASPECTS, PLAIN, strict=True))
    else:
        found = {
            "composition": pick(COMPOSITION[kind], "composition", prompt),
            "light": light_of(words) or pick(LIGHT[kind], "light", prompt),
            "detail": medium_of([*words, *style]) or pick(DETAIL[kind], "detail", prompt),
        }
    return [text for name, text in found.items() if name not in said and fresh(text, words)]


def subject_of(words: Sequence[str]) -> str | None:
    """The kind of thing that the first word we know names."""
    for word in words:
        for kind, known in KINDS.items():
            if word in known or word.removesuffix("s") in known:
                return kind
    return None


def light_of(words: Sequence[str]) -> str | None:
    """A light that agrees with the hour and the weather in the words."""
    for hour, known in HOURS.items():
        if touches(words, known):
            return HOUR_LIGHT[hour]
    return None


def medium_of(words: Sequence[str]) -> str | None:
    """What careful work looks like in the medium that is named."""
    return next((detail for known, detail in MEDIA.values() if touches(words, known)), None)


def touches(words: Sequence[str], known: str) -> bool:
    return not set(words).isdisjoint(known.split())


def fresh(addition: str, words: Sequence[str]) -> bool:
    """Whether an addition speaks of nothing that the prompt names, and maybe denies, itself."""
    telling = {word for word in words_of(addition) if len(word) > 4}
    return telling.isdisjoint(words)


def joined(prompt: str, additions: Sequence[str]) -> str:
    """The prompt as it stands, then the additions."""
    if not additions:
        return prompt
    comma = COMMAS.get(language_of(prompt) or "", ", ")
    tail = comma.join(additions)
    if re.search(r"[.!?。！？…]$", prompt):
        return f"{prompt} {tail[0].upper()}{tail[1:]}."
    return f"{prompt}{comma}{tail}"


KINDS = {kind: lexicon(words) for kind, words in SUBJECTS.items()}
