"""Which providers are not to be asked for a while; one table for all processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.provider_models import ProviderGate


async def closed(tx: AsyncSession) -> Sequence[ProviderGate]:
    """The gates that are closed now."""
    query = select(ProviderGate).where(ProviderGate.closed_until > func.clock_timestamp())
    return (await tx.scalars(query)).all()


async def find(tx: AsyncSession, provider: str) -> ProviderGate | None:
    """A provider's gate, closed or half open: the time is over and nobody has tried yet."""
    return await tx.get(ProviderGate, provider, populate_existing=True)


async def close(
    tx: AsyncSession, provider: str, error_class: str, said: str, seconds: float
) -> bool:
    """Close a gate, or keep it closed for longer; whether that is news.

    It is none while nothing went through since it was closed for the same.
    """
    was = await find(tx, provider)
    until = func.clock_timestamp() + timedelta(seconds=seconds)
    upsert = insert(ProviderGate).values(
        provider=provider, error_class=error_class, said=said, closed_until=until
    )
    await tx.execute(
        upsert.on_conflict_do_update(
            index_elements=["provider"],
            set_={
                "error_class": upsert.excluded.error_class,
                "said": upsert.excluded.said,
                "closed_until": func.greatest(
                    ProviderGate.closed_until, upsert.excluded.closed_until
                ),
            },
        )
    )
    return was is None or was.error_class != error_class


async def open_again(tx: AsyncSession, provider: str) -> None:
    await tx.execute(delete(ProviderGate).where(ProviderGate.provider == provider))
