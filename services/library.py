"""Pictures people bring along: uploaded or fetched, shown, lent to who replies, and deleted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import httpx
from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Forbidden, InvalidParams, NotFound, StudioError
from core.viewer import Viewer
from db import assets, generations, people
from db.generations import latest_with_picture
from db.models import Asset, ShownMessage, Source
from db.queue import DELIVER, enqueue
from services.generations import shown_in_discord
from services.images import keep_upload, read_asset, release
from services.studio import Studio

log = logging.getLogger(__name__)

Fetch = Callable[[Studio, str], Awaitable[bytes]]
"""As `services.fetch.fetch_picture`."""

GONE = "That picture has been deleted."
NAME_LIMIT = 80
OWN = {"id", "user_id", "source", "generation_id", "part", "position", "created_at", "updated_at"}
"""What a copy of a row does not take over."""

File = TypeVar("File")


async def keep_each(
    files: Iterable[File], keep: Callable[[File], Awaitable[Asset]]
) -> tuple[list[tuple[File, Asset]], list[tuple[File, StudioError]]]:
    """Keep several files, so that one that cannot be kept does not lose the others.

    Returns what was kept, and what is wrong with the rest.
    """
    kept: list[tuple[File, Asset]] = []
    refused: list[tuple[File, StudioError]] = []
    for each in files:
        try:
            kept.append((each, await keep(each)))
        except StudioError as error:
            refused.append((each, error))
    return kept, refused


async def keep_import(studio: Studio, viewer: Viewer, url: str, fetch: Fetch) -> Asset:
    """Fetch a picture from an address and keep it. Raises `InvalidParams` or `UnusableFile`."""
    data = await fetch(studio, url)
    return await keep_upload(studio, data, viewer, name_in(url), Source.IMPORT)


def name_in(url: str) -> str:
    """What an address calls its picture: the end of the path, else the host."""
    found = httpx.URL(url.strip())
    return (found.path.rstrip("/").rsplit("/", 1)[-1] or found.host)[:NAME_LIMIT]


async def shown(studio: Studio, asset_id: UUID, message_id: int, channel_id: int | None) -> None:
    """Note a message that shows a picture: a reply to it is a reply to the picture."""
    async with studio.transaction() as tx:
        await tx.merge(
            ShownMessage(message_id=message_id, channel_id=channel_id, asset_id=asset_id)
        )


async def at_message(studio: Studio, message_id: int) -> Asset | None:
    """The picture a message shows, whoever it belongs to: who replied to the message saw it."""
    async with studio.transaction() as tx:
        return await assets.at_message(tx, message_id)


async def read_shown(studio: Studio, asset_id: UUID) -> Asset:
    """A picture that somebody was shown, whoever it belongs to. Raises `NotFound`."""
    async with studio.transaction() as tx:
        asset = await assets.by_id(tx, asset_id)
    if asset is None or asset.deleted_at is not None:
        raise NotFound(GONE)
    return asset


async def borrow(studio: Studio, asset_id: UUID, viewer: Viewer) -> Asset:
    """Somebody's own copy of a picture that they were shown: the same file, another row.

    Only for a picture in a message that they see. Raises `NotFound` when it was deleted.
    """
    async with studio.transaction() as tx:
        asset = await assets.by_id(tx, asset_id)
        if asset is None:
            raise NotFound(GONE)
        await assets.lock_content(tx, asset.sha256)  # Its file may be on the way out.
        await tx.refresh(asset)
        if asset.deleted_at is not None:
            raise NotFound(GONE)
        if asset.user_id == viewer.user_id:
            return asset
        return await own_copy(tx, asset, viewer)


async def own_copy(tx: AsyncSession, asset: Asset, viewer: Viewer) -> Asset:
    """The copy somebody has of the same bytes, or a new one."""
    same = select(Asset).where(
        Asset.key == asset.key,
        Asset.user_id == viewer.user_id,
        Asset.generation_id.is_(None),
        Asset.deleted_at.is_(None),
    )
    if (known := (await tx.scalars(same.limit(1))).one_or_none()) is not None:
        return known
    await people.remember(tx, viewer.user_id, viewer.name)
    names = [each.key for each in inspect(Asset).column_attrs if each.key not in OWN]
    row = {name: getattr(asset, name) for name in names}
    copy = Asset(user_id=viewer.user_id, source=Source.UPLOAD, **row)
    tx.add(copy)
    await tx.flush()
    return copy


async def latest_here(studio: Studio, viewer: Viewer, channel_id: int | None) -> str:
    """The asset ID of what somebody made or brought to a channel last.

    Raises `InvalidParams` when there is nothing.
    """
    async with studio.transaction() as tx:
        made = await latest_with_picture(tx, viewer.user_id, channel_id)
        brought = await assets.latest_brought(tx, viewer.user_id, channel_id)
    if brought is not None and (made is None or brought[1] > made.created_at):
        return str(brought[0].id)
    if made is not None and made.assets:
        return str(made.assets[0].id)
    raise InvalidParams("Which picture? Attach one: I have none of yours in this channel.")


async def delete_asset(studio: Studio, asset_id: str, viewer: Viewer) -> Asset:
    """Forget one picture; its file goes when no other picture is the same.

    Raises `NotFound` or `Forbidden`.
    """
    asset = await read_asset(studio, asset_id, viewer)
    async with studio.transaction() as tx:
        gone = await tx.get_one(Asset, asset.id, with_for_update=True)
        made_in = await generations.by_id(tx, gone.generation_id) if gone.generation_id else None
        moderator = made_in is not None and made_in.guild_id in viewer.moderates
        if not (gone.user_id == viewer.user_id or moderator or viewer.admin):
            raise Forbidden("Only the person who brought or made it can delete it.")
        gone.deleted_at = datetime.now(UTC)
        if gone.user_id != viewer.user_id:
            await people.note(tx, viewer.user_id, "delete asset", {"asset": asset_id})
        if made_in is not None and shown_in_discord(made_in):
            await enqueue(tx, DELIVER, made_in.id)
    await release(studio, gone.sha256)
    log.info("asset %s deleted by %d", asset_id, viewer.user_id)
    return gone
