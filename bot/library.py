"""/upload and /import: pictures people bring along, and what can be done with them."""

from __future__ import annotations

import math
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import discord
from discord import app_commands

from bot import asking, messages
from bot.attachments import fetch as download, keep
from bot.buttons import row
from bot.collecting import Collecting
from bot.commands import everywhere
from bot.errors import explain, tell
from bot.kept import ACTIONS, KeptButton, keep_several
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


@dataclass(frozen=True)
class Brought:
    """What somebody brought at once, each to be shown in a message of its own."""

    pictures: Sequence[tuple[Asset, bool]]
    """With each, whether it is a spoiler."""
    complaints: str = ""


class Library:
    """What a person brings, by command; `fetch` reads an address on the internet."""

    def __init__(self, studio: Studio, fetch: Fetch = fetch_picture) -> None:
        self.studio = studio
        self.fetch = fetch
        self.sets = [Sets(studio, "set"), Sets(studio, "character")]
        self.collecting = Collecting(studio)
        KeptButton.handler = staticmethod(self.on_button)

    def commands(self) -> list[Command | app_commands.Group]:
        groups = [each.group() for each in self.sets]
        return [everywhere(each) for each in (self.upload(), self.import_url(), *groups)]

    def lists(self) -> dict[str, Callable[[discord.Interaction, str], Awaitable[None]]]:
        """Who turns the pages of each list."""
        return {each.kind: each.on_page for each in self.sets}

    def upload(self) -> Command:
        @app_commands.command(name="upload", description="Bring pictures, to change or to use.")
        @app_commands.describe(
            picture="PNG, JPEG, WebP or GIF.",
            picture_2="One more; each gets a message of its own.",
            name="What it shows.",
        )
        async def upload(
            interaction: discord.Interaction,
            picture: discord.Attachment,
            picture_2: discord.Attachment | None = None,
            picture_3: discord.Attachment | None = None,
            picture_4: discord.Attachment | None = None,
            picture_5: discord.Attachment | None = None,
            name: app_commands.Range[str, 1, NAME_LIMIT] | None = None,
        ) -> None:
            given = (picture, picture_2, picture_3, picture_4, picture_5)
            files = [each for each in given if each is not None]

            async def work(viewer: Viewer) -> Brought:
                return await self.keep(viewer, files, name)

            await self.bring(interaction, "upload", work)

        return cast(Command, upload)

    async def keep(
        self, viewer: Viewer, files: Sequence[discord.Attachment], name: str | None
    ) -> Brought:
        """Keep attachments, called as they are or all by one name. Raises when none is a picture."""

        async def one(file: discord.Attachment) -> Asset:
            called = file.filename if name is None else f"{name}.upload"
            return await keep_upload(self.studio, await download(file), viewer, called)

        kept = await keep_several(files, one)
        pictures = [(asset, file.is_spoiler()) for file, asset in kept.pictures]
        return Brought(pictures, kept.complaints)

    def import_url(self) -> Command:
        @app_commands.command(name="import", description="Bring a picture from the internet.")
        @app_commands.describe(url="Its address, beginning with https.")
        async def bring(
            interaction: discord.Interaction, url: app_commands.Range[str, 1, URL_LIMIT]
        ) -> None:
            async def work(viewer: Viewer) -> Brought:
                asset = await library.keep_import(self.studio, viewer, url, self.fetch)
                return Brought([(asset, False)])

            await self.bring(interaction, "import", work)

        return cast(Command, bring)

    async def bring(
        self,
        interaction: discord.Interaction,
        command: str,
        work: Callable[[Viewer], Awaitable[Brought]],
    ) -> None:
        """Keep pictures and show each in a message that can be replied to."""
        answer = await interaction.response.defer(thinking=True)
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            brought = await work(viewer)
            (first, spoiler), *others = brought.pictures
            if answer is not None and answer.message_id is not None:
                await self.note(first, answer.message_id, interaction)
            said = await self.said(interaction, command, first, spoiler=spoiler)
            file = said.pop("file")
            await interaction.edit_original_response(**said, attachments=[file])
        except Exception as error:
            await asking.complain(interaction, explain(error))
            return
        await self.bring_more(interaction, command, others, brought.complaints)

    async def bring_more(
        self,
        interaction: discord.Interaction,
        command: str,
        others: Sequence[tuple[Asset, bool]],
        complaints: str,
    ) -> None:
        """Show what came beside the first picture, and tell privately what is missing."""
        try:
            for asset, spoiler in others:
                said = await self.said(interaction, command, asset, spoiler=spoiler)
                message = await interaction.followup.send(**said, wait=True)
                await self.note(asset, message.id, interaction)
        except Exception as error:
            complaints = f"{complaints}\n{explain(error)}".strip()
        if complaints:
            await tell(interaction, messages.clip(complaints))

    async def note(self, asset: Asset, message_id: int, interaction: discord.Interaction) -> None:
        await library.shown(self.studio, asset.id, message_id, interaction.channel_id)

    async def said(
        self, interaction: discord.Interaction, command: str, asset: Asset, *, spoiler: bool
    ) -> dict[str, Any]:
        """A message about one picture."""
        limit = interaction.filesize_limit
        return {
            "content": described(command, asset, interaction.user.display_name),
            "file": await messages.as_file(self.studio, asset, limit, spoiler=spoiler),
            "view": row(*(KeptButton(each, asset.id) for each in ACTIONS)),
        }

    async def on_button(self, interaction: discord.Interaction, button: KeptButton) -> None:
        """Do what a button says, or explain privately why not."""
        mine = self if hasattr(self, button.action) else self.collecting
        try:
            await getattr(mine, button.action)(interaction, button)
        except Exception as error:
            await tell(interaction, explain(error))

    async def edit(self, interaction: discord.Interaction, button: KeptButton) -> None:
        viewer = viewer_of(interaction, self.studio.settings)
        own = await asking.in_time(library.borrow(self.studio, button.subject, viewer))
        await interaction.response.send_modal(asset_form(str(own.id)))

    async def vary(self, interaction: discord.Interaction, button: KeptButton) -> None:
        values = {"strength": SUBTLE, "seed": secrets.randbits(32)}
        await self.draw(interaction, button, "image", "a variation of this picture", values)

    async def upscale(self, interaction: discord.Interaction, button: KeptButton) -> None:
        await self.draw(interaction, button, "upscale", "", {})

    async def draw(
        self,
        interaction: discord.Interaction,
        button: KeptButton,
        tool: str,
        words: str,
        values: Mapping[str, object],
    ) -> None:
        """Make something of the picture, in the name of whoever pressed the button."""

        async def work(origin: Origin) -> Generation:
            own = await library.borrow(self.studio, button.subject, origin.viewer)
            given = {"prompt": words, "source": str(own.id), **values}
            return await generations.submit(self.studio, tool, given, origin)

        await asking.ask(self.studio, interaction, tool, words, work)

    async def delete(self, interaction: discord.Interaction, button: KeptButton) -> None:
        await interaction.response.defer()
        viewer = viewer_of(interaction, self.studio.settings)
        asset = await library.read_shown(self.studio, button.subject)
        if asset.user_id != viewer.user_id and not viewer.admin:
            raise Forbidden("Only the person who brought it can delete it.")
        await library.delete_asset(self.studio, str(asset.id), viewer)
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
            view = row(KeptButton("edit", asset.id))
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


def described(command: str, asset: Asset, who: str) -> str:
    """The words above a picture that somebody brought."""
    large = asset.bytes >= 100_000
    size = f"{asset.bytes / 1e6:.1f} MB" if large else f"{math.ceil(asset.bytes / 1e3)} kB"
    facts = f"{asset.width} x {asset.height} · {size}"
    return (
        f"**/{command}** {quoted(asset.alt)}\n-# by {quoted(who, 40)} · {facts}\n"
        "-# Reply to change it."
    )
