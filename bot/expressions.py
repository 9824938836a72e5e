"""Putting icons where Discord uses them: a server's emoji, stickers and icon, the app's emoji."""

from __future__ import annotations

import io
import logging

import discord

from bot.errors import tell
from core.errors import Forbidden, InvalidParams, LimitReached, NotFound
from core.text import shorten
from db.models import Asset, Generation
from services.studio import Studio

log = logging.getLogger(__name__)

KINDS = {"emoji": "emoji", "app-emoji": "emoji", "sticker": "sticker", "server-icon": "icon"}
FULL = {30008, 30018, 30039, 30056}
"""Discord's codes for a server, or an app, that has no place left."""
NAME_LIMIT, LONG_NAME_LIMIT = 30, 32
"""Discord's limits for the name of a sticker and of an emoji, in characters."""
MEMBER_LACKS = "You need the permission {0} in this server for that; I checked with Discord."
BOT_LACKS = "I need the permission {0} in this server. Somebody who manages it can give it to me."


class Expressions:
    """What the buttons under an icon do."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    async def server(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        """Add the icon to the server as what it was made for, or say what stands in the way."""
        guild = interaction.guild
        if guild is None or not interaction.is_guild_integration():
            raise InvalidParams(
                "I am no member of this server, so I cannot add anything to it. "
                "Download the file instead, or invite me."
            )
        target = str(generation.meta.get("target", "emoji"))
        check_permissions(interaction, target)
        await interaction.response.defer(ephemeral=True, thinking=True)
        data = await self.studio.storage.get(part_of(generation, target, position).key)
        name = name_of(generation, position)
        try:
            said = await add(guild, target, name, data, generation)
        except discord.HTTPException as error:
            raise refusal(error, guild, target) from error
        log.info("generation %d added to a server as %s", generation.id, target)
        await tell(interaction, said)

    async def app(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        """Add the icon as an emoji the bot itself may use everywhere; for administrators."""
        if interaction.user.id not in self.studio.settings.admin_user_ids:
            raise Forbidden("Only an administrator of this studio can add emoji to the app itself.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        data = await self.studio.storage.get(part_of(generation, "emoji", position).key)
        try:
            emoji = await interaction.client.create_application_emoji(
                name=name_of(generation, position), image=data
            )
        except discord.HTTPException as error:
            if error.code in FULL:
                raise LimitReached(
                    "The app already has 2,000 emoji, which is all Discord allows."
                ) from error
            raise InvalidParams(f"Discord did not take it: {shorten(error.text, 200)}") from error
        await tell(interaction, f"{emoji} is now an emoji of the app: `:{emoji.name}:`")


def check_permissions(interaction: discord.Interaction, target: str) -> None:
    """Raises `Forbidden` naming the permission that the member, or the bot, does not have."""
    name, label = ("create_expressions", "Create Expressions")
    if KINDS[target] == "icon":
        name, label = ("manage_guild", "Manage Server")
    if not getattr(interaction.permissions, name):
        raise Forbidden(MEMBER_LACKS.format(label))
    if not getattr(interaction.app_permissions, name):
        raise Forbidden(BOT_LACKS.format(label))


def part_of(generation: Generation, part: str, position: int | None) -> Asset:
    """The file made for a purpose. Raises `NotFound` when it was deleted."""
    for each in generation.parts:
        if each.part == part and each.position == (position or 0):
            return each
    raise NotFound("That file has been deleted.")


def name_of(generation: Generation, position: int | None) -> str:
    name = str(generation.meta.get("name", "icon"))[:NAME_LIMIT]
    return f"{name}{position + 1}" if position else name


async def add(
    guild: discord.Guild, target: str, name: str, data: bytes, generation: Generation
) -> str:
    """Hand the file to Discord; return what to tell whoever asked."""
    reason = f"/icon #{generation.id}, asked for by {generation.user.name}"[:400]
    match KINDS[target]:
        case "sticker":
            words = shorten(generation.prompt, 100)
            sticker = await guild.create_sticker(
                name=name[:NAME_LIMIT],
                description=words if len(words) > 1 else name,
                emoji="🖼️",
                file=discord.File(io.BytesIO(data), f"{name}.png"),
                reason=reason,
            )
            return f"**{discord.utils.escape_markdown(sticker.name)}** is now a sticker here."
        case "icon":
            await guild.edit(icon=data, reason=reason)
            return "That is this server's icon now."
        case _:
            emoji = await guild.create_custom_emoji(
                name=name[:LONG_NAME_LIMIT], image=data, reason=reason
            )
            return f"{emoji} is now an emoji here: `:{emoji.name}:`"


def refusal(error: discord.HTTPException, guild: discord.Guild, target: str) -> Exception:
    """Discord's refusal in a sentence, with the server's limit where it is full."""
    if error.code in FULL:
        limit = guild.sticker_limit if KINDS[target] == "sticker" else guild.emoji_limit
        kind = "stickers" if KINDS[target] == "sticker" else "emoji"
        return LimitReached(
            f"This server is full: it has room for {limit} {kind}. "
            "Delete one, or boost the server for more."
        )
    if error.status == 403:
        return Forbidden("Discord says that I may not do that in this server.")
    return InvalidParams(f"Discord did not take it: {shorten(error.text, 200)}")
