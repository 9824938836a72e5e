"""Icons for Discord out of any picture: cut out, framed, and under every limit.

Discord's limits, from its developer documentation and help center: an emoji has up to 256 KiB and
is stored at 128 x 128; a sticker is a PNG of exactly 320 x 320 with up to 512 KiB; a server's icon
is asked for at 512 x 512.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageColor

from services.pictures import limits
from services.pictures.clean import load, stored_form
from services.pictures.contact import contact_sheet
from services.pictures.cutout import cut_out
from services.pictures.header import walk
from services.pictures.operations import rounded

MASTER = 1024
RESERVE = 36_000
"""Bytes left for what a file says about its making: a prompt of 4,000 letters, and then some."""
MARGIN = 0.03
"""Empty space on each side of a subject, of the whole: emoji are small, so hardly any."""
INSET = 0.14
"""The same where the icon is cropped to a circle, or stands on a colored ground."""
CORNER = 0.22
"""A rounded square's radius, of its side."""
FAINT = 8
"""Alpha that nobody sees; it must not decide how large the subject is."""


@dataclass(frozen=True)
class Target:
    """Where an icon is used: its side in pixels and the most bytes it may have."""

    side: int
    limit: int


TARGETS = {
    "emoji": Target(128, 256_000),
    "app-emoji": Target(128, 256_000),
    "sticker": Target(320, 512_000),
    "server-icon": Target(512, 8_000_000),
}
ROUND = {"server-icon"}
"""What Discord itself crops to a circle."""
NOT_CUT = "The subject could not be cut out of its background, so the icon is square."


@dataclass(frozen=True)
class Framed:
    """A subject in its square."""

    square: Image.Image
    covered: bool
    """Whether the square is covered to its corners, so that they should be rounded."""
    notes: tuple[str, ...] = ()

    def at(self, side: int, *, rounding: bool = True) -> Image.Image:
        """The square so many pixels wide, with round corners where it has any."""
        image = self.square.resize((side, side), Image.Resampling.LANCZOS)
        return rounded(image, CORNER) if self.covered and rounding else image


@dataclass(frozen=True)
class Icon:
    """An icon in every size it is used in; PNG bytes."""

    master: bytes
    parts: dict[str, bytes]
    """By target, and the contact sheet as "sheet"."""
    notes: tuple[str, ...]


def make_icon(data: bytes, background: str, target: str, name: str) -> Icon:
    """Cut the subject out and set it on a background; "keep" leaves what is drawn around it.

    `background` is "transparent", "keep" or a color as CSS says it. Raises `UnusableFile`.
    """
    framed = framed_subject(data, background, target)
    parts = sized(framed, target)
    master = framed.at(MASTER, rounding=target not in ROUND)
    parts["sheet"] = png(contact_sheet(master, target, name))
    return Icon(png(master), parts, framed.notes)


def sized(framed: Framed, target: str) -> dict[str, bytes]:
    """The emoji, the sticker and the target's own, each under its limit; PNG by target."""
    parts: dict[str, bytes] = {}
    for kind in dict.fromkeys(["emoji", "sticker", target]):
        image = framed.at(TARGETS[kind].side, rounding=kind not in ROUND)
        parts[kind] = png(image, TARGETS[kind].limit - RESERVE)
    return parts


def decoded(data: bytes) -> Image.Image:
    """Bytes nobody has checked, as eight bits of sRGB, upright. Raises `UnusableFile`."""
    limits.check_bytes(data)
    walked = walk(data)
    _, _, image = stored_form(walked, load(walked, data), [])
    transparent = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
    return image.convert("RGBA" if transparent else "RGB")


def framed_subject(data: bytes, background: str, target: str) -> Framed:
    """Cut out and frame; where that cannot be done, the whole picture and a note that says so."""
    image = smaller(decoded(data), MASTER)
    subject = None if background == "keep" else cut_out(image)
    if subject is None:
        whole = centered_square(image).convert("RGBA")
        return Framed(whole, covered=True, notes=() if background == "keep" else (NOT_CUT,))
    if background == "transparent":
        return Framed(around(subject, INSET if target in ROUND else MARGIN), covered=False)
    inset = around(subject, INSET)
    ground = Image.new("RGBA", inset.size, ImageColor.getrgb(background))
    ground.alpha_composite(inset)
    return Framed(ground, covered=True)


def around(subject: Image.Image, margin: float) -> Image.Image:
    """The square with the subject in its middle and only so much space around it."""
    alpha = subject.getchannel("A").point([0] * (FAINT + 1) + [255] * (255 - FAINT))
    box = alpha.getbbox() or (0, 0, *subject.size)
    width, height = box[2] - box[0], box[3] - box[1]
    side = max(1, round(max(width, height) / (1 - 2 * margin)))
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(subject.crop(box), ((side - width) // 2, (side - height) // 2))
    return square


def centered_square(image: Image.Image) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def smaller(image: Image.Image, side: int) -> Image.Image:
    image = image.copy()
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def on_color(data: bytes, color: str) -> bytes:
    """A kept picture without its transparency, for a provider that knows none; PNG."""
    image = decoded(data).convert("RGBA")
    ground = Image.new("RGBA", image.size, ImageColor.getrgb(color))
    ground.alpha_composite(image)
    return png(ground.convert("RGB"))


def png(image: Image.Image, limit: int | None = None) -> bytes:
    """Encode, in fewer colors if that is what it takes to get under `limit` bytes.

    No emoji or sticker needs it: 128 x 128 and 320 x 320 of pure noise are 66 and 411 KB.
    """
    data = written(image)
    for colors in (256, 64, 16, 2):
        if limit is None or len(data) <= limit:
            break
        data = written(image.quantize(colors, Image.Quantize.FASTOCTREE))
    else:
        assert limit is None or len(data) <= limit
    return data


def written(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.copy().save(output, "PNG", compress_level=6 if image.width <= 512 else 3)
    return output.getvalue()
