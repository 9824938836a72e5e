"""What stands for a workflow's placeholders in one request.

A workflow with places for a source, a mask and a strength serves requests without them, too: plain
gray at full strength is as good as no source, and a white mask lets everything change.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable

from PIL import Image

from core.errors import BadRequest
from core.pictures import PictureRequest
from providers import given
from providers.comfyui.workflow import Value, Workflow
from providers.sizes import pixels

TAKEN = {"image/png", "image/jpeg", "image/webp"}
"""Types of pictures it takes."""
SIDE, STEP = 1024, 16
"""Pixels of a square's side where the workflow names no other; what sides are multiples of."""
STRENGTH = 0.75
GRAY, WHITE = 127, 255

File = tuple[bytes, str]
"""Bytes and MIME type."""
Upload = Callable[[bytes, str], Awaitable[str]]


async def values_of(
    workflow: Workflow, request: PictureRequest, seed: int, upload: Upload
) -> dict[str, Value]:
    """All of them; pictures are given on the way. Raises `BadRequest` where one is missing."""
    strength = STRENGTH if request.strength is None else request.strength
    values: dict[str, Value] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "seed": seed,
        "count": request.count,
        "strength": strength if request.source is not None else 1.0,
        **sizes(workflow, request.aspect),
    }
    files = await asyncio.to_thread(pictures, workflow, request)
    for place, (data, mime_type) in files.items():
        values[place] = await upload(data, mime_type)
    return values


def sizes(workflow: Workflow, aspect: str) -> dict[str, int]:
    """Pixels by place: `width` and `height`, or `width_512` for models of another size."""
    found: dict[str, int] = {}
    for place in workflow.places:
        side, _, square = place.partition("_")
        if side in ("width", "height"):
            found[place] = pixels(aspect, int(square or SIDE), STEP)[side == "height"]
    return found


def pictures(workflow: Workflow, request: PictureRequest) -> dict[str, File]:
    """What stands for its pictures, by place. Pillow's work."""
    size = pixels(request.aspect, SIDE, STEP)
    found: dict[str, File] = {}
    if "source" in workflow.places:
        if request.source is not None:
            size = request.source.width, request.source.height
        found["source"] = source_of(workflow, request, size)
    if "mask" in workflow.places:
        mask = request.mask
        found["mask"] = (
            plain(size, WHITE) if mask is None else given.white_mask(mask),
            "image/png",
        )
    return found | references_of(workflow, request)


def source_of(workflow: Workflow, request: PictureRequest, size: tuple[int, int]) -> File:
    if request.source is not None:
        source = given.accepted(request.source, TAKEN)
        return source.data, source.mime_type
    if "strength" in workflow.places:
        return plain(size, GRAY), "image/png"
    raise missing(workflow, "starts from a picture")


def references_of(workflow: Workflow, request: PictureRequest) -> dict[str, File]:
    """A picture for each of its places for references; the last one given stands for the rest."""
    own = request.references or ((request.source,) if request.source is not None else ())
    if workflow.references and not own:
        raise missing(workflow, "needs a reference picture")
    found: dict[str, File] = {}
    for number, place in enumerate(workflow.references):
        each = given.accepted(own[min(number, len(own) - 1)], TAKEN)
        found[place] = each.data, each.mime_type
    return found


def missing(workflow: Workflow, what: str) -> BadRequest:
    return BadRequest(
        f"ComfyUI's workflow “{workflow.name}” {what}. Attach one, or choose another model."
    )


def plain(size: tuple[int, int], shade: int) -> bytes:
    """A picture of nothing."""
    output = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(output, "PNG")
    return output.getvalue()
