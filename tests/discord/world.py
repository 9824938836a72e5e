"""What there is in the simulated Discord: guilds, channels, people, messages, files."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

EPOCH = 1_420_070_400_000
MANAGE_GUILD, MANAGE_MESSAGES, ADMINISTRATOR = 1 << 5, 1 << 13, 1 << 3
VIEW, SEND, ATTACH, EMBED, HISTORY, COMMANDS = 1 << 10, 1 << 11, 1 << 15, 1 << 14, 1 << 16, 1 << 31
MEMBER = VIEW | SEND | ATTACH | EMBED | HISTORY | COMMANDS
TEN_MIB = 10 * 1024 * 1024

counter = itertools.count()


def snowflake() -> str:
    """An ID as Discord makes them: larger than 2**53, and growing with time."""
    milliseconds = int(time.time() * 1000) - EPOCH
    return str((milliseconds << 22) | (next(counter) & 0x3FFFFF))


def now() -> str:
    return datetime.now(UTC).isoformat()


def user(name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": snowflake(),
        "username": name.lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "bot": bot,
        "public_flags": 0,
    }


@dataclass
class Guild:
    """A server with its channels and members."""

    id: str
    name: str
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    permissions: dict[str, int] = field(default_factory=dict)
    upload_limit: int = TEN_MIB
    has_bot: bool = True

    def payload(self, bot: dict[str, Any]) -> dict[str, Any]:
        everyone = {
            "id": self.id, "name": "@everyone", "permissions": str(MEMBER), "position": 0,
            "color": 0, "colors": {"primary_color": 0}, "hoist": False, "managed": False,
            "mentionable": False, "flags": 0,
        }  # fmt: skip
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "owner_id": bot["id"] if not self.members else next(iter(self.members)),
            "roles": [everyone],
            "emojis": [],
            "stickers": [],
            "features": [],
            "channels": list(self.channels.values()),
            "members": [member(bot)],
            "threads": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "member_count": len(self.members) + 1,
            "large": False,
            "unavailable": False,
            "joined_at": now(),
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "system_channel_flags": 0,
            "premium_progress_bar_enabled": False,
            "afk_timeout": 300,
        }


def member(person: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": person, "roles": [], "joined_at": now(), "deaf": False, "mute": False, "flags": 0,
        "nick": None, "avatar": None,
    }  # fmt: skip


@dataclass
class Interaction:
    """One interaction and what became of it."""

    payload: dict[str, Any]
    created: float
    answered: bool = False
    answered_at: float | None = None
    message_id: str | None = None
    ephemeral: bool = False
    followups: int = 0
    member_of: bool = True
    """Whether the bot is a member where it happened."""
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    results: list[str] = field(default_factory=list)
    """IDs of the messages that answered it, in order."""


class World:
    """All state, and a bell that rings whenever any of it changes."""

    def __init__(self) -> None:
        self.bot = user("Atelier", bot=True)
        self.application_id = self.bot["id"]
        self.token = f"token.{snowflake()}"
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self.edits: dict[str, list[float]] = defaultdict(list)
        self.files: dict[str, tuple[str, bytes]] = {}
        self.commands: list[dict[str, Any]] = []
        self.interactions: dict[str, Interaction] = {}
        self.tokens: dict[str, Interaction] = {}
        self.visible_to: dict[str, str] = {}
        """Ephemeral messages, each with the only person who sees it."""
        self.nonces: dict[tuple[str, str], str] = {}
        self.pings: list[str] = []
        self.locked: set[str] = set()
        """Channels in which the bot has lost its permissions."""
        self.shift = 0.0
        self.changed = asyncio.Condition()

    def clock(self) -> float:
        return time.monotonic() + self.shift

    async def ring(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def channel_guild(self, channel_id: str) -> Guild | None:
        return self.guilds.get(self.channels[channel_id].get("guild_id", ""))

    def upload_limit(self, channel_id: str) -> int:
        guild = self.channel_guild(channel_id)
        return guild.upload_limit if guild else TEN_MIB

    def seen_by_bot(self, message: dict[str, Any]) -> dict[str, Any]:
        """A message without the content intent: empty unless it is for the bot."""
        in_guild = "guild_id" in self.channels[message["channel_id"]]
        mine = message["author"]["id"] == self.bot["id"]
        mentioned = any(each["id"] == self.bot["id"] for each in message["mentions"])
        if mine or mentioned or not in_guild:
            return message
        return {**message, "content": "", "attachments": [], "embeds": [], "components": []}
