"""Durable jobs: PgQueuer in the schema `queue`, and its only door.

Two kinds of job carry a generation's ID and nothing else: `generate`, run by workers, and
`deliver`, run by the bot.
"""

from __future__ import annotations

import os
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

GENERATE = "generate"
DELIVER = "deliver"

HEARTBEAT = timedelta(seconds=10)
POLL = timedelta(seconds=2)
"""A dead worker's job is taken over after at most HEARTBEAT + POLL: 12 seconds."""

__all__ = [
    "DELIVER",
    "GENERATE",
    "HEARTBEAT",
    "POLL",
    "Job",
    "PgQueuer",
    "RetryRequested",
    "enqueue",
    "install",
    "open_queue",
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


def open_queue(connection: asyncpg.Connection) -> PgQueuer:
    """Take jobs over one connection of our own: a pool would lose its LISTEN unnoticed."""
    return PgQueuer.from_asyncpg_connection(connection)


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
