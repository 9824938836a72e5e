"""Words put on a picture: a caption above or below it, a watermark in a corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from PIL import Image, ImageFilter, ImageStat

from services.lettering import set_text

SMALLEST, BIGGEST = 16, 8192
"""Sides of a box for letters, in pixels."""
DARK, LIGHT = "#17181c", "#ffffff"
Corner = Literal["top left", "top right", "bottom left", "bottom right"]


@dataclass(frozen=True)
class Caption:
    """In a band of its own, light or dark as the picture is where it joins; it covers nothing."""

    text: str
    top: bool = False
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return f"captioned at the {'top' if self.top else 'bottom'}"

    def on(self, image: Image.Image) -> Image.Image:
        edge = (0, 0, image.width, max(1, image.height // 12))
        if not self.top:
            edge = (0, image.height - edge[3], image.width, image.height)
        bright = ImageStat.Stat(image.crop(edge).convert("L")).mean[0] > 110
        paper, ink = (LIGHT, DARK) if bright else (DARK, LIGHT)
        words = self.letters(image, ink)
        pad = round(max(6, min(image.size) * 0.035))
        band = words.height + 2 * pad
        whole = Image.new(image.mode, (image.width, image.height + band), paper)
        whole.paste(image, (0, band if self.top else 0))
        at = ((image.width - words.width) // 2, pad if self.top else image.height + pad)
        whole.paste(words, at, words)
        return whole

    def letters(self, image: Image.Image, ink: str) -> Image.Image:
        size = max(12.0, min(image.width * 0.055, image.height * 0.08))
        height = max(round(size * 2), round(image.height * 0.4))
        return letters(self.text, round(image.width * 0.92), height, size, ink)


@dataclass(frozen=True)
class Watermark:
    """Small and half transparent in a corner, with a shadow so that it shows on anything."""

    text: str
    corner: Corner = "bottom right"
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return f"watermarked at the {self.corner}"

    def on(self, image: Image.Image) -> Image.Image:
        mark = self.mark(image)
        rim = round(max(4, min(image.size) * 0.025))
        vertical, horizontal = self.corner.split()
        left = rim if horizontal == "left" else image.width - mark.width - rim
        top = rim if vertical == "top" else image.height - mark.height - rim
        layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
        layer.paste(mark, (max(0, left), max(0, top)))
        return Image.alpha_composite(image.convert("RGBA"), layer).convert(image.mode)

    def mark(self, image: Image.Image) -> Image.Image:
        size = max(9.0, min(image.size) * 0.04)
        words = letters(self.text, round(image.width * 0.9), round(size * 3), size, LIGHT)
        rim = max(2, round(size / 6))
        white = Image.new("RGBA", (words.width + 2 * rim, words.height + 2 * rim))
        white.paste(words, (rim, rim))
        shape = white.getchannel("A")
        shadow = Image.new("RGBA", white.size, (0, 0, 0, 0))
        blurred = shape.filter(ImageFilter.GaussianBlur(rim / 2))
        shadow.putalpha(blurred.point([n * 3 // 4 for n in range(256)]))
        white.putalpha(shape.point([n * 4 // 5 for n in range(256)]))
        return Image.alpha_composite(shadow, white)


def letters(text: str, width: int, height: int, size: float, color: str) -> Image.Image:
    """The words without any space around them, smaller where they would not fit."""
    lettered = set_text(
        text,
        width=min(max(width, SMALLEST), BIGGEST),
        height=min(max(height, SMALLEST), BIGGEST),
        largest=size,
        smallest=size * 0.3,
        face="sans",
        bold=True,
        color=color,
    ).image
    return lettered.crop(lettered.getbbox() or (0, 0, 1, 1))
