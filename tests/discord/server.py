"""The simulated Discord as a server: what it takes, how it answers, life and death."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.discord.api import Api
from tests.discord.faults import Fault
from tests.discord.files import Files
from tests.discord.gateway import Gateway
from tests.discord.messages import Messages
from tests.discord.person import Person
from tests.discord.world import (
    CONTENT_INTENT,
    DM_CHANNEL,
    MEMBERS_INTENT,
    Guild,
    World,
    snowflake,
    text_channel,
    user,
)

API = "/api/v10"
Found = TypeVar("Found")


class SimulatedDiscord:
    """Open it with `async with`; see the package's words for how to use it."""

    def __init__(self, *, rate_limits: float = 1.0, checks_itself: bool = False) -> None:
        """Rate limits may be made that many times as generous, or left out with 0 or False."""
        self.world = World()
        self.files = Files(self.world, self)
        self.gateway = Gateway(self.world, self)
        self.messages = Messages(self.world, self.files, self.gateway)
        self.api = Api(self, float(rate_limits), checks_itself=checks_itself)
        self.requests, self.violations = self.api.requests, self.api.violations
        self.port = 0

    @property
    def rate_limited(self) -> int:
        """How many requests were answered with 429."""
        return self.api.rate_limited

    @property
    def invalid_requests(self) -> int:
        """How many count towards Discord's ban: those answered with 401, 403 or 429."""
        return self.api.invalid_requests

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

    @property
    def application_id(self) -> int:
        return int(self.world.application_id)

    @property
    def flags(self) -> int:
        """The application's flags, which tell what intents it was granted."""
        granted = self.world.granted_intents
        return bool(granted & MEMBERS_INTENT) << 15 | bool(granted & CONTENT_INTENT) << 19

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self.on_file)
        app.router.add_get("/avatars/{user}/{name}", self.on_avatar)
        app.router.add_route("*", API + "/{path:.*}", self.api.on_request)
        self.runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self.runner.setup()
        await self.listen()
        return self

    async def listen(self) -> None:
        self.site = web.TCPSite(self.runner, "127.0.0.1", self.port)
        await self.site.start()
        self.port = self.runner.addresses[0][1]

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.drop(resumable=False)
        await self.runner.cleanup()

    async def on_file(self, request: web.Request) -> web.Response:
        """The CDN: signed links only, and only until they expire."""
        data = self.files.fetch(request.path, dict(request.query))
        if data is None:
            text = "This content is no longer available."
            return web.Response(status=404, text=text)
        return web.Response(body=data)

    async def on_avatar(self, request: web.Request) -> web.Response:
        """The CDN again: somebody's profile picture, by its hash."""
        user = self.world.users.get(request.match_info["user"], {})
        asked = request.match_info["name"].split(".")[0]
        data = self.world.avatars.get(asked)
        if data is None or user.get("avatar") != asked:
            return web.Response(status=404)
        return web.Response(body=data)

    def fail_next(
        self,
        method: str,
        path: str,
        status: int = 500,
        *,
        times: int = 1,
        retry_after: float = 0.2,
        after: bool = False,
        everywhere: bool = False,
        body: Any = None,
    ) -> None:
        """Let requests fail; status 0 cuts the connection, `after` they were carried out if so."""
        pattern = re.compile(path)
        fault = Fault(method, pattern, status, times, retry_after, after, everywhere, body)
        self.api.faults.append(fault)

    @contextlib.asynccontextmanager
    async def outage(
        self, seconds: float | None = None, *, refused: bool = False
    ) -> AsyncIterator[None]:
        """Discord is down for so long, or to the end of the block: 503 to everything.

        With `refused` nobody listens at all. The gateway's connections are cut either way.
        """
        over = asyncio.get_running_loop().create_future()
        ending = asyncio.create_task(self.end_outage(over, seconds, refused=refused))
        self.api.down = self.gateway.down = True
        if refused:
            await self.site.stop()
            for each in self.runner.server.connections if self.runner.server else ():
                each.force_close()
        await self.gateway.drop()
        try:
            yield
        finally:
            if seconds is None:
                over.set_result(None)
            await ending

    async def end_outage(
        self, over: asyncio.Future[None], seconds: float | None, *, refused: bool
    ) -> None:
        await asyncio.wait([over], timeout=seconds)
        if refused:
            await self.listen()
        self.api.down = self.gateway.down = False

    async def drop_connections(self) -> None:
        """Cut the gateway's connections; a client may come back to its session."""
        await self.gateway.drop()

    def refuse_resume(self) -> None:
        """From now on a client that comes back has to begin anew."""
        self.gateway.resumable = False

    def advance(self, minutes: float) -> None:
        """Let time pass for tokens, links and three-second limits."""
        self.world.shift += minutes * 60

    def guild(
        self,
        name: str,
        channels: list[str],
        *,
        has_bot: bool = True,
        upload_limit: int | None = None,
    ) -> Made:
        """Found a server; the bot is in it unless it is said not to be."""
        guild = Guild(snowflake(), name, has_bot=has_bot)
        guild.upload_limit = upload_limit or guild.upload_limit
        self.world.guilds[guild.id] = guild
        for each in channels:
            channel = text_channel(guild.id, each)
            guild.channels[channel["id"]] = self.world.channels[channel["id"]] = channel
        return Made(self, guild)

    def person(self, name: str) -> Person:
        """Somebody who shares no server with the bot."""
        somebody = user(name)
        self.world.users[somebody["id"]] = somebody
        return Person(self, somebody, None)

    def dm_channel(self, user_id: str) -> dict[str, Any]:
        """The direct messages between the bot and somebody."""
        for channel in self.world.channels.values():
            own = channel["type"] == DM_CHANNEL and channel["id"] not in self.world.private
            if own and channel["recipients"][0]["id"] == user_id:
                return channel
        channel = {"id": snowflake(), "type": DM_CHANNEL, "flags": 0, "last_message_id": None,
                   "recipients": [self.world.users[user_id]]}  # fmt: skip
        self.world.channels[channel["id"]] = channel
        return channel

    async def until(self, wanted: Callable[[], Found | None], timeout: float = 15.0) -> Found:
        """Wait until something is so; fails with what was requested lately."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            if found := wanted():
                return found
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                lately = "\n".join(self.api.lately)
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
        """Let somebody in, who may do more than everyone if so."""
        person = user(name)
        self.discord.world.users[person["id"]] = person
        self.state.join(person, permissions)
        return Person(self.discord, person, self.state)
