"""Lettering: any language's text set in a box or an ellipse, as large as it fits, never clipped.

Everything here is synchronous and may run where memory and time are bounded (`PicturePool.run`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from services.lettering import lines, setting
from services.lettering.lines import Copy, Division, Frame
from services.lettering.setting import Align, Setting
from services.lettering.words import Face, Wording, wording

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Align", "Face", "Lettered", "Measured", "Shape", "measure", "set_text"]

Shape = Literal["box", "ellipse"]

EXPONENTS = {"box": lines.BOX, "ellipse": lines.ELLIPSE}
BIGGEST = 8_192
"""Pixels of a side."""
LEAST_LETTER = 1.0
"""Pixels. Where even this does not fit, nothing could be seen anyway."""
WORTH_DIVIDING = 0.8
"""Words are divided only where whole words would have to be set smaller than this part of what is
wanted, and of what divided words allow."""
WIDE_WORD = 0.5
"""The part of a line beyond which a word may be divided."""
SHRINK = 0.96


@dataclass(frozen=True)
class Lettered:
    """Text as a picture."""

    image: Image.Image
    """RGBA, of the size asked for; transparent but for the letters, which stand in its middle."""
    size: float
    """The letters' size, in pixels."""
    cut: bool
    """Whether some of the text is missing, with an ellipsis in its place."""


@dataclass(frozen=True)
class Measured:
    """What room text needs, in pixels."""

    width: int
    height: int
    lines: int


@dataclass(frozen=True)
class Fitted:
    """Words divided into lines at a size that fits."""

    words: Copy
    division: Division
    size: float
    cut: bool = False


def set_text(
    text: str,
    *,
    width: int,
    height: int,
    largest: float,
    smallest: float,
    face: Face = "comic",
    bold: bool = False,
    italic: bool = False,
    upper: bool = False,
    color: str = "black",
    align: Align = "center",
    shape: Shape = "box",
    language: str | None = None,
) -> Lettered:
    """Set text as large as it fits between two letter sizes, all in pixels.

    Where even the smallest does not fit, the text ends at a word with an ellipsis.
    """
    if not (1 <= width <= BIGGEST and 1 <= height <= BIGGEST and 0 < smallest <= largest):
        raise ValueError("Lettering needs a box of 1 to 8,192 pixels a side and sizes in order.")
    words = wording(text, face=face, bold=bold, italic=italic, upper=upper, language=language)
    ink = setting.color(color)
    while True:
        found = fit(words, width, height, largest, smallest, EXPONENTS[shape])
        made = Setting(words, setting.lines_of(found.words, found.division), found.size, ink, align)
        image = made.paint(width, height)
        if image and (shape == "box" or within_ellipse(image)):
            return Lettered(image, found.size, found.cut or words.cut)
        largest = found.size * SHRINK
        smallest = min(smallest, largest)


def fit(
    words: Wording, width: float, height: float, largest: float, smallest: float, exponent: float
) -> Fitted:
    """Find the largest size, dividing words only where that makes the letters much larger."""

    def attempt(level: int, least: float) -> Fitted | None:
        copy = lines.copy(words, level, limit=WIDE_WORD * width / least)

        def divide(size: float) -> Division | None:
            return lines.divided(copy, Frame(width / size, height / size, exponent))

        size = lines.largest(smallest, largest, lambda size: divide(size) is not None)
        division = divide(size) if size else None
        return Fitted(copy, division, size) if size and division else None

    whole = attempt(lines.WHOLE_WORDS, largest)
    if whole and whole.size >= WORTH_DIVIDING * largest:
        return whole
    other = attempt(lines.DIVIDED_WORDS, largest)
    if whole and (other is None or whole.size >= WORTH_DIVIDING * other.size):
        return whole
    found = other or attempt(lines.ANYWHERE, smallest)
    return found or shortened(words, width, height, smallest, exponent)


def shortened(words: Wording, width: float, height: float, size: float, exponent: float) -> Fitted:
    """As much as fits at a size; where not even a character does, at a smaller one."""
    for smaller in sizes_below(size):
        copy = lines.copy(words, lines.ANYWHERE, limit=WIDE_WORD * width / smaller)
        frame = Frame(width / smaller, height / smaller, exponent)
        found = longest(copy, frame)
        if found:
            return Fitted(*found, smaller, cut=True)
    tiny = lines.copy(words, lines.ANYWHERE).until(1)
    return Fitted(tiny, [(0, 1)], min(size, LEAST_LETTER), cut=True)


def sizes_below(size: float) -> Iterator[float]:
    while size >= LEAST_LETTER:
        yield size
        size *= 0.8


def longest(copy: Copy, frame: Frame) -> tuple[Copy, Division] | None:
    """The most words that fit with an ellipsis after them."""
    count = lines.most_words(copy, lambda words: lines.divided(words, frame) is not None)
    kept = copy.until(count) if count else None
    division = lines.divided(kept, frame) if kept else None
    return (kept, division) if kept and division else None


def within_ellipse(image: Image.Image) -> bool:
    """Whether no ink lies outside the ellipse that touches the picture's edges."""
    from PIL import Image, ImageChops, ImageDraw

    outside = Image.new("L", image.size, 255)
    ImageDraw.Draw(outside).ellipse((0, 0, image.width - 1, image.height - 1), fill=0)
    return ImageChops.multiply(image.getchannel("A"), outside).getbbox() is None


def measure(
    text: str,
    *,
    size: float,
    width: float,
    face: Face = "comic",
    bold: bool = False,
    italic: bool = False,
    upper: bool = False,
    language: str | None = None,
) -> Measured:
    """What room text needs at a letter size when its lines are at most `width` pixels.

    A little is added for ink that reaches out of its line, so `set_text` finds this size to fit.
    """
    words = wording(text, face=face, bold=bold, italic=italic, upper=upper, language=language)
    found = fit(words, width, BIGGEST, size, size, lines.BOX)
    widest = max(found.words.width(start, end) for start, end in found.division)
    high = lines.height(found.words, len(found.division)) + 0.1
    return Measured(
        min(math.ceil((widest + 0.1) * size), math.ceil(width)),
        math.ceil(high * size),
        len(found.division),
    )
