"""Styles, grain and the mark: what is done to a whole picture at the end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from providers.offline.canvas import Array, Canvas, from_image, to_image


def gray_of(pixels: Array) -> Array:
    return pixels @ np.array([0.3, 0.59, 0.11], np.float32)


def styled(canvas: Canvas, style: str | None) -> Array:
    """The picture in a style; plain pictures get a little grain and darker corners."""
    known: dict[str, Callable[[Canvas], Array]] = {
        "watercolor": watercolor,
        "woodcut": woodcut,
        "pixel": pixel_art,
        "sketch": sketch,
        "oil": oil,
        "comic": comic,
        "noir": noir,
    }
    return known[style](canvas) if style in known else photograph(canvas)


def photograph(canvas: Canvas) -> Array:
    grain = canvas.random("grain").normal(0, 0.016, canvas.pixels.shape[:2]).astype(np.float32)
    far = ((canvas.x - 0.5) ** 2 + (canvas.y - 0.5) ** 2) * 2
    return (canvas.pixels + grain[..., None]) * (1 - 0.16 * far[..., None] ** 1.5)


def watercolor(canvas: Canvas) -> Array:
    """Pigment that pools at edges on rough paper, with a torn white border."""
    image = to_image(canvas.pixels)
    size = max(3, canvas.height // 180 | 1)
    soft = image.filter(ImageFilter.MedianFilter(min(size, 7))).filter(
        ImageFilter.GaussianBlur(canvas.height / 500)
    )
    pixels = from_image(soft)
    wash = canvas.noise("wash", 5, 5)[..., None]
    paper = canvas.noise("paper", 160, 2)[..., None]
    edges = np.abs(np.asarray(soft.convert("L").filter(ImageFilter.FIND_EDGES), np.float32))[
        ..., None
    ]
    pixels = 1 - (1 - pixels) * (0.62 + 0.5 * wash) - edges / 255 * 0.28
    pixels += (paper - 0.5) * 0.1
    rough = (canvas.noise("border", 14, 4) - 0.5) * 0.07
    inside = np.minimum(
        np.minimum(canvas.x, 1 - canvas.x) * canvas.ratio, np.minimum(canvas.y, 1 - canvas.y)
    )
    paint = np.clip((inside + rough - 0.035) * 60, 0, 1)[..., None]
    white = np.array([0.975, 0.965, 0.94], np.float32) + (paper - 0.5) * 0.05
    return white + (pixels - white) * paint


def woodcut(canvas: Canvas) -> Array:
    """Two inks: lines that swell where it is dark, bent along the forms."""
    gray = gray_of(canvas.pixels)
    low, high = np.percentile(gray, (3, 97))
    gray = np.clip((gray - low) / max(0.05, float(high - low)), 0, 1)
    blurred = np.asarray(
        Image.fromarray((gray * 255).astype(np.uint8)).filter(
            ImageFilter.GaussianBlur(canvas.height / 130)
        ),
        np.float32,
    ) / 255  # fmt: skip
    bend = canvas.noise("carve", 6, 3) * 0.05 + blurred * 0.06
    lines = np.sin((canvas.y + bend) * np.pi * 2 * 82) * 0.5 + 0.5
    ink = np.clip((lines * 0.86 + 0.07 - gray) * 7 + 0.5, 0, 1)[..., None]
    cream = np.array([0.95, 0.92, 0.84], np.float32)
    black = np.array([0.1, 0.09, 0.11], np.float32)
    return cream + (black - cream) * ink


def pixel_art(canvas: Canvas) -> Array:
    """Few large pixels in few colors."""
    image = to_image(canvas.pixels)
    rows = 112
    small = image.resize((max(8, round(rows * canvas.ratio)), rows), Image.Resampling.BOX)
    small = ImageEnhance.Color(small).enhance(1.25)
    few = small.quantize(28, Image.Quantize.MEDIANCUT, dither=Image.Dither.ORDERED).convert("RGB")
    return from_image(few.resize(image.size, Image.Resampling.NEAREST))


def sketch(canvas: Canvas) -> Array:
    """Pencil on paper: outlines, and hatching where it is dark."""
    gray = gray_of(canvas.pixels)
    image = Image.fromarray((np.clip(gray, 0, 1) * 255).astype(np.uint8))
    blur = np.asarray(image.filter(ImageFilter.GaussianBlur(canvas.height / 110)), np.float32) / 255
    dodge = np.clip(gray / np.maximum(blur, 0.04), 0, 1)
    tooth = canvas.noise("tooth", 220, 2)
    hatch = np.sin((canvas.x * canvas.ratio + canvas.y) * np.pi * 150 + tooth * 3) * 0.5 + 0.5
    shade = np.clip((0.72 - gray) * 1.1, 0, 0.75) * (0.45 + 0.55 * hatch)
    ink = np.clip((1 - dodge) * 1.6 + shade, 0, 1) * (0.55 + 0.7 * tooth)
    paper = np.array([0.965, 0.955, 0.93], np.float32)
    lead = np.array([0.2, 0.2, 0.23], np.float32)
    return paper + (lead - paper) * np.clip(ink, 0, 1)[..., None]


def oil(canvas: Canvas) -> Array:
    """Strokes: colors carried along a field, with the light catching ridges of paint."""
    angle = canvas.noise("brush", 4, 2) * np.pi * 3
    rows = np.arange(canvas.height)[:, None]
    columns = np.arange(canvas.width)[None, :]
    bristle = canvas.noise("bristle", 120, 2)
    total = np.zeros_like(canvas.pixels)
    reach = canvas.height / 260
    for step in range(-4, 5):
        move = step * reach + (bristle - 0.5) * reach * 9
        y = np.clip(rows + np.sin(angle) * move, 0, canvas.height - 1).astype(int)
        x = np.clip(columns + np.cos(angle) * move, 0, canvas.width - 1).astype(int)
        total += canvas.pixels[y, x]
    pixels = total / 9
    levels = np.round(pixels * 16) / 16
    pixels = pixels * 0.55 + levels * 0.45
    height = gray_of(pixels) * 0.4 + bristle * 0.6
    relief = (height - np.roll(height, 1, 0)) * 0.9
    return np.clip(pixels * 1.06 - 0.02, 0, 1) + relief[..., None]


def comic(canvas: Canvas) -> Array:
    """Flat colors and black outlines."""
    image = to_image(canvas.pixels).filter(ImageFilter.MedianFilter(5))
    flat = ImageEnhance.Color(image).enhance(1.35).quantize(
        14, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )  # fmt: skip
    pixels = from_image(flat)
    edges = from_image(image.filter(ImageFilter.FIND_EDGES)).max(-1)
    return pixels * (1 - np.clip((edges - 0.16) * 5, 0, 0.9))[..., None]


def noir(canvas: Canvas) -> Array:
    gray = gray_of(photograph(canvas))
    return np.repeat(np.clip((gray - 0.42) * 1.7 + 0.38, 0, 1)[..., None], 3, -1)


LETTERS = {
    "O": "111101101101111", "F": "111100110100100", "L": "100100100100111",
    "I": "111010010010111", "N": "101111111111101", "E": "111100110100111",
}  # fmt: skip
"""Three by five dots each."""


def marked(image: Image.Image) -> Image.Image:
    """Letter "OFFLINE" small in the corner: nobody shall take this for a model's work."""
    dot = max(1, round(min(image.size) / 460))
    word, left = "OFFLINE", image.width - dot * (7 * 4 + 6)
    top = image.height - dot * 11
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    draw.rounded_rectangle(
        [left - 3 * dot, top - 3 * dot, left + dot * 30, top + dot * 8],
        radius=2 * dot,
        fill=(0, 0, 0, 90),
    )
    for place, letter in enumerate(word):
        for index, bit in enumerate(LETTERS[letter]):
            if bit == "1":
                x = left + dot * (place * 4 + index % 3)
                y = top + dot * (index // 3)
                draw.rectangle([x, y, x + dot - 1, y + dot - 1], fill=(255, 255, 255, 205))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")
