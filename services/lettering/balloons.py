"""Speech balloons and captions: as small as their words allow, with every letter on the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from services.lettering import engine, setting
from services.lettering.bodies import sized
from services.lettering.lines import chord
from services.lettering.setting import Box, Setting
from services.lettering.shapes import Manner, Point, Shape
from services.lettering.words import Face, Wording, wording

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Balloon", "Manner", "Tail", "balloon"]

Direction = Literal["up", "down", "left", "right", "up-left", "up-right", "down-left", "down-right"]
Tail = Direction | tuple[float, float]
"""Where the speaker is: a direction, or pixels right and down of the middle of the body."""

DIRECTIONS: dict[str, Point] = {
    "up": (0.12, -1.0),
    "down": (-0.12, 1.0),
    "left": (-1.0, 0.1),
    "right": (1.0, 0.1),
    "up-left": (-0.5, -0.87),
    "up-right": (0.5, -0.87),
    "down-left": (-0.5, 0.87),
    "down-right": (0.5, 0.87),
}
FARTHEST = 4_000.0
"""Pixels from the middle to a tail's tip."""
SPARE = 0.15
"""Paper there is at least between ink and outline, in letter sizes."""


@dataclass(frozen=True)
class Balloon:
    """A balloon as a picture, and where its parts are in it, in pixels."""

    image: Image.Image
    """RGBA, with the tail."""
    anchor: tuple[int, int]
    """The tail's tip; without a tail, the middle of the body."""
    body: Box
    """All but the tail: left, top, right, bottom."""
    text_box: Box
    """Where the words are."""
    size: float
    """The letters' size."""
    cut: bool
    """Whether words are missing, with an ellipsis in their place."""


@dataclass(frozen=True)
class Arranged:
    """A balloon ready to be painted."""

    shape: Shape
    text: Image.Image
    """The words, as wide and high as the body without its margin."""
    tip: Point | None
    paper: str
    ink: str
    size: float
    cut: bool

    @property
    def middle(self) -> tuple[int, int]:
        """Where the body's middle is in the picture."""
        left, top = self.shape.across + self.shape.margin, self.shape.down + self.shape.margin
        if self.tip:
            edge = self.shape.weight * 2
            left, top = max(left, edge - self.tip[0]), max(top, edge - self.tip[1])
        return math.ceil(left) + 1, math.ceil(top) + 1

    @property
    def extent(self) -> tuple[int, int]:
        right, bottom = self.shape.across + self.shape.margin, self.shape.down + self.shape.margin
        if self.tip:
            edge = self.shape.weight * 2
            right, bottom = max(right, self.tip[0] + edge), max(bottom, self.tip[1] + edge)
        return self.middle[0] + math.ceil(right) + 1, self.middle[1] + math.ceil(bottom) + 1

    def drawn(self, *, outline: bool = True) -> Image.Image:
        """The balloon without its words; without its outline, only where there is paper."""
        width, height = self.extent
        svg = self.shape.svg(self.tip, self.paper, self.ink if outline else "none")
        x, y = self.middle
        return engine.paint(
            f'<svg width="{width}" height="{height}" style="position:absolute;left:0;top:0">'
            f'<g transform="translate({x},{y})">{svg}</g></svg>',
            width,
            height,
        )

    @property
    def text_corner(self) -> tuple[int, int]:
        return self.middle[0] - self.text.width // 2, self.middle[1] - self.text.height // 2

    def box(self, across: float, down: float) -> Box:
        x, y = self.middle
        return (
            math.floor(x - across),
            math.floor(y - down),
            math.ceil(x + across),
            math.ceil(y + down),
        )


def balloon(
    words: str,
    *,
    manner: Manner = "say",
    max_width: int,
    max_height: int,
    letter: float,
    tail: Tail | None = None,
    language: str | None = None,
    paper: str = "white",
    ink: str = "black",
    face: Face = "comic",
    upper: bool = False,
) -> Balloon:
    """Draw words in a balloon whose body is at most `max_width` by `max_height` pixels.

    Letters are as large as wanted unless the room asks for less, down to 0.6 of that; what does
    not fit even then is cut at a word. The body's size does not depend on the tail.
    """
    asked = wording(words, face=face, bold=manner == "shout", upper=upper, language=language)
    made = arrange(asked, manner, max_width, max_height, letter, tail, (paper, ink))
    image = made.drawn()
    image.alpha_composite(made.text, made.text_corner)
    x, y = made.middle
    tip = made.tip or (0.0, 0.0)
    shape = made.shape
    ink_box = made.text.getbbox() or (0, 0, *made.text.size)
    left, top = made.text_corner
    return Balloon(
        image,
        (round(x + tip[0]), round(y + tip[1])),
        made.box(shape.across + shape.margin, shape.down + shape.margin),
        (left + ink_box[0], top + ink_box[1], left + ink_box[2], top + ink_box[3]),
        made.size,
        made.cut,
    )


def arrange(
    asked: Wording,
    manner: Manner,
    max_width: float,
    max_height: float,
    letter: float,
    tail: Tail | None,
    colors: tuple[str, str],
) -> Arranged:
    """Find the letters' size, the body around them and the tail's tip."""
    if min(max_width, max_height) < 16 or max(max_width, max_height) > 8_192 or letter < 2:
        raise ValueError("A balloon needs 16 to 8,192 pixels a side and letters of 2 or more.")
    paper, ink = map(setting.color, colors)
    size, found = sized(asked, manner, max_width, max_height, letter)
    shape = Shape(manner, found.across * size, found.down * size, size)
    while True:
        lettered = Setting(
            asked,
            setting.lines_of(found.words, found.division),
            size,
            ink,
            "start" if manner == "caption" else "center",
        )
        margin = 0.8 * shape.look.padding * shape.letter
        text = lettered.paint(2 * math.ceil(shape.across - margin), 2 * math.ceil(shape.down))
        if text and on_paper(text, shape):
            break
        size *= 0.96
    cut = found.cut or asked.cut
    return Arranged(shape, text, tip_of(tail, shape), paper, ink, size, cut)


def on_paper(text: Image.Image, shape: Shape) -> bool:
    """Whether all ink is within the body, with a little paper around it."""
    ink = np.asarray(text.getchannel("A")) > 0
    rows = np.flatnonzero(ink.any(axis=1))
    if not rows.size:
        return True
    left = ink[rows].argmax(axis=1)
    right = text.width - 1 - ink[rows][:, ::-1].argmax(axis=1)
    reach = np.maximum(text.width / 2 - left, right + 1 - text.width / 2)
    away = np.maximum(text.height / 2 - rows, rows + 1 - text.height / 2)
    spare = SPARE * shape.letter
    down, across = shape.down - spare, shape.across - spare
    return all(
        high <= down and wide <= across * chord(high / down, shape.look.exponent)
        for high, wide in zip(away.tolist(), reach.tolist(), strict=True)
    )


def tip_of(tail: Tail | None, shape: Shape) -> Point | None:
    """Where the tail ends, around the middle; None where there is none, or it is not outside."""
    if tail is None or shape.manner == "caption":
        return None
    if isinstance(tail, str):
        way = DIRECTIONS[tail]
        edge = shape.edge(way)
        more = shape.look.tail * shape.letter / math.hypot(*way)
        return edge[0] + way[0] * more, edge[1] + way[1] * more
    if not all(map(math.isfinite, tail)):
        raise ValueError("A tail points at two numbers of pixels.")
    x, y = (max(-FARTHEST, min(FARTHEST, each)) for each in tail)
    edge = shape.edge((x, y))
    outside = math.hypot(x, y) > math.hypot(*edge) + shape.margin
    return (x, y) if outside else None
