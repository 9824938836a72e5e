"""Where somebody does something: which commands are offered there, and what the bot is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.discord.world import ADMINISTRATOR, ATTACH, EMBED, MEMBER, World, snowflake

IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2
GUILD_INSTALL, USER_INSTALL = 0, 1
MENTION_EVERYONE, EXTERNAL_EMOJIS = 1 << 17, 1 << 18
TOKEN_PREFIX = "aW50ZXJhY3Rpb246"


@dataclass(frozen=True)
class Place:
    """A channel, and who is in it."""

    world: World
    channel_id: str
    user: dict[str, Any]
    locale: str

    @property
    def guild_id(self) -> str | None:
        guild = self.world.channel_guild(self.channel_id)
        return guild.id if guild else None

    @property
    def context(self) -> int:
        if self.guild_id is not None:
            return IN_GUILD
        return IN_PRIVATE if self.channel_id in self.world.private else IN_BOT_DM

    def installs(self) -> set[int]:
        """How the app came here: with the bot, or in this person's pocket."""
        found = {GUILD_INSTALL} if self.world.has_bot(self.channel_id) else set[int]()
        return found | ({USER_INSTALL} if self.user["id"] in self.world.installers else set())

    def offers(self, command: dict[str, Any]) -> bool:
        """Whether a command is meant for a place like this, and the app is here for it."""
        contexts = command.get("contexts")
        fits = contexts is None or self.context in contexts
        if command.get("guild_id") not in (None, self.guild_id):
            return False
        return fits and bool(self.installs() & set(command["integration_types"]))

    def shows(self, command: dict[str, Any]) -> bool:
        """Whether a client lists a command for this person, unless the guild says otherwise."""
        needed = command["default_member_permissions"]
        if needed is None or self.guild_id is None:
            return True
        allowed = self.world.guilds[self.guild_id].permissions[self.user["id"]]
        return bool(allowed & ADMINISTRATOR) or not int(needed) & ~allowed

    def owners(self, command: dict[str, Any] | None) -> dict[str, str]:
        """On whose behalf the app acts, for each way in which it is installed here."""
        installs = self.installs()
        if command is not None:
            installs &= set(command["integration_types"])
        found = {}
        if GUILD_INSTALL in installs:
            found["0"] = self.guild_id or "0"
        if USER_INSTALL in installs:
            found["1"] = self.user["id"]
        return found

    def app_permissions(self) -> int:
        if self.context == IN_BOT_DM:
            return ATTACH | EMBED | MENTION_EVERYONE | EXTERNAL_EMOJIS
        if self.context == IN_PRIVATE:
            return ATTACH | EMBED | MENTION_EVERYONE
        if self.world.has_bot(self.channel_id):
            return self.world.bot_permissions(self.channel_id)
        return MEMBER

    def payload(
        self, kind: int, data: dict[str, Any], command: dict[str, Any] | None
    ) -> dict[str, Any]:
        """An interaction as the gateway sends it."""
        channel = self.world.channels[self.channel_id]
        found: dict[str, Any] = {
            "id": snowflake(), "application_id": self.world.application_id, "type": kind,
            "data": {name: value for name, value in data.items() if value != {}},
            "channel": channel, "channel_id": self.channel_id, "version": 1,
            "token": f"{TOKEN_PREFIX}{snowflake()}", "locale": self.locale, "entitlements": [],
            "attachment_size_limit": self.world.upload_limit(self.channel_id),
            "app_permissions": str(self.app_permissions()), "context": self.context,
            "authorizing_integration_owners": self.owners(command),
        }  # fmt: skip
        return found | self.whereabouts(channel)

    def whereabouts(self, channel: dict[str, Any]) -> dict[str, Any]:
        """Who did it, and in which guild."""
        guild = self.world.channel_guild(self.channel_id)
        if guild is None:
            return {"user": self.user}
        permissions = str(guild.permissions[self.user["id"]])
        return {
            "guild_id": guild.id, "guild_locale": "en-US",
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "channel": {**channel, "permissions": permissions},
            "member": {**guild.members[self.user["id"]], "permissions": permissions},
        }  # fmt: skip
