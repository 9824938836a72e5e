"""/dataset and /character: reference pictures with a name, answered privately."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, TypeAlias, cast

import discord
from discord import app_commands

from bot import asking, messages
from bot.attachments import keep
from bot.buttons import PageButton, row
from bot.collecting import asked_to_discard, counted
from bot.errors import explain, tell
from bot.kept import keep_several
from bot.messages import quoted
from bot.people import viewer_of
from core.errors import Forbidden, NotFound
from core.viewer import Viewer
from db.datasets import Kind, Listed, Visibility
from services import datasets, library
from services.datasets import DESCRIPTION_LIMIT, NAME_LIMIT, PICTURES, Found
from services.images import read_asset
from services.pictures.grid import grid
from services.studio import Studio

Command: TypeAlias = app_commands.Command[Any, ..., None]
Said: TypeAlias = tuple[str, dict[str, Any]]
"""The words of an answer, and what else it has: files, buttons."""
Attached: TypeAlias = discord.Attachment | None

PAGE = 10
COMMANDS = {"set": "dataset", "character": "character"}
ABOUT = {
    "set": "Reference pictures with a name, for any tool that takes a dataset.",
    "character": "People and beings that look the same in every picture.",
}
USE = {
    "set": "Name it as the `dataset` of a tool.",
    "character": "Name it as a `character` of `/anime` or `/comic`.",
}
Choice = Literal["private", "server-wide", "public"]
VISIBILITY: dict[str, Visibility] = {
    "private": "private",
    "server-wide": "guild",
    "public": "public",
}
REACH = {
    "private": "private: only you can use it",
    "guild": "server-wide: everybody here can use it, and see those of its pictures that are yours",
    "public": "public: everybody can use it, and see those of its pictures that are yours",
}


class Sets:
    """The commands for one kind of set."""

    def __init__(self, studio: Studio, kind: Kind) -> None:
        self.studio = studio
        self.kind: Kind = kind

    def group(self) -> app_commands.Group:
        group = app_commands.Group(name=COMMANDS[self.kind], description=ABOUT[self.kind])
        making = (self.save(),) if self.kind == "character" else (
            self.create(), self.add(), self.remove(),
        )  # fmt: skip
        for command in (*making, self.listing(), self.show(), self.delete()):
            group.add_command(command)
        return group

    async def privately(
        self, interaction: discord.Interaction, work: Callable[[Viewer], Awaitable[Said]]
    ) -> None:
        """Think, and answer one person only."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            content, more = await work(viewer_of(interaction, self.studio.settings))
            await interaction.edit_original_response(content=messages.clip(content), **more)
        except Exception as error:
            await tell(interaction, explain(error))

    def create(self) -> Command:
        @app_commands.command(name="create", description="Begin a set of reference pictures.")
        @app_commands.describe(
            name="What to call it.",
            description="What the pictures show; it joins the prompt.",
            visibility="Who may use it; private when you leave this out.",
        )
        async def create(
            interaction: discord.Interaction,
            name: app_commands.Range[str, 1, NAME_LIMIT],
            description: app_commands.Range[str, 1, DESCRIPTION_LIMIT] | None = None,
            visibility: Choice = "private",
        ) -> None:
            async def work(viewer: Viewer) -> Said:
                made = await datasets.create(
                    self.studio,
                    viewer,
                    self.kind,
                    name,
                    description=description or "",
                    visibility=VISIBILITY[visibility],
                    guild_id=interaction.guild_id,
                )
                return f"{told(made)}\nAdd pictures with `/dataset add`.", {}

            await self.privately(interaction, work)

        return cast(Command, create)

    def add(self) -> Command:
        @app_commands.command(name="add", description="Put pictures into a set of yours.")
        @app_commands.describe(
            name="Which set.", picture_1="Left out: your last picture in this channel."
        )
        async def add(
            interaction: discord.Interaction,
            name: str,
            picture_1: discord.Attachment | None = None,
            picture_2: discord.Attachment | None = None,
            picture_3: discord.Attachment | None = None,
            picture_4: discord.Attachment | None = None,
            picture_5: discord.Attachment | None = None,
        ) -> None:
            given = (picture_1, picture_2, picture_3, picture_4, picture_5)

            async def work(viewer: Viewer) -> Said:
                set_id, _ = await self.own(viewer, name)
                pictures, complaints = await self.pictures(interaction, viewer, given)
                filled = await datasets.add(self.studio, viewer, set_id, pictures)
                return f"{complaints}\n{told(filled)}".strip(), {}

            await self.privately(interaction, work)

        add.autocomplete("name")(self.suggest_own)
        return cast(Command, add)

    def remove(self) -> Command:
        @app_commands.command(name="remove", description="Take a picture out of a set of yours.")
        @app_commands.describe(name="Which set.", picture="Its number in `/dataset show`.")
        async def remove(
            interaction: discord.Interaction,
            name: str,
            picture: app_commands.Range[int, 1, PICTURES],
        ) -> None:
            async def work(viewer: Viewer) -> Said:
                set_id, known = await self.own(viewer, name)
                if picture > len(known.assets):
                    raise NotFound(f"“{known.name}” has {counted(len(known.assets))}.")
                chosen = known.assets[picture - 1]
                return told(await datasets.remove(self.studio, viewer, set_id, chosen)), {}

            await self.privately(interaction, work)

        remove.autocomplete("name")(self.suggest_own)
        return cast(Command, remove)

    def save(self) -> Command:
        @app_commands.command(name="save", description="Keep a character, or add to one of yours.")
        @app_commands.describe(
            name="What they are called.",
            picture="What they look like; left out with the looks: your last picture here.",
            looks="What they look like, in words.",
            visibility="Who may use them; private when you leave this out.",
        )
        async def save(
            interaction: discord.Interaction,
            name: app_commands.Range[str, 1, NAME_LIMIT],
            picture: discord.Attachment | None = None,
            looks: app_commands.Range[str, 1, DESCRIPTION_LIMIT] | None = None,
            visibility: Choice | None = None,
        ) -> None:
            async def work(viewer: Viewer) -> Said:
                wordless = looks is None and visibility is None
                pictures: list[str] = []
                if picture is not None or wordless:
                    pictures, _ = await self.pictures(interaction, viewer, (picture,))
                saved = await datasets.save(
                    self.studio,
                    viewer,
                    self.kind,
                    name,
                    description=looks,
                    visibility=VISIBILITY[visibility] if visibility else None,
                    guild_id=interaction.guild_id,
                    pictures=pictures,
                )
                return told(saved), {}

            await self.privately(interaction, work)

        save.autocomplete("name")(self.suggest_own)
        return cast(Command, save)

    def listing(self) -> Command:
        @app_commands.command(name="list", description="List those you may use, newest first.")
        async def show_list(interaction: discord.Interaction) -> None:
            await self.on_page(interaction, "")

        return cast(Command, show_list)

    async def on_page(self, interaction: discord.Interaction, state: str) -> None:
        """Answer with the page that begins after an ID, in the same message after its button."""
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            after = int(state) if state.isdigit() else None
            reading = datasets.listing(self.studio, viewer, self.kind, after=after, limit=PAGE + 1)
            found = await asking.in_time(reading)
            lines = fitting([line(each, viewer) for each in found[:PAGE]])
            content = "\n".join(lines) or f"There is no {self.kind} yet. {ABOUT[self.kind]}"
            view = discord.utils.MISSING
            if len(found) > len(lines):
                view = row(PageButton(self.kind, str(found[len(lines) - 1].dataset.id)))
            if interaction.type is discord.InteractionType.component:
                await interaction.response.edit_message(content=content, view=view or None)
            else:
                await interaction.response.send_message(content, view=view, ephemeral=True)
        except Exception as error:
            await tell(interaction, explain(error))

    def show(self) -> Command:
        @app_commands.command(name="show", description="Look at one, with its pictures.")
        @app_commands.describe(name="Which one.")
        async def show(interaction: discord.Interaction, name: str) -> None:
            async def work(viewer: Viewer) -> Said:
                _, known = await self.find(viewer, name)
                return told(known), await self.seen(viewer, known)

            await self.privately(interaction, work)

        show.autocomplete("name")(self.suggest)
        return cast(Command, show)

    async def seen(self, viewer: Viewer, known: Found) -> dict[str, Any]:
        """The pictures, numbered, as one file."""
        if not known.assets:
            return {}
        kept = [await read_asset(self.studio, each, viewer) for each in known.assets]
        small = [await self.studio.storage.get(each.thumbnail_key) for each in kept]
        sheet = await self.studio.pictures.run(grid, small)
        words = f"{known.name}: {counted(len(small))}, numbered"
        return {"attachments": [discord.File(io.BytesIO(sheet), "set.png", description=words)]}

    def delete(self) -> Command:
        @app_commands.command(name="delete", description="Delete one; its pictures stay.")
        @app_commands.describe(name="Which one.")
        async def delete(interaction: discord.Interaction, name: str) -> None:
            async def work(viewer: Viewer) -> Said:
                set_id, _ = await self.find(viewer, name)
                known = await datasets.discardable(self.studio, viewer, set_id)
                words, view = asked_to_discard(known)
                return words, {"view": view}

            await self.privately(interaction, work)

        delete.autocomplete("name")(self.suggest)
        return cast(Command, delete)

    async def find(self, viewer: Viewer, name: str) -> tuple[int, Found]:
        """What a name means to somebody, and its ID. Raises `InvalidParams`."""
        known = await datasets.find(self.studio, viewer, self.kind, name)
        assert known.id is not None  # Only a character that was just described has none.
        return known.id, known

    async def own(self, viewer: Viewer, name: str) -> tuple[int, Found]:
        """The same of one that they may change, before anything is kept for it."""
        set_id, known = await self.find(viewer, name)
        if known.owner != viewer.user_id:
            raise Forbidden("Only the person who made it can change it.")
        return set_id, known

    async def pictures(
        self, interaction: discord.Interaction, viewer: Viewer, given: Sequence[Attached]
    ) -> tuple[list[str], str]:
        """Keep what was attached; when nothing was, it is their last picture here.

        Returns asset IDs, and what is wrong with the files that could not be kept.
        """
        files = [each for each in given if each is not None]
        if not files:
            return [await library.latest_here(self.studio, viewer, interaction.channel_id)], ""
        kept = await keep_several(files, lambda each: keep(self.studio, each, viewer))
        return kept.ids, kept.complaints

    async def suggest(
        self, interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await self.names(interaction, current, own=False)

    async def suggest_own(
        self, interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await self.names(interaction, current, own=True)

    async def names(
        self, interaction: discord.Interaction, current: str, *, own: bool
    ) -> list[app_commands.Choice[str]]:
        viewer = viewer_of(interaction, self.studio.settings)
        reading = datasets.names(self.studio, viewer, self.kind, current, own=own)
        try:
            found = await asking.in_time(reading)
        except Exception as error:
            explain(error)  # A bug is logged; nobody can be told while they type.
            return []
        return [app_commands.Choice(name=each, value=each) for each in found]


def told(known: Found) -> str:
    """A set in words."""
    head = f"**{quoted(known.name)}** · {counted(len(known.assets))} · {REACH[known.visibility]}"
    words = quoted(known.description, 1500)
    return "\n".join(filter(None, (head, words, f"-# {USE[known.kind]}")))


def fitting(lines: Sequence[str]) -> list[str]:
    """As many of the first lines as one message holds; one alone always fits."""
    size = 0
    found: list[str] = []
    for each in lines:
        size += len(each) + 1
        if size > messages.CONTENT_LIMIT:
            break
        found.append(each)
    return found


def line(listed: Listed, viewer: Viewer) -> str:
    """A set in a list: whose it is matters where it is not one's own."""
    each = listed.dataset
    own = each.user_id == viewer.user_id
    whose = "yours" if own else f"by {quoted(listed.owner_name, 40)}"
    shared = {"private": "private", "guild": "server-wide", "public": "public"}[each.visibility]
    words = f"\n-# {quoted(each.description, 100)}" if each.description else ""
    return f"**{quoted(each.name)}** · {counted(listed.pictures)} · {whose}, {shared}{words}"
