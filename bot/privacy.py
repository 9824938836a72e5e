"""/privacy: what a person allows, seen and changed in one place."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self, TypeAlias, cast

import discord
from discord import app_commands

from bot import asking
from bot.buttons import row
from bot.commands import everywhere
from bot.errors import explain, tell
from bot.people import viewer_of
from services import consents
from services.studio import Studio

Command: TypeAlias = app_commands.Command[Any, ..., None]


class ConsentButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"consent:(?P<wish>give|revoke):(?P<kind>[a-z]{1,20})$",
):
    """Allow one thing, or allow it no more."""

    handler: ClassVar[Callable[[discord.Interaction, str, str], Awaitable[None]]]

    def __init__(self, wish: str, kind: str) -> None:
        given = wish == "give"
        super().__init__(
            discord.ui.Button(
                label=f"{'Allow' if given else 'Stop allowing'}: {kind}",
                style=discord.ButtonStyle.success if given else discord.ButtonStyle.secondary,
                custom_id=f"consent:{wish}:{kind}",
            )
        )
        self.wish, self.kind = wish, kind

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["wish"], match["kind"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await type(self).handler(interaction, self.wish, self.kind)


class Privacy:
    """What people allow, answered privately."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def command(self) -> Command:
        @app_commands.command(name="privacy", description="See and change what you allow.")
        async def privacy(interaction: discord.Interaction) -> None:
            try:
                await interaction.response.send_message(
                    **await self.page(interaction.user.id), ephemeral=True
                )
            except Exception as error:
                await tell(interaction, explain(error))

        return everywhere(cast(Command, privacy))

    async def page(self, user_id: int) -> dict[str, Any]:
        given = await asking.in_time(consents.given(self.studio, user_id))
        lines = ["What you allow:"]
        lines += [
            f"{'✅' if kind in given else '⬜'} **{kind}**: {words}"
            for kind, words in consents.ASKED.items()
        ]
        buttons = [
            ConsentButton("revoke" if kind in given else "give", kind) for kind in consents.ASKED
        ]
        return {"content": "\n".join(lines), "view": row(*buttons)}

    async def on_button(self, interaction: discord.Interaction, wish: str, kind: str) -> None:
        """Change one thing, and show how it stands now."""
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            change = consents.give if wish == "give" else consents.revoke
            await asking.in_time(change(self.studio, viewer, kind))
            await interaction.response.edit_message(**await self.page(interaction.user.id))
        except Exception as error:
            await tell(interaction, explain(error))
