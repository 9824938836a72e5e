"""What ComfyUI tells of a run while it draws, by its WebSocket.

Only hints: how far it is, what it looks like by now, and when to look again. Whether it is over is
looked up, so a connection that breaks, or cannot be made at all, loses nothing but the progress.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.pictures import Progress
from providers.comfyui.reading import listed, mapping

if TYPE_CHECKING:
    import aiohttp

FLAGS = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
"""Asks for previews that say whose they are; the first thing that is sent."""
PREVIEW = 4
"""The kind of frame that says so. The older kind 1 may be somebody else's picture."""
HEAD = struct.Struct(">II")
"""Of such a frame: its kind, and how long the JSON before the picture is."""
LARGEST = 8 * 1024 * 1024
"""Bytes of one message."""
BEAT, GREETING = 20.0, 5.0
"""Seconds between two signs of life, and to wait for a connection."""
LAST_WORDS = 0.3
"""Seconds in which a connection that is broken shows it."""
TURNS = {"execution_start", "execution_success", "execution_error", "execution_interrupted"}
"""What changes how a run stands."""


@dataclass(frozen=True)
class Look:
    """It is time to look how the run stands: at once, or when somebody else's has moved, soon."""

    at_once: bool = True


@dataclass
class Steps:
    """How far a run is, by its nodes."""

    weights: Mapping[str, float]
    done: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def fraction(self) -> float:
        whole = sum(self.weights.values()) or 1
        return min(sum(self.weights[each] * part for each, part in self.done.items()) / whole, 1)

    def at(self, node: Any, part: float) -> None:
        """Note how much of a node is done; it never becomes less."""
        if isinstance(node, str) and node in self.weights:
            self.done[node] = max(self.done.get(node, 0.0), min(max(part, 0.0), 1.0))

    def heard(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Take a message into account; False where it says nothing of progress."""
        if kind == "execution_cached":
            for each in listed(data.get("nodes")):
                self.at(each, 1)
        elif kind == "progress":
            self.at(data.get("node"), share(data))
        elif kind == "progress_state":
            for name, state in mapping(data.get("nodes")).items():
                part = 1.0 if mapping(state).get("state") == "finished" else share(mapping(state))
                self.at(name, part)
        elif kind == "executed":
            self.at(data.get("node"), 1)
        else:
            return False
        return True


def share(data: Mapping[str, Any]) -> float:
    value, most = data.get("value"), data.get("max")
    if isinstance(value, (int, float)) and isinstance(most, (int, float)) and most > 0:
        return value / most
    return 0.0


class Listener:
    """The events of one run, for which it has a connection of its own."""

    def __init__(self, base_url: str, handle: str, weights: Mapping[str, float]) -> None:
        self.address, self.handle = f"{base_url}/ws", handle
        self.steps = Steps(weights)
        self.session: aiohttp.ClientSession | None = None
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self.preview: bytes | None = None
        self.lost = False
        """Whether there was ever a time when nobody listened."""

    async def connect(self) -> None:
        """Listen, or go on without."""
        import aiohttp

        if self.session is None:
            # It is on the operator's own network: the environment's proxies are not for it.
            self.session = aiohttp.ClientSession(trust_env=False)
        try:
            async with asyncio.timeout(GREETING):
                self.socket = await self.session.ws_connect(
                    self.address,
                    params={"clientId": self.handle},
                    heartbeat=BEAT,
                    max_msg_size=LARGEST,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),  # pyright: ignore[reportCallIssue]  # attrs
                )
                await self.socket.send_json(FLAGS)
        except (aiohttp.ClientError, OSError, ValueError):
            await self.drop()

    async def drop(self) -> None:
        self.lost = True
        if self.socket is not None:
            await self.socket.close()
            self.socket = None

    async def next(self, seconds: float) -> Progress | Look | None:
        """What is told next; None for something of no concern, or nothing within `seconds`."""
        import aiohttp

        assert self.socket is not None
        try:
            message = await self.socket.receive(timeout=seconds)
        except TimeoutError:
            return Look()
        if message.type is aiohttp.WSMsgType.TEXT:
            return self.told(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            return self.shown(message.data)
        await self.drop()
        return Look()

    def told(self, text: str) -> Progress | Look | None:
        try:
            found = mapping(json.loads(text))
        except ValueError:
            return None
        kind, data = str(found.get("type")), mapping(found.get("data"))
        if kind == "status":
            return Look(at_once=False)
        if data.get("prompt_id") != self.handle:
            return None
        if kind in TURNS or (kind == "executing" and data.get("node") is None):
            return Look()
        # A preview comes right behind its progress, and who is told takes few of either: so each
        # comes with the newest there is.
        heard = self.steps.heard(kind, data)
        return Progress(self.steps.fraction, self.preview) if heard else None

    def shown(self, frame: bytes) -> Progress | None:
        """A preview of ours."""
        if len(frame) < HEAD.size:
            return None
        kind, length = HEAD.unpack_from(frame)
        if kind != PREVIEW or HEAD.size + length >= len(frame):
            return None
        try:
            about = mapping(json.loads(frame[HEAD.size : HEAD.size + length]))
        except ValueError:
            return None
        if about.get("prompt_id") != self.handle:
            return None
        self.preview = frame[HEAD.size + length :]
        return Progress(self.steps.fraction, self.preview)

    async def was_lost(self) -> bool:
        """Whether ComfyUI may have been restarted: what it said last is read to its end first."""
        until = time.monotonic() + LAST_WORDS
        while self.socket is not None and (left := until - time.monotonic()) > 0:
            await self.next(left)
        return self.lost

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()
        if self.session is not None:
            await self.session.close()
