"""What a picture may be, and the sentences for what it may not."""

from __future__ import annotations

from core.errors import UnusableFile

BYTES = 25_000_000
PIXELS = 32_000_000
"""A picture of this size decodes in about a second and 130 MB."""
SIDE = 16_384
"""WebP's own limit is 16,383; Pillow's resampling is fine with this."""
SCANS = 64
"""A progressive JPEG has about ten scans. Each costs a whole pass: 3,006 of them burned 33 s."""
CHUNKS = 20_000
FRAMES = 1_000
PROFILE_BYTES = 4_000_000

OTHERS: tuple[tuple[bytes, int, str], ...] = (
    (b"BM", 0, "a BMP"),
    (b"II*\x00", 0, "a TIFF"),
    (b"MM\x00*", 0, "a TIFF"),
    (b"%PDF", 0, "a PDF"),
    (b"8BPS", 0, "a Photoshop file"),
    (b"\x00\x00\x01\x00", 0, "an icon file"),
    (b"\xff\x0a", 0, "a JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", 0, "a JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", 0, "a JPEG 2000"),
    (b"ftypavif", 4, "an AVIF"),
    (b"ftypheic", 4, "a HEIC photo"),
    (b"ftyp", 4, "a video or a HEIC photo"),
    (b"\x1aE\xdf\xa3", 0, "a video"),
    (b"PK\x03\x04", 0, "a ZIP archive"),
    (b"\x1f\x8b", 0, "an archive"),
)


def check_bytes(data: bytes) -> None:
    if not data:
        raise UnusableFile("That file is empty.")
    if len(data) > BYTES:
        raise UnusableFile(
            f"That file is {len(data) / 1e6:.0f} MB; I take pictures up to {BYTES / 1e6:.0f} MB."
        )


def check_size(kind: str, width: int, height: int) -> None:
    """Refuse by what the header says, before anything is decoded."""
    if width < 1 or height < 1:
        raise damaged(kind)
    if width > SIDE or height > SIDE:
        raise UnusableFile(
            f"That {kind} is {width:,} x {height:,} pixels; I take up to {SIDE:,} a side. "
            "Make it smaller and attach it again."
        )
    if width * height > PIXELS:
        raise UnusableFile(
            f"That {kind} is {width:,} x {height:,} pixels; "
            f"I take up to {PIXELS // 1_000_000} megapixels. Make it smaller and attach it again."
        )


def damaged(kind: str) -> UnusableFile:
    return UnusableFile(f"That {kind} is damaged or cut off. Save it again and attach it anew.")


def not_a_picture(data: bytes) -> UnusableFile:
    """Name what it is instead, where that can be told."""
    for magic, offset, name in OTHERS:
        if data[offset : offset + len(magic)] == magic:
            return UnusableFile(f"That is {name}; I take PNG, JPEG, WebP and GIF.")
    start = data[:1000].lstrip().lower()
    if start.startswith((b"<svg", b"<?xml")) or b"<svg" in start:
        return UnusableFile("That is an SVG drawing; I take PNG, JPEG, WebP and GIF.")
    if start.startswith((b"<!doctype", b"<html", b"<")):
        return UnusableFile("That is a web page, not a picture; I take PNG, JPEG, WebP and GIF.")
    return UnusableFile("That is not a picture; I take PNG, JPEG, WebP and GIF.")
