"""Many small pictures as one, each with its number: how a set is looked at."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

CELL, GAP = 200, 8
"""In pixels; five across are as wide as Discord shows a picture."""
ACROSS = 5
BADGE = 40
PAPER, GROUND, INK = "#1e1f22", "#4e5058", "#ffffff"
"""The ground is a middle gray: dark and light pictures both stand out, through their holes too."""
FINE = 4
"""Badges are drawn this many times as large and made smaller, for smooth edges."""


def grid(thumbnails: Sequence[bytes]) -> bytes:
    """Lay thumbnails out in rows, numbered from 1, as a PNG; each whole, never cropped."""
    across = min(ACROSS, len(thumbnails))
    down = -(-len(thumbnails) // across)
    size = (across * (CELL + GAP) + GAP, down * (CELL + GAP) + GAP)
    sheet = Image.new("RGB", size, PAPER)
    for number, data in enumerate(thumbnails):
        row, column = divmod(number, across)
        corner = (GAP + column * (CELL + GAP), GAP + row * (CELL + GAP))
        place(sheet, data, corner)
        mark = badge(number + 1)
        sheet.paste(mark, (corner[0] + GAP, corner[1] + GAP), mark)
    output = io.BytesIO()
    sheet.save(output, "PNG")
    return output.getvalue()


def place(sheet: Image.Image, data: bytes, corner: tuple[int, int]) -> None:
    """Put a thumbnail into the middle of its cell, with transparent parts on the ground."""
    sheet.paste(GROUND, (*corner, corner[0] + CELL, corner[1] + CELL))
    picture = Image.open(io.BytesIO(data), formats=("WEBP",)).convert("RGBA")
    scale = CELL / max(picture.size)
    fitted = picture.resize([max(1, round(side * scale)) for side in picture.size])
    left = corner[0] + (CELL - fitted.width) // 2
    top = corner[1] + (CELL - fitted.height) // 2
    sheet.paste(fitted, (left, top), fitted)


def badge(number: int) -> Image.Image:
    side = BADGE * FINE
    mark = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(mark)
    pen.ellipse((0, 0, side - 1, side - 1), fill=PAPER, outline=INK, width=2 * FINE)
    font = ImageFont.load_default(side * 0.5)
    pen.text((side / 2, side / 2), str(number), fill=INK, font=font, anchor="mm")
    return mark.resize((BADGE, BADGE), Image.Resampling.LANCZOS)
