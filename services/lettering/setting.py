"""Lines painted, and brought to where all their ink is seen."""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.errors import InvalidParams
from services.lettering import engine, faces
from services.lettering.lines import Copy, Division
from services.lettering.words import KEPT, Wording, kinds

if TYPE_CHECKING:
    from PIL import Image

Align = Literal["center", "start", "end"]
Box = tuple[int, int, int, int]

STRIKE = 0.035
"""How far apart a letter is painted twice to look bold, where its font has no bold, in sizes."""
FIRM = 0.024
"""The same for the comic face, whose regular is thinner than a letterer's pen."""
ASIAN = {"han", "kana", "hangul"}


@dataclass(frozen=True)
class Setting:
    """Lines at a size in pixels, as they will be painted."""

    wording: Wording
    lines: tuple[str, ...]
    size: float
    color: str
    align: Align = "center"

    @property
    def height(self) -> float:
        return len(self.lines) * self.wording.leading * self.size

    def markup(self, width: float, top: float, left: float) -> str:
        """Place the lines in a column; each has the direction of the whole text."""
        rise = self.wording.leading * self.size
        common = (
            f"position:absolute;width:{width:.2f}px;white-space:pre;text-align:{self.side};"
            f"color:{self.color};{engine.style(self.wording, self.size)}"
        )
        return "".join(
            f'<p dir="{self.wording.direction}" lang="{self.wording.language}" '
            f'style="left:{left + shift:.2f}px;top:{top + rise * number:.2f}px;{common}">'
            f"{html.escape(line)}</p>"
            for number, line in enumerate(self.lines)
            for shift in self.strikes
        )

    @property
    def strikes(self) -> tuple[float, ...]:
        apart = FIRM if self.wording.face == "comic" else 0.0
        if self.wording.bold and (apart or unbold(self.wording.text)):
            apart = STRIKE
        return (-self.size * apart / 2, self.size * apart / 2) if apart else (0.0,)

    @property
    def side(self) -> str:
        """Which side the text keeps to, in its own direction of reading."""
        if self.align == "center":
            return "center"
        return "left" if (self.align == "start") == (self.wording.direction == "ltr") else "right"

    def paint(self, width: int, height: int) -> Image.Image | None:
        """Paint within a box, in its vertical middle; None where some ink would be cut off.

        Letters may reach out of their lines (accents, italics, swashes), so they are painted with
        room around them, and the box is laid where all of the ink is.
        """
        room = round(self.size) + 2
        top = room + (height - self.height) / 2
        wide, high = width + 2 * room, height + 2 * room
        painted = engine.paint(self.markup(width, top, room), wide, high)
        ink = painted.getbbox()
        if ink is None:
            return painted.crop((room, room, room + width, room + height))
        left, up, right, down = ink
        if right - left > width or down - up > height:
            return None
        x = min(max(room, right - width), left)
        y = (up + down - height) // 2
        return painted.crop((x, y, x + width, y + height))


def unbold(text: str) -> bool:
    """Whether a letter's font has no bold of its own."""
    letters = {each for each in text if unicodedata.category(each)[0] in "LM"}
    if kinds(text) & ASIAN:  # Then Latin comes from their font as well.
        return True
    return any(not faces.covered(each, *faces.WITH_BOLD) for each in letters - KEPT)


def lines_of(words: Copy, division: Division) -> tuple[str, ...]:
    return tuple(words.text(start, end) for start, end in division)


def color(name: str) -> str:
    """A color's `#rrggbb`, from any name Pillow knows."""
    from PIL import ImageColor

    try:
        red, green, blue = ImageColor.getrgb(name)[:3]
    except ValueError as error:
        raise InvalidParams(
            f"“{name[:40]}” is not a color. Say for example navy or #223344."
        ) from error
    return f"#{red:02x}{green:02x}{blue:02x}"
