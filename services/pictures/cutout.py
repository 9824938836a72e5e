"""Cutting a subject out of a plain background, with edges that are clean on any other.

Colors are compared in OKLab (Björn Ottosson, 2020), where equal distances look equally different;
they are mixed and unmixed in sRGB, where whoever drew the edge mixed them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.pictures.regions import Mask, Numbers, regions

Array: TypeAlias = NDArray[np.floating[Any]]

RING = 0.02
"""How much of the shorter side counts as the border, where the background is measured."""
PLAIN = 0.6
"""The share of the border that must look alike; a subject may touch the rest."""
ALIKE = 0.12
"""Colors this close in OKLab may be one background, lit unevenly."""
NOISE = 0.06
"""A background that strays further than this from a smooth one is a picture, not a background."""
CHROMA = 0.1
"""From here on a background is a color nothing in the subject should have, and holes are holes."""
ISLAND = 0.0001
"""The smallest part of a picture that is kept apart from the subject: a sparkle, not a crumb."""
SHARES = (0.01, 0.97)
"""A cut that leaves less or more than this of the picture has failed."""
SOLID = 250
"""Alpha that looks opaque."""
SAMPLES = 20_000

LINEAR = np.where(
    (steps := np.arange(256, dtype=np.float32) / 255) <= 0.04045,
    steps / 12.92,
    ((steps + 0.055) / 1.055) ** 2.4,
).astype(np.float32)
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)


@dataclass(frozen=True)
class Ground:
    """A plain background, as it would look behind the subject, too."""

    color: Array
    """sRGB from 0 to 1 for every pixel."""
    distance: Array
    """How far each pixel of the picture is from it, in OKLab."""
    noise: float
    """How far most of its own pixels are."""
    chroma: float

    @property
    def tolerance(self) -> float:
        return float(np.clip(2 * self.noise, 0.025, 0.09))


def cut_out(image: Image.Image) -> Image.Image | None:
    """The subject alone, RGBA; None where it cannot be told from what is around it.

    Transparency that is there already is kept as it is.
    """
    if has_transparency(image):
        return image.convert("RGBA")
    pixels = np.asarray(image.convert("RGB"))
    ground = plain_ground(pixels)
    if ground is None:
        return None
    colors, alpha = unmixed(pixels.astype(np.float32) / 255, ground)
    alpha = np.where(regions(alpha > 0).at_least(max(4, int(alpha.size * ISLAND))), alpha, 0)
    share = float((alpha > 0.5).mean())
    if not SHARES[0] <= share <= SHARES[1]:
        return None
    layers = np.dstack([np.where(alpha[..., None] > 0, colors, 0), alpha])
    return Image.fromarray((layers * 255 + 0.5).astype(np.uint8), "RGBA")


def has_transparency(image: Image.Image) -> bool:
    """Whether there is alpha that means something: neither all opaque nor all gone."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return False
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    seen = float((alpha >= SOLID).mean())
    return bool(alpha.min() < SOLID) and 1 - seen > 0.01 and float((alpha > 127).mean()) > 0.003


def oklab(pixels: NDArray[np.uint8]) -> Array:
    """Colors as lightness, green to red and blue to yellow."""
    return np.cbrt(LINEAR[pixels] @ TO_CONES.T) @ TO_LAB.T


def plain_ground(pixels: NDArray[np.uint8]) -> Ground | None:
    """Measure the background at the border, then follow it inward; None where it is not plain."""
    lab = oklab(pixels)
    ring = border(pixels.shape[:2])
    middle = np.median(lab[ring], 0)
    where = ring & (apart(lab, middle) < ALIKE)
    if where.sum() < PLAIN * ring.sum():
        return None
    ground = fitted(pixels, lab, where)
    for _ in range(2):  # The middle of a vignette is only seen once the way there is found.
        if ground.noise > NOISE:
            return None
        seen = regions(ground.distance < ground.tolerance).touching_edge()
        if not seen.any():
            return None
        ground = fitted(pixels, lab, seen)
    return ground


def border(shape: tuple[int, ...]) -> Mask:
    width = max(2, round(min(shape) * RING))
    ring = np.ones(shape, np.bool_)
    ring[width:-width, width:-width] = False
    return ring


def apart(lab: Array, other: Array) -> Array:
    return np.sqrt(((lab - other) ** 2).sum(-1))


def fitted(pixels: NDArray[np.uint8], lab: Array, where: Mask) -> Ground:
    """A background whose color changes no faster than a parabola, fitted to where it is seen."""
    height, width = where.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
    places = np.flatnonzero(where)
    places = places[:: max(1, len(places) // SAMPLES)]
    seen = pixels.reshape(-1, 3)[places].astype(np.float32) / 255
    weights = np.linalg.lstsq(terms.reshape(-1, 6)[places], seen, rcond=None)[0]
    color = np.clip(terms @ weights.astype(np.float32), 0, 1)
    ideal = oklab((color * 255 + 0.5).astype(np.uint8))
    distance = apart(lab, ideal)
    noise = float(np.percentile(distance.reshape(-1)[places], 95))
    chroma = float(np.hypot(ideal[..., 1], ideal[..., 2]).mean())
    return Ground(color, distance, noise, chroma)


def unmixed(pixels: Array, ground: Ground) -> tuple[Array, Array]:
    """Colors without any background in them, and how much of each pixel is the subject's."""
    empty = ground.distance < ground.tolerance
    if ground.chroma < CHROMA:
        empty = regions(empty).touching_edge()
    alpha = np.where(empty, 0, 1).astype(np.float32)
    colors = pixels.copy()
    if ground.chroma >= CHROMA:
        lift_shadow(pixels, ground, colors, alpha)
    soften_edge(pixels, ground, empty, colors, alpha)
    return colors, alpha


def lift_shadow(pixels: Array, ground: Ground, colors: Array, alpha: Array) -> None:
    """Make darkened background into transparent black: the shadow then falls on anything."""
    back = ground.color
    light = (pixels * back).sum(-1) / (back * back).sum(-1)
    strays = np.sqrt(((pixels - light[..., None] * back) ** 2).sum(-1))
    shadow = (alpha > 0) & (light > 0.35) & (light < 1) & (strays < 0.06)
    alpha[shadow] = 1 - light[shadow]
    colors[shadow] = 0


def soften_edge(pixels: Array, ground: Ground, empty: Mask, colors: Array, alpha: Array) -> None:
    """Split each pixel of the edge into the background and the strongest color beside it."""
    keyed = ground.chroma >= CHROMA
    reach = (2 if min(empty.shape) < 400 else 3) + keyed  # JPEG smears color further than light.
    rows, columns = np.nonzero(near(empty, reach) & ~empty & (alpha == 1))
    if not len(rows):
        return
    full = strongest(pixels, ground.distance, rows, columns, reach - keyed)
    back, here = ground.color[rows, columns], pixels[rows, columns]
    part, own = mixed_parts(here, back, full)
    if keyed:
        part, own = keyed_parts(here, back, full, own), np.zeros_like(own)
    else:
        part = part + (1 - part) * own
    alone = (here - (1 - part[:, None]) * back) / np.maximum(part[:, None], 0.05)
    # The fainter a pixel, the less its own color can be known.
    trust = np.maximum(ramp(part, 0.3, 0.9), own)[:, None]
    colors[rows, columns] = np.clip(full + (alone - full) * trust, 0, 1)
    alpha[rows, columns] = part


def mixed_parts(here: Array, back: Array, full: Array) -> tuple[Array, Array]:
    """How much of each pixel is the subject's, and whether it is a color of its own.

    One that is no mixture of the two is: an outline between the background and what it outlines.
    """
    span = full - back
    length = np.maximum((span * span).sum(-1), 1e-4)
    part = np.clip(((here - back) * span).sum(-1) / length, 0, 1)
    strays = np.sqrt(((here - back - part[:, None] * span) ** 2).sum(-1) / length)
    return part, ramp(strays, 0.12, 0.35)


def keyed_parts(here: Array, back: Array, full: Array, own: Array) -> Array:
    """How much of each pixel is the subject's, by how little of the background's hue is in it.

    A color of its own is compared with gray instead of with the color beside it.
    """
    hue = back - back.mean(-1, keepdims=True)

    def amount(colors: Array) -> Array:
        return (colors * hue).sum(-1)

    least = amount(full)
    least = least + (np.maximum(least, 0) - least) * own
    return np.clip(1 - (amount(here) - least) / np.maximum(amount(back) - least, 0.05), 0, 1)


def near(mask: Mask, reach: int) -> Mask:
    """The mask grown by so many pixels up, down and sideways."""
    grown = mask.copy()
    for _ in range(reach):
        wider = grown.copy()
        wider[1:] |= grown[:-1]
        wider[:-1] |= grown[1:]
        wider[:, 1:] |= grown[:, :-1]
        wider[:, :-1] |= grown[:, 1:]
        grown = wider
    return grown


def strongest(pixels: Array, distance: Array, rows: Numbers, columns: Numbers, reach: int) -> Array:
    """Around each place, the color that is least like the background."""
    height, width = distance.shape
    best = distance[rows, columns]
    color = pixels[rows, columns]
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            y = np.clip(rows + down, 0, height - 1)
            x = np.clip(columns + right, 0, width - 1)
            stronger = distance[y, x] > best
            best = np.where(stronger, distance[y, x], best)
            color = np.where(stronger[:, None], pixels[y, x], color)
    return color


def ramp(values: Array, low: float, high: float) -> Array:
    part = np.clip((values - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)
