"""xAI's image models: asked for as deferred requests, then looked for.

xAI names a deferred request at once and keeps what it draws for a while, so a call whose answer was
lost is taken up by its name instead of being paid for twice. Only a name that never reached us
leaves anything unknown. Bodies are JSON; pictures given go to `edits` alone, since `generations`
drops them without a word and charges.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from core.errors import ProviderError
from core.pictures import Accepted, Drawing, PictureRequest, Progress, Report
from providers import Capabilities
from providers.looking import PATIENCE, SILENCE, NotThere, look, not_there, still_drawing
from providers.prices import Price
from providers.wire import READING, Said, Wire, broken, lost, redacted
from providers.xai.asking import LABEL, asked, capabilities, cost, pictures_of
from providers.xai.reading import (
    cost_said,
    is_moderation,
    listed,
    notes_on,
    picture,
    refusal,
    translate,
    usage_of,
    words_of,
)

log = logging.getLogger(__name__)

WAITING = {"pending", "queued", "processing", "in_progress"}
PAUSE, GROWTH, LONGEST = 1.0, 1.4, 8.0
"""Seconds until the first look, by how much each pause is longer, and pauses it grows to at most."""
JSON = {"content-type": "application/json"}


class XAI:
    """Draws and edits by words; knows what it was asked for when the answer was lost."""

    name = "xai"
    label = LABEL
    repeatable = False

    def __init__(
        self,
        base_url: str,
        key: str,
        models: Sequence[str],
        prices: Mapping[str, Price],
        *,
        reading: float = READING,
        pause: float = PAUSE,
    ) -> None:
        self.key, self.prices, self.pause = key, prices, pause
        self.models: Mapping[str, Capabilities] = {
            each: capabilities(each, prices.get(each)) for each in models
        }
        headers = {"authorization": f"Bearer {key}"}
        self.wire = Wire(LABEL, base_url, headers, translate, reading=reading)
        self.looking = Wire(
            LABEL, base_url, headers, not_there(translate), reading=min(reading, SILENCE)
        )
        self.origin: str | None = self.wire.origin

    def model_of(self, request: PictureRequest) -> str:
        return request.model or next(iter(self.models))

    def estimate(self, request: PictureRequest) -> Decimal | None:
        return self.by_table(request, request.count)

    def by_table(self, request: PictureRequest, drawn: int) -> Decimal | None:
        model = self.model_of(request)
        return cost(model, self.prices.get(model), request, drawn)

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        path = "images/edits" if pictures_of(request) else "images/generations"
        content = await asyncio.to_thread(self.encoded, request)
        answer = await self.wire.post(path, content=content, headers=JSON)
        found = await asyncio.to_thread(answer.json)
        handle = found.get("request_id")
        if not isinstance(handle, str) or not handle:
            # A model that cannot defer answers with its pictures at once.
            return await asyncio.to_thread(self.drawing, request, found)
        await report(Accepted(handle))
        await asyncio.sleep(self.pause)
        try:
            return await self.followed(handle, request, report)
        except NotThere as error:
            raise lost(LABEL) from error

    async def reattach(
        self, handle: str, request: PictureRequest, report: Report
    ) -> Drawing | None:
        """Go on waiting for an earlier call's answer; None when xAI has no such call."""
        try:
            return await self.followed(handle, request, report)
        except NotThere:
            return None

    async def cancel(self, handle: str) -> None:
        """Do nothing: xAI has no way to stop a request, so it is drawn and charged all the same."""
        log.info("xAI cannot stop request %s: it is drawn and charged unseen", handle)

    def encoded(self, request: PictureRequest) -> bytes:
        """A call's body as bytes: with pictures in it that takes too long for the event loop."""
        return json.dumps(asked(self.model_of(request), request, self.key)).encode()

    async def followed(self, handle: str, request: PictureRequest, report: Report) -> Drawing:
        """Look until it is done, ever more rarely, for as long as one call should take."""
        until = time.monotonic() + PATIENCE
        pause = self.pause
        while True:
            found = await self.looked_up(handle)
            if found.get("status") not in WAITING:
                return await asyncio.to_thread(self.settled, request, found)
            done = found.get("progress")
            if isinstance(done, (int, float)):
                await report(Progress(min(max(done / 100, 0.0), 1.0)))
            if time.monotonic() > until:
                raise still_drawing(LABEL)
            await asyncio.sleep(pause)
            pause = min(pause * GROWTH, self.pause * LONGEST)

    async def looked_up(self, handle: str) -> dict[str, Any]:
        """The request as it is now. Raises `NotThere` or `OutOfReach`."""

        async def ask() -> dict[str, Any]:
            answer = await self.looking.get(f"images/{quote(handle, safe='')}")
            if answer.status == 202:  # Not yet; often without a body.
                return {**answer.complaint(), "status": "pending"}
            return await asyncio.to_thread(answer.json)

        return await look(LABEL, ask, self.pause)

    def settled(self, request: PictureRequest, found: dict[str, Any]) -> Drawing:
        """What came of a request that is over."""
        status = found.get("status")
        if status == "expired":
            raise NotThere
        if status != "failed":
            return self.drawing(request, found)
        words, said = words_of(found), cost_said(found) or Decimal(0)
        if is_moderation(words):
            raise refusal(words, said)
        # Nothing that asks again by itself: this request is over, and stays so.
        error = ProviderError(f"{LABEL} failed to draw this. Ask again if you want to.")
        error.cost = said
        error.__cause__ = Said(redacted(words))
        raise error

    def drawing(self, request: PictureRequest, found: dict[str, Any]) -> Drawing:
        """The pictures in an answer; raises `Refused` where it keeps all of them back."""
        said = cost_said(found)
        blocked = found.get("block_reason")
        if blocked:
            raise refusal(str(blocked), said or Decimal(0))
        if not isinstance(found.get("data"), list):
            raise broken(LABEL)
        items = listed(found["data"])
        pictures = [each for item in items if (each := picture(item)) is not None]
        if not pictures:
            raise refusal("generated pictures were kept back", said or Decimal(0))
        by_table = self.by_table(request, len(items))
        return Drawing(
            pictures=tuple(pictures[: request.count]),
            model=self.model_of(request),
            notes=notes_on(request.count, len(items), len(pictures)),
            usage=usage_of(found),
            cost=said if said is not None else by_table or Decimal(0),
            cost_source="provider" if said is not None else "table" if by_table else "unknown",
        )

    async def check(self) -> str | None:
        """Ask for the list of models: whether the key works, and ours are still there."""
        try:
            found = (await self.wire.get("models")).json()
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        names = {str(each.get("id")) for each in listed(found.get("data"))}
        gone = [each for each in self.models if names and each not in names]
        return f"{LABEL} does not have {', '.join(gone)}: set XAI_IMAGE_MODELS." if gone else None

    async def close(self) -> None:
        await self.wire.close()
        await self.looking.close()
