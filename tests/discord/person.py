"""Somebody who uses Discord: types commands, clicks, replies, fills in forms, looks."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.discord.world import MEMBER, Guild, Interaction, now, snowflake

if TYPE_CHECKING:
    from tests.discord.server import SimulatedDiscord

ATTACHMENT, INTEGER, NUMBER, STRING, BOOLEAN, USER = 11, 4, 10, 3, 5, 6


@dataclass(frozen=True)
class File:
    """Something to attach."""

    name: str
    data: bytes
    content_type: str = "image/png"


@dataclass(frozen=True)
class Attached:
    """A file as somebody sees it under a message."""

    name: str
    data: bytes
    alt: str | None


@dataclass(frozen=True)
class Seen:
    """A message as it looks now."""

    id: str
    channel_id: str
    text: str
    files: tuple[Attached, ...]
    buttons: dict[str, str]
    """Labels, each with its custom ID."""
    embeds: tuple[dict[str, Any], ...]
    ephemeral: bool
    thinking: bool
    edits: int
    raw: dict[str, Any] = field(repr=False, compare=False)
    """As the client remembers it, also when it has changed since."""


class Answer:
    """What came of something a person did, as they see it now."""

    def __init__(self, person: Person, interaction: Interaction) -> None:
        self.person, self.interaction = person, interaction
        self.discord = person.discord

    @property
    def modal(self) -> dict[str, Any] | None:
        return self.interaction.modal

    @property
    def messages(self) -> list[Seen]:
        found = [self.person.look(each) for each in self.interaction.results]
        return [each for each in found if each is not None]

    @property
    def message(self) -> Seen:
        """The last message that answered."""
        return self.messages[-1]

    async def until(self, wanted: Callable[[Seen], object], timeout: float = 20.0) -> Seen:
        """Wait until a message of the answer looks as wanted."""

        def found() -> Seen | None:
            return next((each for each in self.messages if wanted(each)), None)

        try:
            return await self.discord.until(found, timeout)
        except AssertionError as error:
            looks = "\n".join(each.text for each in self.messages)
            raise AssertionError(f"{error}\nthe answer says:\n{looks}") from None


class Person:
    def __init__(self, discord: SimulatedDiscord, user: dict[str, Any], guild: Guild) -> None:
        self.discord, self.user, self.guild = discord, user, guild
        self.world = discord.world
        self.id = int(user["id"])
        self.installed = False

    def install(self) -> None:
        """Install the app for oneself, so that it works where the bot is no member."""
        self.installed = True

    def look(self, message_id: str) -> Seen | None:
        """A message as this person sees it; None when it is gone or not for them."""
        message = self.world.messages.get(message_id)
        only = self.world.visible_to.get(message_id)
        if message is None or only not in (None, self.user["id"]):
            return None
        files = tuple(
            Attached(each["filename"], self.world.files[each["id"]][1], each.get("description"))
            for each in message["attachments"]
        )
        buttons = {
            each.get("label") or each["custom_id"]: each["custom_id"]
            for row in message["components"]
            for each in row["components"]
            if "custom_id" in each
        }
        return Seen(
            message["id"], message["channel_id"], message["content"], files, buttons,
            tuple(message["embeds"]), only is not None, bool(message["flags"] & 128),
            len(self.world.edits[message_id]), deepcopy(message),
        )  # fmt: skip

    def history(self, channel_id: str) -> list[Seen]:
        """Everything this person sees in a channel, oldest first."""
        found = [self.look(each) for each, message in self.world.messages.items()
                 if message["channel_id"] == channel_id]  # fmt: skip
        return [each for each in found if each is not None]

    def command(self, name: str, kind: int = 1) -> dict[str, Any]:
        for each in self.world.commands:
            if each["name"] == name and each["type"] == kind:
                return each
        raise AssertionError(f"there is no command {name}")

    async def slash(self, channel_id: str, command: str, **given: Any) -> Answer:
        """Type a slash command; `admin failed` is a subcommand."""
        name, *sub = command.split()
        declared = self.command(name)
        data: dict[str, Any] = {"id": declared["id"], "name": name, "type": 1, "resolved": {}}
        if sub:
            declared = next(each for each in declared["options"] if each["name"] == sub[0])
            options = self.options(declared, given, data["resolved"], channel_id)
            data["options"] = [{"type": 1, "name": sub[0], "options": options}]
        else:
            data["options"] = self.options(declared, given, data["resolved"], channel_id)
        return await self.interact(2, channel_id, data)

    def options(
        self,
        declared: dict[str, Any],
        given: dict[str, Any],
        resolved: dict[str, Any],
        channel: str,
    ) -> list[dict[str, Any]]:
        """Check what was typed as the client does, before anything is sent."""
        known = {each["name"]: each for each in declared.get("options") or []}
        assert given.keys() <= known.keys(), f"no such option: {given.keys() - known.keys()}"
        missing = {name for name, each in known.items() if each.get("required")} - given.keys()
        assert not missing, f"required: {missing}"
        found = []
        for name, value in given.items():
            option = known[name]
            if isinstance(value, File):
                value = self.attach(value, resolved, channel)
            elif isinstance(value, Person):
                resolved.setdefault("users", {})[value.user["id"]] = value.user
                value = value.user["id"]
            else:
                check_option(option, value)
            found.append({"type": option["type"], "name": name, "value": value})
        return found

    def attach(self, file: File, resolved: dict[str, Any], channel_id: str) -> str:
        kept = self.discord.rest.keep_file(channel_id, file.name, file.data)
        kept["content_type"] = file.content_type
        resolved.setdefault("attachments", {})[kept["id"]] = kept
        return kept["id"]

    async def click(self, message: Seen, label: str) -> Answer:
        """Press a button by its label."""
        assert label in message.buttons, f"no button {label!r} among {list(message.buttons)}"
        data = {"custom_id": message.buttons[label], "component_type": 2, "id": 2}
        extra = {"message": self.world.messages[message.id]}
        return await self.interact(3, message.channel_id, data, extra)

    async def press(self, message: Seen, custom_id: str) -> Answer:
        """Press a button of a message as it was seen, whatever has become of it."""
        data = {"custom_id": custom_id, "component_type": 2, "id": 2}
        extra = {"message": message.raw}
        return await self.interact(3, message.channel_id, data, extra)

    async def submit(self, answer: Answer, channel_id: str, given: dict[str, Any]) -> Answer:
        """Fill in the form that an answer opened, by the custom IDs of its fields."""
        modal = answer.modal
        assert modal is not None, "there is no form"
        resolved: dict[str, Any] = {}
        filled = []
        for label in modal["components"]:
            field = label["component"]
            value = given.get(field["custom_id"])
            sent: dict[str, Any] = {"type": field["type"], "id": 3, "custom_id": field["custom_id"]}
            if field["type"] == 4:
                assert value or not field.get("required", True), f"required: {field['custom_id']}"
                sent["value"] = value or ""
            elif field["type"] == 19:
                files = value if isinstance(value, list) else [value] if value else []
                sent["values"] = [self.attach(each, resolved, channel_id) for each in files]
            else:
                chosen = [each["value"] for each in field["options"] if each.get("default")]
                sent["values"] = [value] if value else chosen
            filled.append({"type": 18, "id": 2, "component": sent})
        data = {"custom_id": modal["custom_id"], "components": filled, "resolved": resolved}
        return await self.interact(5, channel_id, data)

    async def menu(self, name: str, message: Seen) -> Answer:
        """Use a message's menu."""
        command = self.command(name, 3)
        resolved = {"messages": {message.id: self.world.messages[message.id]}}
        data = {"id": command["id"], "name": name, "type": 3, "target_id": message.id,
                "resolved": resolved}  # fmt: skip
        return await self.interact(2, message.channel_id, data)

    async def autocomplete(self, command: str, option: str, typed: str) -> list[str]:
        """What is offered while typing."""
        declared = self.command(command)
        kind = next(each["type"] for each in declared["options"] if each["name"] == option)
        focused = {"type": kind, "name": option, "value": typed, "focused": True}
        data = {"id": declared["id"], "name": command, "type": 1, "options": [focused]}
        channel = next(iter(self.guild.channels))
        answer = await self.interact(4, channel, data)
        return [each["name"] for each in answer.interaction.choices or []]

    async def interact(
        self, kind: int, channel_id: str, data: dict[str, Any], extra: dict[str, Any] | None = None
    ) -> Answer:
        """Send an interaction and wait for it to be answered, as long as Discord does."""
        payload = self.payload(kind, channel_id, data) | (extra or {})
        member_of = payload["authorizing_integration_owners"].get("0") is not None
        interaction = Interaction(payload, self.world.clock(), member_of=member_of)
        self.world.interactions[payload["id"]] = self.world.tokens[payload["token"]] = interaction
        await self.discord.gateway.tell("INTERACTION_CREATE", payload)
        try:
            await self.discord.until(lambda: interaction.answered, 3.5)
        except AssertionError as error:
            raise AssertionError(f"The application did not respond. {error}") from None
        return Answer(self, interaction)

    def payload(self, kind: int, channel_id: str, data: dict[str, Any]) -> dict[str, Any]:
        channel = self.world.channels[channel_id]
        guild = self.world.channel_guild(channel_id)
        payload: dict[str, Any] = {
            "id": snowflake(), "application_id": self.world.application_id, "type": kind,
            "data": data, "channel": channel, "channel_id": channel_id, "version": 1,
            "token": f"aW50ZXJhY3Rpb246{snowflake()}", "locale": "en-US", "entitlements": [],
            "attachment_size_limit": self.world.upload_limit(channel_id),
            "app_permissions": str(MEMBER), "authorizing_integration_owners": {},
            "context": 0 if guild else 1,
        }  # fmt: skip
        if self.installed:
            payload["authorizing_integration_owners"]["1"] = self.user["id"]
        if guild is None:
            payload["authorizing_integration_owners"].setdefault("0", "0")
            return payload | {"user": self.user}
        if guild.has_bot:
            payload["authorizing_integration_owners"]["0"] = guild.id
        permissions = str(guild.permissions[self.user["id"]])
        return payload | {
            "guild_id": guild.id, "guild_locale": "en-US",
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "member": {**guild.members[self.user["id"]], "permissions": permissions},
        }  # fmt: skip

    async def say(
        self,
        channel_id: str,
        text: str,
        *,
        to: Seen | None = None,
        ping: bool = True,
        attachments: tuple[File, ...] = (),
    ) -> str:
        """Write a message, or a reply; returns its ID."""
        guild = self.world.channel_guild(channel_id)
        files = [self.discord.rest.keep_file(channel_id, each.name, each.data)
                 for each in attachments]  # fmt: skip
        message: dict[str, Any] = {
            "id": snowflake(), "channel_id": channel_id, "author": self.user, "content": text,
            "timestamp": now(), "edited_timestamp": None, "tts": False, "mention_everyone": False,
            "mentions": [], "mention_roles": [], "attachments": files, "embeds": [],
            "components": [], "pinned": False, "type": 19 if to else 0, "flags": 0,
        }  # fmt: skip
        if to is not None:
            original = self.world.messages[to.id]
            message["message_reference"] = {"message_id": to.id, "channel_id": channel_id}
            message["referenced_message"] = original
            if ping:
                message["mentions"] = [original["author"]]
        self.world.messages[message["id"]] = message
        event = self.world.seen_by_bot(message)
        if guild is not None:
            if not guild.has_bot:
                return message["id"]
            seen = {
                key: value for key, value in guild.members[self.user["id"]].items() if key != "user"
            }
            event = {**event, "guild_id": guild.id, "member": seen}
        await self.discord.gateway.tell("MESSAGE_CREATE", event)
        return message["id"]

    async def reply(
        self,
        message: Seen,
        text: str,
        *,
        ping: bool = True,
        attachments: tuple[File, ...] = (),
    ) -> Thread:
        """Reply to a message; what the bot says to it is found through the result."""
        said = await self.say(
            message.channel_id, text, to=message, ping=ping, attachments=attachments
        )
        return Thread(self, said, message.channel_id)

    def dm(self) -> str:
        """The channel of one's direct messages with the bot."""
        return self.discord.dm_channel(self.user["id"])["id"]

    async def delete(self, message: Seen) -> None:
        del self.world.messages[message.id]
        await self.world.ring()


class Thread:
    """What the bot answers to a message: its replies to it."""

    def __init__(self, person: Person, message_id: str, channel_id: str) -> None:
        self.person, self.message_id, self.channel_id = person, message_id, channel_id

    @property
    def messages(self) -> list[Seen]:
        found = []
        for message in list(self.person.world.messages.values()):
            reference = message.get("message_reference") or {}
            if str(reference.get("message_id")) == self.message_id:
                found.append(self.person.look(message["id"]))
        return [each for each in found if each is not None]

    async def until(self, wanted: Callable[[Seen], object], timeout: float = 20.0) -> Seen:
        def found() -> Seen | None:
            return next((each for each in self.messages if wanted(each)), None)

        try:
            return await self.person.discord.until(found, timeout)
        except AssertionError as error:
            looks = "\n".join(each.text for each in self.messages)
            raise AssertionError(f"{error}\nthe answer says:\n{looks}") from None


def check_option(option: dict[str, Any], value: Any) -> None:
    """What the client would not even send."""
    name = option["name"]
    kinds = {STRING: str, INTEGER: int, NUMBER: (int, float), BOOLEAN: bool}
    assert isinstance(value, kinds[option["type"]]), f"{name} is of another type"
    if option.get("choices"):
        assert value in [each["value"] for each in option["choices"]], f"{name} is no choice"
    size = len(value) if isinstance(value, str) else value
    low, high = (
        ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    )
    assert option.get(low) is None or size >= option[low], f"{name} is too small"
    assert option.get(high) is None or size <= option[high], f"{name} is too large"
