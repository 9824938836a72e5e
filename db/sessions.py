"""Every question we ask about sessions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from core.viewer import Viewer
from db.generations import Cursor
from db.models import Session


def session_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which sessions somebody may see: their own, and those open to them."""
    if viewer.admin:
        return Session.id.is_not(None)
    return or_(
        Session.user_id == viewer.user_id,
        Session.visibility == "public",
        (Session.visibility == "guild") & Session.guild_id.in_(viewer.guild_ids),
    )


async def find(tx: AsyncSession, session_id: int, viewer: Viewer) -> Session | None:
    query = select(Session).where(Session.id == session_id, session_visible_to(viewer))
    return (await tx.scalars(query)).one_or_none()


async def recent(
    tx: AsyncSession, viewer: Viewer, *, after: Cursor | None = None, limit: int = 12
) -> Sequence[Session]:
    """List the sessions somebody may see, the latest changed first."""
    query = (
        select(Session)
        .where(session_visible_to(viewer), Session.archived_at.is_(None))
        .order_by(Session.updated_at.desc(), Session.id.desc())
        .options(selectinload(Session.thumbnail))
        .limit(limit)
    )
    if after is not None:
        place = tuple_(Session.updated_at, Session.id)
        query = query.where(place < tuple_(after.created_at, after.id))
    return (await tx.scalars(query)).all()
