"""/avatar's sources that only Discord has: profile pictures, and one's own messages."""

from __future__ import annotations

import logging
from typing import Any

import discord

from bot import asking
from bot.buttons import ActionButton, row
from bot.errors import explain, tell
from bot.modals import Form, avatar_form
from bot.people import origin_of
from bot.privacy import ConsentButton
from core.errors import Forbidden, InvalidParams, UnusableFile
from core.text import clean
from core.tool import Tool
from db.models import Generation
from services import consents, likeness
from services.generations import Origin, submit
from services.images import keep_upload
from services.studio import Studio

log = logging.getLogger(__name__)

READ = 300
"""How many of a channel's newest messages are looked through for somebody's own."""
USED = 100
"""How many of them are used."""
SIDE = 1024
"""Pixels; the largest a new avatar is drawn at."""
UNREADABLE = (
    "I cannot read messages in this channel: I need Read Message History here, and the operator "
    "must have switched on the Message Content intent. Describe the avatar in words instead."
)


class Avatars:
    """What comes before /avatar is submitted."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    async def on_tool(
        self, interaction: discord.Interaction, tool: Tool, values: dict[str, Any]
    ) -> None:
        """Run /avatar; `member` names whose picture it starts from, if not one's own."""
        member = values.pop("member", None)
        if values.get("likeness") == "messages":
            await self.from_messages(interaction, values)
        elif member is not None or values.get("likeness") == "avatar":
            await self.from_picture(interaction, member or interaction.user, values)
        else:
            await asking.on_tool(self.studio, interaction, tool, values)

    async def from_picture(
        self,
        interaction: discord.Interaction,
        member: discord.User | discord.Member,
        values: dict[str, Any],
    ) -> None:
        """Start from a profile picture: one's own, or that of somebody who allows it."""
        await self.check_allowed(interaction, member)

        async def work(origin: Origin) -> Generation:
            source = await keep_upload(
                self.studio, await picture_of(member), origin.viewer, "profile picture"
            )
            given = {name: value for name, value in values.items() if value is not None}
            asked = {**given, "likeness": "avatar", "source": str(source.id)}
            return await submit(self.studio, "avatar", asked, origin)

        words = str(values.get("description") or f"from {member.display_name}'s picture")
        await asking.ask(self.studio, interaction, "avatar", words, work)

    async def check_allowed(
        self, interaction: discord.Interaction, member: discord.User | discord.Member
    ) -> None:
        """Raises `Forbidden` for somebody else's picture unless they allow it."""
        if member.id == interaction.user.id:
            return
        given = await asking.in_time(consents.given(self.studio, member.id))
        if consents.AVATAR not in given:
            raise Forbidden(
                f"{discord.utils.escape_markdown(member.display_name)} has not allowed that. "
                "Everyone decides for themselves, with `/privacy`."
            )

    async def from_messages(self, interaction: discord.Interaction, values: dict[str, Any]) -> None:
        """Describe a character from one's own messages, privately, before anything is drawn."""
        given = await asking.in_time(consents.given(self.studio, interaction.user.id))
        if consents.MESSAGES not in given:
            await interaction.response.send_message(
                f"{consents.ASKED[consents.MESSAGES]}\nAllow it, then ask again. "
                "You can stop allowing it at any time with `/privacy`.",
                view=row(ConsentButton("give", consents.MESSAGES)),
                ephemeral=True,
            )
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        messages = await own_messages(interaction)
        asked = {name: value for name, value in values.items() if value is not None}
        origin = origin_of(interaction, self.studio.settings, None)
        generation = await likeness.describe(self.studio, asked, origin, messages)
        held = generation.proposal or {}
        text = discord.utils.escape_markdown(str(held["text"]))
        await interaction.followup.send(
            f"{held['summary']}\n>>> {text}",
            view=row(
                ActionButton("amend", generation.id, label="Read and agree…"),
                ActionButton("cancel", generation.id),
            ),
            ephemeral=True,
        )

    async def on_menu(self, interaction: discord.Interaction, member: discord.User) -> None:
        """The user menu "Make an avatar"."""
        try:
            await self.check_allowed(interaction, member)
            styles = self.studio.tools["avatar"].fields()["style"]
            await interaction.response.send_modal(avatar_form(member, styles))
        except Exception as error:
            await tell(interaction, explain(error))

    async def avatar_sent(self, interaction: discord.Interaction, form: Form) -> None:
        try:
            member = await interaction.client.fetch_user(int(form.subject))
        except discord.HTTPException as error:
            raise InvalidParams("Discord no longer knows that person.") from error
        values = {
            "description": form.words.get("description") or None,
            "style": (form.choices.get("style") or [None])[0],
        }
        await self.from_picture(interaction, member, values)


async def picture_of(member: discord.User | discord.Member) -> bytes:
    """Somebody's profile picture, still where it moves. Raises `UnusableFile` when it is gone."""
    asset = member.display_avatar
    if asset.key not in ("0", "1", "2", "3", "4", "5"):
        asset = asset.replace(size=SIDE, static_format="png", format="png")
    try:
        return await asset.read()
    except discord.HTTPException as error:
        raise UnusableFile("Discord does not hand out that profile picture just now.") from error


async def own_messages(interaction: discord.Interaction) -> list[str]:
    """The caller's own recent words in this channel, newest first; nobody else's.

    Raises `InvalidParams` where the channel cannot be read.
    """
    channel = interaction.channel
    if channel is None or not isinstance(channel, discord.abc.Messageable):
        raise InvalidParams(UNREADABLE)
    found: list[str] = []
    seen = 0
    try:
        async for message in channel.history(limit=READ):
            if message.author.id == interaction.user.id:
                seen += 1
                if words := clean(message.content):
                    found.append(words)
            if len(found) == USED:
                break
    except discord.HTTPException as error:
        raise InvalidParams(UNREADABLE) from error
    if seen and not found:
        raise InvalidParams(UNREADABLE)
    return found
