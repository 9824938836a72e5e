"""Messages: writing, changing and removing them, and telling the bot about it."""

from __future__ import annotations

import re
from typing import Any

from tests.discord.components import numbered
from tests.discord.files import Files
from tests.discord.gateway import Gateway
from tests.discord.refusals import Refusal, invalid
from tests.discord.rules import COMPONENTS_V2, Upload, check_message
from tests.discord.world import World, now, snowflake

EPHEMERAL, LOADING = 1 << 6, 1 << 7
REPLY = 19


class Messages:
    """Everything that was written and is still there."""

    def __init__(self, world: World, files: Files, gateway: Gateway) -> None:
        self.world, self.files, self.gateway = world, files, gateway

    def draft(self, channel_id: str, author: dict[str, Any], text: str) -> dict[str, Any]:
        """A message of text, not yet sent."""
        return {
            "id": snowflake(), "channel_id": channel_id, "author": author, "content": text,
            "timestamp": now(), "edited_timestamp": None, "tts": False, "mention_everyone": False,
            "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
            "components": [], "pinned": False, "type": 0, "flags": 0,
        }  # fmt: skip

    def compose(
        self, channel_id: str, body: dict[str, Any], uploads: list[Upload], limit: int
    ) -> dict[str, Any]:
        """A message of the bot, checked, with its files kept."""
        body = {**body, "content": (body.get("content") or "").strip()}
        check_message(body, uploads, limit)
        message = self.draft(channel_id, self.world.bot, body["content"])
        message["flags"] = (body.get("flags") or 0) & ~EPHEMERAL
        message["components"] = numbered(body.get("components"))
        message["attachments"] = self.attachments_after(message, body, uploads)
        require_something({**body, **message, "embeds": body.get("embeds")})
        self.place_embeds(message, body.get("embeds") or [])
        if body.get("nonce") is not None:
            message["nonce"] = body["nonce"]
        self.refer(message, body.get("message_reference"))
        self.mention(message, body)
        return message

    def refer(self, message: dict[str, Any], reference: dict[str, Any] | None) -> None:
        """Make a message a reply; to what is gone only if that was said to be no error."""
        if not reference:
            return
        original = self.world.messages.get(str(reference.get("message_id")))
        gone = original is None or original["channel_id"] != message["channel_id"]
        if gone and reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        if gone or original is None:
            return
        self.make_reply(message, original)

    def make_reply(self, message: dict[str, Any], original: dict[str, Any]) -> None:
        message["type"] = REPLY
        message["message_reference"] = {"type": 0, "message_id": original["id"]}
        message["message_reference"]["channel_id"] = message["channel_id"]
        guild = self.world.channel_guild(message["channel_id"])
        if guild is not None:
            message["message_reference"]["guild_id"] = guild.id
        message["referenced_message"] = original

    def keep(
        self, channel_id: str, body: dict[str, Any], uploads: list[Upload]
    ) -> list[dict[str, Any]]:
        """Keep a request's files, each with the note that its body has for it."""
        notes = {str(each.get("id")): each for each in body.get("attachments") or []}
        return [
            self.files.keep(channel_id, name, data, notes.get(str(n), {}).get("description"))
            for n, (name, data) in enumerate(uploads)
        ]

    def place_embeds(self, message: dict[str, Any], embeds: list[dict[str, Any]]) -> None:
        """Put embeds into a message; a file that one of them shows is not shown beneath again."""
        links = {f"attachment://{each['filename']}": each for each in message["attachments"]}
        placed = []
        for embed in embeds:
            embed = {"type": "rich", **{key: value for key, value in embed.items() if value}}
            if "fields" in embed:
                embed["fields"] = [{"inline": False, **each} for each in embed["fields"]]
            for name in ("image", "thumbnail"):
                file = links.get((embed.get(name) or {}).get("url", ""))
                if file is not None:
                    embed[name] = {"url": file["url"], "proxy_url": file["url"]}
                    if file in message["attachments"]:
                        message["attachments"].remove(file)
            placed.append(embed)
        message["embeds"] = placed

    def mention(self, message: dict[str, Any], body: dict[str, Any]) -> None:
        """Note whom a message of the bot pings; one that never pings leaves the list empty."""
        allowed = body.get("allowed_mentions")
        text = body.get("content") or ""
        parse = ["everyone", "users", "roles"] if allowed is None else allowed.get("parse") or []
        allowed = allowed or {}
        pinged = set(map(str, allowed.get("users") or []))
        if "everyone" in parse and re.search(r"@(everyone|here)", text):
            message["mention_everyone"] = True
            self.world.pings.append("everyone")
        for person in re.findall(r"<@!?(\d+)>", text):
            if "users" in parse or person in pinged:
                self.world.pings.append(person)
                message["mentions"] += filter(None, [self.world.users.get(person)])
        for role in re.findall(r"<@&(\d+)>", text):
            if "roles" in parse or role in map(str, allowed.get("roles") or []):
                self.world.pings.append(role)
                message["mention_roles"].append(role)
        replied = body.get("allowed_mentions") is None or allowed.get("replied_user", False)
        if replied and message["type"] == REPLY and body.get("message_reference"):
            self.world.pings.append("replied user")
            message["mentions"].append(message["referenced_message"]["author"])

    def change(
        self, message: dict[str, Any], body: dict[str, Any], uploads: list[Upload], limit: int
    ) -> dict[str, Any]:
        """An edit: what is not named stays, what is named replaces."""
        after = {**message, **{name: body[name] for name in EDITABLE if name in body}}
        after["flags"] = self.flags_after(message, body)
        check_message(after, uploads, limit, had=message["flags"])
        if "attachments" in body or uploads:
            after["attachments"] = self.attachments_after(message, body, uploads)
        require_something(after)
        message["flags"] = after["flags"] & ~LOADING
        message["attachments"] = after["attachments"]
        if "content" in body:
            message["content"] = (body["content"] or "").strip()
        if "embeds" in body:
            self.place_embeds(message, body["embeds"] or [])
        if "components" in body:
            message["components"] = numbered(body["components"])
        unmarked = {**message, "mentions": [], "mention_roles": []}
        self.mention(unmarked, {**body, "message_reference": None})
        message["edited_timestamp"] = now()
        self.world.edits[message["id"]].append(self.world.clock())
        return message

    def flags_after(self, message: dict[str, Any], body: dict[str, Any]) -> int:
        """The flags an edit leaves; a layout stays one, and nobody else sees a private message."""
        given = body.get("flags")
        if given is None:
            return message["flags"]
        fixed = COMPONENTS_V2 | EPHEMERAL | LOADING
        return (given & ~EPHEMERAL) | (message["flags"] & fixed)

    def attachments_after(
        self, message: dict[str, Any], body: dict[str, Any], uploads: list[Upload]
    ) -> list[dict[str, Any]]:
        """The files an edit keeps by naming their IDs, then those it brings."""
        stay = message["attachments"]
        if "attachments" in body:
            named = {str(each["id"]) for each in body["attachments"] or []}
            fresh = {str(number) for number in range(len(uploads))}
            if unheard := named - fresh - {each["id"] for each in stay}:
                code, place = "ATTACHMENT_NOT_FOUND", f"attachments.{len(named) - 1}.id"
                raise invalid(place, code, f"Unknown attachment {min(unheard)}")
            stay = [each for each in stay if each["id"] in named]
        return stay + self.keep(message["channel_id"], body, uploads)

    async def publish(self, message: dict[str, Any]) -> None:
        """Put a message where people see it."""
        self.world.messages[message["id"]] = message
        self.world.channels[message["channel_id"]]["last_message_id"] = message["id"]
        await self.gateway.tell_message("MESSAGE_CREATE", self.files.renewed(message))

    async def changed(self, message: dict[str, Any]) -> None:
        await self.gateway.tell_message("MESSAGE_UPDATE", self.files.renewed(message))

    async def remove(self, message: dict[str, Any]) -> None:
        del self.world.messages[message["id"]]
        await self.gateway.tell_message("MESSAGE_DELETE", message)


EDITABLE = ("content", "embeds", "components", "attachments", "allowed_mentions")


def require_something(message: dict[str, Any]) -> None:
    """Refuse a message that would show nothing at all."""
    shown = ("content", "embeds", "attachments", "components", "sticker_ids", "poll")
    content = (message.get("content") or "").strip()
    if not any({**message, "content": content}.get(each) for each in shown):
        raise Refusal(400, 50006, "Cannot send an empty message")
