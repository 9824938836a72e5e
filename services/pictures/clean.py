"""The whole job on one picture: check, strip, keep colors right, measure, make smaller copies.

It is run in a process of its own: a hostile file may cost time and memory, and then it is killed.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import numpy as np
from PIL import Image, ImageCms, ImageOps

from core.errors import UnusableFile
from services.pictures import limits
from services.pictures.header import Walked, walk
from services.pictures.limits import damaged
from services.pictures.provenance import Provenance, embed

THUMBNAIL = 384
"""Sharp at twice the density in the cells that show it, in pixels of the longer side."""
LARGE = 1024
MIME = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
EXTENSION = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}


@dataclass(frozen=True)
class Clean:
    """A picture that may be kept, and all that is kept with it."""

    data: bytes
    mime_type: str
    extension: str
    width: int
    height: int
    thumbnail: bytes
    """WebP, at most `THUMBNAIL` pixels on the longer side."""
    large: bytes | None
    """WebP, at most `LARGE` pixels; None when the picture itself is no larger."""
    dhash: int
    """64 bits that stay close when the picture does."""
    notes: tuple[str, ...]
    sha256: str


def clean(data: bytes, provenance: Provenance | None = None) -> Clean:
    """Make bytes from anywhere into a picture to keep. Raises `UnusableFile`.

    The stored pixels are those that came unless orientation, color, depth or motion forbids it.
    """
    limits.check_bytes(data)
    walked = walk(data)
    image = load(walked, data)
    notes: list[str] = []
    stored, kind, image = stored_form(walked, image, notes)
    if provenance is not None:
        stored = embed(stored, MIME[kind], provenance, image.size)
    thumbnail = smaller(image, THUMBNAIL)
    return Clean(
        data=stored,
        mime_type=MIME[kind],
        extension=EXTENSION[kind],
        width=image.width,
        height=image.height,
        thumbnail=webp(thumbnail),
        large=webp(smaller(image, LARGE)) if max(image.size) > LARGE else None,
        dhash=dhash(thumbnail),
        notes=tuple(notes),
        sha256=sha256(stored).hexdigest(),
    )


def load(walked: Walked, data: bytes) -> Image.Image:
    """Decode every pixel: that is the check. Raises `UnusableFile`."""
    name = "WebP" if walked.kind == "WEBP" else walked.kind
    try:
        with warnings.catch_warnings(action="ignore"):  # Of metadata that is dropped anyway.
            image = Image.open(io.BytesIO(data), formats=(walked.kind,))
            image.load()
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, IndexError) as error:
        raise damaged(name) from error
    except (MemoryError, Image.DecompressionBombError) as error:
        raise UnusableFile(f"That {name} needs more memory than I give it.") from error
    return image


def stored_form(
    walked: Walked, image: Image.Image, notes: list[str]
) -> tuple[bytes, str, Image.Image]:
    """Decide whether the file may stay as it came, and return it with its final pixels."""
    turned = orientation(image) != 1
    foreign = walked.profile is not None and not is_srgb(walked.profile)
    if walked.animated or getattr(image, "is_animated", False):
        notes.append("Only the first frame of the animation was used.")
    if not (walked.recode or turned or foreign):
        return walked.stripped, walked.kind, image
    if turned:
        with warnings.catch_warnings(action="ignore"):
            image = ImageOps.exif_transpose(image)
    image = to_srgb(image, walked.profile)
    kind = "JPEG" if walked.kind == "JPEG" else "PNG"
    return encoded(image, kind), kind, image


def orientation(image: Image.Image) -> int:
    try:
        with warnings.catch_warnings(action="ignore"):
            return int(image.getexif().get(0x0112, 1) or 1)
    except Exception:  # A broken EXIF block says nothing, and is dropped anyway.
        return 1


def is_srgb(profile: bytes) -> bool:
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return "srgb" in ImageCms.getProfileDescription(opened).lower()
    except (ImageCms.PyCMSError, OSError, ValueError):
        return True  # A profile nobody can read changes nothing.


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Eight bits of sRGB, with transparency if there is any."""
    if image.mode.startswith("I"):
        deep: Any = np.asarray(image, np.uint32) >> 8
        image = Image.fromarray(deep.astype(np.uint8))
    if image.mode in ("P", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile is not None:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            standard = cast("Any", ImageCms.createProfile("sRGB"))
            converted = ImageCms.profileToProfile(image, source, standard, outputMode=target)
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # It does not fit these pixels; plain conversion is what viewers do.
    return image.convert(target)


def encoded(image: Image.Image, kind: str) -> bytes:
    output = io.BytesIO()
    fresh = image.copy()  # Saving changes an Image for good; nobody else may see that.
    fresh.info = {}
    if kind == "JPEG":
        fresh.convert("RGB").save(output, "JPEG", quality=92)
    else:
        fresh.save(output, "PNG", compress_level=2)
    return output.getvalue()


def smaller(image: Image.Image, side: int) -> Image.Image:
    """A copy with at most `side` pixels on the longer side, in a mode WebP knows."""
    if image.mode not in ("RGB", "RGBA"):
        transparent = image.mode in ("LA", "PA") or "transparency" in image.info
        image = to_srgb(image, None) if transparent or image.mode != "L" else image.convert("RGB")
    scale = side / max(image.size)
    if scale >= 1:
        return image.copy()
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    # A plain box average for whole factors: invisible at this size, and ten times cheaper.
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.0)


def webp(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "WEBP", quality=80, method=2)
    return output.getvalue()


def dhash(thumbnail: Image.Image) -> int:
    """Whether each of 64 points is brighter than its right neighbor."""
    gray = thumbnail.convert("L").resize((9, 8), Image.Resampling.BOX)
    pixels = gray.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            left = row * 9 + column
            bits = bits << 1 | (pixels[left] > pixels[left + 1])
    return bits
