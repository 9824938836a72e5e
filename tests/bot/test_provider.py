"""/provider, as people type it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.client import Bot
from core.settings import Settings
from providers.offline import Offline
from services.studio import Studio
from tests.bot.helpers import done, drawn
from tests.conftest import opened, working
from tests.discord.person import Person
from tests.discord.server import Made, SimulatedDiscord
from tests.providers.vendors.cases import openai
from tests.providers.vendors.openai import OpenAIVendor


@pytest.fixture
async def vendor() -> AsyncIterator[OpenAIVendor]:
    async with OpenAIVendor().running() as vendor:
        yield vendor  # type: ignore[misc]


@pytest.fixture
def boss(guild: Made) -> Person:
    return guild.member("Boss", permissions=0x20)


@pytest.fixture
async def studio(
    settings: Settings, database: str, vendor: OpenAIVendor, boss: Person
) -> AsyncIterator[Studio]:
    settings = settings.model_copy(update={"admin_user_ids": frozenset({int(boss.id)})})
    providers = {"openai": openai(vendor.base), "offline": Offline(megapixels=0.05)}
    async with opened(settings, database, providers=providers) as studio, working(studio):
        yield studio


async def test_everybody_sees_who_draws_what_it_can_do_and_what_it_costs(
    bot: Bot, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "provider list")
    [embed] = (await answer.until(lambda m: bool(m.embeds))).embeds
    text = str(embed)
    assert "OpenAI (`openai`) · the default" in text
    assert "`gpt-image-2.6-flare` · $0.0" in text
    assert "masks, 15 references, 10 at once" in text
    assert "free" in text


async def test_models_are_suggested_with_their_price(bot: Bot, anna: Person, general: str) -> None:
    [offered] = await anna.autocomplete("image", "model", "sunburst", general, prompt="x")
    assert offered.startswith("gpt-image-2.6-sunburst · OpenAI · $0.0")


async def test_a_choice_holds_until_it_is_taken_back(
    bot: Bot, anna: Person, ben: Person, boss: Person, general: str, vendor: OpenAIVendor
) -> None:
    said = await (await anna.slash(general, "provider use", provider="offline")).until(
        lambda m: "From now on" in m.text
    )
    assert "offline draws every tool for you" in said.text
    assert "offline" in (await drawn(anna, general)).text
    assert "openai" in (await drawn(ben, general)).text
    await anna.slash(general, "provider use")
    assert "openai" in (await drawn(anna, general)).text
    refused = await ben.slash(general, "provider use", provider="offline", **{"for": "server"})
    assert "Manage Server" in (await refused.until(lambda m: bool(m.text))).text
    await boss.slash(general, "provider use", provider="offline", tool="image", **{"for": "server"})
    assert "offline" in (await drawn(ben, general)).text


async def test_only_the_operator_tests_and_that_opens_a_gate(
    bot: Bot,
    anna: Person,
    boss: Person,
    general: str,
    vendor: OpenAIVendor,
    discord: SimulatedDiscord,
) -> None:
    vendor.fault = "401"
    failed = await (await anna.slash(general, "image", prompt="a fox")).until(
        lambda m: "Run again" in m.buttons
    )
    vendor.fault = None
    refused = await anna.slash(general, "provider test")
    assert "Only whoever runs the studio" in (await refused.until(lambda m: bool(m.text))).text
    again = await (await anna.click(failed, "Run again")).until(lambda m: "Run again" in m.buttons)
    assert "does not accept" in again.text
    tested = await (await boss.slash(general, "provider test")).until(lambda m: "Offline" in m.text)
    assert "✅ **OpenAI** is ready." in tested.text
    answer = await anna.slash(general, "image", prompt="a hare")
    assert (await answer.until(done)).files
