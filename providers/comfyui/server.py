"""ComfyUI's routes: pictures up and down, a workflow into the queue, how one stands there.

Everything but handing a workflow in is looking, which is free and so done more than once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from core.errors import BadRequest, OutOfReach, ProviderError, ServerFailed, UnknownOutcome
from providers.comfyui.reading import File, listed, mapping, translate
from providers.wire import Answer, Wire

READING = 60.0
"""Seconds that one answer may take: it answers at once, however long it draws."""
MISSES = 3
"""Looks in a row that may fail."""
FOLDER = "atelier"
"""Where pictures we give lie in ComfyUI's own input folder."""
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"GIF8")


@dataclass(frozen=True)
class Over:
    """It has run, or failed to."""

    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Waiting:
    """It is drawn now, or after `ahead` others."""

    ahead: int


Standing = Over | Waiting | None
"""None: ComfyUI does not know it."""


class Server:
    """One ComfyUI. Raises `OutOfReach` where it cannot be looked at just now."""

    def __init__(self, label: str, base_url: str, *, reading: float, pause: float) -> None:
        self.label, self.pause = label, pause
        self.base_url = base_url.rstrip("/")
        self.wire = Wire(label, base_url, {}, translate, reading=reading, local=True)

    async def greeted(self) -> None:
        """Say nothing, but notice when nobody is there."""
        await self.wire.get("queue")

    async def upload(self, data: bytes, mime_type: str) -> str:
        """Give a picture; returns what a node that loads pictures calls it.

        The name is by its content, so the same picture is kept there once.
        """
        name = f"{sha256(data).hexdigest()[:32]}.{mime_type.removeprefix('image/')}"
        answer = await self.wire.post(
            "upload/image",
            paid=False,
            data={"type": "input", "subfolder": FOLDER, "overwrite": "true"},
            files={"image": (name, data, mime_type)},
        )
        found = self.object_in(answer)
        folder = found.get("subfolder") or ""
        return "/".join(each for each in (str(folder), str(found.get("name") or name)) if each)

    async def submit(self, graph: Mapping[str, Any], handle: str) -> dict[str, Any]:
        """Put a graph into the queue under our own name for it."""
        body = {
            "prompt": graph,
            "prompt_id": handle,
            # A name of its own for each call, so that nobody else's events come with ours.
            "client_id": handle,
            "extra_data": {"preview_method": "auto"},
        }
        return (await self.wire.post("prompt", json=body)).json()

    async def standing(self, handle: str) -> Standing:
        """How a run stands; the history once more at the end, for it may just have moved there."""
        for last in (False, True):
            history = await self.looked_at(f"history/{quote(handle, safe='')}")
            if handle in history:
                return Over(mapping(history[handle]))
            if last:
                return None
            queue = await self.looked_at("queue")
            running = [identity(each) for each in listed(queue.get("queue_running"))]
            if handle in running:
                return Waiting(0)
            # It is a heap, so its order says nothing and the numbers everything.
            waiting = sorted(
                (rank(each), identity(each)) for each in listed(queue.get("queue_pending"))
            )
            names = [name for _, name in waiting]
            if handle in names:
                return Waiting(len(running) + names.index(handle))
        return None

    async def looked_at(self, path: str) -> dict[str, Any]:
        answer = await self.patiently(path)
        return await asyncio.to_thread(self.object_in, answer)

    async def patiently(self, path: str, **content: Any) -> Answer:
        for miss in range(1, MISSES + 1):
            try:
                return await self.wire.get(path, **content)
            except ProviderError as error:
                if miss == MISSES:
                    raise OutOfReach(
                        f"{self.label} has this and cannot be reached just now. I will look for "
                        "it again."
                    ) from error
            await asyncio.sleep(self.pause)
        raise AssertionError

    async def picture(self, file: File) -> bytes:
        """A picture it drew. Raises `ProviderError` where that is gone, or is none."""
        query = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        try:
            answer = await self.patiently("view", params=query)
        except OutOfReach as error:
            if isinstance(error.__cause__, BadRequest):
                raise ProviderError(
                    f"{self.label} did not keep what it drew. Ask again."
                ) from error
            raise
        if not answer.body.startswith(SIGNATURES):
            raise BadRequest(f"The workflow of {self.label} makes something that is no picture.")
        return answer.body

    async def cancel(self, handle: str) -> None:
        """Take it out of the queue, or stop it where it is drawn; nobody else's is touched."""
        await self.wire.post("queue", paid=False, json={"delete": [handle]})
        queue = self.object_in(await self.wire.get("queue"))
        # Older servers stop whatever runs, whomever they are told to stop: so look first.
        if handle in [identity(each) for each in listed(queue.get("queue_running"))]:
            await self.wire.post("interrupt", paid=False, json={"prompt_id": handle})

    async def node_types(self) -> dict[str, Any]:
        return self.object_in(await self.wire.get("object_info"))

    def object_in(self, answer: Answer) -> dict[str, Any]:
        """The JSON object of an answer that costs nothing."""
        try:
            return answer.json()
        except UnknownOutcome as error:
            raise ServerFailed(f"{self.label} answers with nonsense. I will try again.") from error

    async def close(self) -> None:
        await self.wire.close()


def identity(item: Any) -> str:
    """Whose run an item of the queue is: `[number, prompt_id, …]`."""
    found = listed(item)
    return str(found[1]) if len(found) > 1 else ""


def rank(item: Any) -> float:
    found = listed(item)
    return float(found[0]) if found and isinstance(found[0], (int, float)) else 0.0
