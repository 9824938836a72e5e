"""Icons go from their result to where Discord uses them."""

from __future__ import annotations

import pytest

from core.settings import Settings
from tests.bot.conftest import connected
from tests.conftest import opened, working
from tests.discord.person import Person, Seen
from tests.discord.server import Made, SimulatedDiscord
from tests.discord.world import CREATE_EXPRESSIONS, MANAGE_GUILD

EMOJI_LIMIT, STICKER_LIMIT = 50, 5


@pytest.fixture
def carla(guild: Made) -> Person:
    """Somebody who may add emoji and change the server."""
    return guild.member("Carla", permissions=CREATE_EXPRESSIONS | MANAGE_GUILD)


def made(message: Seen) -> bool:
    return bool(message.files) and "Reroll" in message.buttons


async def icon(person: Person, channel: str, **given: object) -> Seen:
    answer = await person.slash(channel, "icon", prompt="a happy fox", name="fox", **given)
    return await answer.until(made)


async def said(person: Person, shown: Seen, label: str) -> str:
    answer = await person.click(shown, label)
    return (await answer.until(lambda message: message.ephemeral and not message.thinking)).text


@pytest.mark.usefixtures("bot", "worker")
async def test_an_emoji_is_added_once_both_may(
    guild: Made, anna: Person, carla: Person, general: str
) -> None:
    hers, shown = await icon(anna, general), await icon(carla, general)
    assert "You need the permission Create Expressions" in await said(anna, hers, "Add to server")
    assert "I need the permission Create Expressions" in await said(carla, shown, "Add to server")
    guild.state.bot_permissions |= CREATE_EXPRESSIONS
    assert ":fox:" in await said(carla, shown, "Add to server")
    assert [each["name"] for each in guild.state.emojis.values()] == ["fox"]
    for number in range(EMOJI_LIMIT - 1):
        guild.state.emojis[str(number)] = {"id": str(number), "name": "old", "animated": False}
    assert "room for 50 emoji" in await said(carla, shown, "Add to server")


@pytest.mark.usefixtures("bot", "worker")
async def test_a_sticker_is_only_offered_as_one(guild: Made, carla: Person, general: str) -> None:
    guild.state.bot_permissions |= CREATE_EXPRESSIONS
    shown = await icon(carla, general, target="sticker")
    assert "Add as app emoji" not in shown.buttons
    assert "sticker" in await said(carla, shown, "Add to server")
    [sticker] = guild.state.stickers.values()
    assert sticker["name"] == "fox"
    for number in range(STICKER_LIMIT - 1):
        guild.state.stickers[str(number)] = {**sticker, "id": str(number)}
    assert "room for 5 stickers" in await said(carla, shown, "Add to server")


@pytest.mark.usefixtures("bot", "worker")
async def test_a_server_icon_becomes_the_servers(
    guild: Made, anna: Person, carla: Person, general: str
) -> None:
    guild.state.bot_permissions |= MANAGE_GUILD
    refused = await icon(anna, general, target="server-icon")
    assert "Manage Server" in await said(anna, refused, "Add to server")
    assert guild.state.icon is None
    shown = await icon(carla, general, target="server-icon")
    assert "server's icon now" in await said(carla, shown, "Add to server")
    assert guild.state.icon


async def test_only_an_administrator_gives_the_app_an_emoji(
    settings: Settings,
    database: str,
    discord: SimulatedDiscord,
    anna: Person,
    ben: Person,
    general: str,
) -> None:
    settings = settings.model_copy(update={"admin_user_ids": frozenset({anna.id})})
    async with (
        opened(settings, database) as studio,
        working(studio),
        connected(studio, discord),
    ):
        shown = await icon(ben, general, target="app-emoji")
        assert "Only an administrator" in await said(ben, shown, "Add as app emoji")
        assert not discord.world.emojis
        assert ":fox:" in await said(anna, shown, "Add as app emoji")
        assert [each["name"] for each in discord.world.emojis.values()] == ["fox"]
