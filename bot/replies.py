"""Replying to a picture changes it."""

from __future__ import annotations

import logging
import re

import discord

from bot.attachments import keep
from bot.buttons import ActionButton, picture_buttons, row
from bot.errors import explain
from bot.messages import placeholder
from bot.people import mentions_us, origin_of_message, viewer_of_message
from core.errors import InvalidParams
from core.text import clean
from db.generations import UNENDED
from db.models import Generation
from services.iterate import choose, find_parent, iterate, tool_for
from services.studio import Studio

log = logging.getLogger(__name__)

MENTION = re.compile(r"<@!?\d+>")
REFERENCES = 3
NO_PING = (
    "I cannot read a reply that does not ping me. Reply with the **@** switched on, or press Edit."
)
NO_WORDS = "Say what should be different, for example “make it night”."


async def on_reply(studio: Studio, client: discord.Client, message: discord.Message) -> None:
    """Treat a reply to one of our pictures as a wish to change it."""
    if message.author.bot or message.reference is None or message.reference.message_id is None:
        return
    viewer = viewer_of_message(message, studio.settings)
    try:
        parent = await find_parent(studio, message.reference.message_id, viewer)
        if parent is not None:
            await on_wish(studio, client, message, parent)
    except Exception as error:
        await message.reply(explain(error), mention_author=False)


def words_of(message: discord.Message) -> str:
    return clean(MENTION.sub(" ", message.content))


async def on_wish(
    studio: Studio, client: discord.Client, message: discord.Message, parent: Generation
) -> None:
    """Find out what is wished of which picture, and ask where that is not said."""
    words = words_of(message)
    if not words:
        # Without the ping Discord hands over an empty message, attachments included.
        unread = message.guild is not None and not mentions_us(message, client.user)
        view = row(ActionButton("edit", parent.id)) if parent.assets else row()
        said = NO_PING if unread else NO_WORDS
        await message.reply(said, view=view, mention_author=False)
        return
    if parent.status in UNENDED:
        raise InvalidParams("That picture is still being drawn. Reply again when it is there.")
    position, wish = choose(words, len(parent.assets))
    if position is None:
        view = picture_buttons(parent, "pick")
        await message.reply("Which picture?", view=view, mention_author=False)
        return
    words = placeholder(tool_for(studio, parent), wish)
    answer = await message.reply(words, mention_author=False)
    await change(studio, message, answer, parent, position, wish)


async def change(
    studio: Studio,
    message: discord.Message,
    answer: discord.Message,
    parent: Generation,
    position: int,
    wish: str,
) -> None:
    """Submit the change; the placeholder becomes the picture, or the complaint."""
    origin = origin_of_message(message, studio.settings, answer.id)
    try:
        references = [
            str((await keep(studio, each, origin.viewer)).id)
            for each in message.attachments[:REFERENCES]
        ]
        await iterate(studio, origin, parent.id, wish, position=position, references=references)
    except Exception as error:
        await answer.edit(content=explain(error), view=None)
