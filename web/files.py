"""Kept files: named by their content, so a browser may keep them for ever."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from core.errors import NotFound
from db import assets
from storage.local import LocalVolume
from web.auth import Open, Signed

router = APIRouter(include_in_schema=False)

CONTENT = re.compile(
    r"(?:generated|uploads|thumbnails|large)/[0-9a-f]{2}/([0-9a-f]{64})\.[a-z]{3,4}"
)
SMALL = 300_000
"""Up to here a file is read and sent at once, in bytes: four times cheaper than in pieces."""
KINDS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}
HEADERS = {
    "cache-control": "private, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "accept-ranges": "bytes",
}


class Kept(FileResponse):
    chunk_size = 1 << 20


@router.get("/files/{key:path}")
async def file(
    request: Request, viewer: Signed, studio: Open, key: str, download: bool = False
) -> Response:
    """Send a kept picture to somebody who may see it. Missing and forbidden look the same."""
    named = CONTENT.fullmatch(key)
    if named is None:
        raise NotFound
    async with studio.transaction() as tx:
        asset = await assets.by_content(tx, named[1], viewer)
    if asset is None or key not in (asset.key, asset.thumbnail_key, asset.large_key):
        raise NotFound
    etag = f'"{key.rsplit("/", 1)[-1]}"'
    headers = {**HEADERS, "etag": etag}
    if download or key.endswith(".svg"):
        # A drawing may be a program: it is an image on our pages, and a file everywhere else.
        headers["content-disposition"] = f'attachment; filename="{asset.name}"'
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return await send(request, studio.storage, key, headers)  # pyright: ignore[reportArgumentType]


async def send(
    request: Request, volume: LocalVolume, key: str, headers: dict[str, str]
) -> Response:
    kind = KINDS.get(key.rpartition(".")[2], "application/octet-stream")
    size = await volume.size(key)
    if size is None:
        raise NotFound("That picture's file is missing. The operator can see why.")
    if size > SMALL or "range" in request.headers:
        return Kept(volume.path(key), media_type=kind, headers=headers)
    return Response(await volume.get(key), media_type=kind, headers=headers)
