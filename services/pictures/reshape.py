"""Other work on checked pictures: masks, copies that fit a limit, enlarging."""

from __future__ import annotations

import io

from PIL import Image

from core.errors import UnusableFile
from core.pictures import Picture
from services.pictures import limits
from services.pictures.clean import EXTENSION, MIME, encoded, load, smaller, to_srgb
from services.pictures.header import walk

SHAPE_TOLERANCE = 0.01
QUALITIES = (92, 85, 75, 60)
SHRINK = 0.7


def mask(data: bytes, size: tuple[int, int]) -> Picture:
    """Read where to paint: transparent parts where there are any, else white ones.

    Returns one channel of `size`, white where to paint. Raises `UnusableFile`.
    """
    limits.check_bytes(data)
    walked = walk(data)
    image = load(walked, data)
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        alpha = image.convert("RGBA").getchannel("A")
        painted = alpha.point(lambda value: 255 - value)
        if painted.getextrema() == (0, 0):
            painted = image.convert("RGB").convert("L")
    else:
        painted = to_srgb(image, walked.profile).convert("L")
    if painted.size != size:
        painted = fitted(painted, size)
    if painted.getextrema()[1] == 0:
        raise UnusableFile(
            "The mask leaves nothing to change: make the parts to change white or transparent."
        )
    return Picture(encoded(painted, "PNG"), "image/png", *size)


def fitted(painted: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a mask of the same shape. Raises `UnusableFile` for another shape."""
    shape, wanted = painted.width / painted.height, size[0] / size[1]
    if abs(shape / wanted - 1) > SHAPE_TOLERANCE:
        raise UnusableFile(
            f"The mask is {painted.width} x {painted.height} pixels and the picture "
            f"{size[0]} x {size[1]}. Make the mask the same size."
        )
    return painted.resize(size, Image.Resampling.NEAREST)


def fit(data: bytes, mime_type: str, limit: int) -> tuple[bytes, str, str]:
    """A copy of a kept picture under `limit` bytes; the original where it fits.

    Returns bytes, MIME type and extension: WebP of falling quality, then of falling size.
    """
    kind = next(each for each, mime in MIME.items() if mime == mime_type)
    if len(data) <= limit:
        return data, mime_type, EXTENSION[kind]
    image = smaller(Image.open(io.BytesIO(data), formats=(kind,)), limits.SIDE - 1)
    while True:
        for quality in QUALITIES:
            output = io.BytesIO()
            image.save(output, "WEBP", quality=quality, method=2)
            if output.tell() <= limit or max(image.size) < 64:
                return output.getvalue(), "image/webp", "webp"
        image = smaller(image, round(max(image.size) * SHRINK))


def upscale(data: bytes, factor: int) -> bytes:
    """Enlarge by resampling; PNG."""
    walked = walk(data)
    image = smaller(load(walked, data), limits.SIDE)
    limits.check_size("picture", image.width * factor, image.height * factor)
    size = (image.width * factor, image.height * factor)
    return encoded(image.resize(size, Image.Resampling.LANCZOS), "PNG")
