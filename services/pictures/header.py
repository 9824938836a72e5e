"""Reading a file's structure before any decoder does: its size, its parts, what must go.

Each walk refuses what is too large from the header alone, and returns the same picture without
its private parts: the compressed pixels are copied, never touched.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from core.errors import UnusableFile
from services.pictures.limits import (
    CHUNKS,
    PROFILE_BYTES,
    SCANS,
    check_size,
    damaged,
    not_a_picture,
)

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM"}
PNG_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}
ADOBE_BYTES = 12
JFIF = b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"
"""Version 1.2, no density, no thumbnail."""
JPEG_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""In compressed data: an FF that is neither stuffed nor a restart."""


@dataclass(frozen=True)
class Walked:
    """A picture's file, understood."""

    kind: str
    """As Pillow calls the format."""
    width: int
    height: int
    stripped: bytes
    """The same pixels without private parts; usable where `recode` is false."""
    recode: bool = False
    """Whether the stored form cannot stay: another color space, CMYK, 16 bits, an animation."""
    animated: bool = False
    profile: bytes | None = None


def walk(data: bytes) -> Walked:
    """Understand a file by its content, never by its name. Raises `UnusableFile`."""
    if data.startswith(PNG_MAGIC):
        return walk_png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return walk_jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return walk_webp(data)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return walk_gif(data)
    raise not_a_picture(data)


def walk_png(data: bytes) -> Walked:
    kept = [PNG_MAGIC]
    width = height = depth = 0
    animated = False
    profile: bytes | None = None
    position, count = 8, 0
    while True:
        count += 1
        length = int.from_bytes(data[position : position + 4], "big")
        name = data[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(data) or len(name) < 4 or count > CHUNKS:
            raise damaged("PNG")
        body = data[position + 8 : end - 4]
        if count == 1:
            if name != b"IHDR" or length != 13:
                raise damaged("PNG")
            width, height, depth = _big(body, 0), _big(body, 4), body[8]
            check_size("PNG", width, height)
        animated = animated or name in PNG_ANIMATION
        if name == b"iCCP":
            profile = inflated(body.partition(b"\x00")[2][1:])
        if name in PNG_KEPT:
            kept.append(data[position:end])
        position = end
        if name == b"IEND":
            break
    return Walked("PNG", width, height, b"".join(kept), depth == 16, animated, profile)


def _big(body: bytes, offset: int) -> int:
    return int.from_bytes(body[offset : offset + 4], "big")


def inflated(body: bytes) -> bytes:
    """Inflate a color profile, which could be a bomb. Raises `UnusableFile`."""
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(body, PROFILE_BYTES)
    except zlib.error as error:
        raise damaged("PNG") from error
    if inflater.unconsumed_tail:
        raise UnusableFile("That PNG's color profile is too large. Save it without one.")
    return profile


def walk_jpeg(data: bytes) -> Walked:
    kept = [b"\xff\xd8"]
    width = height = components = scans = 0
    profile: dict[int, bytes] = {}
    position = 2
    while True:
        marker, start = jpeg_marker(data, position)
        if marker == 0xD9:
            kept.append(b"\xff\xd9")
            break
        length = int.from_bytes(data[start : start + 2], "big")
        end = start + length
        if length < 2 or end > len(data):
            raise damaged("JPEG")
        body = data[start + 2 : end]
        if marker in (0xC0, 0xC1, 0xC2):
            height, width, components = jpeg_frame(body)
        elif 0xC3 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            raise UnusableFile("That kind of JPEG is too rare for me. Save it as a PNG.")
        if marker == 0xE2 and body.startswith(b"ICC_PROFILE\x00") and len(body) > 14:
            profile[body[12]] = body[14:]
        segment = kept_segment(marker, body, data[start - 2 : end])
        if segment:
            kept.append(segment)
        position = end
        if marker == 0xDA:
            scans += 1
            if scans > SCANS:
                raise UnusableFile(
                    f"That JPEG has more than {SCANS} scans. Save it as a plain JPEG."
                )
            position = end_of_scan(data, end)
            kept.append(data[end:position])
    if not width or not scans:
        raise damaged("JPEG")
    joined = b"".join(profile[number] for number in sorted(profile))
    return Walked(
        "JPEG",
        width,
        height,
        b"".join(kept),
        recode=components == 4,
        profile=joined[:PROFILE_BYTES] or None,
    )


def jpeg_marker(data: bytes, position: int) -> tuple[int, int]:
    """The marker at a position, past fill bytes, and where its segment's length stands."""
    if data[position : position + 1] != b"\xff":
        raise damaged("JPEG")
    while data[position : position + 1] == b"\xff":
        position += 1
    if position >= len(data):
        raise damaged("JPEG")
    return data[position], position + 1


def jpeg_frame(body: bytes) -> tuple[int, int, int]:
    """Height, width and number of components of a frame header."""
    if len(body) < 6 or body[0] != 8:
        raise damaged("JPEG")
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    check_size("JPEG", width, height)
    return height, width, body[5]


def kept_segment(marker: int, body: bytes, whole: bytes) -> bytes:
    """A segment as it may stay: tables and frames whole, two application headers without extras."""
    if marker == 0xE0 and body.startswith(b"JFIF\x00"):
        return b"\xff\xe0" + (len(JFIF) + 2).to_bytes(2, "big") + JFIF
    if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= ADOBE_BYTES:
        # It says how the colors are coded; without it some pictures turn pink.
        return b"\xff\xee" + (ADOBE_BYTES + 2).to_bytes(2, "big") + body[:ADOBE_BYTES]
    if 0xE0 <= marker <= 0xEF or marker == 0xFE:
        return b""
    return whole


def end_of_scan(data: bytes, position: int) -> int:
    """Where the compressed data that begins here ends."""
    found = JPEG_MARKER.search(data, position)
    if found is None:
        raise damaged("JPEG")
    return found.start()


def walk_webp(data: bytes) -> Walked:
    size = 8 + int.from_bytes(data[4:8], "little")
    if size > len(data) + 1:
        raise damaged("WebP")
    parts: list[tuple[bytes, bytes]] = []
    position = 12
    while position + 8 <= min(size, len(data)):
        name = data[position : position + 4]
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + length
        if end > len(data) or len(parts) > CHUNKS:
            raise damaged("WebP")
        parts.append((name, data[position + 8 : end]))
        position = end + length % 2
    found = dict(reversed(parts))
    width, height = webp_size(found)
    check_size("WebP", width, height)
    kept = [(name, body) for name, body in parts if name in (b"VP8 ", b"VP8L", b"ALPH")]
    if b"ALPH" in found:
        kept.insert(0, (b"VP8X", vp8x(width, height, alpha=True)))
    animated = b"ANIM" in found or b"ANMF" in found
    if not animated and not any(name in (b"VP8 ", b"VP8L") for name, _ in kept):
        raise damaged("WebP")
    return Walked(
        "WEBP",
        width,
        height,
        data if animated else riff(kept),
        recode=animated,
        animated=animated,
        profile=found.get(b"ICCP", b"")[:PROFILE_BYTES] or None,
    )


def webp_size(parts: dict[bytes, bytes]) -> tuple[int, int]:
    """Width and height, checked in every header there is: they may disagree on purpose."""
    sizes: list[tuple[int, int]] = []
    if len(body := parts.get(b"VP8X", b"")) >= 10:
        width, height = (int.from_bytes(body[a : a + 3], "little") + 1 for a in (4, 7))
        sizes.append((width, height))
    if len(body := parts.get(b"VP8 ", b"")) >= 10:
        width, height = (int.from_bytes(body[a : a + 2], "little") & 0x3FFF for a in (6, 8))
        sizes.append((width, height))
    if len(body := parts.get(b"VP8L", b"")) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        sizes.append(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
    if not sizes:
        raise damaged("WebP")
    for width, height in sizes:
        check_size("WebP", width, height)
    return max(sizes)


def vp8x(width: int, height: int, *, alpha: bool, exif: bool = False, xmp: bool = False) -> bytes:
    """The extended header: what else the file holds, and the canvas."""
    flags = 0x10 * alpha | 0x08 * exif | 0x04 * xmp
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes([flags, 0, 0, 0]) + sizes


def riff(parts: list[tuple[bytes, bytes]]) -> bytes:
    """Put a WebP file together."""
    body = b"WEBP" + b"".join(
        name + len(part).to_bytes(4, "little") + part + b"\x00" * (len(part) % 2)
        for name, part in parts
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def walk_gif(data: bytes) -> Walked:
    if len(data) < 14:
        raise damaged("GIF")
    width, height = (int.from_bytes(data[a : a + 2], "little") for a in (6, 8))
    check_size("GIF", width, height)
    return Walked("GIF", width, height, data, recode=True, animated=b"NETSCAPE2.0" in data[:2000])
