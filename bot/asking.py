"""Answering at once, then doing: what every way of asking for a picture shares."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord

from bot.answers import answers
from bot.attachments import as_data_url, keep, keep_as_mask
from bot.errors import explain, tell
from bot.messages import placeholder
from bot.people import origin_of, viewer_of
from core.errors import InvalidParams, StudioError
from core.tool import ASSET_FORMATS, Tool, format_of
from core.viewer import Viewer
from db.generations import latest_with_picture
from db.models import Generation
from services import generations
from services.generations import Origin
from services.iterate import ids
from services.studio import Studio

log = logging.getLogger(__name__)

READ_BUDGET = 2.0
"""Seconds we may read before the first answer: Discord gives up after three."""

T = TypeVar("T")


class Slow(StudioError):
    """The studio is slow just now. Please try that again in a moment."""

    status = 503
    retryable = True
    error_class = "slow"


async def in_time(work: Awaitable[T]) -> T:
    """Do something small before the first answer. Raises `Slow` rather than answer too late."""
    try:
        return await asyncio.wait_for(work, READ_BUDGET)
    except TimeoutError as error:
        raise Slow from error


async def read(studio: Studio, interaction: discord.Interaction, generation_id: int) -> Generation:
    """Find what a button or a form is about, in time. Raises `NotFound` or `Slow`."""
    viewer = viewer_of(interaction, studio.settings)
    return await in_time(generations.read(studio, generation_id, viewer))


async def ask(
    studio: Studio,
    interaction: discord.Interaction,
    tool: str,
    words: str,
    work: Callable[[Origin], Awaitable[Generation]],
) -> None:
    """Answer with the placeholder, then submit; a complaint takes the placeholder's place."""
    with answers.answer():
        answer = await interaction.response.send_message(placeholder(tool, words))
    origin = origin_of(interaction, studio.settings, answer.message_id)
    try:
        async with answers.work():
            await work(origin)
    except Exception as error:
        await complain(interaction, explain(error))


async def complain(interaction: discord.Interaction, words: str) -> None:
    try:
        await interaction.edit_original_response(content=words, view=None)
    except discord.HTTPException as error:
        log.info("could not complain to interaction %d: %s", interaction.id, error)
        await tell(interaction, words)


async def on_tool(
    studio: Studio, interaction: discord.Interaction, tool: Tool, values: dict[str, object]
) -> None:
    """Run a tool's slash command."""

    async def work(origin: Origin) -> Generation:
        asked, parent = await with_pictures(studio, tool, values, origin)
        relation = "edit" if parent is not None else None
        return await generations.submit(
            studio, tool.name, asked, origin, parent=parent, relation=relation
        )

    await ask(studio, interaction, tool.name, str(values.get(tool.words) or ""), work)


async def with_pictures(
    studio: Studio, tool: Tool, values: dict[str, object], origin: Origin
) -> tuple[dict[str, object], Generation | None]:
    """Replace each attached file by the ID of the copy we keep.

    A picture that must be given and was not is the caller's last one here, and that generation
    is then the parent.
    """
    given = {name: value for name, value in values.items() if value is not None}
    kept = {name: value for name, value in given.items() if not is_file(value)}
    parent = None
    for name, schema in tool.fields().items():
        kind, listed = format_of(schema), schema.get("type") == "array"
        if listed:
            several = {key: each for key, each in given.items() if numbered(key, name)}
            kept = {key: each for key, each in kept.items() if key not in several}
            if several and kind in ASSET_FORMATS:
                files = several.values()
                kept[name] = [await keep_file(studio, each, origin.viewer) for each in files]
            elif several:
                kept[name] = list(several.values())
        elif kind == "file" and isinstance(file := given.get(name), discord.Attachment):
            kept[name] = await as_data_url(file)
        elif kind not in ASSET_FORMATS or kind == "mask":
            continue
        elif is_file(given.get(name)):
            kept[name] = await keep_file(studio, given[name], origin.viewer)
        elif name in tool.schema().get("required", []):
            parent = await last_picture(studio, origin)
            kept[name] = ids(parent)[0]
    if isinstance(mask := given.get("mask"), discord.Attachment):
        kept["mask"] = str(
            (await keep_as_mask(studio, mask, origin.viewer, str(kept["source"]))).id
        )
    return kept, parent


def is_file(value: object) -> bool:
    return isinstance(value, discord.Attachment)


def numbered(option: str, field: str) -> bool:
    """Whether an option is one of those that a list became: reference_2 of references."""
    stem, _, number = option.rpartition("_")
    return number.isdigit() and stem == field.removesuffix("s")


async def keep_file(studio: Studio, value: object, viewer: Viewer) -> str:
    assert isinstance(value, discord.Attachment)
    return str((await keep(studio, value, viewer)).id)


async def last_picture(studio: Studio, origin: Origin) -> Generation:
    """The caller's newest picture in this channel. Raises `InvalidParams` when there is none."""
    async with studio.transaction() as tx:
        latest = await latest_with_picture(tx, origin.viewer.user_id, origin.channel_id)
    if latest is None:
        raise InvalidParams(
            "Which picture? Attach one as the source, or reply to one of my pictures."
        )
    return latest
