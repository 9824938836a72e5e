"""Progress on the placeholder, while a generation waits and is drawn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

import discord
from aiohttp import ClientError

from bot import messages
from bot.buttons import waiting_buttons
from bot.delivery import Delivery
from core.errors import DatabaseUnavailable
from db import generations, stats
from db.models import Generation, Status
from db.progress import EVERYTHING
from services.studio import Studio

log = logging.getLogger(__name__)

EDIT_EVERY = 2.0
"""Seconds between two edits of one message: about what Discord's limits allow a busy channel."""


class Watch:
    """Follows every unfinished generation that has a message, and edits that message."""

    def __init__(self, studio: Studio, delivery: Delivery) -> None:
        self.studio = studio
        self.delivery = delivery
        self.watched: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Begin to follow whatever begins, until canceled."""
        try:
            async for change in self.studio.hub.changes():
                if change is EVERYTHING or change.generation_id is None:
                    await self.catch_up()
                elif change.generation_id not in self.watched:
                    self.follow(change.generation_id)
        finally:
            for task in self.watched.values():
                task.cancel()

    async def catch_up(self) -> None:
        """Follow what was under way before we listened."""
        with contextlib.suppress(DatabaseUnavailable):
            async with self.studio.transaction() as tx:
                waiting: Sequence[int] = await generations.unended_in_discord(tx)
            for generation_id in waiting:
                if generation_id not in self.watched:
                    self.follow(generation_id)

    def follow(self, generation_id: int) -> None:
        task = asyncio.create_task(self.keep_showing(generation_id))
        self.watched[generation_id] = task
        task.add_done_callback(lambda _: self.watched.pop(generation_id, None))

    async def keep_showing(self, generation_id: int) -> None:
        """Edit the message when what it should say has changed, until the generation ends."""
        shown: tuple[object, ...] = ()
        while True:
            await asyncio.sleep(EDIT_EVERY)
            try:
                async with self.delivery.alone(generation_id):
                    state = await self.show(generation_id, shown)
            except (discord.HTTPException, ClientError, OSError, DatabaseUnavailable) as error:
                log.debug("generation %d: progress not shown: %s", generation_id, error)
                continue
            if state is None:
                return
            shown = state

    async def show(
        self, generation_id: int, shown: tuple[object, ...]
    ) -> tuple[object, ...] | None:
        """Edit once if needed; return what is shown now, or None when there is no more to show."""
        async with self.studio.transaction() as tx:
            generation = await generations.by_id(tx, generation_id)
            if generation is None or generation.status not in generations.UNENDED:
                return None
            if generation.proposal is not None:
                return None  # Its message shows that until somebody answers.
            ahead = await generations.ahead_of(tx, generation)
            typical = await stats.typical_duration(tx, generation.tool)
            preview = await generations.preview_of(tx, generation_id)
        if generation.message_id is None:
            return None
        state = state_of(generation, ahead, preview)
        if state != shown:
            content = content_of(generation, ahead, typical, preview)
            await self.delivery.put(generation, content, anew=False)
        return state


def state_of(generation: Generation, ahead: int, preview: bytes | None) -> tuple[object, ...]:
    """What an edit would show; the same again is not worth one."""
    if generation.status is Status.QUEUED:
        return (generation.status, ahead)
    done = round(generation.progress * messages.BAR)
    return (generation.status, done, generation.stage, len(preview or b""))


def content_of(
    generation: Generation, ahead: int, typical: float | None, preview: bytes | None
) -> dict[str, Any]:
    queued = generation.status is Status.QUEUED
    return {
        "content": messages.waiting(generation, ahead, typical)
        if queued
        else messages.running(generation),
        "embeds": [],
        "attachments": [messages.preview_file(generation, preview)] if preview else [],
        "view": waiting_buttons(generation.id),
    }
