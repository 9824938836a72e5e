"""Pictures people bring: kept one by one, lent to who saw them, deleted with their files."""

from __future__ import annotations

import asyncio
import io
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select

from core.errors import Forbidden, InvalidParams, NotFound, UnusableFile
from core.viewer import Viewer
from db.models import Asset, Audit
from services import library
from services.generations import Origin, read, submit
from services.images import keep_upload, read_asset
from services.library import (
    at_message,
    borrow,
    delete_asset,
    keep_each,
    latest_here,
    name_in,
    read_shown,
)
from services.studio import Studio
from worker.worker import Worker

ANNA, BEN = Viewer(7, "Anna"), Viewer(8, "Ben")
ADMIN = Viewer(1, "Owner", admin=True)


def png(color: str) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(output, "PNG")
    return output.getvalue()


async def brought(studio: Studio, viewer: Viewer, color: str = "red") -> Asset:
    return await keep_upload(studio, png(color), viewer, f"{color}.png")


def test_an_address_calls_its_picture_by_its_end() -> None:
    for url, name in (
        ("https://example.com/pictures/red-fox.png?size=large#top", "red-fox.png"),
        ("https://example.com/pictures/", "pictures"),
        (" https://example.com ", "example.com"),
        ("https://example.com/r%C3%A9d.png", "réd.png"),
        (f"https://example.com/{'x' * 200}", "x" * 80),
    ):
        assert name_in(url) == name


async def test_each_file_is_kept_or_explained(studio: Studio) -> None:
    async def keep(data: bytes) -> Asset:
        return await keep_upload(studio, data, ANNA, "x.png")

    bad = b"<html>" * 9
    kept, refused = await keep_each([bad, png("red"), b"", png("tan")], keep)
    assert [data for data, _ in kept] == [png("red"), png("tan")]
    assert [(data, type(error)) for data, error in refused] == [
        (bad, UnusableFile),
        (b"", UnusableFile),
    ]


async def test_a_picture_is_lent_as_ones_own_copy_of_the_same_file(studio: Studio) -> None:
    fox = await brought(studio, ANNA)
    copy = await borrow(studio, fox.id, BEN)
    assert (copy.user_id, copy.key, copy.name, copy.alt) == (8, fox.key, "red.png", "red")
    assert copy.id != fox.id
    assert (await borrow(studio, fox.id, BEN)).id == copy.id
    assert (await borrow(studio, fox.id, ANNA)).id == fox.id
    with pytest.raises(NotFound):
        await read_asset(studio, str(fox.id), BEN)
    several = await asyncio.gather(*(borrow(studio, fox.id, Viewer(9, "Zoe")) for _ in range(4)))
    assert len({each.id for each in several}) == 1
    await delete_asset(studio, str(fox.id), ANNA)
    assert await studio.storage.get(copy.key) == await studio.storage.get(fox.key)
    for asset_id in (fox.id, uuid4()):
        with pytest.raises(NotFound, match="has been deleted"):
            await borrow(studio, asset_id, Viewer(10, "Max"))
        with pytest.raises(NotFound, match="has been deleted"):
            await read_shown(studio, asset_id)


async def test_a_file_goes_with_the_last_picture_that_is_the_same(studio: Studio) -> None:
    first, second = await brought(studio, ANNA), await brought(studio, BEN)
    assert first.key == second.key
    with pytest.raises(NotFound):
        await delete_asset(studio, str(first.id), BEN)
    await delete_asset(studio, str(first.id), ANNA)
    assert await studio.storage.size(second.key)
    await delete_asset(studio, str(second.id), ADMIN)
    assert await studio.storage.size(second.key) is None
    assert await studio.storage.size(second.thumbnail_key) is None
    with pytest.raises(NotFound):
        await delete_asset(studio, str(first.id), ANNA)
    async with studio.transaction() as tx:
        noted = (await tx.scalars(select(Audit))).one()
    assert (noted.user_id, noted.data) == (1, {"asset": str(second.id)})


async def test_what_everybody_here_sees_only_its_maker_deletes(
    studio: Studio, worker: Worker
) -> None:
    home = 5
    member = Viewer(7, "Anna", frozenset([home]))
    asked = await submit(
        studio,
        "image",
        {"prompt": "fox"},
        Origin(viewer=member, request_id="a", guild_id=home, channel_id=3, visibility="guild"),
    )
    async with asyncio.timeout(30):
        while not (made := await read(studio, asked.id, member)).finished_at:
            await asyncio.sleep(0.05)
    picture = str(made.assets[0].id)
    with pytest.raises(Forbidden, match="Only the person who brought or made it"):
        await delete_asset(studio, picture, Viewer(8, "Ben", frozenset([home])))
    assert await latest_here(studio, member, 3) == picture
    fox = await brought(studio, member)
    await library.shown(studio, fox.id, 100, 3)
    assert await latest_here(studio, member, 3) == str(fox.id)
    await delete_asset(studio, str(fox.id), member)
    assert await latest_here(studio, member, 3) == picture
    moderator = Viewer(9, "Mona", frozenset([home]), frozenset([home]))
    await delete_asset(studio, picture, moderator)
    with pytest.raises(InvalidParams, match="I have none of yours"):
        await latest_here(studio, member, 3)


async def test_a_message_shows_one_picture_here(studio: Studio) -> None:
    fox, owl = await brought(studio, ANNA), await brought(studio, ANNA, "tan")
    for asset in (fox, owl, owl):
        await library.shown(studio, asset.id, 100, 3)
    found = await at_message(studio, 100)
    assert found is not None
    assert found.id == owl.id
    assert await at_message(studio, 101) is None
    assert await latest_here(studio, ANNA, 3) == str(owl.id)
    for viewer, channel in ((ANNA, 4), (ANNA, None), (BEN, 3)):
        with pytest.raises(InvalidParams, match="Which picture"):
            await latest_here(studio, viewer, channel)
    async with studio.transaction() as tx:
        assert await tx.scalar(select(func.count()).select_from(Asset)) == 2
