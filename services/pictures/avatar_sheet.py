"""An avatar as Discord will show it: round and small, beside its person's name, on dark and light."""

from __future__ import annotations

from PIL import Image, ImageDraw

from services.lettering import set_text
from services.pictures.contact import DARK, LIGHT, Theme, circle, put

WIDTH, MARGIN, GAP = 440, 28, 24
"""Of one half of the sheet, in pixels."""
PROFILE, CARD, MESSAGE, MEMBER = 128, 80, 40, 32
"""Discord's sizes of an avatar, in pixels: on a profile, on its card, beside a message, in a list."""
RING = 6
"""The ground's own color around a profile's avatar, where it overlaps the banner."""
STATUS = 10
"""The diameter of the dot that says who is online."""
ONLINE = "#23a55a"
FINE = 4
"""Round shapes are drawn so many times larger first, for smooth edges."""
CAPTION, SMALL, NORMAL = 12, 14, 16
"""Heights of letters."""
CHANNEL = {DARK: "#2b2d31", LIGHT: "#f2f3f5"}
"""What a list of members stands on."""


def avatar_sheet(avatar: Image.Image, name: str) -> Image.Image:
    """Both halves side by side. The picture must be square; the name may be anything."""
    halves = [half(avatar.convert("RGBA"), name, theme) for theme in (DARK, LIGHT)]
    sheet = Image.new("RGB", (WIDTH * 2, halves[0].height))
    for place, each in enumerate(halves):
        sheet.paste(each, (place * WIDTH, 0))
    return sheet


def half(avatar: Image.Image, name: str, theme: Theme) -> Image.Image:
    message_top = MARGIN + PROFILE + 2 * RING + 20 + GAP
    list_top = message_top + MESSAGE + GAP
    paper = Image.new("RGB", (WIDTH, list_top + MEMBER + 20 + MARGIN), theme.ground)
    place_sizes(paper, avatar, theme)
    message(paper, avatar, name, message_top, theme)
    member(paper, avatar, name, list_top, theme)
    return paper


def place_sizes(paper: Image.Image, avatar: Image.Image, theme: Theme) -> None:
    """The circle in its three sizes in a row, standing on one line, the number under each."""
    x, ground = MARGIN, MARGIN + PROFILE
    for side in (PROFILE, CARD, MESSAGE):
        put(paper, avatar, (x, ground - side), side, round_it=True)
        write(paper, (x, ground + 8), f"{side} px", theme.muted, CAPTION)
        x += side + GAP


def message(paper: Image.Image, avatar: Image.Image, name: str, top: int, theme: Theme) -> None:
    """A message of theirs in a channel."""
    put(paper, avatar, (MARGIN, top), MESSAGE, round_it=True)
    left = MARGIN + MESSAGE + 16
    end = write(paper, (left, top - 3), name, theme.text, NORMAL, bold=True, most=220)
    write(paper, (end + 8, top), "Today at 12:00", theme.muted, CAPTION)
    write(paper, (left, top + 19), "That went well. Again, please!", theme.text, NORMAL)


def member(paper: Image.Image, avatar: Image.Image, name: str, top: int, theme: Theme) -> None:
    """Their line in the list of a server's members."""
    row = (MARGIN - 8, top - 8, paper.width - MARGIN, top + MEMBER + 8)
    ImageDraw.Draw(paper).rounded_rectangle(row, 8, fill=CHANNEL[theme])
    put(paper, avatar, (MARGIN, top), MEMBER, round_it=True)
    corner = MEMBER - STATUS + 2
    dot(paper, (MARGIN + corner - 3, top + corner - 3), STATUS + 6, CHANNEL[theme])
    dot(paper, (MARGIN + corner, top + corner), STATUS, ONLINE)
    left = MARGIN + MEMBER + 12
    write(paper, (left, top - 1), name, theme.text, NORMAL, most=300)
    write(paper, (left, top + 18), "Online", theme.muted, CAPTION)


def dot(paper: Image.Image, at: tuple[int, int], side: int, color: str) -> None:
    paper.paste(Image.new("RGB", (side, side), color), at, circle(side))


def write(
    paper: Image.Image,
    at: tuple[int, int],
    text: str,
    color: str,
    size: int,
    *,
    bold: bool = False,
    most: int = WIDTH,
) -> int:
    """Set one line, cut where it is longer than `most` pixels; return where it ends.

    It begins on the left whatever its script, as Discord has it.
    """
    lettered = set_text(
        text,
        width=most,
        height=round(size * 1.6),
        largest=size,
        smallest=size,
        face="sans",
        bold=bold,
        align="start",
    )
    ink = lettered.image.getchannel("A")
    box = ink.getbbox() or (0, 0, 1, 1)
    ink = ink.crop((box[0], 0, box[2], ink.height))
    paper.paste(Image.new("RGB", ink.size, color), at, ink)
    return at[0] + ink.width
