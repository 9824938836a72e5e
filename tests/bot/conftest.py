"""The real client, connected to a simulated Discord."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.client import Bot
from core.settings import Settings
from services.studio import Studio
from tests.discord.person import Person
from tests.discord.server import Made, SimulatedDiscord


@pytest.fixture
async def discord() -> AsyncIterator[SimulatedDiscord]:
    async with SimulatedDiscord() as discord:
        yield discord
        assert discord.violations == []
        assert discord.world.pings == []


@pytest.fixture
def settings(settings: Settings, discord: SimulatedDiscord) -> Settings:
    return settings.model_copy(
        update={"discord_token": SecretStr(discord.token), "discord_api_url": discord.api_url}
    )


@pytest.fixture
def guild(discord: SimulatedDiscord) -> Made:
    return discord.guild("Test", channels=["general", "other"])


@contextlib.asynccontextmanager
async def connected(studio: Studio, discord: SimulatedDiscord) -> AsyncIterator[Bot]:
    bot = Bot(studio)
    running = asyncio.create_task(bot.start(discord.token))
    try:
        ready = asyncio.create_task(ready_in(discord, bot))
        await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        await ready
        yield bot
    finally:
        await bot.close()
        await asyncio.gather(running, return_exceptions=True)


async def ready_in(discord: SimulatedDiscord, bot: Bot) -> None:
    await discord.connected()
    await bot.wait_until_ready()


@pytest.fixture
async def bot(studio: Studio, discord: SimulatedDiscord, guild: Made) -> AsyncIterator[Bot]:
    async with connected(studio, discord) as bot:
        yield bot


@pytest.fixture
def anna(guild: Made) -> Person:
    return guild.member("Anna")


@pytest.fixture
def ben(guild: Made) -> Person:
    return guild.member("Ben")


@pytest.fixture
def general(guild: Made) -> str:
    return guild["general"]
