"""Whoever runs the studio hears once of what only they can put right."""

from __future__ import annotations

import asyncio

from core.settings import Settings
from tests.bot.conftest import connected
from tests.conftest import opened, working
from tests.discord.server import Made, SimulatedDiscord
from tests.providers.vendors.cases import openai
from tests.providers.vendors.openai import OpenAIVendor
from tests.providers.vendors.vendor import KEY


async def test_a_bad_key_is_told_to_the_administrator_once(
    settings: Settings, database: str, discord: SimulatedDiscord, guild: Made
) -> None:
    anna, boss = guild.member("Anna"), guild.member("Boss")
    settings = settings.model_copy(update={"admin_user_ids": frozenset({int(boss.id)})})
    async with OpenAIVendor().running() as vendor:
        vendor.fault = "401"
        providers = {"openai": openai(vendor.base)}
        async with (
            opened(settings, database, providers=providers) as studio,
            working(studio),
            connected(studio, discord),
        ):
            for words in ("a fox", "a hare"):
                answer = await anna.slash(guild["general"], "image", prompt=words)
                shown = await answer.until(lambda m: "Run again" in m.buttons)
                assert "does not accept the studio's key" in shown.text
                assert KEY not in shown.text
            async with asyncio.timeout(10):
                while not boss.history(boss.dm()):
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)
    [notice] = boss.history(boss.dm())
    assert "OpenAI does not accept the studio's key" in notice.text
    assert "401" in notice.text
    assert KEY not in notice.text
    assert anna.history(anna.dm()) == []
