"""Pictures people bring, sets and characters, as a member meets them."""

from __future__ import annotations

import io
from functools import partial

from aiohttp import web
from PIL import Image, ImageChops
from sqlalchemy import select

from bot.client import Bot
from core.viewer import Viewer
from db.models import Asset, Source
from services import datasets
from services.fetch import fetch_picture
from services.studio import Studio
from tests.bot.conftest import connected
from tests.bot.helpers import done, drawn, png, rows, sizes
from tests.discord.person import File, Person, Seen
from tests.discord.server import Made, SimulatedDiscord
from worker.worker import Worker

BUTTONS = ["Vary", "Edit", "Upscale", "Delete"]
FOX = File("fox.png", png("red"))


async def kept(studio: Studio) -> list[Asset]:
    async with studio.transaction() as tx:
        query = select(Asset).where(Asset.source != Source.GENERATED).order_by(Asset.created_at)
        return list((await tx.scalars(query)).all())


async def uploaded(person: Person, channel: str, file: File = FOX, **given: object) -> Seen:
    answer = await person.slash(channel, "upload", picture=file, **given)
    return await answer.until(lambda message: message.files)


async def test_an_upload_is_kept_and_shown_with_its_buttons(
    studio: Studio, bot: Bot, anna: Person, general: str
) -> None:
    shown = await uploaded(anna, general)
    [asset] = await kept(studio)
    assert (asset.source, asset.user_id, asset.width) == (Source.UPLOAD, anna.id, 96)
    assert "**/upload** fox" in shown.text
    assert "by Anna · 96 x 64 · 1 kB" in shown.text
    assert (list(shown.buttons), shown.ephemeral) == (BUTTONS, False)
    assert shown.files[0].alt == "fox"
    named = await uploaded(anna, general, name="Mr. Fox @everyone")
    assert "Mr. Fox @\u200beveryone" in named.text


async def test_a_reply_to_an_upload_changes_it_also_by_somebody_else(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    shown = await uploaded(anna, general)
    for person in (anna, ben):
        said = await person.reply(shown, "make it blue", attachments=(File("r.png", png()),))
        changed = await said.until(done)
        assert sizes(changed)[0] > 0
    first, second = await rows(studio)
    assert (first.tool, first.prompt, second.user_id) == ("edit", "make it blue", ben.id)
    assert first.params["source"] != second.params["source"]
    assert len(second.params["references"]) == 1
    assert len({each.key for each in await kept(studio)}) == 2
    unread = await anna.reply(shown, "make it red", ping=False)
    answer = await unread.until(lambda message: "does not ping me" in message.text)
    assert (await anna.click(answer, "Edit")).modal is not None


async def test_the_buttons_work_for_everybody_and_after_a_restart(
    studio: Studio,
    worker: Worker,
    discord: SimulatedDiscord,
    guild: Made,
    anna: Person,
    ben: Person,
    general: str,
) -> None:
    async with connected(studio, discord):
        shown = await uploaded(anna, general)
    async with connected(studio, discord):
        larger = await (await ben.click(shown, "Upscale")).until(done)
        assert sizes(larger) == (192, 128)
        assert done(await (await anna.click(shown, "Vary")).until(done))
        form = await ben.click(shown, "Edit")
        assert done(
            await (await ben.submit(form, general, {"instruction": "at night"})).until(done)
        )
    assert [each.user_id for each in await rows(studio)] == [ben.id, anna.id, ben.id]


async def test_only_who_brought_a_picture_deletes_it(
    studio: Studio, bot: Bot, anna: Person, ben: Person, general: str
) -> None:
    shown = await uploaded(anna, general)
    refused = await ben.click(shown, "Delete")
    assert (await refused.until(lambda each: "Only the person" in each.text)).ephemeral
    gone = await (await anna.click(shown, "Delete")).until(lambda each: "was deleted" in each.text)
    assert (gone.id, gone.files, gone.buttons) == (shown.id, (), {})
    assert not [*(studio.settings.data_dir / "files" / "uploads").rglob("*.png")]
    late = await anna.press(shown, shown.buttons["Edit"])
    assert "has been deleted" in late.text
    said = await anna.reply(gone, "make it blue")
    assert await said.until(lambda message: "has been deleted" in message.text)


async def test_an_import_fetches_pictures_only_and_nothing_from_inside(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
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
    page = await anna.slash(general, "upload", picture=File("x.png", b"<html>" * 9))
    assert (await page.until(lambda message: "a web page" in message.text)).buttons == {}
    assert await kept(studio) == []
    bot.library.fetch = partial(
        fetch_picture, allow=lambda address: address.is_loopback, ports={port}
    )
    answer = await anna.slash(general, "import", url=url)
    shown = await answer.until(lambda message: message.files)
    await runner.cleanup()
    [asset] = await kept(studio)
    assert (asset.source, asset.name) == (Source.IMPORT, "red-fox.png")
    assert list(shown.buttons) == BUTTONS
    assert done(await (await anna.reply(shown, "at night")).until(done))


async def test_a_set_is_made_filled_shown_emptied_and_deleted(
    studio: Studio, bot: Bot, anna: Person, general: str
) -> None:
    made = await anna.slash(
        general, "dataset create", name="Acme *brand*", description="green and round"
    )
    told = await made.until(lambda message: "Acme" in message.text)
    assert told.ephemeral
    assert "**Acme \\*brand\\*** · no pictures · private: only you can use it" in told.text
    assert await anna.autocomplete("dataset add", "name", "ACME") == ["Acme *brand*"]
    await uploaded(anna, general)
    for files in ({}, {"picture_1": File("a.png", png()), "picture_4": File("b.png", png("tan"))}):
        answer = await anna.slash(general, "dataset add", name="acme *BRAND*", **files)
        told = await answer.until(lambda message: "picture" in message.text)
    assert "3 pictures" in told.text
    answer = await anna.slash(general, "dataset show", name="Acme *brand*")
    shown = await answer.until(lambda message: message.files)
    assert "green and round" in shown.text
    sheet = Image.open(io.BytesIO(shown.files[0].data)).convert("RGB")
    centers = [sheet.crop((100 + 208 * n, 100, 110 + 208 * n, 110)) for n in range(3)]
    for center, color in zip(centers, ("red", "navy", "tan"), strict=True):
        difference = ImageChops.difference(center, Image.new("RGB", center.size, color))
        assert max(high for _, high in difference.getextrema()) < 8
    answer = await anna.slash(general, "dataset remove", name="Acme *brand*", picture=2)
    assert await answer.until(lambda message: "2 pictures" in message.text)
    answer = await anna.slash(general, "dataset remove", name="Acme *brand*", picture=9)
    assert await answer.until(lambda message: "has 2 pictures" in message.text)
    answer = await anna.slash(general, "dataset delete", name="Acme *brand*")
    assert await answer.until(lambda message: "Its pictures are still there" in message.text)
    assert len(await kept(studio)) == 3


async def test_a_server_s_set_is_used_by_its_members_and_changed_by_its_maker(
    bot: Bot, anna: Person, ben: Person, general: str
) -> None:
    given = {"name": "brand", "visibility": "server-wide"}
    answer = await anna.slash(general, "dataset create", **given)
    assert await answer.until(lambda message: "everybody here can use it" in message.text)
    await anna.slash(general, "dataset create", name="mine")
    assert await ben.autocomplete("dataset show", "name", "") == ["brand"]
    assert await ben.autocomplete("dataset add", "name", "") == []
    listed = await ben.slash(general, "dataset list")
    assert listed.text == "**brand** · no pictures · by Anna, server-wide"
    assert listed.ephemeral
    picture = {"picture_1": FOX}
    for command, more in (("add", picture), ("remove", {"picture": 1}), ("delete", {})):
        answer = await ben.slash(general, f"dataset {command}", name="brand", **more)
        assert await answer.until(
            lambda message: (
                "Only the person who made it" in message.text or "has no pictures" in message.text
            )
        )
    answer = await ben.slash(general, "dataset show", name="mine")
    assert await answer.until(lambda message: "no set called “mine”" in message.text)


async def test_characters_are_listed_page_by_page(
    studio: Studio, bot: Bot, anna: Person, general: str
) -> None:
    empty = await anna.slash(general, "character list")
    assert "There is no character yet." in empty.text
    viewer = Viewer(anna.id, "Anna")
    for number in range(12):
        await datasets.create(studio, viewer, "character", f"Mia {number}")
    first = (await anna.slash(general, "character list")).message
    assert [line[:8] for line in first.text.splitlines()][:2] == ["**Mia 11", "**Mia 10"]
    second = await (await anna.click(first, "Older")).until(lambda each: "Mia 1**" in each.text)
    assert second.text.splitlines() == [
        f"**Mia {n}** · no pictures · yours, private" for n in (1, 0)
    ]
    assert second.buttons == {}


async def test_a_character_is_saved_from_a_picture_made_here_and_from_words(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    nothing = await anna.slash(general, "character save", name="Mia")
    assert await nothing.until(lambda message: "I have none of yours" in message.text)
    await drawn(anna, general, "a girl with red hair")
    for given, wanted in (
        ({}, "1 picture · private"),
        ({"looks": "red hair, green coat"}, "1 picture · private"),
        ({"picture": FOX, "visibility": "public"}, "2 pictures · public"),
    ):
        answer = await anna.slash(general, "character save", name="Mia", **given)
        told = await answer.until(lambda message, wanted=wanted: wanted in message.text)
    assert "red hair, green coat" in told.text
    assert told.ephemeral
    assert await anna.autocomplete("character save", "name", "m") == ["Mia"]
    gone = await anna.slash(general, "character delete", name="mia")
    assert await gone.until(lambda message: "Deleted **Mia**" in message.text)


async def test_it_works_in_direct_messages_and_where_the_bot_is_no_member(
    bot: Bot, worker: Worker, anna: Person, ben: Person
) -> None:
    shown = await uploaded(anna, anna.dm())
    assert done(await (await anna.reply(shown, "make it blue")).until(done))
    refused = await anna.slash(anna.dm(), "dataset create", name="brand", visibility="server-wide")
    assert await refused.until(lambda message: "make it in that server" in message.text)
    made = await anna.slash(anna.dm(), "dataset create", name="brand", visibility="public")
    assert await made.until(lambda message: "everybody can use it" in message.text)
    anna.install()
    shown = await uploaded(anna, anna.private(ben))
    larger = await (await anna.click(shown, "Upscale")).until(done)
    assert sizes(larger) == (192, 128)
