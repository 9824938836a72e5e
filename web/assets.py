"""The HTTP API of pictures themselves: bringing them, finding them, deleting them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from core.errors import InvalidParams, StudioError, UnusableFile
from core.text import shorten
from db import assets
from db.assets import AssetCursor
from db.models import Asset, Source
from services.fetch import URL_LIMIT, fetch_picture
from services.images import keep_upload, read_asset
from services.library import Fetch, delete_asset, keep_each, keep_import
from services.pictures.limits import BYTES
from web.api import asset_json
from web.auth import Open, Signed

router = APIRouter(prefix="/api/assets", tags=["assets"])

FILES = 10
"""How many files one request may bring."""
NAME_SHOWN = 60


class Address(BaseModel):
    """Where a picture is on the internet."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Begins with https.", min_length=1, max_length=URL_LIMIT)


def fetcher() -> Fetch:
    """Who asks the internet."""
    return fetch_picture


def as_json(asset: Asset) -> dict[str, Any]:
    """A picture as the API shows it beside those of generations."""
    return {
        **asset_json(asset),
        "name": asset.name,
        "source": asset.source.value,
        "generation_id": str(asset.generation_id) if asset.generation_id else None,
        "created_at": asset.created_at.isoformat(),
    }


@router.post("", status_code=201)
async def upload(
    viewer: Signed,
    studio: Open,
    file: Annotated[list[UploadFile], File(description="PNG, JPEG, WebP or GIF; several at once.")],
) -> dict[str, Any]:
    """Keep pictures without what they tell of their maker; `errors` says what was left out."""
    if len(file) > FILES:
        raise InvalidParams(f"Bring up to {FILES} pictures at once.")

    async def keep(each: UploadFile) -> Asset:
        if (each.size or 0) > BYTES:
            raise UnusableFile(f"That file is larger than the {BYTES / 1e6:.0f} MB I take.")
        return await keep_upload(studio, await each.read(), viewer, name_of(each))

    kept, refused = await keep_each(file, keep)
    if not kept:
        raise refused[0][1]
    return {
        "items": [as_json(asset) for _, asset in kept],
        "errors": [error_json(each, error) for each, error in refused],
    }


def name_of(file: UploadFile) -> str:
    return file.filename or "picture"


def error_json(file: UploadFile, error: StudioError) -> dict[str, Any]:
    name = shorten(name_of(file), NAME_SHOWN)
    return {"name": name, "detail": str(error), "error_class": error.error_class}


@router.post("/import", status_code=201)
async def bring(
    address: Address, viewer: Signed, studio: Open, fetch: Annotated[Fetch, Depends(fetcher)]
) -> dict[str, Any]:
    """Fetch a picture from the public internet and keep it."""
    return as_json(await keep_import(studio, viewer, address.url, fetch))


@router.get("")
async def listing(
    viewer: Signed,
    studio: Open,
    source: Source | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """List the pictures there are to see, newest first; `next` is where the next page begins."""
    cursor = AssetCursor.parse(after)
    async with studio.transaction() as tx:
        found = await assets.page(tx, viewer, source, after=cursor, limit=limit + 1)
    items = found[:limit]
    more = len(found) > limit
    return {
        "items": [as_json(each) for each in items],
        "next": str(AssetCursor(items[-1].created_at, items[-1].id)) if more else None,
    }


@router.get("/{asset_id}")
async def one(viewer: Signed, studio: Open, asset_id: str) -> dict[str, Any]:
    return as_json(await read_asset(studio, asset_id, viewer))


@router.delete("/{asset_id}", status_code=204)
async def delete(viewer: Signed, studio: Open, asset_id: str) -> None:
    """Forget one picture, and its file if no other picture is the same."""
    await delete_asset(studio, asset_id, viewer)
