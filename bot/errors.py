"""What people are told when something goes wrong."""

from __future__ import annotations

import logging

import discord

from core.errors import BUG, StudioError

log = logging.getLogger(__name__)


def explain(error: BaseException) -> str:
    """Return words for the person who asked; log anything that is our own fault."""
    if isinstance(error, StudioError):
        return str(error)
    log.error("unexpected error", exc_info=error)
    return f"{BUG}."


async def tell(interaction: discord.Interaction, words: str) -> None:
    """Say something to one person only, whether or not the interaction was answered before."""
    try:
        if interaction.response.is_done():
            await interaction.followup.send(words, ephemeral=True)
        else:
            await interaction.response.send_message(words, ephemeral=True)
    except discord.HTTPException as error:
        # Nobody is left to tell: the interaction is older than Discord remembers.
        log.info("could not answer interaction %d: %s", interaction.id, error)
