"""Drawing with arrays: everything is in fractions of the picture, so any size shows the same.

A canvas is a float array of height x width x 3, in 0 to 1. Positions go from 0 to 1 in both
directions, y downward; lengths are fractions of the height.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array: TypeAlias = NDArray[np.floating[Any]]
Color: TypeAlias = tuple[float, float, float]


def rgb(code: str) -> Color:
    """`#rrggbb` as three numbers from 0 to 1."""
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255)


def mix(a: Color, b: Color, amount: float) -> Color:
    """From `a` (0) to `b` (1)."""
    return tuple(x + (y - x) * amount for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def random(*parts: object) -> np.random.Generator:
    """A generator that these parts decide, the same on every machine."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


class Canvas:
    """A picture being drawn."""

    def __init__(self, width: int, height: int, seed: object) -> None:
        self.width, self.height = width, height
        self.ratio = width / height
        self.seed = seed
        self.pixels: Array = np.zeros((height, width, 3), np.float32)
        self.y: Array = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
        self.x: Array = ((np.arange(width, dtype=np.float32) + 0.5) / width)[None, :]

    def random(self, *parts: object) -> np.random.Generator:
        return random(self.seed, *parts)

    def noise(self, name: str, cells: float, octaves: int = 4, stretch: float = 1.0) -> Array:
        """Clouds of values around 0.5; `cells` of them from top to bottom."""
        total = np.zeros((self.height, self.width), np.float32)
        weight = 0.0
        for octave in range(octaves):
            count = cells * 2**octave
            rows = max(2, round(count) + 3)
            columns = max(2, round(count * self.ratio / stretch) + 3)
            grid = self.random(name, octave).random((rows, columns), dtype=np.float32)
            layer = Image.fromarray(grid).resize(
                (self.width, self.height),
                Image.Resampling.BICUBIC,
                box=(1, 1, columns - 1, rows - 1),
            )
            share = 0.5**octave
            total += np.asarray(layer, np.float32) * share
            weight += share
        return total / weight

    def line(self, name: str, base: float, height: float, cells: float, rough: int = 5) -> Array:
        """A skyline: for each column how far down it runs, around `base`."""
        total = np.zeros(self.width, np.float32)
        for octave in range(rough):
            count = max(2, round(cells * self.ratio * 2**octave) + 3)
            points = self.random(name, octave).random(count, dtype=np.float32) - 0.5
            place = np.linspace(0.5, count - 1.5, self.width, dtype=np.float32)
            total += smooth(points, place) * 0.5**octave
        return base + total * height

    def below(self, line: Array, soft: float = 1.0) -> Array:
        """Where a canvas lies below a skyline, with a clean edge `soft` pixels wide."""
        return np.clip((self.y - line[None, :]) * self.height / soft + 0.5, 0, 1)

    def paint(self, color: Color | Array, where: Array) -> None:
        """Cover with a color, or with another picture, as much as `where` says (0 to 1)."""
        amount = where[..., None]
        self.pixels += (np.asarray(color, np.float32) - self.pixels) * amount

    def glow(self, x: float, y: float, radius: float, color: Color, strength: float) -> None:
        """Light around a point, fading over `radius`."""
        far = ((self.x - x) * self.ratio) ** 2 + (self.y - y) ** 2
        light = np.exp(-far / radius**2) * strength
        # Screen: light adds, and never goes past white.
        self.pixels = 1 - (1 - self.pixels) * (1 - np.asarray(color, np.float32) * light[..., None])

    def disc(self, x: float, y: float, radius: float) -> Array:
        far = np.sqrt(((self.x - x) * self.ratio) ** 2 + (self.y - y) ** 2)
        return np.clip((radius - far) * self.height + 0.5, 0, 1)

    def shapes(self) -> Shapes:
        return Shapes(self)


class Shapes:
    """A mask to draw polygons on, at twice the size for clean edges."""

    SCALE = 2

    def __init__(self, canvas: Canvas) -> None:
        self.size = (canvas.width, canvas.height)
        self.image = Image.new("L", (canvas.width * self.SCALE, canvas.height * self.SCALE), 0)
        self.draw = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x * self.image.width, y * self.image.height)

    def polygon(self, *points: tuple[float, float], fill: int = 255) -> None:
        self.draw.polygon([self.at(*each) for each in points], fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: int = 255) -> None:
        self.draw.rectangle([self.at(left, top), self.at(right, bottom)], fill=fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: int = 255) -> None:
        self.draw.ellipse([self.at(x - rx, y - ry), self.at(x + rx, y + ry)], fill=fill)

    def stroke(self, points: list[tuple[float, float]], thickness: float, fill: int = 255) -> None:
        width = max(1, round(thickness * self.image.height))
        self.draw.line([self.at(*each) for each in points], fill=fill, width=width, joint="curve")

    def mask(self) -> Array:
        small = self.image.resize(self.size, Image.Resampling.BOX)
        return np.asarray(small, np.float32) / 255


def smooth(points: Array, place: Array) -> Array:
    """Read between points along a curve that passes through each of them."""
    index = np.clip(place.astype(np.int32), 0, len(points) - 2)
    part = place - index
    part = part * part * (3 - 2 * part)
    return points[index] * (1 - part) + points[index + 1] * part


def gradient(canvas: Canvas, stops: list[tuple[float, Color]], bend: Array | None = None) -> Array:
    """Colors from top to bottom; `bend` shifts where each is, to break the bands."""
    place = canvas.y + (bend if bend is not None else np.zeros((1, canvas.width), np.float32))
    where = [stop for stop, _ in stops]
    channels = [np.interp(place, where, [color[index] for _, color in stops]) for index in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def to_image(pixels: Array) -> Image.Image:
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8), "RGB")


def from_image(image: Image.Image) -> Array:
    return np.asarray(image.convert("RGB"), np.float32) / 255
