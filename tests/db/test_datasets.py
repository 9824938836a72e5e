"""Lists of sets: by key, by what is typed, and what leaves them."""

from __future__ import annotations

from core.viewer import Viewer
from db import assets, datasets
from db.assets import AssetCursor
from services.datasets import create
from services.studio import Studio
from tests.conftest import sql

ANNA, BEN = Viewer(7, "Anna"), Viewer(8, "Ben")
KEPT = """
INSERT INTO users (id, name) VALUES (7, 'Anna');
INSERT INTO assets (id, user_id, source, name, storage, key, url, thumbnail_key, mime_type, bytes,
                    width, height, sha256)
SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 7, 'upload', 'x', 'local', 'k' || n, 'u',
       't', 'image/png', 1, 1, 1, 'h' || n FROM generate_series(1, 5) n;
"""


def asset(number: int) -> str:
    return f"00000000-0000-0000-0000-00000000000{number}"


async def test_names_are_offered_the_nearest_first(studio: Studio) -> None:
    for viewer, name, visibility in (
        (BEN, "Fox", "public"),
        (BEN, "aardvark fox", "public"),
        (BEN, "hidden fox", "private"),
        (ANNA, "red fox", "private"),
        (ANNA, "FOX", "private"),
        (ANNA, "100% wool", "private"),
        (ANNA, "wool_x", "private"),
    ):
        await create(studio, viewer, "set", name, visibility=visibility)  # type: ignore[arg-type]
    async with studio.transaction() as tx:
        assert await datasets.names(tx, ANNA, "set", "fOx") == ["FOX", "red fox", "aardvark fox"]
        assert await datasets.names(tx, ANNA, "set", "fox", own=True) == ["FOX", "red fox"]
        assert await datasets.names(tx, ANNA, "set", "%") == ["100% wool"]
        assert await datasets.names(tx, ANNA, "set", "_") == ["wool_x"]
        assert len(await datasets.names(tx, ANNA, "set", limit=2)) == 2
        assert await datasets.names(tx, ANNA, "character") == []


async def test_sets_are_listed_page_by_page(studio: Studio, database: str) -> None:
    await sql(database, KEPT)
    for number in range(5):
        await create(studio, ANNA, "set", f"set {number}", pictures=[asset(1), asset(2)][:number])
    await create(studio, ANNA, "character", "Mia", visibility="public")
    await create(studio, BEN, "character", "Tom")
    async with studio.transaction() as tx:
        first = await datasets.page(tx, ANNA, "set", limit=3)
        rest = await datasets.page(tx, ANNA, "set", after=first[-1].dataset.id, limit=3)
        both = await datasets.page(tx, ANNA)
        own = await datasets.page(tx, BEN, own=True)
    told = [(each.dataset.name, each.pictures, each.owner_name) for each in (*first, *rest)]
    assert told == [(f"set {number}", min(number, 2), "Anna") for number in (4, 3, 2, 1, 0)]
    assert len(both) == 6
    assert [each.dataset.name for each in own] == ["Tom"]


async def test_pictures_are_listed_page_by_page_though_kept_at_once(
    studio: Studio, database: str
) -> None:
    await sql(database, KEPT)
    seen: list[str] = []
    after = None
    async with studio.transaction() as tx:
        while found := await assets.page(tx, ANNA, after=after, limit=2):
            seen += [str(each.id) for each in found]
            after = AssetCursor.parse(str(AssetCursor(found[-1].created_at, found[-1].id)))
        assert await assets.page(tx, BEN) == []
    assert seen == [asset(number) for number in (5, 4, 3, 2, 1)]
    for nonsense in (None, "", "1", "x.y", f"{10**30}.{asset(1)}", "1.2"):
        assert AssetCursor.parse(nonsense) is None


async def test_a_deleted_picture_leaves_its_sets_whatever_deleted_it(
    studio: Studio, database: str
) -> None:
    await sql(database, KEPT)
    made = await create(studio, ANNA, "set", "x", pictures=[asset(n) for n in range(1, 6)])
    await sql(
        database,
        f"UPDATE assets SET deleted_at = now() WHERE id = '{asset(2)}'",
        f"DELETE FROM assets WHERE id = '{asset(4)}'",
    )
    assert made.id is not None
    async with studio.transaction() as tx:
        left = [str(each) for each in await datasets.contents(tx, made.id)]
    assert left == [asset(1), asset(3), asset(5)]
