"""OpenAI's image API, and any server that speaks it.

Drawing and editing, with streamed previews where it is OpenAI itself. Nothing here can be taken up
again: an answer that is lost may have been charged. The protocol is as in OpenAI's published
description and the types of its SDK 3.5x; both are held against what we send in the tests.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import httpx

from core.errors import BadRequest, ProviderError, QuotaExceeded
from core.pictures import Drawing, Drawn, Linked, Picture, PictureRequest, Progress, Report
from core.settings import Settings
from providers import Capabilities, given
from providers.prices import MILLION, Price, output_tokens, rounded, table
from providers.wire import Answer, Wire, broken, by_status, declined, from_base64, pseudonym

HOME = "api.openai.com"
LABEL = "OpenAI"
TAKEN = {"image/png", "image/jpeg", "image/webp"}
"""Types of pictures it takes."""
AREA = 1024 * 1344
"""Pixels of a picture that is not square, about; its own sizes 1536 x 1024 lie there, too."""
STEP = 16
"""Sides are multiples of it."""
OLD_SIZES = {"1:1": "1024x1024", "3:2": "1536x1024", "2:3": "1024x1536"}
"""All that models before gpt-image-2 draw."""
QUALITIES = ("low", "medium", "high")
PREVIEWS = 1
"""Previews of one picture; each costs 100 tokens."""
REFERENCES = 16
INPUT_TOKENS = 1600
"""The most tokens that a picture given is counted as, for estimates."""
SAID_BY_CODE: dict[str, type[ProviderError]] = {
    "insufficient_quota": QuotaExceeded,
    "billing_hard_limit_reached": QuotaExceeded,
}


def open_provider(settings: Settings) -> OpenAI | None:
    """OpenAI, where there is a key or a server of one's own."""
    own = httpx.URL(settings.openai_base_url).host != HOME
    if not settings.openai_image_models or not (settings.openai_api_key or own):
        return None
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    return OpenAI(
        settings.openai_base_url,
        key,
        settings.openai_image_models,
        table(settings.prices_file),
    )


class OpenAI:
    """Draws and edits by OpenAI's protocol."""

    name = "openai"
    repeatable = False

    def __init__(
        self,
        base_url: str,
        key: str,
        models: Sequence[str],
        prices: Mapping[str, Price],
        **options: Any,
    ) -> None:
        self.official = httpx.URL(base_url).host == HOME or bool(options.pop("official", False))
        self.label = LABEL if self.official else f"{LABEL}-compatible server"
        self.key, self.prices = key, prices
        self.models: Mapping[str, Capabilities] = {
            each: self.capabilities(each, prices.get(each)) for each in models
        }
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self.wire = Wire(self.label, base_url, headers, translate, **options)
        self.origin: str | None = self.wire.origin

    def capabilities(self, model: str, price: Price | None) -> Capabilities:
        each = price.each if price else None
        if price is not None and price.factors and price.image_out is not None:
            tokens = output_tokens(1024, 1024, price.factors["medium"], PREVIEWS)
            each = rounded(tokens * price.image_out / MILLION)
        return Capabilities(
            source=True,
            mask=True,
            references=REFERENCES - 1,
            count=10,
            transparent=True,
            previews=self.official,
            fidelity=is_old(model),
            strength=False,
            qualities=(*QUALITIES, "xhigh", "max")
            if "2.5" in model or "2.6" in model
            else QUALITIES,
            price=each,
        )

    def model_of(self, request: PictureRequest) -> str:
        return request.model or next(iter(self.models))

    def estimate(self, request: PictureRequest) -> Decimal | None:
        """By the size and the quality; `auto` is reserved as high."""
        price = self.prices.get(self.model_of(request))
        if price is None or price.image_out is None or not price.factors:
            return None if price is None or price.each is None else price.each * request.count
        factor = price.factors.get(request.quality or "high", price.factors["high"])
        width, height = map(int, size_for(self.model_of(request), request.aspect).split("x"))
        out = output_tokens(width, height, factor, PREVIEWS if request.count == 1 else 0)
        seen = len(pictures_of(request)) * INPUT_TOKENS * (price.image_in or 0)
        said = len(request.prompt) / 3 * float(price.text_in or 0)
        dollars = out * price.image_out * request.count + seen + Decimal(said)
        return rounded(dollars / MILLION)

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        if pictures_of(request):
            content = await self.editing(request)
            path = "images/edits"
        else:
            content = {"json": self.asked(request)}
            path = "images/generations"
        async with self.wire.streamed("POST", path, paid=True, **content) as response:
            if "text/event-stream" in response.headers.get("content-type", ""):
                found = await self.followed(response, report)
            else:
                body = await self.wire.read(response, paid=True)
                found = Answer(response.status_code, response.headers, body, self.label).json()
        return self.drawing(request, found)

    def asked(self, request: PictureRequest) -> dict[str, Any]:
        """The parameters of a call; only those that its model knows."""
        model = self.model_of(request)
        values: dict[str, Any] = {
            "model": model,
            "prompt": request.prompt,
            "n": request.count,
            "size": size_for(model, request.aspect),
        }
        if request.quality not in (None, "auto"):
            values["quality"] = request.quality
        if request.background is not None:
            values["background"] = request.background
        if self.official:
            values["output_format"] = "png"
            if request.user:
                values["user"] = pseudonym(request.user, self.key)
            if request.count == 1:
                values |= {"stream": True, "partial_images": PREVIEWS}
        else:
            values["response_format"] = "b64_json"
        return values

    async def editing(self, request: PictureRequest) -> dict[str, Any]:
        """A call with pictures, as a form; the source comes first, a mask is for it."""
        values = self.asked(request)
        if request.fidelity and is_old(values["model"]):
            values["input_fidelity"] = request.fidelity
        pictures = [
            await asyncio.to_thread(given.accepted, each, TAKEN) for each in pictures_of(request)
        ]
        files = [
            ("image[]", (f"{n}.{each.mime_type[6:]}", each.data, each.mime_type))
            for n, each in enumerate(pictures)
        ]
        if request.mask is not None and request.source is not None:
            data = await asyncio.to_thread(given.alpha_mask, request.mask)
            files.append(("mask", ("mask.png", data, "image/png")))
        form = {name: str(value).lower() if isinstance(value, bool) else str(value)
                for name, value in values.items()}  # fmt: skip
        return {"data": form, "files": files}

    async def followed(self, response: httpx.Response, report: Report) -> dict[str, Any]:
        """Read a stream to its end, showing previews; returns an answer like an unstreamed one."""
        from httpx_sse import EventSource, SSEError

        shown = 0
        try:
            async for event in EventSource(response).aiter_sse():
                kind = event.event or ""
                if event.data == "[DONE]":
                    continue
                said = cast("dict[str, Any]", event.json())
                kind = str(said.get("type", kind))
                if kind.endswith(".partial_image"):
                    shown += 1
                    preview = from_base64(said.get("b64_json"), self.label)
                    await report(Progress(shown / (PREVIEWS + 1), preview))
                elif kind.endswith(".completed"):
                    return {"data": [said], "usage": said.get("usage")}
                elif kind == "error" or "error" in said:
                    raise self.in_stream(said)
        except (SSEError, ValueError) as error:
            raise broken(self.label) from error
        raise broken(self.label)

    def in_stream(self, said: dict[str, Any]) -> ProviderError:
        """A failure that came where a picture should: some of it may have been drawn."""
        found = said.get("error", said)
        code = str(found.get("code")) if isinstance(found, dict) else ""  # pyright: ignore[reportUnknownArgumentType]
        if code == "moderation_blocked":
            return declined(self.label, charged=True)
        return broken(self.label)

    def drawing(self, request: PictureRequest, found: dict[str, Any]) -> Drawing:
        """What an answer holds; too few pictures are said, none are an unknown outcome."""
        model = self.model_of(request)
        data = found.get("data")
        if not isinstance(data, list) or not data:
            raise broken(self.label)
        items = cast("list[Any]", data)
        pictures = tuple(self.picture(each) for each in items[: request.count])
        usage = found.get("usage")
        cost = from_usage(self.prices.get(model), usage)
        if cost is None:
            price = self.models.get(model, Capabilities()).price
            cost, source = (price or Decimal(0)) * len(pictures), "table" if price else "unknown"
        else:
            source = "usage"
        missing = request.count - len(pictures)
        notes = (f"{self.label} drew {len(pictures)} of {request.count}.",) if missing else ()
        return Drawing(
            pictures=pictures,
            model=model,
            notes=notes,
            usage=cast("dict[str, Any]", usage) if isinstance(usage, dict) else {},
            cost=cost,
            cost_source=source,
        )

    def picture(self, item: Any) -> Drawn | Linked:
        if not isinstance(item, dict):
            raise broken(self.label)
        found = cast("dict[str, Any]", item)
        revised = found.get("revised_prompt")
        revised = revised if isinstance(revised, str) else None
        if found.get("b64_json"):
            return Drawn(data=from_base64(found["b64_json"], self.label), revised_prompt=revised)
        if isinstance(found.get("url"), str):
            return Linked(url=found["url"], revised_prompt=revised)
        raise broken(self.label)

    async def check(self) -> str | None:
        """Ask for the list of models: whether the key works, and ours are still there."""
        try:
            found = (await self.wire.get("models")).json()
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        listed = {str(each.get("id")): each for each in found.get("data", [])}
        gone = [each for each in self.models if listed and each not in listed]
        if gone:
            return f"{self.label} does not have {', '.join(gone)}: set OPENAI_IMAGE_MODELS."
        ending = [each for each in self.models if listed.get(each, {}).get("shutdown_date")]
        if ending:
            dates = ", ".join(f"{each} on {listed[each]['shutdown_date']}" for each in ending)
            return f"{self.label} will shut down {dates}: set OPENAI_IMAGE_MODELS."
        return None

    async def close(self) -> None:
        await self.wire.close()


def is_old(model: str) -> bool:
    """A model before gpt-image-2: three sizes, and a word on fidelity."""
    return model.startswith(("gpt-image-1", "chatgpt-image", "dall-e"))


def pictures_of(request: PictureRequest) -> list[Picture]:
    source = [request.source] if request.source is not None else []
    return [*source, *request.references][:REFERENCES]


def size_for(model: str, aspect: str) -> str:
    """Pixels as "WxH": any in steps of 16 up to 3:1, of about the same area (OpenAI's limits)."""
    if is_old(model):
        return OLD_SIZES[given.nearest(aspect, OLD_SIZES)]
    ratio = given.ratio_of(aspect)
    if ratio == 1:
        return "1024x1024"
    width = math.sqrt(AREA * ratio)
    wide, high = (max(STEP, round(side / STEP) * STEP) for side in (width, width / ratio))
    while max(wide, high) > 3 * min(wide, high):  # Rounding may go just past the limit.
        wide, high = (wide - STEP, high) if wide > high else (wide, high - STEP)
    return f"{wide}x{high}"


def from_usage(price: Price | None, usage: Any) -> Decimal | None:
    """US dollars by the tokens an answer says; None where it or the table says nothing."""
    if price is None or price.image_out is None or not isinstance(usage, dict):
        return None
    said = cast("dict[str, Any]", usage)
    details = cast("dict[str, Any]", said.get("input_tokens_details") or {})
    if not isinstance(said.get("output_tokens"), int):
        return None
    text = int(details.get("text_tokens", said.get("input_tokens", 0)))
    image = int(details.get("image_tokens", 0))
    cached = cast("dict[str, Any]", details.get("cached_tokens_details") or {})
    cached_text, cached_image = (
        int(cached.get("text_tokens", 0)),
        int(cached.get("image_tokens", 0)),
    )
    dollars = (
        (text - cached_text) * (price.text_in or 0)
        + cached_text * (price.cached_text_in or price.text_in or 0)
        + (image - cached_image) * (price.image_in or 0)
        + cached_image * (price.cached_image_in or price.image_in or 0)
        + int(said["output_tokens"]) * price.image_out
    )
    return rounded(Decimal(dollars) / MILLION)


def translate(answer: Answer) -> ProviderError | None:
    """OpenAI's own codes: `{"error": {message, type, param, code}}`."""
    found = answer.complaint().get("error")
    error = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    code, param = str(error.get("code") or ""), str(error.get("param") or "")
    who = answer.label
    if code in ("moderation_blocked", "content_policy_violation"):
        details = cast("dict[str, Any]", error.get("moderation_details") or {})
        about = ", ".join(str(each) for each in details.get("categories") or ())[:100]
        return declined(who, about, charged=details.get("moderation_stage") == "output")
    if code in SAID_BY_CODE:
        return SAID_BY_CODE[code](f"The budget for {who} is used up. The operator has been told.")
    if code == "model_not_found" or answer.status == 404:
        return by_status(Answer(404, answer.headers, answer.body, who))
    if answer.status == 400 and param:
        return BadRequest(f"{who} does not take that {param[:40]}. Change it and try again.")
    return None
