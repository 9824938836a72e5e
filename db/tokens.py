"""Every question we ask about browser sessions, API tokens and login links."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Token


async def keep(
    tx: AsyncSession, digest: bytes, kind: str, user_id: int, lifetime: timedelta, name: str = ""
) -> None:
    """Make a token valid from now on, also one that was used up before."""
    row = {
        "kind": kind,
        "user_id": user_id,
        "name": name,
        "expires_at": func.now() + lifetime,
        "used_at": None,
    }
    upsert = insert(Token).values(digest=digest, **row)
    await tx.execute(upsert.on_conflict_do_update(index_elements=["digest"], set_=row))


async def owner_of(tx: AsyncSession, digest: bytes, kind: str) -> int | None:
    """Whose valid token of this kind it is."""
    return await tx.scalar(select(Token.user_id).where(*valid(digest, kind)))


async def use_up(tx: AsyncSession, digest: bytes, kind: str) -> int | None:
    """Take a token that works once; None when it was used before, or has expired."""
    used = (
        update(Token)
        .where(*valid(digest, kind), Token.used_at.is_(None))
        .values(used_at=func.now())
        .returning(Token.user_id)
    )
    return await tx.scalar(used)


async def revoke(tx: AsyncSession, digest: bytes) -> None:
    await tx.execute(delete(Token).where(Token.digest == digest))


def valid(digest: bytes, kind: str) -> tuple[ColumnElement[bool], ...]:
    """What makes a token count."""
    return (
        Token.digest == digest,
        Token.kind == kind,
        or_(Token.expires_at.is_(None), Token.expires_at > func.now()),
    )
