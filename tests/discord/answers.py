"""What comes of something that a person did, as that person sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.discord.seen import Attached, Seen
from tests.discord.world import Interaction

if TYPE_CHECKING:
    from tests.discord.person import Person


class Conversation:
    """Messages that belong together, and waiting for one of them to look as wanted."""

    person: Person

    @property
    def messages(self) -> list[Seen]:
        raise NotImplementedError

    async def until(self, wanted: Callable[[Seen], object], timeout: float = 20.0) -> Seen:
        """Wait until a message looks as wanted; fail with what was said instead."""

        def found() -> Seen | None:
            return next((each for each in self.messages if wanted(each)), None)

        try:
            return await self.person.discord.until(found, timeout)
        except AssertionError as error:
            looks = "\n".join(told(each) for each in self.messages)
            raise AssertionError(f"{error}\nthe answer says:\n{looks}") from None


class Answer(Conversation):
    """What an interaction was answered with."""

    def __init__(self, person: Person, interaction: Interaction) -> None:
        self.person, self.interaction = person, interaction
        self.discord = person.discord

    @property
    def modal(self) -> dict[str, Any] | None:
        """The form that was opened, if one was."""
        return self.interaction.modal

    @property
    def messages(self) -> list[Seen]:
        found = [self.person.look(each) for each in dict.fromkeys(self.interaction.results)]
        return [each for each in found if each is not None]

    @property
    def message(self) -> Seen:
        """The last message that answered."""
        assert self.messages, "nothing was answered that this person sees"
        return self.messages[-1]

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def files(self) -> tuple[Attached, ...]:
        return self.message.files

    @property
    def buttons(self) -> dict[str, str]:
        return self.message.buttons

    @property
    def ephemeral(self) -> bool:
        return self.message.ephemeral


class Thread(Conversation):
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


def told(message: Seen) -> str:
    files = [each.name for each in message.files]
    return f"{message.text!r} files={files} buttons={list(message.buttons)}"
