"""The ledger: what was asked of providers, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import CallStatus
from db.generations import ENDED
from db.models import Generation, Status
from db.provider_models import ProviderCall

KEEP_FAILED = timedelta(days=7)
"""How long the answers that a failed generation did get are kept for a retry."""


async def last_call(tx: AsyncSession, generation_id: int, step: int) -> ProviderCall | None:
    """The newest call made for one step of a generation, in whichever attempt."""
    query = (
        select(ProviderCall)
        .where(ProviderCall.generation_id == generation_id, ProviderCall.step == step)
        .order_by(ProviderCall.id.desc())
        .limit(1)
    )
    return (await tx.scalars(query)).one_or_none()


async def calls_of(tx: AsyncSession, generation_id: int) -> Sequence[ProviderCall]:
    query = (
        select(ProviderCall)
        .where(ProviderCall.generation_id == generation_id)
        .order_by(ProviderCall.id)
    )
    return (await tx.scalars(query)).all()


async def spent(tx: AsyncSession, generation_id: int) -> Decimal:
    """What a generation's calls cost, in US dollars, as far as anybody knows."""
    query = select(func.coalesce(func.sum(ProviderCall.cost), 0)).where(
        ProviderCall.generation_id == generation_id
    )
    return await tx.scalar(query) or Decimal(0)


async def last_failed(
    tx: AsyncSession, generation_id: int, classes: Collection[str]
) -> ProviderCall | None:
    """The newest call of a generation that failed in one of these ways."""
    query = (
        select(ProviderCall)
        .where(
            ProviderCall.generation_id == generation_id, ProviderCall.error_class.in_(list(classes))
        )
        .order_by(ProviderCall.id.desc())
        .limit(1)
    )
    return (await tx.scalars(query)).one_or_none()


async def with_answers(tx: AsyncSession, generation_id: int) -> Sequence[ProviderCall]:
    """Calls whose raw answers still lie in storage."""
    query = select(ProviderCall).where(
        ProviderCall.generation_id == generation_id, ProviderCall.result.is_not(None)
    )
    return (await tx.scalars(query)).all()


async def unsettled(tx: AsyncSession, generation_id: int) -> Sequence[ProviderCall]:
    """Calls that were sent and never heard of again."""
    query = select(ProviderCall).where(
        ProviderCall.generation_id == generation_id, ProviderCall.status == CallStatus.SENT
    )
    return (await tx.scalars(query)).all()


async def left_over(tx: AsyncSession) -> Sequence[int]:
    """Generations that have ended while their raw answers still lie in storage.

    What failed keeps them for a while: a retry takes up where it stopped.
    """
    lately = func.now() - KEEP_FAILED
    wanted = (
        (Generation.status == Status.FAILED)
        & Generation.deleted_at.is_(None)
        & (Generation.finished_at > lately)
    )
    query = (
        select(ProviderCall.generation_id)
        .join(Generation, Generation.id == ProviderCall.generation_id)
        .where(ProviderCall.result.is_not(None), Generation.status.in_(ENDED), not_(wanted))
        .distinct()
    )
    return (await tx.scalars(query)).all()
