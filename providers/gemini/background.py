"""Gemini's image models by the Interactions API: asked for in the background, then looked for.

Google keeps an interaction, so whoever knows its ID may ask for the answer as often as it takes.
Only an ID that never reached us leaves anything unknown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from core.errors import (
    BadRequest,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    ServerFailed,
)
from core.pictures import Accepted, Drawing, PictureRequest, Report
from providers.gemini import models
from providers.gemini.generating import JSON, SEEDS, Gemini, encoded
from providers.gemini.reading import (
    NO_PICTURE,
    code_in,
    listed,
    mapping,
    refusal,
    too_much,
    translate,
)
from providers.looking import PATIENCE, SILENCE, NotThere, look, not_there, still_drawing
from providers.prices import Price
from providers.wire import READING, Said, Wire, broken, lost, redacted, to_base64

WAITING = {"queued", "in_progress", "requires_continuation"}
"""Statuses that are not the last; in the background Google itself continues."""
PAUSE = 2.0
"""Seconds between two looks."""
BAD_REQUEST, EXHAUSTED = (3, 5, 9), 8
"""Codes of google.rpc.Code."""


class GeminiInBackground(Gemini):
    """Knows what it was asked for when the answer was lost."""

    def __init__(
        self,
        base_url: str,
        key: str,
        names: Sequence[str],
        prices: Mapping[str, Price],
        *,
        reading: float = READING,
        pause: float = PAUSE,
    ) -> None:
        super().__init__(base_url, key, names, prices, reading=reading)
        self.pause = pause
        self.looking = Wire(
            self.label,
            self.base_url,
            self.headers,
            not_there(translate),
            reading=min(reading, SILENCE),
        )

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        content = await asyncio.to_thread(encoded, self.asked, request)
        answer = await self.wire.post("interactions", content=content, headers=JSON)
        found = await asyncio.to_thread(answer.json)
        handle = found.get("id")
        if not isinstance(handle, str) or not handle:
            raise broken(self.label)
        await report(Accepted(handle))
        try:
            return await self.followed(handle, request, found)
        except NotThere as error:
            raise lost(self.label) from error

    async def reattach(
        self, handle: str, request: PictureRequest, report: Report
    ) -> Drawing | None:
        """Go on waiting for an earlier call's answer; None when Google has no such call."""
        try:
            found = await self.looked_up(handle)
            return await self.followed(handle, request, found)
        except NotThere:
            return None

    async def cancel(self, handle: str) -> None:
        """Stop an earlier call; what it has drawn by then stays charged."""
        await self.looking.post(f"{path_of(handle)}/cancel", paid=False)

    def asked(self, request: PictureRequest) -> dict[str, Any]:
        model = self.model_of(request)
        content: list[dict[str, Any]] = [{"type": "text", "text": request.prompt}]
        for each in self.pictures(request):
            data = to_base64(each.data)
            content.append({"type": "image", "mime_type": each.mime_type, "data": data})
        form = {
            "type": "image",
            "delivery": "inline",
            "aspect_ratio": models.aspect_for(model, request.aspect),
        }
        if size := models.size_for(model, request.quality):
            form["image_size"] = size
        body: dict[str, Any] = {
            "model": model,
            "input": content,
            "response_format": form,
            "background": True,
            "store": True,
        }
        if request.seed is not None:
            body["generation_config"] = {"seed": request.seed % SEEDS}
        return body

    async def followed(
        self, handle: str, request: PictureRequest, found: dict[str, Any]
    ) -> Drawing:
        """Look again until it is done, for as long as one call should take.

        There is nothing to report meanwhile: it never says how far it is.
        """
        until = time.monotonic() + PATIENCE
        while found.get("status") in WAITING:
            if time.monotonic() > until:
                raise still_drawing(self.label)
            await asyncio.sleep(self.pause)
            found = await self.looked_up(handle)
        return await asyncio.to_thread(self.settled, request, found)

    async def looked_up(self, handle: str) -> dict[str, Any]:
        """The interaction as it is now. Raises `NotThere` or `OutOfReach`."""

        async def ask() -> dict[str, Any]:
            answer = await self.looking.get(path_of(handle))
            return await asyncio.to_thread(answer.json)

        return await look(self.label, ask, self.pause)

    def settled(self, request: PictureRequest, found: dict[str, Any]) -> Drawing:
        """What came of an interaction that is over."""
        outputs = [each for each in listed(found.get("steps")) if each.get("type") != "thought"]
        contents = [
            each
            for output in outputs
            if output.get("type") == "model_output"
            for each in listed(output.get("content"))
        ]
        data = [each.get("data") for each in contents if each.get("type") == "image"]
        usage = mapping(found.get("usage"))
        cost = self.cost(request, self.tokens(usage, drew=bool(data)))
        if data and found.get("status") == "completed":
            return self.drawn(request, data, usage, cost)
        errors = [*listed(found.get("errors")), *(mapping(each.get("error")) for each in outputs)]
        said = [str(each.get("text")) for each in contents if each.get("type") == "text"]
        raise self.failure(str(found.get("status")), errors, said, cost or Decimal(0))

    def failure(
        self, status: str, errors: list[dict[str, Any]], said: list[str], cost: Decimal
    ) -> ProviderError:
        """Why there is no picture: refused, stopped or failed, and what it cost all the same."""
        codes = [str(each.get("code")) for each in errors if each]
        words = " ".join([*said, *(str(each.get("message", "")) for each in errors)])
        refused = next((code for each in codes if (code := code_in(each))), None)
        if refused or status in ("completed", "incomplete", "requires_action"):
            return refusal(self.label, refused or NO_PICTURE, cost, words)
        error = self.trouble(status, errors, charged=cost > 0)
        error.cost = cost
        error.__cause__ = Said(redacted(f"{status} {' '.join(codes)} {words}"))
        return error

    def trouble(self, status: str, errors: list[dict[str, Any]], *, charged: bool) -> ProviderError:
        who = self.label
        codes = [each.get("code") for each in errors]
        if status == "budget_exceeded":
            return QuotaExceeded(f"The budget for {who} is used up. The operator has been told.")
        if status == "cancelled":
            return ProviderError(f"{who} was told to stop drawing this.")
        if charged:
            return ProviderError(f"{who} failed and charged for it. Ask again if you want to.")
        if EXHAUSTED in codes:
            details = [detail for each in errors for detail in listed(each.get("details"))]
            return too_much(who, details) or RateLimited(f"{who} is busy. I will try again.")
        if any(each in codes for each in BAD_REQUEST):
            return BadRequest(f"{who} cannot draw that as asked. Try other words or settings.")
        return ServerFailed(f"{who} has trouble of its own. I will try again.")

    def tokens(self, usage: dict[str, Any], *, drew: bool) -> models.Tokens | None:
        return models.tokens_of(
            usage.get("total_input_tokens"),
            usage.get("input_tokens_by_modality"),
            usage.get("total_output_tokens"),
            usage.get("output_tokens_by_modality"),
            usage.get("total_thought_tokens"),
            drew=drew,
        )

    async def close(self) -> None:
        await self.wire.close()
        await self.looking.close()


def path_of(handle: str) -> str:
    return f"interactions/{quote(handle, safe='')}"
