"""Stability's v2beta API as its published description has it: forms in, a picture's bytes out."""

from __future__ import annotations

import io
from typing import Any

from aiohttp import web
from PIL import Image

from tests.providers.vendors.vendor import KEY, Vendor, Wrong, only

ASPECTS = {"21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21"}
SERVICES: dict[str, tuple[set[str], set[str], int]] = {
    "generate/core": ({"prompt"}, {"aspect_ratio", "negative_prompt", "seed"}, 3),
    "generate/ultra": (
        {"prompt"}, {"aspect_ratio", "negative_prompt", "seed", "image", "strength"}, 8),
    "edit/inpaint": (
        {"image", "prompt"}, {"mask", "negative_prompt", "seed", "grow_mask"}, 5),
    "edit/outpaint": (
        {"image"}, {"left", "right", "up", "down", "prompt", "seed", "creativity"}, 4),
    "edit/remove-background": ({"image"}, set(), 5),
    "upscale/fast": ({"image"}, set(), 2),
    "upscale/conservative": (
        {"image", "prompt"}, {"negative_prompt", "seed", "creativity"}, 40),
}  # fmt: skip
"""By path: the fields it needs, those it takes besides, and the credits it charges."""
PIXELS = {"edit/inpaint": 9_437_184, "edit/outpaint": 9_437_184, "upscale/fast": 1_048_576,
          "edit/remove-background": 4_194_304, "upscale/conservative": 9_437_184}  # fmt: skip
LONG = {"edit/outpaint", "upscale/conservative"}
"""Those that take no picture longer than 2.5 times its width."""
NAMES = {401: "unauthorized", 402: "payment_required", 403: "content_moderation",
         404: "not_found", 413: "payload_too_large", 422: "public_figure",
         429: "rate_limit_exceeded"}  # fmt: skip
SEED = 343_940_597
"""What it takes where nobody says."""


class StabilityVendor(Vendor):
    """Bills by its list; `credits` is what is left for the operator."""

    def __init__(self) -> None:
        self.credits = 866.5
        self.paths: list[str] = []
        self.users: list[str | None] = []
        super().__init__()

    def routes(self) -> None:
        add = self.app.router
        add.add_post("/v2beta/stable-image/{kind}/{service}", self.paid(self.served))
        add.add_get("/v1/user/balance", self.balance)

    def failure(self, status: int) -> dict[str, Any]:
        name = NAMES.get(status, "internal_error")
        if self.fault == "403 key":
            name = "permission_denied"
        if self.fault == "422 language":
            name = "invalid_language"
        said = "prompt: is too long" if self.fault == "400 field" else f"It failed: {KEY}"
        return {"id": "a1b2c3", "name": name, "errors": [said]}

    def denied(self, request: web.Request) -> web.Response | None:
        if request.headers.get("authorization") == f"Bearer {KEY}":
            return None
        return web.json_response(self.failure(401), status=401)

    async def balance(self, request: web.Request) -> web.StreamResponse:
        if "image" in request.headers["accept"]:
            return web.json_response(self.failure(400), status=400)
        return self.denied(request) or web.json_response({"credits": self.credits})

    async def served(self, request: web.Request) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        if request.content_type != "multipart/form-data" or request.headers["accept"] != "image/*":
            raise Wrong(f"{request.content_type} for {request.headers['accept']}")
        path = f"{request.match_info['kind']}/{request.match_info['service']}"
        body = await form_of(request)
        check(path, body)
        self.asked.append(body)
        self.paths.append(path)
        self.users.append(request.headers.get("stability-client-user-id"))
        if self.fault == "refused":
            return web.json_response(self.failure(403), status=403)
        self.billed.append(SERVICES[path][2])
        seed = int(body.get("seed", 0)) or SEED
        reason = "CONTENT_FILTERED" if self.fault == "refused after" else "SUCCESS"
        return web.Response(
            body=self.drawn()[0],
            content_type=f"image/{body['output_format']}",
            headers={"seed": str(seed), "finish-reason": reason},
        )


async def form_of(request: web.Request) -> dict[str, Any]:
    """The form's fields as text, its pictures opened."""
    found: dict[str, Any] = {}
    for name, value in (await request.post()).items():
        if name in found:
            raise Wrong(f"{name} twice")
        found[name] = value
        if isinstance(value, web.FileField):
            data = value.file.read()
            image = Image.open(io.BytesIO(data))
            if Image.MIME[image.format or ""] != value.content_type:
                raise Wrong(f"{value.content_type} is something else")
            if value.content_type not in ("image/png", "image/jpeg", "image/webp"):
                raise Wrong(value.content_type)
            found[name] = image
    return found


def check(path: str, body: dict[str, Any]) -> None:
    needed, known, _ = SERVICES[path]
    only(body, *needed, *known, "output_format")
    if missing := needed - body.keys():
        raise Wrong(f"without {missing}")
    if body["output_format"] not in ("png", "webp"):
        raise Wrong("output format")
    for name in ("prompt", "negative_prompt"):
        if name in body and not 0 < len(body[name]) <= 10_000:
            raise Wrong(name)
    if body.get("aspect_ratio", "1:1") not in ASPECTS:
        raise Wrong(f"aspect {body['aspect_ratio']}")
    if not 0 <= int(body.get("seed", 0)) <= 4_294_967_294:
        raise Wrong(f"seed {body['seed']}")
    if path == "generate/ultra" and ("image" in body) != ("strength" in body):
        raise Wrong("a picture needs a strength, and the other way round")
    if not 0 <= float(body.get("strength", 0)) <= 1:
        raise Wrong(f"strength {body['strength']}")
    if "image" in body:
        check_picture(path, body["image"])
    if path == "edit/outpaint":
        check_directions([int(body.get(each, 0)) for each in ("left", "right", "up", "down")])


def check_picture(path: str, image: Image.Image) -> None:
    short, long = sorted(image.size)
    if short < 64 or short * long > PIXELS.get(path, 16_384 * 16_384):
        raise Wrong(f"size {image.size}")
    if path in LONG and long > 2.5 * short:
        raise Wrong(f"shape {image.size}")
    if path == "upscale/fast" and long > 1536:
        raise Wrong(f"side {long}")


def check_directions(pixels: list[int]) -> None:
    if not any(pixels) or min(pixels) < 0 or max(pixels) > 2000:
        raise Wrong(f"directions {pixels}")
