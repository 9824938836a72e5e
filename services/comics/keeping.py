"""Keeping panels beside their page: new ones as drawn, old ones byte for byte as they were."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from core.pictures import Drawn, Picture
from core.text import shorten
from db import assets
from services.images import ALT_LIMIT, place, save_generated_image, store, write
from services.run import Run

PART = "panel"


async def keep_new(run: Run, number: int, data: bytes, action: str) -> None:
    """Keep a panel that was drawn just now; `number` counts from 1."""
    await save_generated_image(run, Drawn(data=data), part=PART, position=number - 1, alt=action)


async def keep_same(run: Run, number: int, asset_id: str, picture: Picture, action: str) -> None:
    """Keep a panel of an earlier page as it is: the same file, which says how it was drawn."""
    async with run.studio.transaction() as tx:
        before = await assets.by_id(tx, UUID(asset_id))
    checked = await run.studio.pictures.clean(picture.data)
    kept = replace(checked, data=picture.data, sha256=picture.sha256)
    row = {
        **place(run, PART, number - 1, kept.extension),
        "prompt": before.prompt if before else run.generation.prompt,
        "seed": before.seed if before else None,
        "alt": shorten(action, ALT_LIMIT),
        **await store(run.studio, kept, "generated"),
    }
    await run.studio.patiently(lambda: write(run, kept, row, []))
