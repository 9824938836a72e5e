"""Pictures people attach, kept before anything uses them."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

import discord

from core.errors import UnusableFile
from core.viewer import Viewer
from db.models import Asset
from services.images import keep_mask, keep_upload, read_asset
from services.studio import Studio

BYTES_LIMIT = 25_000_000
"""The largest file we take, in bytes; Discord says the size before anything is downloaded."""

DATA_LIMIT = 1_000_000
"""The largest file of data, in bytes."""


async def fetch(attachment: discord.Attachment) -> bytes:
    """Download one attachment. Raises `UnusableFile` when it is too large or gone."""
    name = discord.utils.escape_markdown(attachment.filename[:60])
    if attachment.size > BYTES_LIMIT:
        raise UnusableFile(
            f"{name} is {attachment.size / 1e6:.0f} MB; I take pictures up to "
            f"{BYTES_LIMIT / 1e6:.0f} MB."
        )
    try:
        data = await attachment.read()
    except discord.HTTPException as error:
        raise UnusableFile(f"Discord no longer has {name}. Please attach it again.") from error
    if len(data) > BYTES_LIMIT:
        raise UnusableFile(f"{name} is larger than I take.")
    return data


async def as_data_url(attachment: discord.Attachment) -> str:
    """A small file of data, such as a table, as the parameters hold it (RFC 2397).

    Raises `UnusableFile` when it is too large or gone.
    """
    name = discord.utils.escape_markdown(attachment.filename[:60])
    if attachment.size > DATA_LIMIT:
        raise UnusableFile(
            f"{name} is {attachment.size / 1e6:.1f} MB; a file of data may have "
            f"{DATA_LIMIT / 1e6:.0f} MB."
        )
    encoded = b64encode(await fetch(attachment)).decode()
    kind = (attachment.content_type or "application/octet-stream").split(";")[0].strip()
    return f"data:{kind};name={quote(attachment.filename[:100], safe='')};base64,{encoded}"


async def keep(studio: Studio, attachment: discord.Attachment, viewer: Viewer) -> Asset:
    """Keep one attachment as somebody's upload. Raises `UnusableFile` with what is wrong."""
    return await keep_upload(studio, await fetch(attachment), viewer, attachment.filename)


async def keep_as_mask(
    studio: Studio, attachment: discord.Attachment, viewer: Viewer, source_id: str
) -> Asset:
    """Keep one attachment as the mask of a picture. Raises `UnusableFile` when it does not fit."""
    source = await read_asset(studio, source_id, viewer)
    return await keep_mask(studio, await fetch(attachment), viewer, source)
