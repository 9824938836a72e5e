"""What makes drawn panels of one style look printed in one way. Synchronous: for a process pool."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from services.comics.styles import Finish

Gray: TypeAlias = NDArray[np.float32]
"""0 is black, 1 is white."""
Reals: TypeAlias = NDArray[np.float64]

DOTS = 7.0
"""Pixels between two dots of screentone."""
BLACK, WHITE = 0.2, 0.86
"""Darker is solid ink and lighter is bare paper."""
LEVELS = 5
"""Kinds of tone on one page: an artist has a few sheets of it, not a gradient."""
LINE = 0.075
"""How much darker than around it a stroke is."""
PIXELS = 150
"""Across the shorter side of a panel of big pixels."""
PALETTE = 40


def finish(image: Image.Image, kind: Finish, origin: tuple[int, int] = (0, 0)) -> Image.Image:
    """Finish a panel; `origin` is its place on the page, so that dots of neighbors line up."""
    match kind:
        case "screentone":
            return screentone(image, origin)
        case "noir":
            return noir(image)
        case "pixel":
            return pixels(image)
        case "print":
            return printed(image, origin)
        case "plain":
            return image


def gray_of(image: Image.Image) -> Gray:
    """Luminance, stretched over all of black to white."""
    gray = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=1.0)
    return np.asarray(gray, np.float32) / np.float32(255)


def screentone(image: Image.Image, origin: tuple[int, int] = (0, 0)) -> Image.Image:
    """Ink and dots at 45 degrees, whose size says how dark it is; nothing else is gray."""
    # A little blur first: noise would sprinkle dust where one tone ends and another begins.
    gray = gray_of(image.filter(ImageFilter.GaussianBlur(1.6)))
    strokes = local_darkness(image)
    tone = np.clip((gray - BLACK) / (WHITE - BLACK), 0, 1)
    tone = np.round(tone * LEVELS) / LEVELS
    # A soft edge two pixels wide keeps the dots round where the page is scaled.
    inked = np.clip(0.5 + (screen(gray.shape, DOTS, origin) - tone) * DOTS * 0.75, 0, 1)
    inked = np.where(tone >= 1, 0, np.where(tone <= 0, 1, inked))
    inked = np.maximum(inked, np.clip((strokes - LINE) / 0.05, 0, 1))
    return Image.fromarray(np.uint8(np.round((1 - inked) * 255))).convert("RGB")


def screen(shape: tuple[int, ...], pitch: float, origin: tuple[int, int]) -> Gray:
    """For each pixel the tone below which it is inked, evenly spread, rising to dots' centers."""
    turn = np.sqrt(2) * np.pi / pitch
    down = np.cos((np.arange(shape[0]) + origin[1]) * turn)
    across = np.cos((np.arange(shape[1]) + origin[0]) * turn)
    # Two waves at right angles multiplied are a lattice turned by 45 degrees.
    return np.interp(np.outer(down, across), *EVEN).astype(np.float32)


def evened() -> tuple[Reals, Reals]:
    """What makes every value of the two waves' product as frequent as any other."""
    wave = np.cos(np.linspace(0, np.pi, 200))
    values = np.sort(np.outer(wave, wave).ravel())[::40]
    return values, np.linspace(0, 1, len(values))


EVEN = evened()


def local_darkness(image: Image.Image) -> Gray:
    """How much darker each pixel is than its neighborhood: pen strokes, not shaded areas."""
    gray = ImageOps.grayscale(image)
    around = gray.filter(ImageFilter.GaussianBlur(6))
    return (np.asarray(around, np.float32) - np.asarray(gray, np.float32)) / np.float32(255)


def noir(image: Image.Image) -> Image.Image:
    """Hard black and white with little between."""
    curve = [round(255 / (1 + math.exp(-(value / 255 - 0.5) * 11))) for value in range(256)]
    gray = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=2.0)
    return gray.point(curve).convert("RGB")


def pixels(image: Image.Image) -> Image.Image:
    """Few colors on a coarse grid of square pixels."""
    step = max(1, round(min(image.size) / PIXELS))
    size = (max(1, round(image.width / step)), max(1, round(image.height / step)))
    small = image.convert("RGB").resize(size, Image.Resampling.BOX)
    few = small.quantize(PALETTE, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return few.convert("RGB").resize(image.size, Image.Resampling.NEAREST)


def printed(image: Image.Image, origin: tuple[int, int] = (0, 0)) -> Image.Image:
    """A breath of printing dots over muted colors, on paper that is not quite white."""
    color: Gray = np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
    color = color * np.array([0.97, 0.95, 0.9], np.float32) + np.array([0.02, 0.015, 0], np.float32)
    dots = screen(color.shape, 5.0, origin)[..., None] - np.float32(0.5)
    darkness = 1 - color.mean(axis=2, keepdims=True)
    color = color - dots * darkness * (1 - darkness) * np.float32(0.28)
    return Image.fromarray(np.uint8(np.round(np.clip(color, 0, 1) * 255)))
