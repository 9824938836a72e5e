"""Buttons that put a picture into a set, and those that ask before a set is deleted."""

from __future__ import annotations

import discord

from bot import asking
from bot.buttons import row
from bot.kept import KeptButton
from bot.messages import quoted
from bot.people import viewer_of
from core.text import shorten
from services import datasets, library
from services.datasets import Found
from services.studio import Studio

OFFERED = 25
"""Discord's limit for the buttons of one message."""
LABEL_LIMIT = 60
"""Characters of a name on a button; Discord takes 80."""


class Collecting:
    """One handler for each button that a set is in."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    async def collect(self, interaction: discord.Interaction, button: KeptButton) -> None:
        """Ask into which of their own sets a picture should go."""
        viewer = viewer_of(interaction, self.studio.settings)
        reading = datasets.listing(self.studio, viewer, own=True, limit=OFFERED + 1)
        own = [each.dataset for each in await asking.in_time(reading)]
        words = "Add it to which?" if own else (
            "You have no sets yet: begin one with `/dataset create` or `/character save`."
        )  # fmt: skip
        if len(own) > OFFERED:
            words += (
                "\n-# Your newest are here; `/dataset add` and `/character save` know them all."
            )
        view = row(
            *(
                KeptButton("put", button.subject, each.id, shorten(each.name, LABEL_LIMIT))
                for each in own[:OFFERED]
            )
        )
        await interaction.response.send_message(words, view=view, ephemeral=True)

    async def put(self, interaction: discord.Interaction, button: KeptButton) -> None:
        assert button.set_id is not None
        await interaction.response.defer()
        viewer = viewer_of(interaction, self.studio.settings)
        own = await library.borrow(self.studio, button.subject, viewer)
        known = await datasets.add(self.studio, viewer, button.set_id, [str(own.id)])
        await interaction.edit_original_response(content=added(known), view=None)

    async def discard(self, interaction: discord.Interaction, button: KeptButton) -> None:
        """Delete a set after the question whether to."""
        assert button.set_id is not None
        await interaction.response.defer()
        viewer = viewer_of(interaction, self.studio.settings)
        gone = await datasets.discard(self.studio, viewer, button.set_id)
        words = f"Deleted **{quoted(gone.name)}**. Its pictures are still there."
        await interaction.edit_original_response(content=words, view=None)

    async def spare(self, interaction: discord.Interaction, button: KeptButton) -> None:
        await interaction.response.edit_message(content="Nothing was deleted.", view=None)


def added(known: Found) -> str:
    return f"It is in **{quoted(known.name)}**, which has {counted(len(known.assets))}."


def asked_to_discard(known: Found) -> tuple[str, discord.ui.View]:
    """The question before a set is deleted, and the answers to it."""
    others = {"private": "", "guild": " in this server", "public": " anywhere"}[known.visibility]
    lost = f" Nobody{others} can use it then." if others else ""
    words = (
        f"Delete **{quoted(known.name)}**, with {counted(len(known.assets))}?{lost}\n"
        "-# The pictures themselves stay."
    )
    view = row(KeptButton("discard", set_id=known.id), KeptButton("spare", set_id=known.id))
    return words, view


def counted(pictures: int) -> str:
    return {0: "no pictures", 1: "1 picture"}.get(pictures, f"{pictures} pictures")
