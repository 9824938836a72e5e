"""Bad input, bad luck: everybody gets a sentence, and nothing is lost or shown twice."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image

from bot.client import Bot
from core.settings import Settings
from db.models import Status
from services.studio import Studio
from tests.bot.conftest import connected
from tests.bot.helpers import done, drawn, png, rows, until_row
from tests.conftest import opened, sql, working
from tests.discord.person import File, Person
from tests.discord.server import Made, SimulatedDiscord
from tests.discord.world import MANAGE_GUILD
from worker.worker import Worker


def header(width: int, height: int) -> bytes:
    """A PNG that claims a size; decoding it would need gigabytes."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    start = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    return start + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **how)
    return output.getvalue()


HOSTILE = {
    "not a picture": (b"hello world", "not a picture"),
    "empty": (b"", "is empty"),
    "a web page": (b"<!doctype html><p>hi", "a web page"),
    "a bomb": (header(50_000, 50_000), "50,000 x 50,000"),
    "too tall": (header(1, 20_000), "1 x 20,000"),
    "cut off": (png(size=(600, 600))[:900], "damaged or cut off"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_an_unusable_attachment_is_explained(
    studio: Studio, bot: Bot, anna: Person, general: str, name: str
) -> None:
    data, sentence = HOSTILE[name]
    answer = await anna.slash(
        general, "edit", source=File("picture.png", data), instruction="at night"
    )
    await answer.until(lambda message: sentence in message.text)
    assert await rows(studio) == []


@pytest.mark.parametrize(
    "data",
    [
        saved(Image.new("CMYK", (80, 60), (200, 20, 0, 0)), "JPEG"),
        saved(Image.new("I;16", (80, 60), 40_000), "PNG"),
        saved(Image.new("P", (80, 60)), "GIF", save_all=True, append_images=[Image.new("P", (80, 60), 3)]),
        saved(Image.new("RGBA", (80, 60), (9, 200, 90, 120)), "WEBP"),
    ],
    ids=["CMYK", "16-bit", "animated", "transparent"],
)  # fmt: skip
async def test_unusual_pictures_are_used_all_the_same(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str, data: bytes
) -> None:
    answer = await anna.slash(general, "edit", source=File("x", data), instruction="at night")
    assert done(await answer.until(done))


async def test_a_mask_of_another_shape_is_explained(
    bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    answer = await anna.slash(
        general,
        "edit",
        source=File("a.png", png(size=(90, 60))),
        mask=File("mask.png", png("white", (50, 50))),
        instruction="at night",
    )
    await answer.until(
        lambda message: "The mask is 50 x 50 pixels and the picture 90 x 60" in message.text
    )


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("@everyone look at <@123456789012345678>", "@everyone look at <@123456789012345678>"),
        ("a\x00b\u202egnp.exe", "abgnp.exe"),
        ("**bold** `code` ||spoiler||", "**bold** `code` ||spoiler||"),
    ],
)
async def test_strange_prompts_are_text_and_ping_nobody(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str, prompt: str, kept: str
) -> None:
    shown = await drawn(anna, general, prompt)
    [row] = await rows(studio)
    assert row.prompt == kept
    assert "\u202e" not in shown.text


async def test_a_prompt_of_only_invisible_characters_is_explained(
    studio: Studio, bot: Bot, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "image", prompt="\u200f\u202e")
    await answer.until(lambda message: "Please give a prompt." in message.text)
    assert await rows(studio) == []


async def test_a_reply_that_is_too_long_is_explained(
    bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    said = await anna.reply(shown, "night " * 1700)
    await said.until(lambda message: "10,199 characters long" in message.text)


async def test_a_reply_to_a_deleted_picture_is_explained(
    bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    menu = (await anna.click(shown, "More…")).message
    await (await anna.click(menu, "Delete")).until(lambda each: "deleted" in each.text)
    assert (await ben.reply(shown, "at night")).messages == []
    chat = await anna.say(general, "hello")
    seen = ben.look(chat)
    assert seen is not None
    assert (await ben.reply(seen, "nice")).messages == []


async def test_a_refusal_is_explained_listed_and_can_be_run_again(
    studio: Studio, bot: Bot, worker: Worker, guild: Made, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "image", prompt="rehearse-refusal")
    refused = await answer.until(lambda message: "declined this prompt" in message.text)
    assert list(refused.buttons) == ["Run again"]
    boss = guild.member("Boss", MANAGE_GUILD)
    causes = await (await boss.slash(general, "admin failed")).until(lambda m: "refused" in m.text)
    assert causes.ephemeral
    listed = await boss.click(causes, "refused")
    await listed.until(lambda message: "Refused: " in message.text)
    retried = await boss.slash(general, "admin retry", cause="refused")
    await retried.until(lambda message: "1 queued again." in message.text)
    figures = await boss.slash(general, "admin stats")
    await figures.until(lambda message: "1 generations" in message.text)


async def test_admin_commands_need_the_permission_also_here(
    bot: Bot, anna: Person, general: str
) -> None:
    for command in ("admin failed", "admin stats"):
        answer = await anna.slash(general, command)
        assert "Manage Server" in answer.message.text
        assert answer.message.ephemeral


async def test_an_outage_of_the_provider_is_waited_for_and_then_told(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "image", prompt="rehearse-outage")
    waiting = await until_row(studio, lambda row: row.attempts >= 2)
    assert waiting.status in (Status.QUEUED, Status.RUNNING)
    await anna.slash(general, "cancel")
    await answer.until(lambda message: "Canceled." in message.text)


async def test_discord_down_at_delivery_delays_it_and_shows_it_once(
    studio: Studio, worker: Worker, discord: SimulatedDiscord, guild: Made, anna: Person,
    general: str, bot: Bot,
) -> None:  # fmt: skip
    answer = await anna.slash(general, "image", prompt="rehearse-slow dunes")
    await asyncio.sleep(0.5)
    async with discord.outage():
        await until_row(studio, lambda row: row.status is Status.SUCCEEDED)
        await asyncio.sleep(1.5)
    shown = await answer.until(done, 40)
    assert len(anna.history(general)) == 1
    assert len(shown.files) == 1


async def test_a_message_deleted_under_way_is_sent_anew_once(
    studio: Studio, worker: Worker, bot: Bot, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "image", prompt="rehearse-slow dunes")
    await anna.delete(answer.message)
    await bot.wait_until_ready()

    def sent_anew() -> bool:
        return any(done(each) for each in anna.history(general))

    await anna.discord.until(sent_anew, 30)
    assert len(anna.history(general)) == 1
    [shown] = anna.history(general)
    await (await anna.reply(shown, "at night")).until(done)


async def test_past_the_token_the_bot_edits_its_own_message(
    studio: Studio, worker: Worker, discord: SimulatedDiscord, bot: Bot, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "image", prompt="rehearse-slow dunes")
    discord.advance(minutes=16)
    assert done(await answer.until(done))


async def test_lost_permissions_fail_silently_nowhere_and_show_still_works(
    studio: Studio, worker: Worker, discord: SimulatedDiscord, bot: Bot, guild: Made, anna: Person
) -> None:
    channel = guild["other"]
    await anna.slash(channel, "image", prompt="rehearse-slow dunes")
    discord.advance(minutes=16)
    discord.world.locked.add(channel)
    await until_row(studio, lambda row: row.delivered_at)
    back = await anna.slash(guild["general"], "show", id=1)
    assert done(await back.until(done))


async def test_errors_and_rate_limits_of_discord_are_ridden_out(
    studio: Studio, worker: Worker, discord: SimulatedDiscord, bot: Bot, anna: Person, general: str
) -> None:
    discord.fail_next("PATCH", r"/webhooks/.*/messages/", 429, times=2)
    discord.fail_next("PATCH", r"/webhooks/.*/messages/", 500, times=2)
    discord.fail_next("PATCH", r"/webhooks/.*/messages/", 0, times=1, after=True)
    assert done(await drawn(anna, general))
    assert len(anna.history(general)) == 1


async def test_a_dropped_gateway_resumes_and_nothing_is_asked_twice(
    studio: Studio, worker: Worker, discord: SimulatedDiscord, bot: Bot, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    await discord.drop_connections()
    said = await anna.reply(shown, "at night")
    assert done(await said.until(done, 30))
    assert discord.gateway.resumed == 1
    assert len(await rows(studio)) == 2


async def test_a_bot_that_was_away_delivers_when_it_is_back(
    studio: Studio, discord: SimulatedDiscord, guild: Made, anna: Person, general: str
) -> None:
    async with connected(studio, discord):
        answer = await anna.slash(general, "image", prompt="a lake at dawn")
        await until_row(studio, lambda row: row)
    async with working(studio):
        await until_row(studio, lambda row: row.status is Status.SUCCEEDED)
    async with connected(studio, discord):
        assert done(await answer.until(done, 40))
    assert len(anna.history(general)) == 1


async def test_while_the_database_is_away_people_are_told_and_work_goes_on_after(
    settings: Settings, database: str, server: str, discord: SimulatedDiscord, guild: Made,
    anna: Person, general: str,
) -> None:  # fmt: skip
    name = database.split("?")[0].rsplit("/", 1)[1]
    async with (
        opened(settings, database) as studio,
        connected(studio, discord),
        working(studio),
    ):
        assert done(await drawn(anna, general))
        await sql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
                  f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # fmt: skip
        told = await anna.slash(general, "image", prompt="dunes")
        await told.until(lambda message: "cannot write anything down just now" in message.text)
        await sql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert done(await drawn(anna, general, "dunes again"))
