"""The real client library and a person, on both sides of the simulated Discord."""

from __future__ import annotations

import io

import aiohttp
import discord as library
import pytest

from tests.discord.person import File, Person
from tests.discord.sample import PNG, Sample
from tests.discord.server import Made, SimulatedDiscord
from tests.discord.world import MANAGE_GUILD


async def test_a_bot_logs_in_and_its_commands_are_offered(
    discord: SimulatedDiscord, bot: Sample, guild: Made, anna: Person, general: str
) -> None:
    assert bot.user is not None
    assert bot.user.id == bot.application_id == discord.application_id
    assert [each.name for each in bot.guilds] == ["Test"]
    assert anna.offered(general) == ["draw", "think", "choose", "secret", "Describe", "Wave"]
    assert int(anna.user["id"]) > 2**53


async def test_a_command_is_answered_and_the_answer_becomes_the_pictures(
    bot: Sample, anna: Person, ben: Person, general: str
) -> None:
    answer = await anna.slash(general, "draw", prompt="a red fox", count=2)
    shown = await answer.until(lambda message: len(message.files) == 2)
    assert shown.text == "a red fox by offline"
    assert [each.alt for each in shown.files] == ["a red fox (0)", "a red fox (1)"]
    assert shown.files[0].data == PNG
    assert shown.edits == 1
    assert ben.history(general) == [shown]
    assert "draw" in [each.data["name"] for each in bot.asked if each.data]


async def test_what_a_client_would_not_send_is_not_sent(
    bot: Sample, anna: Person, general: str
) -> None:
    for given in ({}, {"prompt": ""}, {"prompt": "x", "count": 9}, {"prompt": "x", "count": "1"},
                  {"prompt": "x", "source": "a.png"}, {"prompt": "x", "unheard": 1}):  # fmt: skip
        with pytest.raises(AssertionError):
            await anna.slash(general, "draw", **given)
    assert bot.asked == []


async def test_an_attachment_is_downloaded_from_the_simulated_cdn(
    bot: Sample, anna: Person, general: str
) -> None:
    photo = File("my photo.jpg", b"some bytes", "image/jpeg")
    answer = await anna.slash(general, "draw", prompt="x", source=photo)
    await answer.until(lambda message: message.text == "x by offline from 10 bytes")
    [sent] = bot.asked[0].data["resolved"]["attachments"].values()  # type: ignore[index]
    assert (sent["filename"], sent["content_type"]) == ("my_photo.jpg", "image/jpeg")


async def test_links_to_files_expire_cannot_be_forged_and_are_renewed(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "draw", prompt="x")
    shown = await answer.until(lambda message: message.files)
    link = shown.files[0].url
    assert await downloaded(link) == (200, PNG)
    assert (await downloaded(link.replace("hm=", "hm=0")))[0] == 404
    assert (await downloaded(link.split("?")[0]))[0] == 404
    discord.advance(minutes=25 * 60)
    assert (await downloaded(link))[0] == 404
    message = await bot.get_partial_messageable(int(general)).fetch_message(int(shown.id))
    assert await message.attachments[0].read() == PNG


async def downloaded(url: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return response.status, await response.read()


async def test_suggestions_are_offered_while_typing(bot: Sample, anna: Person) -> None:
    assert await anna.autocomplete("draw", "model", "off") == ["offline", "office"]
    with pytest.raises(AssertionError):
        await anna.autocomplete("draw", "prompt", "off")


async def test_the_first_followup_of_a_deferred_answer_takes_its_place(
    bot: Sample, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "think", followups=2)
    await answer.until(lambda message: message.text == "thought 1")
    first, second = anna.history(general)
    assert (first.text, first.thinking) == ("thought 0", False)
    assert second.replies_to == first.id


async def test_a_private_answer_is_for_one_person_and_not_in_the_channel(
    bot: Sample, anna: Person, ben: Person, general: str
) -> None:
    answer = await anna.slash(general, "secret")
    shown = await answer.until(lambda message: message.text == "and this")
    assert [each.text for each in answer.messages] == ["between us", "and this"]
    assert shown.ephemeral
    assert ben.history(general) == []
    channel = bot.get_partial_messageable(int(general))
    assert [each async for each in channel.history()] == []
    with pytest.raises(library.NotFound):
        await channel.fetch_message(int(shown.id))
    assert bot.heard == []


async def test_a_form_is_filled_in_with_words_a_choice_and_a_file(
    bot: Sample, anna: Person, general: str
) -> None:
    shown = await (await anna.slash(general, "draw", prompt="x")).until(lambda each: each.buttons)
    form = await anna.click(shown, "Edit")
    assert form.modal is not None
    assert form.modal["title"] == "Change the picture"
    given = {"What should be different?": "night", "Mask": File("mask.png", PNG)}
    for wrong in ({}, {**given, "How much?": "99"}, {**given, "Color": "red"}):
        with pytest.raises(AssertionError):
            await anna.submit(form, general, wrong)
    answer = await anna.submit(form, general, given)
    changed = await answer.until(lambda each: "night" in each.text)
    assert changed.text == f"night 80 mask.png of {len(PNG)} bytes"
    assert changed.id == shown.id


async def test_a_button_works_for_a_bot_that_never_saw_it_before(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    channel = bot.get_partial_messageable(int(general))
    sent = await channel.send("old", view=None)
    row = {
        "type": 1,
        "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "again:7"}],
    }
    await bot.http.request(
        library.http.Route("PATCH", f"/channels/{general}/messages/{sent.id}"),
        json={"components": [row]},
    )
    old = anna.look(str(sent.id))
    assert old is not None
    answer = await anna.click(old, "Go")
    assert answer.text == "again after 7"
    assert answer.message.replies_to == old.id
    assert (await anna.click(answer.message, "Again")).text == "again after 8"


async def test_a_menu_is_chosen_from(bot: Sample, anna: Person, general: str) -> None:
    shown = (await anna.slash(general, "choose")).message
    answer = await anna.select(shown, "Color", "Red", "blue")
    assert answer.text == "chose red, blue"
    with pytest.raises(AssertionError):
        await anna.select(shown, "Color", "green")


async def test_menus_of_messages_and_of_people(
    bot: Sample, anna: Person, ben: Person, general: str
) -> None:
    said = anna.look(await ben.say(general, "my harbor", attachments=(File("h.png", PNG),)))
    assert said is not None
    assert (await anna.menu("Describe", said)).text == "ben: my harbor, 1 files"
    assert (await anna.menu("Wave", ben, general)).text == "Member Ben"


async def test_it_works_in_direct_messages_until_they_are_closed(
    discord: SimulatedDiscord, bot: Sample, anna: Person
) -> None:
    channel = anna.dm()
    await (await anna.slash(channel, "draw", prompt="x")).until(lambda each: each.files)
    await anna.say(channel, "hello")
    await discord.until(lambda: bot.heard_from(anna.id) == ["hello"])
    person = await bot.fetch_user(anna.id)
    await person.send("hi")
    assert anna.history(channel)[-1].text == "hi"
    anna.close_dms()
    with pytest.raises(library.Forbidden) as refused:
        await person.send("hi again")
    assert refused.value.code == 50007


async def test_an_app_of_ones_own_has_five_followups_and_no_channel(
    discord: SimulatedDiscord, bot: Sample, guild: Made
) -> None:
    elsewhere = discord.guild("Elsewhere", channels=["lobby"], has_bot=False)
    carla = elsewhere.member("Carla")
    lobby = elsewhere["lobby"]
    with pytest.raises(AssertionError, match="not offered here"):
        await carla.slash(lobby, "think")
    carla.install()
    answer = await carla.slash(lobby, "think", followups=7)
    await discord.until(lambda: len(answer.messages) == 6)
    await discord.until(lambda: "40094" in discord.api.lately[-1])
    [asked] = bot.asked
    assert asked.is_user_integration()
    assert not asked.is_guild_integration()
    with pytest.raises(library.Forbidden) as refused:
        await bot.get_partial_messageable(int(lobby)).send("hi")
    assert refused.value.code == 50001
    await carla.say(lobby, "hello?")
    assert bot.heard == []


async def test_an_app_of_ones_own_works_among_friends(
    bot: Sample, anna: Person, ben: Person
) -> None:
    anna.install()
    channel = anna.private(ben)
    await (await anna.slash(channel, "draw", prompt="x")).until(lambda each: each.files)
    assert bot.asked[0].context.private_channel


async def test_a_late_answer_is_refused_and_the_person_is_told(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    discord.fail_next("POST", "/callback", 0)
    with pytest.raises(AssertionError, match="The application did not respond"):
        await anna.slash(general, "draw", prompt="x")
    with pytest.raises(library.NotFound) as refused:
        await bot.asked[0].response.send_message("sorry")
    assert refused.value.code == 10062


async def test_a_second_answer_is_refused(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    await anna.slash(general, "choose")
    asked = bot.asked[0]
    asked.response._response_type = None
    with pytest.raises(library.HTTPException) as refused:
        await asked.response.send_message("twice")
    assert (refused.value.status, refused.value.code) == (400, 40060)


async def test_a_token_works_for_fifteen_minutes_and_the_message_for_ever(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "choose")
    asked = bot.asked[0]
    discord.advance(minutes=14)
    await asked.edit_original_response(content="in time")
    discord.advance(minutes=2)
    for late in (asked.edit_original_response(content="x"), asked.followup.send("x")):
        with pytest.raises(library.HTTPException) as refused:
            await late
        assert (refused.value.status, refused.value.code) == (401, 50027)
    channel = bot.get_partial_messageable(int(general))
    await channel.get_partial_message(int(answer.message.id)).edit(content="by hand")
    assert answer.text == "by hand"


async def test_words_are_read_only_where_they_are_meant_for_the_bot(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    assert bot.user is not None
    ours = await bot.get_partial_messageable(int(general)).send("ours")
    shown = anna.look(str(ours.id))
    assert shown is not None
    plain = await anna.say(general, "plain", attachments=(File("a.png", PNG),))
    await anna.say(general, f"for <@{bot.user.id}>")
    await anna.reply(shown, "pinged")
    await anna.reply(shown, "unpinged", ping=False)
    await discord.until(lambda: len(bot.heard_from(anna.id)) == 4)
    assert bot.heard_from(anna.id) == ["", f"for <@{bot.user.id}>", "pinged", ""]
    original = bot.heard[-1].reference.resolved  # type: ignore[union-attr]
    assert isinstance(original, library.Message)
    assert original.content == "ours"
    fetched = await bot.get_partial_messageable(int(general)).fetch_message(int(plain))
    assert (fetched.content, fetched.attachments) == ("", [])


async def test_pings_are_noticed(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    channel = bot.get_partial_messageable(int(general))
    said = await anna.say(general, "hello")
    text = f"@everyone <@{anna.id}>"
    await channel.send(text, reference=channel.get_partial_message(int(said)))
    assert discord.world.pings == []
    everybody = library.AllowedMentions.all()
    await channel.send(
        text, reference=channel.get_partial_message(int(said)), allowed_mentions=everybody
    )
    assert discord.world.pings == ["everyone", str(anna.id), "replied user"]


async def test_the_bot_hears_of_changed_and_deleted_messages(
    discord: SimulatedDiscord, bot: Sample, anna: Person, general: str
) -> None:
    message = await bot.get_partial_messageable(int(general)).send("first")
    await message.edit(content="second")
    shown = anna.look(str(message.id))
    assert shown is not None
    await anna.delete(shown)
    await discord.until(lambda: bot.gone == [message.id])
    assert bot.edited == ["second"]


async def test_threads_reactions_and_typing(
    discord: SimulatedDiscord, bot: Sample, guild: Made, anna: Person, general: str
) -> None:
    channel = bot.get_channel(int(general))
    assert isinstance(channel, library.TextChannel)
    message = await channel.send("look")
    async with channel.typing():
        pass
    for emoji in ("🔥", "👍", "🎨"):
        await message.add_reaction(emoji)
    assert discord.rate_limited == 0
    thread = await message.create_thread(name="More")
    await thread.send("inside")
    assert [each.text for each in anna.history(str(thread.id))] == ["inside"]
    fetched = await channel.fetch_message(message.id)
    assert [str(each.emoji) for each in fetched.reactions] == ["🔥", "👍", "🎨"]
    assert discord.world.typing == [general]


async def test_guilds_members_and_roles_are_as_they_were_made(
    bot: Sample, guild: Made, anna: Person
) -> None:
    boss = guild.member("Boss", MANAGE_GUILD)
    fetched = await bot.fetch_guild(int(guild.id))
    member = await fetched.fetch_member(boss.id)
    roles = await fetched.fetch_roles()
    assert fetched.approximate_member_count == 3
    assert [each.permissions.manage_guild for each in roles] == [False, True]
    assert member.roles[-1].permissions.manage_guild
    assert sorted(each.name for each in await fetched.fetch_channels()) == ["general", "other"]
    with pytest.raises(library.NotFound):
        await fetched.fetch_member(1)


async def test_emojis_and_stickers_are_made_shown_and_taken_away(
    bot: Sample, guild: Made, anna: Person
) -> None:
    here = bot.get_guild(int(guild.id))
    assert here is not None
    with pytest.raises(library.Forbidden):
        await here.create_custom_emoji(name="fox", image=PNG)
    guild.state.bot_permissions |= 1 << 43
    emoji = await here.create_custom_emoji(name="fox", image=PNG)
    own = await bot.create_application_emoji(name="owl", image=PNG)
    file = library.File(io.BytesIO(PNG), "s.png")
    sticker = await here.create_sticker(name="cat", description="a cat", emoji="🐱", file=file)
    assert [each.name for each in await here.fetch_emojis()] == ["fox"]
    assert [each.name for each in await bot.fetch_application_emojis()] == ["owl"]
    assert [each.name for each in await here.fetch_stickers()] == ["cat"]
    await emoji.delete()
    await own.delete()
    await sticker.delete()
    assert (guild.state.emojis, guild.state.stickers) == ({}, {})
