"""The HTTP API: reading requests, and finding who answers them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from tests.discord.refusals import Refusal, parsed, unknown
from tests.discord.rules import Upload
from tests.discord.world import VIEW

if TYPE_CHECKING:
    from tests.discord.server import SimulatedDiscord

Found = TypeVar("Found", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True)
class Call:
    """One request, read."""

    path: dict[str, str]
    query: dict[str, str]
    body: Any
    files: list[Upload]
    fields: dict[str, str]


@dataclass(frozen=True)
class Body:
    """What a request carries: JSON, and the files and fields of a form."""

    json: Any
    files: list[Upload]
    fields: dict[str, str]
    multipart: bool


@dataclass(frozen=True)
class Created:
    """An answer about something new."""

    body: Any


def route(method: str, path: str) -> Callable[[Found], Found]:
    """Say which requests a method answers; `{name}` in the path becomes `call.path[name]`."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)

    def mark(handler: Found) -> Found:
        handler.__dict__.setdefault("routes", []).append((method, re.compile(pattern)))
        return handler

    return mark


class Area:
    """A part of the API."""

    def __init__(self, base: SimulatedDiscord) -> None:
        self.base = base
        self.world, self.gateway = base.world, base.gateway
        self.files, self.messages = base.files, base.messages

    def routes(self) -> list[tuple[str, re.Pattern[str], Callable[[Call], Awaitable[Any]]]]:
        """Every route of this part with the method that answers it."""
        found = []
        for name in dir(type(self)):
            for method, pattern in getattr(getattr(type(self), name), "routes", None) or []:
                found.append((method, pattern, getattr(self, name)))
        return found

    def reach(self, channel_id: str, needed: int = VIEW) -> dict[str, Any]:
        """A channel in which the bot may do what it is about to."""
        channel = self.world.channels.get(channel_id)
        if channel is None:
            raise unknown("Channel", 10003)
        allowed = self.world.bot_permissions(channel_id)
        if not allowed & VIEW:
            raise Refusal(403, 50001, "Missing Access")
        if needed & ~allowed:
            raise Refusal(403, 50013, "Missing Permissions")
        return channel


async def read_body(request: web.Request) -> Body:
    """JSON, or the parts of a form."""
    if request.content_type != "multipart/form-data":
        return Body(parsed(await request.text()), [], {}, multipart=False)
    body: Any = None
    files: list[Upload] = []
    fields: dict[str, str] = {}
    async for part in await request.multipart():
        if part.name == "payload_json":
            body = parsed(await part.text())
        elif part.filename is not None:
            files.append((part.filename, bytes(await part.read())))
            fields[part.name or ""] = ""
        else:
            fields[part.name or ""] = await part.text()
    return Body(body, files, fields, multipart=True)
