"""Channels: messages, reactions, typing, threads."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from tests.discord.gateway import DIRECT_REACTIONS, GUILDS, REACTIONS
from tests.discord.refusals import Complaints, Refusal, invalid, unknown
from tests.discord.rest import Area, Call, Created, route
from tests.discord.world import (
    ADD_REACTIONS,
    ATTACH,
    CONTENT_INTENT,
    CREATE_THREADS,
    DM_CHANNEL,
    HISTORY,
    MANAGE_MESSAGES,
    SEND,
    SEND_IN_THREADS,
    THREAD,
    VIEW,
    now,
    snowflake,
)

NONCE_LIFE = 180.0
"""Seconds in which a nonce is remembered; Discord speaks of a few minutes."""
CUSTOM_EMOJI = re.compile(r"(\w+):(\d+)")


class Channels(Area):
    def find(self, call: Call, needed: int = VIEW) -> dict[str, Any]:
        """A message that the bot may see; private ones are for their person only."""
        self.reach(call.path["channel"], needed)
        message = self.world.messages.get(call.path["message"])
        hidden = call.path["message"] in self.world.visible_to
        if message is None or hidden or message["channel_id"] != call.path["channel"]:
            raise unknown("Message", 10008)
        return message

    def view(self, message: dict[str, Any]) -> dict[str, Any]:
        content = bool(self.world.granted_intents & CONTENT_INTENT)
        return self.files.renewed(self.world.seen_by_bot(message, content=content))

    @route("GET", "/channels/{channel}")
    async def channel(self, call: Call) -> Any:
        return self.reach(call.path["channel"])

    @route("POST", "/channels/{channel}/messages")
    async def send(self, call: Call) -> Any:
        channel = self.reach(call.path["channel"])
        self.may_write(channel, call)
        nonce = call.body.get("nonce")
        key = (channel["id"], str(nonce))
        known, sent = self.world.nonces.get(key, ("", 0.0))
        lately = self.world.clock() - sent < NONCE_LIFE
        if call.body.get("enforce_nonce") and known in self.world.messages and lately:
            return self.files.renewed(self.world.messages[known])
        limit = self.world.upload_limit(channel["id"])
        message = self.messages.compose(channel["id"], call.body, call.files, limit)
        if nonce:
            self.world.nonces[key] = message["id"], self.world.clock()
        await self.messages.publish(message)
        return self.files.renewed(message)

    def may_write(self, channel: dict[str, Any], call: Call) -> None:
        needed = SEND_IN_THREADS if channel["type"] == THREAD else SEND
        self.reach(channel["id"], needed | (ATTACH if call.files else 0))
        if channel["type"] == DM_CHANNEL and not self.takes_dms(channel["recipients"][0]["id"]):
            raise Refusal(403, 50007, "Cannot send messages to this user")
        allowed = self.world.bot_permissions(channel["id"])
        if call.body.get("message_reference") and not allowed & HISTORY:
            message = "Cannot reply without permission to read message history"
            raise Refusal(400, 160002, message)

    def takes_dms(self, person_id: str) -> bool:
        """Whether somebody can be written to: they share a guild or installed the app."""
        if person_id in self.world.closed_dms:
            return False
        shared = (person_id in each.members for each in self.world.guilds.values() if each.has_bot)
        return person_id in self.world.installers or any(shared)

    @route("PATCH", "/channels/{channel}/messages/{message}")
    async def edit(self, call: Call) -> Any:
        message = self.find(call)
        if message["author"]["id"] != self.world.bot["id"]:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        limit = self.world.upload_limit(call.path["channel"])
        changed = self.messages.change(message, call.body, call.files, limit)
        await self.messages.changed(changed)
        return self.files.renewed(changed)

    @route("GET", "/channels/{channel}/messages/{message}")
    async def get(self, call: Call) -> Any:
        return self.view(self.find(call, HISTORY))

    @route("GET", "/channels/{channel}/messages")
    async def history(self, call: Call) -> Any:
        """The newest messages first, as many as were asked for."""
        channel_id = call.path["channel"]
        self.reach(channel_id)
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        if not self.world.bot_permissions(channel_id) & HISTORY:
            return []
        found = [each for each in self.world.messages.values()
                 if each["channel_id"] == channel_id and each["id"] not in self.world.visible_to]  # fmt: skip
        return [self.view(each) for each in page(found, call.query, limit)]

    @route("DELETE", "/channels/{channel}/messages/{message}")
    async def delete(self, call: Call) -> None:
        message = self.find(call)
        if message["author"]["id"] != self.world.bot["id"]:
            if self.world.channels[message["channel_id"]]["type"] == DM_CHANNEL:
                raise Refusal(403, 50003, "Cannot execute action on a DM channel")
            self.reach(call.path["channel"], MANAGE_MESSAGES)
        await self.messages.remove(message)

    @route("POST", "/channels/{channel}/typing")
    async def typing(self, call: Call) -> None:
        self.reach(call.path["channel"], SEND)
        self.world.typing.append(call.path["channel"])

    @route("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
    async def react(self, call: Call) -> None:
        message = self.find(call, ADD_REACTIONS | HISTORY)
        emoji = self.emoji(unquote(call.path["emoji"]))
        reactions = message.setdefault("reactions", [])
        known = next((each for each in reactions if each["emoji"] == emoji), None)
        if known is not None and known["me"]:
            return
        if known is None:
            if len(reactions) >= 20:
                raise Refusal(400, 30010, "Maximum number of reactions reached (20)")
            known = reaction(emoji)
            reactions.append(known)
        known["me"], known["count"] = True, known["count"] + 1
        await self.tell_reaction("MESSAGE_REACTION_ADD", message, emoji)

    @route("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
    async def unreact(self, call: Call) -> None:
        message = self.find(call)
        emoji = self.emoji(unquote(call.path["emoji"]))
        for each in message.get("reactions", []):
            if each["emoji"] == emoji and each["me"]:
                each["me"], each["count"] = False, each["count"] - 1
                message["reactions"] = [one for one in message["reactions"] if one["count"]]
                await self.tell_reaction("MESSAGE_REACTION_REMOVE", message, emoji)

    def emoji(self, text: str) -> dict[str, Any]:
        """An emoji as it was written in an address: a character, or a name with an ID."""
        if found := CUSTOM_EMOJI.fullmatch(text):
            return {"id": found[2], "name": found[1]}
        if text.isascii():
            raise Refusal(400, 10014, "Unknown Emoji")
        return {"id": None, "name": text}

    async def tell_reaction(
        self, name: str, message: dict[str, Any], emoji: dict[str, Any]
    ) -> None:
        guild = self.world.channel_guild(message["channel_id"])
        event = {
            "user_id": self.world.bot["id"], "channel_id": message["channel_id"],
            "message_id": message["id"], "emoji": emoji, "burst": False, "type": 0,
            "message_author_id": message["author"]["id"],
        }  # fmt: skip
        if guild is None:
            await self.gateway.tell(name, event, intent=DIRECT_REACTIONS)
            return
        event["guild_id"] = guild.id
        await self.gateway.tell(name, event, intent=REACTIONS, guild_id=guild.id)

    @route("POST", "/channels/{channel}/messages/{message}/threads")
    async def thread_from_message(self, call: Call) -> Any:
        message = self.find(call, CREATE_THREADS)
        if message["id"] in self.world.channels:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        return Created(await self.open_thread(call, message["id"]))

    @route("POST", "/channels/{channel}/threads")
    async def thread(self, call: Call) -> Any:
        self.reach(call.path["channel"], CREATE_THREADS)
        return Created(await self.open_thread(call, snowflake()))

    async def open_thread(self, call: Call, thread_id: str) -> dict[str, Any]:
        complaints = Complaints()
        complaints.length("name", call.body.get("name"), 1, 100)
        complaints.settle()
        parent = self.world.channels[call.path["channel"]]
        guild = self.world.channel_guild(parent["id"])
        if guild is None or parent["type"] == THREAD:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        thread = {
            "id": thread_id, "type": THREAD, "guild_id": guild.id, "parent_id": parent["id"],
            "name": call.body["name"], "owner_id": self.world.bot["id"], "flags": 0,
            "message_count": 0, "member_count": 1, "total_message_sent": 0,
            "rate_limit_per_user": 0, "last_message_id": None,
            "thread_metadata": {
                "archived": False, "locked": False, "create_timestamp": now(),
                "archive_timestamp": now(),
                "auto_archive_duration": call.body.get("auto_archive_duration") or 1440,
            },
        }  # fmt: skip
        guild.channels[thread_id] = self.world.channels[thread_id] = thread
        event = {**thread, "newly_created": True}
        await self.gateway.tell("THREAD_CREATE", event, intent=GUILDS, guild_id=guild.id)
        return thread


def page(messages: list[dict[str, Any]], query: dict[str, str], limit: int) -> list[dict[str, Any]]:
    """The part of a history around, before or after a message, newest first."""
    messages = sorted(messages, key=lambda each: int(each["id"]), reverse=True)
    if "before" in query:
        messages = [each for each in messages if int(each["id"]) < int(query["before"])]
    elif "after" in query:
        messages = [each for each in messages if int(each["id"]) > int(query["after"])][-limit:]
    elif "around" in query:
        middle = int(query["around"])
        later = [each for each in messages if int(each["id"]) >= middle][-(limit // 2 + 1) :]
        earlier = [each for each in messages if int(each["id"]) < middle]
        messages = later + earlier
    return messages[:limit]


def reaction(emoji: dict[str, Any]) -> dict[str, Any]:
    return {
        "emoji": emoji, "count": 0, "count_details": {"burst": 0, "normal": 1}, "me": False,
        "me_burst": False, "burst_colors": [],
    }  # fmt: skip
