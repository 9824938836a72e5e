"""Every question we ask about kept pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.viewer import Viewer
from db.datasets import published_to
from db.generations import visible_to
from db.models import RESULT, Asset, DatasetAsset, Generation, ShownMessage, Source
from db.provider_models import ProviderCall

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
"""What PostgreSQL tells times apart by."""


def asset_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which assets somebody may see: their own, those of generations, and of sets, they may see."""
    alive = Asset.deleted_at.is_(None)
    if viewer.admin:
        return alive
    made_in = (
        select(Generation.id)
        .where(Generation.id == Asset.generation_id, visible_to(viewer))
        .exists()
    )
    return alive & or_(Asset.user_id == viewer.user_id, made_in, published_to(viewer))


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


async def in_dataset(tx: AsyncSession, dataset_id: int, viewer: Viewer) -> Sequence[Asset]:
    """The pictures of a set that somebody may see, in order."""
    query = (
        select(Asset)
        .join(DatasetAsset, DatasetAsset.asset_id == Asset.id)
        .where(DatasetAsset.dataset_id == dataset_id, asset_visible_to(viewer))
        .order_by(DatasetAsset.position, Asset.id)
    )
    return (await tx.scalars(query)).all()


@dataclass(frozen=True)
class AssetCursor:
    """Where a page of pictures ends: the next one begins after it."""

    created_at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.created_at - EPOCH) // MICROSECOND}.{self.id.hex}"

    @classmethod
    def parse(cls, text: str | None) -> AssetCursor | None:
        """Read a cursor back; anything else is the first page."""
        micros, _, asset_id = (text or "").partition(".")
        try:
            return cls(EPOCH + int(micros) * MICROSECOND, UUID(asset_id))
        except (ValueError, OverflowError):
            return None


async def page(
    tx: AsyncSession,
    viewer: Viewer,
    source: Source | None = None,
    *,
    after: AssetCursor | None = None,
    limit: int = 20,
) -> Sequence[Asset]:
    """List newest first the pictures somebody may see, beginning after a cursor."""
    query = select(Asset).where(asset_visible_to(viewer), Asset.part == RESULT)
    if source is not None:
        query = query.where(Asset.source == source)
    if after is not None:
        newest = tuple_(Asset.created_at, Asset.id)
        query = query.where(newest < tuple_(after.created_at, after.id))
    query = query.order_by(Asset.created_at.desc(), Asset.id.desc()).limit(limit)
    return (await tx.scalars(query)).all()


async def at_message(tx: AsyncSession, message_id: int) -> Asset | None:
    """Find the picture that a Discord message shows, deleted or not, for ourselves."""
    query = (
        select(Asset)
        .join(ShownMessage, ShownMessage.asset_id == Asset.id)
        .where(ShownMessage.message_id == message_id)
    )
    return (await tx.scalars(query)).one_or_none()


async def latest_brought(
    tx: AsyncSession, user_id: int, channel_id: int | None
) -> tuple[Asset, datetime] | None:
    """The picture somebody brought to a channel last, and when."""
    query = (
        select(Asset, ShownMessage.created_at)
        .join(ShownMessage, ShownMessage.asset_id == Asset.id)
        .where(
            ShownMessage.channel_id == channel_id,
            Asset.user_id == user_id,
            Asset.deleted_at.is_(None),
        )
        .order_by(ShownMessage.created_at.desc(), ShownMessage.message_id.desc())
        .limit(1)
    )
    found = (await tx.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1])


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
