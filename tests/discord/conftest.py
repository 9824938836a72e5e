"""A simulated Discord that holds itself to the description, too, and a small bot on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.discord.by_hand import ByHand
from tests.discord.library import running
from tests.discord.person import Person
from tests.discord.sample import Sample
from tests.discord.server import Made, SimulatedDiscord

UPLOAD_LIMIT = 1000
"""Bytes of a file in the server of those who ask by hand, so that too much is quickly sent."""


@pytest.fixture
async def discord() -> AsyncIterator[SimulatedDiscord]:
    async with SimulatedDiscord(checks_itself=True) as discord:
        yield discord
        assert discord.violations == []


@pytest.fixture
def guild(discord: SimulatedDiscord) -> Made:
    return discord.guild("Test", channels=["general", "other"])


@pytest.fixture
async def bot(discord: SimulatedDiscord, guild: Made) -> AsyncIterator[Sample]:
    async with running(Sample(), discord) as bot:
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


@pytest.fixture
async def hand() -> AsyncIterator[ByHand]:
    """Somebody who asks by hand, and as often as they like."""
    async with SimulatedDiscord(rate_limits=False, checks_itself=True) as discord:
        headers = {"Authorization": f"Bot {discord.token}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            yield ByHand(discord, http)
        assert [each for each in discord.violations if " answered " in each] == []


@pytest.fixture
def home(hand: ByHand) -> Made:
    return hand.discord.guild("Test", channels=["general"], upload_limit=UPLOAD_LIMIT)
