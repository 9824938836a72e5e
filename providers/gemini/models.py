"""What Gemini's image models take and cost. A model nobody has heard of is asked for little."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.pictures import Picture, PictureRequest
from providers import Capabilities, given
from providers.gemini.reading import listed, whole
from providers.prices import MILLION, Price, rounded

TEN = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
SIZES = {"medium": "1K", "high": "2K", "max": "4K"}
"""Its word for a size, by ours for a quality."""
DEFAULT = "medium"
INPUT_TOKENS = 1120
"""The most tokens that a picture given is counted as, for estimates."""
THOUGHT_TOKENS = 1000
"""Tokens of thoughts before a picture, about, for estimates."""
OFF = 0.05
"""How far from the wanted aspect a picture may be before it is said."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What sets models apart."""

    aspects: tuple[str, ...] = TEN
    pictures: int = 3
    """Given with a prompt, the source included."""
    tokens: Mapping[str, int] = field(default_factory=dict[str, int])
    """Of one picture by its size; empty where there is but one."""
    thinks: bool = True


KINDS = {
    "gemini-nano-banana-2.1": Kind(
        aspects=(*TEN, "1:4", "4:1", "1:8", "8:1"),
        pictures=14,
        tokens={"1K": 1120, "2K": 1680, "4K": 2520},
    ),
    "gemini-3-pro-image": Kind(pictures=14, tokens={"1K": 1120, "2K": 1120, "4K": 2000}),
    "gemini-2.5-flash-image": Kind(thinks=False),
}


def kind_of(model: str) -> Kind:
    return KINDS.get(model, Kind())


def capabilities(model: str, price: Price | None) -> Capabilities:
    kind = kind_of(model)
    return Capabilities(
        source=True,
        references=kind.pictures - 1,
        seed="hint",
        fidelity=False,
        strength=False,
        qualities=tuple(SIZES) if kind.tokens else (),
        price=price.each if price else None,
    )


def pictures_of(model: str, request: PictureRequest) -> list[Picture]:
    """The pictures to send, the source first."""
    source = [request.source] if request.source is not None else []
    return [*source, *request.references][: kind_of(model).pictures]


def aspect_for(model: str, aspect: str) -> str:
    """The nearest of those that a model draws; some are flatter than anybody may ask for."""
    return min(kind_of(model).aspects, key=lambda each: apart(each, aspect))


def apart(aspect: str, wanted: str) -> float:
    width, height = map(int, aspect.split(":"))
    return abs(math.log(width / height / given.ratio_of(wanted)))


def size_for(model: str, quality: str | None) -> str | None:
    """Its word for the size; None where a model must not be told."""
    return SIZES.get(quality or DEFAULT, SIZES[DEFAULT]) if kind_of(model).tokens else None


def notes_on(model: str, request: PictureRequest, drawn: int) -> tuple[str, ...]:
    """What could not be honored, as sentences."""
    notes: list[str] = []
    if drawn < request.count:
        notes.append(f"Gemini drew {drawn} of {request.count}.")
    nearest = aspect_for(model, request.aspect)
    if apart(nearest, request.aspect) > OFF:
        notes.append(f"Gemini draws no {request.aspect}, so this is {nearest}, its nearest shape.")
    return tuple(notes)


def each_for(model: str, price: Price | None, quality: str | None) -> Decimal | None:
    """US dollars for one picture of a size, by the table."""
    if price is None or price.each is None:
        return None
    tokens, size = kind_of(model).tokens, size_for(model, quality)
    return rounded(price.each * tokens[size] / tokens[SIZES[DEFAULT]]) if size else price.each


def estimate(model: str, price: Price | None, request: PictureRequest) -> Decimal | None:
    """By the size, with what was given and some thinking."""
    each = each_for(model, price, request.quality)
    if price is None or each is None:
        return None
    seen = len(pictures_of(model, request)) * INPUT_TOKENS * (price.image_in or 0)
    said = len(request.prompt) // 3 * (price.text_in or 0)
    thought = THOUGHT_TOKENS * (price.text_out or 0) if kind_of(model).thinks else 0
    return rounded(each + (seen + said + thought) / MILLION)


@dataclass(frozen=True)
class Tokens:
    """What an answer says was used."""

    text_in: int
    image_in: int
    text_out: int
    """With the thoughts: they cost the same."""
    image_out: int

    def cost(self, price: Price | None) -> Decimal | None:
        """US dollars; None where nobody knows the rates."""
        if price is None or price.image_out is None:
            return None
        dollars = (
            self.text_in * (price.text_in or 0)
            + self.image_in * (price.image_in or price.text_in or 0)
            + self.text_out * (price.text_out or 0)
            + self.image_out * price.image_out
        )
        return rounded(Decimal(dollars) / MILLION)


def tokens_of(
    total_in: Any, by_in: Any, total_out: Any, by_out: Any, thoughts: Any, *, drew: bool
) -> Tokens | None:
    """Sort what an answer says by modality, where it says so; else by whether there is a picture.

    The modalities come as `tokenCount` or as `tokens`, in capitals or not, by which API it is.
    """
    image_in, image_out = images(by_in), images(by_out)
    given_out = whole(total_out) - (image_out or 0)
    if image_out is None:
        image_out, given_out = (given_out, 0) if drew else (0, given_out)
    used = Tokens(
        max(whole(total_in) - (image_in or 0), 0),
        image_in or 0,
        max(given_out, 0) + whole(thoughts),
        image_out,
    )
    return used if used != Tokens(0, 0, 0, 0) else None


def images(details: Any) -> int | None:
    """Tokens of pictures among those of other modalities; None where they are not told apart."""
    counts = [
        whole(each.get("tokenCount", each.get("tokens")))
        for each in listed(details)
        if str(each.get("modality")).lower() == "image"
    ]
    return sum(counts) if listed(details) else None
