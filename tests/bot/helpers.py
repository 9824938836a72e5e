"""What several files of tests say often."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

from PIL import Image
from sqlalchemy import select

from db.models import Generation
from services.studio import Studio
from tests.discord.person import Person, Seen

ROW = ["Reroll", "Vary", "Edit", "More…"]


def png(color: str = "navy", size: tuple[int, int] = (96, 64)) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, color).save(output, "PNG")
    return output.getvalue()


def done(message: Seen) -> bool:
    """Whether a result is shown: previews have no buttons to go on with."""
    return bool(message.files) and list(message.buttons) == ROW


async def drawn(
    person: Person, channel: str, prompt: str = "the sea at dusk", **given: object
) -> Seen:
    answer = await person.slash(channel, "image", prompt=prompt, **given)
    return await answer.until(done)


async def rows(studio: Studio) -> list[Generation]:
    async with studio.transaction() as tx:
        return list((await tx.scalars(select(Generation).order_by(Generation.id))).all())


def sizes(message: Seen) -> tuple[int, int]:
    return Image.open(io.BytesIO(message.files[0].data)).size


async def until_row(studio: Studio, wanted: Callable[[Generation], object]) -> Generation:
    """Wait until the newest generation is as wanted."""
    async with asyncio.timeout(30):
        while True:
            found = await rows(studio)
            if found and wanted(found[-1]):
                return found[-1]
            await asyncio.sleep(0.05)
