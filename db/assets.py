"""Every question we ask about kept pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.viewer import Viewer
from db.generations import visible_to
from db.models import RESULT, Asset, Generation, ProviderCall


def asset_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which assets somebody may see: their own, and those of generations they may see."""
    alive = Asset.deleted_at.is_(None)
    if viewer.admin:
        return alive
    made_in = (
        select(Generation.id)
        .where(Generation.id == Asset.generation_id, visible_to(viewer))
        .exists()
    )
    return alive & or_(Asset.user_id == viewer.user_id, made_in)


async def find(tx: AsyncSession, asset_id: UUID, viewer: Viewer) -> Asset | None:
    query = select(Asset).where(Asset.id == asset_id, asset_visible_to(viewer))
    return (await tx.scalars(query)).one_or_none()


async def by_id(tx: AsyncSession, asset_id: UUID) -> Asset | None:
    """Read an asset for ourselves, whoever it belongs to."""
    return await tx.get(Asset, asset_id)


async def by_content(tx: AsyncSession, sha256: str, viewer: Viewer) -> Asset | None:
    """Find any asset somebody may see whose stored bytes have this hash."""
    query = select(Asset).where(Asset.sha256 == sha256, asset_visible_to(viewer)).limit(1)
    return (await tx.scalars(query)).one_or_none()


async def lock_content(tx: AsyncSession, sha256: str) -> None:
    """Hold one content's files until the transaction ends, against keeping and removing at once."""
    await tx.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:sha, 0))"), {"sha": sha256}
    )


async def sharing(tx: AsyncSession, sha256: str) -> Sequence[Asset]:
    """Every asset still kept that these bytes belong to; how many is the file's count."""
    query = select(Asset).where(Asset.sha256 == sha256, Asset.deleted_at.is_(None))
    return (await tx.scalars(query)).all()


async def outputs_of(tx: AsyncSession, generation_id: int) -> int:
    query = select(func.count()).where(
        Asset.generation_id == generation_id, Asset.part == RESULT, Asset.deleted_at.is_(None)
    )
    return await tx.scalar(query) or 0


@dataclass(frozen=True)
class Expected:
    """A file some row says we have."""

    key: str
    bytes: int | None
    sha256: str | None


async def expected_files(tx: AsyncSession) -> list[Expected]:
    """Every file that a row relies on: pictures, their smaller copies, answers not yet kept."""
    found: dict[str, Expected] = {}
    rows = await tx.execute(
        select(Asset.key, Asset.bytes, Asset.sha256, Asset.thumbnail_key, Asset.large_key).where(
            Asset.deleted_at.is_(None)
        )
    )
    for key, size, sha256, thumbnail, large in rows:
        found[key] = Expected(key, size, sha256)
        for copy in (thumbnail, large):
            if copy:
                found.setdefault(copy, Expected(copy, None, None))
    answers = await tx.scalars(select(ProviderCall.result).where(ProviderCall.result.is_not(None)))
    for answer in answers:
        for picture in (answer or {}).get("pictures", []):
            found[picture["key"]] = Expected(picture["key"], None, None)
    return list(found.values())
