"""What there is in the simulated Discord: guilds, channels, people, messages, files."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

EPOCH = 1_420_070_400_000
ADMINISTRATOR, MANAGE_GUILD, ADD_REACTIONS = 1 << 3, 1 << 5, 1 << 6
VIEW, SEND, MANAGE_MESSAGES = 1 << 10, 1 << 11, 1 << 13
EMBED, ATTACH, HISTORY, COMMANDS = 1 << 14, 1 << 15, 1 << 16, 1 << 31
MANAGE_EXPRESSIONS, CREATE_EXPRESSIONS = 1 << 30, 1 << 43
CREATE_THREADS, SEND_IN_THREADS, EXTERNAL_APPS = 1 << 35, 1 << 38, 1 << 50
MEMBER = VIEW | SEND | ATTACH | EMBED | HISTORY | COMMANDS
EVERYONE = MEMBER | ADD_REACTIONS | CREATE_THREADS | SEND_IN_THREADS | EXTERNAL_APPS
"""What somebody new in a guild may do."""
IN_DMS = MEMBER | ADD_REACTIONS
EVERYTHING = (1 << 53) - 1

MEMBERS_INTENT, CONTENT_INTENT = 1 << 1, 1 << 15
PRIVILEGED = MEMBERS_INTENT | 1 << 8 | CONTENT_INTENT
TEN_MIB = 10 * 1024 * 1024
TEXT_CHANNEL, DM_CHANNEL, THREAD = 0, 1, 11
COMPONENT_USED, FORM_SENT = 3, 5

counter = itertools.count()


def snowflake() -> str:
    """An ID as Discord makes them: larger than 2**53, and growing with time."""
    milliseconds = int(time.time() * 1000) - EPOCH
    return str((milliseconds << 22) | (next(counter) & 0x3FFFFF))


def now() -> str:
    return datetime.now(UTC).isoformat()


def user(name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": snowflake(), "username": name.lower(), "global_name": None if bot else name,
        "discriminator": "0", "avatar": None, "bot": bot, "flags": 0, "public_flags": 0,
        "primary_guild": None,
    }  # fmt: skip


def member(person: dict[str, Any], *roles: str) -> dict[str, Any]:
    return {
        "user": person, "roles": list(roles), "joined_at": now(), "deaf": False, "mute": False,
        "flags": 0, "nick": None, "avatar": None, "banner": None, "pending": False,
        "premium_since": None, "communication_disabled_until": None,
    }  # fmt: skip


def role(id: str, name: str, permissions: int, position: int) -> dict[str, Any]:
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    return {
        "id": id, "name": name, "permissions": str(permissions), "position": position,
        "color": 0, "colors": colors, "hoist": False, "managed": False, "mentionable": False,
        "flags": 0, "icon": None, "unicode_emoji": None,
    }  # fmt: skip


def text_channel(guild_id: str, name: str) -> dict[str, Any]:
    return {
        "id": snowflake(), "type": TEXT_CHANNEL, "guild_id": guild_id, "name": name,
        "position": 0, "permission_overwrites": [], "nsfw": False, "topic": None,
        "parent_id": None, "rate_limit_per_user": 0, "flags": 0, "last_message_id": None,
    }  # fmt: skip


@dataclass
class Guild:
    """A server with its channels and members."""

    id: str
    name: str
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    permissions: dict[str, int] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    emojis: dict[str, dict[str, Any]] = field(default_factory=dict)
    stickers: dict[str, dict[str, Any]] = field(default_factory=dict)
    upload_limit: int = TEN_MIB
    has_bot: bool = True
    bot_permissions: int = EVERYONE
    owner_id: str = field(default_factory=snowflake)
    icon: str | None = None

    def __post_init__(self) -> None:
        self.roles[self.id] = role(self.id, "@everyone", EVERYONE, 0)

    def join(self, person: dict[str, Any], permissions: int) -> None:
        """Let somebody in; what they may do beyond everyone comes with a role of their own."""
        roles = []
        if permissions & ~EVERYONE:
            own = role(snowflake(), f"{person['username']}'s", permissions, len(self.roles))
            self.roles[own["id"]] = own
            roles.append(own["id"])
        self.members[person["id"]] = member(person, *roles)
        allowed = EVERYTHING if permissions & ADMINISTRATOR else EVERYONE | permissions
        self.permissions[person["id"]] = allowed

    def described(self) -> dict[str, Any]:
        """The guild as the HTTP API answers it."""
        nothing = dict.fromkeys(
            ("description", "home_header", "splash", "discovery_splash", "banner",
             "application_id", "afk_channel_id", "system_channel_id", "widget_channel_id",
             "vanity_url_code", "rules_channel_id", "safety_alerts_channel_id",
             "public_updates_channel_id", "incidents_data")
        )  # fmt: skip
        return nothing | {
            "id": self.id, "name": self.name, "icon": self.icon, "owner_id": self.owner_id, "region": "deprecated",
            "roles": list(self.roles.values()), "emojis": list(self.emojis.values()),
            "stickers": list(self.stickers.values()), "features": [], "premium_tier": 0,
            "premium_subscription_count": 0, "preferred_locale": "en-US", "afk_timeout": 300,
            "verification_level": 0, "default_message_notifications": 0, "mfa_level": 0,
            "explicit_content_filter": 0, "nsfw": False, "nsfw_level": 0, "max_presences": None,
            "system_channel_flags": 0, "premium_progress_bar_enabled": False,
            "widget_enabled": False, "max_members": 500_000, "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50,
        }  # fmt: skip

    def payload(self, bot: dict[str, Any], *, members: bool = False) -> dict[str, Any]:
        """The guild as the gateway sends it; everybody's names only with the intent for them."""
        threads = [each for each in self.channels.values() if each["type"] == THREAD]
        channels = [each for each in self.channels.values() if each["type"] != THREAD]
        others = list(self.members.values()) if members else []
        return self.described() | {
            "channels": channels, "threads": threads, "members": [member(bot), *others],
            "presences": [], "voice_states": [], "stage_instances": [], "large": False,
            "guild_scheduled_events": [], "soundboard_sounds": [], "unavailable": False,
            "member_count": len(self.members) + 1, "joined_at": now(),
        }  # fmt: skip


@dataclass
class Interaction:
    """One interaction and what became of it."""

    payload: dict[str, Any]
    created: float
    answered: bool = False
    message_id: str | None = None
    """The message that `@original` stands for."""
    ephemeral: bool = False
    loading: bool = False
    """Whether the first answer still says that the app is thinking."""
    followups: int = 0
    member_of: bool = True
    """Whether the bot is a member where it happened."""
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    triggered_by: dict[str, Any] | None = None
    """For a form that was sent: what opened it."""
    results: list[str] = field(default_factory=list)
    """IDs of the messages that answered it, in order."""

    @property
    def person(self) -> dict[str, Any]:
        payload = self.payload
        return payload["member"]["user"] if "member" in payload else payload["user"]

    def metadata(self) -> dict[str, Any]:
        """What a message that answers tells of the interaction that it answers."""
        payload = self.payload
        found: dict[str, Any] = {
            "id": payload["id"], "type": payload["type"], "user": self.person,
            "authorizing_integration_owners": payload["authorizing_integration_owners"],
        }  # fmt: skip
        if payload["type"] == COMPONENT_USED:
            found["interacted_message_id"] = payload["message"]["id"]
        elif payload["type"] == FORM_SENT:
            found["triggering_interaction_metadata"] = self.triggered_by
        return found


class World:
    """All state, and a bell that rings whenever any of it changes."""

    def __init__(self) -> None:
        self.bot = user("Atelier", bot=True)
        self.owner = user("Owner")
        """Whose application it is."""
        self.application_id = self.bot["id"]
        self.token = f"token.{snowflake()}"
        self.secret = secrets.token_bytes(16)
        self.granted_intents = 0
        """Privileged intents that were switched on for the application."""
        self.users: dict[str, dict[str, Any]] = {self.bot["id"]: self.bot}
        self.avatars: dict[str, bytes] = {}
        """Profile pictures, by the hash in their user."""
        self.installers: set[str] = set()
        """Who installed the app for themselves."""
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self.edits: dict[str, list[float]] = defaultdict(list)
        self.files: dict[str, tuple[str, bytes]] = {}
        self.commands: list[dict[str, Any]] = []
        self.guild_commands: dict[str, list[dict[str, Any]]] = {}
        self.commands_created = 0
        self.emojis: dict[str, dict[str, Any]] = {}
        self.interactions: dict[str, Interaction] = {}
        self.tokens: dict[str, Interaction] = {}
        self.visible_to: dict[str, str] = {}
        """Ephemeral messages, each with the only person who sees it."""
        self.nonces: dict[tuple[str, str], tuple[str, float]] = {}
        """Channel and nonce of messages that were sent, each with its ID and when."""
        self.pings: list[str] = []
        self.typing: list[str] = []
        """Channels in which the bot was seen typing, in order."""
        self.locked: set[str] = set()
        """Channels that the bot does not see any more."""
        self.denied: dict[str, int] = defaultdict(int)
        """What the bot may not do in single channels."""
        self.private: set[str] = set()
        """Conversations among people, which the bot is no part of."""
        self.closed_dms: set[str] = set()
        """Who takes no direct messages from the bot."""
        self.shift = 0.0
        self.changed = asyncio.Condition()

    def clock(self) -> float:
        return time.monotonic() + self.shift

    async def ring(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def channel_guild(self, channel_id: str) -> Guild | None:
        return self.guilds.get(self.channels[channel_id].get("guild_id", ""))

    def has_bot(self, channel_id: str) -> bool:
        """Whether the bot is where this channel is: in its guild, or in the conversation."""
        guild = self.channel_guild(channel_id)
        if guild is not None:
            return guild.has_bot
        return channel_id not in self.private

    def bot_permissions(self, channel_id: str) -> int:
        guild = self.channel_guild(channel_id)
        if not self.has_bot(channel_id) or channel_id in self.locked:
            return 0
        return (guild.bot_permissions if guild else IN_DMS) & ~self.denied[channel_id]

    def upload_limit(self, channel_id: str) -> int:
        guild = self.channel_guild(channel_id)
        return guild.upload_limit if guild else TEN_MIB

    def seen_by_bot(self, message: dict[str, Any], *, content: bool = False) -> dict[str, Any]:
        """A message as the bot gets it.

        Without the intent for `content` it is empty, unless it is the bot's own, mentions the
        bot or was written to it directly. What it replies to is judged by itself.
        """
        original = message.get("referenced_message")
        if original is not None:
            seen = self.seen_by_bot(original, content=content)
            message = {**message, "referenced_message": seen}
        in_guild = "guild_id" in self.channels[message["channel_id"]]
        mine = message["author"]["id"] == self.bot["id"]
        mentioned = any(each["id"] == self.bot["id"] for each in message["mentions"])
        if content or mine or mentioned or not in_guild:
            return message
        return {**message, "content": "", "attachments": [], "embeds": [], "components": []}
