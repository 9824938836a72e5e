"""The only way pictures go in and out of storage."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Canceled, NotFound
from core.pictures import Drawn, Picture
from core.text import clean as clean_text, file_name, shorten
from core.viewer import Viewer
from db import assets, people
from db.models import RESULT, Asset, Generation, Source, Status
from services.pictures.clean import Clean
from services.pictures.provenance import Provenance
from services.run import Run
from services.studio import Studio

log = logging.getLogger(__name__)

ALT_LIMIT = 1024
"""Discord's limit for a picture's description, in characters."""


async def save_generated_image(
    run: Run,
    drawn: Drawn,
    *,
    position: int = 0,
    tags: Iterable[str] = (),
    alt: str | None = None,
    part: str = RESULT,
) -> None:
    """Check a picture, keep it and log it against its generation; the only writer of outputs.

    A named `part` is kept beside the results and is none itself: a comic's panel, an icon's sheet.
    The row is a function of the generation, the part and the position, so a repeated attempt
    replaces what an earlier one kept. Waits for a database that is away. Raises `UnusableFile` for bytes that
    are no picture, `StorageError` when they cannot be kept, `Canceled` when the generation was.
    """
    kept = await run.studio.pictures.clean(drawn.data, provenance=provenance(run, drawn))
    run.notes.extend(note for note in kept.notes if note not in run.notes)
    row = {
        **place(run, part, position, kept.extension),
        "prompt": drawn.revised_prompt or run.full_prompt or run.generation.prompt,
        "seed": drawn.seed,
        "alt": shorten(alt or alt_text(run.generation), ALT_LIMIT),
        **await store(run.studio, kept, "generated"),
    }
    before = await run.studio.patiently(lambda: write(run, kept, row, sorted(set(tags))))
    if before is not None and before != kept.sha256:
        await release(run.studio, before)
    log.info("generation %d kept %s %d", run.generation.id, part or "picture", position + 1)


def place(run: Run, part: str, position: int, extension: str) -> dict[str, Any]:
    """The columns that say whose a kept file is and what it is called."""
    stem = "-".join(filter(None, (str(run.generation.id), part, str(position + 1))))
    return {
        "generation_id": run.generation.id,
        "part": part,
        "position": position,
        "user_id": run.generation.user_id,
        "source": Source.GENERATED,
        "name": file_name(stem, extension),
    }


async def keep_drawing(
    run: Run, svg: bytes, like: Drawn, *, part: str = "svg", alt: str | None = None
) -> None:
    """Keep a drawing of our own making as SVG beside its picture, whose smaller copy it shares.

    Nothing foreign may come this way: an SVG is a program, and nobody checks it.
    """
    picture = await run.studio.pictures.clean(like.data)
    kept = replace(
        picture,
        data=svg,
        mime_type="image/svg+xml",
        extension="svg",
        sha256=sha256(svg).hexdigest(),
        large=None,
    )
    row = {
        **place(run, part, 0, "svg"),
        "alt": shorten(alt or alt_text(run.generation), ALT_LIMIT),
        **await store(run.studio, kept, "generated"),
    }
    await run.studio.patiently(lambda: write(run, kept, row, []))


def provenance(run: Run, drawn: Drawn) -> Provenance:
    """What the picture itself will say about how it was made."""
    generation = run.generation
    return Provenance(
        prompt=run.full_prompt or generation.prompt,
        negative_prompt=generation.negative_prompt or "",
        model=run.model or "",
        provider=run.provider.name,
        seed=drawn.seed,
        strength=generation.params.get("strength"),
        tool=generation.tool,
        generation=generation.id,
        created=generation.created_at,
        edited=bool(generation.params.get("source")),
    )


def alt_text(generation: Generation) -> str:
    return f"Picture made by /{generation.tool}: {generation.prompt or 'no words'}"


async def store(studio: Studio, kept: Clean, folder: str) -> dict[str, Any]:
    """Put a picture and its smaller copies in storage; return the columns that say so.

    Keys are by content, so the same bytes are one file however often they are kept, and a file
    under a key never changes.
    """
    sha = kept.sha256
    row: dict[str, Any] = {
        "storage": studio.storage.name,
        "key": f"{folder}/{sha[:2]}/{sha}.{kept.extension}",
        "thumbnail_key": f"thumbnails/{sha[:2]}/{sha}.webp",
        "large_key": f"large/{sha[:2]}/{sha}.webp" if kept.large is not None else None,
        "mime_type": kept.mime_type,
        "bytes": len(kept.data),
        "width": kept.width,
        "height": kept.height,
        "sha256": sha,
        "dhash": signed(kept.dhash),
    }
    row["url"] = f"/files/{row['key']}"
    await put_missing(studio, kept, row)
    return row


async def put_missing(studio: Studio, kept: Clean, row: dict[str, Any]) -> None:
    """Write those of a picture's files that are not there whole."""
    for key, data in (
        (row["key"], kept.data),
        (row["thumbnail_key"], kept.thumbnail),
        (row["large_key"], kept.large),
    ):
        if data is not None and await studio.storage.size(key) != len(data):
            await studio.storage.put(key, data)


def signed(hash64: int) -> int:
    """PostgreSQL has no unsigned 64-bit integer."""
    return hash64 - (1 << 64) if hash64 >= 1 << 63 else hash64


async def write(run: Run, kept: Clean, row: dict[str, Any], tags: list[str]) -> str | None:
    """Write the row of a picture whose files are there; return the hash it replaces, if any."""
    async with run.studio.transaction() as tx:
        await assets.lock_content(tx, kept.sha256)
        # Somebody may have deleted the last other picture with these bytes meanwhile.
        await put_missing(run.studio, kept, row)
        await hold(tx, run, tags)
        same_place = (
            Asset.generation_id == row["generation_id"],
            Asset.part == row["part"],
            Asset.position == row["position"],
        )
        before = await tx.scalar(select(Asset.sha256).where(*same_place))
        upsert = insert(Asset).values(**row)
        await tx.execute(
            upsert.on_conflict_do_update(
                index_elements=["generation_id", "part", "position"],
                set_={**row, "deleted_at": None},
            )
        )
    return before


async def hold(tx: AsyncSession, run: Run, tags: list[str]) -> None:
    """Make sure this attempt is still the one that counts, until the transaction ends."""
    query = select(Generation).where(Generation.id == run.generation.id).with_for_update()
    generation = (await tx.scalars(query)).one()
    if generation.status is not Status.RUNNING or generation.attempts != run.generation.attempts:
        raise Canceled
    generation.tags = sorted({*generation.tags, *tags})


async def keep_upload(
    studio: Studio, data: bytes, viewer: Viewer, name: str, source: Source = Source.UPLOAD
) -> Asset:
    """Check and keep a picture someone gave us. Raises `UnusableFile` with what is wrong."""
    kept = await studio.pictures.clean(data)
    row = await store(studio, kept, "uploads")
    stem = clean_text(name).rsplit(".", 1)[0]
    asset = Asset(
        user_id=viewer.user_id,
        source=source,
        name=file_name(stem, kept.extension),
        alt=shorten(stem, ALT_LIMIT),
        **row,
    )
    async with studio.transaction() as tx:
        await people.remember(tx, viewer.user_id, viewer.name)
        await assets.lock_content(tx, kept.sha256)
        await put_missing(studio, kept, row)
        tx.add(asset)
    return asset


async def keep_mask(studio: Studio, data: bytes, viewer: Viewer, source: Asset) -> Asset:
    """Check and keep a mask for a picture: white is where to paint, and the size is the same."""
    picture = await studio.pictures.mask(data, size=(source.width, source.height))
    return await keep_upload(studio, picture.data, viewer, "mask.png")


async def read_asset(studio: Studio, asset_id: str, viewer: Viewer) -> Asset:
    """Find a picture somebody may see. Raises `NotFound`, whether missing or not theirs."""
    try:
        wanted = UUID(asset_id)
    except ValueError as error:
        raise NotFound from error
    async with studio.transaction() as tx:
        asset = await assets.find(tx, wanted, viewer)
    if asset is None:
        raise NotFound
    return asset


async def read_input(run: Run, asset_id: str) -> Picture:
    """Read a picture this generation is made from; whether it may was settled at submission."""
    async with run.studio.transaction() as tx:
        asset = await assets.by_id(tx, UUID(asset_id))
    if asset is None or asset.deleted_at is not None:
        raise NotFound("The picture this starts from has been deleted.")
    data = await run.studio.storage.get(asset.key)
    return Picture(data, asset.mime_type, asset.width, asset.height)


async def release(studio: Studio, sha256: str) -> None:
    """Remove the files of a content that no kept picture uses any more."""
    async with studio.transaction() as tx:
        await assets.lock_content(tx, sha256)
        needed = {
            key
            for each in await assets.sharing(tx, sha256)
            for key in (each.key, each.thumbnail_key, each.large_key)
        }
        for folder, extensions in FOLDERS.items():
            for extension in extensions:
                key = f"{folder}/{sha256[:2]}/{sha256}.{extension}"
                if key not in needed:
                    await studio.storage.remove(key)


FOLDERS = {
    "generated": ("png", "jpg", "webp", "svg"),
    "uploads": ("png", "jpg", "webp"),
    "thumbnails": ("webp",),
    "large": ("webp",),
}


async def delete_pictures(studio: Studio, generation_id: int) -> None:
    """Forget a generation's pictures: the rows first, then every file nobody else uses."""
    async with studio.transaction() as tx:
        gone = await tx.scalars(
            update(Asset)
            .where(Asset.generation_id == generation_id, Asset.deleted_at.is_(None))
            .values(deleted_at=datetime.now(UTC))
            .returning(Asset.sha256)
        )
        hashes = set(gone.all())
    for each in hashes:
        await release(studio, each)
