"""What an entry point opens once, and what everything else is handed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from core.errors import DatabaseUnavailable
from core.settings import Settings
from core.tool import Tool
from db.engine import open_engine, transactions
from db.progress import Hub
from providers import Provider, Writer
from services.charts.renderer import ChartRenderer
from services.pictures.pool import PicturePool
from storage import Storage

log = logging.getLogger(__name__)

PATIENCE = 120.0
"""Seconds for which work already paid for waits for the database to come back."""

T = TypeVar("T")


@dataclass(frozen=True)
class Studio:
    """The database, the file store, the providers, the writers and the tools."""

    settings: Settings
    dsn: str = field(repr=False)
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    hub: Hub
    storage: Storage
    providers: Mapping[str, Provider]
    writers: Mapping[str, Writer]
    tools: Mapping[str, Tool]
    pictures: PicturePool
    charts: ChartRenderer = field(default_factory=ChartRenderer)
    worker_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    """This process, for the rows it works on."""

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """Begin a short transaction. Never hold one across a call to anyone else.

        Raises `DatabaseUnavailable` when the database cannot be reached or was lost on the way;
        whether a commit under way then happened is not known.
        """
        try:
            async with self.sessions.begin() as tx:
                yield tx
        except Exception as error:
            if lost_database(error):
                raise DatabaseUnavailable from error
            raise

    async def patiently(self, work: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
        """Repeat what must not be lost until the database is back; `work` must be repeatable."""
        deadline = asyncio.get_running_loop().time() + patience
        delay = 0.2
        while True:
            try:
                return await work()
            except DatabaseUnavailable:
                if asyncio.get_running_loop().time() + delay > deadline:
                    raise
                log.warning("the database is away; trying again in %.1f s", delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)

    async def close(self) -> None:
        self.hub.close()
        for each in (*self.providers.values(), *self.writers.values()):
            await each.close()
        await self.pictures.close()
        await self.charts.close()
        await self.engine.dispose()


def lost_database(error: BaseException) -> bool:
    """Whether this is the database being away rather than us asking it something wrong."""
    if isinstance(error, DBAPIError):
        code = str(getattr(error.orig, "sqlstate", "") or "")
        # 08: connection; 53: no resources; 55000: closed for now; 57P: shutting down, starting up.
        away = code.startswith(("08", "53", "55000", "57P"))
        return error.connection_invalidated or away or not code
    return isinstance(
        error,
        (
            OSError,
            TimeoutError,
            PoolTimeout,
            asyncpg.InterfaceError,
            asyncpg.PostgresConnectionError,
        ),
    )


def open_studio(
    settings: Settings,
    dsn: str,
    application: str,
    *,
    storage: Storage,
    providers: Mapping[str, Provider],
    writers: Mapping[str, Writer],
    tools: Mapping[str, Tool],
) -> Studio:
    """Put a studio together; nothing is connected before it is needed."""
    engine = open_engine(dsn, application)
    return Studio(
        settings=settings,
        dsn=dsn,
        engine=engine,
        sessions=transactions(engine),
        hub=Hub(dsn),
        storage=storage,
        providers=providers,
        writers=writers,
        tools=tools,
        pictures=PicturePool(),
    )
