"""xAI's image API as its reference has it: JSON alone, deferred requests, pictures at addresses."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

from aiohttp import web
from PIL import Image

from tests.providers.vendors.vendor import KEY, Vendor, Wrong, abort, json_of, only

MODELS = ("grok-imagine-image-2.0", "grok-imagine-image")
ASPECTS = {"1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "9:19.5", "19.5:9", "9:20", "20:9",
           "1:2", "2:1", "auto"}  # fmt: skip
FIELDS = ("model", "prompt", "n", "response_format", "deferred", "resolution", "quality",
          "aspect_ratio", "user")  # fmt: skip
TICKS = 600_123_456
"""What one picture costs, in parts of 1e-10 US dollars."""
COST = "0.060012"
FEE = "0.020000"
"""What a refusal costs that says so."""
INVALID = "Client specified an invalid argument"
NOT_ALLOWED = "The caller does not have permission to execute the specified operation"
FAILURES = {
    "400 key": (INVALID, f"Incorrect API key provided: {KEY}. You can obtain one from the console."),
    "403 guidelines": (NOT_ALLOWED, "Content violates usage guidelines. Team: t, API key ID: k, "
                       "Model: m, Failed check: SAFETY_CHECK_TYPE_CSAM"),
    "403 credits": (NOT_ALLOWED, "Your newly created team doesn't have any credits yet."),
    "429 credits": ("Some resource has been exhausted", "Your team has either used all available "
                    "credits or reached its monthly spending limit."),
}  # fmt: skip


class XAIVendor(Vendor):
    """`looks` is what is seen before the truth; `ending` how a request ends instead of well."""

    def __init__(self) -> None:
        self.looks: list[str] = []
        self.looked = 0
        self.kept: dict[str, dict[str, Any]] = {}
        self.fetched = 0
        self.ending: dict[str, Any] | None = None
        self.at_once = False
        """Answers with pictures instead of a name, as a model does that cannot defer."""
        super().__init__()

    def routes(self) -> None:
        add = self.app.router
        add.add_post("/v1/images/generations", self.paid(self.generations))
        add.add_post("/v1/images/edits", self.paid(self.edits))
        add.add_get("/v1/images/{id}", self.look)
        add.add_get("/v1/models", self.models)
        add.add_get("/pictures/{id}/{number}.png", self.fetch)

    def failure(self, status: int) -> dict[str, Any]:
        code, error = FAILURES.get(self.fault or "", ("Some code", f"It failed: {KEY}"))
        return {"code": code, "error": error}

    def denied(self, request: web.Request) -> web.Response | None:
        if request.headers.get("authorization") == f"Bearer {KEY}":
            return None
        code, error = FAILURES["400 key"]
        return web.json_response({"code": code, "error": error}, status=400)

    async def models(self, request: web.Request) -> web.StreamResponse:
        listed = [{"id": each, "object": "model"} for each in MODELS]
        return self.denied(request) or web.json_response({"object": "list", "data": listed})

    async def generations(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request)
        # The real one drops pictures without a word and charges; here they are an error.
        only(body, *FIELDS)
        return self.begun(request, body)

    async def edits(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request)
        only(body, *FIELDS, "image", "images")
        if ("image" in body) == ("images" in body):
            raise Wrong("either one picture or several")
        pictures = body.get("images") or [body["image"]]
        if len(pictures) > 3:
            raise Wrong("too many pictures")
        for each in pictures:
            check_picture(each)
        return self.begun(request, body)

    def begun(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        check(body)
        self.asked.append(body)
        if self.fault == "refused":
            error = {"code": INVALID, "error": "Prompt rejected by content moderation."}
            return web.json_response(error, status=400)
        handle = f"req/{len(self.kept)}"
        self.kept[handle] = self.over(handle, body)
        self.billed.append(body["n"])
        if self.at_once:
            return web.json_response(self.kept[handle])
        return web.json_response({"request_id": handle})

    def over(self, handle: str, body: dict[str, Any]) -> dict[str, Any]:
        """How it ends."""
        if self.ending is not None:
            return self.ending
        data: list[dict[str, Any]] = [
            {"url": f"{self.base}/pictures/{handle.replace('/', '-')}/{number}.png",
             "b64_json": None, "mime_type": "image/png", "revised_prompt": "",
             "respect_moderation": self.fault != "refused after"}
            for number in range(len(self.drawn(body["n"])))
        ]  # fmt: skip
        usage = {"cost_in_usd_ticks": TICKS * body["n"]}
        return {"model": body["model"], "data": data, "block_reason": None, "usage": usage}

    async def look(self, request: web.Request) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        self.looked += 1
        wrong = self.looks.pop(0) if self.looks else ""
        if wrong == "reset":
            abort(request)
        if wrong == "202":
            return web.Response(status=202)
        if wrong.endswith("%"):
            body = {"status": "pending", "progress": int(wrong.removesuffix("%"))}
            return web.json_response(body, status=202 if self.looked % 2 else 200)
        if wrong.isdigit():
            headers = {"retry-after": "17"} if wrong == "429" else {}
            return web.json_response(self.failure(0), status=int(wrong), headers=headers)
        if wrong == "broken":
            return web.Response(text='{"data": ', content_type="application/json")
        found = self.kept.get(request.match_info["id"])
        if found is None:
            return web.json_response({"code": "Not found", "error": "no such request"}, status=404)
        return web.json_response(found)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        self.fetched += 1
        number = int(request.match_info["number"])
        return web.Response(body=self.drawn(number + 1)[number], content_type="image/png")


def check(body: dict[str, Any]) -> None:
    if body["model"] not in MODELS:
        raise Wrong("no such model")
    if not body["prompt"] or not 1 <= body["n"] <= 10:
        raise Wrong("prompt or n")
    if body.get("aspect_ratio", "auto") not in ASPECTS:
        raise Wrong(f"aspect {body['aspect_ratio']}")
    if body.get("resolution", "1k") not in ("1k", "1.5k", "2k"):
        raise Wrong(f"resolution {body['resolution']}")
    if body.get("quality", "low") not in ("low", "medium"):
        raise Wrong(f"quality {body['quality']}")
    if body["deferred"] is not True or body["response_format"] != "url":
        raise Wrong("a deferred request leaves its pictures at addresses")


def check_picture(found: dict[str, Any]) -> None:
    only(found, "url", "type")
    match = re.fullmatch(r"data:(image/(?:png|jpeg|webp));base64,(\S+)", found["url"])
    if found["type"] != "image_url" or match is None:
        raise Wrong("a picture that is no data URL")
    data = base64.b64decode(match[2], validate=True)
    if Image.MIME[Image.open(io.BytesIO(data)).format or ""] != match[1]:
        raise Wrong(f"{match[1]} is something else")
    if len(data) > 10 * 1024 * 1024:
        raise Wrong("more than 10 MiB")
