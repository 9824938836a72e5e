"""Draws every example with the offline provider and writes docs/tools.md.

python -m cli.gallery
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import sys
import tempfile
import uuid
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from cli import opening, tools_page
from cli.examples import EXAMPLES, Example
from core.settings import Settings
from core.viewer import Viewer
from db.generations import UNENDED
from db.migrate import migrate
from db.models import Asset, Generation, Status
from services import generations, iterate
from services.generations import Origin
from services.studio import Studio
from worker.worker import Worker

VIEWER = Viewer(1, "Anna")
WIDEST, TALLEST = 960, 1100
"""Pixels; what a page of documentation needs."""
QUALITY = 86


def main(only: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="atelier-gallery-") as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder))  # pyright: ignore[reportCallIssue]
        with opening.database(settings) as dsn:
            asyncio.run(draw_all(settings, dsn, set(only)))
    tools_page.PAGE.write_text(tools_page.page(), encoding="utf-8")


async def draw_all(settings: Settings, dsn: str, only: set[str]) -> None:
    await migrate(dsn)
    tools_page.PICTURES.mkdir(exist_ok=True)
    drawn: dict[str, Generation] = {}
    async with working(settings, dsn) as studio:
        for example in needed(only):
            generation = drawn[example.name] = await draw(studio, example, drawn)
            print(f"{example.name}: #{generation.id} {generation.status}", flush=True)
            if generation.status is not Status.SUCCEEDED:
                raise SystemExit(f"{example.name}: {generation.error} {generation.cause}")
            await keep(studio, example, generation)


def needed(only: set[str]) -> list[Example]:
    """The examples that are named and those they start from; all when none is named."""
    if not only:
        return list(EXAMPLES)
    wanted = set(only)
    for example in reversed(EXAMPLES):
        if example.name in wanted and example.of:
            wanted.add(example.of)
    return [example for example in EXAMPLES if example.name in wanted]


@contextlib.asynccontextmanager
async def working(settings: Settings, dsn: str) -> AsyncGenerator[Studio]:
    """A studio with a worker."""
    async with opening.studio(settings, dsn, "gallery") as studio:
        worker = Worker(studio)
        tasks = [asyncio.create_task(studio.hub.run()), asyncio.create_task(worker.run())]
        try:
            yield studio
        finally:
            worker.stop()
            await tasks[1]
            tasks[0].cancel()
            await asyncio.gather(tasks[0], return_exceptions=True)


async def draw(studio: Studio, example: Example, drawn: dict[str, Generation]) -> Generation:
    """Ask as a person would, and wait for the end."""
    origin = Origin(viewer=VIEWER, request_id=uuid.uuid4().hex)
    if example.reply is not None and example.of is not None:
        parent = drawn[example.of]
        asked = await iterate.iterate(studio, origin, parent.id, example.reply)
    else:
        values: dict[str, Any] = dict(example.values)
        if example.of is not None:
            values[example.takes] = str(drawn[example.of].assets[0].id)
        asked = await generations.submit(studio, example.tool, values, origin)
    while True:
        found = await generations.read(studio, asked.id, VIEWER)
        if found.status not in UNENDED:
            return found
        await asyncio.sleep(0.1)


async def keep(studio: Studio, example: Example, generation: Generation) -> None:
    """Write an example's pictures, as small as a page needs them."""
    results = list(generation.assets[: example.count])
    beside = [each for each in generation.parts if each.part in example.parts]
    for name, asset in zip(tools_page.pictures_of(example), [*results, *beside], strict=True):
        (tools_page.PICTURES / name).write_bytes(await small(studio, asset))


async def small(studio: Studio, asset: Asset) -> bytes:
    data = await studio.storage.get(asset.key)
    with Image.open(io.BytesIO(data)) as image:
        image.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
        output = io.BytesIO()
        image.save(output, "WEBP", quality=QUALITY, method=6)
    return output.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
