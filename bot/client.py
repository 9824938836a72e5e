"""The bot: one connection to Discord, and everything that listens on it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import discord
from discord import app_commands
from discord.http import Route

from bot import asking, modals
from bot.actions import Actions
from bot.admin import Admin
from bot.buttons import ActionButton, AssetButton, PageButton
from bot.commands import Extra, everywhere, slash_command
from bot.delivery import Delivery
from bot.errors import explain, tell
from bot.history import History
from bot.library import KeptButton, Library
from bot.operator import Operator
from bot.people import viewer_of
from bot.privacy import ConsentButton, Privacy
from bot.progress import Watch
from bot.provider import Providers, suggestions
from bot.replies import on_reply
from core.errors import InvalidParams
from core.tool import Tool
from services import datasets, guidance
from services.studio import Studio

log = logging.getLogger(__name__)

SETS: dict[str, datasets.Kind] = {"dataset": "set", "character": "character"}
"""What an option names, by its format."""
EXTRA: dict[str, Extra] = {
    "avatar": {"member": ("Whose profile picture to start from; they must allow it.", discord.User)}
}
"""Options that only Discord can name, beside those of a tool's declaration."""


class Bot(discord.AutoShardedClient):
    """The studio's face in Discord. Message content is read only where Discord gives it freely."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        setattr(discord.Asset, "BASE", studio.settings.discord_cdn_url.rstrip("/"))  # noqa: B010
        Route.BASE = studio.settings.discord_api_url.rstrip("/")
        self.studio = studio
        self.tree = Tree(self)
        self.delivery = Delivery(studio, self)
        self.operator = Operator(studio, self)
        self.watch = Watch(studio, self.delivery)
        self.actions = Actions(studio, self.delivery)
        self.history, self.admin = History(studio), Admin(studio)
        self.library = Library(studio)
        self.privacy = Privacy(studio)
        self.drawers = Providers(studio)
        self.lists = {"history": self.history.on_page, "failed": self.admin.on_page}
        self.lists |= self.library.lists()
        self.tasks: list[asyncio.Task[None]] = []
        self.add_commands()
        self.add_buttons()

    def add_commands(self) -> None:
        for tool in self.studio.tools.values():
            if tool.listed:
                extra = EXTRA.get(tool.name)
                self.tree.add_command(slash_command(tool, self.on_tool, self.suggest, extra))
        for command in (*self.history.commands(), *self.library.commands()):
            self.tree.add_command(command)
        self.tree.add_command(self.privacy.command())
        self.tree.add_command(self.admin.group())
        self.tree.add_command(self.drawers.group())
        for name, callback in self.menus().items():
            menu = app_commands.ContextMenu(name=name, callback=callback)
            self.tree.add_command(everywhere(menu))

    def add_buttons(self) -> None:
        ActionButton.handler = staticmethod(self.actions.on_button)
        AssetButton.handler = staticmethod(self.actions.on_asset_button)
        PageButton.handler = staticmethod(self.on_page)
        ConsentButton.handler = staticmethod(self.privacy.on_button)
        self.add_dynamic_items(ActionButton, AssetButton, KeptButton, PageButton, ConsentButton)

    async def setup_hook(self) -> None:
        await self.sync()
        self.tasks = [
            asyncio.create_task(self.delivery.queue.run()),
            asyncio.create_task(self.operator.queue.run()),
            asyncio.create_task(self.watch.run()),
        ]

    async def sync(self) -> None:
        """Tell Discord our commands, if they are not what we told it last."""
        told = json.dumps([each.to_dict(self.tree) for each in self.tree.get_commands()])
        digest = hashlib.sha256(f"{self.application_id} {told}".encode()).hexdigest()
        note = self.studio.settings.data_dir / "discord-commands.sha256"
        if await asyncio.to_thread(read_note, note) == digest:
            return
        await self.tree.sync()
        await asyncio.to_thread(note.write_text, digest)
        log.info("commands registered with Discord")

    async def on_ready(self) -> None:
        assert self.user is not None
        log.info("connected to Discord as %s in %d servers", self.user, len(self.guilds))

    async def on_tool(
        self, interaction: discord.Interaction, tool: Tool, values: dict[str, Any]
    ) -> None:
        match tool.name:
            case "avatar":
                await self.actions.avatars.on_tool(interaction, tool, values)
            case "chart":
                await self.actions.menus.on_chart(interaction, tool, values)
            case _:
                await asking.on_tool(self.studio, interaction, tool, values)

    def menus(self) -> dict[str, Any]:
        """What a message's or a person's own menu offers, by name."""
        actions = self.actions

        async def edit(interaction: discord.Interaction, message: discord.Message) -> None:
            await actions.on_edit_menu(interaction, message)

        async def comic(interaction: discord.Interaction, message: discord.Message) -> None:
            await actions.menus.on_comic_menu(interaction, message)

        async def chart(interaction: discord.Interaction, message: discord.Message) -> None:
            await actions.menus.on_chart_menu(interaction, message)

        async def avatar(interaction: discord.Interaction, member: discord.User) -> None:
            await actions.avatars.on_menu(interaction, member)

        offered: dict[str, Any] = {"Edit this image": edit}
        for name, (tool, callback) in {
            "Make a comic of this": ("comic", comic),
            "Chart this": ("chart", chart),
            "Make an avatar": ("avatar", avatar),
        }.items():
            if tool in self.studio.tools:
                offered[name] = callback
        return offered

    async def on_page(self, interaction: discord.Interaction, listed: str, state: str) -> None:
        if listed not in self.lists:
            await tell(interaction, str(InvalidParams("That list is no longer known.")))
            return
        await self.lists[listed](interaction, state)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Forms are read here, not by their own object: that may be gone with a restart."""
        if interaction.type is discord.InteractionType.modal_submit:
            form = modals.read(interaction)
            if form is not None:
                await self.actions.on_form(interaction, form)

    async def on_message(self, message: discord.Message) -> None:
        await on_reply(self.studio, self, message)
        await self.library.on_message(self, message)

    async def suggest(
        self, interaction: discord.Interaction, kind: str, current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer what there is; a style may also be anybody's own words."""
        if kind in SETS:
            viewer = viewer_of(interaction, self.studio.settings)
            named = await asking.in_time(datasets.names(self.studio, viewer, SETS[kind], current))
            return [app_commands.Choice(name=each[:100], value=each[:100]) for each in named]
        if kind == "provider":
            return await self.drawers.suggest_provider(interaction, current)
        if kind == "model":
            return await self.drawers.suggest_model(interaction, current)
        return suggestions({each: each for each in guidance.STYLES}, current)

    async def close(self) -> None:
        self.delivery.queue.stop()
        self.operator.queue.stop()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await super().close()


class Tree(app_commands.CommandTree[Bot]):
    """Commands whose last resort is still a sentence."""

    async def on_error(
        self, interaction: discord.Interaction[Bot], error: app_commands.AppCommandError, /
    ) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await tell(interaction, explain(cause))


def read_note(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
