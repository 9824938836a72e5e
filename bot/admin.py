"""/admin: what failed and why, trying it again, and the figures; without a shell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias, cast

import discord
from discord import app_commands

from bot import asking, messages
from bot.buttons import PageButton, row
from bot.errors import explain, tell
from bot.history import PAGE
from bot.people import viewer_of
from core.errors import Forbidden
from core.viewer import Viewer
from db import generations, stats
from db.generations import Cursor, Filters
from db.models import Generation, Status
from services import generations as life
from services.studio import Studio

PERIODS = {
    "today": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "all": None,
}
RETRY_LIMIT = 100
"""How many failures one command queues again."""


Command: TypeAlias = app_commands.Command[Any, ..., None]


class Admin:
    """Commands for those who manage a server, and for the operator everywhere."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def group(self) -> app_commands.Group:
        group = app_commands.Group(
            name="admin",
            description="What failed, trying it again, and the figures.",
            default_permissions=discord.Permissions(manage_guild=True),
        )
        for command in (self.failed(), self.retry(), self.stats()):
            group.add_command(command)
        return group

    def admin_of(self, interaction: discord.Interaction) -> Viewer:
        """Check again what Discord's own permission screen may have been set to ignore.

        Whoever manages a server administers it; `ADMIN_USER_IDS` administer everything. Raises
        `Forbidden`.
        """
        viewer = viewer_of(interaction, self.studio.settings)
        manages = interaction.guild_id is not None and interaction.permissions.manage_guild
        if not (viewer.admin or manages):
            raise Forbidden("That needs the permission Manage Server.")
        if viewer.admin or interaction.guild_id is None:
            return viewer
        guild = frozenset([interaction.guild_id])
        return Viewer(viewer.user_id, viewer.name, guild, guild)

    def scope(self, viewer: Viewer, interaction: discord.Interaction) -> int | None:
        """The server an administrator's figures are limited to; None is everything."""
        return None if viewer.admin else interaction.guild_id

    async def privately(
        self,
        interaction: discord.Interaction,
        work: Callable[[Viewer], Awaitable[tuple[str, discord.ui.View | None]]],
    ) -> None:
        """Check, think, and answer one person only."""
        try:
            viewer = self.admin_of(interaction)
            await interaction.response.defer(ephemeral=True, thinking=True)
            content, view = await work(viewer)
            await interaction.edit_original_response(content=messages.clip(content), view=view)
        except Exception as error:
            await tell(interaction, explain(error))

    def failed(self) -> Command:
        @app_commands.command(name="failed", description="What failed: by cause, newest first.")
        @app_commands.describe(cause="Only this cause; leave out for the list of causes.")
        async def failed(
            interaction: discord.Interaction, cause: app_commands.Range[str, 1, 30] | None = None
        ) -> None:
            if cause is None:
                await self.privately(interaction, lambda viewer: self.causes(viewer, interaction))
            else:
                await self.on_page(interaction, f"|{cause}")

        failed.autocomplete("cause")(self.suggest_cause)
        return cast(Command, failed)

    async def causes(
        self, viewer: Viewer, interaction: discord.Interaction
    ) -> tuple[str, discord.ui.View | None]:
        async with self.studio.transaction() as tx:
            found = await stats.causes(tx, self.scope(viewer, interaction))
        if not found:
            return "Nothing has failed.", None
        lines = [
            f"**{each.error_class}** · {each.count} · newest "
            f"{discord.utils.format_dt(each.newest, 'R')} · ${each.cost:.4f} spent"
            for each in found
        ]
        buttons = [
            PageButton("failed", f"|{each.error_class}", label=each.error_class)
            for each in found[:5]
        ]
        return "\n".join([*lines, "-# `/admin retry` tries them again."]), row(*buttons)

    async def on_page(self, interaction: discord.Interaction, state: str) -> None:
        """List one cause's failures; `state` is `cursor|cause`."""

        async def read(viewer: Viewer) -> tuple[str, discord.ui.View | None]:
            cursor, _, cause = state.partition("|")
            filters = Filters(
                status=Status.FAILED,
                error_class=cause or None,
                guild_id=self.scope(viewer, interaction),
            )
            async with self.studio.transaction() as tx:
                found = await generations.page(
                    tx,
                    Viewer(viewer.user_id, admin=True),  # The scope is in the filter.
                    filters,
                    after=Cursor.parse(cursor),
                    limit=PAGE + 1,
                )
            items = found[:PAGE]
            view = None
            if len(found) > PAGE:
                after = Cursor(items[-1].created_at, items[-1].id)
                view = row(PageButton("failed", f"{after}|{cause}"))
            return "\n".join(described(each) for each in items) or "Nothing has failed.", view

        await self.privately(interaction, read)

    def retry(self) -> Command:
        @app_commands.command(name="retry", description="Try again what failed.")
        @app_commands.describe(id="One of them.", cause="All that failed for this cause.")
        async def retry(
            interaction: discord.Interaction,
            id: app_commands.Range[int, 1] | None = None,
            cause: app_commands.Range[str, 1, 30] | None = None,
        ) -> None:
            async def work(viewer: Viewer) -> tuple[str, discord.ui.View | None]:
                return await self.retry_all(viewer, interaction, id, cause), None

            await self.privately(interaction, work)

        retry.autocomplete("cause")(self.suggest_cause)
        return cast(Command, retry)

    async def retry_all(
        self, viewer: Viewer, interaction: discord.Interaction, one: int | None, cause: str | None
    ) -> str:
        if one is None and cause is None:
            return "Say which: an `id`, or a `cause`."
        acting = Viewer(viewer.user_id, viewer.name, viewer.guild_ids, viewer.moderates, True)
        scope = self.scope(viewer, interaction)
        chosen = [one] if one is not None else await self.failed_of(cause, scope)
        for generation_id in chosen:
            if scope is not None:
                generation = await life.read(self.studio, generation_id, acting)
                if generation.guild_id != scope:
                    raise Forbidden("That was asked for in another server.")
            await life.retry(self.studio, generation_id, acting)
        if not chosen:
            return "Nothing has failed for that cause."
        more = " There are more; say it again." if len(chosen) == RETRY_LIMIT else ""
        return f"{len(chosen)} queued again.{more}"

    async def failed_of(self, cause: str | None, scope: int | None) -> list[int]:
        filters = Filters(status=Status.FAILED, error_class=cause, guild_id=scope)
        async with self.studio.transaction() as tx:
            found = await generations.page(tx, Viewer(0, admin=True), filters, limit=RETRY_LIMIT)
        return [each.id for each in found]

    async def suggest_cause(
        self, interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        try:
            viewer = self.admin_of(interaction)

            async def read() -> Any:
                async with self.studio.transaction() as tx:
                    return await stats.causes(tx, self.scope(viewer, interaction))

            found = await asking.in_time(read())
        except Exception:
            return []
        return [
            app_commands.Choice(name=f"{each.error_class} ({each.count})", value=each.error_class)
            for each in found[:25]
            if current.lower() in each.error_class
        ]

    def stats(self) -> Command:
        @app_commands.command(name="stats", description="How much, how fast, at what cost.")
        @app_commands.describe(period="How far back.")
        @app_commands.choices(
            period=[app_commands.Choice(name=each, value=each) for each in PERIODS]
        )
        async def show(interaction: discord.Interaction, period: str = "week") -> None:
            async def work(viewer: Viewer) -> tuple[str, discord.ui.View | None]:
                since = PERIODS.get(period)
                async with self.studio.transaction() as tx:
                    scope = self.scope(viewer, interaction)
                    totals = await stats.totals(tx, scope, since)
                    tools = await stats.by_tool(tx, scope, since)
                return figures(period, totals, tools), None

            await self.privately(interaction, work)

        return cast(Command, show)


def described(generation: Generation) -> str:
    """One failure: what, who, when, why, and what lay behind it."""
    when = discord.utils.format_dt(generation.created_at, "R")
    who = messages.quoted(generation.user.name, 30)
    cause = messages.quoted(generation.cause or "", 80)
    words = messages.quoted(generation.prompt, 40)
    return (
        f"`#{generation.id}` **{generation.error_class}** /{generation.tool} {words} · {who} · "
        f"{when} · {generation.attempts} tries\n-# {cause}"
    )


def figures(period: str, totals: stats.Totals, tools: Any) -> str:
    share = totals.succeeded / totals.generations if totals.generations else 0
    lines = [
        f"**{totals.generations:,} generations** ({period}) by {totals.people:,} people",
        f"{share:.0%} succeeded, {totals.failed:,} failed, {totals.running:,} running, "
        f"{totals.waiting:,} waiting",
        f"{totals.pictures:,} pictures kept, {totals.bytes / 1e6:,.1f} MB",
        f"typically {totals.typical_seconds:.1f} s, 95% within {totals.slow_seconds:.1f} s",
        f"${totals.cost:.2f} spent",
        "-# " + " · ".join(f"/{tool} {count:,}" for tool, count in tools),
    ]
    return "\n".join(lines)
