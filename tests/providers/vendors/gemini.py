"""Gemini's Developer API as Google's SDK 3.4 speaks it: `generateContent`, and interactions.

How an interaction says that it was refused is nowhere described; this one says it by the code of
its error, with the names that `generateContent` has for it.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Any

from aiohttp import web
from PIL import Image

from tests.providers.vendors.vendor import KEY, Vendor, Wrong, abort, json_of, only, png

TEN = {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}
MODELS: dict[str, tuple[set[str], set[str], int]] = {
    "gemini-nano-banana-2.1": ({*TEN, "1:4", "4:1", "1:8", "8:1"}, {"1K", "2K", "4K"}, 14),
    "gemini-3-pro-image": (TEN, {"1K", "2K", "4K"}, 14),
    "gemini-2.5-flash-image": (TEN, set(), 3),
}
"""What each takes: aspects, sizes, and how many pictures."""
USAGE = {
    "promptTokenCount": 298,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 40},
        {"modality": "IMAGE", "tokenCount": 258},
    ],
    "candidatesTokenCount": 1150,
    "candidatesTokensDetails": [
        {"modality": "IMAGE", "tokenCount": 1120},
        {"modality": "TEXT", "tokenCount": 30},
    ],
    "thoughtsTokenCount": 200,
    "totalTokenCount": 1648,
}
COST = "0.035414"
"""US dollars: 298 tokens in at $0.30, 1120 drawn at $30, 230 said and thought at $7.50 a million."""
EXCUSE = {
    "promptTokenCount": 40,
    "candidatesTokenCount": 30,
    "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 30}],
    "thoughtsTokenCount": 200,
}
EXCUSE_COST = "0.001737"
"""US dollars: 40 tokens in, 230 said and thought, nothing drawn."""
DRAFT = base64.b64encode(png("red")).decode()
RPC = "type.googleapis.com/google.rpc."


class GeminiVendor(Vendor):
    """Draws, refuses and thinks aloud; aspects and sizes are checked as each model checks them."""

    def __init__(self) -> None:
        super().__init__()
        self.url_safe = False
        """Which alphabet its base64 has."""
        self.usage: dict[str, Any] | None = USAGE
        self.details = True
        """Whether failures say more than their status."""

    def routes(self) -> None:
        self.app.router.add_post("/v1/models/{call}", self.paid(self.generate))
        self.app.router.add_get("/v1/models", self.models)

    def failure(self, status: int) -> dict[str, Any]:
        said = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED",
                404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}  # fmt: skip
        details: list[dict[str, Any]] = []
        if status == 400:
            details.append({"@type": f"{RPC}ErrorInfo", "reason": "API_KEY_INVALID"})
        if self.fault in ("429 day", "429 delay"):
            span = "Day" if self.fault == "429 day" else "Minute"
            quota = {"quotaId": f"GenerateRequestsPer{span}PerProjectPerModel"}
            details += [
                {"@type": f"{RPC}QuotaFailure", "violations": [quota]},
                {"@type": f"{RPC}RetryInfo", "retryDelay": "17s"},
            ]
        message = f"API key not valid: {KEY}." if status in (400, 401) else "It failed."
        return {"error": {"code": status, "message": message, "details": details,
                          "status": said.get(status, "INTERNAL")}}  # fmt: skip

    def denied(self, request: web.Request) -> web.Response | None:
        """Google answers a bad key with 400."""
        if request.headers.get("x-goog-api-key") == KEY:
            return None
        return web.json_response(self.failure(400), status=400)

    async def models(self, request: web.Request) -> web.StreamResponse:
        """The list, in two pages."""
        if denied := self.denied(request):
            return denied
        names = [{"name": f"models/{each}"} for each in MODELS]
        if request.query.get("pageToken") == "more":
            return web.json_response({"models": names[1:]})
        return web.json_response({"models": names[:1], "nextPageToken": "more"})

    async def generate(self, request: web.Request) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        model, _, verb = request.match_info["call"].partition(":")
        body = await json_of(request)
        if verb != "generateContent":
            raise Wrong(f"verb {verb}")
        if model not in MODELS:
            return web.json_response(self.failure(404), status=404)
        only(body, "contents", "generationConfig")
        config = body["generationConfig"]
        only(config, "responseModalities", "imageConfig", "seed")
        only(config["imageConfig"], "aspectRatio", "imageSize")
        if config["responseModalities"] != ["IMAGE"]:
            raise Wrong("modalities")
        image = config["imageConfig"]
        check_form(model, image["aspectRatio"], image.get("imageSize"), config.get("seed"))
        [content] = body["contents"]
        only(content, "role", "parts")
        check_parts(model, content["parts"])
        self.asked.append({"model": model, **body})
        return self.answered()

    def answered(self) -> web.Response:
        fault = self.fault or ""
        if fault == "refused":
            return web.json_response({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
        if fault == "refused counted":
            found = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {
                "promptTokenCount": 1000, "totalTokenCount": 1000}}  # fmt: skip
            self.billed.append(found["usageMetadata"])
            return web.json_response(found)
        if fault.startswith(("refused", "only text")):
            reason = fault.partition(" as ")[2] or ("STOP" if fault == "only text" else None)
            return self.excused(reason or "IMAGE_SAFETY", words=fault == "only text")
        if fault == "no candidates":
            return web.json_response({"usageMetadata": {"promptTokenCount": 40}})
        self.billed.append(self.usage)
        [picture] = self.encoded()
        if self.url_safe:
            picture = picture.replace("+", "-").replace("/", "_").rstrip("=")
        parts: list[dict[str, Any]] = [
            {"text": "First a draft.", "thought": True},
            {"inlineData": {"mimeType": "image/png", "data": DRAFT}, "thought": True},
            {"text": "Here it is."},
            {"inlineData": {"mimeType": "image/png", "data": picture}, "thoughtSignature": "AA=="},
        ]
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
        answer: dict[str, Any] = {"candidates": [{**candidate, "index": 0}], "responseId": "r1"}
        if self.usage is not None:
            answer["usageMetadata"] = self.usage
        return web.json_response(answer)

    def excused(self, reason: str, *, words: bool) -> web.Response:
        """A 200 without a picture, though it thought about one and drew a draft."""
        self.billed.append(EXCUSE)
        parts: list[dict[str, Any]] = [
            {"inlineData": {"mimeType": "image/png", "data": DRAFT}, "thought": True}
        ]
        if words:
            parts.append({"text": "I would rather describe the fox to you."})
        return web.json_response({
            "candidates": [{"content": {"parts": parts}, "finishReason": reason, "index": 0}],
            "usageMetadata": EXCUSE,
        })  # fmt: skip


class InteractionsVendor(GeminiVendor):
    """Keeps what it draws, and gives it out as often as it is asked for; it bills at the start."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[str, Any]] = {}
        self.looks: list[str] = []
        """What goes wrong with the next looks, in order; "" where nothing does."""
        self.looked = 0
        self.canceled: list[str] = []
        self.ending: dict[str, Any] | None = None
        """How an interaction ends where it does not end with a picture."""

    def routes(self) -> None:
        super().routes()
        self.app.router.add_post("/v1/interactions", self.paid(self.create))
        self.app.router.add_get("/v1/interactions/{id}", self.look)
        self.app.router.add_post("/v1/interactions/{id}/cancel", self.cancel)

    async def create(self, request: web.Request) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        body = await json_of(request)
        only(body, "model", "input", "response_format", "background", "store", "generation_config")
        only(body["response_format"], "type", "delivery", "aspect_ratio", "image_size")
        only(body.get("generation_config", {}), "seed")
        if (body["background"], body["store"]) != (True, True):
            raise Wrong("an answer that is not kept")
        if body["model"] not in MODELS:
            return web.json_response(self.failure(404), status=404)
        form = body["response_format"]
        if (form["type"], form["delivery"]) != ("image", "inline"):
            raise Wrong("response format")
        seed = body.get("generation_config", {}).get("seed")
        check_form(body["model"], form["aspect_ratio"], form.get("image_size"), seed)
        check_parts(body["model"], [as_part(each) for each in body["input"]])
        self.asked.append(body)
        return web.json_response(self.begun(body["model"]))

    def begun(self, model: str) -> dict[str, Any]:
        handle = f"v1_{len(self.kept)}/=x"
        self.kept[handle] = {"id": handle, "model": model, **self.over()}
        if self.kept[handle].get("usage"):
            self.billed.append(self.kept[handle]["usage"])
        return {"id": handle, "model": model, "status": "in_progress"}

    def over(self) -> dict[str, Any]:
        """How it ends."""
        used = {
            "total_input_tokens": 298, "total_output_tokens": 1150, "total_thought_tokens": 200,
            "output_tokens_by_modality": [{"modality": "image", "tokens": 1120},
                                          {"modality": "text", "tokens": 30}],
        }  # fmt: skip
        if self.ending is not None:
            return self.ending
        if self.fault == "refused":
            return {"status": "failed", "errors": [{"code": "PROHIBITED_CONTENT", "message": "n"}]}
        if self.fault == "refused after":
            usage = {"total_input_tokens": 40, "total_output_tokens": 30,
                     "total_thought_tokens": 200}  # fmt: skip
            error = {"code": "https://ai.google.dev/errors/image-safety", "message": "no"}
            return {"status": "failed", "errors": [error], "usage": usage}
        [picture] = self.encoded()
        shown = {"type": "image", "mime_type": "image/png"}
        steps = [
            {"type": "thought", "summary": [{**shown, "data": DRAFT}]},
            {"type": "model_output", "content": [{"type": "text", "text": "Here it is."},
                                                 {**shown, "data": picture}]},
        ]  # fmt: skip
        return {"status": "completed", "steps": steps, "usage": used}

    async def look(self, request: web.Request) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        self.looked += 1
        wrong = self.looks.pop(0) if self.looks else ""
        handle = request.match_info["id"]
        if wrong == "reset":
            abort(request)
        if wrong.isdigit():
            return web.json_response(self.failure(int(wrong)), status=int(wrong))
        if wrong in ("in_progress", "queued"):
            return web.json_response({"id": handle, "status": wrong})
        if wrong == "broken":
            return web.Response(text='{"id": ', content_type="application/json")
        if handle not in self.kept:
            return web.json_response(self.failure(404), status=404)
        return web.json_response(self.kept[handle])

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        self.canceled.append(request.match_info["id"])
        return web.json_response({"id": request.match_info["id"], "status": "cancelled"})


def check_form(model: str, aspect: str, size: str | None, seed: Any) -> None:
    aspects, sizes, _ = MODELS[model]
    if aspect not in aspects:
        raise Wrong(f"aspect {aspect}")
    if size is not None and size not in sizes:
        raise Wrong(f"size {size}")
    if seed is not None and not 0 <= seed < 2**31:
        raise Wrong(f"seed {seed}")


def check_parts(model: str, parts: list[dict[str, Any]]) -> None:
    """Words first, then pictures that are what they are said to be."""
    words, *pictures = parts
    only(words, "text")
    if not words["text"]:
        raise Wrong("no words")
    if len(pictures) > MODELS[model][2]:
        raise Wrong("too many pictures")
    for each in pictures:
        only(each, "inlineData")
        only(each["inlineData"], "mimeType", "data")
        check_picture(each["inlineData"]["mimeType"], each["inlineData"]["data"])


def check_picture(kind: str, data: str) -> None:
    if kind not in ("image/png", "image/jpeg", "image/webp"):
        raise Wrong(kind)
    try:
        if re.search("[-_]", data):  # Google takes the other alphabet, too.
            found = base64.urlsafe_b64decode(data)
        else:
            found = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise Wrong(f"base64: {error}") from error
    if Image.MIME[Image.open(io.BytesIO(found)).format or ""] != kind:
        raise Wrong(f"{kind} is something else")


def as_part(content: dict[str, Any]) -> dict[str, Any]:
    """A piece of an interaction's input in the words of `generateContent`."""
    if content.get("type") == "text":
        only(content, "type", "text")
        return {"text": content["text"]}
    only(content, "type", "mime_type", "data")
    if content["type"] != "image":
        raise Wrong(content["type"])
    return {"inlineData": {"mimeType": content["mime_type"], "data": content["data"]}}
