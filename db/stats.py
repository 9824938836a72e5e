"""What administrators want to know: what failed and why, how much, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, Float, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Asset, Generation, Status


@dataclass(frozen=True)
class Cause:
    """One way in which generations failed."""

    error_class: str
    count: int
    newest: datetime
    cost: Decimal
    """US dollars already spent on them."""


@dataclass(frozen=True)
class Totals:
    """A period in figures; seconds and US dollars."""

    generations: int
    succeeded: int
    failed: int
    waiting: int
    running: int
    people: int
    pictures: int
    bytes: int
    cost: Decimal
    typical_seconds: float
    slow_seconds: float
    """95 of 100 were faster."""


def within(guild_id: int | None, since: timedelta | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Generation.deleted_at.is_(None)]
    if guild_id is not None:
        conditions.append(Generation.guild_id == guild_id)
    if since is not None:
        conditions.append(Generation.created_at > func.now() - since)
    return conditions


async def causes(
    tx: AsyncSession, guild_id: int | None = None, since: timedelta | None = None
) -> Sequence[Cause]:
    """Group failures by class, the most frequent first."""
    query = (
        select(
            func.coalesce(Generation.error_class, "error"),
            func.count(),
            func.max(Generation.created_at),
            func.sum(Generation.cost),
        )
        .where(Generation.status == Status.FAILED, *within(guild_id, since))
        .group_by(Generation.error_class)
        .order_by(func.count().desc())
    )
    return [Cause(*row) for row in await tx.execute(query)]


async def totals(
    tx: AsyncSession, guild_id: int | None = None, since: timedelta | None = None
) -> Totals:
    """Sum up a server's, or everybody's, period."""
    conditions = within(guild_id, since)

    def counted(status: Status) -> ColumnElement[int]:
        return func.count().filter(Generation.status == status)

    def percentile(share: float) -> ColumnElement[float]:
        found = func.percentile_cont(share).within_group(Generation.duration.asc())
        return func.coalesce(found, 0).cast(Float)

    row = (
        await tx.execute(
            select(
                func.count(),
                counted(Status.SUCCEEDED),
                counted(Status.FAILED),
                counted(Status.QUEUED),
                counted(Status.RUNNING),
                func.count(Generation.user_id.distinct()),
                func.coalesce(func.sum(Generation.cost), 0),
                percentile(0.5),
                percentile(0.95),
            ).where(*conditions)
        )
    ).one()
    kept = (
        await tx.execute(
            select(func.count(), func.coalesce(func.sum(Asset.bytes), 0))
            .join(Generation, Generation.id == Asset.generation_id)
            .where(Asset.deleted_at.is_(None), *conditions)
        )
    ).one()
    every, succeeded, failed, waiting, running, people, cost, typical, slow = row
    return Totals(
        every,
        succeeded,
        failed,
        waiting,
        running,
        people,
        kept[0],
        int(kept[1]),
        cost,
        typical,
        slow,
    )


async def typical_duration(tx: AsyncSession, tool: str) -> float | None:
    """Seconds the last hundred generations of a tool took, in the middle."""
    recent = (
        select(Generation.duration)
        .where(Generation.tool == tool, Generation.status == Status.SUCCEEDED)
        .order_by(Generation.created_at.desc())
        .limit(100)
        .subquery()
    )
    return await tx.scalar(select(func.percentile_cont(0.5).within_group(recent.c.duration.asc())))


async def by_tool(
    tx: AsyncSession, guild_id: int | None = None, since: timedelta | None = None
) -> Sequence[tuple[str, int]]:
    query = (
        select(Generation.tool, func.count())
        .where(*within(guild_id, since))
        .group_by(Generation.tool)
        .order_by(func.count().desc())
    )
    return [(tool, count) for tool, count in await tx.execute(query)]
