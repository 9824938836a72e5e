"""Who draws where nobody says: what members and servers chose."""

from __future__ import annotations

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.provider_models import ProviderChoice

EVERY_TOOL = ""


async def find(
    tx: AsyncSession, tool: str, user_id: int, guild_id: int | None
) -> ProviderChoice | None:
    """The choice that counts: a member's before their server's, one tool's before every tool's."""
    theirs = and_(ProviderChoice.scope == "member", ProviderChoice.scope_id == user_id)
    server = and_(ProviderChoice.scope == "server", ProviderChoice.scope_id == (guild_id or 0))
    query = (
        select(ProviderChoice)
        .where(or_(theirs, server), ProviderChoice.tool.in_([tool, EVERY_TOOL]))
        .order_by(case((theirs, 0), else_=1), case((ProviderChoice.tool == tool, 0), else_=1))
        .limit(1)
    )
    return (await tx.scalars(query)).one_or_none()


async def choose(
    tx: AsyncSession, scope: str, scope_id: int, tool: str, provider: str, model: str | None
) -> None:
    upsert = insert(ProviderChoice).values(
        scope=scope, scope_id=scope_id, tool=tool, provider=provider, model=model
    )
    await tx.execute(
        upsert.on_conflict_do_update(
            index_elements=["scope", "scope_id", "tool"],
            set_={"provider": provider, "model": model, "chosen_at": func.now()},
        )
    )


async def forget(tx: AsyncSession, scope: str, scope_id: int, tool: str) -> None:
    await tx.execute(
        delete(ProviderChoice).where(
            ProviderChoice.scope == scope,
            ProviderChoice.scope_id == scope_id,
            ProviderChoice.tool == tool,
        )
    )
