"""The HTTP API: what the bot asks for and sends."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.discord import rules
from tests.discord.rules import Refusal, unknown
from tests.discord.world import Interaction, World, now, snowflake

EPHEMERAL = 64
TOKEN_LIFE = 15 * 60
ANSWER_WITHIN = 3.0

Handler = Callable[["Call"], Awaitable[Any]]


class Call:
    """One request, read."""

    def __init__(
        self, match: re.Match[str], query: dict[str, str], body: Any, files: list[tuple[str, bytes]]
    ) -> None:
        self.path, self.query, self.body, self.files = match.groupdict(), query, body or {}, files


class Rest:
    """Each route is a method; `ROUTES` says which."""

    def __init__(self, world: World, base: Any) -> None:
        self.world = world
        self.base = base

    async def me(self, _: Call) -> Any:
        return {**self.world.bot, "flags": 0, "mfa_enabled": True, "locale": "en-US",
                "verified": True}  # fmt: skip

    async def application(self, _: Call) -> Any:
        return {
            "id": self.world.application_id, "name": "Atelier", "icon": None, "description": "",
            "bot_public": True, "bot_require_code_grant": False, "verify_key": "00", "flags": 0,
            "owner": self.world.bot, "team": None, "hook": True, "type": None, "summary": "",
        }  # fmt: skip

    async def gateway_bot(self, _: Call) -> Any:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
        return {"url": self.base.gateway_url, "shards": 1, "session_start_limit": limit}

    async def put_commands(self, call: Call) -> Any:
        rules.check_commands(call.body)
        self.world.commands = [
            {**each, "id": snowflake(), "application_id": self.world.application_id,
             "version": snowflake(), "type": each.get("type", 1),
             "description": each.get("description", ""),
             "default_member_permissions": each.get("default_member_permissions")}
            for each in call.body
        ]  # fmt: skip
        return self.world.commands

    async def get_commands(self, _: Call) -> Any:
        return self.world.commands

    async def callback(self, call: Call) -> Any:
        interaction = self.world.interactions.get(call.path["id"])
        if interaction is None or interaction.payload["token"] != call.path["token"]:
            raise unknown("interaction", 10062)
        if interaction.answered:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if self.world.clock() - interaction.created > ANSWER_WITHIN:
            raise unknown("interaction", 10062)
        kind, data = call.body["type"], call.body.get("data") or {}
        message = await self.answer(interaction, kind, data, call.files)
        interaction.answered, interaction.answered_at = True, self.world.clock()
        if call.query.get("with_response", "").lower() not in ("1", "true"):
            return None
        resource = {"type": kind, "message": message} if message else None
        state = {"id": call.path["id"], "type": interaction.payload["type"]}
        if message:
            state |= {"response_message_id": message["id"],
                      "response_message_ephemeral": interaction.ephemeral}  # fmt: skip
        return {"interaction": state, **({"resource": resource} if resource else {})}

    async def answer(
        self, interaction: Interaction, kind: int, data: dict[str, Any], files: Any
    ) -> dict[str, Any] | None:
        if kind in (4, 5):
            interaction.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
            if kind == 4:
                self.not_empty(data, files)
            message = self.write(interaction, data, files)
            if kind == 5:
                message["flags"] |= 128
            interaction.message_id = message["id"]
            interaction.results.append(message["id"])
            return message
        if kind in (6, 7):
            original = interaction.payload.get("message")
            interaction.message_id = original["id"] if original else None
            if kind == 7 and original:
                interaction.results.append(original["id"])
                return self.change(self.world.messages[original["id"]], data, files)
        elif kind == 8:
            interaction.choices = data["choices"]
            if len(interaction.choices) > 25:
                raise rules.invalid("choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer.")
        elif kind == 9:
            rules.check_modal(data)
            interaction.modal = data
        return None

    def write(self, interaction: Interaction, data: dict[str, Any], files: Any) -> dict[str, Any]:
        """A new message from the bot in answer to an interaction."""
        channel_id = interaction.payload["channel_id"]
        message = self.new_message(channel_id, data, files, self.limit_of(interaction))
        message["webhook_id"] = self.world.application_id
        message["application_id"] = self.world.application_id
        if (data.get("flags") or 0) & EPHEMERAL:
            message["flags"] |= EPHEMERAL
            self.world.visible_to[message["id"]] = self.person_of(interaction)["id"]
        return message

    def limit_of(self, interaction: Interaction) -> int:
        return interaction.payload["attachment_size_limit"]

    def person_of(self, interaction: Interaction) -> dict[str, Any]:
        payload = interaction.payload
        return payload["member"]["user"] if "member" in payload else payload["user"]

    def not_empty(self, data: dict[str, Any], files: Any) -> None:
        if not (data.get("content") or data.get("embeds") or files or data.get("components")):
            raise Refusal(400, 50006, "Cannot send an empty message")

    def new_message(
        self, channel_id: str, data: dict[str, Any], files: Any, limit: int
    ) -> dict[str, Any]:
        rules.check_message(data, files, limit)
        message: dict[str, Any] = {
            "id": snowflake(), "channel_id": channel_id, "author": self.world.bot,
            "content": data.get("content") or "", "timestamp": now(), "edited_timestamp": None,
            "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
            "attachments": self.keep_files(channel_id, data, files),
            "embeds": data.get("embeds") or [], "components": numbered(data.get("components")),
            "pinned": False, "type": 0, "flags": (data.get("flags") or 0) & ~EPHEMERAL,
        }  # fmt: skip
        self.note_pings(data)
        if reference := data.get("message_reference"):
            message["message_reference"] = {**reference, "channel_id": channel_id}
            message["type"] = 19
        self.world.messages[message["id"]] = message
        return message

    def keep_files(self, channel_id: str, data: dict[str, Any], files: Any) -> list[dict[str, Any]]:
        described = {str(each.get("id")): each for each in data.get("attachments") or []}
        kept = []
        for index, (name, content) in enumerate(files):
            note = described.get(str(index), {})
            kept.append(self.keep_file(channel_id, name, content, note.get("description")))
        return kept

    def keep_file(
        self, channel_id: str, name: str, content: bytes, description: str | None = None
    ) -> dict[str, Any]:
        file_id = snowflake()
        self.world.files[file_id] = (name, content)
        url = (
            f"{self.base.cdn_url}/attachments/{channel_id}/{file_id}/{name}?ex=ffffffff&is=0&hm=00"
        )
        attachment = {
            "id": file_id, "filename": name, "size": len(content), "url": url, "proxy_url": url,
            "content_type": kind_of(name), "description": description,
        }  # fmt: skip
        return {key: value for key, value in attachment.items() if value is not None}

    def note_pings(self, data: dict[str, Any]) -> None:
        """Whom this message would ping; a bot that never pings leaves the list empty."""
        allowed = data.get("allowed_mentions")
        text = data.get("content") or ""
        parse = ["everyone", "users", "roles"] if allowed is None else allowed.get("parse", [])
        if "everyone" in parse and re.search(r"@(everyone|here)", text):
            self.world.pings.append("everyone")
        if "users" in parse:
            self.world.pings += re.findall(r"<@!?(\d+)>", text)
        replied = allowed is None or allowed.get("replied_user", False)
        if replied and data.get("message_reference"):
            self.world.pings.append("replied user")

    def change(self, message: dict[str, Any], data: dict[str, Any], files: Any) -> dict[str, Any]:
        """An edit: what is not named stays, what is named replaces."""
        limit = self.world.upload_limit(message["channel_id"])
        rules.check_message({**message, **data}, files, limit)
        for name in ("content", "embeds"):
            if name in data:
                message[name] = data[name] or ("" if name == "content" else [])
        if "components" in data:
            message["components"] = numbered(data["components"])
        if "attachments" in data or files:
            wanted = {str(each["id"]) for each in data.get("attachments") or []}
            stay = [each for each in message["attachments"] if each["id"] in wanted]
            fresh = self.keep_files(message["channel_id"], data, files)
            message["attachments"] = stay + fresh
        self.note_pings({**data, "message_reference": None})
        message["flags"] &= ~128
        message["edited_timestamp"] = now()
        self.world.edits[message["id"]].append(self.world.clock())
        return message

    def by_token(self, call: Call) -> Interaction:
        interaction = self.world.tokens.get(call.path["token"])
        if interaction is None:
            raise unknown("Webhook", 10015)
        if self.world.clock() - interaction.created > TOKEN_LIFE:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return interaction

    def own(self, interaction: Interaction, message_id: str) -> dict[str, Any]:
        if message_id == "@original":
            message_id = interaction.message_id or ""
        message = self.world.messages.get(message_id)
        known = message_id == interaction.message_id or message_id in interaction.results
        if message is None or not known:
            raise unknown("Message", 10008)
        return message

    async def followup(self, call: Call) -> Any:
        interaction = self.by_token(call)
        if not interaction.member_of and interaction.followups >= 5:
            raise Refusal(400, 40094, "Maximum number of follow-up messages reached (5)")
        self.not_empty(call.body, call.files)
        interaction.followups += 1
        message = self.write(interaction, call.body, call.files)
        interaction.results.append(message["id"])
        return message

    async def edit_by_token(self, call: Call) -> Any:
        interaction = self.by_token(call)
        message = self.own(interaction, call.path["message"])
        if message["id"] not in interaction.results:
            interaction.results.append(message["id"])
        return self.change(message, call.body, call.files)

    async def get_by_token(self, call: Call) -> Any:
        return self.own(self.by_token(call), call.path["message"])

    async def delete_by_token(self, call: Call) -> None:
        message = self.own(self.by_token(call), call.path["message"])
        del self.world.messages[message["id"]]

    def reach(self, channel_id: str) -> dict[str, Any]:
        """A channel the bot may use."""
        channel = self.world.channels.get(channel_id)
        if channel is None:
            raise unknown("Channel", 10003)
        guild = self.world.channel_guild(channel_id)
        if channel_id in self.world.locked or (guild is not None and not guild.has_bot):
            raise Refusal(403, 50001, "Missing Access")
        return channel

    def find(self, call: Call) -> dict[str, Any]:
        self.reach(call.path["channel"])
        message = self.world.messages.get(call.path["message"])
        hidden = call.path["message"] in self.world.visible_to
        if message is None or hidden or message["channel_id"] != call.path["channel"]:
            raise unknown("Message", 10008)
        return message

    async def send(self, call: Call) -> Any:
        self.reach(call.path["channel"])
        self.not_empty(call.body, call.files)
        nonce = call.body.get("nonce")
        key = (call.path["channel"], str(nonce))
        if nonce and call.body.get("enforce_nonce") and key in self.world.nonces:
            return self.world.messages[self.world.nonces[key]]
        limit = self.world.upload_limit(call.path["channel"])
        message = self.new_message(call.path["channel"], call.body, call.files, limit)
        if nonce:
            self.world.nonces[key] = message["id"]
        return message

    async def edit(self, call: Call) -> Any:
        message = self.find(call)
        if message["author"]["id"] != self.world.bot["id"]:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        return self.change(message, call.body, call.files)

    async def get(self, call: Call) -> Any:
        return self.world.seen_by_bot(self.find(call))

    async def delete(self, call: Call) -> None:
        del self.world.messages[self.find(call)["id"]]

    async def channel(self, call: Call) -> Any:
        return self.reach(call.path["channel"])

    async def open_dm(self, call: Call) -> Any:
        return self.base.dm_channel(str(call.body["recipient_id"]))


def numbered(rows: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Components as Discord stores them: each with its number."""
    found: list[dict[str, Any]] = []
    for index, row in enumerate(rows or []):
        inner = [{**each, "id": 10 * index + n + 2} for n, each in enumerate(row["components"])]
        found.append({**row, "id": 10 * index + 1, "components": inner})
    return found


def kind_of(name: str) -> str:
    extension = name.rsplit(".", 1)[-1].lower()
    known = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
    return known.get(extension, "application/octet-stream")


ROUTES: list[tuple[str, str, str]] = [
    ("GET", r"/users/@me", "me"),
    ("GET", r"/oauth2/applications/@me", "application"),
    ("GET", r"/applications/@me", "application"),
    ("GET", r"/gateway/bot", "gateway_bot"),
    ("PUT", r"/applications/\d+/commands", "put_commands"),
    ("GET", r"/applications/\d+/commands", "get_commands"),
    ("POST", r"/interactions/(?P<id>\d+)/(?P<token>[^/]+)/callback", "callback"),
    ("POST", r"/webhooks/\d+/(?P<token>[^/]+)", "followup"),
    ("PATCH", r"/webhooks/\d+/(?P<token>[^/]+)/messages/(?P<message>[^/]+)", "edit_by_token"),
    ("GET", r"/webhooks/\d+/(?P<token>[^/]+)/messages/(?P<message>[^/]+)", "get_by_token"),
    ("DELETE", r"/webhooks/\d+/(?P<token>[^/]+)/messages/(?P<message>[^/]+)", "delete_by_token"),
    ("GET", r"/channels/(?P<channel>\d+)", "channel"),
    ("POST", r"/channels/(?P<channel>\d+)/messages", "send"),
    ("PATCH", r"/channels/(?P<channel>\d+)/messages/(?P<message>\d+)", "edit"),
    ("GET", r"/channels/(?P<channel>\d+)/messages/(?P<message>\d+)", "get"),
    ("DELETE", r"/channels/(?P<channel>\d+)/messages/(?P<message>\d+)", "delete"),
    ("POST", r"/users/@me/channels", "open_dm"),
]


async def read_body(request: web.Request) -> tuple[Any, list[tuple[str, bytes]], bool]:
    """JSON, or the JSON part and the files of a multipart body."""
    if request.content_type != "multipart/form-data":
        text = await request.text()
        return (json.loads(text) if text else None), [], False
    body: Any = None
    files: list[tuple[str, bytes]] = []
    async for part in await request.multipart():
        if part.name == "payload_json":
            body = json.loads(await part.text())
        else:
            files.append((part.filename or "file", bytes(await part.read())))
    return body, files, True
