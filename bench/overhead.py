"""From words to a kept picture, over what the provider alone takes for the same drawing."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
import uuid
from pathlib import Path

import tools
from core.pictures import Event, PictureRequest
from core.settings import Settings
from core.viewer import Viewer
from db import embedded
from db.generations import by_id
from db.migrate import migrate
from providers.offline import Offline
from services.generations import Origin, submit
from services.studio import Studio, open_studio
from storage.local import LocalVolume
from worker.worker import Worker

COUNT = 12
PROMPT = "a lighthouse by the sea at dusk"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded.running(Path(folder) / "pg") as dsn:
        asyncio.run(compare(dsn, Path(folder)))


async def compare(dsn: str, folder: Path) -> None:
    await migrate(dsn)
    provider = Offline()
    studio = open_studio(
        Settings(_env_file=None, data_dir=folder),  # pyright: ignore[reportCallIssue]
        dsn,
        "bench",
        storage=LocalVolume(folder / "files"),
        providers={"offline": provider},
        writers={},
        tools=tools.discover(),
    )
    worker = Worker(studio)
    running = [asyncio.create_task(studio.hub.run()), asyncio.create_task(worker.run())]
    await asyncio.sleep(1)
    alone, whole = [], []
    for number in range(COUNT + 2):
        first, second = await time_alone(provider, number), await time_whole(studio, number)
        if number >= 2:  # The first two start the processes.
            alone.append(first)
            whole.append(second)
    a, b = statistics.median(alone), statistics.median(whole)
    print(
        f"provider alone {a * 1000:.0f} ms, words to kept picture {b * 1000:.0f} ms (1024 x 1024)"
    )
    print(f"ratio {b / a:.2f}, overhead {1000 * (b - a):.0f} ms")
    worker.stop()
    await asyncio.gather(running[1])
    running[0].cancel()
    await studio.close()


async def time_alone(provider: Offline, seed: int) -> float:
    async def ignore(_: Event) -> None:
        return

    start = time.perf_counter()
    await provider.generate(PictureRequest(prompt=PROMPT, seed=seed), ignore)
    return time.perf_counter() - start


async def time_whole(studio: Studio, seed: int) -> float:
    start = time.perf_counter()
    origin = Origin(viewer=Viewer(7, "Anna"), request_id=uuid.uuid4().hex)
    queued = await submit(studio, "image", {"prompt": PROMPT, "seed": seed}, origin)
    async for _ in studio.hub.changes(generation_id=queued.id, every=1):
        async with studio.transaction() as tx:
            row = await by_id(tx, queued.id)
        if row is not None and row.finished_at is not None:
            return time.perf_counter() - start
    raise AssertionError
