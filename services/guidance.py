"""What picture models are told beside a person's own words, and what people are told in turn.

The one home of the styles, refinements and notes that several tools share. Words are only ever
added, and nothing is added that is there already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.pictures import Picture, PictureRequest
from providers import Capabilities

STYLES: Mapping[str, str] = {
    "watercolor": "translucent washes that bleed into one another, white paper left showing",
    "oil painting": "layered brushwork, thick paint in the highlights, canvas weave",
    "pencil sketch": "graphite lines of varied weight, hatched shading, rubbed paper",
    "woodcut": "carved black lines, few flat inks, visible grain of the block",
    "pixel art": "square pixels on one grid, a small palette, no smoothing",
    "comic": "confident ink outlines, flat colors, spotted blacks",
    "flat": "vector shapes, few plain colors, no texture",
    "film noir": "black and white, hard key light, deep shadow, low camera",
    "photograph": "natural light, true materials, shallow depth of field",
    "anime": "clean line art, cel shading, painted background",
    "3D render": "rounded forms, believable materials, global illumination",
    "ink wash": "diluted black ink, few strokes, much empty paper",
    "isometric": "parallel projection from above, tidy miniature, exact edges",
    "stained glass": "pieces of colored glass between lead lines, light from behind",
    "paper cut": "layers of cut colored paper with small shadows between them",
    "low poly": "faceted surfaces of few triangles, plain shading",
    "art nouveau": "flowing organic contours, ornamental border, muted flat colors",
    "vaporwave": "pink and cyan gradients, chrome, grid horizon, eighties computer graphics",
}
"""Suggested styles; any other words are a style, too."""

AvatarStyle = Literal["portrait", "anime", "pixel", "3D", "watercolor", "mascot", "oil", "clay"]
AVATARS: Mapping[AvatarStyle, str] = {
    "portrait": "Photographic studio portrait: soft key light from one side, gentle falloff, "
    "lifelike skin and hair, eyes in sharp focus",
    "anime": "Anime portrait: clean line art, large expressive eyes with highlights, cel shading, "
    "hair in separate locks",
    "pixel": "Pixel art portrait: square pixels on a grid of 64 by 64, at most 24 colors, crisp "
    "outline, no smoothing",
    "3D": "Stylized 3D character render: rounded forms, large friendly eyes, subsurface skin, "
    "studio lighting",
    "watercolor": "Watercolor portrait: loose translucent washes, a few precise lines for the "
    "face, white paper left showing",
    "mascot": "Mascot emblem: bold simplified character, thick even outlines, three or four flat "
    "colors, cheerful expression",
    "oil": "Oil portrait: visible brushwork, warm underpainting, light on the face and a quiet, "
    "deep ground",
    "clay": "Handmade clay figure: fingerprints in the clay, simple rounded features, tiny "
    "tabletop set, soft light",
}
FOR_AVATARS = (
    "An avatar: one subject, head and shoulders, facing the viewer, centered with everything that "
    "matters well inside a circle, readable when very small, a plain background that sets it off. "
    "No text, no frame, no circle drawn."
)

Shot = Literal["extreme close-up", "close-up", "medium", "full body", "wide", "panorama", "macro"]
Angle = Literal["eye level", "low", "high", "top-down", "from below", "from behind", "tilted"]
Lighting = Literal[
    "golden hour", "blue hour", "daylight", "overcast", "studio", "backlit", "candlelight",
    "neon", "moonlight", "dramatic",
]  # fmt: skip
Weather = Literal["clear", "cloudy", "rain", "storm", "snow", "fog", "windy", "rainbow"]

SHOTS: Mapping[Shot, str] = {
    "extreme close-up": "extreme close-up",
    "close-up": "close-up",
    "medium": "medium shot from the waist up",
    "full body": "full-body shot",
    "wide": "wide shot",
    "panorama": "wide panorama",
    "macro": "macro shot",
}
ANGLES: Mapping[Angle, str] = {
    "eye level": "seen at eye level",
    "low": "seen from a low angle",
    "high": "seen from a high angle",
    "top-down": "seen straight from above",
    "from below": "seen steeply from below",
    "from behind": "seen from behind",
    "tilted": "with a tilted camera",
}
LIGHTINGS: Mapping[Lighting, str] = {
    "golden hour": "in golden hour light",
    "blue hour": "in blue hour light",
    "daylight": "in plain daylight",
    "overcast": "under an overcast sky",
    "studio": "in studio lighting",
    "backlit": "backlit",
    "candlelight": "by candlelight",
    "neon": "in neon light",
    "moonlight": "by moonlight",
    "dramatic": "in dramatic light and shadow",
}
WEATHERS: Mapping[Weather, str] = {
    "clear": "under a clear sky",
    "cloudy": "under a cloudy sky",
    "rain": "in the rain",
    "storm": "in a storm",
    "snow": "in the snow",
    "fog": "in fog",
    "windy": "on a windy day",
    "rainbow": "with a rainbow",
}
WANTED_SHAPES = (
    ("9:16", re.compile(r"\b(?:phone wallpaper|lock ?screen|story|stories|reel|vertical)\b", re.I)),
    ("21:9", re.compile(r"\b(?:ultra-?wide|panorama|panoramic|cinemascope)\b", re.I)),
    ("16:9", re.compile(r"\b(?:wallpaper|banner|cinematic|desktop|thumbnail|film still|widescreen)\b",
                        re.I)),
    ("1:1", re.compile(r"\b(?:icon|logo|avatar|emoji|album cover|sticker|emblem)\b", re.I)),
    ("2:3", re.compile(r"\b(?:portrait|poster|book cover|full-body|full body|tarot)\b", re.I)),
    ("3:2", re.compile(r"\b(?:landscape|skyline|seascape|cityscape|coast|valley)\b", re.I)),
)  # fmt: skip
"""What in a prompt asks for a shape, the surest first."""


ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
"""What a sentence ends with; the last three are Chinese and Japanese."""


@dataclass(frozen=True, kw_only=True)
class Refinements:
    """What somebody chose beside their words."""

    shot: Shot | None = None
    angle: Angle | None = None
    lighting: Lighting | None = None
    weather: Weather | None = None
    location: str | None = None

    def phrases(self) -> list[str]:
        """What they say, in the order a sentence has them."""
        return [
            *([SHOTS[self.shot]] if self.shot else []),
            *([ANGLES[self.angle]] if self.angle else []),
            *([located(self.location)] if self.location else []),
            *([WEATHERS[self.weather]] if self.weather else []),
            *([LIGHTINGS[self.lighting]] if self.lighting else []),
        ]

    def chosen(self) -> dict[str, str]:
        """The choices by name, for a writer."""
        given = {
            "shot": self.shot,
            "angle": self.angle,
            "lighting": self.lighting,
            "weather": self.weather,
            "location": self.location,
        }
        return {name: str(value) for name, value in given.items() if value}


def located(place: str) -> str:
    """A place as words that follow a subject: "Lisbon" is "in Lisbon", "on the moon" stays."""
    ready = re.match(
        r"(?:in|on|at|by|near|under|inside|outside|above|behind|before|along)\b", place, re.I
    )
    return place if ready or not place.isascii() else f"in {place}"


def refined(prompt: str, refinements: Refinements) -> str:
    """A prompt with what was chosen beside it, where its words do not say it already."""
    return appended(prompt, refinements.phrases())


def styled(subject: str, style: str | None) -> str:
    """A prompt that says how it is to look: a suggested style in full, any other as it is put."""
    if not style:
        return subject
    known = next((name for name in STYLES if name.lower() == style.lower().strip()), None)
    manner = f"{known}: {STYLES[known]}" if known else style
    if known and STYLES[known] in subject:
        return subject
    return sentence(subject, f"Style: {manner.rstrip('.')}.")


def described(prompt: str, name: str, description: str) -> str:
    """A prompt with what is said of a named set of pictures."""
    said = description.strip()
    if not said or said in prompt:
        return prompt
    return sentence(prompt, f"{name}: {said.rstrip('.')}.")


def appended(prompt: str, phrases: Sequence[str]) -> str:
    """Words behind a prompt that say more of it; those it has already are left out."""
    lower = prompt.lower()
    new = [each for each in phrases if each.lower() not in lower]
    if not new:
        return prompt
    tail = ", ".join(new)
    if prompt.endswith(ENDS):
        return sentence(prompt, f"{tail[0].upper()}{tail[1:]}.")
    return f"{prompt}, {tail}"


def sentence(prompt: str, more: str) -> str:
    """A prompt and one more sentence."""
    return f"{prompt}{'' if prompt.endswith(ENDS) else '.'} {more}"


def shape(aspect: str, words: str, source: Picture | None) -> str:
    """Width to height; "auto" is the source's own, else what the words ask for, else a square."""
    if aspect != "auto":
        return aspect
    if source is not None:
        return aspect_of(source)
    return next((ratio for ratio, asks in WANTED_SHAPES if asks.search(words)), "1:1")


def aspect_of(source: Picture) -> str:
    """The source's own ratio, held to what providers draw: 1:3 to 3:1."""
    width, height = source.width, source.height
    return f"{min(width, 3 * height)}:{min(height, 3 * width)}"


def within(request: PictureRequest, capabilities: Capabilities) -> tuple[PictureRequest, list[str]]:
    """A request without what the chosen model cannot do, and sentences that say what that was."""
    notes = unmet(request, capabilities)
    can = capabilities
    kept = replace(
        request,
        negative_prompt=request.negative_prompt if can.negative_prompt else "",
        seed=request.seed if can.seed != "none" else None,
        references=request.references[: can.references],
        source=request.source if can.source else None,
        mask=request.mask if can.mask and can.source else None,
        background=None
        if request.background == "transparent" and not can.transparent
        else request.background,
        strength=request.strength if can.strength else None,
        fidelity=request.fidelity if can.fidelity else None,
        quality=request.quality
        if can.qualities is None or request.quality in can.qualities
        else None,
    )
    return kept, notes


def unmet(request: PictureRequest, capabilities: Capabilities) -> list[str]:
    """What of a request the chosen model cannot do, as sentences for the person."""
    notes: list[str] = []
    if request.source is not None and not capabilities.source:
        notes.append("This model cannot start from a picture, so it drew from the words alone.")
    if request.mask is not None and not capabilities.mask:
        notes.append("This model knows no masks, so the whole picture may have changed.")
    if (given := len(request.references)) > capabilities.references:
        notes.append(too_many(given, capabilities.references))
    if request.negative_prompt and not capabilities.negative_prompt:
        notes.append("This model has no negative prompt; say in the prompt itself what to avoid.")
    if request.seed is not None and capabilities.seed == "none":
        notes.append("This model takes no seed, so the same picture cannot be drawn again.")
    if request.background == "transparent" and not capabilities.transparent:
        notes.append("This model cannot leave the background empty; /icon cuts it out instead.")
    if request.strength is not None and request.source is not None and not capabilities.strength:
        notes.append("This model decides by the words how far to leave the source.")
    if request.fidelity is not None and not capabilities.fidelity:
        notes.append("This model always keeps as closely to pictures as it can.")
    if (
        request.quality not in (None, "auto")
        and capabilities.qualities is not None
        and request.quality not in capabilities.qualities
    ):
        notes.append(f"This model has no quality “{request.quality}”, so it chose its own.")
    return notes


def too_many(given: int, possible: int) -> str:
    """That some references were left out."""
    if possible == 0:
        return "This model takes no reference pictures, so only their words were used."
    return f"This model takes up to {possible} reference pictures; the first {possible} of {given} were used."
