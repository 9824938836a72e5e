"""ComfyUI as 0.3.64 is: one queue for everybody, a history in memory, events by WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import struct
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from aiohttp import WSMsgType, web
from PIL import Image

from tests.providers.vendors.vendor import Vendor, Wrong, abort, json_of, only, png

INPUTS = {
    "CheckpointLoaderSimple": {"ckpt_name"},
    "CLIPTextEncode": {"clip", "text"},
    "EmptyLatentImage": {"width", "height", "batch_size"},
    "LoadImage": {"image"},
    "LoadImageMask": {"image", "channel"},
    "ImageScale": {"image", "width", "height", "upscale_method", "crop"},
    "VAEEncode": {"pixels", "vae"},
    "SetLatentNoiseMask": {"samples", "mask"},
    "RepeatLatentBatch": {"samples", "amount"},
    "ImageBatch": {"image1", "image2"},
    "KSampler": {
        "model", "positive", "negative", "latent_image", "seed", "steps", "cfg", "sampler_name",
        "scheduler", "denoise",
    },
    "VAEDecode": {"samples", "vae"},
    "SaveImage": {"images", "filename_prefix"},
    "PreviewImage": {"images"},
}  # fmt: skip
"""What each kind of node takes."""
NUMBERS = {"seed", "width", "height", "batch_size", "amount", "steps"}
STEPS = 4
OTHERS = "11111111-1111-4111-8111-111111111111"
"""A run of somebody else's."""


class ComfyVendor(Vendor):
    """Runs one graph at a time.

    `holding` keeps what runs from going on; `ending` makes it end otherwise: an exception's type
    and message. `deaf` refuses connections, `dropping` breaks them after a step.
    """

    def __init__(self) -> None:
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.flags: dict[str, Any] = {}
        self.pending: list[list[Any]] = []
        self.current: list[Any] | None = None
        self.history: dict[str, Any] = {}
        self.uploads: dict[str, bytes] = {}
        self.kept: dict[str, bytes] = {}
        self.interrupted: list[str | None] = []
        self.stopping = False
        self.changed = asyncio.Event()
        self.holding = False
        self.ending: tuple[str, str] | None = None
        self.deaf = self.dropping = self.away = False
        self.forgetful = False
        """Gives names of its own, as servers of before mid-2025 do."""
        self.node_errors: dict[str, Any] = {}
        self.connections = 0
        self.authorized: set[str | None] = set()
        """What calls and connections said of who they are."""
        self.viewing: list[int] = []
        """Statuses that looking at a picture is answered with first."""
        super().__init__()

    def routes(self) -> None:
        add = self.app.router
        add.add_post("/prompt", self.paid(self.prompt))
        add.add_post("/upload/image", self.upload)
        add.add_get("/queue", self.looked(self.queue))
        add.add_post("/queue", self.unqueue)
        add.add_post("/interrupt", self.interrupt)
        add.add_get("/history/{id}", self.looked(self.past))
        add.add_get("/view", self.view)
        add.add_get("/ws", self.listen)
        add.add_get("/object_info", self.object_info)

    def failure(self, status: int) -> dict[str, Any]:
        return {"error": {"type": "failed", "message": "It failed."}} if status != 400 else {}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[ComfyVendor]:
        async with super().running():
            worker = asyncio.create_task(self.work())
            try:
                yield self
            finally:
                worker.cancel()
                for each in list(self.sockets.values()):
                    await each.close()

    def looked(self, handler: Any) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            if self.away:
                abort(request)
                raise asyncio.CancelledError
            return await handler(request)

        return handle

    async def upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        try:
            only(dict(form), "image", "type", "subfolder", "overwrite")
            file = form["image"]
            assert isinstance(file, web.FileField)
            data = file.file.read()
            if Image.MIME[Image.open(io.BytesIO(data)).format or ""] != file.content_type:
                raise Wrong(f"{file.filename} is something else")
        except Wrong as error:
            self.wrong.append(str(error))
            return web.Response(status=400)
        folder = str(form.get("subfolder", ""))
        self.uploads[f"{folder}/{file.filename}" if folder else file.filename] = data
        return web.json_response({"name": file.filename, "subfolder": folder, "type": "input"})

    async def prompt(self, request: web.Request) -> web.StreamResponse:
        self.authorized.add(request.headers.get("authorization"))
        body = await json_of(request)
        only(body, "prompt", "prompt_id", "client_id", "extra_data")
        handle = body["prompt_id"]
        if str(UUID(handle)) != handle:
            raise Wrong(f"prompt_id {handle}")
        if self.node_errors:
            error = {"type": "prompt_outputs_failed_validation", "message": "no", "details": ""}
            answer = {"error": error, "node_errors": self.node_errors}
            return web.json_response(answer, status=400)
        for name, node in body["prompt"].items():
            self.validate(name, node, body["prompt"])
        if self.forgetful:
            handle = "99999999-9999-4999-8999-999999999999"
        self.asked.append(body)
        self.billed.append(handle)
        number = len(self.billed)
        extra = {**body["extra_data"], "client_id": body["client_id"]}
        self.pending.append([number, handle, body["prompt"], extra, ["9"]])
        await self.tell_status()
        self.changed.set()
        return web.json_response({"prompt_id": handle, "number": number, "node_errors": {}})

    def validate(self, name: str, node: dict[str, Any], graph: dict[str, Any]) -> None:
        kind, inputs = node["class_type"], node["inputs"]
        if inputs.keys() != INPUTS[kind]:
            raise Wrong(f"{kind} has {sorted(inputs)}")
        for each, value in inputs.items():
            if isinstance(value, list) and value[0] not in graph:
                raise Wrong(f"node {name} is fed by nobody")
            if isinstance(value, str) and ("{{" in value and "}}" in value and each != "text"):
                raise Wrong(f"{each} is {value}")
            if each in NUMBERS and type(value) is not int:
                raise Wrong(f"{each} is {value!r}")
            if each in ("width", "height") and value % 8:
                raise Wrong(f"{each} is {value}")
            if each == "denoise" and not 0 <= value <= 1:
                raise Wrong(f"denoise is {value}")
        if kind.startswith("LoadImage") and inputs["image"] not in self.uploads:
            raise Wrong(f"there is no {inputs['image']}")

    async def queue(self, request: web.Request) -> web.StreamResponse:
        running = [self.current] if self.current else []
        return web.json_response({"queue_running": running, "queue_pending": self.pending})

    async def unqueue(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request)
        await self.delete(*body["delete"])
        return web.Response()

    async def delete(self, *handles: str) -> None:
        self.pending = [each for each in self.pending if each[1] not in handles]
        await self.tell_status()

    async def interrupt(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request) if request.can_read_body else {}
        self.interrupted.append(body.get("prompt_id"))
        # As older servers do it: whatever runs is stopped.
        self.stopping = True
        self.changed.set()
        return web.Response()

    async def past(self, request: web.Request) -> web.StreamResponse:
        handle = request.match_info["id"]
        found = self.history.get(handle)
        return web.json_response({handle: found} if found else {})

    async def view(self, request: web.Request) -> web.StreamResponse:
        if self.viewing:
            return web.Response(status=self.viewing.pop(0))
        only(dict(request.query), "filename", "subfolder", "type")
        data = self.kept.get(request.query["filename"])
        if data is None:
            return web.Response(status=404)
        return web.Response(body=data, content_type="image/png")

    async def object_info(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({name: {"input": {}} for name in INPUTS})

    async def listen(self, request: web.Request) -> web.StreamResponse:
        if self.deaf:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.authorized.add(request.headers.get("authorization"))
        client = request.query["clientId"]
        self.sockets[client] = socket
        self.connections += 1
        await socket.send_json({"type": "status", "data": {"status": self.status(), "sid": client}})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    found = json.loads(message.data)
                    if found["type"] != "feature_flags":
                        self.wrong.append(f"the socket said {found['type']}")
                    self.flags[client] = found["data"]
        finally:
            if self.sockets.get(client) is socket:
                del self.sockets[client]
        return socket

    def status(self) -> dict[str, Any]:
        remaining = len(self.pending) + bool(self.current)
        return {"exec_info": {"queue_remaining": remaining}}

    async def tell_status(self) -> None:
        for each in list(self.sockets):
            await self.tell(each, "status", {"status": self.status()})

    async def tell(self, client: str, kind: str, data: dict[str, Any]) -> None:
        socket = self.sockets.get(client)
        if socket is not None and not socket.closed:
            with contextlib.suppress(ConnectionError):
                await socket.send_json({"type": kind, "data": data})

    async def show(self, client: str, handle: str, node: str) -> None:
        """A preview; to who does not know of metadata, one that may be anybody's."""
        socket = self.sockets.get(client)
        if socket is None or socket.closed:
            return
        picture = png("gray", (16, 16))
        about = json.dumps({"node_id": node, "prompt_id": handle, "image_type": "image/png"})
        with contextlib.suppress(ConnectionError):
            await socket.send_bytes(struct.pack(">II", 1, 2) + png("red", (8, 8)))
            if self.flags.get(client, {}).get("supports_preview_metadata"):
                head = struct.pack(">II", 4, len(about))
                await socket.send_bytes(head + about.encode() + picture)

    async def work(self) -> None:
        while True:
            self.changed.clear()
            if not self.pending:
                await self.changed.wait()
                continue
            self.pending.sort(key=lambda each: each[0])
            self.current = self.pending.pop(0)
            await self.tell_status()
            _, handle, graph, extra, _ = self.current
            await self.execute(handle, graph, extra.get("client_id", ""))

    async def execute(self, handle: str, graph: dict[str, Any], client: str) -> None:
        ours = {"prompt_id": handle}
        messages: list[Any] = [["execution_start", ours]]
        await self.tell(client, "execution_start", ours)
        await self.tell(client, "execution_cached", {"nodes": ["1"], **ours})
        await self.tell(client, "execution_interrupted", {"prompt_id": OTHERS, "node_id": "1"})
        ended = await self.steps(handle, graph, client)
        outputs: dict[str, Any] = {}
        if self.current is None:
            return
        if ended is None:
            outputs = self.outputs(handle, graph)
            await self.tell(client, "execution_success", ours)
            messages.append(["execution_success", ours])
        else:
            kind, about = ended
            about = {**about, **ours, "node_id": "7", "node_type": "KSampler"}
            await self.tell(client, kind, about)
            messages.append([kind, about])
        await asyncio.sleep(0.01)
        said = {"status_str": "error" if ended else "success", "completed": not ended,
                "messages": messages}  # fmt: skip
        entry = {"prompt": self.current, "outputs": outputs, "status": said, "meta": {}}
        self.history[handle], self.current = entry, None
        await self.tell_status()
        await self.tell(client, "executing", {"node": None, **ours})

    async def steps(
        self, handle: str, graph: dict[str, Any], client: str
    ) -> tuple[str, dict[str, Any]] | None:
        ours = {"prompt_id": handle}
        for step in range(1, STEPS + 1):
            state = {"value": step, "max": STEPS, "state": "running", "node_id": "7", **ours}
            await self.tell(client, "progress_state", {"nodes": {"7": state}, **ours})
            await self.show(client, handle, "7")
            if self.dropping:
                await self.drop()
            await asyncio.sleep(0.01)
            while self.holding and not self.stopping and self.current:
                await asyncio.sleep(0.01)
            if self.stopping:
                self.stopping = False
                return "execution_interrupted", {"executed": []}
        if self.ending:
            kind, message = self.ending
            return "execution_error", {"exception_type": kind, "exception_message": message}
        return None

    def outputs(self, handle: str, graph: dict[str, Any]) -> dict[str, Any]:
        [(name, last)] = [
            (name, each["class_type"])
            for name, each in graph.items()
            if each["class_type"] in ("SaveImage", "PreviewImage")
        ]
        inputs = [each["inputs"] for each in graph.values()]
        count = next((v for each in inputs for k, v in each.items()
                      if k in ("batch_size", "amount")), 1)  # fmt: skip
        images = []
        for number, data in enumerate(self.drawn(count)):
            file = f"{handle}_{number}_.png"
            self.kept[file] = data
            kind = "output" if last == "SaveImage" else "temp"
            images.append({"filename": file, "subfolder": "", "type": kind})
        return {name: {"images": images}}

    async def drop(self) -> None:
        """Break every connection."""
        for each in list(self.sockets.values()):
            await each.close()

    async def restart(self) -> None:
        """Forget everything but files."""
        await self.drop()
        self.pending, self.current, self.history = [], None, {}
        self.holding = False

    def others(self, count: int) -> None:
        """Have somebody else's runs in the queue before ours, in no order."""
        graph = {"9": {"class_type": "SaveImage", "inputs": {"images": [], "filename_prefix": ""}}}
        added = [
            [number - count, OTHERS.replace("1", str(number)), graph, {}, []]
            for number in range(count)
        ]
        self.pending += reversed(added)
        self.changed.set()
