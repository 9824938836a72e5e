"""Gemini in the background: what was asked for once is looked for until it is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from google.genai.interactions import (
    CreateModelInteractionParam,
    GenerationConfigParam,
    ImageContentParam,
    ImageResponseFormatParam,
    Interaction,
    TextContentParam,
)
from sqlalchemy import select

from core.errors import (
    BadRequest,
    OutOfReach,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerFailed,
    UnknownOutcome,
)
from core.pictures import Accepted, Picture, PictureRequest
from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall
from providers import Reattaching
from providers.gemini import GeminiInBackground
from services import generations
from services.generations import Origin, submit
from services.studio import Studio
from tests.conftest import opened, working
from tests.providers.test_faults import Told
from tests.providers.vendors.cases import gemini, interactions
from tests.providers.vendors.gemini import EXCUSE_COST, InteractionsVendor
from tests.providers.vendors.vendor import png
from tests.waiting import ended

SOURCE = Picture(png("navy", (96, 64)), "image/png", 96, 64)
COST = "0.035414"
"""US dollars: as by `generateContent`, with pictures given counted as words are: the rate is one."""
ANNA = Viewer(7, "Anna")
FOX = PictureRequest(prompt="a fox")


@contextlib.asynccontextmanager
async def speaking() -> AsyncIterator[tuple[InteractionsVendor, GeminiInBackground]]:
    async with InteractionsVendor().running() as vendor:
        assert isinstance(vendor, InteractionsVendor)
        provider = interactions(vendor.base)
        assert isinstance(provider, GeminiInBackground)
        try:
            yield vendor, provider
        finally:
            await provider.close()
    assert vendor.wrong == []


def test_only_the_background_can_be_taken_up() -> None:
    assert isinstance(interactions("http://x"), Reattaching)
    assert not isinstance(gemini("http://x"), Reattaching)


async def test_its_handle_is_told_before_anything_else_and_drafts_are_no_answers() -> None:
    told = Told()
    async with speaking() as (vendor, provider):
        vendor.looks = ["queued", "in_progress"]
        drawing = await provider.generate(FOX, told)
    assert told == [Accepted("v1_0/=x")]
    assert vendor.looked == 3
    assert drawing.pictures[0].data == png("teal")  # type: ignore[union-attr]
    assert (drawing.cost, drawing.cost_source) == (Decimal(COST), "usage")
    assert len(vendor.billed) == 1


@pytest.mark.parametrize("wrong", ["reset", "500", "503", "broken"])
async def test_looking_may_fail_twice(wrong: str) -> None:
    async with speaking() as (vendor, provider):
        vendor.looks = [wrong, wrong]
        drawing = await provider.generate(FOX, Told())
    assert len(drawing.pictures) == len(vendor.billed) == len(vendor.asked) == 1


@pytest.mark.parametrize("wrong", ["reset", "500", "401", "429", "broken"])
async def test_what_nobody_can_look_at_is_out_of_reach_and_still_there(wrong: str) -> None:
    told = Told()
    async with speaking() as (vendor, provider):
        vendor.looks = [wrong] * 3
        with pytest.raises(OutOfReach, match="look for it again"):
            await provider.generate(FOX, told)
        [accepted] = told
        assert isinstance(accepted, Accepted)
        drawing = await provider.reattach(accepted.handle, FOX, Told())
    assert drawing is not None
    assert drawing.cost == Decimal(COST)
    assert len(vendor.billed) == 1


async def test_a_long_wait_is_left_to_the_next_attempt() -> None:
    async with speaking() as (vendor, provider):
        vendor.fault = "429 delay"
        vendor.looks = ["429"]
        with pytest.raises(OutOfReach) as raised:
            await provider.reattach("v1_0", FOX, Told())
    assert raised.value.retry_after == 17
    assert vendor.looked == 1


async def test_what_google_does_not_know_is_said_to_be_gone() -> None:
    async with speaking() as (_, provider):
        assert await provider.reattach("v1_never", FOX, Told()) is None


async def test_what_google_forgets_meanwhile_may_have_been_charged() -> None:
    async with speaking() as (vendor, provider):
        vendor.looks = ["404"]
        with pytest.raises(UnknownOutcome, match="may have been charged"):
            await provider.generate(FOX, Told())


async def test_it_can_be_called_off() -> None:
    async with speaking() as (vendor, provider):
        await provider.cancel("v1_0/=x")
    assert vendor.canceled == ["v1_0/=x"]


USED = {"total_input_tokens": 40, "total_output_tokens": 30, "total_thought_tokens": 200}
DAY = {"violations": [{"quotaId": "RequestsPerDayPerProject"}]}


@pytest.mark.parametrize(
    ("ending", "kind", "cost"),
    [
        ({"status": "failed", "errors": [{"code": "SAFETY"}]}, Refused, "0"),
        ({"status": "failed", "errors": [{"code": "x/no-image"}], "usage": USED}, Refused,
         EXCUSE_COST),
        ({"status": "failed", "errors": [{"code": "x/internal"}]}, ServerFailed, "0"),
        ({"status": "failed", "errors": [{"code": "x/internal"}], "usage": USED}, ProviderError,
         EXCUSE_COST),
        ({"status": "failed"}, ServerFailed, "0"),
        ({"status": "failed", "steps": [{"type": "model_output", "error": {"code": 3}}]},
         BadRequest, "0"),
        ({"status": "failed", "steps": [{"type": "model_output", "error": {"code": 8}}]},
         RateLimited, "0"),
        ({"status": "failed", "steps": [
            {"type": "model_output", "error": {"code": 8, "details": [DAY]}}]},
         QuotaExceeded, "0"),
        ({"status": "budget_exceeded"}, QuotaExceeded, "0"),
        ({"status": "cancelled"}, ProviderError, "0"),
        ({"status": "completed", "usage": USED, "steps": [
            {"type": "model_output", "content": [{"type": "text", "text": "No."}]}]},
         Refused, EXCUSE_COST),
        ({"status": "completed", "steps": [
            {"type": "model_output", "content": [{"type": "image", "data": "&&&&"}]}]},
         UnknownOutcome, "0"),
        ({"status": "incomplete", "steps": "none", "errors": [7]}, Refused, "0"),
    ],
)  # fmt: skip
async def test_an_end_without_a_picture_says_why_and_what_it_cost(
    ending: dict[str, Any], kind: type[ProviderError], cost: str
) -> None:
    async with speaking() as (vendor, provider):
        vendor.ending = ending
        with pytest.raises(ProviderError) as raised:
            await provider.generate(FOX, Told())
    assert type(raised.value) is kind
    assert raised.value.cost == Decimal(cost)


async def test_what_is_sent_is_what_the_newest_sdk_types_know() -> None:
    request = PictureRequest(prompt="a hat", source=SOURCE, seed=2**31, quality="high")
    async with speaking() as (vendor, provider):
        await provider.generate(request, Told())
    [body] = vendor.asked
    words, picture = body["input"]
    for found, known in (
        (body, CreateModelInteractionParam),
        (words, TextContentParam),
        (picture, ImageContentParam),
        (body["response_format"], ImageResponseFormatParam),
        (body["generation_config"], GenerationConfigParam),
    ):
        assert set(found) <= known.__annotations__.keys()
    assert body["generation_config"] == {"seed": 0}
    assert body["response_format"]["image_size"] == "2K"


def test_the_simulated_vendor_answers_as_the_sdk_reads() -> None:
    vendor = InteractionsVendor()
    found = Interaction.model_validate({"id": "v1", **vendor.over()})
    assert found.steps is not None
    assert [each.type for each in found.steps] == ["thought", "model_output"]
    assert found.usage is not None
    assert found.usage.total_thought_tokens == 200


@contextlib.asynccontextmanager
async def studios(
    settings: Settings, database: str
) -> AsyncIterator[tuple[Studio, InteractionsVendor]]:
    async with speaking() as (vendor, provider):
        providers = {provider.name: provider}
        async with opened(settings, database, providers=providers) as studio:
            yield studio, vendor


async def ask(studio: Studio) -> Generation:
    return await submit(studio, "image", {"prompt": "a fox"}, Origin(viewer=ANNA, request_id="1"))


async def calls(studio: Studio) -> list[ProviderCall]:
    async with studio.transaction() as tx:
        return list((await tx.scalars(select(ProviderCall).order_by(ProviderCall.id))).all())


async def accepted(studio: Studio) -> None:
    async with asyncio.timeout(10):
        while not any(each.handle for each in await calls(studio)):
            await asyncio.sleep(0.02)


async def test_an_answer_that_was_lost_is_taken_up_again_and_billed_once(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        vendor.looks = ["reset", "reset", "reset", "broken", "500", "500"]
        done = await ended(studio, await ask(studio))
        [call] = await calls(studio)
    assert (done.status, done.attempts, done.cost) == (Status.SUCCEEDED, 3, Decimal(COST))
    assert (call.status, call.cost, call.handle) == (
        CallStatus.SUCCEEDED, Decimal(COST), "v1_0/=x")  # fmt: skip
    assert len(vendor.billed) == len(vendor.asked) == 1


async def test_a_worker_takes_up_what_another_one_was_waiting_for(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor):
        vendor.looks = ["in_progress"] * 100_000
        async with working(studio) as worker:
            generation = await ask(studio)
            await accepted(studio)
            worker.stop()
        vendor.looks = []
        async with working(studio):
            done = await ended(studio, generation)
        [call] = await calls(studio)
    assert (done.status, call.status) == (Status.SUCCEEDED, CallStatus.SUCCEEDED)
    assert len(vendor.billed) == len(vendor.asked) == 1


async def test_a_call_whose_name_never_came_is_not_made_again(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        vendor.fault = "reset after"
        lost = await ended(studio, await ask(studio))
        [call] = await calls(studio)
    assert (lost.error_class, call.status) == ("unknown_outcome", CallStatus.UNKNOWN)
    assert len(vendor.billed) == 1


async def test_what_somebody_calls_off_is_called_off_at_google(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio) as worker:
        vendor.looks = ["in_progress"] * 100_000
        generation = await ask(studio)
        await accepted(studio)
        await generations.cancel(studio, generation.id, ANNA)
        async with asyncio.timeout(10):
            while not vendor.canceled or worker.running:
                await asyncio.sleep(0.02)
        [call] = await calls(studio)
    assert vendor.canceled == ["v1_0/=x"]
    assert (call.status, call.error_class) == (CallStatus.UNKNOWN, "canceled")


def test_a_drawing_is_the_same_by_either_way() -> None:
    assert {each.name for each in (gemini("http://x"), interactions("http://x"))} == {"gemini"}
    assert gemini("http://x").estimate(FOX) == interactions("http://x").estimate(FOX)
