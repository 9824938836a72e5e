"""AUTOMATIC1111's API: one drawing at a time, whose answer only its caller gets.

The real one ignores fields it does not know; here they are an error, for nobody would notice.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from PIL import Image

from tests.providers.vendors.vendor import Vendor, Wrong, json_of, only, png

FIELDS = (
    "prompt", "negative_prompt", "seed", "width", "height", "batch_size", "n_iter", "send_images",
    "save_images", "force_task_id", "override_settings",
)  # fmt: skip
SOURCED = (
    "init_images", "denoising_strength", "resize_mode", "mask", "inpainting_fill",
    "inpaint_full_res", "inpainting_mask_invert",
)  # fmt: skip
MODELS = [
    {"title": "juggernaut_xl.safetensors [aa11]", "model_name": "juggernaut_xl"},
    {"title": "dreamshaper_8.safetensors [bb22]", "model_name": "dreamshaper_8"},
]


class A1111Vendor(Vendor):
    """`holding` keeps a drawing from ending, `busy` has somebody else's before ours."""

    def __init__(self) -> None:
        self.holding = self.busy = self.without_pages = self.names_tasks = self.grid = False
        self.current: str | None = None
        self.waiting: set[str] = set()
        self.interrupted = 0
        self.stopping = False
        self.looks: list[str] = []
        super().__init__()

    def routes(self) -> None:
        add = self.app.router
        add.add_post("/sdapi/v1/txt2img", self.paid(self.txt2img))
        add.add_post("/sdapi/v1/img2img", self.paid(self.img2img))
        add.add_post("/internal/progress", self.own_progress)
        add.add_get("/sdapi/v1/progress", self.any_progress)
        add.add_post("/sdapi/v1/interrupt", self.interrupt)
        add.add_get("/sdapi/v1/sd-models", self.models)

    def failure(self, status: int) -> dict[str, Any]:
        return {"error": "HTTPException", "detail": "", "body": "", "errors": "It failed."}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[A1111Vendor]:
        async with super().running():
            yield self

    async def txt2img(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request)
        only(body, *FIELDS)
        return await self.drawn_for(body)

    async def img2img(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request)
        only(body, *FIELDS, *SOURCED)
        [source] = body["init_images"]
        Image.open(io.BytesIO(base64.b64decode(source, validate=True))).verify()
        if not 0 <= body["denoising_strength"] <= 1:
            raise Wrong("denoising_strength")
        if "mask" in body and body["inpainting_mask_invert"] != 0:
            raise Wrong("the mask is upside down")
        return await self.drawn_for(body)

    async def drawn_for(self, body: dict[str, Any]) -> web.StreamResponse:
        if body["width"] % 8 or body["height"] % 8 or body["batch_size"] != 1:
            raise Wrong("size")
        wanted = body.get("override_settings", {}).get("sd_model_checkpoint", "juggernaut_xl")
        if wanted not in [each["model_name"] for each in MODELS]:
            return web.json_response({"detail": "Model not found"}, status=404)
        if self.fault == "memory":
            error = {"error": "OutOfMemoryError", "detail": "", "body": "",
                     "errors": "CUDA out of memory."}  # fmt: skip
            return web.json_response(error, status=500)
        self.asked.append(body)
        self.billed.append(body["n_iter"])
        await self.draw(body["force_task_id"])
        count = body["n_iter"]
        first = 7 if body["seed"] == -1 else body["seed"]
        images = self.encoded(count)
        if self.grid:
            images = [base64.b64encode(png("white")).decode(), *images]
        info = {
            "seed": first,
            "all_seeds": [first + number for number in range(count)],
            "index_of_first_image": int(self.grid),
            "sd_model_name": wanted,
        }
        return web.json_response({"images": images, "parameters": {}, "info": json.dumps(info)})

    async def draw(self, task: str) -> None:
        self.waiting.add(task)
        while self.busy:
            self.current = "somebody else's"
            await asyncio.sleep(0.01)
        self.waiting.discard(task)
        self.current, self.stopping = task, False
        while self.holding and not self.stopping:
            await asyncio.sleep(0.01)
        self.current = None

    async def own_progress(self, request: web.Request) -> web.StreamResponse:
        if self.without_pages:
            return web.json_response({"detail": "Not Found"}, status=404)
        body = await json_of(request)
        only(body, "id_task", "id_live_preview", "live_preview")
        self.looks.append(body["id_task"])
        active = body["id_task"] == self.current
        picture = f"data:image/png;base64,{base64.b64encode(png('gray')).decode()}"
        return web.json_response({
            "active": active, "queued": body["id_task"] in self.waiting, "completed": False,
            "progress": 0.4 if active else None, "live_preview": picture if active else None,
        })  # fmt: skip

    async def any_progress(self, request: web.Request) -> web.StreamResponse:
        only(dict(request.query), "skip_current_image")
        return web.json_response({
            "progress": 0.4, "current_image": base64.b64encode(png("red")).decode(),
            "current_task": self.current if self.names_tasks else None,
        })  # fmt: skip

    async def interrupt(self, request: web.Request) -> web.StreamResponse:
        self.interrupted += 1
        self.stopping = True
        return web.json_response({})

    async def models(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(MODELS)
