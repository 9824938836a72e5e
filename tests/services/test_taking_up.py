"""Calls whose answer was lost, at a provider that still knows them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest

from core.errors import ServerFailed, Transient, UnknownOutcome
from core.pictures import Accepted, Drawing, Drawn, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from providers.offline import Offline
from services import generations
from services.generations import Origin, submit
from services.studio import Studio
from tests.bot.helpers import png
from tests.conftest import opened, working
from tests.services.test_paying import calls
from tests.waiting import ended, until

ANNA = Viewer(7, "Anna")


class Keeper(Offline):
    """Bills when it accepts, loses the answer, and knows it again; or not."""

    name = "keeper"
    repeatable = False

    def __init__(self, found: Callable[[], bytes | None]) -> None:
        super().__init__(megapixels=0.05)
        self.found = found
        self.billed = self.looked = 0
        self.canceled: list[str] = []
        self.slow = False

    def estimate(self, request: PictureRequest) -> Decimal | None:
        return Decimal("0.05")

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.billed += 1
        await report(Accepted(f"job {self.billed}"))
        if self.slow:
            await asyncio.sleep(60)
        raise UnknownOutcome

    async def reattach(
        self, handle: str, request: PictureRequest, report: Report
    ) -> Drawing | None:
        self.looked += 1
        data = self.found()
        if data is None:
            return None
        picture = Drawn(data=data)
        return Drawing(pictures=(picture,), model="k", cost=Decimal("0.04"), cost_source="usage")

    async def cancel(self, handle: str) -> None:
        self.canceled.append(handle)


@contextlib.asynccontextmanager
async def keeping(settings: Settings, database: str, keeper: Keeper) -> AsyncIterator[Studio]:
    async with (
        opened(settings, database, providers={"keeper": keeper}) as studio,
        working(studio),
    ):
        yield studio


async def asked(studio: Studio) -> Generation:
    return await submit(studio, "image", {"prompt": "a fox"}, Origin(viewer=ANNA, request_id="1"))


async def test_a_lost_answer_is_had_from_the_provider_and_paid_once(
    settings: Settings, database: str
) -> None:
    keeper = Keeper(png)
    async with keeping(settings, database, keeper) as studio:
        done = await ended(studio, await asked(studio))
        [call] = await calls(studio)
    assert (done.status, done.attempts, done.cost) == (Status.SUCCEEDED, 2, Decimal("0.04"))
    assert (call.status, call.handle, call.cost) == (
        CallStatus.SUCCEEDED, "job 1", Decimal("0.04"))  # fmt: skip
    assert (keeper.billed, keeper.looked) == (1, 1)


@pytest.mark.parametrize("data", [None, b"no picture"])
async def test_what_it_does_not_have_is_not_looked_for_again(
    settings: Settings, database: str, data: bytes | None
) -> None:
    keeper = Keeper(lambda: data)
    async with keeping(settings, database, keeper) as studio:
        done = await ended(studio, await asked(studio))
        [call] = await calls(studio)
    assert (done.status, done.error_class, done.attempts) == (
        Status.FAILED, "unknown_outcome", 2)  # fmt: skip
    assert "may have been charged, about $0.05" in (done.error or "")
    assert (call.status, keeper.billed, keeper.looked) == (CallStatus.UNKNOWN, 1, 1)


async def test_a_provider_that_is_away_is_asked_again_until_it_is_back(
    settings: Settings, database: str
) -> None:
    answers = iter([Transient(retry_after=0.1), Transient(retry_after=0.1), None])

    def found() -> bytes:
        if (error := next(answers)) is not None:
            raise error
        return png()

    keeper = Keeper(found)
    async with keeping(settings, database, keeper) as studio:
        done = await ended(studio, await asked(studio))
    assert (done.status, done.attempts, keeper.billed) == (Status.SUCCEEDED, 4, 1)


async def test_what_a_provider_says_it_failed_at_is_over_and_charged_nothing(
    settings: Settings, database: str
) -> None:
    def failed() -> bytes:
        raise ServerFailed

    keeper = Keeper(failed)
    async with keeping(settings, database, keeper) as studio:
        done = await ended(studio, await asked(studio))
        found = await calls(studio)
    assert (done.error_class, done.attempts, keeper.billed) == ("server_failed", 2, 1)
    assert [(each.status, each.cost) for each in found] == [(CallStatus.FAILED, 0)]


async def test_calling_it_off_stops_it_there_too(settings: Settings, database: str) -> None:
    keeper = Keeper(png)
    keeper.slow = True
    async with keeping(settings, database, keeper) as studio:
        begun = await asked(studio)
        await until(studio, begun.id, lambda _: keeper.billed)
        async with asyncio.timeout(10):
            while not any(each.handle for each in await calls(studio)):
                await asyncio.sleep(0.02)
        await generations.cancel(studio, begun.id, ANNA)
        async with asyncio.timeout(10):
            while not keeper.canceled:
                await asyncio.sleep(0.02)
        async with asyncio.timeout(10):
            while (await calls(studio))[0].status is CallStatus.SENT:
                await asyncio.sleep(0.02)
        [call] = await calls(studio)
    assert (keeper.canceled, call.status) == (["job 1"], CallStatus.UNKNOWN)
