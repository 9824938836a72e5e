"""Putting a page together: panels into frames, balloons and captions on them, a title above.

Synchronous: for a process that can be killed (`PicturePool.run`).
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from core.writing import Script
from services.comics.finish import finish
from services.comics.layout import Box, Frame, Page, Point
from services.comics.lettering import Lettered, letter_panels
from services.comics.styles import Finish, Look
from services.pictures.clean import load, to_srgb
from services.pictures.header import walk

SMOOTH = 3
"""Frames are drawn so many times as large, so that slanted lines are smooth."""
BLANK = ("#e9e7e2", "#d5d2cb")
TITLE_LARGEST, TITLE_SMALLEST = 60, 22


@dataclass(frozen=True)
class Composition:
    """A page's parts."""

    page: Page
    script: Script
    panels: tuple[bytes, ...]
    """Pictures in reading order, encoded; nobody needs to have checked them."""
    look: Look
    finish: Finish
    right_to_left: bool = False
    language: str | None = None


@dataclass(frozen=True)
class Composed:
    """A page as a PNG, and where the words are on it."""

    data: bytes
    lettered: tuple[Lettered, ...]

    @property
    def cut(self) -> tuple[int, ...]:
        """The panels, from 1, in which words had to be left out."""
        return tuple(sorted({each.panel for each in self.lettered if each.cut}))


def compose(parts: Composition) -> Composed:
    """Put a page together. Raises `UnusableFile` for a panel that is no picture."""
    page, look = parts.page, parts.look
    canvas = Image.new("RGB", (page.width, page.height), look.paper)
    arts: list[Image.Image] = []
    for frame, data in zip(page.frames, parts.panels, strict=True):
        art = finish(filling(data, frame.size), parts.finish, frame.bounds[:2])
        arts.append(art)
        put_panel(canvas, frame, art, look)
    lettered = letter_panels(
        canvas,
        list(zip(page.frames, parts.script.panels, arts, strict=True)),
        look,
        right_to_left=parts.right_to_left,
        language=parts.language,
    )
    if page.title is not None:
        put_title(canvas, page.title, parts)
    return Composed(encoded(canvas), tuple(lettered))


def filling(data: bytes, size: tuple[int, int]) -> Image.Image:
    """Read a panel and crop it to a frame's shape, keeping its middle."""
    walked = walk(data)
    image = to_srgb(load(walked, data), walked.profile).convert("RGB")
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=(0.5, 0.45))


def put_panel(canvas: Image.Image, frame: Frame, art: Image.Image, look: Look) -> None:
    left, top, _, _ = frame.bounds
    canvas.paste(art, (left, top), outline(frame, look.radius))
    if look.border:
        # Half of the line lies outside the picture, so that no bare edge shows between them.
        around = look.border
        line = border(frame, look, around)
        ink = Image.new("RGB", line.size, look.ink)
        canvas.paste(ink, (left - around, top - around), line)


def inner(frame: Frame, shift: float = 0.0) -> list[Point]:
    """A frame's corners in its own box, moved by some pixels."""
    left, top, _, _ = frame.bounds
    return [(x - left + shift, y - top + shift) for x, y in frame.corners]


def outline(frame: Frame, radius: int) -> Image.Image:
    """Where a panel's picture shows."""
    return shape(frame, frame.size, radius, 0)


def border(frame: Frame, look: Look, around: int) -> Image.Image:
    """A frame's line: what is within its outer edge and not within its inner one."""
    width, height = frame.size
    size = (width + 2 * around, height + 2 * around)
    mask = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH), 0)
    draw = ImageDraw.Draw(mask)
    weight = look.border * SMOOTH
    points = [(x * SMOOTH, y * SMOOTH) for x, y in inner(frame, around)]
    if look.radius and frame.straight:
        (x0, y0), _, (x1, y1), _ = points
        half = weight // 2
        draw.rounded_rectangle(
            (x0 - half, y0 - half, x1 + half, y1 + half),
            look.radius * SMOOTH,
            outline=255,
            width=weight,
        )
    else:
        draw.line([*points, points[0], points[1]], fill=255, width=weight, joint="curve")
    return mask.resize(size, Image.Resampling.BOX)


def shape(frame: Frame, size: tuple[int, int], radius: int, shift: float) -> Image.Image:
    mask = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH), 0)
    draw = ImageDraw.Draw(mask)
    points = [(x * SMOOTH, y * SMOOTH) for x, y in inner(frame, shift)]
    if radius and frame.straight:
        draw.rounded_rectangle((*points[0], *points[2]), radius * SMOOTH, fill=255)
    else:
        draw.polygon(points, fill=255)
    return mask.resize(size, Image.Resampling.BOX)


def put_title(canvas: Image.Image, box: Box, parts: Composition) -> None:
    from services.lettering import set_text

    left, top, right, bottom = box
    lettered = set_text(
        parts.script.title,
        width=right - left,
        height=bottom - top,
        largest=TITLE_LARGEST,
        smallest=TITLE_SMALLEST,
        bold=True,
        upper=parts.look.upper,
        color=parts.look.ink,
        align="start",
        language=parts.language,
    )
    canvas.paste(lettered.image, (left, top), lettered.image)


def placeholder(size: tuple[int, int]) -> bytes:
    """A panel nobody could draw: pale diagonal stripes."""
    image = Image.new("RGB", size, BLANK[0])
    draw = ImageDraw.Draw(image)
    width, height = size
    for x in range(-height, width, 56):
        draw.line((x, height, x + height, 0), fill=BLANK[1], width=20)
    return encoded(image)


def reflected(data: bytes) -> bytes:
    """A panel as in a mirror, as manga are turned for who reads the other way."""
    walked = walk(data)
    return encoded(ImageOps.mirror(to_srgb(load(walked, data), walked.profile).convert("RGB")))


def encoded(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "PNG", compress_level=4)
    return output.getvalue()
