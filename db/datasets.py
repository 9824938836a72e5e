"""Every question we ask about sets of reference pictures, characters included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.viewer import Viewer
from db.models import Asset, Dataset, DatasetAsset, User

Kind = Literal["set", "character"]
Visibility = Literal["private", "guild", "public"]


@dataclass(frozen=True)
class Listed:
    """A set in a list."""

    dataset: Dataset
    owner_name: str
    pictures: int


def open_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which sets somebody may use: their own, those of their servers, and public ones.

    A private one is its owner's alone, whatever else somebody administers.
    """
    shared = or_(
        Dataset.visibility == "public",
        (Dataset.visibility == "guild") & Dataset.guild_id.in_(viewer.guild_ids),
    )
    if viewer.admin:
        shared = Dataset.visibility != "private"
    return or_(Dataset.user_id == viewer.user_id, shared)


def published_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which assets somebody may see for being in a set they may use.

    Only its owner's own: what somebody else made is in a set for those who may see it anyway.
    """
    return (
        select(DatasetAsset.asset_id)
        .join(Dataset, Dataset.id == DatasetAsset.dataset_id)
        .where(DatasetAsset.asset_id == Asset.id, Dataset.user_id == Asset.user_id, open_to(viewer))
        .exists()
    )


def nearness(viewer: Viewer) -> ColumnElement[int]:
    """One's own comes before the server's, and that before what is public."""
    return case((Dataset.user_id == viewer.user_id, 0), (Dataset.visibility == "guild", 1), else_=2)


async def by_name(tx: AsyncSession, viewer: Viewer, kind: Kind, name: str) -> Dataset | None:
    """Find what a name means to somebody.

    Of several that are equally near, the oldest: nobody takes a name over by using it later.
    """
    query = (
        select(Dataset)
        .where(Dataset.kind == kind, func.lower(Dataset.name) == func.lower(name), open_to(viewer))
        .order_by(nearness(viewer), Dataset.id)
        .limit(1)
    )
    return (await tx.scalars(query)).one_or_none()


async def by_id(tx: AsyncSession, viewer: Viewer, dataset_id: int) -> Dataset | None:
    query = select(Dataset).where(Dataset.id == dataset_id, open_to(viewer))
    return (await tx.scalars(query)).one_or_none()


async def lock(tx: AsyncSession, dataset_id: int) -> None:
    """Hold a set until the transaction ends, against two changes at once."""
    await tx.execute(select(Dataset.id).where(Dataset.id == dataset_id).with_for_update())


async def count_of(tx: AsyncSession, user_id: int, kind: Kind) -> int:
    query = select(func.count()).where(Dataset.user_id == user_id, Dataset.kind == kind)
    return await tx.scalar(query) or 0


async def contents(tx: AsyncSession, dataset_id: int) -> Sequence[UUID]:
    """The pictures in a set, in order, whoever may see them."""
    query = (
        select(DatasetAsset.asset_id)
        .where(DatasetAsset.dataset_id == dataset_id)
        .order_by(DatasetAsset.position, DatasetAsset.asset_id)
    )
    return (await tx.scalars(query)).all()


async def arrange(tx: AsyncSession, dataset_id: int, asset_ids: Sequence[UUID]) -> None:
    """Make these, in this order, the pictures of a set; hold it first."""
    await tx.execute(
        delete(DatasetAsset).where(
            DatasetAsset.dataset_id == dataset_id, DatasetAsset.asset_id.not_in(asset_ids)
        )
    )
    for position, asset_id in enumerate(asset_ids):
        upsert = insert(DatasetAsset).values(
            dataset_id=dataset_id, asset_id=asset_id, position=position
        )
        await tx.execute(
            upsert.on_conflict_do_update(
                index_elements=["dataset_id", "asset_id"], set_={"position": position}
            )
        )


async def page(
    tx: AsyncSession,
    viewer: Viewer,
    kind: Kind | None = None,
    *,
    own: bool = False,
    after: int | None = None,
    limit: int = 20,
) -> Sequence[Listed]:
    """List the sets somebody may use, newest first, beginning after the ID of one."""
    whose = Dataset.user_id == viewer.user_id if own else open_to(viewer)
    pictures = (
        select(func.count())
        .where(DatasetAsset.dataset_id == Dataset.id)
        .correlate(Dataset)
        .scalar_subquery()
    )
    query = select(Dataset, User.name, pictures).join(User, User.id == Dataset.user_id)
    query = query.where(whose).order_by(Dataset.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Dataset.kind == kind)
    if after is not None:
        query = query.where(Dataset.id < after)
    return [Listed(*row) for row in await tx.execute(query)]


async def names(
    tx: AsyncSession,
    viewer: Viewer,
    kind: Kind,
    typed: str = "",
    *,
    own: bool = False,
    limit: int = 25,
) -> Sequence[str]:
    """The names that hold what was typed: the nearest first, those that begin with it before."""
    folded, wanted = func.lower(Dataset.name), func.lower(typed)
    whose = Dataset.user_id == viewer.user_id if own else open_to(viewer)
    begins = case((func.starts_with(folded, wanted), 0), else_=1)
    query = (
        select(func.min(Dataset.name))
        .where(Dataset.kind == kind, whose, func.strpos(folded, wanted) > 0)
        .group_by(folded)
        .order_by(func.min(nearness(viewer)), func.min(begins), folded)
        .limit(limit)
    )
    return (await tx.scalars(query)).all()
