"""Changes to a picture that need nobody to draw: exact, free, and the same every time.

Everything here is synchronous, keeps transparency, and is meant for `PicturePool.run`.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from core.errors import InvalidParams
from services.pictures import limits
from services.pictures.clean import load
from services.pictures.header import walk

SIDE = 4096
"""The longest side that can be asked for, in pixels."""
SHORTEST = 8
"""A picture narrower than this shows nothing."""
JPEG_QUALITY = 95


class Operation(Protocol):
    """One change to a picture."""

    tonal: ClassVar[bool]
    """Whether every pixel stays where it is, so that a mask can say where it happens."""

    @property
    def said(self) -> str:
        """What it did, for the person."""
        ...

    def on(self, image: Image.Image) -> Image.Image:
        """Change an RGB or RGBA picture. Raises `InvalidParams` where it cannot be done to it."""
        ...


def edited(data: bytes, operations: Sequence[Operation], mask: bytes | None = None) -> bytes:
    """Change a kept picture; where a mask is given only where it is white.

    JPEG stays JPEG where it can, everything else becomes PNG. Raises `InvalidParams`.
    """
    walked = walk(data)
    before = plain(load(walked, data))
    image = before
    for each in operations:
        image = each.on(image)
    if mask is not None:
        where = Image.open(io.BytesIO(mask), formats=("PNG",)).convert("L")
        image = Image.composite(image, before, where)
    return encoded(image, jpeg=walked.kind == "JPEG")


def plain(image: Image.Image) -> Image.Image:
    """RGBA where anything can be seen through, else RGB."""
    transparent = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
    return image.convert("RGBA" if transparent else "RGB")


def encoded(image: Image.Image, *, jpeg: bool) -> bytes:
    """As JPEG or PNG; as WebP where a PNG would be more than is kept."""
    output = io.BytesIO()
    if jpeg and image.mode == "RGB":
        image.save(output, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return output.getvalue()
    image.save(output, "PNG", compress_level=3)
    if output.tell() > limits.BYTES:
        output = io.BytesIO()
        image.save(output, "WEBP", quality=JPEG_QUALITY, method=2)
    return output.getvalue()


@dataclass(frozen=True)
class Crop:
    """To a shape, evenly from both sides."""

    wide: float
    high: float
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return f"cropped to {self.wide:g}:{self.high:g}"

    def on(self, image: Image.Image) -> Image.Image:
        width = min(image.width, round(image.height * self.wide / self.high))
        height = min(image.height, round(image.width * self.high / self.wide))
        return centered(image, max(width, 1), max(height, 1))


@dataclass(frozen=True)
class Cut:
    """To so many pixels around the middle, without scaling."""

    width: int
    height: int
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return f"cropped to {self.width} x {self.height} pixels"

    def on(self, image: Image.Image) -> Image.Image:
        if self.width > image.width or self.height > image.height:
            raise InvalidParams(
                f"The picture is only {image.width} x {image.height} pixels; crop it to less, "
                f'or say "resize to {self.width}x{self.height}".'
            )
        return centered(image, self.width, self.height)


@dataclass(frozen=True)
class Circle:
    """To the largest circle around the middle."""

    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return "cropped to a circle"

    def on(self, image: Image.Image) -> Image.Image:
        side = min(image.size)
        return rounded(centered(image, side, side), 0.5)


@dataclass(frozen=True)
class Resize:
    """To so many pixels; with one side given, the other follows.

    With both, what stands over is cut off evenly: nothing is stretched.
    """

    width: int | None = None
    height: int | None = None
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        if self.width and self.height:
            return f"resized to {self.width} x {self.height}"
        return f"resized to {self.width} wide" if self.width else f"resized to {self.height} high"

    def on(self, image: Image.Image) -> Image.Image:
        width = self.width or round(image.width * (self.height or 0) / image.height)
        height = self.height or round(image.height * (self.width or 0) / image.width)
        return ImageOps.fit(image, possible(width, height), Image.Resampling.LANCZOS)


@dataclass(frozen=True)
class Scale:
    """To so many times its width and height."""

    factor: float
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return f"resized to {self.factor * 100:g} %"

    def on(self, image: Image.Image) -> Image.Image:
        size = possible(round(image.width * self.factor), round(image.height * self.factor))
        return image.resize(size, Image.Resampling.LANCZOS)


@dataclass(frozen=True)
class Rotate:
    """Clockwise; between right angles the picture grows, with transparent corners."""

    degrees: float
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        turn = self.degrees % 360
        return f"rotated {min(turn, 360 - turn):g}° {'' if turn <= 180 else 'counter'}clockwise"

    def on(self, image: Image.Image) -> Image.Image:
        turn = self.degrees % 360
        if turn in QUARTERS:
            return image.transpose(QUARTERS[turn])
        # The empty rim is what the edges fade into; without it they would be stairs.
        padded = ImageOps.expand(self.with_room(image).convert("RGBA"), 2, (0, 0, 0, 0))
        turned = padded.rotate(-turn, Image.Resampling.BICUBIC, expand=True)
        return turned.crop(turned.getchannel("A").getbbox())

    def with_room(self, image: Image.Image) -> Image.Image:
        """Smaller where the turned picture would be larger than we keep."""
        sine, cosine = (abs(f(math.radians(self.degrees))) for f in (math.sin, math.cos))
        wide = image.width * cosine + image.height * sine
        high = image.width * sine + image.height * cosine
        factor = (limits.PIXELS / (wide * high)) ** 0.5
        if factor >= 1:
            return image
        size = (round(image.width * factor) - 4, round(image.height * factor) - 4)
        return image.resize(size, Image.Resampling.LANCZOS)


QUARTERS: dict[float, Image.Transpose] = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""Pillow counts counterclockwise."""


@dataclass(frozen=True)
class Flip:
    """Left to right, or upside down."""

    upside_down: bool = False
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return f"flipped {'upside down' if self.upside_down else 'left to right'}"

    def on(self, image: Image.Image) -> Image.Image:
        return ImageOps.flip(image) if self.upside_down else ImageOps.mirror(image)


Tone = Literal["brightness", "contrast", "saturation"]
ENHANCERS = {
    "brightness": ImageEnhance.Brightness,
    "contrast": ImageEnhance.Contrast,
    "saturation": ImageEnhance.Color,
}


@dataclass(frozen=True)
class Adjust:
    """Brightness, contrast or saturation, as a factor of what it is."""

    what: Tone
    factor: float
    tonal: ClassVar[bool] = True

    @property
    def said(self) -> str:
        return f"{self.what} {(self.factor - 1) * 100:+.0f} %"

    def on(self, image: Image.Image) -> Image.Image:
        if self.what == "brightness" and self.factor > 1:
            return recolored(image, self.brightened)
        return recolored(image, lambda colors: ENHANCERS[self.what](colors).enhance(self.factor))

    def brightened(self, colors: Image.Image) -> Image.Image:
        """By a curve: multiplying would burn out what is bright already."""
        light = np.arange(256) / 255
        curve = 1 - (1 - light) ** self.factor
        return colors.point(np.round(curve * 255).astype(int).tolist() * 3)


@dataclass(frozen=True)
class Grayscale:
    tonal: ClassVar[bool] = True

    @property
    def said(self) -> str:
        return "made black and white"

    def on(self, image: Image.Image) -> Image.Image:
        return recolored(image, lambda colors: colors.convert("L").convert("RGB"))


@dataclass(frozen=True)
class Sepia:
    tonal: ClassVar[bool] = True

    @property
    def said(self) -> str:
        return "toned sepia"

    def on(self, image: Image.Image) -> Image.Image:
        return recolored(
            image,
            lambda colors: ImageOps.colorize(
                colors.convert("L"), black="#1d120a", mid="#9a7b58", white="#fff3dc"
            ),
        )


@dataclass(frozen=True)
class Invert:
    tonal: ClassVar[bool] = True

    @property
    def said(self) -> str:
        return "colors inverted"

    def on(self, image: Image.Image) -> Image.Image:
        return recolored(image, ImageOps.invert)


@dataclass(frozen=True)
class Blur:
    """By a radius in parts of the shorter side, so that it looks the same at any size."""

    radius: float
    tonal: ClassVar[bool] = True

    @property
    def said(self) -> str:
        return "blurred"

    def on(self, image: Image.Image) -> Image.Image:
        blur = ImageFilter.GaussianBlur(max(0.5, self.radius * min(image.size)))
        if image.mode == "RGB":
            return image.filter(blur)
        # Premultiplied, or what cannot be seen would bleed into what can.
        return image.convert("RGBa").filter(blur).convert("RGBA")


@dataclass(frozen=True)
class Sharpen:
    amount: float
    """1 doubles the difference between a pixel and its surroundings."""
    tonal: ClassVar[bool] = True

    @property
    def said(self) -> str:
        return "sharpened"

    def on(self, image: Image.Image) -> Image.Image:
        radius = max(1.0, min(image.size) / 700)
        mask = ImageFilter.UnsharpMask(radius, round(self.amount * 100), threshold=2)
        return recolored(image, lambda colors: colors.filter(mask))


@dataclass(frozen=True)
class RoundCorners:
    """With a radius in parts of the shorter side."""

    radius: float
    tonal: ClassVar[bool] = False

    @property
    def said(self) -> str:
        return "corners rounded"

    def on(self, image: Image.Image) -> Image.Image:
        return rounded(image, self.radius)


def centered(image: Image.Image, width: int, height: int) -> Image.Image:
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def possible(width: int, height: int) -> tuple[int, int]:
    """The size, if a picture may have it. Raises `InvalidParams`."""
    if max(width, height) > SIDE:
        raise InvalidParams(
            f"That would be {width:,} x {height:,} pixels; up to {SIDE:,} a side are possible."
        )
    if min(width, height) < SHORTEST:
        raise InvalidParams(
            f"That would be {width} x {height} pixels; each side needs at least {SHORTEST}."
        )
    return width, height


def recolored(image: Image.Image, change: Recolor) -> Image.Image:
    """Change the colors and keep what can be seen through."""
    changed = change(image.convert("RGB"))
    if image.mode == "RGBA":
        changed.putalpha(image.getchannel("A"))
    return changed


class Recolor(Protocol):
    def __call__(self, colors: Image.Image, /) -> Image.Image: ...


def rounded(image: Image.Image, corner: float) -> Image.Image:
    """With round corners; `corner` is their radius as a part of the shorter side, at most 0.5."""
    image = image.convert("RGBA")
    radius = max(1.0, min(corner, 0.5) * min(image.size))
    x = np.abs(np.arange(image.width) + 0.5 - image.width / 2) - (image.width / 2 - radius)
    y = np.abs(np.arange(image.height) + 0.5 - image.height / 2) - (image.height / 2 - radius)
    far = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    shape = np.clip((radius - far + 0.5) * 255, 0, 255).astype(np.uint8)
    image.putalpha(ImageChops.multiply(image.getchannel("A"), Image.fromarray(shape)))
    return image
