"""Who is asking, in the studio's words."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from core.settings import Settings
from core.viewer import Viewer
from services.generations import Origin


def viewer_of(interaction: discord.Interaction, settings: Settings) -> Viewer:
    """What Discord says of this person with each interaction; nothing is remembered."""
    guild = frozenset([interaction.guild_id] if interaction.guild_id else [])
    moderator = bool(guild) and interaction.permissions.manage_messages
    return Viewer(
        user_id=interaction.user.id,
        name=interaction.user.display_name,
        guild_ids=guild,
        moderates=guild if moderator else frozenset(),
        admin=interaction.user.id in settings.admin_user_ids,
    )


def viewer_of_message(message: discord.Message, settings: Settings) -> Viewer:
    """The author of a message; whether they moderate does not matter for asking."""
    guild = frozenset([message.guild.id] if message.guild else [])
    return Viewer(
        user_id=message.author.id,
        name=message.author.display_name,
        guild_ids=guild,
        admin=message.author.id in settings.admin_user_ids,
    )


def origin_of(
    interaction: discord.Interaction, settings: Settings, message_id: int | None
) -> Origin:
    """Where an interaction's answer goes: into the placeholder that was its first answer."""
    return Origin(
        viewer=viewer_of(interaction, settings),
        request_id=f"discord-{interaction.id}",
        locale=str(interaction.locale),
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        message_id=message_id,
        application_id=interaction.application_id,
        reply_token=interaction.token,
        visibility="guild" if interaction.guild_id else "private",
        file_limit=interaction.filesize_limit,
        confirm=True,
    )


def origin_of_message(message: discord.Message, settings: Settings, placeholder_id: int) -> Origin:
    """Where a message's answer goes: into the placeholder that replied to it."""
    return Origin(
        viewer=viewer_of_message(message, settings),
        request_id=f"discord-{message.id}",
        guild_id=message.guild.id if message.guild else None,
        channel_id=message.channel.id,
        message_id=placeholder_id,
        visibility="guild" if message.guild else "private",
        file_limit=message.guild.filesize_limit if message.guild else None,
        confirm=True,
    )


def mentions_us(message: discord.Message, me: discord.ClientUser | None) -> bool:
    return me is not None and any(user.id == me.id for user in mentioned(message))


def mentioned(message: discord.Message) -> Iterable[discord.abc.User]:
    return message.mentions
