"""Pictures we give to vendors, in the forms that each of them takes.

Everything here is Pillow's work: call it through `asyncio.to_thread`.
"""

from __future__ import annotations

import io
from collections.abc import Collection

from PIL import Image

from core.pictures import Picture


def alpha_mask(mask: Picture) -> bytes:
    """Our mask (white may change) as a PNG that is transparent there, as OpenAI has it."""
    with Image.open(io.BytesIO(mask.data)) as image:
        inverted = image.convert("L").point([255 - value for value in range(256)])
    whole = Image.new("RGBA", inverted.size, (0, 0, 0, 255))
    whole.putalpha(inverted)
    return as_png(whole)


def white_mask(mask: Picture) -> bytes:
    """Our mask as a gray PNG: white may change."""
    with Image.open(io.BytesIO(mask.data)) as image:
        return as_png(image.convert("L"))


def accepted(picture: Picture, types: Collection[str]) -> Picture:
    """The picture itself where its type is taken, else the same as a PNG."""
    if picture.mime_type in types:
        return picture
    with Image.open(io.BytesIO(picture.data)) as image:
        data = as_png(image.convert("RGBA" if image.has_transparency_data else "RGB"))
    return Picture(data, "image/png", picture.width, picture.height)


def as_png(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "PNG", compress_level=4)
    return output.getvalue()


def ratio_of(aspect: str) -> float:
    """Width by height of "w:h", no flatter or taller than 3 to 1."""
    width, height = aspect.split(":")
    return min(max(float(width) / float(height), 1 / 3), 3.0)


def nearest(aspect: str, offered: Collection[str]) -> str:
    """The offered aspect that is most like the one asked for."""
    wanted = ratio_of(aspect)

    def apart(each: str) -> float:
        own = ratio_of(each)
        return max(own, wanted) / min(own, wanted)

    return min(offered, key=apart)
