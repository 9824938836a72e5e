"""Gemini's image models by `generateContent`: one call, one picture, nothing to take up again."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.errors import ProviderError
from core.pictures import Drawing, Drawn, Picture, PictureRequest, Report
from providers import Capabilities, given
from providers.gemini import models
from providers.gemini.reading import NO_PICTURE, code_in, listed, mapping, refusal, translate
from providers.prices import Price
from providers.wire import Answer, Wire, broken, from_base64, to_base64

LABEL = "Gemini"
TAKEN = {"image/png", "image/jpeg", "image/webp"}
"""Types of pictures it takes."""
SEEDS = 2**31
"""Its seeds are numbers of 31 bits."""
JSON = {"content-type": "application/json"}
PAGES = 5
"""Pages of its list of models that we read at most."""


class Gemini:
    """Draws and edits by words; a 200 may be a refusal."""

    name = "gemini"
    label = LABEL
    repeatable = False

    def __init__(
        self,
        base_url: str,
        key: str,
        names: Sequence[str],
        prices: Mapping[str, Price],
        **options: Any,
    ) -> None:
        self.prices = prices
        self.models: Mapping[str, Capabilities] = {
            each: models.capabilities(each, prices.get(each)) for each in names
        }
        versioned = re.search(r"/v\d\w*/?$", base_url)
        self.base_url = base_url if versioned else f"{base_url.rstrip('/')}/v1"
        self.headers = {"x-goog-api-key": key}
        self.wire = Wire(self.label, self.base_url, self.headers, translate, **options)
        self.origin: str | None = self.wire.origin

    def model_of(self, request: PictureRequest) -> str:
        return request.model or next(iter(self.models))

    def estimate(self, request: PictureRequest) -> Decimal | None:
        model = self.model_of(request)
        return models.estimate(model, self.prices.get(model), request)

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        content = await asyncio.to_thread(encoded, self.asked, request)
        path = f"models/{self.model_of(request)}:generateContent"
        answer = await self.wire.post(path, content=content, headers=JSON)
        return await asyncio.to_thread(self.drawing, request, answer)

    def pictures(self, request: PictureRequest) -> list[Picture]:
        """The pictures of a request as it takes them. Pillow's work, perhaps."""
        found = models.pictures_of(self.model_of(request), request)
        return [given.accepted(each, TAKEN) for each in found]

    def asked(self, request: PictureRequest) -> dict[str, Any]:
        """A call's body."""
        model = self.model_of(request)
        parts: list[dict[str, Any]] = [{"text": request.prompt}]
        for each in self.pictures(request):
            parts.append({"inlineData": {"mimeType": each.mime_type, "data": to_base64(each.data)}})
        image = {"aspectRatio": models.aspect_for(model, request.aspect)}
        if size := models.size_for(model, request.quality):
            image["imageSize"] = size
        config: dict[str, Any] = {"responseModalities": ["IMAGE"], "imageConfig": image}
        if request.seed is not None:
            config["seed"] = request.seed % SEEDS
        return {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}

    def drawing(self, request: PictureRequest, answer: Answer) -> Drawing:
        """The picture in an answer; raises `Refused` where there are only excuses."""
        found = answer.json()
        candidates = listed(found.get("candidates"))
        blocked = mapping(found.get("promptFeedback")).get("blockReason")
        if not candidates and not blocked:
            raise broken(self.label)
        candidate = candidates[0] if candidates else {}
        parts = listed(mapping(candidate.get("content")).get("parts"))
        data = [
            blob.get("data")
            for each in parts
            # Drafts are pictures, too; only what is no thought is the answer.
            if not each.get("thought") and (blob := mapping(each.get("inlineData")))
        ]
        usage = mapping(found.get("usageMetadata"))
        cost = self.cost(request, self.tokens(usage, drew=bool(data)))
        if not data:
            said = " ".join(str(each["text"]) for each in parts if "text" in each)
            code = str(blocked or candidate.get("finishReason"))
            code = code if code_in(code) else f"{NO_PICTURE} {code}"
            raise refusal(self.label, code, cost or Decimal(0), said)
        return self.drawn(request, data, usage, cost)

    def drawn(
        self, request: PictureRequest, data: list[Any], usage: dict[str, Any], cost: Decimal | None
    ) -> Drawing:
        """A whole answer; of several pictures the last is what came of it."""
        model = self.model_of(request)
        price = models.each_for(model, self.prices.get(model), request.quality)
        return Drawing(
            pictures=(Drawn(data=from_base64(data[-1], self.label), seed=request.seed),),
            model=model,
            notes=models.notes_on(model, request, 1),
            usage=usage,
            cost=cost if cost is not None else price or Decimal(0),
            cost_source="usage" if cost is not None else "table" if price else "unknown",
        )

    def tokens(self, usage: dict[str, Any], *, drew: bool) -> models.Tokens | None:
        return models.tokens_of(
            usage.get("promptTokenCount"),
            usage.get("promptTokensDetails"),
            usage.get("candidatesTokenCount"),
            usage.get("candidatesTokensDetails"),
            usage.get("thoughtsTokenCount"),
            drew=drew,
        )

    def cost(self, request: PictureRequest, used: models.Tokens | None) -> Decimal | None:
        return used.cost(self.prices.get(self.model_of(request))) if used else None

    async def check(self) -> str | None:
        """Ask for the list of models: whether the key works, and ours are still there."""
        try:
            names = await self.names()
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        gone = [each for each in self.models if names and each not in names]
        if gone:
            return f"{self.label} does not have {', '.join(gone)}: set GEMINI_IMAGE_MODELS."
        return None

    async def names(self) -> set[str]:
        """The models it has."""
        names: set[str] = set()
        page = ""
        for _ in range(PAGES):
            query = {"pageSize": "1000", **({"pageToken": page} if page else {})}
            found = (await self.wire.get("models", params=query)).json()
            listing = listed(found.get("models"))
            names |= {str(each.get("name")).removeprefix("models/") for each in listing}
            page = str(found.get("nextPageToken") or "")
            if not page:
                break
        return names

    async def close(self) -> None:
        await self.wire.close()


def encoded(asked: Any, request: PictureRequest) -> bytes:
    """A body as bytes: with pictures in it that takes too long for the event loop."""
    return json.dumps(asked(request)).encode()
