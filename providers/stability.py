"""Stability's image services: one call, one picture, nothing to take up again.

Each service is a model here. Those that draw from words send a source on to Ultra, which starts
from one, and a source with a mask to the inpainting service; the person is told. The protocol is
as in Stability's published description of v2beta.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from core.errors import BadRequest, ProviderError, RateLimited
from core.pictures import Drawing, Drawn, Picture, PictureRequest, Report
from core.settings import Settings
from providers import Capabilities, given
from providers.prices import Price, table
from providers.wire import Answer, Wire, broken, declined, pseudonym, retry_after

LABEL = "Stability"
TAKEN = {"image/png", "image/jpeg", "image/webp"}
"""Types of pictures it takes."""
ASPECTS = ("21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21")
SEEDS = 4_294_967_294
"""Its largest seed; its 0 is no seed but chance."""
STRENGTH = 0.7
PROMPT = 10_000
"""Characters."""
BODY = 10 * 1024 * 1024 - 64 * 1024
"""Bytes of the pictures of a call, which may be 10 MiB large."""
SIDE = 64
"""Pixels that a side has at least."""
WIDENING = 2000
"""Pixels that it adds to one side at most."""
TIMED_OUT = 60.0
"""Seconds for which it hears nobody who asked too often."""
CORE, ULTRA, INPAINT = "stable-image-core", "stable-image-ultra", "stability-inpaint"
OUTPAINT, CUTOUT = "stability-outpaint", "stability-remove-background"
FAST, CONSERVATIVE = "stability-upscale", "stability-upscale-conservative"
REFUSED = {"content_moderation": "content moderation", "public_figure": "a public figure"}
FIELD = re.compile(r"([a-z_]{2,20}):")


@dataclass(frozen=True, kw_only=True)
class Service:
    """One of its services: where it is, and what it takes besides a picture."""

    path: str
    can: Capabilities
    words: bool = True
    """Listens to a prompt; with `can`, to a negative prompt and to a seed."""
    source: bool = True
    """Cannot do without a picture."""
    pixels: int | None = None
    """The most that its source may have."""
    side: int | None = None
    ratio: float | None = None
    """How much longer than the other a side of its source may be."""


DRAWS = Capabilities(
    source=True,
    mask=True,
    seed="exact",
    negative_prompt=True,
    fidelity=False,
    qualities=(),
    prompt_limit=PROMPT,
)
EDITS = replace(DRAWS, mask=False, strength=False)
DEAF = replace(EDITS, seed="none", negative_prompt=False)
LARGE = 9_437_184
SERVICES: dict[str, Service] = {
    CORE: Service(path="generate/core", can=DRAWS, source=False),
    ULTRA: Service(path="generate/ultra", can=DRAWS, source=False),
    INPAINT: Service(path="edit/inpaint", can=replace(EDITS, mask=True), pixels=LARGE),
    OUTPAINT: Service(
        path="edit/outpaint", can=replace(EDITS, negative_prompt=False), pixels=LARGE, ratio=2.5
    ),
    CUTOUT: Service(
        path="edit/remove-background",
        can=replace(DEAF, transparent=True),
        words=False,
        pixels=4_194_304,
    ),
    FAST: Service(
        path="upscale/fast", can=DEAF, words=False, pixels=1_048_576, side=1536
    ),
    CONSERVATIVE: Service(path="upscale/conservative", can=EDITS, pixels=LARGE, ratio=2.5),
}  # fmt: skip


def open_provider(settings: Settings) -> Stability | None:
    """Stability, where there is a key."""
    if settings.stability_api_key is None:
        return None
    return Stability(
        settings.stability_base_url,
        settings.stability_api_key.get_secret_value(),
        table(settings.prices_file),
    )


class Stability:
    """Draws, repaints, widens, cuts out and enlarges."""

    name = "stability"
    label = LABEL
    repeatable = False

    def __init__(
        self, base_url: str, key: str, prices: Mapping[str, Price], **options: Any
    ) -> None:
        self.key, self.prices = key, prices
        self.models: Mapping[str, Capabilities] = {
            name: replace(service.can, price=self.price(name)) for name, service in SERVICES.items()
        }
        headers = {"authorization": f"Bearer {key}", "accept": "image/*"}
        self.wire = Wire(LABEL, base_url, headers, translate, **options)
        self.origin: str | None = self.wire.origin

    def price(self, name: str) -> Decimal | None:
        price = self.prices.get(name)
        return price.each if price else None

    def estimate(self, request: PictureRequest) -> Decimal | None:
        """A flat rate for each service."""
        return self.price(service_for(request))

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        name = service_for(request)
        files = await asyncio.to_thread(form, name, request)
        user = pseudonym(request.user, self.key) if request.user else ""
        headers = {"stability-client-user-id": user} if user else {}
        path = f"v2beta/stable-image/{SERVICES[name].path}"
        answer = await self.wire.post(path, files=files, headers=headers)
        return self.drawing(name, request, answer)

    def drawing(self, name: str, request: PictureRequest, answer: Answer) -> Drawing:
        """The picture of an answer: its bytes, with the rest in its headers."""
        price = self.price(name)
        if answer.headers.get("finish-reason") == "CONTENT_FILTERED":
            # What comes is blurred, and by its description a success, which is what it charges for.
            error = declined(LABEL, "content moderation", charged=True)
            error.cost = price or Decimal(0)
            raise error
        if not answer.headers.get("content-type", "").startswith("image/") or not answer.body:
            raise broken(LABEL)
        seed = answer.headers.get("seed", "")
        return Drawing(
            pictures=(Drawn(data=answer.body, seed=int(seed) if seed.isdecimal() else None),),
            model=name,
            notes=notes_on(name, request),
            cost=price or Decimal(0),
            cost_source="table" if price else "unknown",
        )

    async def check(self) -> str | None:
        """Ask for the balance: whether the key works, and there is anything left."""
        try:
            accept = {"accept": "application/json"}
            found = (await self.wire.get("v1/user/balance", headers=accept)).json()
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        credits = found.get("credits")
        if isinstance(credits, (int, float)) and credits < 3:  # The cheapest picture.
            return f"{LABEL} has {credits:g} credits left, too few for a picture: buy some there."
        return None

    async def close(self) -> None:
        await self.wire.close()


def service_for(request: PictureRequest) -> str:
    """Who does it: the model, or for one that draws from words who takes what else is given."""
    name = request.model if request.model in SERVICES else CORE
    if SERVICES[name].source or request.source is None:
        return name
    return INPAINT if request.mask is not None else ULTRA


def form(name: str, request: PictureRequest) -> list[tuple[str, Any]]:
    """A call's parts; raises `BadRequest` for what the service does not take. Pillow's work."""
    service = SERVICES[name]
    values: dict[str, object] = {"output_format": "png"}
    if service.words:
        values["prompt"] = request.prompt
    if service.can.negative_prompt and request.negative_prompt:
        values["negative_prompt"] = request.negative_prompt[:PROMPT]
    if service.can.seed != "none" and request.seed is not None:
        values["seed"] = seed_for(request.seed)
    pictures = pictures_for(name, request)
    if name == OUTPAINT and request.source is not None:
        values |= widened(request.source, request.aspect)
    elif name == ULTRA and pictures:
        values["strength"] = STRENGTH if request.strength is None else request.strength
    elif not pictures:
        values["aspect_ratio"] = given.nearest(request.aspect, ASPECTS)
    return [*((key, (None, str(value))) for key, value in values.items()), *pictures]


def pictures_for(name: str, request: PictureRequest) -> list[tuple[str, Any]]:
    """The parts of a call that are pictures."""
    service, source = SERVICES[name], request.source
    if source is None:
        if service.source:
            raise BadRequest(f"{name} changes a picture. Give it one, or choose another model.")
        return []
    if name == INPAINT and request.mask is None:
        raise BadRequest(f"{name} repaints a part. Give it a mask, or choose another model.")
    check_size(service, source)
    taken = given.accepted(source, TAKEN)
    parts = [("image", taken)]
    if name == INPAINT and request.mask is not None:
        data = given.white_mask(request.mask)
        parts.append(("mask", replace(request.mask, data=data, mime_type="image/png")))
    if sum(len(each.data) for _, each in parts) > BODY:
        raise BadRequest(f"{LABEL} takes up to 10 MB in one call. Send a smaller picture.")
    return [
        (part, (f"{part}.{each.mime_type[6:]}", each.data, each.mime_type)) for part, each in parts
    ]


def check_size(service: Service, source: Picture) -> None:
    """Raise `BadRequest` for a source that the service would not take."""
    short, long = sorted((source.width, source.height))
    if short < SIDE:
        raise BadRequest(f"{LABEL} takes pictures of {SIDE} pixels a side and more.")
    if service.pixels and short * long > service.pixels:
        raise BadRequest(
            f"{LABEL} takes up to {service.pixels:,} pixels for this, and that picture has "
            f"{short * long:,}. Send a smaller one."
        )
    if service.side and long > service.side:
        raise BadRequest(
            f"{LABEL} takes up to {service.side:,} pixels a side for this. Send a smaller picture."
        )
    if service.ratio and long > service.ratio * short:
        raise BadRequest(
            f"{LABEL} takes pictures up to {service.ratio:g} times as long as wide for this."
        )


def widened(source: Picture, aspect: str) -> dict[str, int]:
    """How many pixels to add on which sides, so that the source gets that shape whole."""
    wanted, own = given.ratio_of(aspect), source.width / source.height
    more = round(source.height * wanted) - source.width
    sides = ("left", "right")
    if wanted < own:
        more = round(source.width / wanted) - source.height
        sides = ("up", "down")
    added = {sides[0]: more // 2, sides[1]: more - more // 2}
    if more <= 0:
        raise BadRequest("That picture has this shape already. Choose a wider or a taller one.")
    if max(added.values()) > WIDENING:
        raise BadRequest(
            f"That would add more than {WIDENING:,} pixels to a side. Choose a shape that is "
            "nearer to the picture's own."
        )
    return added


def seed_for(seed: int) -> int:
    return seed if 0 < seed <= SEEDS else SEEDS


def notes_on(name: str, request: PictureRequest) -> tuple[str, ...]:
    """What was done in another way than asked."""
    notes: list[str] = []
    service, chosen = SERVICES[name], request.model if request.model in SERVICES else CORE
    if name == ULTRA and chosen == CORE:
        notes.append("Stable Image Core starts from no picture, so Stable Image Ultra drew this.")
    if name == INPAINT and chosen != INPAINT:
        notes.append(f"{LABEL} has a service of its own for masks, which drew this.")
    if request.count > 1:
        notes.append(f"{LABEL} draws one picture at a time: 1 of {request.count}.")
    if name == INPAINT and request.strength is not None:
        notes.append(f"{LABEL} repaints all that is under a mask, whatever the strength.")
    if not service.words and request.prompt:
        notes.append("This model does one thing only, so it did not need your words.")
    if service.can.seed != "none" and request.seed not in (None, seed_for(request.seed or 0)):
        notes.append(f"{LABEL} has no seed {request.seed}, so it took {SEEDS}.")
    return tuple(notes)


def translate(answer: Answer) -> ProviderError | None:
    """Stability's own failures: `{id, name, errors[]}`."""
    found = answer.complaint()
    name = str(found.get("name"))
    if name in REFUSED:
        return declined(LABEL, REFUSED[name])
    if name == "invalid_language":
        return BadRequest(f"{LABEL} understands English only. Say it in English.")
    if answer.status == 429:
        wait = retry_after(answer.headers) or TIMED_OUT
        return RateLimited(f"{LABEL} is busy. I will try again.", retry_after=wait)
    errors = found.get("errors")
    said = [str(each) for each in cast("list[Any]", errors)] if isinstance(errors, list) else []
    field = FIELD.match(said[0]) if said else None
    if answer.status == 400 and field is not None:
        return BadRequest(f"{LABEL} does not take that {field[1]}. Change it and try again.")
    return None
