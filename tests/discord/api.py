"""Taking requests: who asks, how often, whether it conforms, and who answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.discord import conformance
from tests.discord.faults import Fault, answer, too_many
from tests.discord.ratelimits import RateLimits, Verdict
from tests.discord.refusals import Refusal
from tests.discord.rest import Area, Body, Call, Created, read_body
from tests.discord.rest_account import Account
from tests.discord.rest_channels import Channels
from tests.discord.rest_guilds import Guilds
from tests.discord.rest_interactions import Interactions

if TYPE_CHECKING:
    from tests.discord.server import SimulatedDiscord

Handler = Callable[[Call], Awaitable[Any]]

OPEN = re.compile(r"/interactions/|/webhooks/\d+/|/gateway$")
"""Requests that need no bot token: some carry a token of their own."""


class Api:
    """The HTTP API, and an account of everything that was asked of it."""

    def __init__(self, base: SimulatedDiscord, rate_limits: float, *, checks_itself: bool) -> None:
        self.world = base.world
        self.limits = RateLimits(rate_limits)
        self.checks_itself = checks_itself
        self.requests: list[str] = []
        self.lately: deque[str] = deque(maxlen=20)
        self.violations: list[str] = []
        self.rate_limited = 0
        self.invalid_requests = 0
        self.faults: list[Fault] = []
        self.latency = 0.0
        self.down = False
        areas: list[Area] = [each(base) for each in (Account, Interactions, Channels, Guilds)]
        self.routes = [each for area in areas for each in area.routes()]

    async def on_request(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        self.requests.append(f"{request.method} {path}")
        if self.latency:
            await asyncio.sleep(self.latency)
        if self.down:
            return web.Response(status=503, text="<html>upstream connect error</html>")
        fault = self.fault_for(request.method, path)
        if fault is not None and not fault.after:
            return self.answered(request, fault.answer(request))
        carried_out = await self.carry_out(request, path)
        done = carried_out if fault is None else fault.answer(request)
        return self.answered(request, done)

    def answered(self, request: web.Request, given: web.Response) -> web.Response:
        """Keep account of an answer, and of what went wrong for when a test asks."""
        body = given.body if isinstance(given.body, bytes) else b""
        why = "" if given.status < 400 else body[:300].decode(errors="replace")
        self.lately.append(f"{request.method} {request.path} → {given.status} {why}")
        self.rate_limited += given.status == 429
        self.invalid_requests += given.status in (401, 403, 429)
        return given

    async def carry_out(self, request: web.Request, path: str) -> web.Response:
        named = request.headers.get("Authorization")
        if named != f"Bot {self.world.token}" and (named is not None or not OPEN.match(path)):
            return answer({"message": "401: Unauthorized", "code": 0}, status=401)
        verdict = self.limits.ask(request.method, path)
        if verdict.wait is not None:
            return too_many(verdict)
        try:
            body = await read_body(request)
        except Refusal as refusal:
            return answer(refusal.body, refusal.status, verdict.headers)
        told, query = f"{request.method} {path}", dict(request.query)
        names = [name for name, value in body.fields.items() if value == ""]
        content = body.fields if body.json is None and body.fields else body.json
        self.violations += conformance.check(told, content, query, names)
        return await self.run(told, query, body, verdict)

    async def run(
        self, told: str, query: dict[str, str], body: Body, verdict: Verdict
    ) -> web.Response:
        """Find who answers a request, and let them."""
        method, path = told.split(" ", 1)
        for kind, pattern, handler in self.routes:
            if kind == method and (match := pattern.fullmatch(path)):
                call = Call(match.groupdict(), query, body.json or {}, body.files, body.fields)
                return await self.answer(told, handler, call, verdict)
        return answer({"message": "404: Not Found", "code": 0}, status=404)

    async def answer(
        self, told: str, handler: Handler, call: Call, verdict: Verdict
    ) -> web.Response:
        """Let a request be carried out, and put what came of it into Discord's form."""
        try:
            result = await handler(call)
        except Refusal as refusal:
            return answer(refusal.body, refusal.status, verdict.headers)
        finally:
            await self.world.ring()
        status = 201 if isinstance(result, Created) else 204 if result is None else 200
        result = result.body if isinstance(result, Created) else result
        if self.checks_itself:
            seen = json.loads(json.dumps(result))
            self.violations += conformance.check_answer(told, status, seen)
        if result is None:
            return web.Response(status=204, headers=verdict.headers)
        return answer(result, status, verdict.headers)

    def fault_for(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.matches(method, path):
                fault.times -= 1
                return fault
        return None
