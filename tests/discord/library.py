"""Leading the client library to the simulated Discord, for bots in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord.server import SimulatedDiscord

Client = TypeVar("Client", bound=discord.Client)


@contextlib.contextmanager
def led_to(simulated: SimulatedDiscord) -> Iterator[None]:
    """Let the library ask here, also when it begins anew and forgets where its gateway was."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = simulated.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(simulated.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@contextlib.asynccontextmanager
async def running(client: Client, simulated: SimulatedDiscord) -> AsyncIterator[Client]:
    """A client that is connected and ready while this is open."""

    with led_to(simulated):
        async with client:
            started = asyncio.create_task(client.start(simulated.token))
            ready = asyncio.create_task(client.wait_for("ready", timeout=20))
            await asyncio.wait([started, ready], return_when=asyncio.FIRST_COMPLETED)
            if started.done():
                ready.cancel()
                started.result()
            await ready
            try:
                yield client
            finally:
                await client.close()
                await asyncio.gather(started, return_exceptions=True)
