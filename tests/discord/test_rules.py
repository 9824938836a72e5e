"""What a bot may do where, and the limits on emojis and stickers."""

from __future__ import annotations

import base64
import io
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tests.discord.by_hand import ByHand, complaint
from tests.discord.server import Made
from tests.discord.world import ATTACH, CREATE_EXPRESSIONS, HISTORY, SEND


@pytest.mark.parametrize(
    ("denied", "method", "path", "expected"),
    [
        (SEND, "POST", "", (403, 50013)),
        (HISTORY, "GET", "/{message}", (403, 50013)),
        (0, "GET", "/1", (404, 10008)),
        (0, "PATCH", "/{other}", (403, 50005)),
        (0, "DELETE", "/{other}", (403, 50013)),
        (0, "DELETE", "/{message}", (204, None)),
    ],
)
async def test_what_may_be_done_in_a_channel(
    hand: ByHand, home: Made, denied: int, method: str, path: str, expected: tuple[int, Any]
) -> None:
    channel = home["general"]
    other = await home.member("Anna").say(channel, "hers")
    _, message = await hand.ask("POST", f"/channels/{channel}/messages", {"content": "ours"})
    hand.discord.world.denied[channel] = denied
    where = f"/channels/{channel}/messages" + path.format(message=message["id"], other=other)
    body = {"content": "x"} if method in ("POST", "PATCH") else None
    status, told = await hand.ask(method, where, body)
    assert (status, told["code"] if told else None) == expected


async def test_files_replies_and_channels_need_permission_too(hand: ByHand, home: Made) -> None:
    channel = home["general"]
    said = await home.member("Anna").say(channel, "hers")
    path = f"/channels/{channel}/messages"
    hand.discord.world.denied[channel] = ATTACH | HISTORY
    status, told = await hand.ask("POST", path, {}, {"a.png": b"x"})
    assert (status, told["code"]) == (403, 50013)
    reply = {"content": "x", "message_reference": {"message_id": said}}
    status, told = await hand.ask("POST", path, reply)
    assert (status, told["code"]) == (400, 160002)
    hand.discord.world.locked.add(channel)
    status, told = await hand.ask("POST", path, {"content": "x"})
    assert (status, told["code"]) == (403, 50001)
    status, told = await hand.ask("POST", "/channels/1/messages", {"content": "x"})
    assert (status, told["code"]) == (404, 10003)


def drawn(size: int, kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (size, size)).save(output, kind)
    return output.getvalue()


def uri(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


EMOJIS = {
    "a name of one letter": ({"name": "x", "image": uri(drawn(8))}, "name"),
    "a name with a space": ({"name": "x y", "image": uri(drawn(8))}, "name"),
    "too many bytes": ({"name": "fox", "image": uri(drawn(8) + bytes(256 * 1024))}, "image"),
    "no picture": ({"name": "fox", "image": uri(b"hello")}, "image"),
    "no data": ({"name": "fox", "image": "hello"}, "image"),
}


@pytest.mark.parametrize("name", EMOJIS)
async def test_an_emoji_is_refused_for(hand: ByHand, home: Made, name: str) -> None:
    body, place = EMOJIS[name]
    home.state.bot_permissions |= CREATE_EXPRESSIONS
    for path in (f"/guilds/{home.id}", f"/applications/{hand.discord.application_id}"):
        status, told = await hand.ask("POST", f"{path}/emojis", body)
        assert (status, told["code"]) == (400, 50035)
        assert complaint(told, place), told


async def test_a_guild_has_room_for_fifty_emojis(hand: ByHand, home: Made) -> None:
    path, body = f"/guilds/{home.id}/emojis", {"name": "fox", "image": uri(drawn(128))}
    assert (await hand.ask("POST", path, body))[1]["code"] == 50013
    home.state.bot_permissions |= CREATE_EXPRESSIONS
    answers = [await hand.ask("POST", path, body) for _ in range(51)]
    assert [status for status, _ in answers] == [201] * 50 + [400]
    assert answers[-1][1]["code"] == 30008


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (drawn(320), (201, None)),
        (drawn(321), (400, 50046)),
        (drawn(320, "WEBP"), (400, 50046)),
        (drawn(320) + bytes(512 * 1024), (400, 50045)),
    ],
)
async def test_a_sticker_is_a_small_png(
    hand: ByHand, home: Made, data: bytes, expected: tuple[int, int | None]
) -> None:
    home.state.bot_permissions |= CREATE_EXPRESSIONS
    form = aiohttp.FormData({"name": "cat", "description": "a cat", "tags": "cat"})
    form.add_field("file", data, filename="cat.png")
    url = f"{hand.discord.api_url}/guilds/{home.id}/stickers"
    async with hand.http.post(url, data=form) as response:
        told = await response.json()
    assert (response.status, told.get("code")) == expected
    assert hand.discord.violations == []


async def test_a_request_without_the_token_is_refused(hand: ByHand) -> None:
    discord = hand.discord
    async with aiohttp.ClientSession() as http:
        for given in ({}, {"Authorization": "Bot wrong"}):
            async with http.get(f"{discord.api_url}/users/@me", headers=given) as response:
                assert response.status == 401
        async with http.post(f"{discord.api_url}/webhooks/1/wrong", json={}) as response:
            assert (response.status, (await response.json())["code"]) == (404, 10015)
    assert discord.invalid_requests == 2


async def test_a_body_that_is_no_json_is_refused(hand: ByHand, home: Made) -> None:
    url = f"{hand.discord.api_url}/channels/{home['general']}/messages"
    async with hand.http.post(url, data="{") as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)
