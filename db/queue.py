"""Durable jobs: PgQueuer in the schema `queue`, and its only door.

Three kinds of job carry a generation's ID and nothing else: `generate`, run by workers; `deliver`
and `tell`, run by the bot.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta

# PgQueuer reads its schema's name from here, once, when it is imported.
os.environ.setdefault("PGQUEUER_SCHEMA", "queue")

import asyncpg
from pgqueuer import PgQueuer, Queries
from pgqueuer.db import AsyncpgDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import connect

log = logging.getLogger(__name__)

GENERATE = "generate"
DELIVER = "deliver"
TELL = "tell"
"""The operator must act: the generation's failure says why."""

HEARTBEAT = timedelta(seconds=10)
POLL = timedelta(seconds=2)
"""A dead worker's job is taken over after at most HEARTBEAT + POLL: 12 seconds."""

RECONNECT = 0.5
"""Seconds between tries to reach the queue again."""

__all__ = [
    "DELIVER",
    "GENERATE",
    "TELL",
    "Consumer",
    "Job",
    "RetryRequested",
    "enqueue",
    "install",
    "payload",
]


async def enqueue(
    tx: AsyncSession,
    entrypoint: str,
    generation_id: int,
    *,
    delay: float = 0,
    priority: int = 0,
) -> None:
    """Queue a job that exists exactly when the caller's rows do; `delay` is in seconds."""
    await tx.flush()
    # SQLAlchemy begins lazily: before the first statement this would commit by itself.
    await tx.execute(select(1))
    pooled = await (await tx.connection()).get_raw_connection()
    connection = pooled.driver_connection
    assert connection is not None
    await Queries(AsyncpgDriver(connection)).enqueue(
        entrypoint,
        str(generation_id).encode(),
        priority=priority,
        execute_after=timedelta(seconds=delay) if delay else None,
    )


def payload(job: Job) -> int:
    """Read the generation's ID."""
    assert job.payload is not None
    return int(job.payload)


Handle = Callable[[Job], Awaitable[None]]


class Consumer:
    """Takes one kind of job over a connection of its own, and over a new one when that is lost.

    `at_once` is how many jobs it has at a time. What the handler raises besides `RetryRequested`
    ends the job.
    """

    def __init__(self, dsn: str, entrypoint: str, handle: Handle, at_once: int) -> None:
        self.dsn, self.entrypoint, self.handle = dsn, entrypoint, handle
        self.at_once = max(2, at_once)
        self.queue: PgQueuer | None = None
        self.stopping = False

    async def run(self) -> None:
        """Work until stopped; a lost database is waited for."""
        while not self.stopping:
            try:
                await self.work()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("the queue is away (%s); trying again", type(error).__name__)
            except RuntimeError as error:  # The queue's tables are not there yet.
                log.warning("the queue is not ready: %s", error)
            if not self.stopping:
                await asyncio.sleep(RECONNECT)

    async def work(self) -> None:
        """Take jobs until the connection is lost or we stop."""
        # A pool would lose its LISTEN unnoticed.
        connection = await connect(self.dsn, f"atelier {self.entrypoint}")
        try:
            self.queue = PgQueuer.from_asyncpg_connection(connection)
            self.queue.entrypoint(self.entrypoint)(self.handle)
            await self.queue.run(
                dequeue_timeout=POLL,
                heartbeat_timeout=HEARTBEAT,
                batch_size=self.at_once // 2,
                max_concurrent_tasks=self.at_once,
            )
        finally:
            self.queue = None
            connection.terminate()

    def stop(self) -> None:
        """Take no more jobs, and end when those at hand have ended."""
        self.stopping = True
        if self.queue is not None:
            self.queue.shutdown.set()


async def install(connection: asyncpg.Connection) -> None:
    """Make or upgrade the queue's own tables; nothing happens when they are current."""
    queries = Queries.from_asyncpg_connection(connection)
    if await queries.schema_is_installed():
        await queries.apply_upgrade()
    else:
        await connection.execute("CREATE SCHEMA IF NOT EXISTS queue")
        await queries.install()


async def waiting(tx: AsyncSession) -> int:
    """How many generations wait for a worker."""
    query = "SELECT count(*) FROM queue.pgqueuer WHERE entrypoint = :name AND status = 'queued'"
    return await tx.scalar(text(query), {"name": GENERATE}) or 0


async def prune_log(tx: AsyncSession, keep: timedelta) -> None:
    """Forget finished jobs' log lines, which the queue itself never does."""
    await tx.execute(
        text("DELETE FROM queue.pgqueuer_log WHERE created < now() - :keep"), {"keep": keep}
    )
