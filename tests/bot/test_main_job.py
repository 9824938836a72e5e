"""The main job as a member does it: ask, see, reply, click, find again."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy import select

from bot.client import Bot
from db.models import GenerationInput, Role, Status
from services.studio import Studio
from tests.bot.conftest import connected
from tests.bot.helpers import ROW, done, drawn, png, rows, sizes
from tests.discord.person import File, Person
from tests.discord.server import Made, SimulatedDiscord
from tests.discord.world import MANAGE_MESSAGES
from worker.worker import Worker


async def test_a_picture_replaces_the_placeholder(
    bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "image", prompt="a lighthouse at dusk", count=2)
    first = answer.message
    assert "a lighthouse at dusk" in first.text
    shown = await answer.until(lambda message: len(message.files) == 2)
    assert shown.id == first.id
    assert all(file.alt and "lighthouse" in file.alt for file in shown.files)
    assert Image.open(io.BytesIO(shown.files[0].data)).format == "PNG"
    assert list(shown.buttons) == ROW
    assert "offline" in shown.text
    assert "it understood lighthouse, dusk" in shown.text
    assert len(anna.history(general)) == 1


async def test_a_reply_in_plain_words_changes_the_picture(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    said = await ben.reply(shown, "make it night with stars")
    changed = await said.until(done)
    first, second = await rows(studio)
    assert (second.tool, second.parent_id, second.relation) == ("edit", first.id, "reply")
    assert second.session_id == first.session_id
    assert second.user_id == ben.id
    assert f"reply of `#{first.id}`" in changed.text
    again = await anna.reply(changed, "add snow")
    assert done(await again.until(done))
    assert (await rows(studio))[2].parent_id == second.id


async def test_a_reply_with_pictures_takes_things_from_them(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    said = await anna.reply(shown, "warmer", attachments=(File("ref.png", png("red")),))
    await said.until(done)
    async with studio.transaction() as tx:
        inputs = (await tx.scalars(select(GenerationInput))).all()
    assert sorted(each.role for each in inputs) == [Role.REFERENCE, Role.SOURCE]


async def test_a_number_chooses_among_several_pictures(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general, count=3)
    said = await anna.reply(shown, "2: at night")
    await said.until(done)
    _first, second = await rows(studio)
    async with studio.transaction() as tx:
        [source] = (await tx.scalars(select(GenerationInput))).all()
        asset = await tx.get_one(type(source).asset.property.mapper.class_, source.asset_id)
    assert asset.position == 1
    assert second.prompt == "at night"


async def test_without_a_number_it_asks_and_the_answer_counts(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    shown = await drawn(anna, general, count=2)
    said = await anna.reply(shown, "make it night")
    question = await said.until(lambda message: "Which picture?" in message.text)
    refused = await ben.click(question, "1")
    assert "Only the person who asked" in (await refused.until(lambda m: m.ephemeral)).text
    await anna.click(question, "2")
    await said.until(done)
    assert (await rows(studio))[-1].prompt == "make it night"


async def test_a_reply_without_the_ping_is_explained(
    bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    said = await anna.reply(shown, "make it night", ping=False)
    answer = await said.until(lambda message: "does not ping me" in message.text)
    form = await anna.click(answer, "Edit")
    assert form.modal is not None


async def test_every_result_has_buttons_that_work_results_of_results_too(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    again = await (await anna.click(shown, "Reroll")).until(done)
    varied = await (await anna.click(again, "Vary")).until(done)
    assert done(varied)
    first, second, third = await rows(studio)
    assert (second.relation, third.relation, third.parent_id) == ("reroll", "vary", second.id)
    assert (second.parent_id, second.session_id) == (None, first.session_id)
    async with studio.transaction() as tx:
        from db.generations import by_id

        seeds = [(await by_id(tx, each.id)).assets[0].seed for each in (first, second)]
    assert seeds[0] != seeds[1]


async def test_the_edit_form_takes_words_a_mask_and_references(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    size = Image.open(io.BytesIO(shown.files[0].data)).size
    mask = Image.new("L", size, 0)
    mask.paste(255, (0, 0, size[0] // 2, size[1]))
    output = io.BytesIO()
    mask.save(output, "PNG")
    form = await anna.click(shown, "Edit")
    given = {"instruction": "a moonlit night", "mask": File("mask.png", output.getvalue())}
    changed = await (await anna.submit(form, general, given)).until(done)
    before, after = (Image.open(io.BytesIO(each.files[0].data)).convert("RGB")
                     for each in (shown, changed))  # fmt: skip
    right = (size[0] // 2 + 2, 0, *size)
    assert before.crop(right).tobytes() == after.crop(right).tobytes()
    assert before.tobytes() != after.tobytes()


async def test_a_form_sent_after_a_restart_still_counts(
    studio: Studio,
    worker: Worker,
    discord: SimulatedDiscord,
    guild: Made,
    anna: Person,
    general: str,
) -> None:
    async with connected(studio, discord):
        shown = await drawn(anna, general)
        form = await anna.click(shown, "Edit")
    async with connected(studio, discord):
        answer = await anna.submit(form, general, {"instruction": "make it night"})
        assert done(await answer.until(done))
        assert done(await (await anna.click(shown, "Reroll")).until(done))


async def test_more_offers_upscale_source_info_and_delete(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    shown = await drawn(anna, general, seed=7)
    more = (await anna.click(shown, "More…")).message
    assert more.ephemeral
    assert list(more.buttons) == ["Upscale", "Use as source", "Info", "Delete"]
    larger = await (await anna.click(more, "Upscale")).until(done)
    assert sizes(larger) == tuple(2 * side for side in sizes(shown))
    card = (await anna.click(more, "Info")).message
    told = {each["name"]: each["value"] for each in card.embeds[0]["fields"]}
    assert card.ephemeral
    assert told["Seed"] == "7"
    assert told["Cost"] == "free"
    form = await anna.click(more, "Use as source")
    given = {"prompt": "a forest in fog", "strength": "80 %"}
    drawn_from = await (await anna.submit(form, general, given)).until(done)
    assert "forest" in drawn_from.text


async def test_only_its_maker_or_a_moderator_deletes_a_picture(
    studio: Studio, bot: Bot, worker: Worker, guild: Made, anna: Person, ben: Person, general: str
) -> None:
    mona = guild.member("Mona", MANAGE_MESSAGES)
    first, second = await drawn(anna, general), await drawn(anna, general, "hills at dawn")
    for message, who in ((first, anna), (second, mona)):
        menu = (await ben.click(message, "More…")).message
        refused = await ben.click(menu, "Delete")
        await refused.until(lambda each: "Only the person who made it" in each.text)
        menu = (await who.click(message, "More…")).message
        answer = await who.click(menu, "Delete")
        await answer.until(lambda each: "deleted" in each.text)
        gone = anna.look(message.id)
        assert gone is not None
        assert (gone.files, gone.buttons) == ((), {})
    assert not list((studio.settings.data_dir / "files" / "generated").rglob("*.png"))
    late = await ben.press(first, first.buttons["Reroll"])
    assert "There is no such picture" in late.message.text
    assert late.message.ephemeral


async def test_the_message_menu_edits_our_pictures_and_anybodys(
    bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    form = await ben.menu("Edit this image", shown)
    assert done(await (await ben.submit(form, general, {"instruction": "at night"})).until(done))
    photo = await anna.say(general, "my harbor", attachments=(File("harbor.png", png("teal")),))
    seen = ben.look(photo)
    assert seen is not None
    offer = await (await ben.menu("Edit this image", seen)).until(lambda each: each.buttons)
    form = await ben.click(offer, "Edit this picture")
    changed = await (await ben.submit(form, general, {"instruction": "make it red"})).until(done)
    assert sizes(changed)[0] > sizes(changed)[1]


async def test_it_works_in_direct_messages(bot: Bot, worker: Worker, anna: Person) -> None:
    channel = anna.dm()
    shown = await drawn(anna, channel)
    changed = await (await anna.reply(shown, "make it night")).until(done)
    assert changed.channel_id == channel


async def test_it_works_where_only_the_person_installed_it(
    discord: SimulatedDiscord, bot: Bot, worker: Worker, guild: Made
) -> None:
    elsewhere = discord.guild("Elsewhere", channels=["lobby"], has_bot=False)
    carla = elsewhere.member("Carla")
    carla.install()
    shown = await drawn(carla, elsewhere["lobby"], "dunes")
    assert done(await (await carla.click(shown, "Reroll")).until(done))


async def test_show_brings_a_picture_back_and_a_reply_to_it_counts(
    studio: Studio, bot: Bot, worker: Worker, guild: Made, anna: Person, ben: Person, general: str
) -> None:
    shown = await drawn(anna, general)
    [row] = await rows(studio)
    back = await (await ben.slash(guild["other"], "show", id=row.id)).until(done)
    await (await ben.reply(back, "at night")).until(done)
    await (await ben.reply(shown, "in snow")).until(done)
    assert [each.parent_id for each in (await rows(studio))[1:]] == [row.id, row.id]
    missing = await ben.slash(general, "show", id=999)
    await missing.until(lambda each: "no such picture" in each.text)


async def test_nobody_sees_what_was_made_in_private(
    bot: Bot, worker: Worker, studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    shown = await drawn(anna, anna.dm())
    [row] = await rows(studio)
    answer = await ben.slash(general, "show", id=row.id)
    await answer.until(lambda each: "no such picture" in each.text)
    pressed = await ben.press(anna.look(shown.id) or shown, shown.buttons["Reroll"])
    assert "no such picture" in pressed.message.text


async def test_history_is_paged_and_filtered(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    for number in range(12):
        await drawn(anna, general, f"hills number {number}")
    await drawn(ben, general, "a lake")
    first = (await anna.slash(general, "history")).message
    assert first.ephemeral
    assert [f"number {n} ·" in first.text for n in (11, 2, 1)] == [True, True, False]
    second = (await anna.click(first, "Older")).message
    assert "number 1 ·" in second.text
    assert not second.buttons
    found = (await anna.slash(general, "history", words="lake", member=ben)).message
    assert "a lake" in found.text
    assert "hills" not in found.text


async def test_cancel_stops_what_waits_and_what_is_drawn(
    studio: Studio, bot: Bot, anna: Person, general: str, worker: Worker
) -> None:
    answer = await anna.slash(general, "image", prompt="rehearse-slow dunes", count=4)
    busy = await answer.until(lambda message: "Cancel" in message.buttons)
    await anna.click(busy, "Cancel")
    stopped = await answer.until(lambda message: "Canceled." in message.text)
    assert not stopped.files
    nothing = await anna.slash(general, "cancel")
    await nothing.until(lambda message: "Nothing is waiting." in message.text)
    assert [each.status for each in await rows(studio)] == [Status.CANCELED]


async def test_progress_is_shown_with_a_preview_before_the_picture(
    bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "image", prompt="rehearse-slow the sea", count=2)
    busy = await answer.until(lambda message: "%" in message.text and message.files)
    assert busy.files[0].name.startswith("preview-")
    shown = await answer.until(done)
    assert len(shown.files) == 2
    assert shown.edits <= 8


async def test_a_spoiler_is_hidden(bot: Bot, worker: Worker, anna: Person, general: str) -> None:
    shown = await drawn(anna, general, spoiler=True)
    assert shown.files[0].name.startswith("SPOILER_")


async def test_large_pictures_are_made_to_fit_and_the_original_stays(
    studio: Studio, bot: Bot, worker: Worker, guild: Made, anna: Person, general: str
) -> None:
    guild.state.upload_limit = 20_000
    shown = await drawn(anna, general, "city at night in rain")
    assert len(shown.files[0].data) <= 20_000
    assert shown.files[0].name.endswith(".webp")
    [kept] = (studio.settings.data_dir / "files" / "generated").rglob("*.png")
    assert kept.stat().st_size > 20_000


async def test_autocomplete_offers_what_there_is(bot: Bot, anna: Person) -> None:
    assert await anna.autocomplete("image", "model", "scen") == ["scenery-1 · Offline · free"]
    assert "watercolor" in await anna.autocomplete("image", "style", "water")


async def test_the_same_picture_is_stored_once(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    uploaded = File("harbor.png", png("teal"))
    for _ in range(2):
        answer = await anna.slash(general, "edit", source=uploaded, instruction="at night")
        await answer.until(done)
    assert len(list((studio.settings.data_dir / "files" / "uploads").rglob("*.png"))) == 1


async def test_edit_without_a_source_takes_the_last_picture_here(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    await drawn(anna, general)
    await (await anna.slash(general, "edit", instruction="at night")).until(done)
    first, second = await rows(studio)
    assert second.parent_id == first.id
    none = await ben.slash(general, "edit", instruction="at night")
    await none.until(lambda message: "Which picture?" in message.text)


async def test_commands_are_registered_once_and_again_only_when_they_change(
    studio: Studio, discord: SimulatedDiscord, guild: Made
) -> None:
    for _ in range(2):
        async with connected(studio, discord):
            pass
    assert sum(each.startswith("PUT ") for each in discord.requests) == 1
