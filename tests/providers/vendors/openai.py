"""OpenAI's image API as its published description has it, with what models since then know."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator
from PIL import Image

from tests.providers.vendors.vendor import KEY, Vendor, Wrong, abort, json_of, only

SPEC = json.loads((Path(__file__).parent / "openai_images.json").read_text())
"""The schemas of OpenAI's published description that images need (version 2.3.0)."""
MODELS = {
    "gpt-image-2.6-flare": None,
    "gpt-image-2.6-sunburst": None,
    "gpt-image-2": None,
    "gpt-image-1.5": "2026-12-01",
}
USAGE = {
    "input_tokens": 40,
    "input_tokens_details": {"text_tokens": 30, "image_tokens": 10},
    "output_tokens": 439,
    "total_tokens": 479,
}
COST = "0.013400"
"""US dollars: 30 tokens of text at $5, 10 of pictures at $8, 439 drawn at $30 for a million."""


def conforms(schema: str, body: Any) -> None:
    """Hold a request against the description."""
    document = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SPEC}}
    errors = [each.message[:200] for each in Draft202012Validator(document).iter_errors(body)]
    if errors:
        raise Wrong("; ".join(errors))


class OpenAIVendor(Vendor):
    """Draws, edits and streams; models and sizes are checked as the newest ones check them."""

    def routes(self) -> None:
        self.app.router.add_post("/v1/images/generations", self.paid(self.generations))
        self.app.router.add_post("/v1/images/edits", self.paid(self.edits))
        self.app.router.add_get("/v1/models", self.models)

    def failure(self, status: int) -> dict[str, Any]:
        code = {401: "invalid_api_key", 402: "billing_hard_limit_reached", 404: "model_not_found",
                429: "rate_limit_exceeded"}.get(status)  # fmt: skip
        message = f"Incorrect API key provided: {KEY}" if status == 401 else "It failed."
        return {"error": {"message": message, "type": "error", "param": None, "code": code}}

    async def models(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.json_response(self.failure(401), status=401)
        listed = [
            {"id": name, "object": "model", "shutdown_date": end} for name, end in MODELS.items()
        ]
        return web.json_response({"object": "list", "data": listed})

    async def generations(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request)
        conforms("CreateImageRequest", body)
        only(body, "model", "prompt", "n", "size", "quality", "background", "output_format",
             "user", "stream", "partial_images", "moderation")  # fmt: skip
        self.check(body)
        self.asked.append(body)
        return await self.answered(request, body, "image_generation")

    async def edits(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        body: dict[str, Any] = {}
        for name in set(form):
            values = form.getall(name)
            if isinstance(values[0], web.FileField):
                files = [(each.content_type, each.file.read()) for each in values]
                body[name.removesuffix("[]")] = files
            else:
                body[name] = typed(str(values[0]))
        only(body, "model", "prompt", "n", "size", "quality", "background", "output_format",
             "user", "stream", "partial_images", "image", "mask", "input_fidelity")  # fmt: skip
        conforms("CreateImageEditRequest", {
            **{name: value for name, value in body.items() if name not in ("image", "mask")},
            "image": ["binary"] * len(body["image"]),
        })  # fmt: skip
        self.check(body)
        self.check_pictures(body)
        self.asked.append(body)
        return await self.answered(request, body, "image_edit")

    def check(self, body: dict[str, Any]) -> None:
        if body["model"] not in MODELS:
            raise Wrong("no such model")
        width, height = map(int, body["size"].split("x"))
        if width % 16 or height % 16 or max(width, height) > 3 * min(width, height):
            raise Wrong(f"size {body['size']}")
        if not 655_360 <= width * height <= 8_294_400:
            raise Wrong(f"size {body['size']}")
        if "input_fidelity" in body and not body["model"].startswith("gpt-image-1"):
            raise Wrong("input_fidelity must be omitted")
        if body.get("partial_images") and not body.get("stream"):
            raise Wrong("previews without a stream")

    def check_pictures(self, body: dict[str, Any]) -> None:
        if len(body["image"]) > 16:
            raise Wrong("too many pictures")
        for kind, data in body["image"]:
            if Image.MIME[Image.open(io.BytesIO(data)).format or ""] != kind:
                raise Wrong(f"{kind} is something else")
            if kind not in ("image/png", "image/jpeg", "image/webp"):
                raise Wrong(kind)
        if "mask" in body:
            [(kind, data)] = body["mask"]
            mask = Image.open(io.BytesIO(data))
            if (kind, mask.format, mask.mode) != ("image/png", "PNG", "RGBA"):
                raise Wrong("the mask is no PNG with transparency")
            if mask.size != Image.open(io.BytesIO(body["image"][0][1])).size:
                raise Wrong("the mask is of another size")

    async def answered(
        self, request: web.Request, body: dict[str, Any], kind: str
    ) -> web.StreamResponse:
        stage = {"refused": "input", "refused after": "output"}.get(self.fault or "")
        if stage:
            self.billed += ["refused"] if stage == "output" else []
            details = {"moderation_stage": stage, "categories": ["violence"]}
            error = {"message": "no", "type": "image_generation_user_error",
                     "code": "moderation_blocked", "moderation_details": details}  # fmt: skip
            return web.json_response({"error": error}, status=400)
        self.billed.append(body["n"])
        if body.get("stream"):
            return await self.streamed(request, kind)
        data = [{"b64_json": each} for each in self.encoded(body["n"])]
        return web.json_response({"created": 1, "data": data, "usage": USAGE})

    async def streamed(self, request: web.Request, kind: str) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await stream.prepare(request)
        [picture] = self.encoded(1) or [""]
        events = [
            {"type": f"{kind}.partial_image", "b64_json": picture, "partial_image_index": 0},
            {"type": f"{kind}.completed", "b64_json": picture, "usage": USAGE},
        ]
        for number, event in enumerate(events):
            if number == 1 and self.fault == "hang":
                await asyncio.sleep(60)
            if number == 1 and self.fault in ("stream breaks", "truncated", "reset after"):
                await asyncio.sleep(0.05)
                abort(request)
                return stream
            data = json.dumps(event)
            if number == 1 and self.fault == "broken json":
                data = data[: len(data) // 2]
            await stream.write(f"event: {event['type']}\ndata: {data}\n\n".encode())
        await stream.write_eof()
        return stream


def typed(text: str) -> object:
    """A field of a form as what the description says it is."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text
