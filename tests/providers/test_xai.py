"""xAI: what was asked for once is looked for until it is there, and costs what xAI says."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import BadRequest, OutOfReach, ProviderError, Refused, UnknownOutcome
from core.pictures import Accepted, Linked, Picture, PictureRequest, Progress
from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall
from providers import Reattaching
from providers.prices import TABLE
from providers.xai import XAI, asking, open_provider
from services.generations import Origin, submit
from services.studio import Studio
from tests.conftest import opened, working
from tests.providers.test_faults import Told
from tests.providers.vendors.cases import xai
from tests.providers.vendors.vendor import KEY, png
from tests.providers.vendors.xai import ASPECTS, COST, FEE, TICKS, XAIVendor
from tests.waiting import ended

SOURCE = Picture(png("navy", (96, 64)), "image/png", 96, 64)
OTHERS = tuple(Picture(png(color), "image/png", 64, 64) for color in ("red", "green", "blue"))
FOX = PictureRequest(prompt="a fox")
PAINTER = "grok-imagine-image-2.0"
ANNA = Viewer(7, "Anna")
USED = {"cost_in_usd_ticks": 200_000_000}


@contextlib.asynccontextmanager
async def speaking() -> AsyncIterator[tuple[XAIVendor, XAI]]:
    async with XAIVendor().running() as vendor:
        assert isinstance(vendor, XAIVendor)
        provider = xai(vendor.base)
        assert isinstance(provider, XAI)
        try:
            yield vendor, provider
        finally:
            await provider.close()
    assert vendor.wrong == []


async def sent(request: PictureRequest) -> dict[str, Any]:
    async with speaking() as (vendor, provider):
        await provider.generate(request, Told())
    [body] = vendor.asked
    return body


async def test_its_name_is_told_before_anything_else_and_it_costs_what_xai_says() -> None:
    told = Told()
    async with speaking() as (vendor, provider):
        vendor.looks = ["202", "30%", "60%"]
        drawing = await provider.generate(PictureRequest(prompt="a fox", count=2), told)
    assert told == [Accepted("req/0"), Progress(0.3), Progress(0.6)]
    assert [each.url for each in drawing.pictures if isinstance(each, Linked)] == [
        f"{vendor.base}/pictures/req-0/0.png", f"{vendor.base}/pictures/req-0/1.png",
    ]  # fmt: skip
    assert (drawing.cost, drawing.cost_source) == (Decimal("0.120025"), "provider")
    assert drawing.usage == {"cost_in_usd_ticks": 2 * TICKS}
    assert provider.origin == vendor.base


async def test_words_alone_go_to_generations_in_the_nearest_of_its_shapes() -> None:
    request = PictureRequest(prompt="a fox", aspect="21:9", count=3, quality="high", user="123456")
    body = await sent(request)
    assert (body["aspect_ratio"], body["resolution"], body["quality"]) == ("20:9", "2k", "medium")
    assert (body["n"], body["deferred"], body["response_format"]) == (3, True, "url")
    assert len(body["user"]) == 32
    assert not {"seed", "negative_prompt", "image", "images"} & body.keys()
    assert {"resolution", "quality"}.isdisjoint(await sent(FOX))


async def test_pictures_go_to_edits_alone_with_the_source_first_and_three_at_most() -> None:
    one = await sent(PictureRequest(prompt="a hat", source=SOURCE, aspect="96:64"))
    assert base64.b64decode(one["image"]["url"].split(",")[1]) == SOURCE.data
    assert "aspect_ratio" not in one
    wider = await sent(PictureRequest(prompt="a hat", source=SOURCE, aspect="16:9"))
    assert wider["aspect_ratio"] == "16:9"
    alike = await sent(PictureRequest(prompt="like this", references=OTHERS[:1]))
    assert alike["aspect_ratio"] == "1:1"
    many = await sent(PictureRequest(prompt="a hat", source=SOURCE, references=OTHERS))
    data = [base64.b64decode(each["url"].split(",")[1]) for each in many["images"]]
    assert data == [SOURCE.data, OTHERS[0].data, OTHERS[1].data]


async def test_a_picture_that_is_too_large_is_never_sent() -> None:
    large = Picture(b"\x89PNG" + bytes(asking.GIVEN_BYTES), "image/png", 64, 64)
    async with speaking() as (vendor, provider):
        with pytest.raises(BadRequest, match="Send a smaller one"):
            await provider.generate(PictureRequest(prompt="a hat", source=large), Told())
    assert vendor.asked == vendor.billed == []


async def test_a_plain_model_is_told_no_quality() -> None:
    body = await sent(PictureRequest(prompt="x", model="grok-imagine-image", quality="high"))
    assert body["resolution"] == "2k"
    assert "quality" not in body


def test_every_shape_is_one_it_knows() -> None:
    assert set(asking.ASPECTS) | {"auto"} == ASPECTS


@pytest.mark.parametrize("wrong", ["reset", "500", "broken"])
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
        with pytest.raises(OutOfReach, match="look for it again") as raised:
            await provider.generate(FOX, told)
        [accepted] = told
        assert isinstance(accepted, Accepted)
        vendor.looks = ["202"]
        drawing = await provider.reattach(accepted.handle, FOX, Told())
    assert raised.value.retry_after == (17 if wrong == "429" else 0.01)
    assert drawing is not None
    assert drawing.cost == Decimal(COST)
    assert vendor.billed == [1]


async def test_what_xai_does_not_know_is_said_to_be_gone() -> None:
    async with speaking() as (vendor, provider):
        assert isinstance(provider, Reattaching)
        assert await provider.reattach("never", FOX, Told()) is None
        vendor.ending = {"status": "expired"}
        with pytest.raises(UnknownOutcome, match="may have been charged"):
            await provider.generate(FOX, Told())
        assert await provider.reattach("req/0", FOX, Told()) is None


async def test_what_xai_forgets_meanwhile_may_have_been_charged() -> None:
    async with speaking() as (vendor, provider):
        vendor.looks = ["202", "404"]
        with pytest.raises(UnknownOutcome, match="may have been charged"):
            await provider.generate(FOX, Told())


async def test_it_cannot_be_stopped() -> None:
    async with speaking() as (vendor, provider):
        await provider.cancel("req/0")
    assert vendor.looked == 0


@pytest.mark.parametrize(
    ("ending", "kind", "cost", "said"),
    [
        ({"block_reason": "violence", "usage": USED}, Refused, FEE, "may have been charged"),
        ({"block_reason": "violence"}, Refused, "0", "Nothing was charged"),
        ({"data": [{"url": "", "respect_moderation": True}], "usage": USED}, Refused, FEE,
         "may have been charged"),
        ({"data": [{"url": "http://x/y.png", "respect_moderation": False}]}, Refused, "0",
         "may have been charged"),
        ({"data": []}, Refused, "0", "may have been charged"),
        ({"status": "failed", "error": {"code": "invalid_argument",
          "message": "Generated image rejected by content moderation."}}, Refused, "0",
         "may have been charged"),
        ({"status": "failed", "error": "boom", "usage": USED}, ProviderError, FEE, "failed"),
        ({"data": "none"}, UnknownOutcome, "0", "may have been charged"),
    ],
)  # fmt: skip
async def test_an_end_without_a_picture_says_why_and_what_it_cost(
    ending: dict[str, Any], kind: type[ProviderError], cost: str, said: str
) -> None:
    async with speaking() as (vendor, provider):
        vendor.ending = ending
        with pytest.raises(ProviderError, match=said) as raised:
            await provider.generate(FOX, Told())
    assert type(raised.value) is kind
    assert raised.value.cost == Decimal(cost)


async def test_what_it_will_not_show_of_several_is_said() -> None:
    shown = {"url": "http://x/1.png", "revised_prompt": "a red fox"}
    async with speaking() as (vendor, provider):
        vendor.ending = {"data": [shown, {"respect_moderation": False, "url": "http://x/2.png"}]}
        drawing = await provider.generate(PictureRequest(prompt="a fox", count=2), Told())
    assert drawing.pictures == (Linked(url="http://x/1.png", revised_prompt="a red fox"),)
    assert drawing.notes == ("xAI drew 2 of 2 and declined to show 1 of them.",)
    assert (drawing.cost, drawing.cost_source) == (Decimal("0.12"), "table")


async def test_a_model_that_cannot_defer_answers_at_once() -> None:
    told = Told()
    async with speaking() as (vendor, provider):
        vendor.at_once = True
        plain = await provider.generate(FOX, told)
        encoded = base64.b64encode(png()).decode()
        vendor.ending = {"data": [{"b64_json": f"data:image/png;base64,{encoded}"}]}
        inline = await provider.generate(FOX, told)
        vendor.ending = {"data": [{"b64_json": "&&&&"}]}
        with pytest.raises(UnknownOutcome):
            await provider.generate(FOX, told)
    assert told == []
    assert isinstance(plain.pictures[0], Linked)
    assert inline.pictures[0].data == png()  # type: ignore[union-attr]


def test_an_estimate_counts_the_pictures_given_and_the_quality() -> None:
    provider = XAI("http://x/v1", KEY, (PAINTER, "grok-imagine-image", "new"), TABLE)

    def cost(**values: Any) -> Decimal | None:
        return provider.estimate(PictureRequest(prompt="x", **values))

    assert cost() == Decimal("0.06")
    assert (cost(quality="low"), cost(quality="high")) == (Decimal("0.04"), Decimal("0.08"))
    assert cost(count=2, source=SOURCE, references=OTHERS) == Decimal("0.15")
    assert cost(model="grok-imagine-image", source=SOURCE, quality="high") == Decimal("0.022")
    assert cost(model="new") is None
    can = provider.models[PAINTER]
    assert (can.count, can.references, can.seed, can.mask, can.price) == (
        10, 2, "none", False, Decimal("0.06"),
    )  # fmt: skip


def test_without_a_key_it_is_not_there() -> None:
    def configured(**values: Any) -> XAI | None:
        return open_provider(Settings(_env_file=None, **values))  # type: ignore[call-arg]

    assert configured() is None
    assert configured(xai_api_key="k", xai_image_models="") is None
    found = configured(xai_api_key="k")
    assert found is not None
    assert list(found.models) == [PAINTER, "grok-imagine-image"]


async def test_the_operator_is_told_of_a_bad_key_and_of_models_that_are_gone() -> None:
    async with XAIVendor().running() as vendor:
        good = XAI(f"{vendor.base}/v1", KEY, (PAINTER,), TABLE)
        bad = XAI(f"{vendor.base}/v1", "xai-wrong", (PAINTER,), TABLE)
        gone = XAI(f"{vendor.base}/v1", KEY, ("grok-2-image",), TABLE)
        assert await good.check() is None
        said = str(await bad.check())
        assert "does not accept" in said
        assert KEY not in said
        assert "does not have grok-2-image: set XAI_IMAGE_MODELS" in str(await gone.check())
        for each in (good, bad, gone):
            await each.close()


@contextlib.asynccontextmanager
async def studios(settings: Settings, database: str) -> AsyncIterator[tuple[Studio, XAIVendor]]:
    async with speaking() as (vendor, provider):
        providers = {provider.name: provider}
        async with opened(settings, database, providers=providers) as studio:
            yield studio, vendor


async def ask(studio: Studio, count: int = 1) -> Generation:
    params = {"prompt": "a fox", "count": count}
    return await submit(studio, "image", params, Origin(viewer=ANNA, request_id="1"))


async def call_of(studio: Studio) -> ProviderCall:
    async with studio.transaction() as tx:
        [call] = (await tx.scalars(select(ProviderCall))).all()
    return call


async def accepted(studio: Studio) -> None:
    async with asyncio.timeout(10):
        while True:
            async with studio.transaction() as tx:
                if (await tx.scalars(select(ProviderCall.handle))).first():
                    return
            await asyncio.sleep(0.02)


async def test_pictures_are_brought_from_its_own_address_and_settled_to_the_cent(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        done = await ended(studio, await ask(studio, count=2))
        call = await call_of(studio)
    assert (done.status, vendor.fetched, vendor.billed) == (Status.SUCCEEDED, 2, [2])
    assert (call.status, call.cost, call.cost_source, call.estimated_cost) == (
        CallStatus.SUCCEEDED, Decimal("0.120025"), "provider", Decimal("0.12"),
    )  # fmt: skip


@pytest.mark.parametrize("fault", ["no picture", "bomb"])
async def test_what_is_no_picture_may_have_been_charged(
    settings: Settings, database: str, fault: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        vendor.fault = fault
        lost = await ended(studio, await ask(studio))
        call = await call_of(studio)
    assert (lost.error_class, call.status) == ("unknown_outcome", CallStatus.UNKNOWN)
    assert vendor.billed == [1]


async def test_an_answer_that_was_lost_is_taken_up_again_and_billed_once(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        vendor.looks = ["reset", "reset", "reset", "broken", "500", "500"]
        done = await ended(studio, await ask(studio))
        call = await call_of(studio)
    assert (done.status, done.attempts, done.cost) == (Status.SUCCEEDED, 3, Decimal(COST))
    assert (call.status, call.cost, call.handle) == (
        CallStatus.SUCCEEDED, Decimal(COST), "req/0")  # fmt: skip
    assert len(vendor.billed) == len(vendor.asked) == 1


async def test_a_worker_takes_up_what_another_one_was_waiting_for(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor):
        vendor.looks = ["202"] * 100_000
        async with working(studio) as worker:
            generation = await ask(studio)
            await accepted(studio)
            worker.stop()
        vendor.looks = []
        async with working(studio):
            done = await ended(studio, generation)
        call = await call_of(studio)
    assert (done.status, call.status) == (Status.SUCCEEDED, CallStatus.SUCCEEDED)
    assert len(vendor.billed) == len(vendor.asked) == 1


async def test_a_request_whose_name_never_came_is_not_made_again(
    settings: Settings, database: str
) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        vendor.fault = "reset after"
        lost = await ended(studio, await ask(studio))
        call = await call_of(studio)
    assert (lost.error_class, call.status) == ("unknown_outcome", CallStatus.UNKNOWN)
    assert vendor.billed == [1]


async def test_a_refusal_that_costs_is_paid_for_once(settings: Settings, database: str) -> None:
    async with studios(settings, database) as (studio, vendor), working(studio):
        vendor.ending = {"block_reason": "violence", "usage": USED}
        refused = await ended(studio, await ask(studio))
        call = await call_of(studio)
    assert (refused.error_class, call.status) == ("refused", CallStatus.FAILED)
    assert (call.cost, refused.cost) == (Decimal(FEE), Decimal(FEE))
    assert vendor.billed == [1]
