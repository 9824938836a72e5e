"""The least a bot can do: answer `/image` with a sentence. The reference for ours."""

from __future__ import annotations

import sys

import discord
from discord import app_commands
from discord.http import Route


class Bare(discord.AutoShardedClient):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_messages=None)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        await self.tree.sync()


client = Bare()


@client.tree.command(name="image", description="Answer.")
async def image(interaction: discord.Interaction, prompt: str) -> None:
    await interaction.response.send_message(f"**/image** {prompt}")


Route.BASE = sys.argv[1]
client.run(sys.argv[2], log_handler=None)
