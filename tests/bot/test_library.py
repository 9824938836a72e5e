"""Pictures people bring, sets and characters, as a member meets them."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image, ImageChops
from pydantic import SecretStr
from sqlalchemy import select

from bot.client import Bot
from core.settings import Settings
from core.viewer import Viewer
from db.models import Asset, Generation, Source
from services import datasets
from services.fetch import fetch_picture
from services.studio import Studio
from tests.bot.conftest import connected
from tests.bot.helpers import done, drawn, png, sizes
from tests.conftest import TEMPLATE, opened, sql, working
from tests.discord.person import File, Person, Seen
from tests.discord.server import Made, SimulatedDiscord

BUTTONS = ["Vary", "Edit", "Upscale", "Add to a set…", "Delete"]
FOX = File("fox.png", png("red"))
TESTS = 13
"""A server for each test: connecting once costs as much as ten of them."""


class House:
    """One studio and its bot, which every test meets on a server of its own."""

    def __init__(self, studio: Studio, discord: SimulatedDiscord) -> None:
        self.studio, self.discord = studio, discord
        self.guilds = [discord.guild(f"Test {n}", channels=["general"]) for n in range(TESTS)]
        self.connection = contextlib.AsyncExitStack()

    async def restart(self) -> None:
        await self.connection.aclose()
        self.bot = await self.connection.enter_async_context(connected(self.studio, self.discord))


@pytest.fixture(scope="module")
async def house(template: str) -> AsyncIterator[House]:
    await sql(template, f"CREATE DATABASE library TEMPLATE {TEMPLATE}")
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        async with SimulatedDiscord() as discord:
            settings = Settings(
                _env_file=None,
                data_dir=Path(folder),
                discord_token=SecretStr(discord.token),
                discord_api_url=discord.api_url,
            )
            dsn = template.replace("/postgres?", "/library?")
            async with opened(settings, dsn) as studio, working(studio):
                house = House(studio, discord)
                await house.restart()
                yield house
                await house.connection.aclose()
            assert discord.violations == []
            assert discord.world.pings == []


@pytest.fixture
def studio(house: House) -> Studio:
    return house.studio


@pytest.fixture
def bot(house: House) -> Bot:
    return house.bot


@pytest.fixture
def guild(house: House) -> Made:
    return house.guilds.pop()


async def kept(studio: Studio, person: Person) -> list[Asset]:
    query = select(Asset).where(Asset.source != Source.GENERATED, Asset.user_id == person.id)
    async with studio.transaction() as tx:
        return list((await tx.scalars(query.order_by(Asset.created_at))).all())


async def made(studio: Studio, *people: Person) -> list[Generation]:
    query = select(Generation).where(Generation.user_id.in_(each.id for each in people))
    async with studio.transaction() as tx:
        return list((await tx.scalars(query.order_by(Generation.id))).all())


async def uploaded(person: Person, channel: str, file: File = FOX, **given: object) -> Seen:
    answer = await person.slash(channel, "upload", picture=file, **given)
    return await answer.until(lambda message: message.files)


async def told(person: Person, channel: str, command: str, words: str, **given: object) -> Seen:
    """Use a command and wait until it is answered with these words."""
    answer = await person.slash(channel, command, **given)
    return await answer.until(lambda message: words in message.text)


def photograph() -> bytes:
    """A JPEG that tells who took it."""
    output = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Secret Photographer"
    Image.new("RGB", (96, 64), "red").save(output, "JPEG", exif=exif)
    return output.getvalue()


async def test_an_upload_is_kept_without_its_secrets_and_shown_with_its_buttons(
    studio: Studio, anna: Person, general: str
) -> None:
    shown = await uploaded(anna, general, File("fox.jpg", photograph()))
    [asset] = await kept(studio, anna)
    assert (asset.source, asset.user_id, asset.width) == (Source.UPLOAD, anna.id, 96)
    assert b"Secret" not in await studio.storage.get(asset.key)
    assert b"Secret" not in shown.files[0].data
    assert "**/upload** fox" in shown.text
    assert "by Anna · 96 x 64 · 1 kB" in shown.text
    assert (list(shown.buttons), shown.ephemeral) == (BUTTONS, False)
    assert shown.files[0].alt == "fox"
    named = await uploaded(anna, general, name="Mr. Fox @everyone")
    assert "Mr. Fox @\u200beveryone" in named.text


async def test_one_bad_file_of_several_does_not_lose_the_others(
    studio: Studio, anna: Person, general: str
) -> None:
    page, broken = File("x_y.png", b"<html>" * 9), File("broken.png", png()[:60])
    answer = await anna.slash(
        general, "upload", picture=page, picture_2=FOX, picture_3=broken,
        picture_5=File("sky.png", png("blue")),
    )  # fmt: skip
    told = await answer.until(lambda message: "left out" in message.text)
    assert told.ephemeral
    assert "**x\\_y.png** was left out. That is a web page" in told.text
    assert "**broken.png** was left out." in told.text
    first, second = [each for each in answer.messages if each.files]
    assert (first.files[0].alt, second.files[0].alt) == ("fox", "sky")
    assert list(second.buttons) == BUTTONS
    said = await anna.reply(second, "make it green")
    assert done(await said.until(done))
    [changed] = await made(studio, anna)
    assert changed.params["source"] == str((await kept(studio, anna))[1].id)
    nothing = await anna.slash(general, "upload", picture=page, picture_2=broken)
    refused = await nothing.until(lambda message: "broken.png" in message.text)
    assert (refused.text.count("was left out"), refused.buttons) == (2, {})
    alone = await anna.slash(general, "upload", picture=page)
    assert await alone.until(lambda message: message.text.startswith("That is a web page"))
    assert len(await kept(studio, anna)) == 2


async def test_a_reply_to_an_upload_changes_it_also_by_somebody_else(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    shown = await uploaded(anna, general)
    for person in (anna, ben):
        said = await person.reply(shown, "make it blue", attachments=(File("r.png", png()),))
        changed = await said.until(done)
        assert sizes(changed)[0] > 0
    first, second = await made(studio, anna, ben)
    assert (first.tool, first.prompt, second.user_id) == ("edit", "make it blue", ben.id)
    assert first.params["source"] != second.params["source"]
    assert len(second.params["references"]) == 1
    assert len({each.key for who in (anna, ben) for each in await kept(studio, who)}) == 2
    unread = await anna.reply(shown, "make it red", ping=False)
    answer = await unread.until(lambda message: "does not ping me" in message.text)
    assert (await anna.click(answer, "Edit")).modal is not None


async def test_the_buttons_work_for_everybody_and_after_a_restart(
    studio: Studio, house: House, anna: Person, ben: Person, general: str
) -> None:
    shown = await uploaded(anna, general)
    await told(anna, general, "dataset create", "no pictures", name="lost")
    question = await told(anna, general, "dataset delete", "Delete **lost**", name="lost")
    await house.restart()
    larger = await (await ben.click(shown, "Upscale")).until(done)
    assert sizes(larger) == (192, 128)
    assert done(await (await anna.click(shown, "Vary")).until(done))
    form = await ben.click(shown, "Edit")
    assert done(await (await ben.submit(form, general, {"instruction": "at night"})).until(done))
    gone = await (await anna.click(question, "Delete it")).until(lambda each: not each.buttons)
    assert gone.text == "Deleted **lost**. Its pictures are still there."
    assert [each.user_id for each in await made(studio, anna, ben)] == [ben.id, anna.id, ben.id]


async def test_a_button_puts_a_picture_into_a_set_of_ones_own(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    shown = await uploaded(anna, general)
    none = await ben.click(shown, "Add to a set…")
    assert "You have no sets yet" in none.text
    await told(anna, general, "dataset create", "**hers**", name="hers", visibility="server-wide")
    await told(ben, general, "dataset create", "**brand**", name="brand")
    await told(ben, general, "character save", "**Mia**", name="Mia", looks="red hair")
    for _ in range(2):
        asked = (await ben.click(shown, "Add to a set…")).message
        assert (list(asked.buttons), asked.ephemeral) == (["Mia", "brand"], True)
        answer = await (await ben.click(asked, "Mia")).until(lambda each: not each.buttons)
        assert answer.text == "It is in **Mia**, which has 1 picture."
    [copy] = await kept(studio, ben)
    mia = await datasets.find(studio, Viewer(ben.id), "character", "Mia")
    assert mia.assets == (str(copy.id),)


async def test_only_who_brought_a_picture_deletes_it(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    shown = await uploaded(anna, general, File("teal.png", png("teal")))
    [asset] = await kept(studio, anna)
    refused = await ben.click(shown, "Delete")
    assert (await refused.until(lambda each: "Only the person" in each.text)).ephemeral
    assert await studio.storage.size(asset.key)
    gone = await (await anna.click(shown, "Delete")).until(lambda each: "was deleted" in each.text)
    assert (gone.id, gone.files, gone.buttons) == (shown.id, (), {})
    assert await studio.storage.size(asset.key) is None
    late = await anna.press(shown, shown.buttons["Edit"])
    assert "has been deleted" in late.text
    said = await anna.reply(gone, "make it blue")
    assert await said.until(lambda message: "has been deleted" in message.text)


async def test_an_import_fetches_pictures_only_and_nothing_from_inside(
    studio: Studio, bot: Bot, anna: Person, general: str
) -> None:
    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=png("red"))

    app = web.Application()
    app.router.add_get("/pictures/red-fox.png", picture)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    url = f"http://127.0.0.1:{port}/pictures/red-fox.png?size=large"
    refused = await anna.slash(general, "import", url=url)
    assert await refused.until(lambda message: "usual ports" in message.text)
    inside = await anna.slash(general, "import", url="http://127.0.0.1/red-fox.png")
    assert await inside.until(lambda message: "on the public internet" in message.text)
    assert await kept(studio, anna) == []
    bot.library.fetch = partial(
        fetch_picture, allow=lambda address: address.is_loopback, ports={port}
    )
    answer = await anna.slash(general, "import", url=url)
    shown = await answer.until(lambda message: message.files)
    await runner.cleanup()
    [asset] = await kept(studio, anna)
    assert (asset.source, asset.name) == (Source.IMPORT, "red-fox.png")
    assert list(shown.buttons) == BUTTONS
    assert done(await (await anna.reply(shown, "at night")).until(done))


async def test_a_set_is_made_filled_shown_emptied_and_deleted_when_sure(
    studio: Studio, anna: Person, general: str
) -> None:
    name = {"name": "Acme *brand*"}
    answer = await told(anna, general, "dataset create", "Acme", description="round", **name)
    assert answer.ephemeral
    assert "**Acme \\*brand\\*** · no pictures · private: only you can use it" in answer.text
    assert await anna.autocomplete("dataset add", "name", "ACME") == ["Acme *brand*"]
    await uploaded(anna, general)
    await told(anna, general, "dataset add", "1 picture", name="acme *BRAND*")
    files = (File("a.png", png()), File("page.png", b"<html>" * 9), File("b.png", png("tan")))
    given = {f"picture_{number}": file for number, file in zip((1, 2, 4), files, strict=True)}
    answer = await told(anna, general, "dataset add", "3 pictures", **name, **given)
    assert answer.text.startswith("**page.png** was left out. That is a web page")
    shown = await told(anna, general, "dataset show", "round", **name)
    sheet = Image.open(io.BytesIO(shown.files[0].data)).convert("RGB")
    centers = [sheet.crop((100 + 208 * n, 100, 110 + 208 * n, 110)) for n in range(3)]
    for center, color in zip(centers, ("red", "navy", "tan"), strict=True):
        difference = ImageChops.difference(center, Image.new("RGB", center.size, color))
        assert max(difference.tobytes()) < 8
    await told(anna, general, "dataset remove", "2 pictures · private", picture=2, **name)
    await told(anna, general, "dataset remove", "has 2 pictures", picture=9, **name)
    for button, said in (("Keep it", "Nothing was deleted"), ("Delete it", "are still there")):
        question = await told(anna, general, "dataset delete", "with 2 pictures?", **name)
        await (await anna.click(question, button)).until(lambda each, said=said: said in each.text)
    assert len(await kept(studio, anna)) == 3


async def test_a_set_joins_the_prompts_of_those_who_may_use_it_only(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    name = {"name": "Foxes"}
    await told(anna, general, "dataset create", "Foxes", description="with bushy tails", **name)
    await told(anna, general, "dataset add", "1 picture", picture_1=FOX, **name)
    assert await anna.autocomplete("image", "dataset", "fo") == ["Foxes"]
    await drawn(anna, general, "a fox", dataset="foxes")
    [drawing] = await made(studio, anna)
    [fox] = await kept(studio, anna)
    assert drawing.params["dataset_pictures"] == [str(fox.id)]
    assert "with bushy tails" in (drawing.full_prompt or "")
    assert await ben.autocomplete("image", "dataset", "fo") == []
    unknown = "no set called “Foxes”. There are none yet."
    await told(ben, general, "image", unknown, prompt="a fox", dataset="Foxes")
    await told(ben, general, "dataset show", unknown, **name)


async def test_a_servers_set_is_used_by_its_members_and_changed_by_its_maker(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    name = {"name": "brand"}
    said = "everybody here can use it"
    await told(anna, general, "dataset create", said, visibility="server-wide", **name)
    await told(anna, general, "dataset create", "private", name="mine")
    assert await ben.autocomplete("dataset show", "name", "") == ["brand"]
    assert await ben.autocomplete("dataset add", "name", "") == []
    listed = await ben.slash(general, "dataset list")
    assert listed.text == "**brand** · no pictures · by Anna, server-wide"
    assert listed.ephemeral
    for command, more in (("add", {"picture_1": FOX}), ("remove", {"picture": 1}), ("delete", {})):
        said = "Only the person who made it"
        refused = await told(ben, general, f"dataset {command}", said, **name, **more)
        assert (refused.ephemeral, refused.buttons) == (True, {})
    assert await kept(studio, ben) == []
    await told(anna, general, "dataset delete", "Nobody in this server can use it", **name)


async def test_long_lists_have_pages_and_leave_nothing_out(
    studio: Studio, anna: Person, general: str
) -> None:
    empty = await anna.slash(general, "character list")
    assert "There is no character yet." in empty.text
    viewer = Viewer(anna.id, "Anna")
    for number in range(12):
        await datasets.create(studio, viewer, "character", f"Mia {number}", description="*" * 200)
    page = (await anna.slash(general, "character list")).message
    seen = [page.text]
    while "Older" in page.buttons:
        assert len(page.text) <= 2000
        before = page.text
        answer = await anna.click(page, "Older")
        page = await answer.until(lambda each, before=before: each.text != before)
        seen.append(page.text)
    heads = [line for text in seen for line in text.splitlines() if line.startswith("**")]
    assert heads == [f"**Mia {n}** · no pictures · yours, private" for n in reversed(range(12))]
    assert len(seen) == 2


async def test_a_character_is_saved_from_a_picture_made_here_and_from_words(
    anna: Person, general: str
) -> None:
    name = {"name": "Mia"}
    await told(anna, general, "character save", "I have none of yours", **name)
    await drawn(anna, general, "a girl with red hair")
    await told(anna, general, "character save", "1 picture · private", **name)
    await told(anna, general, "character save", "1 picture · private", looks="red hair", **name)
    given = {"picture": FOX, "visibility": "public", **name}
    answer = await told(anna, general, "character save", "2 pictures · public", **given)
    assert "red hair" in answer.text
    assert answer.ephemeral
    assert await anna.autocomplete("character save", "name", "m") == ["Mia"]
    question = await told(anna, general, "character delete", "Nobody anywhere can", name="mia")
    answer = await anna.click(question, "Delete it")
    assert await answer.until(lambda message: "Deleted **Mia**" in message.text)


async def test_it_works_in_direct_messages_and_where_the_bot_is_no_member(
    anna: Person, ben: Person
) -> None:
    shown = await uploaded(anna, anna.dm())
    assert done(await (await anna.reply(shown, "make it blue")).until(done))
    command, name = "dataset create", {"name": "dms"}
    said = "make it in that server"
    await told(anna, anna.dm(), command, said, visibility="server-wide", **name)
    await told(anna, anna.dm(), command, "everybody can use it", visibility="public", **name)
    anna.install()
    answer = await anna.slash(anna.private(ben), "upload", picture=FOX, picture_2=FOX)
    await answer.until(lambda _: len([each for each in answer.messages if each.files]) == 2)
    for shown in answer.messages:
        larger = await (await anna.click(shown, "Upscale")).until(done)
        assert sizes(larger) == (192, 128)
