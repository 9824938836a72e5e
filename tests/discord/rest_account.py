"""The application itself: who it is, its commands, its conversations, its emojis."""

from __future__ import annotations

from typing import Any

from tests.discord import commands
from tests.discord.refusals import Refusal, invalid, unknown
from tests.discord.rest import Area, Call, route


class Account(Area):
    @route("GET", "/users/@me")
    async def me(self, _: Call) -> Any:
        return {**self.world.bot, "mfa_enabled": True, "locale": "en-US", "verified": True}

    @route("GET", "/users/{user}")
    async def user(self, call: Call) -> Any:
        found = self.world.users.get(call.path["user"])
        if found is None:
            raise unknown("User", 10013)
        return found

    @route("GET", "/oauth2/applications/@me")
    @route("GET", "/applications/@me")
    async def application(self, _: Call) -> Any:
        return {
            "id": self.world.application_id, "name": "Atelier", "icon": None, "description": "",
            "type": None, "bot": self.world.bot, "bot_public": True, "verify_key": "00" * 32,
            "bot_require_code_grant": False, "flags": self.base.flags, "team": None,
            "flags_new": str(self.base.flags), "redirect_uris": [], "owner": self.world.owner,
            "interactions_endpoint_url": None, "role_connections_verification_url": None,
            "approximate_guild_count": len(self.world.guilds), "explicit_content_filter": 0,
            "approximate_user_install_count": len(self.world.installers),
            "approximate_user_authorization_count": 0, "eligible_oauth2_scopes": [],
        }  # fmt: skip

    @route("GET", "/gateway")
    async def gateway_url(self, _: Call) -> Any:
        return {"url": self.base.gateway_url}

    @route("GET", "/gateway/bot")
    async def gateway_bot(self, _: Call) -> Any:
        left = max(0, 1000 - self.gateway.identified)
        limit = {"total": 1000, "remaining": left, "reset_after": 14_400_000, "max_concurrency": 1}
        return {
            "url": self.base.gateway_url,
            "shards": self.gateway.shards,
            "session_start_limit": limit,
        }

    @route("PUT", "/applications/{application}/commands")
    async def put_commands(self, call: Call) -> Any:
        self.world.commands = self.register(call, self.world.commands, None)
        return self.world.commands

    @route("GET", "/applications/{application}/commands")
    async def get_commands(self, _: Call) -> Any:
        return self.world.commands

    @route("PUT", "/applications/{application}/guilds/{guild}/commands")
    async def put_guild_commands(self, call: Call) -> Any:
        guild_id = self.guild_of_ours(call)
        before = self.world.guild_commands.get(guild_id, [])
        found = self.register(call, before, guild_id)
        self.world.guild_commands[guild_id] = found
        return found

    @route("GET", "/applications/{application}/guilds/{guild}/commands")
    async def get_guild_commands(self, call: Call) -> Any:
        return self.world.guild_commands.get(self.guild_of_ours(call), [])

    def guild_of_ours(self, call: Call) -> str:
        guild = self.world.guilds.get(call.path["guild"])
        if guild is None or not guild.has_bot:
            raise Refusal(403, 50001, "Missing Access")
        return guild.id

    def register(
        self, call: Call, before: list[dict[str, Any]], guild_id: str | None
    ) -> list[dict[str, Any]]:
        """Take a whole list of commands in place of what was there."""
        if call.path["application"] != self.world.application_id:
            raise Refusal(403, 20012, "You are not authorized to perform this action")
        commands.check_commands(call.body)
        known = {(each["type"], each["name"]) for each in before}
        new = {(each.get("type") or 1, each["name"]) for each in call.body} - known
        if self.world.commands_created + len(new) > commands.CREATES_PER_DAY:
            message = "Max number of daily application command creates has been reached (200)"
            raise Refusal(400, 30034, message)
        self.world.commands_created += len(new)
        return commands.registered(call.body, before, self.world.application_id, guild_id)

    @route("POST", "/users/@me/channels")
    async def open_dm(self, call: Call) -> Any:
        person = str(call.body.get("recipient_id"))
        if person not in self.world.users or person == self.world.bot["id"]:
            raise invalid("recipient_id", "USER_INVALID", "Invalid Recipient(s)")
        return self.base.dm_channel(person)
