"""Buttons that work for ever: the ID is in the button, everything else in the database."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self

import discord

from db.models import Generation

Handler = Callable[[discord.Interaction, str, int, int | None], Awaitable[None]]
"""Interaction, action, generation ID and position of the picture, where one was chosen."""

LABELS: dict[str, tuple[str, str | None, discord.ButtonStyle]] = {
    "reroll": ("Reroll", "🔁", discord.ButtonStyle.secondary),
    "vary": ("Vary", "✨", discord.ButtonStyle.secondary),
    "edit": ("Edit", "✏️", discord.ButtonStyle.primary),
    "more": ("More…", None, discord.ButtonStyle.secondary),
    "upscale": ("Upscale", "🔍", discord.ButtonStyle.secondary),
    "use": ("Use as source", "🖼️", discord.ButtonStyle.secondary),
    "info": ("Info", "ℹ️", discord.ButtonStyle.secondary),  # noqa: RUF001
    "delete": ("Delete", "🗑️", discord.ButtonStyle.danger),
    "cancel": ("Cancel", "✖️", discord.ButtonStyle.secondary),
    "again": ("Run again", "🔁", discord.ButtonStyle.secondary),
    "pick": ("Change this one", None, discord.ButtonStyle.secondary),
    "agree": ("Draw it", "✅", discord.ButtonStyle.success),
    "amend": ("Edit first…", "✏️", discord.ButtonStyle.primary),
    "other": ("Another way", None, discord.ButtonStyle.secondary),
    "resume": ("Retry from here", "▶️", discord.ButtonStyle.primary),
    "page": ("Next page…", "📖", discord.ButtonStyle.primary),
    "server": ("Add to server", "📌", discord.ButtonStyle.primary),
    "app": ("Add as app emoji", "🤖", discord.ButtonStyle.secondary),
}


class ActionButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"gen:(?P<action>[a-z]+):(?P<id>[0-9]{1,18})(?::(?P<position>[0-9]{1,2}))?$",
):
    """One action on one generation, or on one of its pictures."""

    handler: ClassVar[Handler]
    """Set once by the bot; a button made by a bot long gone finds its successor's here."""

    def __init__(
        self, action: str, generation_id: int, position: int | None = None, label: str | None = None
    ) -> None:
        words, emoji, style = LABELS[action]
        custom_id = f"gen:{action}:{generation_id}"
        if position is not None:
            custom_id += f":{position}"
        super().__init__(
            discord.ui.Button(label=label or words, emoji=emoji, style=style, custom_id=custom_id)
        )
        self.action, self.generation_id, self.position = action, generation_id, position

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        action = match["action"] if match["action"] in LABELS else "info"
        position = int(match["position"]) if match["position"] else None
        return cls(action, int(match["id"]), position)

    async def callback(self, interaction: discord.Interaction) -> None:
        await type(self).handler(interaction, self.action, self.generation_id, self.position)


def row(*buttons: discord.ui.DynamicItem[Any]) -> discord.ui.View:
    """Lay buttons out; the view itself is never remembered, so it never times out."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view


def failure_buttons(generation: Generation) -> discord.ui.View:
    """Once more from the beginning; or, where something was made before it failed, from there."""
    actions = ["again"]
    if generation.assets or generation.parts or generation.meta.get("plan"):
        actions.insert(0, "resume")
    return row(*(ActionButton(each, generation.id) for each in actions))


def further(generation: Generation) -> tuple[str, ...]:
    """What some tools' results can also be used for."""
    if generation.tool == "anime":
        return ("page",)
    if generation.tool == "icon":
        uses = {"sticker": ("server",), "server-icon": ("server",), "app-emoji": ("app",)}
        return uses.get(str(generation.meta.get("target")), ("server", "app"))
    return ()


def result_buttons(generation: Generation) -> discord.ui.View:
    """The one row under every result, results of results included, and what else it is for."""
    view = row(*(ActionButton(each, generation.id) for each in ("reroll", "vary", "edit", "more")))
    for action in further(generation):
        button = ActionButton(action, generation.id)
        button.row = 1
        view.add_item(button)
    return view


ALTERNATIVES = 2
"""Alternatives to a proposal that have a button; more would crowd the row."""


def proposal_buttons(generation: Generation) -> discord.ui.View:
    """What can be said to a proposal: yes, yes but, another way, no."""
    others = list((generation.proposal or {}).get("alternatives", {}))[:ALTERNATIVES]
    return row(
        ActionButton("agree", generation.id),
        ActionButton("amend", generation.id),
        *(
            ActionButton("other", generation.id, position, label=label[:80])
            for position, label in enumerate(others)
        ),
        ActionButton("cancel", generation.id),
    )


def waiting_buttons(generation_id: int) -> discord.ui.View:
    return row(ActionButton("cancel", generation_id))


def more_buttons(generation: Generation) -> discord.ui.View:
    """What the row has no room for."""
    actions = ("upscale", "use", "info", "delete")
    return row(*(ActionButton(each, generation.id) for each in actions))


def picture_buttons(generation: Generation, action: str) -> discord.ui.View:
    """Ask which of several pictures is meant."""
    return row(
        *(
            ActionButton(action, generation.id, asset.position, label=str(asset.position + 1))
            for asset in generation.assets[:25]
        )
    )


class AssetButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"asset:edit:(?P<id>[0-9a-f-]{36})$"
):
    """Change a picture that was not made here."""

    handler: ClassVar[Callable[[discord.Interaction, str], Awaitable[None]]]

    def __init__(self, asset_id: str) -> None:
        super().__init__(
            discord.ui.Button(
                label="Edit this picture",
                emoji="✏️",
                style=discord.ButtonStyle.primary,
                custom_id=f"asset:edit:{asset_id}",
            )
        )
        self.asset_id = asset_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await type(self).handler(interaction, self.asset_id)


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"page:(?P<list>[a-z]+)\|(?P<state>.{0,90})$",
):
    """The next page of a list; where it begins and what it is narrowed to is in its ID."""

    handler: ClassVar[Callable[[discord.Interaction, str, str], Awaitable[None]]]

    def __init__(self, listed: str, state: str, label: str = "Older") -> None:
        super().__init__(
            discord.ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                custom_id=f"page:{listed}|{state}",
            )
        )
        self.listed, self.state = listed, state

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["list"], match["state"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await type(self).handler(interaction, self.listed, self.state)
