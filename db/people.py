"""Every question we ask about people and what they did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Audit, User


async def remember(tx: AsyncSession, user_id: int, name: str, locale: str | None = None) -> None:
    """Note that somebody is here, and what they are called now."""
    upsert = insert(User).values(id=user_id, name=name, locale=locale)
    await tx.execute(
        upsert.on_conflict_do_update(
            index_elements=["id"],
            set_={
                "name": upsert.excluded.name,
                "locale": func.coalesce(upsert.excluded.locale, User.locale),
            },
            where=or_(
                User.name != upsert.excluded.name,
                func.coalesce(upsert.excluded.locale, User.locale).is_distinct_from(User.locale),
            ),
        )
    )


async def note(
    tx: AsyncSession, user_id: int, action: str, data: dict[str, Any], guild_id: int | None = None
) -> None:
    """Write down what somebody with power did."""
    tx.add(Audit(user_id=user_id, guild_id=guild_id, action=action, data=data))
