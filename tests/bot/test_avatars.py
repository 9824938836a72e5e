"""/avatar in Discord: whose picture, whose words, and only with their leave."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from bot.client import Bot
from core.settings import Settings
from services.studio import Studio
from tests.bot.conftest import connected
from tests.bot.helpers import done, png, rows, sizes
from tests.discord.person import Person
from tests.discord.seen import File, Seen
from tests.discord.server import Made, SimulatedDiscord
from tests.discord.world import CONTENT_INTENT

SECRETS = ("xylophone", "quetzal", "zeppelin")


@pytest.fixture(autouse=True)
def settings(settings: Settings, discord: SimulatedDiscord) -> Settings:
    return settings.model_copy(update={"discord_cdn_url": discord.cdn_url})


def portray(discord: SimulatedDiscord, person: Person, color: str) -> None:
    """Give somebody a profile picture."""
    person.user["avatar"] = f"hash{color}"
    discord.world.avatars[f"hash{color}"] = png(color, (300, 300))


def private(message: Seen) -> bool:
    return message.ephemeral and not message.thinking


async def allow(person: Person, channel: str, kind: str) -> None:
    shown = await (await person.slash(channel, "privacy")).until(private)
    await (await person.click(shown, f"Allow: {kind}")).until(
        lambda m: f"Stop allowing: {kind}" in m.buttons
    )


@pytest.mark.usefixtures("bot", "worker")
async def test_words_become_a_square_and_how_it_looks_round(anna: Person, general: str) -> None:
    answer = await anna.slash(general, "avatar", description="a lighthouse", style="oil")
    shown = await answer.until(done)
    assert len(shown.files) == 2
    assert sizes(shown) == (1024, 1024)
    assert "round" in (shown.files[1].alt or "")
    changed = await (await anna.reply(shown, "in pixel style")).until(done)
    assert "/avatar" in changed.text
    refused = await anna.slash(general, "avatar")
    assert "Describe the avatar" in (await refused.until(lambda m: "Describe" in m.text)).text


@pytest.mark.usefixtures("bot", "worker")
async def test_a_photo_or_one_s_own_picture_is_where_it_starts(
    studio: Studio, discord: SimulatedDiscord, anna: Person, general: str
) -> None:
    photo = File("me.png", png("red", (400, 300)))
    await (await anna.slash(general, "avatar", likeness="photo", source=photo)).until(done)
    portray(discord, anna, "olive")
    await (await anna.slash(general, "avatar", likeness="avatar")).until(done)
    first, second = await rows(studio)
    assert first.params["source"] != second.params["source"]
    assert second.params["likeness"] == "avatar"


@pytest.mark.usefixtures("bot", "worker")
async def test_somebody_else_s_picture_only_while_they_allow_it(
    studio: Studio, discord: SimulatedDiscord, anna: Person, ben: Person, general: str
) -> None:
    portray(discord, ben, "navy")
    refused = await anna.slash(general, "avatar", member=ben)
    assert "has not allowed that" in (await refused.until(private)).text
    assert await rows(studio) == []
    await allow(ben, general, "avatar")
    await (await anna.slash(general, "avatar", member=ben)).until(done)
    shown = await (await ben.slash(general, "privacy")).until(private)
    await ben.click(shown, "Stop allowing: avatar")
    again = await anna.slash(general, "avatar", member=ben)
    assert "has not allowed that" in (await again.until(private)).text


@pytest.mark.usefixtures("bot", "worker")
async def test_the_menu_of_a_member_asks_how(
    discord: SimulatedDiscord, anna: Person, ben: Person, general: str
) -> None:
    portray(discord, ben, "teal")
    refused = await anna.menu("Make an avatar", ben, general)
    assert "has not allowed that" in (await refused.until(private)).text
    await allow(ben, general, "avatar")
    form = await anna.menu("Make an avatar", ben, general)
    given = {"style": "clay", "description": "with a green scarf"}
    shown = await (await anna.submit(form, general, given)).until(done)
    assert "with a green scarf" in shown.text


async def chatter(anna: Person, ben: Person, channel: str) -> None:
    for number in range(7):
        await anna.say(channel, f"I love coding python and my guitar {SECRETS[number % 3]}")
        await ben.say(channel, "volcano volcano football")


@pytest.mark.usefixtures("worker")
async def test_messages_only_after_an_opt_in_described_before_they_are_drawn_and_never_kept(
    studio: Studio,
    discord: SimulatedDiscord,
    bot: Bot,
    anna: Person,
    ben: Person,
    general: str,
    database: str,
) -> None:
    discord.world.granted_intents |= CONTENT_INTENT
    await chatter(anna, ben, general)
    asked = await (await anna.slash(general, "avatar", likeness="messages")).until(private)
    assert "never kept" in asked.text
    assert await rows(studio) == []
    await anna.click(asked, "Allow: messages")
    described = await (
        await anna.slash(general, "avatar", likeness="messages", style="clay")
    ).until(lambda m: m.ephemeral and "Read and agree…" in m.buttons)
    assert "From 7 of your messages here" in described.text
    [held] = await rows(studio)
    assert held.status.value == "queued"
    form = await anna.click(described, "Read and agree…")
    assert form.modal is not None
    assert not any(word in json.dumps(form.modal) for word in (*SECRETS, "volcano"))
    answer = await anna.submit(form, general, {"text": "a quiet lighthouse keeper"})
    shown = await answer.until(done)
    assert not shown.ephemeral
    [row] = await rows(studio)
    assert (row.prompt, row.params["messages_read"]) == ("a quiet lighthouse keeper", 7)
    kept = await everything(studio)
    assert not [word for word in (*SECRETS, "volcano") if word in kept]


@pytest.mark.usefixtures("bot", "worker")
async def test_who_allows_it_no_more_is_asked_again_and_nothing_is_read(
    studio: Studio, discord: SimulatedDiscord, anna: Person, ben: Person, general: str
) -> None:
    discord.world.granted_intents |= CONTENT_INTENT
    await chatter(anna, ben, general)
    await allow(anna, general, "messages")
    shown = await (await anna.slash(general, "privacy")).until(private)
    await (await anna.click(shown, "Stop allowing: messages")).until(
        lambda m: "Allow: messages" in m.buttons
    )
    asked = await (await anna.slash(general, "avatar", likeness="messages")).until(private)
    assert "Allow: messages" in asked.buttons
    assert await rows(studio) == []


@pytest.mark.usefixtures("bot", "worker")
async def test_the_messages_of_others_count_for_nothing(
    studio: Studio, discord: SimulatedDiscord, anna: Person, ben: Person, general: str
) -> None:
    discord.world.granted_intents |= CONTENT_INTENT
    for _ in range(20):
        await ben.say(general, "volcano volcano football")
    await anna.say(general, "hello")
    await allow(anna, general, "messages")
    answer = await anna.slash(general, "avatar", likeness="messages")
    assert "I can read 1 of your messages" in (await answer.until(private)).text
    assert await rows(studio) == []


@pytest.mark.usefixtures("bot", "worker")
async def test_own_words_beside_messages_are_kept_for_reading_first(
    studio: Studio, discord: SimulatedDiscord, anna: Person, ben: Person, general: str
) -> None:
    discord.world.granted_intents |= CONTENT_INTENT
    await chatter(anna, ben, general)
    await allow(anna, general, "messages")
    given = {"likeness": "messages", "description": "With a red hat."}
    described = await (await anna.slash(general, "avatar", **given)).until(
        lambda m: m.ephemeral and "Read and agree…" in m.buttons
    )
    assert "With a red hat" in described.text
    assert ben.look(described.id) is None
    [held] = await rows(studio)
    assert (held.prompt, held.channel_id) == ("", None)


async def everything(studio: Studio) -> str:
    """All rows of all tables of ours, as text."""
    names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    async with studio.transaction() as tx:
        tables = (await tx.scalars(text(names))).all()
        found = [
            str((await tx.execute(text(f'SELECT to_jsonb(t) FROM "{each}" t'))).all())
            for each in tables
        ]
    return "\n".join(found).lower()


@pytest.mark.usefixtures("bot", "worker")
async def test_too_few_messages_are_said_and_nothing_is_left_behind(
    studio: Studio, discord: SimulatedDiscord, anna: Person, ben: Person, general: str
) -> None:
    discord.world.granted_intents |= CONTENT_INTENT
    await anna.say(general, "hello")
    await allow(anna, general, "messages")
    answer = await anna.slash(general, "avatar", likeness="messages")
    assert "I can read 1 of your messages" in (await answer.until(private)).text
    assert await rows(studio) == []


@pytest.mark.usefixtures("worker")
async def test_a_description_can_be_agreed_to_after_a_restart(
    studio: Studio, discord: SimulatedDiscord, guild: Made, anna: Person, ben: Person
) -> None:
    discord.world.granted_intents |= CONTENT_INTENT
    general = guild["general"]
    async with connected(studio, discord):
        await chatter(anna, ben, general)
        await allow(anna, general, "messages")
        described = await (await anna.slash(general, "avatar", likeness="messages")).until(
            lambda m: m.ephemeral and "Read and agree…" in m.buttons
        )
    async with connected(studio, discord):
        form = await anna.click(described, "Read and agree…")
        assert (await (await anna.submit(form, general, {})).until(done)).files
