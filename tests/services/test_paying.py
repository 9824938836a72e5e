"""From a request to the ledger, against a vendor that counts what it bills."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall, ProviderGate
from services.generations import Origin, retry, submit
from services.studio import Studio
from tests.conftest import opened, working
from tests.providers.vendors.cases import openai
from tests.providers.vendors.openai import COST, OpenAIVendor
from tests.waiting import ended

ANNA = Viewer(7, "Anna")


@contextlib.asynccontextmanager
async def paying(settings: Settings, database: str) -> AsyncIterator[tuple[Studio, OpenAIVendor]]:
    """A studio whose pictures OpenAI draws, with a worker."""
    async with OpenAIVendor().running() as vendor:
        provider = openai(vendor.base)
        providers = {provider.name: provider}
        async with opened(settings, database, providers=providers) as studio, working(studio):
            yield studio, vendor  # type: ignore[misc]
    assert vendor.wrong == []


async def ask(studio: Studio, request: str = "1", **values: object) -> Generation:
    asked = {"prompt": "a fox", **values}
    return await submit(studio, "image", asked, Origin(viewer=ANNA, request_id=request))


async def calls(studio: Studio) -> list[ProviderCall]:
    async with studio.transaction() as tx:
        return list((await tx.scalars(select(ProviderCall).order_by(ProviderCall.id))).all())


async def told(studio: Studio) -> int:
    """How often the operator is to be told."""
    query = text("SELECT count(*) FROM queue.pgqueuer WHERE entrypoint = 'tell'")
    async with studio.transaction() as tx:
        return await tx.scalar(query) or 0


async def test_a_picture_costs_what_its_usage_says_to_the_cent(
    settings: Settings, database: str
) -> None:
    async with paying(settings, database) as (studio, vendor):
        done = await ended(studio, await ask(studio))
        [call] = await calls(studio)
    assert (done.status, done.cost) == (Status.SUCCEEDED, Decimal(COST))
    assert (call.status, call.cost, call.cost_source) == (
        CallStatus.SUCCEEDED, Decimal(COST), "usage")  # fmt: skip
    assert call.estimated_cost >= Decimal("0.05")
    assert vendor.billed == [1]


@pytest.mark.parametrize("fault", ["reset after", "truncated", "no picture", "bomb", "hang"])
async def test_what_may_have_been_charged_is_said_and_never_asked_again(
    settings: Settings, database: str, fault: str
) -> None:
    async with paying(settings, database) as (studio, vendor):
        vendor.fault = fault
        lost = await ended(studio, await ask(studio, count=2))
        await asyncio.sleep(0.3)
        assert (lost.status, lost.error_class, lost.attempts) == (
            Status.FAILED, "unknown_outcome", 1)  # fmt: skip
        assert "may have been charged, about $0.1" in (lost.error or "")
        [call] = await calls(studio)
        assert (call.status, call.cost) == (CallStatus.UNKNOWN, None)
        assert vendor.billed == [2]
        vendor.fault = None
        await retry(studio, lost.id, ANNA)
        again = await ended(studio, lost)
        assert (again.status, len(again.assets)) == (Status.SUCCEEDED, 2)
    assert vendor.billed == [2, 2]


async def test_trouble_of_the_vendor_s_own_is_met_once_more_and_charges_nothing(
    settings: Settings, database: str
) -> None:
    async with paying(settings, database) as (studio, vendor):
        vendor.fault = "500 page"
        failed = await ended(studio, await ask(studio))
        found = await calls(studio)
    assert (failed.error_class, failed.attempts, failed.cost) == ("server_failed", 2, 0)
    assert [(each.status, each.cost) for each in found] == [(CallStatus.FAILED, 0)] * 2
    assert vendor.billed == []


async def test_a_busy_vendor_is_waited_for_by_everybody(settings: Settings, database: str) -> None:
    async with paying(settings, database) as (studio, vendor):
        vendor.fault = "429 soon"
        first = await ask(studio)
        async with asyncio.timeout(10):
            while not await gates(studio):
                await asyncio.sleep(0.01)
        vendor.fault = None
        others = [await ask(studio, f"other {n}") for n in range(3)]
        assert vendor.billed == []
        done = [await ended(studio, each) for each in (first, *others)]
        assert {each.status for each in done} == {Status.SUCCEEDED}
        assert await gates(studio) == []
        assert await told(studio) == 0
    assert vendor.billed == [1] * 4


async def gates(studio: Studio) -> list[str]:
    async with studio.transaction() as tx:
        return list((await tx.scalars(select(ProviderGate.error_class))).all())


@pytest.mark.parametrize(("fault", "error"), [("401", "authentication"), ("402", "quota")])
async def test_what_the_operator_must_put_right_is_met_once_and_told_once(
    settings: Settings, database: str, fault: str, error: str
) -> None:
    async with paying(settings, database) as (studio, vendor):
        vendor.fault = fault
        first = await ended(studio, await ask(studio))
        vendor.fault = None
        second = await ended(studio, await ask(studio, "2"))
        assert [first.error_class, second.error_class] == [error, error]
        assert first.error == second.error
        assert "The operator has been told." in (first.error or "")
        assert [each.attempts for each in (first, second)] == [1, 1]
        assert (await told(studio), len(await calls(studio))) == (1, 1)
        assert "sk-" not in (first.cause or "")
    assert vendor.billed == []
