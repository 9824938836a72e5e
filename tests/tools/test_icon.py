"""/icon: from words to every file, whether or not the provider knows transparency."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select

from core.errors import InvalidParams
from core.pictures import Drawing, Drawn, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from db.models import RESULT, Asset, Generation, Status
from providers import Capabilities
from providers.offline import Offline
from services.generations import Origin, submit
from services.iterate import iterate
from services.studio import Studio
from tests.conftest import opened, working
from tools.icon import IconParams, asked_style, icon, key_for, suggested_name

ANNA = Viewer(7, "Anna")


class Painter(Offline):
    """Draws one egg on what it was asked for, or pure noise, and remembers the requests."""

    def __init__(self, *, transparent: bool = False, honest: bool = True, noise: bool = False):
        super().__init__(megapixels=0.05)
        self.models: Mapping[str, Capabilities] = {
            "p": Capabilities(source=True, count=4, transparent=transparent)
        }
        self.honest, self.noise = honest, noise
        self.requests: list[PictureRequest] = []

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.requests.append(request)
        pictures = tuple(Drawn(data=self.paint(request), seed=n) for n in range(request.count))
        return Drawing(pictures=pictures, model="p", cost_source="free")

    def paint(self, request: PictureRequest) -> bytes:
        if self.noise:
            noise = np.random.default_rng(1).integers(0, 256, (340, 340, 4), dtype=np.uint8)
            noise[:20] = 0
            image = Image.fromarray(noise)
        elif request.background == "transparent" and self.honest:
            image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
        else:
            image = Image.new("RGB", (200, 200), "#00ff00")
        if not self.noise:
            ImageDraw.Draw(image).ellipse((50, 20, 150, 180), fill=(200, 40, 40))
        output = io.BytesIO()
        image.save(output, "PNG")
        return output.getvalue()


async def made(studio: Studio, values: dict[str, object], parent: Generation | None = None):
    asked = Origin(viewer=ANNA, request_id=f"icon-{len(values)}-{parent and parent.id}")
    if parent is None:
        queued = await submit(studio, "icon", values, asked)
    else:
        queued = await iterate(studio, asked, parent.id, str(values["words"]))
    async with asyncio.timeout(30), working(studio):
        while True:
            async with studio.transaction() as tx:
                row = await tx.get_one(Generation, queued.id)
                kept = await tx.scalars(select(Asset).where(Asset.generation_id == queued.id))
                assets = list(kept.all())
            if row.finished_at is not None:
                assert row.status is Status.SUCCEEDED, row.cause
                return row, assets
            await asyncio.sleep(0.03)


async def picture(studio: Studio, asset: Asset) -> Image.Image:
    return Image.open(io.BytesIO(await studio.storage.get(asset.key)))


def by_part(assets: list[Asset]) -> dict[str, Asset]:
    return {each.part: each for each in assets if each.position == 0}


@pytest.mark.parametrize(("transparent", "honest"), [(True, True), (True, False), (False, True)])
async def test_the_background_is_transparent_whatever_the_provider_can(
    settings: Settings, database: str, transparent: bool, honest: bool
) -> None:
    painter = Painter(transparent=transparent, honest=honest)
    async with opened(settings, database, providers={"painter": painter}) as studio:
        row, assets = await made(studio, {"prompt": "a red egg", "count": 2})
        files = by_part(assets)
        wanted = [(part, n) for part in (RESULT, "emoji", "sticker", "sheet") for n in (0, 1)]
        assert sorted((each.part, each.position) for each in assets) == sorted(wanted)
        for asset in (each for each in assets if each.part != "sheet"):
            image = await picture(studio, asset)
            assert image.getpixel((1, 1))[3] == 0
            assert image.getpixel((image.width // 2, image.height // 2)) == (200, 40, 40, 255)
        assert (files["emoji"].width, files["sticker"].width) == (128, 320)
        assert row.meta["name"] == "red_egg"
        assert row.tags == ["colorful", "emoji", "icon"]
        assert painter.requests[0].background == ("transparent" if transparent else "opaque")


async def test_every_file_stays_under_its_limit_with_all_that_it_says(
    settings: Settings, database: str
) -> None:
    prompt = "\U0001f98a" * 4000
    async with opened(settings, database, providers={"painter": Painter(noise=True)}) as studio:
        _, assets = await made(studio, {"prompt": prompt, "target": "sticker"})
    files = by_part(assets)
    assert files["emoji"].bytes <= 256_000
    assert 300_000 < files["sticker"].bytes <= 512_000


async def test_a_reply_changes_the_icon_itself_and_keeps_its_name(
    settings: Settings, database: str
) -> None:
    painter = Painter()
    async with opened(settings, database, providers={"painter": painter}) as studio:
        first, _ = await made(studio, {"prompt": "a red egg", "target": "sticker"})
        child, assets = await made(studio, {"words": "give it a hat"}, first)
        source = painter.requests[-1].source
        assert source is not None
        ground = Image.open(io.BytesIO(source.data))
        assert (ground.mode, ground.getpixel((1, 1))) == ("RGB", (0, 255, 0))
        assert (child.tool, child.parent_id, child.meta["name"]) == ("icon", first.id, "red_egg")
        assert "sticker" in by_part(assets)


async def test_a_reply_that_names_a_style_draws_the_same_in_it(
    settings: Settings, database: str
) -> None:
    async with opened(settings, database, providers={"painter": Painter()}) as studio:
        first, _ = await made(studio, {"prompt": "a red egg"})
        child, _ = await made(studio, {"words": "make it pixel art"}, first)
        assert child.params == {**first.params, "style": "pixel-art"}


async def test_the_offline_provider_makes_every_file(studio: Studio) -> None:
    _, assets = await made(studio, {"prompt": "a red fox", "target": "server-icon"})
    files = by_part(assets)
    assert {"emoji", "sticker", "server-icon", "sheet"} <= set(files)
    assert (await picture(studio, files["emoji"])).getextrema()[3][0] == 0


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a red fox", "red_fox"),
        ("Draw me a très Très élégant cat, please", "tres_tres_elegant"),
        ("the", "the"),
        ("狐", "icon"),
        ("x", "icon_x"),
        ("a supercalifragilisticexpialidociously good day", "supercalifragilisticexpialidoc"),
        ("💥", "icon"),
    ],
)
def test_a_name_is_made_from_the_prompt(prompt: str, name: str) -> None:
    assert suggested_name(prompt) == name
    assert IconParams(prompt=prompt, name=suggested_name(prompt)).name == name


@pytest.mark.parametrize(
    ("given", "name"), [(":fox:", "fox"), ("Red Fox", "Red_Fox"), ("a-b", "a_b"), ("", None)]
)
def test_a_name_is_put_as_discord_wants_it(given: str, name: str | None) -> None:
    assert IconParams(prompt="x", name=given).name == name


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "x"}, "The name cannot be used: it needs 2 to 32 of the letters A to Z"),
        ({"name": "füchse!"}, "The name cannot be used"),
        ({"background": "plaid"}, "The background cannot be used: say transparent, keep, or a"),
        ({"style": "cubist"}, "The style must be one of flat, 3d"),
    ],
)
def test_what_cannot_be_is_explained(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidParams, match=sentence):
        icon.parse({"prompt": "a fox", **values})


@pytest.mark.parametrize(
    ("prompt", "key"),
    [("a red fox", "green"), ("green frogs", "magenta"), ("a pink cactus", "blue")],
)
def test_the_background_to_cut_away_is_unlike_the_subject(prompt: str, key: str) -> None:
    assert key_for(prompt) == key


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ("pixel art", "pixel-art"), ("make it 3D", "3d"), ("in line-art style", "line-art"),
        ("flat!", "flat"), ("give it a flat hat", None), ("realistic eyes", None),
    ],
)  # fmt: skip
def test_a_style_is_only_read_where_nothing_else_is_said(words: str, style: str | None) -> None:
    assert asked_style(words) == style
