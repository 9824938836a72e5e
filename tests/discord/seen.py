"""Messages as somebody sees them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.discord.components import BUTTON, SELECTS, TEXT, walk
from tests.discord.world import World

EPHEMERAL, LOADING = 1 << 6, 1 << 7


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
    url: str = field(default="", repr=False, compare=False)


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

    @property
    def selects(self) -> dict[str, dict[str, Any]]:
        """Menus to choose from, by what they say while nothing is chosen."""
        found = [each for each in walk(self.raw["components"]) if each["type"] in SELECTS]
        return {each.get("placeholder") or each["custom_id"]: each for each in found}

    @property
    def links(self) -> dict[str, str]:
        """Buttons that open an address."""
        buttons = [each for each in walk(self.raw["components"]) if each["type"] == BUTTON]
        return {label(each): each["url"] for each in buttons if "url" in each}

    @property
    def replies_to(self) -> str | None:
        return (self.raw.get("message_reference") or {}).get("message_id")

    def component(self, named: str) -> dict[str, Any]:
        """A button or menu by its label, placeholder or custom ID."""
        usable = [each for each in walk(self.raw["components"]) if "custom_id" in each]
        for each in usable:
            if named in (label(each), each.get("placeholder"), each["custom_id"]):
                return each
        raise AssertionError(f"there is no {named!r} among {[label(each) for each in usable]}")


def label(component: dict[str, Any]) -> str:
    """What is written on a button: words, or else an emoji."""
    emoji = (component.get("emoji") or {}).get("name")
    return component.get("label") or emoji or component.get("custom_id") or ""


def look(world: World, message_id: str, person_id: str) -> Seen | None:
    """A message as somebody sees it; None when it is gone or not for them."""
    message = world.messages.get(message_id)
    only = world.visible_to.get(message_id)
    if message is None or only not in (None, person_id):
        return None
    files = tuple(
        Attached(each["filename"], world.files[each["id"]][1], each.get("description"), each["url"])
        for each in message["attachments"]
    )
    parts = list(walk(message["components"]))
    words = [each["content"] for each in parts if each["type"] == TEXT]
    buttons = {label(each): each["custom_id"] for each in parts
               if each["type"] == BUTTON and "custom_id" in each}  # fmt: skip
    return Seen(
        message["id"], message["channel_id"], message["content"] or "\n".join(words), files,
        buttons, tuple(message["embeds"]), only is not None, bool(message["flags"] & LOADING),
        len(world.edits[message_id]), deepcopy(message),
    )  # fmt: skip
