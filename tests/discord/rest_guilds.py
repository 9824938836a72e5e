"""Guilds: members, roles, and the emojis and stickers of guilds and of the application."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from tests.discord.files import dimensions
from tests.discord.refusals import Complaints, Refusal, invalid, unknown
from tests.discord.rest import Area, Call, Created, route
from tests.discord.world import (
    CREATE_EXPRESSIONS,
    MANAGE_EXPRESSIONS,
    MANAGE_GUILD,
    MEMBERS_INTENT,
    Guild,
    member,
    snowflake,
)

EMOJI_BYTES, STICKER_BYTES, STICKER_SIDE = 256 * 1024, 512 * 1024, 320
GUILD_EMOJIS, APP_EMOJIS, GUILD_STICKERS = 50, 2000, 5
EXPRESSIONS = 1 << 3
"""The intent for changes of emojis and stickers."""
PNG, APNG, LOTTIE, GIF = 1, 2, 3, 4
DATA_URI = re.compile(r"data:image/(png|jpe?g|gif|webp|avif);base64,(.*)", re.DOTALL)


class Guilds(Area):
    def of(self, call: Call) -> Guild:
        guild = self.world.guilds.get(call.path["guild"])
        if guild is None or not guild.has_bot:
            raise unknown("Guild", 10004)
        return guild

    def need(self, guild: Guild, *any_of: int) -> None:
        if not any(guild.bot_permissions & each for each in any_of):
            raise Refusal(403, 50013, "Missing Permissions")

    @route("GET", "/guilds/{guild}")
    async def guild(self, call: Call) -> Any:
        found = self.of(call).described()
        if call.query.get("with_counts", "").lower() in ("1", "true"):
            count = len(self.of(call).members) + 1
            found |= {"approximate_member_count": count, "approximate_presence_count": count}
        return found

    @route("PATCH", "/guilds/{guild}")
    async def edit(self, call: Call) -> Any:
        guild = self.of(call)
        self.need(guild, MANAGE_GUILD)
        if "icon" in call.body:
            picture_in(call.body["icon"], "icon")
            guild.icon = hashlib.md5(call.body["icon"].encode()).hexdigest()
        return guild.described()

    @route("GET", "/guilds/{guild}/channels")
    async def channels(self, call: Call) -> Any:
        return [each for each in self.of(call).channels.values() if each["type"] == 0]

    @route("GET", "/guilds/{guild}/roles")
    async def roles(self, call: Call) -> Any:
        return list(self.of(call).roles.values())

    @route("GET", "/guilds/{guild}/members/{user}")
    async def member(self, call: Call) -> Any:
        guild, user = self.of(call), call.path["user"]
        if user == self.world.bot["id"]:
            return member(self.world.bot)
        if user not in guild.members:
            raise unknown("Member", 10007)
        return guild.members[user]

    @route("GET", "/guilds/{guild}/members")
    async def members(self, call: Call) -> Any:
        if not self.world.granted_intents & MEMBERS_INTENT:
            raise Refusal(403, 50001, "Missing Access")
        limit, after = int(call.query.get("limit", 1)), int(call.query.get("after", 0))
        found = [member(self.world.bot), *self.of(call).members.values()]
        found = [each for each in found if int(each["user"]["id"]) > after]
        return sorted(found, key=lambda each: int(each["user"]["id"]))[:limit]

    @route("GET", "/guilds/{guild}/emojis")
    async def emojis(self, call: Call) -> Any:
        return list(self.of(call).emojis.values())

    @route("GET", "/guilds/{guild}/emojis/{emoji}")
    async def emoji(self, call: Call) -> Any:
        return found_in(self.of(call).emojis, call.path["emoji"], "Emoji", 10014)

    @route("POST", "/guilds/{guild}/emojis")
    async def create_emoji(self, call: Call) -> Any:
        guild = self.of(call)
        self.need(guild, CREATE_EXPRESSIONS)
        emoji = self.new_emoji(call, guild.emojis, GUILD_EMOJIS)
        await self.tell_emojis(guild)
        return Created(emoji)

    @route("PATCH", "/guilds/{guild}/emojis/{emoji}")
    async def rename_emoji(self, call: Call) -> Any:
        guild = self.of(call)
        self.need(guild, CREATE_EXPRESSIONS, MANAGE_EXPRESSIONS)
        emoji = found_in(guild.emojis, call.path["emoji"], "Emoji", 10014)
        check_emoji_name(call.body)
        emoji["name"] = call.body["name"]
        await self.tell_emojis(guild)
        return emoji

    @route("DELETE", "/guilds/{guild}/emojis/{emoji}")
    async def delete_emoji(self, call: Call) -> None:
        guild = self.of(call)
        self.need(guild, CREATE_EXPRESSIONS, MANAGE_EXPRESSIONS)
        del guild.emojis[found_in(guild.emojis, call.path["emoji"], "Emoji", 10014)["id"]]
        await self.tell_emojis(guild)

    async def tell_emojis(self, guild: Guild) -> None:
        event = {"guild_id": guild.id, "emojis": list(guild.emojis.values())}
        await self.gateway.tell("GUILD_EMOJIS_UPDATE", event, intent=EXPRESSIONS, guild_id=guild.id)

    @route("GET", "/applications/{application}/emojis")
    async def app_emojis(self, _: Call) -> Any:
        return {"items": list(self.world.emojis.values())}

    @route("GET", "/applications/{application}/emojis/{emoji}")
    async def app_emoji(self, call: Call) -> Any:
        return found_in(self.world.emojis, call.path["emoji"], "Emoji", 10014)

    @route("POST", "/applications/{application}/emojis")
    async def create_app_emoji(self, call: Call) -> Any:
        return Created(self.new_emoji(call, self.world.emojis, APP_EMOJIS))

    @route("PATCH", "/applications/{application}/emojis/{emoji}")
    async def rename_app_emoji(self, call: Call) -> Any:
        emoji = found_in(self.world.emojis, call.path["emoji"], "Emoji", 10014)
        check_emoji_name(call.body)
        emoji["name"] = call.body["name"]
        return emoji

    @route("DELETE", "/applications/{application}/emojis/{emoji}")
    async def delete_app_emoji(self, call: Call) -> None:
        emojis = self.world.emojis
        del emojis[found_in(emojis, call.path["emoji"], "Emoji", 10014)["id"]]

    def new_emoji(self, call: Call, kept: dict[str, Any], limit: int) -> dict[str, Any]:
        check_emoji_name(call.body)
        kind = check_emoji_picture(call.body.get("image"))
        if sum(each["animated"] == (kind == "gif") for each in kept.values()) >= limit:
            raise Refusal(400, 30008, f"Maximum number of emojis reached ({limit})")
        emoji = {
            "id": snowflake(), "name": call.body["name"], "roles": [], "user": self.world.bot,
            "require_colons": True, "managed": False, "animated": kind == "gif",
            "available": True,
        }  # fmt: skip
        kept[emoji["id"]] = emoji
        return emoji

    @route("GET", "/guilds/{guild}/stickers")
    async def stickers(self, call: Call) -> Any:
        return list(self.of(call).stickers.values())

    @route("GET", "/guilds/{guild}/stickers/{sticker}")
    async def sticker(self, call: Call) -> Any:
        return found_in(self.of(call).stickers, call.path["sticker"], "Sticker", 10060)

    @route("POST", "/guilds/{guild}/stickers")
    async def create_sticker(self, call: Call) -> Any:
        guild = self.of(call)
        self.need(guild, CREATE_EXPRESSIONS)
        check_sticker_words(call.fields)
        kind = check_sticker_file(call.files)
        if len(guild.stickers) >= GUILD_STICKERS:
            raise Refusal(400, 30039, f"Maximum number of stickers reached ({GUILD_STICKERS})")
        sticker = {
            "id": snowflake(), "name": call.fields["name"], "tags": call.fields["tags"],
            "description": call.fields.get("description") or None, "type": 2, "available": True,
            "format_type": kind, "guild_id": guild.id, "user": self.world.bot,
        }  # fmt: skip
        guild.stickers[sticker["id"]] = sticker
        await self.tell_stickers(guild)
        return Created(sticker)

    @route("DELETE", "/guilds/{guild}/stickers/{sticker}")
    async def delete_sticker(self, call: Call) -> None:
        guild = self.of(call)
        self.need(guild, CREATE_EXPRESSIONS, MANAGE_EXPRESSIONS)
        del guild.stickers[found_in(guild.stickers, call.path["sticker"], "Sticker", 10060)["id"]]
        await self.tell_stickers(guild)

    async def tell_stickers(self, guild: Guild) -> None:
        event = {"guild_id": guild.id, "stickers": list(guild.stickers.values())}
        await self.gateway.tell(
            "GUILD_STICKERS_UPDATE", event, intent=EXPRESSIONS, guild_id=guild.id
        )


def found_in(kept: dict[str, Any], key: str, what: str, code: int) -> Any:
    if key not in kept:
        raise unknown(what, code)
    return kept[key]


def check_emoji_name(body: dict[str, Any]) -> None:
    complaints = Complaints()
    complaints.length("name", body.get("name"), 2, 32)
    if not re.fullmatch(r"\w*", body.get("name") or "", re.ASCII):
        complaints.add("name", "STRING_TYPE_REGEX", "String value did not match validation regex.")
    complaints.settle()


def check_emoji_picture(image: str | None) -> str:
    """Check an emoji's picture and return its format."""
    kind, data = picture_in(image, "image")
    if len(data) > EMOJI_BYTES:
        message = "File cannot be larger than 256.0 kb."
        raise invalid("image", "BINARY_TYPE_MAX_SIZE", message)
    return kind


def picture_in(uri: str | None, name: str) -> tuple[str, bytes]:
    """The format and the bytes of a picture in a data URI."""
    found = DATA_URI.fullmatch(uri or "")
    if found is None:
        raise invalid(name, "IMAGE_INVALID", "Unsupported image type given")
    try:
        data = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        raise invalid(name, "IMAGE_INVALID", "Invalid image data") from None
    if dimensions(data) == (None, None):
        raise invalid(name, "IMAGE_INVALID", "Invalid image data")
    return found[1], data


def check_sticker_words(fields: dict[str, str]) -> None:
    complaints = Complaints()
    complaints.length("name", fields.get("name"), 2, 30)
    complaints.length("tags", fields.get("tags"), 1, 200)
    if fields.get("description"):
        complaints.length("description", fields["description"], 2, 100)
    complaints.settle()


def check_sticker_file(files: list[tuple[str, bytes]]) -> int:
    """Check a sticker's file and return its kind; Discord takes no WebP and no JPEG here."""
    if len(files) != 1:
        raise invalid("file", "BASE_TYPE_REQUIRED", "This field is required")
    [(_, data)] = files
    if len(data) > STICKER_BYTES:
        raise Refusal(400, 50045, "File uploaded exceeds the maximum size")
    if data.startswith(b"{"):
        return LOTTIE
    kinds = {b"\x89PNG": APNG if b"acTL" in data[:200] else PNG, b"GIF8": GIF}
    kind = kinds.get(data[:4])
    width, height = dimensions(data)
    if kind is None or width is None or height is None or max(width, height) > STICKER_SIDE:
        raise Refusal(400, 50046, "Invalid Asset")
    return kind
