"""Somebody who uses Discord: types commands, clicks, replies, fills in forms, looks."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from tests.discord.answers import Answer, Conversation, Thread
from tests.discord.components import SELECTS
from tests.discord.filling import Filling, check_count, reference
from tests.discord.gateway import DIRECT_REACTIONS, REACTIONS
from tests.discord.place import Place
from tests.discord.seen import Attached, File, Seen, look
from tests.discord.world import DM_CHANNEL, Guild, Interaction, World, snowflake

if TYPE_CHECKING:
    from tests.discord.server import SimulatedDiscord

__all__ = ["Answer", "Attached", "Conversation", "File", "Person", "Seen", "Thread"]

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
READING = 0.15
"""Seconds between seeing a message and replying: nobody is as fast as a test would be."""
PATIENCE = 3.5
"""Seconds that a client waits for a first answer; it says that there was none a bit late."""


class Person:
    """What somebody does and sees. Commands and clicks wait for their first answer."""

    def __init__(
        self, discord: SimulatedDiscord, user: dict[str, Any], guild: Guild | None
    ) -> None:
        self.discord, self.user, self.guild = discord, user, guild
        self.world: World = discord.world
        self.id = int(user["id"])
        self.locale = "en-US"

    @property
    def installed(self) -> bool:
        return self.user["id"] in self.world.installers

    def install(self) -> None:
        """Install the app for oneself, so that it works where the bot is no member."""
        self.world.installers.add(self.user["id"])

    def close_dms(self) -> None:
        """Take no direct messages from the bot any more."""
        self.world.closed_dms.add(self.user["id"])

    def look(self, message_id: str) -> Seen | None:
        """A message as this person sees it; None when it is gone or not for them."""
        return look(self.world, message_id, self.user["id"])

    def history(self, channel_id: str) -> list[Seen]:
        """Everything this person sees in a channel, oldest first."""
        found = [self.look(each) for each, message in self.world.messages.items()
                 if message["channel_id"] == channel_id]  # fmt: skip
        return [each for each in found if each is not None]

    def dm(self) -> str:
        """The channel of one's direct messages with the bot."""
        return self.discord.dm_channel(self.user["id"])["id"]

    def private(self, other: Person) -> str:
        """A conversation with somebody else, where the bot is no part of."""
        channel = {"id": snowflake(), "type": DM_CHANNEL, "flags": 0, "last_message_id": None,
                   "recipients": [other.user]}  # fmt: skip
        self.world.channels[channel["id"]] = channel
        self.world.private.add(channel["id"])
        return channel["id"]

    def place(self, channel_id: str) -> Place:
        return Place(self.world, channel_id, self.user, self.locale)

    def filling(self, channel_id: str) -> Filling:
        guild = self.world.channel_guild(channel_id)
        return Filling(self.world, guild, lambda file: self.attach(file, channel_id))

    def attach(self, file: File, channel_id: str) -> dict[str, Any]:
        return self.discord.files.keep(
            channel_id, file.name, file.data, content_type=file.content_type
        )

    def command(self, name: str, kind: int = CHAT) -> dict[str, Any]:
        """A registered command, wherever it is offered."""
        registered = [*self.world.commands]
        for each in self.world.guild_commands.values():
            registered += each
        for each in registered:
            if each["name"] == name and each["type"] == kind:
                return each
        raise AssertionError(f"there is no command {name}")

    def offered(self, channel_id: str) -> list[str]:
        """The names of the commands that this person is shown in a channel."""
        place = self.place(channel_id)
        known = [*self.world.commands, *self.world.guild_commands.get(place.guild_id or "", [])]
        return [each["name"] for each in known if place.offers(each) and place.shows(each)]

    def usable(self, name: str, kind: int, channel_id: str) -> dict[str, Any]:
        command = self.command(name, kind)
        assert self.place(channel_id).offers(command), f"{name} is not offered here"
        return command

    async def slash(self, channel_id: str, command: str, **given: Any) -> Answer:
        """Type a slash command; `admin failed` is a subcommand."""
        name, *sub = command.split()
        declared = self.usable(name, CHAT, channel_id)
        filling = self.filling(channel_id)
        options = filling.command(declared, sub, given)
        data = self.named(declared) | {"options": options, "resolved": filling.resolved}
        return await self.interact(COMMAND, channel_id, data)

    def named(self, command: dict[str, Any]) -> dict[str, Any]:
        found = {each: command[each] for each in ("id", "name", "type")}
        return found | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})

    async def autocomplete(
        self, command: str, option: str, typed: str, channel_id: str | None = None, **given: Any
    ) -> list[str]:
        """What is offered while typing, with other options already given if so."""
        name, *sub = command.split()
        if channel_id is None:
            assert self.guild is not None
            channel_id = next(iter(self.guild.channels))
        declared = inner = self.usable(name, CHAT, channel_id)
        for each in sub:
            inner = next(one for one in inner["options"] if one["name"] == each)
        focused = next(each for each in inner["options"] if each["name"] == option)
        assert focused.get("autocomplete"), f"nothing is offered for {option}"
        kinds = {each["name"]: each["type"] for each in inner["options"]}
        options: list[dict[str, Any]] = [
            {"type": kinds[each], "name": each, "value": value} for each, value in given.items()
        ]
        sent = {"type": focused["type"], "name": option, "value": typed, "focused": True}
        options.append(sent)
        for each in reversed(sub):
            options = [{"type": 1, "name": each, "options": options}]
        data = self.named(declared) | {"options": options}
        answer = await self.interact(AUTOCOMPLETE, channel_id, data)
        return [each["name"] for each in answer.interaction.choices or []]

    async def menu(self, name: str, target: Seen | Person, channel_id: str | None = None) -> Answer:
        """Use the menu of a message, or of somebody in a channel."""
        channel_id = target.channel_id if isinstance(target, Seen) else channel_id
        assert channel_id is not None, "say in which channel"
        kind = MESSAGE_MENU if isinstance(target, Seen) else USER_MENU
        filling = self.filling(channel_id)
        if isinstance(target, Seen):
            message = self.discord.files.renewed(self.world.messages[target.id])
            target_id = filling.message(message)
        else:
            target_id = filling.person(target.user)
        data = self.named(self.usable(name, kind, channel_id))
        data |= {"target_id": target_id, "resolved": filling.resolved}
        return await self.interact(COMMAND, channel_id, data)

    async def click(self, message: Seen, label: str) -> Answer:
        """Press a button by its label or custom ID."""
        component = message.component(label)
        assert not component.get("disabled"), f"{label} is disabled"
        data = {"component_type": component["type"], "custom_id": component["custom_id"]}
        current = self.world.messages.get(message.id, message.raw)
        return await self.use(message, {**data, "id": component["id"]}, current)

    async def press(self, message: Seen, custom_id: str) -> Answer:
        """Press a button of a message as it was seen, whatever has become of it."""
        data = {"custom_id": custom_id, "component_type": 2, "id": 2}
        return await self.use(message, data, message.raw)

    async def select(self, message: Seen, named: str, *chosen: Any) -> Answer:
        """Choose in a menu, by its placeholder or custom ID: options by value or label."""
        menu = message.component(named)
        assert menu["type"] in SELECTS, f"{named} is no menu"
        assert not menu.get("disabled"), f"{named} is disabled"
        filling = self.filling(message.channel_id)
        if menu["type"] == 3:
            values = {each["label"]: each["value"] for each in menu["options"]}
            picked = [values.get(each, each) for each in chosen]
            assert set(picked) <= set(values.values()), f"{named} offers {list(values)}"
        else:
            picked = [filling.refer(reference(menu["type"]), each) for each in chosen]
        check_count({**menu, "required": menu.get("min_values") != 0}, picked)
        data = {"component_type": menu["type"], "custom_id": menu["custom_id"], "id": menu["id"],
                "values": picked, "resolved": filling.resolved}  # fmt: skip
        current = self.world.messages.get(message.id, message.raw)
        return await self.use(message, data, current)

    async def use(self, message: Seen, data: dict[str, Any], seen: dict[str, Any]) -> Answer:
        """Use a component of a message."""
        extra = {"message": self.discord.files.renewed(seen)}
        return await self.interact(COMPONENT, message.channel_id, data, extra)

    async def submit(self, answer: Answer, channel_id: str, given: dict[str, Any]) -> Answer:
        """Fill in the form that an answer opened, by its fields' custom IDs or labels."""
        modal = answer.modal
        assert modal is not None, "there is no form"
        filling = self.filling(channel_id)
        fields = filling.form(modal, given)
        data = {"custom_id": modal["custom_id"], "components": fields}
        opener = answer.interaction
        message = opener.payload.get("message")
        return await self.interact(
            MODAL_SUBMIT,
            channel_id,
            {**data, "resolved": filling.resolved},
            {"message": message} if message else None,
            triggered_by=opener.metadata(),
        )

    async def interact(
        self,
        kind: int,
        channel_id: str,
        data: dict[str, Any],
        extra: dict[str, Any] | None = None,
        triggered_by: dict[str, Any] | None = None,
    ) -> Answer:
        """Send an interaction and wait for it to be answered, as long as Discord does."""
        place = self.place(channel_id)
        command = data["name"] if kind in (COMMAND, AUTOCOMPLETE) else None
        declared = self.command(command, data["type"]) if command else None
        payload = place.payload(kind, data, declared) | (extra or {})
        member_of = "0" in payload["authorizing_integration_owners"]
        interaction = Interaction(payload, self.world.clock(), member_of=member_of)
        interaction.triggered_by = triggered_by
        self.world.interactions[payload["id"]] = self.world.tokens[payload["token"]] = interaction
        await self.discord.gateway.tell("INTERACTION_CREATE", payload, guild_id=place.guild_id)
        try:
            await self.discord.until(lambda: interaction.answered, PATIENCE)
        except AssertionError as error:
            raise AssertionError(f"The application did not respond. {error}") from None
        return Answer(self, interaction)

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
        messages = self.discord.messages
        message = messages.draft(channel_id, self.user, text)
        message["attachments"] = [self.attach(each, channel_id) for each in attachments]
        named = dict.fromkeys(re.findall(r"<@!?(\d+)>", text))
        message["mentions"] = [self.world.users[each] for each in named if each in self.world.users]
        if to is not None:
            original = self.world.messages.get(to.id, to.raw)
            messages.make_reply(message, original)
            if ping and original["author"] not in message["mentions"]:
                message["mentions"].append(original["author"])
        await messages.publish(message)
        await self.world.ring()
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
        await asyncio.sleep(READING)
        said = await self.say(
            message.channel_id, text, to=message, ping=ping, attachments=attachments
        )
        return Thread(self, said, message.channel_id)

    async def react(self, message: Seen, emoji: str) -> None:
        """Put an emoji under a message."""
        guild = self.world.channel_guild(message.channel_id)
        event = {
            "user_id": self.user["id"], "channel_id": message.channel_id, "type": 0,
            "message_id": message.id, "emoji": {"id": None, "name": emoji}, "burst": False,
            "message_author_id": message.raw["author"]["id"],
        }  # fmt: skip
        intent = DIRECT_REACTIONS
        if guild is not None:
            event |= {"guild_id": guild.id, "member": guild.members[self.user["id"]]}
            intent = REACTIONS
        await self.discord.gateway.tell("MESSAGE_REACTION_ADD", event, intent=intent)

    async def delete(self, message: Seen) -> None:
        """Make a message disappear; nobody asks here whether one may."""
        await self.discord.messages.remove(self.world.messages[message.id])
        await self.world.ring()
