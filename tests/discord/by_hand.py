"""A bot of no library: one request after the other, as it is written down."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp

from tests.discord.person import Person
from tests.discord.server import SimulatedDiscord
from tests.discord.world import Interaction


class ByHand:
    """Asks the HTTP API."""

    def __init__(self, discord: SimulatedDiscord, http: aiohttp.ClientSession) -> None:
        self.discord, self.http = discord, http

    async def ask(
        self, method: str, path: str, body: Any = None, files: dict[str, bytes] | None = None
    ) -> tuple[int, Any]:
        data: Any = None if body is None else json.dumps(body)
        kind = {"Content-Type": "application/json"}
        if files is not None:
            data, kind = aiohttp.FormData(), {}
            data.add_field("payload_json", json.dumps(body))
            for number, (name, content) in enumerate(files.items()):
                data.add_field(f"files[{number}]", io.BytesIO(content), filename=name)
        url = self.discord.api_url + path
        async with self.http.request(method, url, data=data, headers=kind) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith(("{", "[")) else text

    async def asked(self, anna: Person, channel: str, kind: int = 2) -> Interaction:
        """An interaction that waits to be answered."""
        data = {"id": "1", "name": "draw", "type": 1, "custom_id": "x"}
        payload = anna.place(channel).payload(kind, data, None)
        if kind == 3:
            _, message = await self.ask("POST", f"/channels/{channel}/messages", {"content": "x"})
            payload["message"] = message
        found = Interaction(payload, self.discord.world.clock())
        self.discord.world.interactions[payload["id"]] = found
        self.discord.world.tokens[payload["token"]] = found
        return found

    async def answer(self, asked: Interaction, kind: int, data: Any = None) -> tuple[int, Any]:
        payload = asked.payload
        path = f"/interactions/{payload['id']}/{payload['token']}/callback"
        return await self.ask("POST", path, {"type": kind} | ({"data": data} if data else {}))


def complaint(told: dict[str, Any], place: str) -> list[Any]:
    """What Discord's nested errors say of one place."""
    found = told["errors"]
    for step in place.split("."):
        found = found.get(step, {})
    return found.get("_errors", [])
