"""An icon as people will see it: at its real sizes, on Discord's dark and light backgrounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFont

WIDTH, MARGIN, GAP = 400, 24, 28
"""Of one half of the sheet, in pixels."""
AVATAR = 40
INLINE, REACTION, JUMBO = 22, 16, 48
"""Discord's sizes of an emoji within a line, under a message, and alone in one."""
SHOWN = {
    "emoji": (JUMBO, 128),
    "app-emoji": (JUMBO, 128),
    "sticker": (160, 320),
    "server-icon": (JUMBO, 80, 128),
}
"""The sizes shown one after another, by target."""
FINE = 4

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Theme:
    ground: str
    text: str
    muted: str
    chip: str


DARK = Theme("#313338", "#dbdee1", "#949ba4", "#3c4270")
LIGHT = Theme("#ffffff", "#313338", "#5c5e66", "#e7e9fd")
ACCENT = "#5865f2"


def contact_sheet(icon: Image.Image, target: str, name: str) -> Image.Image:
    """Both halves side by side."""
    halves = [half(icon, target, name, theme) for theme in (DARK, LIGHT)]
    sheet = Image.new("RGB", (WIDTH * 2, halves[0].height))
    for place, each in enumerate(halves):
        sheet.paste(each, (place * WIDTH, 0))
    return sheet


def half(icon: Image.Image, target: str, name: str, theme: Theme) -> Image.Image:
    emoji = target in ("emoji", "app-emoji")
    sizes = SHOWN[target]
    across = emoji or target == "server-icon"
    top = MARGIN + (AVATAR + 62 if emoji else 0)
    body = max(sizes) + 22 if across else sum(sizes) + GAP + 44
    paper = Image.new("RGB", (WIDTH, top + body + MARGIN + 20), theme.ground)
    if emoji:
        message(paper, icon, theme)
    label = f":{name}:" if emoji else name
    write(paper, (MARGIN, paper.height - MARGIN - 10), label, theme.muted, 14)
    place_sizes(paper, icon, sizes, top, across, target == "server-icon", theme)
    return paper


def place_sizes(
    paper: Image.Image,
    icon: Image.Image,
    sizes: tuple[int, ...],
    top: int,
    across: bool,
    round_it: bool,
    theme: Theme,
) -> None:
    """The icon in each size with the number under it, in a row or one below the other."""
    x, y, tallest = MARGIN, top, max(sizes)
    for side in sizes:
        here = y + (tallest - side if across else 0)
        put(paper, icon, (x, here), side, round_it)
        write(paper, (x, here + side + 6), f"{side} px", theme.muted, 12)
        x, y = (x + side + GAP, y) if across else (x, y + side + GAP)


def message(paper: Image.Image, icon: Image.Image, theme: Theme) -> None:
    """Somebody's message with the emoji in its line and under it."""
    disc(paper, (MARGIN, MARGIN), AVATAR, ACCENT)
    left = MARGIN + AVATAR + 16
    write(paper, (left, MARGIN - 1), "Ada", ACCENT if theme is LIGHT else "#b5bdf9", 16)
    x = write(paper, (left, MARGIN + 22), "That went well ", theme.text, 16)
    put(paper, icon, (x, MARGIN + 20), INLINE)
    write(paper, (x + INLINE + 6, MARGIN + 22), "again please!", theme.text, 16)
    chip = (left, MARGIN + 52, left + 50, MARGIN + 76)
    draw = ImageDraw.Draw(paper)
    draw.rounded_rectangle(chip, 8, fill=theme.chip, outline=ACCENT)
    put(paper, icon, (left + 8, MARGIN + 56), REACTION)
    write(paper, (left + 32, MARGIN + 56), "3", theme.text, 14)


def put(
    paper: Image.Image, icon: Image.Image, at: tuple[int, int], side: int, round_it: bool = False
) -> None:
    small = icon.resize((side, side), Image.Resampling.LANCZOS)
    if round_it:
        small.putalpha(ImageChops.multiply(small.getchannel("A"), circle(side)))
    paper.paste(small, at, small)


def disc(paper: Image.Image, at: tuple[int, int], side: int, color: str) -> None:
    paper.paste(Image.new("RGB", (side, side), color), at, circle(side))


def circle(side: int) -> Image.Image:
    large = Image.new("L", (side * FINE, side * FINE), 0)
    ImageDraw.Draw(large).ellipse((0, 0, side * FINE - 1, side * FINE - 1), fill=255)
    return large.resize((side, side), Image.Resampling.BOX)


def write(paper: Image.Image, at: tuple[int, int], text: str, color: str, size: int) -> int:
    """Set a few words of our own in Pillow's own font; return where they end."""
    font: Font = ImageFont.load_default(size)
    ImageDraw.Draw(paper).text(at, text, fill=color, font=font)
    return at[0] + round(font.getlength(text))
