"""The gateway and the way to it: drops, resumes, refusals, outages, limits on how often."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord as library
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from tests.discord.library import led_to, running
from tests.discord.person import Person
from tests.discord.sample import INTENTS, Sample
from tests.discord.server import Made, SimulatedDiscord
from tests.discord.world import CONTENT_INTENT, MEMBERS_INTENT


async def test_after_a_drop_what_was_missed_is_heard_exactly_once_and_in_order(
    discord: SimulatedDiscord, bot: Sample, anna: Person
) -> None:
    dm = anna.dm()
    await anna.say(dm, "before")
    await discord.drop_connections()
    for number in range(3):
        await anna.say(dm, f"meanwhile {number}")
    await discord.until(lambda: discord.gateway.resumed == 1)
    await anna.say(dm, "after")
    await discord.until(lambda: "after" in bot.heard_from(anna.id))
    expected = ["before", "meanwhile 0", "meanwhile 1", "meanwhile 2", "after"]
    assert bot.heard_from(anna.id) == expected
    assert discord.gateway.identified == 1


async def test_a_refused_resume_means_beginning_anew_and_missing_things(
    discord: SimulatedDiscord, bot: Sample, anna: Person
) -> None:
    discord.refuse_resume()
    await discord.drop_connections()
    await anna.say(anna.dm(), "missed")
    await discord.until(lambda: discord.gateway.identified == 2)
    await anna.say(anna.dm(), "after")
    await discord.until(lambda: bot.heard_from(anna.id))
    assert bot.heard_from(anna.id) == ["after"]


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_is_resumed_or_begun_anew(
    discord: SimulatedDiscord, bot: Sample, *, resumable: bool
) -> None:
    await discord.gateway.invalidate(resumable=resumable)
    await discord.until(lambda: discord.gateway.resumed + discord.gateway.identified == 2)
    assert discord.gateway.resumed == resumable


async def test_a_client_that_is_asked_to_reconnect_resumes(
    discord: SimulatedDiscord, bot: Sample
) -> None:
    await discord.gateway.ask_to_reconnect()
    await discord.until(lambda: discord.gateway.resumed == 1)


async def test_a_client_whose_heartbeats_are_not_heard_gives_up_and_resumes(
    discord: SimulatedDiscord, guild: Made
) -> None:
    discord.gateway.heartbeat = 200
    async with running(Sample(heartbeat_timeout=0.5), discord):
        await discord.until(lambda: discord.gateway.heartbeats > 2)
        discord.gateway.deaf = True
        await discord.until(lambda: discord.gateway.resumed == 1)


async def test_missing_privileges_end_the_connection_and_granted_ones_open_everything(
    discord: SimulatedDiscord, guild: Made, anna: Person, general: str
) -> None:
    intents = library.Intents(INTENTS.value | CONTENT_INTENT | MEMBERS_INTENT)
    with pytest.raises(library.PrivilegedIntentsRequired):
        async with running(Sample(intents), discord):
            pass
    discord.world.granted_intents = CONTENT_INTENT | MEMBERS_INTENT
    async with running(Sample(intents), discord) as bot:
        said = await anna.say(general, "plain")
        await discord.until(lambda: bot.heard_from(anna.id) == ["plain"])
        fetched = await bot.get_partial_messageable(int(general)).fetch_message(int(said))
        here = bot.get_guild(int(guild.id))
        assert here is not None
        found = await here.query_members("ann")
        everybody = [each.name async for each in here.fetch_members()]
    assert fetched.content == "plain"
    assert [each.id for each in found] == [anna.id]
    assert sorted(everybody) == ["anna", "atelier"]


async def test_a_wrong_token_is_refused(discord: SimulatedDiscord) -> None:
    bot = Sample()
    with led_to(discord), pytest.raises(library.LoginFailure):
        async with bot:
            await bot.start("wrong")


async def test_each_shard_hears_of_its_own_guilds(discord: SimulatedDiscord) -> None:
    discord.gateway.shards = 2
    made = [discord.guild(f"Guild {number}", channels=["lobby"]) for number in range(4)]
    for number, each in enumerate(made):
        each.state.id = each.id = str((number + 1) << 22)
        for channel in each.state.channels.values():
            channel["guild_id"] = each.id
    discord.world.guilds = {each.id: each.state for each in made}
    async with raw_session(discord, shard=[1, 2]) as socket:
        heard = [await received(socket) for _ in range(3)]
    assert [each["d"]["name"] for each in heard[1:]] == ["Guild 0", "Guild 2"]


@contextlib.asynccontextmanager
async def raw(discord: SimulatedDiscord, query: str = "v=10") -> AsyncIterator[Any]:
    """A websocket of no library, past the greeting."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{discord.gateway_url}?{query}") as socket,
    ):
        assert (await received(socket))["op"] == 10
        yield socket


@contextlib.asynccontextmanager
async def raw_session(discord: SimulatedDiscord, **changes: Any) -> AsyncIterator[Any]:
    async with raw(discord) as socket:
        await socket.send_json({"op": 2, "d": identity(discord) | changes})
        yield socket


def identity(discord: SimulatedDiscord) -> dict[str, Any]:
    return {"token": discord.token, "intents": INTENTS.value, "properties": {}}


async def received(socket: ClientWebSocketResponse) -> dict[str, Any]:
    message = await socket.receive(5)
    assert message.type is WSMsgType.TEXT, message
    return json.loads(message.data)


CLOSED = {
    "nonsense": ("{", 4002),
    "an unknown opcode": ({"op": 99}, 4001),
    "a presence before anything": ({"op": 3, "d": {}}, 4003),
    "a wrong token": ({"op": 2, "d": {"token": "x", "intents": 0}}, 4004),
    "an impossible shard": ({"op": 2, "d": {"shard": [2, 2]}}, 4010),
    "unknown intents": ({"op": 2, "d": {"intents": 1 << 40}}, 4013),
    "intents that were not granted": ({"op": 2, "d": {"intents": CONTENT_INTENT}}, 4014),
    "a resume with a wrong token": ({"op": 6, "d": {"token": "x"}}, 4004),
}


@pytest.mark.parametrize("name", CLOSED)
async def test_the_gateway_says_why_it_hangs_up(discord: SimulatedDiscord, name: str) -> None:
    told, code = CLOSED[name]
    if isinstance(told, dict) and told["op"] == 2:
        told = {"op": 2, "d": identity(discord) | told["d"]}
    async with raw(discord) as socket:
        await socket.send_str(told if isinstance(told, str) else json.dumps(told))
        await socket.receive(5)
        assert socket.close_code == code


async def test_a_session_is_begun_once_and_resumed_with_a_number_it_had(
    discord: SimulatedDiscord, guild: Made
) -> None:
    async with raw_session(discord) as socket:
        session = (await received(socket))["d"]["session_id"]
        assert (await received(socket))["t"] == "GUILD_CREATE"
        await socket.send_json({"op": 2, "d": identity(discord)})
        await socket.receive(5)
        assert socket.close_code == 4005
    resume = {"token": discord.token, "session_id": session}
    async with raw(discord) as socket:
        await socket.send_json({"op": 6, "d": resume | {"seq": 99}})
        await socket.receive(5)
        assert socket.close_code == 4007
    async with raw(discord) as socket:
        await socket.send_json({"op": 6, "d": resume | {"seq": 1}})
        heard = [await received(socket) for _ in range(2)]
    assert [each["t"] for each in heard] == ["GUILD_CREATE", "RESUMED"]


async def test_a_session_that_said_goodbye_is_over(discord: SimulatedDiscord) -> None:
    async with raw_session(discord) as socket:
        session = (await received(socket))["d"]["session_id"]
    await discord.until(lambda: not discord.gateway.connected)
    async with raw(discord) as socket:
        resume = {"token": discord.token, "session_id": session, "seq": 1}
        await socket.send_json({"op": 6, "d": resume})
        assert await received(socket) == {"op": 9, "d": False, "t": None, "s": None}


async def test_a_client_without_a_heartbeat_is_hung_up_on(discord: SimulatedDiscord) -> None:
    discord.gateway.heartbeat = 100
    async with raw_session(discord) as socket:
        await received(socket)
        await socket.receive(5)
        assert socket.close_code == 4009


async def test_too_many_commands_end_the_connection(discord: SimulatedDiscord) -> None:
    async with raw(discord) as socket:
        for _ in range(121):
            await socket.send_json({"op": 1, "d": None})
        while (message := await socket.receive(5)).type is WSMsgType.TEXT:
            assert json.loads(message.data)["op"] == 11
        assert socket.close_code == 4008


async def test_a_bot_without_the_intent_hears_no_messages(
    discord: SimulatedDiscord, guild: Made, anna: Person, general: str
) -> None:
    async with running(Sample(library.Intents(guilds=True)), discord) as bot:
        await anna.say(general, "hello")
        await anna.say(anna.dm(), "hello")
        await anna.slash(general, "choose")
        assert bot.heard == []


@pytest.mark.parametrize("refused", [False, True])
async def test_an_outage_is_noticed_and_got_over(
    discord: SimulatedDiscord, bot: Sample, general: str, *, refused: bool
) -> None:
    channel = bot.get_partial_messageable(int(general))
    async with discord.outage(refused=refused):
        with pytest.raises((library.DiscordServerError, aiohttp.ClientError, OSError)):
            await channel.send("lost")
    await channel.send("found")
    assert [each["content"] for each in discord.world.messages.values()] == ["found"]
    await discord.until(lambda: discord.gateway.resumed == 1)


async def test_a_lost_answer_does_not_make_two_messages(
    discord: SimulatedDiscord, bot: Sample, general: str
) -> None:
    channel = bot.get_partial_messageable(int(general))
    discord.fail_next("POST", "/messages", 0, after=True)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await channel.send("once", nonce="n-1")
    again = await channel.send("once", nonce="n-1")
    assert list(discord.world.messages) == [str(again.id)]
    discord.advance(minutes=5)
    assert (await channel.send("once", nonce="n-1")).id != again.id


@pytest.mark.parametrize("everywhere", [False, True])
async def test_the_library_waits_when_it_is_told_to(
    discord: SimulatedDiscord, bot: Sample, general: str, *, everywhere: bool
) -> None:
    discord.fail_next("POST", "/messages", 429, times=2, retry_after=0.1, everywhere=everywhere)
    await bot.get_partial_messageable(int(general)).send("patience")
    assert discord.rate_limited == discord.invalid_requests == 2


async def test_a_broken_gateway_in_between_is_tried_again(
    discord: SimulatedDiscord, bot: Sample, general: str
) -> None:
    discord.fail_next("POST", "/messages", 502)
    await bot.get_partial_messageable(int(general)).send("at last")
    assert len(discord.world.messages) == 1


async def test_who_asks_too_often_is_told_how_long_to_wait(discord: SimulatedDiscord) -> None:
    lobby = discord.guild("Test", channels=["lobby"])["lobby"]
    headers = {"Authorization": f"Bot {discord.token}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        url = f"{discord.api_url}/channels/{lobby}/messages"
        answers = [await http.post(url, json={"content": "x"}) for _ in range(6)]
        told = await answers[-1].json()
        assert [each.status for each in answers] == [200] * 5 + [429]
        assert answers[4].headers["X-RateLimit-Remaining"] == "0"
        assert answers[5].headers["X-RateLimit-Scope"] == "user"
        assert 0 < told["retry_after"] <= 5
        many = [await http.get(f"{discord.api_url}/users/@me") for _ in range(50)]
        told = await many[-1].json()
        assert (many[-1].status, told["global"]) == (429, True)


async def test_rate_limits_can_be_left_out() -> None:
    async with SimulatedDiscord(rate_limits=False) as discord:
        lobby = discord.guild("Test", channels=["lobby"])["lobby"]
        async with running(Sample(), discord) as bot:
            channel = bot.get_partial_messageable(int(lobby))
            await asyncio.gather(*(channel.send(str(number)) for number in range(60)))
        assert len(discord.world.messages) == 60
        assert discord.rate_limited == 0
