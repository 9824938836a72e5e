"""Real PostgreSQL, real files, the offline provider; one server for the whole run."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from anyio import BrokenWorkerProcess, to_process

import providers
import tools
from core.settings import Settings
from db import embedded
from db.engine import connect
from db.migrate import migrate
from providers.offline import Offline
from services.studio import Studio, open_studio
from storage.local import LocalVolume
from worker.worker import Worker

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
TEMPLATE = "template_atelier"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
async def one_loop(anyio_backend: str) -> AsyncIterator[None]:
    """Hold one event loop for the whole run, so that its pool of processes is made once."""
    await to_process.run_sync(int)
    yield


@pytest.fixture(scope="session", autouse=True)
async def pool(one_loop: None) -> None:
    """Use the pool once after whoever made it: what it had then ends with them."""
    with contextlib.suppress(BrokenWorkerProcess):
        await to_process.run_sync(int)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder of the test's own.

    Not in pytest's: there another run may close the way to those whom the database runs as.
    """
    with tempfile.TemporaryDirectory(prefix="atelier-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A throw-away server's address, with a migrated template to clone databases from.

    Not in pytest's own folder: another run closes that to the server's user.
    """
    with (
        tempfile.TemporaryDirectory(prefix="atelier-tests-") as folder,
        embedded.running(Path(folder) / "pg", settings=FAST) as dsn,
    ):
        yield dsn


@pytest.fixture(scope="session")
async def template(server: str, anyio_backend: str) -> str:
    await sql(server, f"CREATE DATABASE {TEMPLATE}")
    await migrate(server.replace("/postgres?", f"/{TEMPLATE}?"))
    return server


async def sql(dsn: str, *statements: str) -> None:
    connection = await connect(dsn, "tests")
    try:
        for each in statements:
            await connection.execute(each)
    finally:
        await connection.close()


@pytest.fixture
async def database(template: str) -> AsyncIterator[str]:
    """A database of the test's own, where commits, jobs and notifications are real."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    await sql(template, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield template.replace("/postgres?", f"/{name}?")
    await sql(template, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, discord_token="t", studio_token="secret")


@contextlib.asynccontextmanager
async def opened(settings: Settings, dsn: str, **changes: object) -> AsyncIterator[Studio]:
    parts = {
        "storage": LocalVolume(settings.data_dir / "files"),
        "providers": {"offline": Offline(megapixels=0.06)},
        "writers": providers.discover_writers(settings),
        "tools": tools.discover(),
        **changes,
    }
    studio = open_studio(settings, dsn, "tests", **parts)  # type: ignore[arg-type]
    listening = asyncio.create_task(studio.hub.run())
    try:
        yield studio
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await studio.close()


@pytest.fixture
async def studio(settings: Settings, database: str) -> AsyncIterator[Studio]:
    async with opened(settings, database) as studio:
        yield studio


@contextlib.asynccontextmanager
async def working(studio: Studio) -> AsyncIterator[Worker]:
    """A worker that takes jobs while this is open."""
    worker = Worker(studio)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, 10)


@pytest.fixture
async def worker(studio: Studio) -> AsyncIterator[Worker]:
    async with working(studio) as worker:
        yield worker
