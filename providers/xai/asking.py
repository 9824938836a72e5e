"""What xAI is asked for: its models, the shapes and prices of pictures, a call's body."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.errors import BadRequest
from core.pictures import Picture, PictureRequest
from providers import Capabilities, given
from providers.prices import Price, rounded
from providers.wire import data_url, pseudonym

LABEL = "xAI"
TAKEN = {"image/png", "image/jpeg", "image/webp"}
"""Types of pictures it takes."""
GIVEN = 3
"""Pictures it takes in one call."""
GIVEN_BYTES = 10 * 1024 * 1024
ASPECTS = ("1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "9:19.5", "19.5:9", "9:20", "20:9",
           "1:2", "2:1")  # fmt: skip
SAME = 1.02
"""Shapes no further apart than this are one: an edit keeps its source's own."""
RESOLUTIONS = {"low": "1k", "medium": "1k", "high": "2k"}
"""By quality: it has no "high" of its own, but draws larger."""
SHARES = {"low": Decimal(2) / 3, "medium": Decimal(1), "high": Decimal(4) / 3}
"""What a quality costs, in parts of the default's price: 4, 6 and 8 cents."""
PLAIN = {"grok-imagine-image"}
"""Models that tell only resolutions apart, and charge the same for both."""


def capabilities(model: str, price: Price | None) -> Capabilities:
    return Capabilities(
        source=True,
        references=GIVEN - 1,
        count=10,
        fidelity=False,
        strength=False,
        qualities=("medium", "high") if model in PLAIN else tuple(RESOLUTIONS),
        price=price.each if price else None,
    )


def cost(model: str, price: Price | None, request: PictureRequest, drawn: int) -> Decimal | None:
    """What so many pictures cost by the table, with those given; None where it has no row."""
    if price is None or price.each is None:
        return None
    share = SHARES.get(request.quality or "medium", Decimal(1)) if model not in PLAIN else 1
    return rounded(price.each * share * drawn + price.input_picture * len(pictures_of(request)))


def asked(model: str, request: PictureRequest, key: str) -> dict[str, Any]:
    """A call's body. Pillow's work, perhaps."""
    body: dict[str, Any] = {
        "model": model,
        "prompt": request.prompt,
        "n": request.count,
        "response_format": "url",
        "deferred": True,
    }
    if request.quality in RESOLUTIONS:
        body["resolution"] = RESOLUTIONS[request.quality]
        if model not in PLAIN:
            body["quality"] = "low" if request.quality == "low" else "medium"
    if not keeps_shape(request):
        body["aspect_ratio"] = given.nearest(request.aspect, ASPECTS)
    if request.user:
        body["user"] = pseudonym(request.user, key)
    pictures = [shown(each) for each in pictures_of(request)]
    if len(pictures) == 1:
        body["image"] = pictures[0]
    elif pictures:
        body["images"] = pictures
    return body


def pictures_of(request: PictureRequest) -> list[Picture]:
    """The pictures that go with a call, the source first."""
    source = [request.source] if request.source is not None else []
    return [*source, *request.references][:GIVEN]


def keeps_shape(request: PictureRequest) -> bool:
    """Whether an edit is to have its source's own shape, which none of its aspects may be."""
    if request.source is None:
        return False
    wanted = given.ratio_of(request.aspect)
    own = given.ratio_of(f"{request.source.width}:{request.source.height}")
    return max(wanted, own) / min(wanted, own) <= SAME


def shown(picture: Picture) -> dict[str, str]:
    """A picture as it takes them; raises `BadRequest` for one that is too large."""
    taken = given.accepted(picture, TAKEN)
    if len(taken.data) > GIVEN_BYTES:
        raise BadRequest(f"{LABEL} takes pictures of up to 10 MB. Send a smaller one.")
    return {"url": data_url(taken.data, taken.mime_type), "type": "image_url"}
