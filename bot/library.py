"""/upload and /import: pictures people bring along, and what can be done with them."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Self, TypeAlias, cast
from uuid import UUID

import discord
from discord import app_commands

from bot import asking, messages
from bot.attachments import fetch as download, keep
from bot.buttons import LABELS, row
from bot.commands import everywhere
from bot.errors import explain, tell
from bot.messages import placeholder, quoted
from bot.modals import asset_form
from bot.people import mentions_us, origin_of_message, viewer_of
from bot.replies import NO_PING, NO_WORDS, REFERENCES, words_of
from bot.sets import Sets
from core.errors import DatabaseUnavailable, Forbidden
from core.viewer import Viewer
from db.models import Asset, Generation
from services import generations, library
from services.fetch import URL_LIMIT, fetch_picture
from services.generations import Origin
from services.images import keep_upload
from services.iterate import SUBTLE
from services.library import NAME_LIMIT, Fetch
from services.studio import Studio

Command: TypeAlias = app_commands.Command[Any, ..., None]

ACTIONS = ("vary", "edit", "upscale", "delete")
"""What makes sense for a picture that nobody asked us to draw."""


class KeptButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"kept:(?P<action>[a-z]+):(?P<id>[0-9a-f-]{36})$",
):
    """One action on one picture that somebody brought."""

    handler: ClassVar[Callable[[discord.Interaction, str, str], Awaitable[None]]]
    """Set once by the bot, as for every button."""

    def __init__(self, action: str, asset_id: str) -> None:
        words, emoji, style = LABELS[action]
        custom_id = f"kept:{action}:{asset_id}"
        super().__init__(
            discord.ui.Button(label=words, emoji=emoji, style=style, custom_id=custom_id)
        )
        self.action, self.asset_id = action, asset_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["action"] if match["action"] in ACTIONS else "edit", match["id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await type(self).handler(interaction, self.action, self.asset_id)


class Library:
    """What a person brings, by command; `fetch` reads an address on the internet."""

    def __init__(self, studio: Studio, fetch: Fetch = fetch_picture) -> None:
        self.studio = studio
        self.fetch = fetch
        self.sets = [Sets(studio, "set"), Sets(studio, "character")]
        KeptButton.handler = staticmethod(self.on_button)

    def commands(self) -> list[Command | app_commands.Group]:
        groups = [each.group() for each in self.sets]
        return [everywhere(each) for each in (self.upload(), self.import_url(), *groups)]

    def lists(self) -> dict[str, Callable[[discord.Interaction, str], Awaitable[None]]]:
        """Who turns the pages of each list."""
        return {each.kind: each.on_page for each in self.sets}

    def upload(self) -> Command:
        @app_commands.command(name="upload", description="Bring a picture, to change or to use.")
        @app_commands.describe(picture="PNG, JPEG, WebP or GIF.", name="What it shows.")
        async def upload(
            interaction: discord.Interaction,
            picture: discord.Attachment,
            name: app_commands.Range[str, 1, NAME_LIMIT] | None = None,
        ) -> None:
            async def work(viewer: Viewer) -> Asset:
                if name is None:
                    return await keep(self.studio, picture, viewer)
                data = await download(picture)
                return await keep_upload(self.studio, data, viewer, f"{name}.upload")

            await self.bring(interaction, "upload", work, spoiler=picture.is_spoiler())

        return cast(Command, upload)

    def import_url(self) -> Command:
        @app_commands.command(name="import", description="Bring a picture from the internet.")
        @app_commands.describe(url="Its address, beginning with https.")
        async def bring(
            interaction: discord.Interaction, url: app_commands.Range[str, 1, URL_LIMIT]
        ) -> None:
            async def work(viewer: Viewer) -> Asset:
                return await library.keep_import(self.studio, viewer, url, self.fetch)

            await self.bring(interaction, "import", work)

        return cast(Command, bring)

    async def bring(
        self,
        interaction: discord.Interaction,
        command: str,
        work: Callable[[Viewer], Awaitable[Asset]],
        *,
        spoiler: bool = False,
    ) -> None:
        """Keep a picture and show it in a message that can be replied to."""
        answer = await interaction.response.defer(thinking=True)
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            asset = await work(viewer)
            if answer is not None and answer.message_id is not None:
                place = interaction.channel_id
                await library.shown(self.studio, asset.id, answer.message_id, place)
            limit = interaction.filesize_limit
            file = await messages.as_file(self.studio, asset, limit, spoiler=spoiler)
            await interaction.edit_original_response(
                content=described(command, asset, viewer), attachments=[file], view=buttons(asset)
            )
        except Exception as error:
            await asking.complain(interaction, explain(error))

    async def on_button(self, interaction: discord.Interaction, action: str, asset_id: str) -> None:
        """Do what a button says, or explain privately why not."""
        try:
            await getattr(self, action)(interaction, UUID(asset_id))
        except Exception as error:
            await tell(interaction, explain(error))

    async def edit(self, interaction: discord.Interaction, asset_id: UUID) -> None:
        viewer = viewer_of(interaction, self.studio.settings)
        own = await asking.in_time(library.borrow(self.studio, asset_id, viewer))
        await interaction.response.send_modal(asset_form(str(own.id)))

    async def vary(self, interaction: discord.Interaction, asset_id: UUID) -> None:
        values = {"strength": SUBTLE, "seed": secrets.randbits(32)}
        await self.draw(interaction, asset_id, "image", "a variation of this picture", values)

    async def upscale(self, interaction: discord.Interaction, asset_id: UUID) -> None:
        await self.draw(interaction, asset_id, "upscale", "", {})

    async def draw(
        self,
        interaction: discord.Interaction,
        asset_id: UUID,
        tool: str,
        words: str,
        values: Mapping[str, object],
    ) -> None:
        """Make something of the picture, in the name of whoever pressed the button."""

        async def work(origin: Origin) -> Generation:
            own = await library.borrow(self.studio, asset_id, origin.viewer)
            given = {"prompt": words, "source": str(own.id), **values}
            return await generations.submit(self.studio, tool, given, origin)

        await asking.ask(self.studio, interaction, tool, words, work)

    async def delete(self, interaction: discord.Interaction, asset_id: UUID) -> None:
        await interaction.response.defer()
        viewer = viewer_of(interaction, self.studio.settings)
        asset = await library.read_shown(self.studio, asset_id)
        if asset.user_id != viewer.user_id and not viewer.admin:
            raise Forbidden("Only the person who brought it can delete it.")
        await library.delete_asset(self.studio, str(asset_id), viewer)
        await interaction.edit_original_response(
            content="-# This picture was deleted.", attachments=[], view=None
        )

    async def on_message(self, client: discord.Client, message: discord.Message) -> None:
        """Treat a reply to a picture somebody brought as a wish to change it."""
        if message.author.bot or message.reference is None or message.reference.message_id is None:
            return
        try:
            asset = await library.at_message(self.studio, message.reference.message_id)
        except DatabaseUnavailable:
            return  # Whether it was for us nobody knows.
        if asset is None:
            return
        try:
            await self.on_wish(client, message, asset)
        except Exception as error:
            await message.reply(explain(error), mention_author=False)

    async def on_wish(self, client: discord.Client, message: discord.Message, asset: Asset) -> None:
        words = words_of(message)
        if not words:
            # Without the ping Discord hands over an empty message, attachments included.
            unread = message.guild is not None and not mentions_us(message, client.user)
            view = row(KeptButton("edit", str(asset.id)))
            said = NO_PING if unread else NO_WORDS
            await message.reply(said, view=view, mention_author=False)
            return
        answer = await message.reply(placeholder("edit", words), mention_author=False)
        try:
            await self.change(message, answer, asset, words)
        except Exception as error:
            await answer.edit(content=explain(error), view=None)

    async def change(
        self, message: discord.Message, answer: discord.Message, asset: Asset, words: str
    ) -> None:
        """Submit the change; the placeholder becomes the picture."""
        origin = origin_of_message(message, self.studio.settings, answer.id)
        own = await library.borrow(self.studio, asset.id, origin.viewer)
        values: dict[str, object] = {"source": str(own.id), "instruction": words}
        references = [
            str((await keep(self.studio, each, origin.viewer)).id)
            for each in message.attachments[:REFERENCES]
        ]
        if references:
            values["references"] = references
        await generations.submit(self.studio, "edit", values, origin)


def described(command: str, asset: Asset, viewer: Viewer) -> str:
    """The words above a picture that somebody brought."""
    large = asset.bytes >= 100_000
    size = f"{asset.bytes / 1e6:.1f} MB" if large else f"{math.ceil(asset.bytes / 1e3)} kB"
    facts = f"{asset.width} x {asset.height} · {size}"
    return (
        f"**/{command}** {quoted(asset.alt)}\n-# by {quoted(viewer.name, 40)} · {facts}\n"
        "-# Reply to change it."
    )


def buttons(asset: Asset) -> discord.ui.View:
    return row(*(KeptButton(each, str(asset.id)) for each in ACTIONS))
