"""/show, /history and /cancel: finding again what was made, and calling off what is not yet."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import discord
from discord import app_commands

from bot import asking, messages
from bot.buttons import PageButton, row
from bot.commands import everywhere
from bot.errors import explain, tell
from bot.people import viewer_of
from core.errors import InvalidParams
from db import generations
from db.generations import Cursor, Filters
from db.models import Generation, Status
from services import generations as life
from services.studio import Studio

PAGE = 10
WORDS_LIMIT = 30
"""Search words kept in a button's ID, which has room for 100 characters in all."""


Command: TypeAlias = app_commands.Command[Any, ..., None]


class History:
    """Commands about one's own past, answered privately."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def commands(self) -> list[Command]:
        return [everywhere(each) for each in (self.show(), self.history(), self.cancel())]

    def show(self) -> Command:
        @app_commands.command(name="show", description="Bring a picture back, with its buttons.")
        @app_commands.describe(id="The number after the # under a picture.")
        async def show(interaction: discord.Interaction, id: app_commands.Range[int, 1]) -> None:
            await self.on_show(interaction, id)

        return cast(Command, show)

    async def on_show(self, interaction: discord.Interaction, generation_id: int) -> None:
        answer = await interaction.response.defer(thinking=True)
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            generation = await life.read(self.studio, generation_id, viewer)
            if answer is not None and answer.message_id is not None:
                await life.shown_again(
                    self.studio, generation.id, answer.message_id, interaction.channel_id
                )
            content = await messages.shown(self.studio, generation, interaction.filesize_limit)
            await interaction.edit_original_response(**content)
        except Exception as error:
            await asking.complain(interaction, explain(error))

    def history(self) -> Command:
        @app_commands.command(name="history", description="List what you made, newest first.")
        @app_commands.describe(
            words="Only what was asked for in these words.",
            tool="Only this tool's.",
            status="Only what ended like this.",
            member="What somebody else made, as far as you may see it.",
        )
        @app_commands.choices(
            tool=[app_commands.Choice(name=each, value=each) for each in self.studio.tools],
            status=[app_commands.Choice(name=each.value, value=each.value) for each in Status],
        )
        async def history(
            interaction: discord.Interaction,
            words: app_commands.Range[str, 1, WORDS_LIMIT] | None = None,
            tool: str | None = None,
            status: str | None = None,
            member: discord.User | None = None,
        ) -> None:
            who = member.id if member else interaction.user.id
            state = f"|{who}|{tool or ''}|{status or ''}|{words or ''}"
            await self.on_page(interaction, state)

        return cast(Command, history)

    async def on_page(self, interaction: discord.Interaction, state: str) -> None:
        """Answer with the page of a list that a state describes."""
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            after, filters = parse(state)

            async def read() -> Any:
                async with self.studio.transaction() as tx:
                    return await generations.page(tx, viewer, filters, after=after, limit=PAGE + 1)

            found = await asking.in_time(read())
            await answer(interaction, "history", state, found)
        except Exception as error:
            await tell(interaction, explain(error))

    def cancel(self) -> Command:
        @app_commands.command(name="cancel", description="Call off what is not finished yet.")
        @app_commands.describe(id="Its number; all of yours when you leave this out.")
        async def cancel(
            interaction: discord.Interaction, id: app_commands.Range[int, 1] | None = None
        ) -> None:
            await self.on_cancel(interaction, id)

        return cast(Command, cancel)

    async def on_cancel(self, interaction: discord.Interaction, wanted: int | None) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            chosen = [wanted] if wanted is not None else await self.unended(viewer.user_id)
            for generation_id in chosen:
                await life.cancel(self.studio, generation_id, viewer)
            said = ", ".join(f"`#{each}`" for each in chosen)
            await tell(interaction, f"Canceled {said}." if chosen else "Nothing is waiting.")
        except Exception as error:
            await tell(interaction, explain(error))

    async def unended(self, user_id: int) -> list[int]:
        async with self.studio.transaction() as tx:
            return [each.id for each in await generations.unended_of(tx, user_id)]


def parse(state: str) -> tuple[Cursor | None, Filters]:
    """Read `cursor|user|tool|status|words`. Raises `InvalidParams` for anything else."""
    try:
        cursor, user, tool, status, words = state.split("|", 4)
        filters = Filters(
            user_id=int(user) if user else None,
            tool=tool or None,
            status=Status(status) if status else None,
            words=words or None,
        )
    except ValueError as error:
        raise InvalidParams("That list is no longer known. Ask for it again.") from error
    return Cursor.parse(cursor), filters


async def answer(
    interaction: discord.Interaction, listed: str, state: str, found: list[Generation]
) -> None:
    """Show one page privately: in the same message when it was asked for by its button."""
    items = found[:PAGE]
    content = messages.listing(items) or "Nothing yet. Try `/image`."
    view = discord.utils.MISSING
    if len(found) > PAGE:
        rest = state.split("|", 1)[1]
        cursor = Cursor(items[-1].created_at, items[-1].id)
        view = row(PageButton(listed, f"{cursor}|{rest}"))
    if interaction.type is discord.InteractionType.component:
        await interaction.response.edit_message(content=content, view=view or None)
    else:
        await interaction.response.send_message(content, view=view, ephemeral=True)
