"""ComfyUI through the ledger: stopped workers, restarts and second thoughts draw nothing twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

from sqlalchemy import select

from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall
from services import generations
from services.generations import Origin, submit
from services.studio import Studio
from tests.conftest import opened, working
from tests.providers.test_comfyui import speaking
from tests.providers.vendors.comfyui import ComfyVendor
from tests.waiting import ended

ANNA = Viewer(7, "Anna")


@contextlib.asynccontextmanager
async def studios(settings: Settings, database: str) -> AsyncIterator[tuple[Studio, ComfyVendor]]:
    async with speaking("text") as (vendor, provider):
        providers = {provider.name: provider}
        async with opened(settings, database, providers=providers) as studio:
            yield studio, vendor


async def ask(studio: Studio) -> Generation:
    origin = Origin(viewer=ANNA, request_id=str(uuid4()))
    return await submit(studio, "image", {"prompt": "a fox"}, origin)


async def calls(studio: Studio) -> list[ProviderCall]:
    async with studio.transaction() as tx:
        return list((await tx.scalars(select(ProviderCall).order_by(ProviderCall.id))).all())


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not claim():
            await asyncio.sleep(0.02)


async def test_a_worker_takes_up_what_another_one_was_waiting_for(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor):
        vendor.holding = True
        async with working(studio) as worker:
            generation = await ask(studio)
            await until(lambda: vendor.current is not None)
            worker.stop()
        vendor.holding = False
        async with working(studio):
            done = await ended(studio, generation)
        [call] = await calls(studio)
    assert (done.status, call.status, call.cost) == (Status.SUCCEEDED, CallStatus.SUCCEEDED, 0)
    assert call.handle == vendor.asked[0]["prompt_id"]
    assert len(vendor.billed) == 1
    assert vendor.interrupted == []


async def test_what_a_restart_forgot_is_drawn_again(settings: Settings, database: str) -> None:
    async with studios(settings, database) as (studio, vendor):
        vendor.holding = True
        async with working(studio) as worker:
            generation = await ask(studio)
            await until(lambda: vendor.current is not None)
            worker.stop()
        await vendor.restart()
        async with working(studio):
            done = await ended(studio, generation)
        first, second = await calls(studio)
    assert done.status is Status.SUCCEEDED
    assert (first.status, second.status) == (CallStatus.FAILED, CallStatus.SUCCEEDED)
    assert first.handle != second.handle


async def test_a_restart_in_the_middle_only_costs_time(settings: Settings, database: str) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        vendor.holding = True
        generation = await ask(studio)
        await until(lambda: vendor.current is not None)
        await vendor.restart()
        done = await ended(studio, generation)
    assert (done.status, done.cost) == (Status.SUCCEEDED, 0)
    assert len(vendor.billed) == 2


async def test_what_somebody_calls_off_is_stopped_there_and_nothing_else(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio) as worker:
        vendor.holding = True
        vendor.others(1)
        waiting = await ask(studio)
        await until(lambda: len(vendor.billed) == len(vendor.pending) == 1)
        await generations.cancel(studio, waiting.id, ANNA)
        await until(lambda: not vendor.pending and not worker.running)
        assert vendor.current is not None
        assert vendor.current[1] != vendor.billed[0]
        assert vendor.interrupted == []
        vendor.holding = False
        await until(lambda: vendor.current is None)
        vendor.holding = True
        drawn = await ask(studio)
        await until(lambda: vendor.current is not None)
        await generations.cancel(studio, drawn.id, ANNA)
        await until(lambda: vendor.current is None and not worker.running)
        found = await generations.read(studio, drawn.id, ANNA)
    assert vendor.interrupted == [vendor.billed[1]]
    assert found.status is Status.CANCELED
