"""The provider that needs no key and no network: procedural scenes that follow the words.

The same prompt, seed and size always give the same bytes. Four words in a prompt let an operator
rehearse what can go wrong: `rehearse-refusal`, `rehearse-outage`, `rehearse-crash` (the process
that draws dies) and `rehearse-slow` (three seconds a picture, so progress can be watched).
"""

from __future__ import annotations

import asyncio
import math
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from core.errors import Refused, Transient
from core.pictures import Drawing, Drawn, PictureRequest, Progress, Report
from core.settings import Settings
from providers import Capabilities
from providers.offline.draw import Order, draw, preview
from providers.offline.words import read, sentence

MODEL = "scenery-1"
STEP = 16
"""Sides are multiples of it, as most models want, in pixels."""
PREVIEWS = ((0.12, 0.12), (0.3, 0.3))
"""How far along a preview is shown, and its share of the full size."""
STRENGTH = 0.6


class Offline:
    name = "offline"
    label = "Offline"
    repeatable = True
    origin: str | None = None
    models: Mapping[str, Capabilities] = {
        MODEL: Capabilities(
            source=True,
            mask=True,
            count=10,
            seed="exact",
            negative_prompt=True,
            previews=True,
            price=Decimal(0),
        )
    }

    def __init__(self, megapixels: float = 1.05) -> None:
        self.megapixels = megapixels
        self.limiter: CapacityLimiter | None = None

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        """Draw in a process that is killed when this is canceled."""
        rehearse(request.prompt)
        seed = request.seed if request.seed is not None else secrets.randbits(32)
        drawn: list[Drawn] = []
        for position in range(request.count):
            own = (seed + position) % 2**32
            data = await self.draw_one(request, own, position, report)
            drawn.append(Drawn(data=data, seed=own))
        return Drawing(
            pictures=tuple(drawn),
            model=MODEL,
            notes=notes(request),
            usage={"pictures": request.count},
            cost_source="free",
        )

    async def draw_one(
        self, request: PictureRequest, seed: int, position: int, report: Report
    ) -> bytes:
        order = self.order(request, seed)
        pause = 1.0 if "rehearse-slow" in request.prompt else 0.0

        async def tell(part: float, shown: bytes | None = None) -> None:
            await report(Progress((position + part) / request.count, shown))

        await tell(0.02)
        for part, scale in PREVIEWS:
            small = replace(
                order,
                width=max(STEP, round(order.width * scale)),
                height=max(STEP, round(order.height * scale)),
            )
            await tell(part, await self.run(preview, small))
            await asyncio.sleep(pause)
        await tell(0.45)
        await asyncio.sleep(pause)
        data = await self.run(draw, order)
        await tell(1.0)
        return data

    def order(self, request: PictureRequest, seed: int) -> Order:
        width, height = size_of(request.aspect, self.megapixels)
        return Order(
            prompt=request.prompt,
            negative_prompt=request.negative_prompt,
            style=request.style,
            width=width,
            height=height,
            seed=seed,
            source=request.source.data if request.source else None,
            mask=request.mask.data if request.mask and request.source else None,
            strength=STRENGTH if request.strength is None else request.strength,
        )

    async def run(self, function: Callable[[Order], bytes], order: Order) -> bytes:
        if self.limiter is None:
            self.limiter = CapacityLimiter(max(1, os.cpu_count() or 1))
        try:
            return await to_process.run_sync(
                function,
                order,
                cancellable=True,
                limiter=self.limiter,
            )
        except BrokenWorkerProcess as error:
            raise Transient(
                "The offline provider stopped while drawing. I will try again."
            ) from error

    def estimate(self, request: PictureRequest) -> Decimal | None:
        return Decimal(0)

    async def check(self) -> str | None:
        """It is always well."""
        return None

    async def close(self) -> None:
        """Nothing to do: the processes end with the event loop."""


def rehearse(prompt: str) -> None:
    if "rehearse-refusal" in prompt:
        raise Refused("The offline provider declined this prompt, because it was told to.")
    if "rehearse-outage" in prompt:
        raise Transient("The offline provider is away, because it was told to be.")


def notes(request: PictureRequest) -> tuple[str, ...]:
    """What was understood, and what could not be honored."""
    said = [sentence(read(request.prompt, request.negative_prompt, request.style))]
    if request.quality not in (None, "auto"):
        said.append("It has one quality only.")
    if request.references:
        said.append("It cannot take things from further pictures.")
    return tuple(said)


def size_of(aspect: str, megapixels: float) -> tuple[int, int]:
    """Width and height in pixels for a ratio, at about this many megapixels."""
    wide, high = (float(part) for part in aspect.split(":"))
    ratio = min(max(wide / high, 1 / 3), 3.0)
    height = math.sqrt(megapixels * 1_000_000 / ratio)
    steps = max(2, round(height / STEP))
    return max(2, round(steps * ratio)) * STEP, steps * STEP


def open_provider(settings: Settings) -> Offline:
    return Offline(settings.offline_megapixels)
