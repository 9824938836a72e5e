"""/provider: who draws here, what they can do and cost, how they are, and who is to be the default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import discord
from discord import app_commands

from bot import asking, messages
from bot.commands import everywhere
from bot.errors import explain, tell
from bot.people import viewer_of
from core.errors import Forbidden
from providers import Provider
from services import choosing, gates, offers
from services.studio import Studio

if TYPE_CHECKING:
    from bot.admin import Command

SUGGESTIONS = 25


class Providers:
    """Commands about whoever draws."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def group(self) -> app_commands.Group:
        group = app_commands.Group(
            name="provider", description="Who draws, what they cost, and who is the default."
        )
        for command in (self.list(), self.test(), self.use()):
            group.add_command(command)
        return everywhere(group)

    def list(self) -> Command:
        @app_commands.command(name="list", description="Who draws here, and what they can do.")
        async def show(interaction: discord.Interaction) -> None:
            try:
                closed = await asking.in_time(gates.closed(self.studio))
                embed = discord.Embed(title="Who draws here")
                for number, each in enumerate(self.studio.providers.values()):
                    default = " · the default" if number == 0 else ""
                    gate = closed.get(each.name)
                    state = f"\n⚠️ {messages.quoted(gate.said, 200)}" if gate else ""
                    embed.add_field(
                        name=f"{each.label} (`{each.name}`){default}",
                        value=(models(each) + state)[:1024],
                        inline=False,
                    )
                await interaction.response.send_message(embed=embed, ephemeral=True)
            except Exception as error:
                await tell(interaction, explain(error))

        return cast("Command", show)

    def test(self) -> Command:
        @app_commands.command(name="test", description="Ask every provider how it is.")
        async def test(interaction: discord.Interaction) -> None:
            try:
                await interaction.response.defer(ephemeral=True, thinking=True)
                viewer = viewer_of(interaction, self.studio.settings)
                found = await offers.examine(self.studio, viewer)
                lines = [
                    f"⚠️ **{each.provider.label}**: {messages.quoted(each.wrong, 400)}"
                    if each.wrong
                    else f"✅ **{each.provider.label}** is ready."
                    for each in found
                ]
                await interaction.edit_original_response(content=messages.clip("\n".join(lines)))
            except Exception as error:
                await tell(interaction, explain(error))

        return cast("Command", test)

    def use(self) -> Command:
        @app_commands.command(name="use", description="Choose who draws where nobody says.")
        @app_commands.describe(
            model="Which model; its provider draws. Left out with the provider: no choice of yours.",
            provider="Whose default model.",
            tool="Only for this tool.",
            whose="For yourself, or for the whole server (Manage Server).",
        )
        @app_commands.rename(whose="for")
        @app_commands.choices(
            tool=[
                app_commands.Choice(name=f"/{each.name}", value=each.name)
                for each in self.studio.tools.values()
                if each.listed
            ]
        )
        async def use(
            interaction: discord.Interaction,
            model: str | None = None,
            provider: str | None = None,
            tool: str | None = None,
            whose: Literal["me", "server"] = "me",
        ) -> None:
            try:
                scope, scope_id = scope_of(interaction, whose)
                work = choosing.choose(self.studio, scope, scope_id, tool or "", provider, model)
                await asking.in_time(work)
                said = chosen(whose, tool, model or provider)
                await interaction.response.send_message(said, ephemeral=True)
            except Exception as error:
                await tell(interaction, explain(error))

        use.autocomplete("model")(self.suggest_model)
        use.autocomplete("provider")(self.suggest_provider)
        return cast("Command", use)

    async def suggest_provider(
        self, _: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return suggestions(
            {each.name: f"{each.name} · {each.label}" for each in self.studio.providers.values()},
            current,
        )

    async def suggest_model(
        self, _: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Each model with its provider and its price."""
        return suggestions(
            {
                name: f"{name} · {each.label} · {offers.price_of(can)}"
                for each in self.studio.providers.values()
                for name, can in each.models.items()
            },
            current,
        )


def suggestions(found: dict[str, str], current: str) -> list[app_commands.Choice[Any]]:
    """Those that fit what was typed, as Discord takes them."""
    wanted = current.lower()
    return [
        app_commands.Choice(name=shown[:100], value=value[:100])
        for value, shown in found.items()
        if wanted in shown.lower()
    ][:SUGGESTIONS]


def models(provider: Provider) -> str:
    """A line for each model."""
    return "\n".join(
        f"`{name}` · {offers.price_of(can)}\n-# {offers.abilities(can)}"
        for name, can in provider.models.items()
    )


def scope_of(interaction: discord.Interaction, whose: str) -> tuple[str, int]:
    """Whose choice it becomes; raises `Forbidden` for a server that somebody does not manage."""
    if whose == "me":
        return "member", interaction.user.id
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise Forbidden("Choosing for a server needs the permission Manage Server there.")
    return "server", interaction.guild_id


def chosen(whose: str, tool: str | None, who: str | None) -> str:
    place = "you" if whose == "me" else "this server"
    what = f"/{tool}" if tool else "every tool"
    if who is None:
        return f"For {place} there is no choice for {what} any more; the default draws."
    return f"From now on {messages.quoted(who, 80)} draws {what} for {place}, unless somebody says."
