"""What people keep: several files at once, and the buttons under pictures and sets."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from uuid import UUID

import discord

from bot.buttons import LABELS
from bot.messages import quoted
from core.errors import StudioError, UnusableFile
from db.models import Asset
from services.library import keep_each

ACTIONS = ("vary", "edit", "upscale", "collect", "delete")
"""What makes sense for a picture that nobody asked us to draw."""
OTHERS: dict[str, tuple[str, str | None, discord.ButtonStyle]] = {
    "collect": ("Add to a set…", "🗂️", discord.ButtonStyle.secondary),
    "put": ("Add", None, discord.ButtonStyle.secondary),
    "discard": ("Delete it", "🗑️", discord.ButtonStyle.danger),
    "spare": ("Keep it", None, discord.ButtonStyle.secondary),
}
"""What generations' buttons do not have."""
NAME_SHOWN = 60


@dataclass(frozen=True)
class Kept:
    """What became of several attachments."""

    pictures: Sequence[tuple[discord.Attachment, Asset]]
    complaints: str
    """What is wrong with each of the others, a line each."""

    @property
    def ids(self) -> list[str]:
        return [str(asset.id) for _, asset in self.pictures]


async def keep_several(
    files: Sequence[discord.Attachment], keep: Callable[[discord.Attachment], Awaitable[Asset]]
) -> Kept:
    """Keep those attachments that are pictures. Raises `StudioError` when none is."""
    kept, refused = await keep_each(files, keep)
    if len(files) == 1 and refused:
        raise refused[0][1]
    complaints = "\n".join(complaint(file, error) for file, error in refused)
    if not kept:
        raise UnusableFile(complaints)
    return Kept(kept, complaints)


def complaint(file: discord.Attachment, error: StudioError) -> str:
    return f"**{quoted(file.filename, NAME_SHOWN)}** was left out. {error}"


class KeptButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"kept:(?P<action>[a-z]+)"
    r"(?::(?P<picture>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?(?::(?P<set>[0-9]{1,18}))?$",
):
    """One action on a picture that somebody brought, on a set, or on both."""

    handler: ClassVar[Callable[[discord.Interaction, Self], Awaitable[None]]]
    """Set once by the bot, as for every button."""

    def __init__(
        self,
        action: str,
        picture: UUID | None = None,
        set_id: int | None = None,
        label: str | None = None,
    ) -> None:
        words, emoji, style = OTHERS.get(action) or LABELS[action]
        parts = ("kept", action, picture, set_id)
        custom_id = ":".join(str(each) for each in parts if each is not None)
        super().__init__(
            discord.ui.Button(label=label or words, emoji=emoji, style=style, custom_id=custom_id)
        )
        self.action, self.picture, self.set_id = action, picture, set_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        action = match["action"] if match["action"] in (*ACTIONS, *OTHERS) else "edit"
        picture = UUID(match["picture"]) if match["picture"] else None
        return cls(action, picture, int(match["set"]) if match["set"] else None)

    async def callback(self, interaction: discord.Interaction) -> None:
        await type(self).handler(interaction, self)

    @property
    def subject(self) -> UUID:
        """The picture, for an action that is on one."""
        assert self.picture is not None
        return self.picture
