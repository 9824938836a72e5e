"""Waiting for what workers do, by looking at the row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from db.generations import by_id
from db.models import Generation
from services.studio import Studio

LOOK = 0.03
"""Seconds between two looks."""


async def until(
    studio: Studio,
    generation_id: int,
    wanted: Callable[[Generation], object],
    seconds: float = 40,
) -> Generation:
    """The generation as soon as it is as wanted; a test that waits longer has failed."""
    async with asyncio.timeout(seconds):
        while True:
            async with studio.transaction() as tx:
                row = await by_id(tx, generation_id)
            assert row is not None
            if wanted(row):
                return row
            await asyncio.sleep(LOOK)


async def ended(studio: Studio, generation: Generation, seconds: float = 40) -> Generation:
    """The generation at its end, with all that is shown of it."""
    return await until(studio, generation.id, lambda row: row.finished_at is not None, seconds)
