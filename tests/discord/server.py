"""The simulated Discord as a server: routing, rate limits, faults, life and death."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.discord import conformance
from tests.discord.gateway import Gateway
from tests.discord.person import Person
from tests.discord.rest import ROUTES, Call, Rest, read_body
from tests.discord.rules import Refusal
from tests.discord.world import MEMBER, Guild, World, member, snowflake, user

API = "/api/v10"
BUCKET = (5, 5.0)
"""Requests and seconds, for sending and editing messages in one channel."""


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with the bare content type that Discord sends."""
    headers = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


@dataclass
class Fault:
    """Something that goes wrong with the next matching requests."""

    method: str
    path: re.Pattern[str]
    status: int
    times: int
    retry_after: float
    after: bool
    """Whether the request is carried out first, and only its answer is lost."""


class SimulatedDiscord:
    """Open it with `async with`; see the package's words for how to use it."""

    def __init__(self, *, rate_limits: bool = True) -> None:
        self.world = World()
        self.rest = Rest(self.world, self)
        self.gateway = Gateway(self.world, self)
        self.rate_limits = rate_limits
        self.rate_limited = 0
        self.requests: list[str] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.buckets: dict[str, list[float]] = defaultdict(list)
        self.outage_on = False
        self.port = 0

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{API}"

    @property
    def cdn_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    @property
    def token(self) -> str:
        return self.world.token

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self.on_file)
        app.router.add_route("*", API + "/{path:.*}", self.on_request)
        self.runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = self.runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.drop(resumable=False)
        await self.runner.cleanup()

    async def on_file(self, request: web.Request) -> web.Response:
        """The CDN: signed links only."""
        found = self.world.files.get(request.match_info["id"])
        signed = {"ex", "is", "hm"} <= request.query.keys()
        if found is None or not signed or found[0] != request.match_info["name"]:
            raise web.HTTPNotFound
        return web.Response(body=found[1])

    async def on_request(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        self.requests.append(f"{request.method} {path}")
        if self.outage_on:
            return web.Response(status=503, text="<html>upstream connect error</html>")
        fault = self.fault_for(request.method, path)
        if fault is not None and not fault.after:
            return self.failing(request, fault)
        carried_out = await self.carry_out(request, path)
        return self.failing(request, fault) if fault is not None else carried_out

    async def carry_out(self, request: web.Request, path: str) -> web.StreamResponse:
        if not request.headers.get("Authorization") and path.startswith(("/users", "/channels")):
            return answer({"message": "401: Unauthorized", "code": 0}, status=401)
        limited = self.limit(request.method, path)
        if limited is not None:
            return limited
        body, files, multipart = await read_body(request)
        self.violations += conformance.check(request.method, path, body, multipart=multipart)
        for method, pattern, name in ROUTES:
            match = re.fullmatch(pattern, path)
            if method == request.method and match:
                call = Call(match, dict(request.query), body, files)
                return await self.run(getattr(self.rest, name), call)
        return answer({"message": "404: Not Found", "code": 0}, status=404)

    async def run(self, handler: Any, call: Call) -> web.Response:
        try:
            result = await handler(call)
        except Refusal as refusal:
            return answer(refusal.body, status=refusal.status)
        finally:
            await self.world.ring()
        return web.Response(status=204) if result is None else answer(result)

    def limit(self, method: str, path: str) -> web.Response | None:
        """Refuse more than Discord takes: messages of one channel share a bucket."""
        found = re.match(r"/(channels/\d+)/messages", path)
        if not self.rate_limits or found is None or method == "GET":
            return None
        count, seconds = BUCKET
        times = self.buckets[f"{method} {found[1]}"]
        moment = time.monotonic()
        times[:] = [each for each in times if each > moment - seconds]
        if len(times) < count:
            times.append(moment)
            return None
        self.rate_limited += 1
        wait = times[0] + seconds - moment
        return self.too_many(wait)

    def too_many(self, wait: float) -> web.Response:
        headers = {
            "X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0", "Via": "1.1 simulated",
            "X-RateLimit-Reset-After": f"{wait:.3f}", "X-RateLimit-Bucket": "messages",
            "Retry-After": f"{wait:.3f}",
        }  # fmt: skip
        body = {"message": "You are being rate limited.", "retry_after": wait, "global": False}
        return answer(body, status=429, headers=headers)

    def fault_for(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method == method and fault.path.search(path):
                fault.times -= 1
                return fault
        return None

    def failing(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.status == 0:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault.status == 429:
            return self.too_many(fault.retry_after)
        return web.Response(status=fault.status, text="<html>it broke</html>")

    def fail_next(
        self,
        method: str,
        path: str,
        status: int = 500,
        *,
        times: int = 1,
        retry_after: float = 0.2,
        after: bool = False,
    ) -> None:
        """Let requests fail; status 0 cuts the connection."""
        self.faults.append(Fault(method, re.compile(path), status, times, retry_after, after))

    @contextlib.asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Discord is down: no connection, and 503 to everything."""
        self.outage_on = self.gateway.down = True
        await self.gateway.drop()
        try:
            yield
        finally:
            self.outage_on = self.gateway.down = False

    async def drop_connections(self) -> None:
        await self.gateway.drop()

    def advance(self, minutes: float) -> None:
        """Let time pass for tokens and three-second limits."""
        self.world.shift += minutes * 60

    def guild(self, name: str, channels: list[str], *, has_bot: bool = True) -> Made:
        """Found a server; the bot is in it unless it is said not to be."""
        guild = Guild(snowflake(), name, has_bot=has_bot)
        self.world.guilds[guild.id] = guild
        for each in channels:
            channel = {
                "id": snowflake(), "type": 0, "guild_id": guild.id, "name": each, "position": 0,
                "permission_overwrites": [], "nsfw": False, "topic": None, "parent_id": None,
                "rate_limit_per_user": 0, "flags": 0, "last_message_id": None,
            }  # fmt: skip
            guild.channels[channel["id"]] = self.world.channels[channel["id"]] = channel
        return Made(self, guild)

    def dm_channel(self, user_id: str) -> dict[str, Any]:
        """The direct messages between the bot and somebody."""
        for channel in self.world.channels.values():
            if channel["type"] == 1 and channel["recipients"][0]["id"] == user_id:
                return channel
        people = {each["user"]["id"]: each["user"] for guild in self.world.guilds.values()
                  for each in guild.members.values()}  # fmt: skip
        channel = {"id": snowflake(), "type": 1, "recipients": [people[user_id]], "flags": 0,
                   "last_message_id": None}  # fmt: skip
        self.world.channels[channel["id"]] = channel
        return channel

    async def until(self, wanted: Any, timeout: float = 15.0) -> Any:
        """Wait until something is so; fails with what was requested lately."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            if (found := wanted()) is not None and found is not False:
                return found
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                lately = "\n".join(self.requests[-15:])
                raise AssertionError(f"it did not happen within {timeout} s; lately:\n{lately}")
            async with self.world.changed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.world.changed.wait(), min(left, 0.25))

    async def connected(self) -> None:
        await self.until(lambda: self.gateway.connected and self.world.commands)


class Made:
    """A server as tests hold it: its channels by name, and a way to let people in."""

    def __init__(self, discord: SimulatedDiscord, guild: Guild) -> None:
        self.discord, self.state, self.id = discord, guild, guild.id

    def __getitem__(self, name: str) -> str:
        """A channel's ID by its name."""
        return next(each["id"] for each in self.state.channels.values() if each["name"] == name)

    def member(self, name: str, permissions: int = 0) -> Person:
        person = user(name)
        self.state.members[person["id"]] = member(person)
        self.state.permissions[person["id"]] = MEMBER | permissions
        return Person(self.discord, person, self.state)
