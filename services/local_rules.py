"""The wishes that are understood without anybody drawing, and what each of them means.

They are matched against lower-case text with single spaces, in which "grayscale" stands for all
its spellings and numbers stand for words to write (`services.local_edits`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from services.pictures.captions import Caption, Corner, Watermark
from services.pictures.operations import (
    Adjust,
    Blur,
    Circle,
    Crop,
    Cut,
    Flip,
    Grayscale,
    Invert,
    Operation,
    Resize,
    Rotate,
    RoundCorners,
    Scale,
    Sepia,
    Sharpen,
    Tone,
)

Found: TypeAlias = re.Match[str]
Meaning: TypeAlias = Callable[[Found], list[Operation]]
"""No operations where it means none after all."""
Lettering: TypeAlias = Callable[[Found, str], Operation]
"""What to do with words that are to be written."""

RATIO_LIMIT = 32
"""Two numbers up to this are a shape, larger ones are pixels."""
STRONGEST = 5.0
"""Times what it is, or what is usual."""
MORE: dict[Tone, tuple[float, float, float]] = {
    "brightness": (0.35, 0.15, 0.8),
    "contrast": (0.3, 0.15, 0.6),
    "saturation": (0.4, 0.2, 0.9),
}
"""Parts of what it is: usually, for "a bit", for "a lot"."""
LESS: dict[Tone, tuple[float, float, float]] = {
    "brightness": (0.25, 0.12, 0.5),
    "contrast": (0.25, 0.12, 0.5),
    "saturation": (0.4, 0.2, 0.75),
}
TONES: dict[str, Tone] = {
    "brightness": "brightness",
    "contrast": "contrast",
    "contrasty": "contrast",
    "saturation": "saturation",
    "saturated": "saturation",
    "vivid": "saturation",
    "vibrant": "saturation",
}
SHAPES = {"square": (1, 1), "widescreen": (16, 9), "landscape": (3, 2), "portrait": (2, 3)}


def phrase(*parts: str) -> re.Pattern[str]:
    """Words after one another, a pattern for each; one that begins with "?" may be missing."""
    return re.compile(
        "".join(
            f"(?:(?:{part[1:]})(?!\\w) ?)?" if part[0] == "?" else f"(?:{part})(?!\\w) ?"
            for part in parts
        )
    )


PICTURE = "picture|image|photo(?:graph)?|pic|avatar|icon"
THE_PICTURE = rf"(?:the|this|that|my) (?:whole |entire |full )?(?:{PICTURE})"
IT = rf"(?:it|this|that|them|everything|{THE_PICTURE})"
MAKE = (
    rf"?(?:make|turn|render|convert|change|set|put|get) {IT}(?: look)?"
    rf"|make|convert|look|i (?:want|need) {IT}(?: to be)?"
)
INTO = "?(?:to|into|in|as|at)(?: an?)?|an?"
OF_IT = rf"?(?:of|in|on|from) {IT}"

A_BIT = (
    "(?:just )?(?:a (?:little bit|little|bit|touch|tad)|slight(?:ly)?|somewhat|subt(?:ly|le)"
    "|gent(?:ly|le)|light(?:ly)?|little)"
)
A_LOT = (
    "(?:very )?(?:much|a lot|lots|way|far|heav(?:y|ily)|strong(?:ly)?|significantly|really|very"
    "|extremely)"
)
PART = r"\d{1,3}(?:\.\d{1,3})? ?(?:%|percent)"
AMOUNT = rf"{A_BIT}|{A_LOT}|(?:by )?(?:about )?{PART}"
BEFORE = rf"?(?P<before>{AMOUNT})"
AFTER = rf"?(?P<after>{AMOUNT}|more)(?: more)?"

NUMBER = r"\d{1,5}(?:\.\d{1,3})?"
SIZE = rf"(?P<wide>{NUMBER}) ?(?P<by>:|x|by) ?(?P<high>{NUMBER})(?: ?(?:pixels|px))?"
PIXELS = r"(?P<pixels>\d{2,5})(?: ?(?:pixels|px))?"
TALL = "wide|in width|(?P<tall>high|tall|in height)"
DEGREES = rf"(?P<degrees>-?{NUMBER})(?: ?(?:degrees?|deg|°))?"
SIDE = "?(?:to )?(?:the )?(?P<side>left|right|(?:counter|anti)-?clockwise|clockwise)"

CROP = "(?:center[ -])?(?:crop|cut|trim)"
RESIZE = "(?P<verb>resize|scale|shrink|enlarge|downscale|upscale)"
ACROSS = "horizontal(?:ly)?|left[ -]to[ -]right|left[ -]right|sideways"
OVER = "vertical(?:ly)?|upside[ -]down|top[ -]to[ -]bottom"
INCREASE = "increase|raise|boost|up|add(?: more| some)?|turn up|more|higher"
DECREASE = "decrease|reduce|lower|turn down|less"
TONE = f"(?P<tone>{'|'.join(TONES)})"

WRITE = "?(?:add|put|write|give it|with)(?: an?| the| my)?|an?"
SAYING = "?,? ?(?::|saying|that says|that reads|reading|with the (?:text|words)|of|with|as)"
WORDS = "\ue000(?P<words>\\d+)\ue001"
PLACE = "(?:at |on |in |to |along )?(?:the )?(?P<place>top|bottom)"
CORNER = (
    "(?:at |on |in |to )?(?:the )?"
    "(?P<corner>(?:top|bottom|upper|lower)[ -](?:left|right))(?: corner)?"
)


def amount(found: Found, usual: float, least: float, most: float) -> float:
    """How much: as many percent as were said, or `least` for "a bit" and `most` for "a lot"."""
    named = found.groupdict()
    said = named.get("before") or named.get("after") or ""
    if number := re.search(r"[\d.]+", said):
        return float(number[0]) / 100
    if re.fullmatch(A_BIT, said):
        return least
    return most if re.fullmatch(A_LOT, said) else usual


def cropped(found: Found) -> list[Operation]:
    """Two small numbers are a shape, two large ones pixels."""
    wide, high = float(found["wide"]), float(found["high"])
    if not wide or not high:
        return []
    if found["by"] == ":" or max(wide, high) <= RATIO_LIMIT:
        return [Crop(wide, high)]
    return [Cut(round(wide), round(high))]


def resized(found: Found) -> list[Operation]:
    """A shape only where it has a colon: "make it 3x3" may well be about something else."""
    wide, high = float(found["wide"]), float(found["high"])
    if found["by"] == ":":
        return cropped(found)
    return [Resize(round(wide), round(high))] if max(wide, high) > RATIO_LIMIT else []


def shaped(found: Found) -> list[Operation]:
    return [Crop(*SHAPES[found["shape"]])]


def one_side(found: Found) -> list[Operation]:
    pixels = int(found["pixels"])
    return [Resize(height=pixels) if found["tall"] else Resize(width=pixels)]


def scaled(found: Found) -> list[Operation]:
    """In percent: "by" some is that much more or less where the verb says which."""
    part, verb = float(found["percent"]) / 100, found["verb"]
    if found["by"] and verb in ("shrink", "downscale"):
        return [Scale(max(1 - part, 0))]
    return [Scale(1 + part if found["by"] and verb in ("enlarge", "upscale") else part)]


def multiplied(found: Found) -> list[Operation]:
    times = float(found["times"])
    smaller = found["verb"] in ("shrink", "downscale") and times > 1
    return [Scale(1 / times if smaller else times)]


def rotated(found: Found) -> list[Operation]:
    named = found.groupdict()
    degrees = float(named.get("degrees") or (180 if named.get("half") else 90))
    side = named.get("side") or "right"
    return [Rotate(-degrees if side == "left" or side.startswith(("counter", "anti")) else degrees)]


def flipped(found: Found) -> list[Operation]:
    named = found.groupdict()
    if axis := named.get("axis"):
        return [Flip(upside_down=axis == "horizontal")]
    how = named.get("how") or "horizontally"
    both = how == "both ways"
    across = [Flip()] if both or re.search(ACROSS, how) else []
    return [*across, *([Flip(upside_down=True)] if both or re.search(OVER, how) else [])]


def more(what: Tone, found: Found) -> list[Operation]:
    return [Adjust(what, min(1 + amount(found, *MORE[what]), STRONGEST))]


def less(what: Tone, found: Found) -> list[Operation]:
    return [Adjust(what, max(1 - amount(found, *LESS[what]), 0))]


def toned(found: Found) -> list[Operation]:
    """What names the tone: "more contrast", "saturation -20%"."""
    change = less if re.match(f"{DECREASE}|-", found["way"]) else more
    return change(TONES[found["tone"]], found)


def blurred(found: Found) -> list[Operation]:
    return [Blur(0.02 * min(amount(found, 0.4, 0.15, 1), STRONGEST))]


def sharpened(found: Found) -> list[Operation]:
    return [Sharpen(min(amount(found, 1, 0.5, 2), STRONGEST))]


def corners_rounded(found: Found) -> list[Operation]:
    return [RoundCorners(min(amount(found, 0.1, 0.05, 0.2), 0.5))]


def always(*operations: Operation) -> Meaning:
    return lambda _: list(operations)


def captioned(found: Found, words: str) -> Operation:
    return Caption(words, top=found.groupdict().get("place") == "top")


def marked(found: Found, words: str) -> Operation:
    said = found["corner"] or "bottom right"
    corners: dict[tuple[bool, bool], Corner] = {
        (True, True): "top left",
        (True, False): "top right",
        (False, True): "bottom left",
        (False, False): "bottom right",
    }
    return Watermark(words, corners[said.startswith(("top", "upper")), said.endswith("left")])


SHAPE = f"(?P<shape>{'|'.join(SHAPES)})(?: shape| format)?"
RATIO = "?(?:aspect )?(?:ratio|format|shape)"
WAY = f"(?P<way>{INCREASE}|{DECREASE})"
TURNED = f"(?P<how>(?:{ACROSS}|{OVER})(?: and (?:{ACROSS}|{OVER}))?|both ways)"
ABOUT = "(?:along|over|around|about|on) (?:the|its) (?P<axis>horizontal|vertical) axis"
ADD = rf"(?:add|apply|give {IT})(?: an?)?"
SOME = rf"?(?P<before>{A_BIT}|{A_LOT}|some)(?: of)?"

RULES: list[tuple[re.Pattern[str], Meaning]] = [
    (phrase(CROP, "?" + IT, "?down", INTO, SIZE, RATIO), cropped),
    (phrase(MAKE, INTO, SIZE, RATIO), resized),
    (phrase(CROP, "?" + IT, INTO, SHAPE), shaped),
    (phrase(MAKE, INTO, "(?P<shape>square)"), shaped),
    (phrase(CROP, "?" + IT, INTO, "circle|circular|circular shape|round"), always(Circle())),
    (phrase(RESIZE, "?" + IT, "?up|down", INTO, SIZE, RATIO), resized),
    (phrase(RESIZE, "?" + IT, "?up|down", INTO, PIXELS, "?" + TALL), one_side),
    (phrase(RESIZE, "?" + IT, INTO, "(?P<tall>height)|width", "?of", PIXELS), one_side),
    (phrase(MAKE, PIXELS, TALL), one_side),
    (
        phrase(RESIZE, "?" + IT, "?up|down", r"?to|(?P<by>by)", rf"(?P<percent>{NUMBER}) ?%"),
        scaled,
    ),
    (
        phrase(RESIZE, "?" + IT, "?up|down", "?by", rf"(?P<times>{NUMBER})(?: ?(?:x|times))?"),
        multiplied,
    ),
    (phrase(MAKE, "(?:twice|double) (?:the|its|as)", "size|big|large"), always(Scale(2))),
    (phrase(MAKE, "half (?:the|its|as)", "size|big|large"), always(Scale(0.5))),
    (phrase("double", "the|its", "size", OF_IT), always(Scale(2))),
    (phrase("halve", "the|its", "size", OF_IT), always(Scale(0.5))),
    (phrase(RESIZE, "?" + IT, "to (?:twice|double)", "?(?:the|its) size"), always(Scale(2))),
    (phrase(RESIZE, "?" + IT, "to half", "?(?:the|its) size"), always(Scale(0.5))),
    (phrase("rotate", "?" + IT, "?by", "?" + DEGREES, SIDE), rotated),
    (phrase("rotate", "?" + IT, "?by", "?a", "quarter|(?P<half>half)", "turn", SIDE), rotated),
    (phrase("turn", IT, "?by", rf"(?P<degrees>{NUMBER}) ?(?:degrees?|°)", SIDE), rotated),
    (phrase("turn", THE_PICTURE, SIDE[1:]), rotated),
    (phrase("rotate|turn", IT, "upside[ -]down"), always(Rotate(180))),
    (phrase("flip|mirror", "?" + IT, "?" + TURNED), flipped),
    (phrase("flip|mirror", "?" + IT, ABOUT), flipped),
    (phrase(f"(?P<how>{ACROSS}|{OVER})", "flip|mirror", "?" + IT), flipped),
    (phrase(MAKE, "?a", "mirror image|mirrored"), always(Flip())),
    (phrase(MAKE, BEFORE, "brighter|lighter", AFTER), partial(more, "brightness")),
    (phrase(BEFORE, "brighten|lighten", "?" + IT, "?up", AFTER), partial(more, "brightness")),
    (phrase(MAKE, BEFORE, "darker|dimmer", AFTER), partial(less, "brightness")),
    (phrase(BEFORE, "darken|dim", "?" + IT, "?down", AFTER), partial(less, "brightness")),
    (phrase(BEFORE, WAY, "?the|its", TONE, OF_IT, AFTER), toned),
    (phrase(MAKE, BEFORE, "(?P<way>more|less)", TONE, AFTER), toned),
    (phrase(f"(?P<way>add|give {IT})", SOME, "?more", TONE, OF_IT), toned),
    (phrase(TONE, rf"(?P<way>[+-]|by ) ?(?P<after>{PART})"), toned),
    (phrase(BEFORE, "saturate", "?" + IT, AFTER), partial(more, "saturation")),
    (phrase(BEFORE, "desaturate", "?" + IT, AFTER), partial(less, "saturation")),
    (phrase(MAKE, INTO, "grayscale|monochrome", f"?{PICTURE}|version"), always(Grayscale())),
    (phrase("remove|drop", "?all", "?the", "?all", "colors?", OF_IT), always(Grayscale())),
    (phrase("desaturate", IT, "completely|fully|entirely"), always(Grayscale())),
    (phrase(MAKE, INTO, "sepia(?:[ -]?toned?)?", "?filter|version"), always(Sepia())),
    (phrase(ADD, "sepia", "?tone|filter|effect"), always(Sepia())),
    (phrase("invert", "?" + IT, "?(?:the |its |all )?colors", OF_IT), always(Invert())),
    (phrase(MAKE, INTO, "negative"), always(Invert())),
    (phrase(BEFORE, "blur", "?" + IT, AFTER), blurred),
    (phrase(MAKE, BEFORE, "blurry|blurred|blurrier", AFTER), blurred),
    (phrase(ADD, SOME, "?gaussian", "blur", OF_IT), blurred),
    (phrase(BEFORE, "sharpen", "?" + IT, "?up", AFTER), sharpened),
    (phrase(MAKE, BEFORE, "sharper|crisper", AFTER), sharpened),
    (phrase(BEFORE, INCREASE, "?the|its", "sharpness", OF_IT, AFTER), sharpened),
    (
        phrase("round(?: off)?", "?the|its|all(?: the)?", "corners|edges", OF_IT, AFTER),
        corners_rounded,
    ),
    (phrase(rf"?add|with|give {IT}", BEFORE, "round(?:ed)?", "corners|edges"), corners_rounded),
    (phrase("make", "the|its", "corners|edges", BEFORE, "round(?:ed|er)?", AFTER), corners_rounded),
]

CAPTION = "caption|text"
LETTERING: list[tuple[re.Pattern[str], Lettering]] = [
    (phrase(WRITE, CAPTION, SAYING, WORDS, "?" + PLACE), captioned),
    (phrase(WRITE, CAPTION, PLACE, SAYING, WORDS), captioned),
    (phrase(WRITE, "(?P<place>top|bottom)", CAPTION, SAYING, WORDS), captioned),
    (phrase("caption", IT, SAYING, WORDS, "?" + PLACE), captioned),
    (phrase("write", WORDS, "?" + PLACE), captioned),
    (phrase("add|put", WORDS, PLACE), captioned),
    (phrase(WRITE, "watermark", SAYING, WORDS, "?" + CORNER), marked),
    (phrase(WRITE, "watermark", CORNER, SAYING, WORDS), marked),
    (phrase("watermark", IT, SAYING, WORDS, "?" + CORNER), marked),
    (phrase("write|add|put", WORDS, CORNER), marked),
]
