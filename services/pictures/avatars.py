"""Any drawing made into an avatar: square, of Discord's size, and pixel art on a real grid."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageEnhance

from services.pictures.avatar_sheet import avatar_sheet
from services.pictures.icons import decoded, png

SIDE = 1024
GRID = 64
"""Cells of pixel art on a side: its pixels still show at 128, and at 40 it is still a face."""
COLORS = 24
GROUND = "#dfe3ea"
"""Behind pixel art that came without a ground; seen well on dark and on light."""
FACE = 0.25
"""Of what is cut off a tall picture, the share cut from above: faces are in its upper part."""


@dataclass(frozen=True)
class Avatar:
    """A finished avatar; encoded bytes."""

    picture: bytes
    sheet: bytes
    """How it looks in Discord, on dark and light; PNG."""


def make_avatar(data: bytes, name: str, pixels: bool) -> Avatar:
    """Square a picture off and show it beside a name; what needs no change stays as it came.

    With `pixels` it is set on a grid in few colors. Raises `UnusableFile`.
    """
    image = decoded(data)
    square = squared(image)
    if pixels:
        square = on_grid(square)
    sheet = png(avatar_sheet(square, name))
    return Avatar(data if square is image else png(square), sheet)


def squared(image: Image.Image) -> Image.Image:
    """The middle of a picture, of Discord's size; the picture itself where it is that already."""
    if image.size == (SIDE, SIDE):
        return image
    side = min(image.size)
    left, top = (image.width - side) // 2, round((image.height - side) * FACE)
    middle = image.crop((left, top, left + side, top + side))
    return middle.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def on_grid(image: Image.Image) -> Image.Image:
    """Real pixel art: one color to a cell, few colors in all, and no cell blurred into another."""
    small = covered(image).resize((GRID, GRID), Image.Resampling.BOX)
    # Averaging dulls colors; a palette of few should be a firm one.
    small = ImageEnhance.Color(ImageEnhance.Contrast(small).enhance(1.06)).enhance(1.1)
    few = small.quantize(COLORS, Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE)
    return few.resize((SIDE, SIDE), Image.Resampling.NEAREST)


def covered(image: Image.Image) -> Image.Image:
    """The same without transparency, which has no place in a palette of few."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, GROUND)
    ground.alpha_composite(image)
    return ground.convert("RGB")
