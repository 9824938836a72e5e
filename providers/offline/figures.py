"""Heads of animals, robots and people, and a few things, as plain flat drawings.

Simple on purpose: they stand for whoever a story or an icon is about, and read well when small.
Lengths are in units of half a head; y goes down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from providers.offline.canvas import Array, Canvas, random

SCALE = 2
"""Drawn so many times as large, for clean edges."""
INK, WHITE, PINK = "#2b2230", "#ffffff", "#f2a0a8"
SKIN = ("#f6d2b8", "#e8b48c", "#cf9a6c", "#a97449", "#8a5a38")
HAIR = {"red": "#b5482a", "blond": "#e3b75a", "blonde": "#e3b75a", "black": "#2a2530",
        "brown": "#6b4028", "white": "#e9e6e0", "gray": "#9a9aa2", "grey": "#9a9aa2",
        "blue": "#3f6fd0", "pink": "#e07aa8", "green": "#4f9a5c"}  # fmt: skip
SHIRTS = ("#3f6fb5", "#c8553d", "#3d8f7a", "#8a5aa8", "#d79a2b")


LONG = {"girl", "woman", "she", "her", "princess", "queen", "mother", "witch", "heroine"}
"""Words for those who are drawn with long hair."""
SAID = LONG | {"boy", "man", "he", "old", "young", "astronaut", "knight", "detective", "wizard"}


class Pen:
    """Draws flat shapes around a middle, in units of half a head."""

    def __init__(self, size: tuple[int, int], x: float, y: float, unit: float) -> None:
        self.image = Image.new("RGBA", size, (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.image)
        self.x, self.y, self.unit = x, y, unit

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.unit, self.y + y * self.unit

    def oval(self, x: float, y: float, rx: float, ry: float, color: str) -> None:
        self.draw.ellipse([self.at(x - rx, y - ry), self.at(x + rx, y + ry)], fill=color)

    def both(self, x: float, y: float, rx: float, ry: float, color: str) -> None:
        """The same on either side."""
        self.oval(-x, y, rx, ry, color)
        self.oval(x, y, rx, ry, color)

    def shape(self, color: str, *points: tuple[float, float]) -> None:
        self.draw.polygon([self.at(*each) for each in points], fill=color)

    def pair(self, color: str, *points: tuple[float, float]) -> None:
        self.shape(color, *points)
        self.shape(color, *((-x, y) for x, y in points))

    def box(
        self, x: float, y: float, rx: float, ry: float, color: str, radius: float = 0.2
    ) -> None:
        corners = [self.at(x - rx, y - ry), self.at(x + rx, y + ry)]
        self.draw.rounded_rectangle(corners, radius * self.unit, fill=color)

    def line(self, color: str, width: float, *points: tuple[float, float]) -> None:
        thick = max(1, round(width * self.unit))
        self.draw.line([self.at(*each) for each in points], fill=color, width=thick, joint="curve")
        for each in (points[0], points[-1]):
            self.oval(*each, width / 2, width / 2, color)

    def arc(self, x: float, y: float, rx: float, ry: float, width: float = 0.05) -> None:
        """A smile."""
        angles = np.linspace(0.15 * np.pi, 0.85 * np.pi, 16)
        curve = [(x + rx * float(np.cos(a)), y + ry * float(np.sin(a))) for a in angles]
        self.line(INK, width, *curve)


@dataclass(frozen=True)
class Animal:
    """What tells one from another."""

    fur: str
    light: str
    """The muzzle and the belly."""
    ears: str
    """pointed, round, long, floppy, tufts or none."""
    inner: str = PINK
    nose: str = INK
    patches: str | None = None
    """Around the eyes."""
    cheeks: bool = False


ANIMALS: dict[str, Animal] = {
    "fox": Animal("#e2742f", "#fff4e6", "pointed", inner="#3a2a2a", cheeks=True),
    "cat": Animal("#8d93a5", "#e9ebf2", "pointed", nose="#e88a94"),
    "dog": Animal("#c98a4b", "#f6e3c8", "floppy", inner="#8a5a2e"),
    "bear": Animal("#8a5a3a", "#d8b48c", "round", inner="#5f3b25"),
    "panda": Animal("#f7f7f7", "#ffffff", "round", inner="#2d2d35", patches="#2d2d35"),
    "rabbit": Animal("#d9cfc6", "#fbf7f3", "long"),
    "owl": Animal("#7a5a3c", "#e8d2ab", "tufts", patches="#f4e6c6"),
    "frog": Animal("#62a84a", "#cfe8a6", "none", nose="#3f7a30"),
    "pig": Animal("#f2aeb4", "#e58d97", "floppy", inner="#d97d88"),
    "tiger": Animal("#eb9a3a", "#fff3df", "round", inner="#f7d9b0", cheeks=True),
    "wolf": Animal("#6f7785", "#dfe4ea", "pointed", inner="#474d59", cheeks=True),
    "dragon": Animal("#4a9a6b", "#d6ecb8", "pointed", inner="#e8c95a", nose="#2f6b47"),
}


def animal(pen: Pen, kind: str) -> None:
    look = ANIMALS[kind]
    pen.oval(0, 1.75, 1.0, 0.95, look.fur)
    pen.oval(0, 1.95, 0.58, 0.75, look.light)
    ears(pen, look)
    pen.oval(0, 0.05, 1.02, 0.86, look.fur)
    if look.cheeks:
        pen.pair(look.light, (0.0, 0.15), (0.95, -0.02), (0.86, 0.48), (0.5, 0.78), (0.0, 0.9))
    if look.patches:
        pen.both(0.4, -0.05, 0.34, 0.36, look.patches)
    if kind == "tiger":
        for y in (-0.62, -0.42):
            pen.pair(INK, (0.12, y), (0.42, y - 0.03), (0.16, y + 0.1))
    muzzle(pen, kind, look)
    eyes(pen, kind)


def ears(pen: Pen, look: Animal) -> None:
    match look.ears:
        case "pointed":
            pen.pair(look.fur, (0.2, -0.62), (0.98, -1.32), (0.98, -0.2))
            pen.pair(look.inner, (0.46, -0.72), (0.86, -1.08), (0.88, -0.45))
        case "round":
            dark = look.inner if look.patches else look.fur
            pen.both(0.74, -0.68, 0.36, 0.36, dark)
            pen.both(0.74, -0.66, 0.2, 0.2, look.inner)
        case "long":
            pen.both(0.42, -1.25, 0.24, 0.72, look.fur)
            pen.both(0.42, -1.22, 0.12, 0.54, look.inner)
        case "floppy":
            pen.pair(look.inner, (0.72, -0.72), (1.2, -0.5), (1.28, 0.32), (1.0, 0.42), (0.8, -0.1))
        case "tufts":
            pen.pair(look.fur, (0.35, -0.6), (0.9, -1.15), (0.95, -0.3))
        case _:
            pen.both(0.56, -0.72, 0.36, 0.36, look.fur)


def muzzle(pen: Pen, kind: str, look: Animal) -> None:
    if kind == "owl":
        pen.shape("#e8a33a", (-0.17, 0.16), (0.17, 0.16), (0, 0.5))
        return
    if kind == "frog":
        pen.arc(0, 0.1, 0.72, 0.42, 0.06)
        pen.both(0.09, 0.16, 0.03, 0.03, look.nose)
        return
    if kind == "pig":
        pen.oval(0, 0.38, 0.36, 0.26, look.light)
        pen.both(0.13, 0.38, 0.07, 0.11, "#a8505c")
        pen.arc(0, 0.58, 0.26, 0.14)
        return
    if not look.cheeks:
        pen.oval(0, 0.42, 0.46, 0.36, look.light)
    pen.oval(0, 0.26, 0.16, 0.11, look.nose)
    pen.line(INK, 0.04, (0, 0.36), (0, 0.48))
    pen.arc(-0.14, 0.44, 0.15, 0.14, 0.045)
    pen.arc(0.14, 0.44, 0.15, 0.14, 0.045)
    if kind in ("cat", "rabbit", "tiger"):
        for y in (0.34, 0.46):
            pen.line(WHITE, 0.02, (0.42, y), (1.1, y - 0.08 + (y - 0.34)))
            pen.line(WHITE, 0.02, (-0.42, y), (-1.1, y - 0.08 + (y - 0.34)))


def eyes(pen: Pen, kind: str) -> None:
    x, y, size = (0.56, -0.74, 0.24) if kind == "frog" else (0.4, -0.08, 0.18)
    if kind == "owl":
        pen.both(0.4, -0.05, 0.3, 0.3, "#e8a33a")
        size = 0.22
    elif kind == "frog":
        pen.both(x, y, 0.28, 0.28, WHITE)
    pen.both(x, y, size * 0.86, size, INK)
    for side in (-1, 1):
        pen.oval(side * x + 0.06, y - 0.07, size * 0.32, size * 0.36, WHITE)


def robot(pen: Pen, words: Sequence[str], choice: np.random.Generator) -> None:
    body, light = str(choice.choice(["#8fa6b8", "#9fb4a0", "#b3a3c6"])), "#6ff0ff"
    pen.box(0, 1.75, 0.95, 0.75, body, 0.3)
    pen.box(0, 1.7, 0.42, 0.28, "#46566a", 0.1)
    pen.both(0.0, 1.7, 0.12, 0.12, "#ff6b5e")
    pen.box(0, 0.95, 0.22, 0.2, "#5c6b7d", 0.05)
    pen.line("#5c6b7d", 0.08, (0, -0.8), (0, -1.2))
    pen.oval(0, -1.25, 0.14, 0.14, "#ff6b5e")
    pen.both(1.02, 0.0, 0.14, 0.24, "#5c6b7d")
    pen.box(0, 0.0, 0.98, 0.82, body, 0.35)
    pen.box(0, -0.05, 0.76, 0.44, "#25303d", 0.25)
    pen.both(0.33, -0.06, 0.17, 0.2, light)
    pen.both(0.37, -0.12, 0.06, 0.07, WHITE)
    for x in (-0.24, -0.08, 0.08, 0.24):
        pen.box(x, 0.6, 0.05, 0.1, "#46566a", 0.03)


def person(pen: Pen, words: Sequence[str], choice: np.random.Generator) -> None:
    skin = str(choice.choice(SKIN))
    own = next((HAIR[a] for a, b in pairwise(words) if a in HAIR and b == "hair"),
               None)  # fmt: skip
    hair = own or str(choice.choice([HAIR[each] for each in ("black", "brown", "red", "blond")]))
    shirt = str(choice.choice(SHIRTS))
    long = bool(
        {"girl", "woman", "she", "her", "princess", "queen", "mother", "witch"} & set(words)
    )
    if long:
        pen.box(0, 0.45, 1.0, 1.1, hair, 0.8)
    pen.oval(0, 2.05, 1.25, 0.95, shirt)
    pen.box(0, 1.0, 0.26, 0.35, shade(skin), 0.1)
    pen.both(0.8, 0.12, 0.16, 0.2, shade(skin))
    pen.oval(0, -0.15, 0.92, 0.9, hair)
    pen.oval(0, 0.12, 0.78, 0.84, skin)
    pen.shape(hair, (-0.84, 0.02), (-0.8, -0.6), (-0.2, -0.98), (0.5, -0.9), (0.86, -0.4), (0.84, 0.02),
              (0.6, -0.36), (0.1, -0.5), (-0.4, -0.3))  # fmt: skip
    pen.both(0.3, 0.14, 0.1, 0.13, INK)
    for side in (-1, 1):
        pen.oval(side * 0.3 + 0.035, 0.09, 0.035, 0.04, WHITE)
        pen.line(shade(hair), 0.06, (side * 0.18, -0.12), (side * 0.42, -0.14))
    pen.both(0.46, 0.4, 0.12, 0.07, shade(skin, 0.93))
    pen.line(shade(skin, 0.8), 0.05, (0.0, 0.24), (0.05, 0.36), (-0.02, 0.38))
    pen.arc(0, 0.42, 0.26, 0.2, 0.055)


def told(words: Sequence[str]) -> list[str]:
    """What is said of somebody's looks: it makes them the same in every picture of a story."""
    hair = [a for a, b in pairwise(words) if a in HAIR and b == "hair"]
    return [*hair[:1], *sorted(set(words) & SAID)]


def shade(color: str, amount: float = 0.86) -> str:
    """A darker one."""
    parts = [round(int(color[n : n + 2], 16) * amount) for n in (1, 3, 5)]
    return "#" + "".join(f"{each:02x}" for each in parts)


def rocket(pen: Pen, words: Sequence[str], choice: np.random.Generator) -> None:
    pen.shape("#ffb02e", (-0.3, 1.05), (0.3, 1.05), (0, 1.85))
    pen.shape("#ff6a3d", (-0.17, 1.05), (0.17, 1.05), (0, 1.5))
    pen.pair("#d8453a", (0.34, 0.45), (0.95, 1.15), (0.3, 1.02))
    pen.oval(0, 0.0, 0.56, 1.12, "#f3f5f8")
    pen.shape("#f3f5f8", (-0.5, 0.2), (0.5, 0.2), (0.32, 1.08), (-0.32, 1.08))
    pen.shape("#d8453a", (-0.46, -0.62), (0.46, -0.62), (0.22, -1.12), (0, -1.32), (-0.22, -1.12))
    pen.oval(0, -0.1, 0.3, 0.3, "#33445a")
    pen.oval(0, -0.1, 0.21, 0.21, "#79c9f2")
    pen.oval(0.07, -0.17, 0.07, 0.07, WHITE)


def heart(pen: Pen, words: Sequence[str], choice: np.random.Generator) -> None:
    pen.both(0.48, -0.3, 0.56, 0.54, "#e5394c")
    pen.shape("#e5394c", (-1.0, -0.1), (1.0, -0.1), (0.6, 0.5), (0, 1.12), (-0.6, 0.5))
    pen.oval(-0.5, -0.46, 0.2, 0.16, "#f58a96")


def star(pen: Pen, words: Sequence[str], choice: np.random.Generator) -> None:
    angles = -np.pi / 2 + np.arange(10) * np.pi / 5
    radii = np.where(np.arange(10) % 2 == 0, 1.15, 0.52)
    pen.shape("#f7c331", *((float(r * np.cos(a)), float(r * np.sin(a)))
                           for a, r in zip(angles, radii, strict=True)))  # fmt: skip
    pen.both(0.2, -0.02, 0.07, 0.11, INK)
    pen.arc(0, 0.1, 0.22, 0.18, 0.06)


Draw = Callable[[Pen, Sequence[str], np.random.Generator], None]
THINGS: dict[str, Draw] = {"robot": robot, "person": person, "rocket": rocket, "heart": heart,
                           "star": star}  # fmt: skip
WHOLE = {"rocket", "heart", "star"}
"""Those that are seen whole; of all others the head and the shoulders."""


def drawn(canvas: Canvas, kind: str, words: Sequence[str], x: float, y: float, unit: float
          ) -> tuple[Array, Array]:  # fmt: skip
    """A figure's colors and where it is; `unit` is half a head, as a fraction of the height."""
    size = (canvas.width * SCALE, canvas.height * SCALE)
    pen = Pen(size, x * size[0], y * size[1], unit * size[1])
    if kind in ANIMALS:
        animal(pen, kind)
    else:
        THINGS[kind](pen, words, random("figure", kind, *told(words)))
    outlined = around(pen)
    small = outlined.resize((canvas.width, canvas.height), Image.Resampling.BOX)
    pixels = np.asarray(small, np.float32) / 255
    alpha = pixels[..., 3]
    return pixels[..., :3] / np.maximum(alpha, 1e-3)[..., None], alpha


def around(pen: Pen) -> Image.Image:
    """The figure with one firm line around it, premultiplied."""
    alpha = pen.image.getchannel("A")
    width = max(1.0, pen.unit * 0.045)
    wide = alpha.filter(ImageFilter.GaussianBlur(width)).point(
        [255 if a > 24 else 0 for a in range(256)]
    )
    whole = Image.new("RGBA", pen.image.size, (0, 0, 0, 0))
    whole.paste(Image.new("RGBA", pen.image.size, INK), (0, 0), wide)
    whole.alpha_composite(pen.image)
    return premultiplied(whole)


def premultiplied(image: Image.Image) -> Image.Image:
    pixels = np.array(image, np.float32)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")
