"""A provider that draws simple scenes, remembers what it was asked, and can refuse a word."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import select

from core.errors import Refused
from core.pictures import Drawing, Drawn, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from core.writing import T, Writing, Written
from db.models import RESULT, Asset, Generation, Status
from providers import Capabilities
from providers.offline import Offline
from providers.templates import Templates
from services.generations import Origin, submit
from services.iterate import iterate
from services.studio import Studio
from tests.conftest import opened, working

ANNA = Viewer(7, "Anna")
COLORS = ("#b03a2e", "#1f618d", "#b7950b", "#117a65", "#6c3483", "#935116", "#566573", "#c2559d")


class Artist(Offline):
    """Draws two figures on a ground whose color is another one each time."""

    def __init__(self, *, references: int = 4, source: bool = True, refuses: str = "") -> None:
        super().__init__(megapixels=0.05)
        self.models: Mapping[str, Capabilities] = {
            "a-1": Capabilities(
                source=source, references=references, seed="exact", price=Decimal("0.05")
            )
        }
        self.refuses = refuses
        self.requests: list[PictureRequest] = []

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.requests.append(request)
        if self.refuses and self.refuses in request.prompt:
            raise Refused
        color = COLORS[len(self.requests) % len(COLORS)]
        drawn = Drawn(data=scene(request.aspect, color))
        return Drawing(pictures=(drawn,), model="a-1", cost_source="free")

    @property
    def prompts(self) -> list[str]:
        return [each.prompt for each in self.requests]


def scene(aspect: str, color: str) -> bytes:
    """Sky above, and two people of which the left one is larger."""
    wide, high = (int(each) for each in aspect.split(":"))
    size = (640 * wide // max(wide, high), 640 * high // max(wide, high))
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image = Image.blend(image, Image.new("RGB", size, color), 0.6)
    pen = ImageDraw.Draw(image)
    for across, tall in ((0.25, 0.6), (0.75, 0.45)):
        x, y = across * size[0], size[1] * (1 - tall)
        pen.ellipse((x - 30, y, x + 30, y + 60), fill="#f5cba7", outline="#222222", width=4)
        pen.rectangle((x - 40, y + 60, x + 40, size[1]), fill=color, outline="#222222", width=4)
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


class Author(Templates):
    """A writer that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Writing[Any]] = []
        self.panels: int | None = None
        """How many panels it writes, whatever is wanted."""

    async def write(self, writing: Writing[T]) -> Written[T]:
        self.asked.append(writing)
        if self.panels is not None:
            writing = replace(writing, data={**writing.data, "panels": self.panels})
        return await super().write(writing)


class Table:
    """A studio with an artist, an author and a worker."""

    def __init__(self, studio: Studio, artist: Artist, author: Author) -> None:
        self.studio, self.artist, self.author = studio, artist, author
        self.asked = 0

    async def make(
        self,
        tool: str,
        *,
        status: Status = Status.SUCCEEDED,
        confirm: bool = False,
        **values: object,
    ) -> Generation:
        queued = await submit(self.studio, tool, values, self.origin(confirm))
        return await self.finished(queued.id, status)

    async def reply(
        self,
        parent: Generation,
        words: str,
        *,
        status: Status = Status.SUCCEEDED,
        references: Sequence[str] = (),
    ) -> Generation:
        queued = await iterate(self.studio, self.origin(), parent.id, words, references=references)
        return await self.finished(queued.id, status)

    def origin(self, confirm: bool = False) -> Origin:
        self.asked += 1
        return Origin(viewer=ANNA, request_id=f"request-{self.asked}", confirm=confirm)

    async def finished(self, generation_id: int, status: Status = Status.SUCCEEDED) -> Generation:
        async with asyncio.timeout(60):
            while True:
                async with self.studio.transaction() as tx:
                    row = await tx.get_one(Generation, generation_id)
                if row.finished_at is not None or row.proposal is not None:
                    assert row.proposal or row.status is status, row.cause
                    return row
                await asyncio.sleep(0.03)

    async def assets(self, generation: Generation, part: str = RESULT) -> list[Asset]:
        async with self.studio.transaction() as tx:
            query = select(Asset).where(Asset.generation_id == generation.id, Asset.part == part)
            return list((await tx.scalars(query.order_by(Asset.position))).all())

    async def panels(self, generation: Generation) -> list[str]:
        return [each.sha256 for each in await self.assets(generation, "panel")]

    async def page(self, generation: Generation) -> Image.Image:
        [asset] = await self.assets(generation)
        return await self.image(asset)

    async def image(self, asset: Asset) -> Image.Image:
        return Image.open(io.BytesIO(await self.studio.storage.get(asset.key))).convert("RGB")


@contextlib.asynccontextmanager
async def drawing_table(
    settings: Settings, database: str, artist: Artist | None = None
) -> AsyncGenerator[Table]:
    artist, author = artist or Artist(), Author()
    parts = {"providers": {"artist": artist}, "writers": {"author": author}}
    async with opened(settings, database, **parts) as studio, working(studio):
        yield Table(studio, artist, author)
